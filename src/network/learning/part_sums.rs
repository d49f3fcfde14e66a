//! The sums of one part: Z = Σ over the hidden states of Π tables, and the posterior share of each table's cells.
//!
//! One clique: its cells are the product, their sum is Z. Several: messages flow up the tree, each divided by its largest
//! entry, and ratios flow down. A product of many tables is brought back to 1 before its smallest cell could underflow;
//! where that is not enough and Z is so small that what was lost could matter, all is summed again in logarithms.

use crate::numeric::chains::messages;
use crate::numeric::total;

use super::families::Families;
use super::part::{Part, PartTable};
use crate::network::Network;
use crate::network::exact::alignment::Alignment;
use crate::network::exact::clique_logarithms as logarithms;
use crate::network::exact::clique_tree::{By, Clique};

/// The logarithm to base 2 below which a product could underflow.
const LEAST: i32 = -960;
/// A sum above e to this lost nothing that shows: what underflowed of a product of numbers up to 1 is below e⁻⁷⁰⁸ a cell.
const LN_SAFE: f64 = -580.0;

/// The numbers of the part at hand; allocated once for the largest.
#[derive(Default)]
pub(crate) struct Sums {
    cells: Vec<f64>,
    /// Of each table where it begins in its family's.
    bases: Vec<usize>,
    table: Vec<f64>,
    /// One block of a clique.
    scratch: Vec<f64>,
    messages: Vec<f64>,
    ratios: Vec<f64>,
    /// Of each message the largest entry before it was divided by it, and a bound below log₂ of its smallest.
    peaks: Vec<f64>,
    least_of_message: Vec<i32>,
    /// A bound below log₂ of the smallest positive entry of each family's table, once it is asked for.
    least_of_table: Vec<Option<i32>>,
    /// A cell could underflow.
    lost: bool,
    /// Cells, messages, ratios and peaks are logarithms, and then another block of a clique is needed.
    in_logarithms: bool,
    laid: Vec<f64>,
}

/// A product that does not underflow: Π factors = product · e^log.
#[derive(Clone, Copy)]
pub(crate) struct LogProduct {
    product: f64,
    log: f64,
}

impl Default for LogProduct {
    fn default() -> Self {
        Self { product: 1.0, log: 0.0 }
    }
}

impl LogProduct {
    #[inline]
    pub(crate) fn times(&mut self, factor: f64) {
        // Each of the two is at least 10⁻²⁰⁰, or the product is not the whole of it.
        if self.product < 1e-200 || factor < 1e-100 {
            self.log += self.product.ln();
            self.product = 1.0;
        }
        self.product *= factor;
    }

    pub(crate) fn ln(&self) -> f64 {
        self.log + self.product.ln()
    }
}

impl Sums {
    /// A new θ: what is known of the old one is forgotten.
    pub(crate) fn begin(&mut self, theta: &Network) {
        self.least_of_table.clear();
        self.least_of_table.resize(theta.variables().len(), None);
    }

    /// Adds weight × the posterior of each cell to the counts, and multiplies Z into the product; adds nothing if Z = 0.
    #[allow(clippy::too_many_arguments, reason = "what is known of a row, and what is made of it")]
    pub(crate) fn add(
        &mut self,
        part: &Part,
        tables: &[&[f64]],
        row: &[usize],
        weight: f64,
        counts: &mut [f64],
        families: &Families,
        product: &mut LogProduct,
    ) {
        self.bases.clear();
        self.bases.extend(part.tables.iter().map(|table| part.base(table, row)));
        grow(&mut self.cells, part.tree.cells);
        grow(&mut self.table, part.widest);
        grow(&mut self.scratch, part.widest_block);
        if !self.collect(part, tables, product) {
            return;
        }
        for (number, clique) in part.tree.cliques.iter().enumerate().rev() {
            self.find_belief(part, number, clique);
            let belief = &self.cells[clique.cells.clone()];
            for (table, alignment) in &clique.tables {
                let PartTable { family, whole, .. } = part.tables[*table];
                let counts = &mut counts[families.counts_of(family)][self.bases[*table]..];
                let offsets = part.offsets(&part.tables[*table]);
                let shares = if whole {
                    belief
                } else {
                    let table = &mut self.table[..offsets.len()];
                    table.fill(0.0);
                    clique.each_block(|block, at| alignment.add(block, &belief[at], table, &mut self.scratch));
                    table
                };
                offsets.iter().zip(shares).for_each(|(&offset, share)| counts[offset] += weight * share);
            }
        }
    }

    /// φ of each clique, and its message; false if the sum is 0.
    fn collect(&mut self, part: &Part, tables: &[&[f64]], product: &mut LogProduct) -> bool {
        grow(&mut self.messages, part.tree.separator_cells);
        grow(&mut self.ratios, part.tree.separator_cells);
        self.peaks.resize(part.tree.cliques.len().max(self.peaks.len()), 0.0);
        self.least_of_message.resize(part.tree.cliques.len().max(self.least_of_message.len()), 0);
        let before = *product;
        (self.lost, self.in_logarithms) = (false, false);
        let possible = self.collect_products(part, tables, product);
        if !self.lost || (possible && product.ln() - before.ln() > LN_SAFE) {
            return possible;
        }
        *product = before;
        self.in_logarithms = true;
        self.collect_logarithms(part, tables, product)
    }

    fn collect_products(&mut self, part: &Part, tables: &[&[f64]], product: &mut LogProduct) -> bool {
        for (number, clique) in part.tree.cliques.iter().enumerate() {
            self.fill(part, tables, clique, product);
            let cells = &self.cells[clique.cells.clone()];
            if clique.parent.is_none() {
                let sum = total(cells);
                self.peaks[number] = sum;
                product.times(sum);
                if !(sum > 0.0) {
                    return false;
                }
                continue;
            }
            let message = &mut self.messages[clique.separator.clone()];
            message.fill(0.0);
            clique.each_block(|block, at| clique.outward.add(block, &cells[at], message, &mut self.scratch));
            let peak = message.iter().copied().fold(0.0, f64::max);
            product.times(peak);
            if !(peak > 0.0) {
                return false;
            }
            message.iter_mut().for_each(|entry| *entry /= peak);
            self.peaks[number] = peak;
            self.least_of_message[number] = least(message);
        }
        true
    }

    fn collect_logarithms(&mut self, part: &Part, tables: &[&[f64]], product: &mut LogProduct) -> bool {
        grow(&mut self.laid, part.widest_block);
        for (number, clique) in part.tree.cliques.iter().enumerate() {
            let cells = &mut self.cells[clique.cells.clone()];
            let (laid, scratch) = (&mut self.laid, &mut self.scratch);
            cells.fill(0.0);
            for (table, alignment) in &clique.tables {
                let of_part = &part.tables[*table];
                let entries = &tables[of_part.family][self.bases[*table]..];
                let offsets = part.offsets(of_part);
                let logs = &mut self.table[..offsets.len()];
                logs.iter_mut().zip(offsets).for_each(|(log, &offset)| *log = entries[offset].ln());
                logarithms::add_factor(clique, alignment, cells, logs, [laid, scratch]);
            }
            for (child, alignment) in &clique.children {
                let message = &self.messages[part.tree.cliques[*child].separator.clone()];
                logarithms::add_factor(clique, alignment, cells, message, [laid, scratch]);
            }
            let message = &mut self.messages[clique.separator.clone()];
            let peak = logarithms::send(clique, By::Sum, cells, message, [laid, scratch]);
            product.log += peak;
            if peak == f64::NEG_INFINITY {
                return false;
            }
            self.peaks[number] = peak;
            if clique.parent.is_none() {
                self.ratios[clique.separator.clone()].fill(-peak);
            }
        }
        true
    }

    /// φ: the product of the clique's tables and of the messages of its children.
    fn fill(&mut self, part: &Part, tables: &[&[f64]], clique: &Clique, product: &mut LogProduct) {
        let cells = &mut self.cells[clique.cells.clone()];
        let (mut bound, mut first) = (0, true);
        for (table, alignment) in &clique.tables {
            let of_part = &part.tables[*table];
            let entries = &tables[of_part.family][self.bases[*table]..];
            let offsets = part.offsets(of_part);
            let least = *self.least_of_table[of_part.family].get_or_insert_with(|| least(tables[of_part.family]));
            if bound + least < LEAST && !first {
                bound = rescale(cells, product);
                self.lost |= bound + least < LEAST;
            }
            bound += least;
            match (std::mem::replace(&mut first, false), of_part.whole) {
                (true, true) => cells.iter_mut().zip(offsets).for_each(|(cell, &offset)| *cell = entries[offset]),
                (false, true) => cells.iter_mut().zip(offsets).for_each(|(cell, &offset)| *cell *= entries[offset]),
                (first, false) => {
                    let gathered = &mut self.table[..offsets.len()];
                    gathered.iter_mut().zip(offsets).for_each(|(entry, &offset)| *entry = entries[offset]);
                    lay(clique, alignment, cells, gathered, first, &mut self.scratch);
                }
            }
        }
        for (child, alignment) in &clique.children {
            let message = &self.messages[part.tree.cliques[*child].separator.clone()];
            if bound + self.least_of_message[*child] < LEAST && !first {
                bound = rescale(cells, product);
                self.lost |= bound + self.least_of_message[*child] < LEAST;
            }
            bound += self.least_of_message[*child];
            lay(clique, alignment, cells, message, std::mem::replace(&mut first, false), &mut self.scratch);
        }
        if first {
            cells.fill(1.0);
        }
    }

    /// Turns φ of a clique into its posterior, and sets the ratios of its children.
    fn find_belief(&mut self, part: &Part, number: usize, clique: &Clique) {
        let belief = &mut self.cells[clique.cells.clone()];
        if self.in_logarithms {
            let (ratios, laid) = (&self.ratios[clique.separator.clone()], &mut self.laid);
            clique.each_block(|block, at| {
                let cells = &mut laid[..at.len()];
                cells.copy_from_slice(&belief[at.clone()]);
                logarithms::find_belief(clique, block, cells, ratios, &mut belief[at], &mut self.scratch);
            });
        } else if clique.parent.is_none() {
            let sum = self.peaks[number];
            belief.iter_mut().for_each(|cell| *cell /= sum);
        } else {
            let ratios = &self.ratios[clique.separator.clone()];
            lay(clique, &clique.outward, belief, ratios, false, &mut self.scratch);
        }
        for (child, alignment) in &clique.children {
            let separator = part.tree.cliques[*child].separator.clone();
            let (ratios, message) = (&mut self.ratios[separator.clone()], &self.messages[separator]);
            ratios.fill(0.0);
            clique.each_block(|block, at| alignment.add(block, &belief[at], ratios, &mut self.scratch));
            if self.in_logarithms {
                logarithms::find_ratios(ratios, message, self.peaks[*child]);
            } else {
                messages::quotients(ratios, message, self.peaks[*child]);
            }
        }
    }
}

/// Sets the cells to the entries of a table, or multiplies them by these.
fn lay(clique: &Clique, alignment: &Alignment, cells: &mut [f64], table: &[f64], first: bool, scratch: &mut [f64]) {
    clique.each_block(|block, at| {
        let cells = &mut cells[at];
        if first {
            alignment.assign(block, cells, table, scratch);
        } else {
            alignment.multiply(block, cells, table, scratch);
        }
    });
}

fn grow(buffer: &mut Vec<f64>, length: usize) {
    if buffer.len() < length {
        buffer.resize(length, 0.0);
    }
}

/// Divides by the largest cell, which goes into the product; a bound below log₂ of the smallest positive one left.
fn rescale(cells: &mut [f64], product: &mut LogProduct) -> i32 {
    let largest = cells.iter().copied().fold(0.0, f64::max);
    if largest == 0.0 {
        return 0;
    }
    product.times(largest);
    cells.iter_mut().for_each(|cell| *cell /= largest);
    least(cells)
}

/// A bound below log₂ of the smallest positive entry, at most 0.
fn least(entries: &[f64]) -> i32 {
    let smallest = entries.iter().copied().filter(|p| *p > 0.0).fold(1.0, f64::min);
    // The exponent of a subnormal number says nothing.
    if smallest < f64::MIN_POSITIVE { -1074 } else { (smallest.to_bits() >> 52) as i32 - 1023 }
}
