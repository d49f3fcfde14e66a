//! Exact inference in many rows at once: the sums of [`Program`] flow up the tree of cliques and posteriors down, in tiles
//! `[cell][row]` of probabilities.
//!
//! Up: φ(c) = C(c) Π ψ(c) Π μ(c), from the factors C that do not vary, those ψ that do, and the children's messages μ.
//! ψ = e^(l − m) for densities of what is observed, m the largest l of the row; ψ and C of a hidden node are its
//! conditional probabilities as they are. μ = Σ_z φ / g, g the sum of all its entries; ln p(row) = Σ m + Σ ln g. Down:
//! p(c) = φ(c) p(separator) / Σ_z φ, which starts from the row's weight at the root.
//!
//! What underflows does not count, or the row is done again in logarithms. All numbers multiplied are at most 1, so what a
//! cell of clique k loses is at most 2⁻¹⁰²² at each of its factors: n 2⁻¹⁰²² in all, with n its cells times its factors.
//! Two bounds say how far such a loss may grow; one of them must hold.
//!
//! - To the root: in the units of the whole sum Π_j g_j the loss is n 2⁻¹⁰²² Π_{j below k} g_j, times what is still to come:
//!   the sum, over the variables outside, of factors at most 1, among which each such variable has its own conditional
//!   probabilities: at most 1. So the share that is lost is at most n 2⁻¹⁰²² / Π_{j not below k} g_j, and
//!   G = Σ_j max(0, −ln g_j) ≤ 600 leaves n e⁻¹⁰⁸.
//! - From clique to clique: what a message lacks, all entries together, grows on the way through clique j at most by its
//!   number of cells times children / g_j. So H_j = max over the children of H + max(0, −ln g_j) + ln(cells · children), and H ≤ 600 at the root
//!   leaves n e⁻¹⁰⁸. Where H_j ≤ 40 and each entry of the message is at least 10⁻²⁷⁰, no entry lacks a share above
//!   n e⁻⁴⁶ ≈ n 10⁻²⁰; whatever is observed beyond depends on that entry alone, so the loss is over: H_j = 0. A long chain
//!   passes by this one.
//!
//! A row without a proof, or with a number that is not finite, is left to [`Plan::collect`](super::plan::Plan), where nothing
//! underflows.

use std::ops::Range;

use crate::numeric::tables::clique_tiles::{
    CliqueTables, MessageSums, add_cells, multiply_down, multiply_rows, multiply_up,
};
use crate::numeric::{add_tiles, add_to_rows, all_finite, logarithms, softmax_tile, total};

use super::inference::walk;
use super::integral::Integration;
use super::look_ups::LookUp;
use super::node_columns::NodeColumns;
use super::program::{Program, Source};
use crate::graph::{Graph, NodeStatistics};

/// Of G or H: beyond, what underflowed may be a share that counts.
const LARGEST_GROWTH: f64 = 600.0;
/// Of H, and of the entries of a message: then what was lost is over.
const PASSING_GROWTH: f64 = 40.0;
const LEAST_ENTRY: f64 = 1e-270;

/// The numbers of one chunk of rows; reused from chunk to chunk.
#[derive(Default)]
pub(crate) struct Tiles {
    pub(crate) rows: usize,
    /// ψ of each potential.
    pub(super) potentials: Vec<f64>,
    /// φ, then the posterior times the row's weight.
    pub(crate) beliefs: Vec<f64>,
    messages: Vec<f64>,
    /// What the separators are to sum to.
    wanted: Vec<f64>,
    /// g of each clique.
    norms: Vec<f64>,
    /// G of each row; H of each clique; the largest H of the roots.
    growth: Vec<f64>,
    growths: Vec<f64>,
    growth_to_root: Vec<f64>,
    least: Vec<f64>,
    pub(crate) log_densities: Vec<f64>,
    /// Of each row, its component and state.
    pub(crate) solutions: Vec<f64>,
    pub(crate) integration: Integration,
    pub(super) full: Vec<f64>,
    pub(crate) one: Vec<f64>,
    pub(super) packed: Vec<f64>,
    /// Σ posteriors over the rows so far, in each cell of each clique.
    sums: Vec<f64>,
    /// Of each potential the families that are looked up.
    pub(super) look_ups: Vec<Option<LookUp>>,
}

/// The factors of a program that do not vary, for one θ: in each cell of the cliques the logarithm, and the probability.
pub(crate) struct Constants {
    logs: Vec<f64>,
    probabilities: Vec<f64>,
}

impl Constants {
    /// `None` if some factor is no probability.
    pub(crate) fn new(program: &Program, graph: &Graph) -> Option<Self> {
        let logs = program.constants(graph)?;
        Some(Self { probabilities: logs.iter().map(|log| log.exp()).collect(), logs })
    }
}

impl Tiles {
    /// Begins so many rows of one program, which are among these columns.
    pub(crate) fn begin(&mut self, program: &Program, graph: &Graph, columns: (&NodeColumns<'_>, usize)) {
        refill(&mut self.sums, program.plan.belief_cells);
        let of_potential = |potential| LookUp::new(program, potential, graph, columns);
        self.look_ups = program.potentials.iter().map(of_potential).collect();
    }

    /// ln p of each row into `log_densities`; NaN where that is left to logarithms.
    pub(crate) fn collect(
        &mut self,
        program: &Program,
        graph: &Graph,
        columns: &NodeColumns<'_>,
        constants: &Constants,
    ) {
        let (plan, rows) = (&program.plan, columns.len());
        self.rows = rows;
        resize(&mut self.potentials, program.potential_cells * rows);
        resize(&mut self.beliefs, plan.belief_cells * rows);
        resize(&mut self.messages, plan.message_cells * rows);
        resize(&mut self.norms, plan.cliques.len() * rows);
        refill(&mut self.log_densities, rows);
        // Where all is summed in logarithms nothing grows.
        let products = if program.cliques.iter().all(|clique| clique.in_logarithms) { 0 } else { rows };
        refill(&mut self.growth, products);
        refill(&mut self.growth_to_root, products);
        resize(&mut self.growths, plan.cliques.len() * products);
        resize(&mut self.least, products);
        self.fill_potentials(program, graph, columns);
        for (number, clique) in plan.cliques.iter().enumerate() {
            let belief = &mut self.beliefs[tile(&clique.belief, rows)];
            let ProgramPlaces { sources, places } = program.places(number);
            if program.cliques[number].in_logarithms {
                if program.cliques[number].alone.is_none() {
                    sum_logarithms(program, (sources, places), &self.potentials, belief, rows);
                }
                add_to_rows(belief, &constants.logs[clique.belief.clone()]);
                let norms = &mut self.norms[number * rows..][..rows];
                softmax_tile(belief, norms);
                add_tiles(&mut self.log_densities, norms);
                continue;
            }
            let (received, own) = self.messages.split_at_mut(clique.message.start * rows);
            let sources: Vec<&[f64]> = sources
                .iter()
                .map(|source| match *source {
                    Source::Potential(p) => {
                        let potential = &program.potentials[p];
                        &self.potentials[potential.start * rows..][..potential.cells * rows]
                    }
                    Source::Message(child) => {
                        let message = &plan.cliques[child].message;
                        &received[tile(message, rows)]
                    }
                })
                .collect();
            let tables = CliqueTables {
                constants: &constants.probabilities[clique.belief.clone()],
                sources: &sources,
                places,
                states: clique.states(),
                rows,
            };
            let norms = &mut self.norms[number * rows..][..rows];
            let sums = MessageSums { norms, least: &mut self.least };
            multiply_up(&tables, belief, &mut own[..clique.message.len() * rows], sums);
            let norms = &self.norms[number * rows..][..rows];
            resize(&mut self.one, rows);
            logarithms(norms, &mut self.one);
            for ((log, growth), ln) in self.log_densities.iter_mut().zip(&mut self.growth).zip(&self.one) {
                *log += ln;
                *growth += (-ln).max(0.0);
            }
            let (below, own) = self.growths.split_at_mut(number * rows);
            let own = &mut own[..rows];
            own.fill(0.0);
            for child in &clique.children {
                own.iter_mut().zip(&below[child * rows..][..rows]).for_each(|(h, below)| *h = h.max(*below));
            }
            let cells = ((clique.belief.len() * clique.children.len().max(1)) as f64).ln();
            for ((h, ln), least) in own.iter_mut().zip(&self.one).zip(&self.least) {
                *h += (-ln).max(0.0) + cells;
                *h = if *h <= PASSING_GROWTH && *least >= LEAST_ENTRY { 0.0 } else { *h };
            }
            if clique.parent.is_none() {
                self.growth_to_root.iter_mut().zip(&*own).for_each(|(most, h)| *most = most.max(*h));
            }
        }
        for ((log, growth), to_root) in self.log_densities.iter_mut().zip(&self.growth).zip(&self.growth_to_root) {
            *log = if *growth <= LARGEST_GROWTH || *to_root <= LARGEST_GROWTH { *log } else { f64::NAN };
        }
        if !all_finite(&self.log_densities) {
            self.log_densities.iter_mut().filter(|log| !log.is_finite()).for_each(|log| *log = f64::NAN);
        }
    }

    /// After [`collect`](Self::collect): the posterior of each clique, each row times its weight, which is 0 where
    /// `log_densities` is no number.
    pub(crate) fn distribute(&mut self, program: &Program, weights: &[f64]) {
        let (plan, rows) = (&program.plan, self.rows);
        resize(&mut self.wanted, plan.message_cells * rows);
        self.wanted.fill(0.0);
        for (number, clique) in plan.cliques.iter().enumerate().rev() {
            let (received, own) = self.wanted.split_at_mut(clique.message.start * rows);
            let own = &mut own[..clique.message.len() * rows];
            let belief = &mut self.beliefs[tile(&clique.belief, rows)];
            if program.cliques[number].in_logarithms {
                if weights.iter().filter(|weight| **weight != 1.0).count() > 0 {
                    multiply_rows(belief, weights);
                }
                continue;
            }
            if clique.parent.is_none() {
                own.copy_from_slice(weights);
            }
            let message = &self.messages[tile(&clique.message, rows)];
            multiply_down(belief, message, &self.norms[number * rows..][..rows], own, clique.states());
            let ProgramPlaces { sources, places } = program.places(number);
            for (place, source) in sources.iter().enumerate() {
                if let Source::Message(child) = source {
                    let message = &plan.cliques[*child].message;
                    let separator = &mut received[tile(message, rows)];
                    add_cells(belief, places, place, sources.len(), rows, separator);
                }
            }
        }
    }

    /// After [`distribute`](Self::distribute): adds the rows to the statistics of each parameter whose family varies and is
    /// not looked up; the others wait for [`finish`](Self::finish).
    pub(crate) fn observe(
        &mut self,
        program: &Program,
        graph: &Graph,
        columns: &NodeColumns<'_>,
        weights: &[f64],
        statistics: &mut [NodeStatistics],
    ) {
        let (plan, rows) = (&program.plan, self.rows);
        for (number, clique) in plan.cliques.iter().enumerate() {
            let belief = &self.beliefs[tile(&clique.belief, rows)];
            if program.has_fixed(number) {
                let sums = self.sums[clique.belief.clone()].iter_mut();
                sums.zip(belief.chunks_exact(rows)).for_each(|(sum, cell)| *sum += total(cell));
            }
        }
        for (potential, look_up) in program.potentials.iter().zip(&mut self.look_ups) {
            let clique = &plan.cliques[potential.clique];
            let belief = &self.beliefs[tile(&clique.belief, rows)];
            let ProgramPlaces { sources, places } = program.places(potential.clique);
            let posterior = if program.cliques[potential.clique].alone.is_some() {
                belief
            } else {
                refill(&mut self.one, potential.cells * rows);
                add_cells(belief, places, potential.source, sources.len(), rows, &mut self.one);
                &self.one
            };
            if let Some(look_up) = look_up {
                look_up.add_posterior(rows, posterior);
            }
            let is_looked_up = |number: usize| look_up.as_ref().is_some_and(|look_up| look_up.holds(number));
            for &number in potential.families.iter().filter(|number| !is_looked_up(**number)) {
                let family = &plan.families[number];
                let s = &mut statistics[graph.parameter(family.node)];
                family.observe(program, graph, columns, (posterior, &mut self.packed), s);
            }
            for &component in &potential.components {
                let component = &plan.components[component];
                for n in 0..rows {
                    let shares = (0..potential.cells).map(|state| (state, posterior[state * rows + n]));
                    columns.full_row(graph, n, &mut self.full);
                    let solutions = &mut self.solutions[n * plan.solution_cells..][..plan.solution_cells];
                    for share in shares.filter(|(_, weight)| *weight > 0.0) {
                        let solution = &*component.solution(share.0, solutions);
                        component.observe(graph, &self.full, share, solution, &mut self.integration, statistics);
                    }
                }
            }
        }
        for family in plan.families.iter().filter(|family| family.members.is_empty()) {
            let s = &mut statistics[graph.parameter(family.node)];
            family.observe(program, graph, columns, (weights, &mut self.packed), s);
        }
        for component in plan.components.iter().filter(|component| component.scope.is_empty()) {
            for (n, &weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
                columns.full_row(graph, n, &mut self.full);
                let solutions = &mut self.solutions[n * plan.solution_cells..][..plan.solution_cells];
                let solution = &*component.solution(0, solutions);
                component.observe(graph, &self.full, (0, weight), solution, &mut self.integration, statistics);
            }
        }
    }

    /// Adds the sums over all rows since [`begin`](Self::begin) to the statistics of the families that do not vary, or are
    /// looked up.
    pub(crate) fn finish(&mut self, program: &Program, graph: &Graph, statistics: &mut [NodeStatistics]) {
        for (potential, look_up) in program.potentials.iter().zip(&mut self.look_ups) {
            if let Some(look_up) = look_up {
                look_up.finish(program, graph, potential.cells, statistics);
            }
        }
        let mut digits = Vec::new();
        for family in program.fixed() {
            let clique = &program.plan.cliques[family.table.clique];
            let sums = &self.sums[clique.belief.clone()];
            refill(&mut self.one, family.table.cells.len());
            walk(&clique.shape, &family.table.strides, &mut digits, |cell, to| self.one[to] += sums[cell]);
            if self.one.iter().any(|weight| *weight > 0.0) {
                let (factor, s) = (graph.factor(family.node), &mut statistics[graph.parameter(family.node)]);
                family.with_states(program, graph, |rows| factor.observe_by_state(s, rows, &self.one));
            }
        }
    }
}

/// Where the cells of one clique find their sources.
pub(crate) struct ProgramPlaces<'a> {
    pub(crate) sources: &'a [Source],
    pub(crate) places: &'a [u32],
}

impl Program {
    pub(crate) fn places(&self, clique: usize) -> ProgramPlaces<'_> {
        ProgramPlaces { sources: &self.cliques[clique].sources, places: &self.cliques[clique].places }
    }

    fn has_fixed(&self, clique: usize) -> bool {
        self.plan.cliques[clique].families.iter().any(|&family| !self.plan.families[family].varies)
    }

    pub(crate) fn is_hidden(&self, node: usize) -> bool {
        self.plan.variables.binary_search(&node).is_ok()
    }
}

/// The sum of some potentials' log-densities in each cell of a clique.
fn sum_logarithms(
    program: &Program,
    (sources, places): (&[Source], &[u32]),
    potentials: &[f64],
    belief: &mut [f64],
    rows: usize,
) {
    for (line, places) in belief.chunks_exact_mut(rows).zip(places.chunks_exact(sources.len())) {
        line.fill(0.0);
        for (source, place) in sources.iter().zip(places) {
            if let Source::Potential(potential) = source {
                let cell = program.potentials[*potential].start + *place as usize;
                add_tiles(line, &potentials[cell * rows..][..rows]);
            }
        }
    }
}

/// Where a tile over these cells lies.
pub(crate) fn tile(cells: &Range<usize>, rows: usize) -> Range<usize> {
    cells.start * rows..cells.end * rows
}

/// Changes the length; memory is kept, and what it holds.
pub(crate) fn resize(buffer: &mut Vec<f64>, len: usize) {
    buffer.resize(len, 0.0);
}

/// So many zeros.
pub(crate) fn refill(buffer: &mut Vec<f64>, len: usize) {
    buffer.clear();
    buffer.resize(len, 0.0);
}
