//! Random completions of rows, from which the first M-step of a restart is made.
//!
//! Chance alone would start EM near the saddle where nothing depends on what is hidden. So the completions look at what
//! the row shows below a hidden node: its cells z, standardised, beside random centres t, the same in all rows. A finite
//! node has responsibilities in proportion to E_s exp((t_s·z − ½ t_s·t_s) / √D), E_s exponential draws and D the number of
//! cells: states whose centres are near have more. A real node becomes μ + σ (t·z / |t| + ε) / √2, where μ is its mean
//! before anything is observed, σ the deviation about its line, and ε standard normal.

use rand::{Rng, RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};
use rand_distr::StandardNormal;

use crate::data::Statistics;
use crate::distributions::{Estimate, Moments, Normal, uniform_on_simplex};
use crate::error::GraphError;
use crate::numeric::digits;

use super::component::Component;
use super::inference::Scratch;
use super::integral::Integration;
use super::plan::Plan;
use crate::graph::{DirectedGraph, Graph};

/// The mean and the standard deviation of each cell of what follows each conditional distribution.
#[derive(Clone)]
pub(crate) struct Scales(Vec<Vec<Moments>>);

impl Scales {
    pub(crate) fn new(graph: &Graph) -> Self {
        let mut scales = vec![Vec::new(); graph.parameters().count()];
        for node in 0..graph.len() {
            scales[graph.parameter(node)] = vec![Normal::standard().statistics(); graph.cells(node).len()];
        }
        Self(scales)
    }

    /// Adds what a row shows.
    pub(crate) fn observe(&mut self, graph: &Graph, row: &[f64], weight: f64) {
        for node in 0..graph.len() {
            let cells = row[graph.cells(node)].iter().zip(&mut self.0[graph.parameter(node)]);
            cells.filter(|(x, _)| x.is_finite()).for_each(|(x, s)| Normal::standard().observe(s, x, weight));
        }
    }
}

impl Statistics for Scales {
    fn merge(&mut self, other: &Self) {
        self.0.iter_mut().flatten().zip(other.0.iter().flatten()).for_each(|(s, other)| s.merge(other));
    }
    fn scale(&mut self, factor: f64) {
        self.0.iter_mut().flatten().for_each(|s| s.scale(factor));
    }
}

/// The centres of one start.
pub(crate) struct Completion {
    seed: u64,
    /// Of each cell of what follows each conditional distribution, if it varies.
    scales: Vec<Vec<Option<Normal>>>,
    /// For each conditional distribution and each parent: states (of a real one 1) × cells of the child.
    centres: Vec<Vec<Vec<f64>>>,
}

impl Completion {
    pub(crate) fn new(graph: &Graph, scales: &Scales, seed: u64) -> Self {
        let of_cell = |s: &Moments| Normal::standard().estimate(s).ok();
        let scales = scales.0.iter().map(|of_node| of_node.iter().map(of_cell).collect()).collect();
        let mut centres = vec![Vec::new(); graph.parameters().count()];
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        for node in 0..graph.len() {
            let states = |&parent: &usize| graph.domain(parent).states.unwrap_or(1);
            let count = |parent| states(parent) * graph.cells(node).len();
            let of_parent = |parent| (0..count(parent)).map(|_| rng.sample(StandardNormal)).collect();
            centres[graph.parameter(node)] = graph.parents(node).iter().map(of_parent).collect();
        }
        Self { seed, scales, centres }
    }

    /// The row's own draws; each row has its own stream, whoever computes it.
    fn draw(&self, graph: &Graph, plan: &Plan, number: usize, row: &[f64]) -> Draw {
        let stream = self.seed.wrapping_add((number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(stream);
        let mut draw = Draw { z: vec![f64::NAN; graph.width()], shares: vec![Vec::new(); plan.variables.len()] };
        let mut is_integrated = vec![false; graph.len()];
        plan.components.iter().flat_map(|component| &component.reals).for_each(|&real| is_integrated[real] = true);
        let mut below = vec![Below::default(); graph.len()];
        for node in (0..graph.len()).rev() {
            let (cells, parameter) = (graph.cells(node), graph.parameter(node));
            if let Ok(variable) = plan.variables.binary_search(&node) {
                draw.shares[variable] = below[node].shares(plan.states[variable], &mut rng);
                continue;
            } else if is_integrated[node] {
                draw.z[cells.start] = below[node].real(&mut rng);
            } else if graph.is_missing(node, row) {
                continue;
            } else {
                self.standardise(parameter, &row[cells.clone()], &mut draw.z[cells.clone()]);
            }
            for (&parent, centres) in graph.parents(node).iter().zip(&self.centres[parameter]) {
                below[parent].add(centres, &draw.z[cells.clone()]);
            }
        }
        draw
    }

    /// Each cell less its mean, in standard deviations; 0 where the values do not vary.
    fn standardise(&self, parameter: usize, cells: &[f64], z: &mut [f64]) {
        for ((z, x), of) in z.iter_mut().zip(cells).zip(&self.scales[parameter]) {
            let standardised = of.as_ref().map_or(0.0, |of| (x - of.mean()) / of.standard_deviation());
            *z = if standardised.is_finite() { standardised } else { 0.0 };
        }
    }
}

/// The random part of a row.
struct Draw {
    /// Of what the row shows the standardised cells, and of each hidden real its z.
    z: Vec<f64>,
    /// The responsibilities of each hidden finite node.
    shares: Vec<Vec<f64>>,
}

/// What is known below a node: for each state t·z and t·t, and the number of cells.
#[derive(Clone, Default)]
struct Below {
    sums: Vec<[f64; 2]>,
    cells: f64,
}

impl Below {
    fn add(&mut self, centres: &[f64], z: &[f64]) {
        if z.is_empty() {
            return;
        }
        self.sums.resize(centres.len() / z.len(), [0.0; 2]);
        self.cells += z.len() as f64;
        for (sum, t) in self.sums.iter_mut().zip(centres.chunks_exact(z.len())) {
            sum[0] += t.iter().zip(z).map(|(t, z)| t * z).sum::<f64>();
            sum[1] += t.iter().map(|t| t * t).sum::<f64>();
        }
    }

    fn shares(&self, states: usize, rng: &mut dyn Rng) -> Vec<f64> {
        let mut shares = uniform_on_simplex(states, rng);
        let near = |[tz, tt]: &[f64; 2]| (tz - 0.5 * tt) / self.cells.sqrt();
        let largest = self.sums.iter().map(near).fold(f64::NEG_INFINITY, f64::max);
        shares.iter_mut().zip(&self.sums).for_each(|(share, sum)| *share *= (near(sum) - largest).exp());
        let sum: f64 = shares.iter().sum();
        shares.iter_mut().for_each(|share| *share /= sum);
        shares
    }

    fn real(&self, rng: &mut dyn Rng) -> f64 {
        let chance: f64 = rng.sample(StandardNormal);
        match self.sums.first() {
            Some([tz, tt]) if *tt > 0.0 => (tz / tt.sqrt() + chance) / 2f64.sqrt(),
            _ => chance,
        }
    }
}

impl Plan {
    /// In place of posteriors, random completions of a row of that number.
    ///
    /// # Errors
    /// As [`collect`](Self::collect).
    pub(crate) fn complete(
        &self,
        graph: &Graph,
        (number, row): (usize, &[f64]),
        completion: &Completion,
        scratch: &mut Scratch,
    ) -> Result<(), GraphError> {
        let Draw { z, shares } = completion.draw(graph, self, number, row);
        scratch.tables.resize(self.table_cells, 0.0);
        scratch.solutions.resize(self.solution_cells, 0.0);
        let mut states = Vec::new();
        let mut product = |variables: &[usize], cells: &mut [f64]| {
            let shape: Vec<usize> = variables.iter().map(|&variable| self.states[variable]).collect();
            for (cell, p) in cells.iter_mut().enumerate() {
                digits(cell, &shape, &mut states);
                *p = variables.iter().zip(&states).map(|(&variable, &state)| shares[variable][state]).product();
            }
        };
        for family in &self.families {
            let variables: Vec<usize> = family.members.iter().map(|member| member.variable).collect();
            product(&variables, &mut scratch.tables[family.table.cells.clone()]);
        }
        for component in &self.components {
            product(&component.scope, &mut scratch.tables[component.table.cells.clone()]);
            let z: Vec<f64> = component.reals.iter().map(|&real| z[graph.cells(real).start]).collect();
            for state in 0..component.table.cells.len() {
                let solution = component.solution(state, &mut scratch.solutions);
                component.fix(graph, (state, row), &z, &mut scratch.integration, solution)?;
            }
        }
        Ok(())
    }
}

impl Component {
    /// A solution in which each real is certain to be its mean plus z of its deviations.
    fn fix(
        &self,
        graph: &Graph,
        at: (usize, &[f64]),
        z: &[f64],
        scratch: &mut Integration,
        solution: &mut [f64],
    ) -> Result<(), GraphError> {
        // A row of R that is (∞, 0 …) leaves no variance.
        solution.fill(0.0);
        self.steps.iter().for_each(|step| solution[step.row] = f64::INFINITY);
        let deviations = self.means(graph, at, scratch, solution)?;
        solution.iter_mut().zip(deviations).zip(z).for_each(|((u, deviation), z)| *u += deviation * z);
        Ok(())
    }
}
