//! A graph some of whose nodes are never observed, as a latent model: the E-step is exact inference in each row, the
//! statistics and the M-step are each node's own.
//!
//! Q(θ, θ_old) = Σ_v Σ_n w_n E[ln p(x_v | x_pa(v), θ_v)], so the nodes' parameters are maximised one by one.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rand::{Rng, RngExt};

use crate::data::{Batch, Dataset, Statistics};
use crate::error::{Error, GraphError};
use crate::graph::{Completion, DirectedGraph, Factor, Graph, NodeStatistics, Nodes, Plan, Scales, Scratch, dot};
use crate::latent::{Climbs, Evidence, Guarantee, LatentModel, Start};

/// Plans that are kept from batch to batch; of data with more patterns of missing values the rest are made anew.
const KEPT_PLANS: usize = 4096;
/// A hidden node whose posterior varies by less than this over the rows is not told apart by the data.
const SAME: f64 = 1e-9;

/// A [`Graph`] with hidden nodes; [`Graph::hide`] makes it.
///
/// A row holds the cells of the visible nodes in the order of their declaration; NaN is a missing value, and that is
/// hidden too: of sequences of several lengths the shorter end in missing values. Hidden nodes on which observed ones
/// depend must be finite, or real and linear-Gaussian: given the values of its finite parents a Gaussian about a line in
/// its real parents, and so must be its children. A hidden node on which no observed one depends adds nothing to that
/// row's statistics, since it sums to one whatever its parameters. A node that no row says anything of keeps its
/// parameters.
///
/// What is exact where a real is hidden are a factor's moments up to the second, which is all that the statistics of
/// linear-Gaussian distributions are made of: such statistics of one's own must be quadratic in the reals too.
///
/// A Gaussian mixture, as a graph:
/// ```
/// use marginal::{conditionals::{ConditionalTable, Switch}, data::Table, distributions::Normal, em::Em};
/// use marginal::graph::{Graph, Node};
/// let mut g = Graph::builder();
/// let z: Node<usize> = g.node("z", (), ConditionalTable::new([[0.5, 0.5]])?);
/// let x = g.node("x", z, Switch::new(vec![Normal::new(50.0, 5.0)?, Normal::new(80.0, 5.0)?])?);
/// let model = g.build()?.hide(z);
///
/// let waiting = Table::from_values(vec![51.0, 54.0, 56.0, 79.0, 80.0, 85.0], 1)?;
/// let fit = Em::default().fit(&model, &waiting)?;
/// let components = fit.parameters.conditional::<Switch<Normal, usize>>(x).expect("its type");
/// assert!((components.distributions()[1].mean() - 81.33).abs() < 0.01);
/// # Ok::<(), marginal::Error>(())
/// ```
///
/// A hidden real: two instruments measure one level, and the noise of each is learned.
/// ```
/// use marginal::{conditionals::LinearGaussian, data::Table, distributions::Normal, em::Em, graph::Graph};
/// let mut g = Graph::builder();
/// let level = g.node("level", (), Normal::new(10.0, 2.0)?);
/// let _ = g.node("a", level, LinearGaussian::new(0.0, &[1.0], 1.0)?);
/// let _ = g.node("b", level, LinearGaussian::new(0.0, &[1.0], 1.0)?);
/// let model = g.build()?.hide(level);
///
/// // One value of b is missing.
/// let readings = vec![8.1, 7.5, 11.9, 12.6, 9.8, f64::NAN, 10.2, 10.9, 13.0, 12.1, 6.9, 7.8];
/// let fit = Em::default().max_iterations(50).fit(&model, &Table::from_values(readings, 2)?)?;
/// assert!(fit.history.windows(2).all(|pair| pair[1] >= pair[0] - 1e-12));
/// # Ok::<(), marginal::Error>(())
/// ```
pub struct HiddenGraph {
    graph: Graph,
    hidden: Vec<bool>,
    foreign: Option<usize>,
    row_length: usize,
    plans: Mutex<HashMap<Box<[u64]>, Arc<Plan>>>,
}

impl Graph {
    /// Declares nodes that the data do not show: a handle, or a tuple of them. See [`HiddenGraph`].
    ///
    /// A handle of another graph is an error of the fit.
    pub fn hide(self, nodes: impl Nodes) -> HiddenGraph {
        let mut hidden = vec![false; self.len()];
        let mut foreign = None;
        match self.own(nodes) {
            Ok(indices) => indices.into_iter().for_each(|node| hidden[node] = true),
            Err(GraphError::ForeignHandle { index }) => foreign = Some(index),
            Err(_) => foreign = Some(0),
        }
        let row_length = (0..self.len()).filter(|&node| !hidden[node]).map(|node| self.cells(node).len()).sum();
        HiddenGraph { graph: self, hidden, foreign, row_length, plans: Mutex::default() }
    }
}

impl HiddenGraph {
    /// The graph, with the parameters from which the first run starts.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The names of a row's columns: those of the visible nodes; a node of several cells adds a number to each.
    pub fn columns(&self) -> Vec<String> {
        let of_node = |node: usize| {
            let (name, cells) = (self.graph.name_of(node), self.graph.cells(node).len());
            (0..cells).map(move |d| if cells == 1 { name.to_owned() } else { format!("{name}{}", d + 1) })
        };
        self.visible().flat_map(of_node).collect()
    }

    /// The graph in the DOT language of Graphviz, the visible nodes shaded.
    pub fn to_dot(&self) -> String {
        dot(&self.graph, &self.visible().collect::<Vec<_>>())
    }

    fn visible(&self) -> impl Iterator<Item = usize> {
        (0..self.graph.len()).filter(|&node| !self.hidden[node])
    }

    /// Shows each row of positive weight as a full row of cells, with the plan for what it does not say.
    fn each_row(
        &self,
        theta: &Graph,
        batch: Batch<'_, [f64]>,
        mut see: impl FnMut(&InRow<'_>, &mut Scratch) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.check(theta)?;
        let mut plans = HashMap::<Box<[u64]>, _>::new();
        let mut scratch = Scratch::default();
        let mut full = vec![f64::NAN; theta.width()];
        let mut pattern = vec![0u64; theta.len().div_ceil(64)];
        for n in (0..batch.len()).filter(|&n| batch.weight(n) > 0.0) {
            let (row, at_row) = (batch.block().row(n), |source: Error| of_row(source, batch.row(n)));
            self.spread(theta, row, &mut full, &mut pattern).map_err(at_row)?;
            if !plans.contains_key(&pattern[..]) {
                let plan = self.plan(theta, &pattern).map_err(|e| of_row(e.into(), batch.row(n)))?;
                let constants = plan.constants(theta, &mut scratch);
                plans.insert(pattern.clone().into(), (plan, constants));
            }
            let (plan, constants): &(Arc<Plan>, Vec<f64>) = &plans[&pattern[..]];
            see(
                &InRow { plan, constants, full: &full, row, number: batch.row(n), weight: batch.weight(n) },
                &mut scratch,
            )?;
        }
        Ok(())
    }

    /// Puts the visible cells into a full row, and notes in the pattern who is observed.
    fn spread(&self, theta: &Graph, row: &[f64], full: &mut [f64], pattern: &mut [u64]) -> Result<(), Error> {
        if row.len() != self.row_length {
            return Err(Error::Dimension { what: "the row", expected: self.row_length, found: row.len() });
        }
        pattern.fill(0);
        let mut rest = row;
        for node in self.visible() {
            let (own, after) = rest.split_at(theta.cells(node).len());
            rest = after;
            full[theta.cells(node)].copy_from_slice(own);
            if !theta.is_missing(node, full) && !theta.factor(node).accepts(own) {
                let value = own.iter().copied().find(|cell| cell.is_nan()).unwrap_or(own[0]);
                return Err(GraphError::Value { node: theta.name(node), value }.into());
            }
        }
        theta.put_set(full);
        for node in (0..theta.len()).filter(|&node| !theta.is_missing(node, full)) {
            pattern[node / 64] |= 1 << (node % 64);
        }
        Ok(())
    }

    fn plan(&self, theta: &Graph, pattern: &[u64]) -> Result<Arc<Plan>, GraphError> {
        let kept = || self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = kept().get(pattern) {
            return Ok(Arc::clone(plan));
        }
        let plan = Arc::new(Plan::new(theta, &|node| pattern[node / 64] >> (node % 64) & 1 == 1, &|_| false)?);
        let mut plans = kept();
        if plans.len() < KEPT_PLANS {
            plans.insert(pattern.into(), Arc::clone(&plan));
        }
        Ok(plan)
    }

    /// Whether the data do not tell the values of some hidden node apart: from there EM cannot move.
    fn is_symmetric<D: Dataset<[f64]> + ?Sized>(&self, data: &D) -> Result<bool, Error> {
        let mut spread = data.fold(&Spread::new(self.graph.len()), &|batch, spread: &mut Spread| {
            self.each_row(&self.graph, batch, |at, scratch| {
                at.infer(&self.graph, scratch)?;
                spread.rows += 1;
                for (node, marginal) in at.plan.marginals(scratch).filter(|(node, _)| self.hidden[*node]) {
                    if marginal.len() > 1 {
                        spread.add(node, marginal.into_iter().map(|p| (p, p)));
                    }
                }
                let mut means = BTreeMap::<usize, f64>::new();
                at.plan.each_normal(scratch, |node, (p, mean, deviation)| {
                    *means.entry(node).or_default() += p * mean / deviation;
                });
                for (node, mean) in means.into_iter().filter(|(node, _)| self.hidden[*node]) {
                    spread.add(node, std::iter::once((mean, mean)));
                }
                Ok(())
            })
        })?;
        if spread.rows == 1 {
            spread = spread.over_tied(&self.graph);
        }
        let same = |range: &(f64, f64)| range.1 - range.0 < SAME;
        Ok(spread.ranges.iter().any(|states| !states.is_empty() && states.iter().all(same)))
    }
}

fn of_row(source: Error, row: usize) -> Error {
    Error::AtRow { row, source: Box::new(source) }
}

/// One row, ready for inference.
struct InRow<'a> {
    plan: &'a Plan,
    constants: &'a [f64],
    full: &'a [f64],
    row: &'a [f64],
    number: usize,
    weight: f64,
}

impl InRow<'_> {
    /// ln p(row), and into the scratch the posteriors.
    fn infer(&self, theta: &Graph, scratch: &mut Scratch) -> Result<f64, Error> {
        let at_row = |e: GraphError| of_row(e.into(), self.number);
        let log_density = self.plan.collect(theta, self.full, self.constants, scratch).map_err(at_row)?;
        if log_density.is_finite() {
            self.plan.distribute(scratch);
            return Ok(log_density);
        }
        let (row, value) = (self.number, format!("{:?}", self.row));
        Err(if log_density == f64::NEG_INFINITY {
            Error::Impossible { row, value }
        } else {
            Error::Unbounded { row, value, log_density }
        })
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

impl LatentModel for HiddenGraph {
    type Observation = [f64];
    type Parameters = Graph;
    type Statistics = Vec<NodeStatistics>;

    fn check(&self, theta: &Graph) -> Result<(), Error> {
        match self.foreign {
            Some(index) => Err(GraphError::ForeignHandle { index }.into()),
            None if !theta.has_structure_of(&self.graph) => Err(GraphError::ForeignHandle { index: 0 }.into()),
            None => Ok(()),
        }
    }

    fn statistics(&self, theta: &Graph) -> Vec<NodeStatistics> {
        theta.parameters().map(Factor::statistics).collect()
    }

    /// # Errors
    /// As [`Error::AtRow`]: [`GraphError::Value`] for a cell that the node cannot take (also for a row-valued node of
    /// which a part is missing), [`GraphError::NotFinite`] and [`GraphError::NotLinearGaussian`] for a missing value
    /// over which there is no exact sum or integral while nodes below it are observed, [`GraphError::TooWide`];
    /// [`Error::Impossible`] for a row of density 0.
    fn e_step(&self, theta: &Graph, batch: Batch<'_, [f64]>, s: &mut Vec<NodeStatistics>) -> Result<Evidence, Error> {
        let mut evidence = Evidence::default();
        self.each_row(theta, batch, |at, scratch| {
            let draws = usize::from(at.row.is_empty() || at.row.iter().any(|x| !x.is_nan()));
            evidence.add_draws(at.weight, draws, at.infer(theta, scratch)?);
            at.plan.observe(theta, at.full, at.weight, scratch, s);
            Ok(())
        })?;
        Ok(evidence)
    }

    /// # Errors
    /// A degenerate estimate, as [`Error::AtNode`].
    fn m_step(&self, theta_old: &Graph, s: &Vec<NodeStatistics>) -> Result<Graph, Error> {
        theta_old.maximised(s)
    }

    fn expected_log_joint(&self, theta: &Graph, s: &Vec<NodeStatistics>) -> f64 {
        theta.parameters().zip(s).map(|(factor, s)| factor.expected_log_density(s)).sum()
    }

    fn log_prior(&self, theta: &Graph) -> f64 {
        theta.parameters().filter_map(Factor::log_prior).sum()
    }

    /// The sum over the nodes, of which ln p of a row is the sum.
    fn resolution(&self, theta: &Graph) -> f64 {
        (0..theta.len()).map(|node| theta.factor(node).resolution()).sum()
    }

    /// The least of the nodes'.
    fn guarantee(&self) -> Guarantee {
        self.graph.parameters().map(Factor::guarantee).min().unwrap_or_default()
    }

    fn climbs(&self) -> Climbs {
        Climbs::with_priors(self.graph.parameters().map(Factor::log_prior))
    }

    fn free_parameters(&self, theta: &Graph) -> Option<usize> {
        theta.parameters().map(Factor::free_parameters).sum()
    }
}

/// The first run starts from the graph's own parameters, unless under these the posterior of some hidden node is the
/// same in every row (of a single row: in every node that is tied to it): from such a start EM would never tell its
/// values apart. That run, and every other, starts from the M-step under random completions of what is hidden or missing:
/// partly by chance, and partly by how near to random centres, the same in all rows, those values lie that the row shows
/// of its children.
impl Start for HiddenGraph {
    fn start<D: Dataset<[f64]> + ?Sized>(&self, data: &D, restart: usize, rng: &mut dyn Rng) -> Result<Graph, Error> {
        self.check(&self.graph)?;
        if restart == 0 && !self.is_symmetric(data)? {
            return Ok(self.graph.clone());
        }
        let scales = data.fold(&Scales::new(&self.graph), &|batch, scales: &mut Scales| {
            self.each_row(&self.graph, batch, |at, _| {
                scales.observe(&self.graph, at.full, at.weight);
                Ok(())
            })
        })?;
        let completion = Completion::new(&self.graph, &scales, rng.random());
        let s = data.fold(&self.statistics(&self.graph), &|batch, s: &mut Vec<NodeStatistics>| {
            self.each_row(&self.graph, batch, |at, scratch| {
                let completed = at.plan.complete(&self.graph, (at.number, at.full), &completion, scratch);
                completed.map_err(|e| of_row(e.into(), at.number))?;
                at.plan.observe(&self.graph, at.full, at.weight, scratch, s);
                Ok(())
            })
        })?;
        self.graph.maximised(&s)
    }
}

/// A copy shares the plans made so far, but makes its own later.
impl Clone for HiddenGraph {
    fn clone(&self) -> Self {
        let plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Self {
            graph: self.graph.clone(),
            hidden: self.hidden.clone(),
            foreign: self.foreign,
            row_length: self.row_length,
            plans: Mutex::new(plans),
        }
    }
}

impl fmt::Debug for HiddenGraph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = (0..self.graph.len()).filter(|&node| self.hidden[node]).map(|node| self.graph.name(node));
        write!(f, "HiddenGraph({}; hidden: {})", self.graph, hidden.collect::<Vec<_>>().join(", "))
    }
}
