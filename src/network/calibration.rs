//! Sums along a tree of cliques: messages flow up, ratios down (Lauritzen & Spiegelhalter 1988, Jensen et al. 1990).
//!
//! Up: φ_c = Π tables · Π messages of the children, and the message μ_c(S) = Σ φ_c over what is not shared with the
//! parent. Down: p(c, e) = φ_c · ρ_c(S) with ρ_c(S) = p(S, e) / Σ φ_c; nothing but ratios over separators is kept, so
//! φ_c stays, and after a change of evidence only the cliques between it and the root are summed again.
//!
//! Every message is divided by its largest entry, whose logarithm is added up apart: no number of cliques underflows.
//! Within a clique φ_c is brought back to 1 before its smallest cell could underflow; a joint state whose probability
//! is below 10⁻²⁹⁰ of that of another in the same clique may then count as 0. A pass reads and writes each cell once
//! for each table and message of its clique, some six passes of 8 bytes a cell for all marginals.

use crate::numeric::Sum;

use super::clique_tree::CliqueTree;
use super::problem::Problem;
use super::projection::{for_each_total, total};

/// The logarithm to base 2 below which a product could underflow.
const LEAST: f64 = -960.0;

/// How the cells that belong to one of the separator become one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum By {
    Sum,
    Largest,
}

/// A tree with its numbers.
pub(super) struct Calibration {
    pub(super) tree: CliqueTree,
    /// Sorted; with the evidence multiplied in.
    pub(super) tables: Vec<f64>,
    cells: Vec<f64>,
    messages: Vec<f64>,
    ratios: Vec<f64>,
    /// What was taken out of each clique, as a logarithm.
    scales: Vec<f64>,
    /// The largest entry of each message before it was divided by it.
    peaks: Vec<f64>,
    /// log₂ of the smallest positive entry of each table and of each message.
    least_of_table: Vec<f64>,
    least_of_message: Vec<f64>,
    stale: Vec<bool>,
    by: By,
    scratch: Vec<f64>,
    /// ρ belongs to the present φ.
    distributed: bool,
}

impl Calibration {
    pub(super) fn new(problem: &Problem, tree: CliqueTree) -> Self {
        let cliques = tree.cliques.len();
        let mut calibration = Self {
            tables: vec![0.0; tree.table_cells],
            cells: vec![0.0; tree.cells],
            messages: vec![0.0; tree.separator_cells],
            ratios: vec![0.0; tree.separator_cells],
            scales: vec![0.0; cliques],
            peaks: vec![0.0; cliques],
            least_of_table: vec![0.0; tree.tables.len()],
            least_of_message: vec![0.0; cliques],
            stale: vec![true; cliques],
            by: By::Sum,
            scratch: vec![0.0; tree.largest],
            distributed: false,
            tree,
        };
        for (number, (scope, table)) in problem.scopes.iter().zip(&problem.tables).enumerate() {
            let shape: Vec<usize> = scope.iter().map(|&v| problem.states[v]).collect();
            calibration.set_table(number, &shape, table, |_| 1.0);
        }
        calibration
    }

    /// Sets a table, given in the layout of the problem, each cell multiplied by `weight(its last variable's state)`.
    pub(super) fn set_table(&mut self, number: usize, shape: &[usize], table: &[f64], weight: impl Fn(usize) -> f64) {
        let placed = &self.tree.tables[number];
        let sorted = &mut self.tables[placed.cells.clone()];
        let mut digits = vec![0; shape.len()];
        let (mut to, mut least) = (0, f64::INFINITY);
        for &p in table {
            let value = p * weight(digits.last().copied().unwrap_or(0));
            sorted[to] = value;
            least = if value > 0.0 { least.min(value) } else { least };
            for place in (0..shape.len()).rev() {
                digits[place] += 1;
                to += placed.strides[place];
                if digits[place] < shape[place] {
                    break;
                }
                to -= shape[place] * placed.strides[place];
                digits[place] = 0;
            }
        }
        self.least_of_table[number] = least.log2().min(0.0);
        if !shape.is_empty() {
            self.stale[placed.clique] = true;
        }
    }

    /// Brings all messages up to date; ln of the whole sum (or of the largest product).
    pub(super) fn collect(&mut self, by: By) -> f64 {
        if self.by != by {
            self.by = by;
            self.stale.fill(true);
        }
        for number in 0..self.tree.cliques.len() {
            if std::mem::replace(&mut self.stale[number], false) {
                self.distributed = false;
                self.scales[number] = self.fill(number) + self.send(number);
                if let Some(parent) = self.tree.cliques[number].parent {
                    self.stale[parent] = true;
                }
            }
        }
        let constants = self.tree.tables.iter().filter(|placed| placed.strides.is_empty());
        let constants = constants.map(|placed| self.tables[placed.cells.start].ln());
        self.scales.iter().copied().chain(constants).collect::<Sum>().value()
    }

    /// φ of one clique; ln of what was taken out of it.
    fn fill(&mut self, number: usize) -> f64 {
        let clique = &self.tree.cliques[number];
        let cells = &mut self.cells[clique.cells.clone()];
        let tables = clique.tables.iter().map(|(table, alignment)| {
            (alignment, &self.tables[self.tree.tables[*table].cells.clone()], self.least_of_table[*table])
        });
        let messages = clique.children.iter().map(|(child, alignment)| {
            let separator = self.tree.cliques[*child].separator.clone();
            (alignment, &self.messages[separator], self.least_of_message[*child])
        });
        let (mut scale, mut least, mut first) = (0.0, 0.0, true);
        for (alignment, table, least_of_table) in tables.chain(messages) {
            if std::mem::replace(&mut first, false) {
                alignment.assign(cells, table);
            } else {
                if least + least_of_table < LEAST {
                    let (taken, left) = rescale(cells);
                    scale += taken;
                    least = left;
                }
                alignment.multiply(cells, table);
            }
            least += least_of_table;
        }
        if first {
            cells.fill(1.0);
        }
        scale
    }

    /// μ of one clique; ln of its largest entry, by which it is divided.
    fn send(&mut self, number: usize) -> f64 {
        let clique = &self.tree.cliques[number];
        let cells = &self.cells[clique.cells.clone()];
        let message = &mut self.messages[clique.separator.clone()];
        match self.by {
            By::Sum if clique.support.is_none() => {
                for_each_total(cells, clique.residual, message, |entry, total| *entry = total);
            }
            By::Sum => clique.each_part(message, |entry, part| *entry = total(&cells[part])),
            By::Largest => {
                clique.each_part(message, |entry, part| *entry = cells[part].iter().copied().fold(0.0, f64::max));
            }
        }
        let (peak, least) = extremes(message);
        self.peaks[number] = peak;
        if peak > 0.0 {
            message.iter_mut().for_each(|entry| *entry /= peak);
            self.least_of_message[number] = least.log2() - peak.log2();
        }
        peak.ln()
    }

    /// Brings all ratios up to date and shows the marginal of each variable, which sums to one, to `see`.
    ///
    /// The sum must have been collected and be positive.
    pub(super) fn distribute(&mut self, mut see: impl FnMut(usize, &[f64])) {
        let mut marginal = Vec::new();
        for number in (0..self.tree.cliques.len()).rev() {
            self.find_belief(number);
            let clique = &self.tree.cliques[number];
            let belief = &self.scratch[..clique.cells.len()];
            for (child, alignment) in &clique.children {
                let separator = self.tree.cliques[*child].separator.clone();
                let ratios = &mut self.ratios[separator.clone()];
                alignment.sum(belief, ratios);
                for (ratio, entry) in ratios.iter_mut().zip(&self.messages[separator]) {
                    *ratio = if *entry > 0.0 { *ratio / (entry * self.peaks[*child]) } else { 0.0 };
                }
            }
            for &v in &clique.homes {
                let place = clique.scope.iter().position(|&u| u == v).unwrap_or_default();
                marginal.resize(clique.shape[place], 0.0);
                self.tree.homes[v].sum(belief, &mut marginal);
                let sum = total(&marginal);
                marginal.iter_mut().for_each(|p| *p /= sum);
                see(v, &marginal);
            }
        }
        self.distributed = true;
    }

    /// p(clique | evidence) of one clique, its ratio being known.
    pub(super) fn find_belief(&mut self, number: usize) {
        let clique = &self.tree.cliques[number];
        let ratios = &mut self.ratios[clique.separator.clone()];
        if clique.parent.is_none() {
            ratios[0] = 1.0 / self.peaks[number];
        }
        let (belief, cells) = (&mut self.scratch[..clique.cells.len()], &self.cells[clique.cells.clone()]);
        clique.each_part(ratios, |ratio, part| {
            belief[part.clone()].iter_mut().zip(&cells[part]).for_each(|(p, cell)| *p = cell * *ratio);
        });
    }

    /// What [`find_belief`](Self::find_belief) has found.
    pub(super) fn belief(&self, number: usize) -> &[f64] {
        &self.scratch[..self.tree.cliques[number].cells.len()]
    }

    pub(super) fn is_distributed(&self) -> bool {
        self.distributed && !self.stale.contains(&true)
    }

    /// A state for each variable, from the roots down: `choose` gets the cells that agree with what is chosen above.
    pub(super) fn descend(&self, row: &mut [usize], mut choose: impl FnMut(&[f64]) -> usize) {
        for clique in self.tree.cliques.iter().rev() {
            let separator = clique.shared;
            let at =
                clique.scope[..separator].iter().zip(&clique.shape).fold(0, |at, (&v, &states)| at * states + row[v]);
            let cells = &self.cells[clique.cells.clone()];
            let part = clique.part(at);
            let mut chosen = clique.residual_of(part.start + choose(&cells[part]));
            for (&v, &states) in clique.scope[separator..].iter().zip(&clique.shape[separator..]).rev() {
                row[v] = chosen % states;
                chosen /= states;
            }
        }
    }
}

/// Divides by the largest cell: its logarithm, and log₂ of the smallest positive cell that is left.
fn rescale(cells: &mut [f64]) -> (f64, f64) {
    let (largest, least) = extremes(cells);
    if largest == 0.0 {
        return (0.0, 0.0);
    }
    cells.iter_mut().for_each(|cell| *cell /= largest);
    (largest.ln(), least.log2() - largest.log2())
}

/// The largest cell and the smallest positive one.
fn extremes(cells: &[f64]) -> (f64, f64) {
    cells.iter().fold((0.0, f64::INFINITY), |(largest, least), &cell| {
        (f64::max(largest, cell), if cell > 0.0 { f64::min(least, cell) } else { least })
    })
}
