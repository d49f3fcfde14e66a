//! The nearest of K centres by dot products in single precision: argmin_k ½‖c_k‖² − x·c_k, and whether round-off leaves
//! no doubt of it.
//!
//! 2 K D flops a row, where squared differences take 3 K D, and twice as many to an instruction. Eight centres at a time
//! share each value loaded, and the scores never leave the registers: bound by arithmetic. The terms are of the size of
//! ‖x‖² and not of the distance, and f32 has seven digits; so a row whose two best scores are closer than that allows is
//! left to [`nearest_centres`](super::nearest).

use crate::numeric::Scalar;
use crate::numeric::simd::{multiply_add, vectorised};
use crate::numeric::tile::ROWS;

/// Centres of a panel.
const WIDTH: usize = 8;

/// Centres, laid out for the kernel, about a point from which scores lose little.
#[derive(Debug)]
pub(crate) struct Panels {
    origin: Vec<f64>,
    /// origin − c, `[panel][d][centre]`.
    negated: Vec<f32>,
    /// ½‖c − origin‖² of each centre; ∞ in place of those that the last panel lacks.
    halves: Vec<f32>,
    /// The largest ‖c − origin‖².
    reach: f32,
}

impl Panels {
    /// Of fewer than 2²⁴ centres (so that f32 can count them) of D numbers each, row-major; the origin is their mean.
    pub(crate) fn new(centres: &[f64], dimension: usize) -> Option<Self> {
        let count = centres.len() / dimension;
        if count >= 1 << 24 {
            return None;
        }
        // Each over K before they are added, so that no sum overflows.
        let of_axis = |d: usize| centres.iter().skip(d).step_by(dimension).map(|c| c / count as f64).sum();
        let origin: Vec<f64> = (0..dimension).map(of_axis).collect();
        let panels = count.div_ceil(WIDTH);
        let mut negated = vec![0.0; panels * WIDTH * dimension];
        let mut halves = vec![f32::INFINITY; panels * WIDTH];
        for (k, centre) in centres.chunks_exact(dimension).enumerate() {
            let mut square = 0.0;
            for (d, (c, o)) in centre.iter().zip(&origin).enumerate() {
                negated[((k / WIDTH) * dimension + d) * WIDTH + k % WIDTH] = (o - c) as f32;
                square += (c - o) * (c - o);
            }
            halves[k] = (0.5 * square) as f32;
        }
        let reach = 2.0 * halves[..count].iter().copied().fold(0.0, f32::max);
        Some(Self { origin, negated, halves, reach })
    }
}

vectorised! {
    /// `tile[d][n]` = x_nd − origin_d for at most [`ROWS`] rows (row-major); what is left of each line is 0. `rounded` has
    /// room for as many numbers as the tile.
    pub(crate) fn centre<F: Scalar>(rows: &[F], panels: &Panels, rounded: &mut [f32], tile: &mut [f32]) = centre_body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn centre_body<const REGISTER: usize, F: Scalar>(rows: &[F], panels: &Panels, rounded: &mut [f32], tile: &mut [f32]) {
    let d = panels.origin.len();
    for (row, out) in rows.chunks_exact(d).zip(rounded.chunks_exact_mut(d)) {
        for ((out, x), origin) in out.iter_mut().zip(row).zip(&panels.origin) {
            *out = (x.widen() - origin) as f32;
        }
    }
    rounded[rows.len()..].fill(0.0);
    for (j, line) in tile.chunks_exact_mut(ROWS).enumerate() {
        line.iter_mut().zip(rounded.chunks_exact(d)).for_each(|(x, row)| *x = row[j]);
    }
}

vectorised! {
    /// Of each row of a [centred](centre) tile `[d][n]`: the number of the nearest centre, and whether it is
    /// `sure`. Then no other centre is as near, also by squared differences in f64, in whatever order they are summed.
    ///
    /// With u = ε/2 of f32: each of D products and sums rounds by u (½‖c‖² + ‖x‖ ‖c‖) ≤ u (½‖x‖² + ‖c‖²), so that two
    /// scores are off by less than (2 D + 1) ε (½‖x‖² + max ‖c‖²); that x and c were rounded moves half a squared distance
    /// by u (‖x‖ + ‖c‖)², two of them by 2 ε (‖x‖² + max ‖c‖²); what f64 loses is far less. So a gap of more than
    /// (2 D + 4) ε (‖x‖² + max ‖c‖²) leaves no doubt.
    pub(crate) fn nearest_by_products(tile: &[f32], panels: &Panels, label: &mut [u64; ROWS], sure: &mut [bool; ROWS]) = body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn body<const REGISTER: usize>(tile: &[f32], panels: &Panels, label: &mut [u64; ROWS], sure: &mut [bool; ROWS]) {
    // Sixteen sums of AVX-512 leave half of its 32 registers; elsewhere there are 16.
    if REGISTER == 8 {
        by_lanes::<REGISTER, 32, WIDTH>(tile, panels, label, sure);
    } else {
        by_lanes::<REGISTER, 16, 4>(tile, panels, label, sure);
    }
}

/// The two least scores of L rows, and whose the least is: a whole number, of the width of the scores.
struct Best<const L: usize> {
    least: [f32; L],
    second: [f32; L],
    label: [f32; L],
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn by_lanes<const REGISTER: usize, const L: usize, const C: usize>(
    tile: &[f32],
    panels: &Panels,
    label: &mut [u64; ROWS],
    sure: &mut [bool; ROWS],
) {
    let dimension = panels.origin.len();
    let slack = (2 * dimension + 4) as f32 * f32::EPSILON;
    for lanes in 0..ROWS / L {
        let mut best = Best { least: [f32::INFINITY; L], second: [f32::INFINITY; L], label: [0.0; L] };
        let mut number = 0.0;
        for (panel, halves) in panels.negated.chunks_exact(dimension * WIDTH).zip(panels.halves.chunks_exact(WIDTH)) {
            for part in 0..WIDTH / C {
                compare::<REGISTER, L, C>(tile, panel, halves, (lanes, part * C, number), &mut best);
                number += C as f32;
            }
        }
        let mut norms = [0.0; L];
        for line in tile.chunks_exact(ROWS) {
            let x: &[f32; L] = line[lanes * L..][..L].try_into().expect("a line holds whole lanes");
            for n in 0..L {
                norms[n] = multiply_add::<REGISTER, _>(x[n], x[n], norms[n]);
            }
        }
        for n in 0..L {
            let doubt = slack * (norms[n] + panels.reach) + f32::MIN_POSITIVE;
            label[lanes * L + n] = best.label[n] as u64;
            sure[lanes * L + n] = best.second[n] - best.least[n] > doubt;
        }
    }
}

/// Compares C centres of a panel, the first of which is number k, with the best so far.
#[inline(always)]
#[allow(clippy::inline_always, clippy::needless_range_loop, reason = "as above; and sums are indexed")]
fn compare<const REGISTER: usize, const L: usize, const C: usize>(
    tile: &[f32],
    panel: &[f32],
    halves: &[f32],
    (lanes, first, k): (usize, usize, f32),
    best: &mut Best<L>,
) {
    let mut scores = [[0.0; L]; C];
    for c in 0..C {
        scores[c] = [halves[first + c]; L];
    }
    for (line, centres) in tile.chunks_exact(ROWS).zip(panel.chunks_exact(WIDTH)) {
        let x: &[f32; L] = line[lanes * L..][..L].try_into().expect("a line holds whole lanes");
        for c in 0..C {
            let centre = centres[first + c];
            for n in 0..L {
                scores[c][n] = multiply_add::<REGISTER, _>(x[n], centre, scores[c][n]);
            }
        }
    }
    for (c, scores) in scores.iter().enumerate() {
        for n in 0..L {
            let (score, least) = (scores[n], best.least[n]);
            let closer = score < least;
            let further = if closer { least } else { score };
            best.second[n] = if further < best.second[n] { further } else { best.second[n] };
            best.least[n] = if closer { score } else { least };
            best.label[n] = if closer { k + c as f32 } else { best.label[n] };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::nearest::nearest_centres;
    use super::*;

    /// Labels by differences, labels by products, and which of these are sure.
    fn both(tile: &[f64], centres: &[f64], portable: bool) -> ([u64; ROWS], [u64; ROWS], [bool; ROWS]) {
        let (mut direct, mut label, mut sure) = ([0; ROWS], [0; ROWS], [false; ROWS]);
        nearest_centres(tile, centres, &mut direct);
        let dimension = tile.len() / ROWS;
        let panels = Panels::new(centres, dimension).unwrap();
        let rows: Vec<f64> = (0..tile.len()).map(|i| tile[i % dimension * ROWS + i / dimension]).collect();
        let (mut rounded, mut centred) = (vec![0.0; tile.len()], vec![0.0; tile.len()]);
        if portable {
            centre_body::<2, _>(&rows, &panels, &mut rounded, &mut centred);
        } else {
            centre(&rows, &panels, &mut rounded, &mut centred);
        }
        let kernel = if portable { body::<2> } else { nearest_by_products };
        kernel(&centred, &panels, &mut label, &mut sure);
        (direct, label, sure)
    }

    #[test]
    fn what_is_sure_is_the_nearest_and_ties_never_are() {
        for (dimension, k) in [(1, 1), (2, 4), (5, 8), (8, 16), (16, 64)] {
            // Whole numbers, and a power of two of centres: ties are frequent, and little else is in doubt.
            let tile: Vec<f64> = (0..dimension * ROWS).map(|i| (i * 7919 % 13) as f64).collect();
            let centres: Vec<f64> = (0..dimension * k).map(|i| (i * 31 % 11) as f64).collect();
            for portable in [false, true] {
                let (direct, label, sure) = both(&tile, &centres, portable);
                for n in 0..ROWS {
                    let square = |c: usize| -> f64 {
                        (0..dimension).map(|d| (tile[d * ROWS + n] - centres[c * dimension + d]).powi(2)).sum()
                    };
                    let nearest = square(direct[n] as usize);
                    let tied = (0..k).filter(|&c| square(c) == nearest).count() > 1;
                    assert_eq!(sure[n], !tied, "row {n} of {dimension} columns, {k} centres");
                    assert!(tied || label[n] == direct[n]);
                }
            }
        }
    }

    #[test]
    fn a_gap_within_the_round_off_of_the_terms_is_not_sure() {
        // Differences tell 1000 and 1000 + step apart, products about 1000 only beyond 1e-4.
        let tile = vec![1e8; ROWS];
        for (step, certain) in [(1e-5, false), (1.0, true)] {
            let (direct, label, sure) = both(&tile, &[1e8 + 1e3, 1e8 - 1e3 - step], false);
            assert_eq!(sure, [certain; ROWS]);
            assert!(!certain || label == direct);
        }
        let (_, _, sure) = both(&[f64::NAN; ROWS], &[0.0, 1.0], false);
        assert_eq!(sure, [false; ROWS]);
        let (_, _, sure) = both(&[f64::INFINITY; ROWS], &[0.0, 1.0], false);
        assert_eq!(sure, [false; ROWS]);
    }
}
