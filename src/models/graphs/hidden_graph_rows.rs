//! The rows of a hidden graph one by one, each with the plan for what it does not show: for starts, and for rows whose
//! probabilities 64-bit numbers do not hold.

use std::collections::HashMap;
use std::sync::Arc;

use crate::data::Batch;
use crate::error::{Error, GraphError};
use crate::graph::{DirectedGraph, Graph, Plan, Scratch};

use super::hidden_graph::HiddenGraph;

/// What is kept from row to row.
pub(crate) struct RowByRow<'a> {
    model: &'a HiddenGraph,
    theta: &'a Graph,
    /// Each with what is the same in all its rows.
    plans: HashMap<Box<[u64]>, PlanWithConstants>,
    scratch: Scratch,
    full: Vec<f64>,
    pattern: Vec<u64>,
}

type PlanWithConstants = (Arc<Plan>, Vec<f64>);

/// One row, ready for inference.
pub(crate) struct InRow<'a> {
    pub(crate) plan: &'a Plan,
    constants: &'a [f64],
    /// All cells of the graph.
    pub(crate) full: &'a [f64],
    /// Those of the visible nodes.
    pub(crate) row: &'a [f64],
    pub(crate) number: usize,
    pub(crate) weight: f64,
}

impl<'a> RowByRow<'a> {
    /// With the posterior of the wanted node, where a row says nothing of it.
    pub(crate) fn new(model: &'a HiddenGraph, theta: &'a Graph, wanted: Option<usize>) -> Self {
        let (full, words) = (vec![f64::NAN; theta.width()], theta.len().div_ceil(64));
        let mut pattern = vec![0; words + 1];
        pattern[words] = wanted.map_or(0, |node| node as u64 + 1);
        Self { model, theta, plans: HashMap::new(), scratch: Scratch::default(), full, pattern }
    }

    /// Shows a row of that number as a full row of cells.
    pub(crate) fn see<R>(
        &mut self,
        (number, row, weight): (usize, &[f64], f64),
        see: impl FnOnce(&InRow<'_>, &mut Scratch) -> Result<R, Error>,
    ) -> Result<R, Error> {
        self.spread(row).map_err(|source| of_row(source, number))?;
        if !self.plans.contains_key(&self.pattern[..]) {
            let plan = self.model.plan(self.theta, &self.pattern).map_err(|e| of_row(e.into(), number))?;
            let constants = plan.constants(self.theta, &mut self.scratch);
            self.plans.insert(self.pattern.clone().into(), (plan, constants));
        }
        let (plan, constants): &PlanWithConstants = &self.plans[&self.pattern[..]];
        see(&InRow { plan, constants, full: &self.full, row, number, weight }, &mut self.scratch)
    }

    /// The row as a full row of cells.
    pub(crate) fn full(&mut self, row: &[f64]) -> Result<&[f64], Error> {
        self.spread(row)?;
        Ok(&self.full)
    }

    /// Puts the visible cells into a full row, and notes in the pattern which nodes are observed.
    fn spread(&mut self, row: &[f64]) -> Result<(), Error> {
        let (theta, full) = (self.theta, &mut self.full);
        self.model.check_length(row.len())?;
        self.pattern[..theta.len().div_ceil(64)].fill(0);
        full.fill(f64::NAN);
        let mut rest = row;
        for node in self.model.visible() {
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
            self.pattern[node / 64] |= 1 << (node % 64);
        }
        Ok(())
    }
}

impl InRow<'_> {
    /// ln p(row), and into the scratch the posteriors.
    pub(crate) fn infer(&self, theta: &Graph, scratch: &mut Scratch) -> Result<f64, Error> {
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

impl HiddenGraph {
    /// Shows each row of positive weight.
    pub(crate) fn each_row(
        &self,
        theta: &Graph,
        batch: Batch<'_, [f64]>,
        mut see: impl FnMut(&InRow<'_>, &mut Scratch) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut rows = RowByRow::new(self, theta, None);
        for n in (0..batch.len()).filter(|&n| batch.weight(n) > 0.0) {
            rows.see((batch.row(n), batch.block().row(n), batch.weight(n)), &mut see)?;
        }
        Ok(())
    }
}

pub(crate) fn of_row(source: Error, row: usize) -> Error {
    Error::AtRow { row, source: Box::new(source) }
}
