//! Where EM of a hidden graph starts: from the graph's own parameters, or from random completions of the rows.

use std::collections::BTreeMap;

use rand::{Rng, RngExt};

use crate::data::{Dataset, Statistics};
use crate::error::Error;
use crate::graph::{Completion, DirectedGraph, Graph, NodeStatistics, Scales, Scratch};
use crate::latent::{LatentModel, Start, StartKind};

use super::hidden_graph::HiddenGraph;
use super::hidden_graph_blocks::{InferredBlock, Posteriors};
use super::hidden_graph_rows::{InRow, of_row};

/// A hidden node whose posterior varies by less than this over the rows is not told apart by the data.
const SAME: f64 = 1e-9;

impl HiddenGraph {
    /// Whether the data do not tell the values of some hidden node apart: from there EM cannot move.
    fn is_symmetric<D: Dataset<[f64]> + ?Sized>(&self, data: &D) -> Result<bool, Error> {
        let mut spread = data.fold(&Spread::new(self.graph().len()), &|batch, spread: &mut Spread| {
            self.each_block(self.graph(), batch, None, &mut SpreadOver { spread, hidden: self.hidden() })
        })?;
        if spread.rows == 1 {
            spread = spread.over_tied(self.graph());
        }
        let same = |range: &(f64, f64)| range.1 - range.0 < SAME;
        Ok(spread.ranges.iter().any(|states| !states.is_empty() && states.iter().all(same)))
    }
}

struct SpreadOver<'a> {
    spread: &'a mut Spread,
    hidden: &'a [bool],
}

impl Posteriors for SpreadOver<'_> {
    fn see_block(&mut self, at: &mut InferredBlock<'_>) {
        let rows = at.weights.len();
        self.spread.rows += at.weights.iter().filter(|weight| **weight > 0.0).count();
        at.tiles.each_marginal(at.program, |node, marginal| {
            let states = marginal.len() / rows;
            for (n, weight) in
                at.weights.iter().enumerate().filter(|(_, w)| self.hidden[node] && states > 1 && **w > 0.0)
            {
                let of_state = |state: usize| marginal[state * rows + n] / weight;
                self.spread.add(node, (0..states).map(of_state).map(|p| (p, p)));
            }
        });
        let mut means = BTreeMap::<(usize, usize), f64>::new();
        at.tiles.each_normal(at.program, at.weights, |n, node, (p, mean, deviation)| {
            *means.entry((n, node)).or_default() += p / at.weights[n] * mean / deviation;
        });
        for ((_, node), mean) in means.into_iter().filter(|((_, node), _)| self.hidden[*node]) {
            self.spread.add(node, std::iter::once((mean, mean)));
        }
    }

    fn see_row(&mut self, _: usize, at: &InRow<'_>, _: f64, _: &Graph, scratch: &mut Scratch) {
        self.spread.rows += 1;
        for (node, marginal) in at.plan.marginals(scratch).filter(|(node, _)| self.hidden[*node]) {
            if marginal.len() > 1 {
                self.spread.add(node, marginal.into_iter().map(|p| (p, p)));
            }
        }
        let mut means = BTreeMap::<usize, f64>::new();
        at.plan.each_normal(scratch, |node, (p, mean, deviation)| {
            *means.entry(node).or_default() += p * mean / deviation;
        });
        for (node, mean) in means.into_iter().filter(|(node, _)| self.hidden[*node]) {
            self.spread.add(node, std::iter::once((mean, mean)));
        }
    }
}

/// The smallest and the largest posterior of each state of each hidden finite node, and posterior mean of each hidden
/// real one, in posterior standard deviations.
#[derive(Clone)]
struct Spread {
    rows: usize,
    ranges: Vec<Vec<(f64, f64)>>,
}

impl Spread {
    fn new(nodes: usize) -> Self {
        Self { rows: 0, ranges: vec![Vec::new(); nodes] }
    }

    /// Over the nodes that share a conditional distribution, where there are two or more: in a single row only these
    /// can differ.
    fn over_tied(&self, graph: &Graph) -> Self {
        let mut tied = Self::new(graph.parameters().count());
        let mut members = vec![0; tied.ranges.len()];
        for (node, states) in self.ranges.iter().enumerate().filter(|(_, states)| !states.is_empty()) {
            members[graph.parameter(node)] += 1;
            tied.add(graph.parameter(node), states.iter().copied());
        }
        tied.ranges.iter_mut().zip(members).filter(|(_, members)| *members < 2).for_each(|(range, _)| range.clear());
        tied
    }

    fn add(&mut self, node: usize, states: impl Iterator<Item = (f64, f64)>) {
        for (state, (low, high)) in states.enumerate() {
            match self.ranges[node].get_mut(state) {
                Some(range) => *range = (range.0.min(low), range.1.max(high)),
                None => self.ranges[node].push((low, high)),
            }
        }
    }
}

impl Statistics for Spread {
    fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        other.ranges.iter().enumerate().for_each(|(node, states)| self.add(node, states.iter().copied()));
    }
    fn scale(&mut self, _: f64) {}
}

/// The first run starts from the graph's own parameters, unless under these the posterior of some hidden node is the
/// same in every row (of a single row: in every node that is tied to it): from such a start EM would never tell its
/// values apart. That run, and every other, starts from the M-step under random completions of what is hidden or missing:
/// partly by chance, and partly by how near to random centres, the same in all rows, those values lie that the row shows
/// of its children.
impl Start for HiddenGraph {
    fn start<D: Dataset<[f64]> + ?Sized>(&self, data: &D, restart: usize, rng: &mut dyn Rng) -> Result<Graph, Error> {
        self.start_of_kind(StartKind::in_turn(self.default_starts(), restart), data, restart, rng)
    }

    fn known_starts(&self) -> &'static [StartKind] {
        &[StartKind::AsGiven, StartKind::Random]
    }

    fn start_of_kind<D: Dataset<[f64]> + ?Sized>(
        &self,
        kind: StartKind,
        data: &D,
        _: usize,
        rng: &mut dyn Rng,
    ) -> Result<Graph, Error> {
        self.check(self.graph())?;
        if kind == StartKind::AsGiven && !self.is_symmetric(data)? {
            return Ok(self.graph().clone());
        }
        let scales = data.fold(&Scales::new(self.graph()), &|batch, scales: &mut Scales| {
            self.each_row(self.graph(), batch, |at, _| {
                scales.observe(self.graph(), at.full, at.weight);
                Ok(())
            })
        })?;
        let completion = Completion::new(self.graph(), &scales, rng.random());
        let s = data.fold(&self.statistics(self.graph()), &|batch, s: &mut Vec<NodeStatistics>| {
            self.each_row(self.graph(), batch, |at, scratch| {
                let completed = at.plan.complete(self.graph(), (at.number, at.full), &completion, scratch);
                completed.map_err(|e| of_row(e.into(), at.number))?;
                at.plan.observe(self.graph(), at.full, at.weight, scratch, s);
                Ok(())
            })
        })?;
        self.graph().maximised(&s)
    }
}
