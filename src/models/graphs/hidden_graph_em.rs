//! EM for a graph with hidden nodes: Q(θ, θ_old) = Σ_v Σ_n w_n E[ln p(x_v | x_pa(v), θ_v)], so the nodes' parameters are
//! maximised one by one.

use crate::data::Batch;
use crate::error::{Error, GraphError};
use crate::graph::{DirectedGraph, Factor, Graph, NodeStatistics, Program, Scratch, Tiles};
use crate::latent::{Climbs, Evidence, Guarantee, LatentModel};

use super::hidden_graph::HiddenGraph;
use super::hidden_graph_blocks::{InferredBlock, Posteriors};
use super::hidden_graph_rows::InRow;

/// What an E-step adds up.
struct Sums<'a, 'b> {
    batch: Batch<'b, [f64]>,
    statistics: &'a mut [NodeStatistics],
    evidence: Evidence,
}

impl Posteriors for Sums<'_, '_> {
    fn see_block(&mut self, at: &mut InferredBlock<'_>) {
        if at.weights.iter().filter(|weight| **weight > 0.0).count() == at.weights.len() {
            self.evidence.add_rows(Some(at.weights), &at.tiles.log_densities);
        } else {
            let densities = at.tiles.log_densities.iter().zip(at.weights);
            let log = |(log, weight): (&f64, &f64)| if *weight > 0.0 { *log } else { 0.0 };
            self.evidence.add_rows(Some(at.weights), &densities.map(log).collect::<Vec<_>>());
        }
        if !at.columns.is_complete() {
            for (&n, &weight) in at.rows.iter().zip(at.weights) {
                self.evidence.count_draws(weight, draws(self.batch.block().row(n)));
            }
        }
        at.tiles.observe(at.program, at.theta, at.columns, at.weights, self.statistics);
    }

    fn end(&mut self, program: &Program, theta: &Graph, tiles: &mut Tiles) {
        tiles.finish(program, theta, self.statistics);
    }

    fn see_row(&mut self, _: usize, at: &InRow<'_>, log_density: f64, theta: &Graph, scratch: &mut Scratch) {
        self.evidence.add_draws(at.weight, draws(at.row), log_density);
        at.plan.observe(theta, at.full, at.weight, scratch, self.statistics);
    }
}

/// A row in which everything is missing is none.
fn draws(row: &[f64]) -> usize {
    usize::from(row.is_empty() || row.iter().any(|x| !x.is_nan()))
}

impl LatentModel for HiddenGraph {
    type Observation = [f64];
    type Parameters = Graph;
    type Statistics = Vec<NodeStatistics>;

    fn check(&self, theta: &Graph) -> Result<(), Error> {
        if theta.has_structure_of(self.graph()) { Ok(()) } else { Err(GraphError::ForeignHandle { index: 0 }.into()) }
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
        let mut sums = Sums { batch, statistics: s, evidence: Evidence::default() };
        self.each_block(theta, batch, None, &mut sums)?;
        Ok(sums.evidence)
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
        self.graph().parameters().map(Factor::guarantee).min().unwrap_or_default()
    }

    fn climbs(&self) -> Climbs {
        Climbs::with_priors(self.graph().parameters().map(Factor::log_prior))
    }

    fn free_parameters(&self, theta: &Graph) -> Option<usize> {
        theta.parameters().map(Factor::free_parameters).sum()
    }
}
