//! Tables over finite variables for many rows at once: tiles `[cell][row]`, multiplied cell by cell and summed over cells.
//!
//! All arithmetic runs along the rows, eight to a register. A cell of a clique with S sources costs S + 1 flops and S + 3
//! loads and stores a row; a chunk of rows is chosen so that they stay in the L2 cache. Bound by loads and stores.

use crate::numeric::functions::exp::exp;
use crate::numeric::simd::vectorised;

/// A sum below this is not divided by.
pub(crate) const LEAST_SUM: f64 = 1e-290;
/// A logarithm of a probability may exceed 0 by round-off.
const LARGEST_LOG: f64 = 1e-6;

/// What is multiplied in the cells of a clique.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CliqueTables<'a> {
    /// A number for each cell.
    pub(crate) constants: &'a [f64],
    /// Tiles `[cell of the source][row]`.
    pub(crate) sources: &'a [&'a [f64]],
    /// For each cell and source, the source's cell.
    pub(crate) places: &'a [u32],
    /// The joint states of the last variables of the clique, which are summed out.
    pub(crate) states: usize,
    /// Rows of a tile.
    pub(crate) rows: usize,
}

/// Of a message, row by row.
#[derive(Debug)]
pub(crate) struct MessageSums<'a> {
    /// What its entries were divided by.
    pub(crate) norms: &'a mut [f64],
    /// The smallest entry.
    pub(crate) least: &'a mut [f64],
}

vectorised! {
    /// l ← e^(l − m) in a tile `[cell][row]`, and `logs[row] += m`, m being the largest l of the row. Of logarithms of
    /// probabilities (`scaled` false) m = 0. A row without a finite m, or with a probability above 1, becomes 0, and its
    /// logarithm −∞ or NaN.
    pub(crate) fn exponentiate(tile: &mut [f64], scaled: bool, logs: &mut [f64]) = exponentiate_body;
}

vectorised! {
    /// cell = constant · Π sources; `message` = Σ over the last variables / the sum of all, and that sum into `norms`:
    /// both 0 where it is below [`LEAST_SUM`]. The smallest entry of the message goes into `least`.
    pub(crate) fn multiply_up(tables: &CliqueTables<'_>, cells: &mut [f64], message: &mut [f64], sums: MessageSums<'_>) = up_body;
}

vectorised! {
    /// cell ← cell · `wanted` / (`message` · norm) of the entry of the message that it belongs to: then the cells sum to
    /// `wanted`, `[entry][row]`. 0 where the message is.
    pub(crate) fn multiply_down(cells: &mut [f64], message: &[f64], norms: &[f64], wanted: &mut [f64], states: usize) = down_body;
}

vectorised! {
    /// `sums[place] += cell`, of every cell the place that stands `first` among `step`.
    pub(crate) fn add_cells(cells: &[f64], places: &[u32], first: usize, step: usize, rows: usize, sums: &mut [f64]) = add_body;
}

vectorised! {
    /// Each line of a tile times `factors`.
    pub(crate) fn multiply_rows(tile: &mut [f64], factors: &[f64]) = multiply_rows_body;
}

/// Rows that are taken together.
const LANES: usize = 32;

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn exponentiate_body<const REGISTER: usize>(tile: &mut [f64], scaled: bool, logs: &mut [f64]) {
    let n = logs.len();
    let whole = n - n % LANES;
    for first in (0..whole).step_by(LANES) {
        exponentiate_columns::<REGISTER, LANES>(tile, (n, first), scaled, &mut logs[first..]);
    }
    for first in whole..n {
        exponentiate_columns::<REGISTER, 1>(tile, (n, first), scaled, &mut logs[first..]);
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn exponentiate_columns<const REGISTER: usize, const L: usize>(
    tile: &mut [f64],
    (n, first): (usize, usize),
    scaled: bool,
    logs: &mut [f64],
) {
    let mut max = [f64::NEG_INFINITY; L];
    for line in tile.chunks_exact(n) {
        let line: &[f64; L] = line[first..][..L].try_into().expect("a line holds the rows");
        for (m, &l) in max.iter_mut().zip(line) {
            // NaN must win, so that it is seen.
            *m = if l > *m || l.is_nan() { l } else { *m };
        }
    }
    if !scaled {
        max.iter_mut().for_each(|m| *m = if *m <= LARGEST_LOG { 0.0 } else { f64::NAN });
    }
    for line in tile.chunks_exact_mut(n) {
        let line: &mut [f64; L] = (&mut line[first..][..L]).try_into().expect("as above");
        for (l, &m) in line.iter_mut().zip(&max) {
            *l = if m.abs() < f64::INFINITY { exp::<REGISTER>(*l - m) } else { 0.0 };
        }
    }
    logs.iter_mut().zip(&max).for_each(|(log, m)| *log += m);
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn up_body<const REGISTER: usize>(
    tables: &CliqueTables<'_>,
    cells: &mut [f64],
    message: &mut [f64],
    sums: MessageSums<'_>,
) {
    let MessageSums { norms, least } = sums;

    let (rows, count) = (tables.rows, tables.sources.len());
    message.fill(0.0);
    for (cell, (out, &constant)) in cells.chunks_exact_mut(rows).zip(tables.constants).enumerate() {
        if constant == 0.0 {
            out.fill(0.0);
            continue;
        }
        let places = &tables.places[cell * count..][..count];
        let line = |source: usize| &tables.sources[source][places[source] as usize * rows..][..rows];
        match count {
            0 => out.fill(constant),
            1 => out.iter_mut().zip(line(0)).for_each(|(out, a)| *out = constant * a),
            _ => {
                out.iter_mut().zip(line(0)).zip(line(1)).for_each(|((out, a), b)| *out = constant * a * b);
                (2..count).for_each(|source| out.iter_mut().zip(line(source)).for_each(|(out, a)| *out *= a));
            }
        }
        let sums = &mut message[cell / tables.states * rows..][..rows];
        sums.iter_mut().zip(&*out).for_each(|(sum, x)| *sum += x);
    }
    norms.fill(0.0);
    for entry in message.chunks_exact(rows) {
        norms.iter_mut().zip(entry).for_each(|(norm, x)| *norm += x);
    }
    norms.iter_mut().for_each(|norm| *norm = if *norm > LEAST_SUM { *norm } else { 0.0 });
    least.fill(f64::INFINITY);
    for entry in message.chunks_exact_mut(rows) {
        for ((x, norm), least) in entry.iter_mut().zip(&*norms).zip(&mut *least) {
            *x = if *norm > 0.0 { *x / norm } else { 0.0 };
            *least = if *x < *least { *x } else { *least };
        }
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn down_body<const REGISTER: usize>(
    cells: &mut [f64],
    message: &[f64],
    norms: &[f64],
    wanted: &mut [f64],
    states: usize,
) {
    let rows = norms.len();
    let entries = wanted.chunks_exact_mut(rows).zip(message.chunks_exact(rows));
    for ((wanted, entry), cells) in entries.zip(cells.chunks_exact_mut(rows * states)) {
        for ((ratio, x), norm) in wanted.iter_mut().zip(entry).zip(norms) {
            let quotient = *ratio / x / norm;
            *ratio = if quotient < f64::INFINITY { quotient } else { 0.0 };
        }
        for cell in cells.chunks_exact_mut(rows) {
            cell.iter_mut().zip(&*wanted).for_each(|(p, ratio)| *p *= ratio);
        }
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn add_body<const REGISTER: usize>(
    cells: &[f64],
    places: &[u32],
    first: usize,
    step: usize,
    rows: usize,
    sums: &mut [f64],
) {
    for (cell, place) in cells.chunks_exact(rows).zip(places[first..].iter().step_by(step)) {
        let sums = &mut sums[*place as usize * rows..][..rows];
        sums.iter_mut().zip(cell).for_each(|(sum, x)| *sum += x);
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn multiply_rows_body<const REGISTER: usize>(tile: &mut [f64], factors: &[f64]) {
    for line in tile.chunks_exact_mut(factors.len().max(1)) {
        line.iter_mut().zip(factors).for_each(|(x, factor)| *x *= factor);
    }
}
