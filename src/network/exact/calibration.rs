//! Sums along a tree of cliques: messages flow up, ratios down (Lauritzen & Spiegelhalter 1988, Jensen et al. 1990).
//!
//! Up: φ_c = Π tables · Π messages of the children, and the message μ_c(S) = Σ φ_c over what is not shared with the
//! parent. Down: p(c, e) = φ_c · ρ_c(S) with ρ_c(S) = p(S, e) / Σ φ_c; nothing but ratios over separators is kept, so
//! φ_c stays, and after a change of evidence only the cliques between it and the root are summed again.
//!
//! Every message is divided by its largest entry, whose logarithm is added up apart: no number of cliques underflows.
//! Within a clique φ_c is brought back to 1 before its smallest cell could underflow. Where that is not enough, and what
//! was lost could matter, all is summed again in logarithms. A clique is gone through block by block: to and from memory
//! goes each cell once on the way up and once on the way down.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::numeric::chains::messages;
use crate::numeric::{Sum, total};

use super::clique_logarithms as logarithms;
use super::clique_products::{LEAST, extremes, fill, fill_and_rescale, is_harmless};
use super::clique_tree::{By, Clique, CliqueTree};
use super::problem::Problem;

/// A tree with its numbers.
pub(crate) struct Calibration {
    pub(crate) tree: CliqueTree,
    /// Sorted; with the evidence multiplied in.
    pub(crate) tables: Vec<f64>,
    pub(crate) cells: Vec<f64>,
    messages: Vec<f64>,
    ratios: Vec<f64>,
    /// What was taken out of each clique, as a logarithm.
    scales: Vec<f64>,
    /// The largest entry of each message before it was divided by it.
    peaks: Vec<f64>,
    /// log₂ of the smallest positive entry of each table and of each message.
    least_of_table: Vec<f64>,
    least_of_message: Vec<f64>,
    /// Of each clique in which a cell could underflow, ln of what had been taken out of it by then.
    lost: Vec<Option<f64>>,
    stale: Vec<bool>,
    by: By,
    /// Cells, messages, ratios and peaks are logarithms.
    pub(crate) in_logarithms: bool,
    /// Of the tables whose entries 64-bit numbers do not all hold, their logarithms; sorted.
    table_logarithms: BTreeMap<usize, Vec<f64>>,
    /// Two blocks: the belief, and what is made on the way to or from a table.
    scratch: [Vec<f64>; 2],
    marginals: Vec<f64>,
    /// Where that of each variable lies.
    places: Vec<Range<usize>>,
    /// ρ belongs to the present φ.
    distributed: bool,
}

impl Calibration {
    pub(crate) fn new(problem: &Problem, tree: CliqueTree) -> Self {
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
            lost: vec![None; cliques],
            stale: vec![true; cliques],
            by: By::Sum,
            in_logarithms: false,
            table_logarithms: BTreeMap::new(),
            scratch: [vec![0.0; widest], vec![0.0; widest]],
            marginals: vec![0.0; end],
            places,
            distributed: false,
            tree,
        };
        for (number, (scope, table)) in problem.scopes.iter().zip(&problem.tables).enumerate() {
            let shape: Vec<usize> = scope.iter().map(|&v| problem.states[v]).collect();
            calibration.set_table(number, &shape, table, problem.logarithms.get(&number).map(Vec::as_slice));
        }
        calibration
    }

    /// Sets a table, given in the layout of the problem; with the logarithms of its entries, if 64-bit numbers do not
    /// hold them all.
    pub(crate) fn set_table(&mut self, number: usize, shape: &[usize], table: &[f64], logs: Option<&[f64]>) {
        let placed = &self.tree.tables[number];
        let sorted = &mut self.tables[placed.cells.clone()];
        let mut least = f64::INFINITY;
        each_place(shape, &placed.strides, table, |place, value| {
            sorted[place] = value;
            least = if value > 0.0 { least.min(value) } else { least };
        });
        self.least_of_table[number] = least.log2().min(0.0);
        self.table_logarithms.remove(&number);
        if let Some(logs) = logs {
            let mut sorted = vec![0.0; table.len()];
            each_place(shape, &placed.strides, logs, |place, log| sorted[place] = log);
            self.table_logarithms.insert(number, sorted);
            self.least_of_table[number] = f64::NEG_INFINITY;
        }
        if !shape.is_empty() {
            self.stale[placed.clique] = true;
        }
        // Other evidence may do without logarithms.
        if std::mem::replace(&mut self.in_logarithms, false) {
            self.stale.fill(true);
        }
    }

    /// Brings all messages up to date; ln of the whole sum (or of the largest product).
    pub(crate) fn collect(&mut self, by: By) -> f64 {
        let log = self.send_stale(by);
        if self.lost.iter().any(Option::is_some) && self.a_loss_matters() { self.collect_logarithms() } else { log }
    }

    /// The same, and no cell is 0 unless it is impossible.
    pub(crate) fn collect_every_cell(&mut self, by: By) -> f64 {
        let log = self.send_stale(by);
        if self.lost.iter().any(Option::is_some) { self.collect_logarithms() } else { log }
    }

    fn collect_logarithms(&mut self) -> f64 {
        self.in_logarithms = true;
        self.stale.fill(true);
        self.send_stale(self.by)
    }

    fn send_stale(&mut self, by: By) -> f64 {
        if self.by != by {
            self.by = by;
            self.stale.fill(true);
        }
        for number in 0..self.tree.cliques.len() {
            if std::mem::replace(&mut self.stale[number], false) {
                self.distributed = false;
                self.scales[number] = if self.in_logarithms { self.send_log(number) } else { self.send(number) };
                if let Some(parent) = self.tree.cliques[number].parent {
                    self.stale[parent] = true;
                }
            }
        }
        let constants = self.tree.tables.iter().zip(0..).filter(|(placed, _)| placed.strides.is_empty());
        let constants = constants.map(|(placed, number)| match self.table_logarithms.get(&number) {
            Some(logs) => logs[0],
            None => self.tables[placed.cells.start].ln(),
        });
        self.scales.iter().copied().chain(constants).collect::<Sum>().value()
    }

    /// Whether what underflowed in some clique could show in a posterior.
    fn a_loss_matters(&self) -> bool {
        let cliques = &self.tree.cliques;
        // What was taken out of each clique and of all below it, and of the whole tree that it stands in.
        let (mut below, mut whole) = (self.scales.clone(), vec![0.0; cliques.len()]);
        for (number, clique) in cliques.iter().enumerate() {
            clique.parent.iter().for_each(|&parent| below[parent] += below[number]);
        }
        for (number, clique) in cliques.iter().enumerate().rev() {
            whole[number] = clique.parent.map_or(below[number], |parent| whole[parent]);
        }
        let matters = |number: usize| {
            let taken = self.lost[number].map(|taken| below[number] - self.scales[number] + taken);
            taken.is_some_and(|below| !is_harmless(&cliques[number], below, whole[number]))
        };
        (0..cliques.len()).any(matters)
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
        let (mut scale, mut lost) = (0.0, None);
        let held = factors.clone().map(|(_, _, least)| least).sum::<f64>() >= LEAST;
        if !held {
            (scale, lost) = fill_and_rescale(clique, cells, factors.clone(), scratch);
        }
        self.lost[number] = lost;
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

    /// The same in logarithms.
    fn send_log(&mut self, number: usize) -> f64 {
        let clique = &self.tree.cliques[number];
        let cells = &mut self.cells[clique.cells.clone()];
        let (received, own) = self.messages.split_at_mut(clique.separator.start);
        let [laid, scratch] = &mut self.scratch;
        self.lost[number] = None;
        cells.fill(0.0);
        let mut logs = Vec::new();
        for (table, alignment) in &clique.tables {
            let logs = self.table_logarithms.get(table).unwrap_or_else(|| {
                logs.clear();
                logs.extend(self.tables[self.tree.tables[*table].cells.clone()].iter().map(|p| p.ln()));
                &logs
            });
            logarithms::add_factor(clique, alignment, cells, logs, [laid, scratch]);
        }
        for (child, alignment) in &clique.children {
            let message = &received[self.tree.cliques[*child].separator.clone()];
            logarithms::add_factor(clique, alignment, cells, message, [laid, scratch]);
        }
        let own = &mut own[..clique.separator.len()];
        self.peaks[number] = logarithms::send(clique, self.by, cells, own, [laid, scratch]);
        if clique.parent.is_none() {
            // So that the belief at a root sums to one.
            self.ratios[clique.separator.clone()].fill(-self.peaks[number]);
        }
        self.peaks[number]
    }

    /// Brings all ratios and the marginal of each variable, which sums to one, up to date.
    ///
    /// The sum must have been collected and be positive.
    pub(crate) fn distribute(&mut self) {
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
                let belief = if clique.parent.is_none() && !self.in_logarithms {
                    cells
                } else {
                    let belief = &mut belief[..cells.len()];
                    if self.in_logarithms {
                        logarithms::find_belief(clique, block, cells, own, belief, scratch);
                    } else {
                        clique.outward.product(block, belief, cells, own, scratch);
                    }
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
                let (ratios, message) = (&mut ratios[separator.clone()], &self.messages[separator]);
                let peak = self.peaks[*child];
                if self.in_logarithms {
                    logarithms::find_ratios(ratios, message, peak);
                } else if whole == 1.0 || self.least_of_message[*child] + (peak * whole).log2() >= LEAST {
                    messages::quotients(ratios, message, peak * whole);
                } else {
                    messages::divide(ratios, whole);
                    messages::quotients(ratios, message, peak);
                }
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
    pub(crate) fn each_belief(&mut self, number: usize, mut see: impl FnMut(&Clique, usize, &[f64])) {
        let clique = &self.tree.cliques[number];
        let (ratios, cells) = (&self.ratios[clique.separator.clone()], &self.cells[clique.cells.clone()]);
        for block in 0..clique.blocks() {
            let cells = &cells[clique.block(block)];
            let [belief, scratch] = &mut self.scratch;
            let belief = &mut belief[..cells.len()];
            match clique.parent {
                _ if self.in_logarithms => logarithms::find_belief(clique, block, cells, ratios, belief, scratch),
                None => belief.copy_from_slice(cells),
                Some(_) => clique.outward.product(block, belief, cells, ratios, scratch),
            }
            see(clique, block, belief);
        }
    }

    /// p(x | evidence) of each state of a variable.
    pub(crate) fn marginal(&self, variable: usize) -> &[f64] {
        &self.marginals[self.places[variable].clone()]
    }

    /// How many states a variable has.
    pub(crate) fn states(&self, variable: usize) -> usize {
        self.places[variable].len()
    }

    /// How many variables there are.
    pub(crate) fn variables(&self) -> usize {
        self.places.len()
    }

    pub(crate) fn is_distributed(&self) -> bool {
        self.distributed && !self.stale.contains(&true)
    }
}

/// `see(place, value)` for each value of a table, row-major over the shape, the places moving by the strides.
fn each_place(shape: &[usize], strides: &[usize], values: &[f64], mut see: impl FnMut(usize, f64)) {
    let mut digits = vec![0; shape.len()];
    let mut to = 0;
    for &value in values {
        see(to, value);
        for place in (0..shape.len()).rev() {
            digits[place] += 1;
            to += strides[place];
            if digits[place] < shape[place] {
                break;
            }
            to -= shape[place] * strides[place];
            digits[place] = 0;
        }
    }
}
