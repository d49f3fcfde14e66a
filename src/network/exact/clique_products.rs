//! φ of one clique, the product of its factors, and how little of it an underflow may have taken.

use crate::numeric::chains::messages;

use super::alignment::Alignment;
use super::clique_tree::Clique;

/// The logarithm to base 2 below which a product could underflow.
pub(crate) const LEAST: f64 = -960.0;

/// ln of the least positive number that 64-bit numbers hold in full: 2⁻¹⁰²².
const LN_LEAST: f64 = -708.396_418_532_264_1;
/// ln of a share of the whole that no posterior shows: 10⁻⁴⁰.
const LN_NOTHING: f64 = -92.103_403_719_761_84;

/// How a table lies in a clique, its entries, and log₂ of the smallest positive one; −∞ if an entry was too small to be
/// held.
pub(crate) type Factor<'a> = (&'a Alignment, &'a [f64], f64);

/// φ of a block: the product of all tables and messages.
pub(crate) fn fill<'a>(
    block: usize,
    cells: &mut [f64],
    mut factors: impl Iterator<Item = Factor<'a>>,
    scratch: &mut [f64],
) {
    match factors.next() {
        None => cells.fill(1.0),
        Some((alignment, table, _)) => alignment.assign(block, cells, table, scratch),
    }
    factors.for_each(|(alignment, table, _)| alignment.multiply(block, cells, table, scratch));
}

/// The same of a whole clique, which is brought back to 1 before its smallest cell could underflow: ln of what was taken
/// out of it, and the same at the first factor from which on a cell could underflow all the same.
pub(crate) fn fill_and_rescale<'a>(
    clique: &Clique,
    cells: &mut [f64],
    factors: impl Iterator<Item = Factor<'a>>,
    scratch: &mut [f64],
) -> (f64, Option<f64>) {
    let (mut scale, mut bound, mut lost) = (0.0, 0.0, None);
    cells.fill(1.0);
    for (alignment, table, least) in factors {
        if bound + least < LEAST {
            let (taken, left) = rescale(cells);
            scale += taken;
            bound = left;
            if bound + least < LEAST {
                lost = lost.or(Some(scale));
            }
        }
        for block in 0..clique.blocks() {
            alignment.multiply(block, &mut cells[clique.block(block)], table, scratch);
        }
        bound += least;
    }
    (scale, lost)
}

/// Whether what cells lost that underflowed cannot show in any posterior. `below` is ln of all that was taken out of the
/// clique and those below it by then, `whole` that of the sum.
///
/// In units of e^below each of the cells lost at most 2⁻¹⁰²² at each factor. All factors still to come are at most 1, and
/// so is their sum over the variables outside, of which each has its own conditional table there: so the whole lost at
/// most cells · factors · 2⁻¹⁰²² · e^below.
pub(crate) fn is_harmless(clique: &Clique, below: f64, whole: f64) -> bool {
    let factors = clique.tables.len() + clique.children.len();
    below + LN_LEAST + ((clique.cells.len() * factors) as f64).ln() < whole + LN_NOTHING
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
pub(crate) fn extremes(cells: &[f64]) -> (f64, f64) {
    let mut extremes = (0.0, f64::INFINITY);
    messages::extremes(cells, &mut extremes);
    extremes
}
