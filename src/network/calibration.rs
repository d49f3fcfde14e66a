//! Sums along a tree of cliques: messages flow up, ratios down (Lauritzen & Spiegelhalter 1988, Jensen et al. 1990).
//!
//! Up: φ_c = Π tables · Π messages of the children, and the message μ_c(S) = Σ φ_c over what is not shared with the
//! parent. Down: p(c, e) = φ_c · ρ_c(S) with ρ_c(S) = p(S, e) / Σ φ_c; nothing but ratios over separators is kept, so
//! φ_c stays, and after a change of evidence only the cliques between it and the root are summed again.
//!
//! Every message is divided by its largest entry, whose logarithm is added up apart: no number of cliques underflows.
//! Within a clique φ_c is brought back to 1 before its smallest cell could underflow; a joint state whose probability
//! is below 10⁻²⁹⁰ of that of another in the same clique may then count as 0. A clique is
//! gone through block by block: to and from memory goes each cell once on the way up and once on the way down.

use std::ops::Range;

use crate::numeric::{Sum, messages, total};

use super::alignment::Alignment;
use super::clique_tree::{Clique, CliqueTree};
use super::problem::Problem;

/// The logarithm to base 2 below which a product could underflow.
const LEAST: f64 = -960.0;

/// How the cells that belong to one of the separator become one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum By {
    Sum,
    Largest,
}

/// How a table lies in a clique, its entries, and log₂ of the smallest positive one.
type Factor<'a> = (&'a Alignment, &'a [f64], f64);

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
    /// Two blocks: the belief, and what is made on the way to or from a table.
    scratch: [Vec<f64>; 2],
    marginals: Vec<f64>,
    /// Where that of each variable lies.
    places: Vec<Range<usize>>,
    /// ρ belongs to the present φ.
    distributed: bool,
}

impl Calibration {
    pub(super) fn new(problem: &Problem, tree: CliqueTree) -> Self {
        let cliques = tree.cliques.len();
        let mut end = 0;
        let place = |&states: &usize| {
            end += states;
            end - states..end
        };
        let places: Vec<Range<usize>> = problem.states.iter().map(place).collect();
        let widest = tree.widest_block();
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
            scratch: [vec![0.0; widest], vec![0.0; widest]],
            marginals: vec![0.0; end],
            places,
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
                self.scales[number] = self.send(number);
                if let Some(parent) = self.tree.cliques[number].parent {
                    self.stale[parent] = true;
                }
            }
        }
        let constants = self.tree.tables.iter().filter(|placed| placed.strides.is_empty());
        let constants = constants.map(|placed| self.tables[placed.cells.start].ln());
        self.scales.iter().copied().chain(constants).collect::<Sum>().value()
    }

    /// φ and μ of one clique; ln of what was taken out of them.
    fn send(&mut self, number: usize) -> f64 {
        let clique = &self.tree.cliques[number];
        let cells = &mut self.cells[clique.cells.clone()];
        // The messages of the children lie before its own.
        let (received, own) = self.messages.split_at_mut(clique.separator.start);
        let own = &mut own[..clique.separator.len()];
        let of_tables = clique.tables.iter().map(|(table, alignment)| {
            (alignment, &self.tables[self.tree.tables[*table].cells.clone()], self.least_of_table[*table])
        });
        let of_children = clique.children.iter().map(|(child, alignment)| {
            (alignment, &received[self.tree.cliques[*child].separator.clone()], self.least_of_message[*child])
        });
        let factors = of_tables.chain(of_children);
        let [_, scratch] = &mut self.scratch;
        own.fill(0.0);
        let mut scale = 0.0;
        let held = factors.clone().map(|(_, _, least)| least).sum::<f64>() >= LEAST;
        if !held {
            scale = fill_and_rescale(clique, cells, factors.clone(), scratch);
        }
        for block in 0..clique.blocks() {
            let cells = &mut cells[clique.block(block)];
            if held {
                fill(block, cells, factors.clone(), scratch);
            }
            match self.by {
                By::Sum => clique.outward.add(block, cells, own, scratch),
                By::Largest => clique.outward.largest(block, cells, own, scratch),
            }
        }
        let (peak, least) = extremes(own);
        self.peaks[number] = peak;
        if peak > 0.0 {
            messages::divide(own, peak);
            self.least_of_message[number] = least.log2() - peak.log2();
        }
        scale + peak.ln()
    }

    /// Brings all ratios and the marginal of each variable, which sums to one, up to date.
    ///
    /// The sum must have been collected and be positive.
    pub(super) fn distribute(&mut self) {
        for number in (0..self.tree.cliques.len()).rev() {
            let clique = &self.tree.cliques[number];
            if clique.children.is_empty() && clique.homes.is_empty() {
                continue;
            }
            let (ratios, own) = self.ratios.split_at_mut(clique.separator.start);
            let own = &own[..clique.separator.len()];
            let cells = &self.cells[clique.cells.clone()];
            for (child, _) in &clique.children {
                ratios[self.tree.cliques[*child].separator.clone()].fill(0.0);
            }
            clique.homes.iter().for_each(|&v| self.marginals[self.places[v].clone()].fill(0.0));
            let [belief, scratch] = &mut self.scratch;
            for block in 0..clique.blocks() {
                let cells = &cells[clique.block(block)];
                let belief = if clique.parent.is_none() {
                    cells
                } else {
                    let belief = &mut belief[..cells.len()];
                    clique.outward.product(block, belief, cells, own, scratch);
                    belief
                };
                for (child, alignment) in &clique.children {
                    let ratios = &mut ratios[self.tree.cliques[*child].separator.clone()];
                    alignment.add(block, belief, ratios, scratch);
                }
                for &v in &clique.homes {
                    let marginal = &mut self.marginals[self.places[v].clone()];
                    self.tree.homes[v].add(block, belief, marginal, scratch);
                }
            }
            // At a root the cells are not divided by their sum yet.
            let whole = if clique.parent.is_none() { self.peaks[number] } else { 1.0 };
            for (child, _) in &clique.children {
                let separator = self.tree.cliques[*child].separator.clone();
                let divisor = self.peaks[*child] * whole;
                messages::quotients(&mut ratios[separator.clone()], &self.messages[separator], divisor);
            }
            for &v in &clique.homes {
                let marginal = &mut self.marginals[self.places[v].clone()];
                let sum = total(marginal);
                marginal.iter_mut().for_each(|p| *p /= sum);
            }
        }
        self.distributed = true;
    }

    /// `see(block, belief)`: p(clique | evidence) of one clique block by block, up to a factor, its ratio being known.
    pub(super) fn each_belief(&mut self, number: usize, mut see: impl FnMut(&Clique, usize, &[f64])) {
        let clique = &self.tree.cliques[number];
        let (ratios, cells) = (&self.ratios[clique.separator.clone()], &self.cells[clique.cells.clone()]);
        for block in 0..clique.blocks() {
            let cells = &cells[clique.block(block)];
            let [belief, scratch] = &mut self.scratch;
            let belief = &mut belief[..cells.len()];
            match clique.parent {
                None => belief.copy_from_slice(cells),
                Some(_) => clique.outward.product(block, belief, cells, ratios, scratch),
            }
            see(clique, block, belief);
        }
    }

    /// p(x | evidence) of each state of a variable.
    pub(super) fn marginal(&self, variable: usize) -> &[f64] {
        &self.marginals[self.places[variable].clone()]
    }

    /// How many variables there are.
    pub(super) fn variables(&self) -> usize {
        self.places.len()
    }

    pub(super) fn marginals_are_finite(&self) -> bool {
        self.marginals.iter().all(|p| p.is_finite())
    }

    pub(super) fn is_distributed(&self) -> bool {
        self.distributed && !self.stale.contains(&true)
    }

    /// A state for each variable, from the roots down: `choose` gets the cells that agree with what is chosen above.
    pub(super) fn descend(&self, row: &mut [usize], mut choose: impl FnMut(&[f64]) -> usize) {
        let mut agreeing = Vec::new();
        for clique in self.tree.cliques.iter().rev() {
            let at = clique.shared().iter().fold(0, |at, &v| at * self.places[v].len() + row[v]);
            let cells = &self.cells[clique.cells.clone()];
            let (first, step, count) = clique.of_separator(at);
            let weights = if step == 1 {
                &cells[first..first + count]
            } else {
                agreeing.clear();
                agreeing.extend((0..count).map(|number| cells[first + number * step]));
                &agreeing
            };
            let mut chosen = clique.number(first + choose(weights) * step);
            for &v in clique.own().iter().rev() {
                let states = self.places[v].len();
                row[v] = chosen % states;
                chosen /= states;
            }
        }
    }
}

/// φ of a block: the product of all tables and messages.
fn fill<'a>(block: usize, cells: &mut [f64], mut factors: impl Iterator<Item = Factor<'a>>, scratch: &mut [f64]) {
    match factors.next() {
        None => cells.fill(1.0),
        Some((alignment, table, _)) => alignment.assign(block, cells, table, scratch),
    }
    factors.for_each(|(alignment, table, _)| alignment.multiply(block, cells, table, scratch));
}

/// The same of a whole clique, which is brought back to 1 before its smallest cell could underflow; ln of what was taken
/// out of it.
fn fill_and_rescale<'a>(
    clique: &Clique,
    cells: &mut [f64],
    factors: impl Iterator<Item = Factor<'a>>,
    scratch: &mut [f64],
) -> f64 {
    let (mut scale, mut bound) = (0.0, 0.0);
    cells.fill(1.0);
    for (alignment, table, least) in factors {
        if bound + least < LEAST {
            let (taken, left) = rescale(cells);
            scale += taken;
            bound = left;
        }
        for block in 0..clique.blocks() {
            alignment.multiply(block, &mut cells[clique.block(block)], table, scratch);
        }
        bound += least;
    }
    scale
}

/// Divides by the largest cell: its logarithm, and log₂ of the smallest positive cell that is left.
fn rescale(cells: &mut [f64]) -> (f64, f64) {
    let (largest, least) = extremes(cells);
    if largest == 0.0 {
        return (0.0, 0.0);
    }
    messages::divide(cells, largest);
    (largest.ln(), least.log2() - largest.log2())
}

/// The largest cell and the smallest positive one.
fn extremes(cells: &[f64]) -> (f64, f64) {
    let mut extremes = (0.0, f64::INFINITY);
    messages::extremes(cells, &mut extremes);
    extremes
}
