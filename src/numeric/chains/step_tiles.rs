//! Between tiles `[k][t]`, along which densities and statistics run, and the time-major `[t][k]` of a chain's steps.
//!
//! Four states are turned at a time. An exponential an entry, so bound by arithmetic.

use crate::numeric::functions::exp::exp;
use crate::numeric::simd::vectorised;

/// Steps that are taken together, so many that the compiler keeps them a loop; what is left is taken a few at a time, and
/// what is left of that one by one.
const MANY: usize = 64;
const FEW: usize = 16;
/// States that are taken together: the width of a chain is a multiple of it.
const STATES: usize = 4;

vectorised! {
    /// b_t(z) = exp(l_zt − m_t) of a tile of logarithms, time-major and padded with zeros to the width of a chain, with m_t
    /// the largest logarithm of a step: it goes to `largest`, NaN if one is. Where it is no number, b_t is 0.
    pub(crate) fn densities_of_steps(tile: &[f64], width: usize, largest: &mut [f64], densities: &mut [f64]) = densities_body;
}

vectorised! {
    /// The tile of w p_t(z), from probabilities that are time-major and padded to the width of a chain.
    pub(crate) fn weighted_tile(probabilities: &[f64], width: usize, weight: f64, tile: &mut [f64]) = tile_body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn densities_body<const REGISTER: usize>(tile: &[f64], width: usize, largest: &mut [f64], densities: &mut [f64]) {
    let n = largest.len();
    let (many, few) = (n - n % MANY, n - n % FEW);
    for t in (0..many).step_by(MANY) {
        densities_of::<REGISTER, MANY>(tile, (t, width), largest, densities);
    }
    for t in (many..few).step_by(FEW) {
        densities_of::<REGISTER, FEW>(tile, (t, width), largest, densities);
    }
    for t in few..n {
        densities_of::<REGISTER, 1>(tile, (t, width), largest, densities);
    }
}

/// Of L steps from step `first`.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn densities_of<const REGISTER: usize, const L: usize>(
    tile: &[f64],
    (first, width): (usize, usize),
    largest: &mut [f64],
    densities: &mut [f64],
) {
    let n = largest.len();
    let row = |z: usize| -> &[f64; L] { tile[z * n + first..][..L].try_into().expect("a row holds the steps") };
    let k = tile.len() / n;
    let mut most = [f64::NEG_INFINITY; L];
    for z in 0..k {
        for (most, &l) in most.iter_mut().zip(row(z)) {
            *most = if l > *most || l.is_nan() { l } else { *most };
        }
    }
    for states in (0..width).step_by(STATES) {
        let mut block = [[0.0; L]; STATES];
        for (z, densities) in (states..k).zip(&mut block) {
            for ((b, &l), &most) in densities.iter_mut().zip(row(z)).zip(&most) {
                *b = if most.abs() < f64::INFINITY { exp::<REGISTER>(l - most) } else { 0.0 };
            }
        }
        let of_states = densities[first * width..].chunks_exact_mut(width);
        for (t, of_step) in of_states.take(L).enumerate() {
            of_step[states..][..STATES].copy_from_slice(&[block[0][t], block[1][t], block[2][t], block[3][t]]);
        }
    }
    largest[first..][..L].copy_from_slice(&most);
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn tile_body<const REGISTER: usize>(probabilities: &[f64], width: usize, weight: f64, tile: &mut [f64]) {
    let n = probabilities.len() / width;
    for (states, rows) in tile.chunks_mut(STATES * n).enumerate() {
        let mut parts = rows.chunks_exact_mut(n);
        let mut rows: [&mut [f64]; STATES] = std::array::from_fn(|_| parts.next().unwrap_or_default());
        for (t, of_step) in probabilities.chunks_exact(width).enumerate() {
            let of_step = &of_step[states * STATES..][..STATES];
            for (row, p) in rows.iter_mut().zip(of_step) {
                if let Some(x) = row.get_mut(t) {
                    *x = weight * p;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_compilation_agrees_with_the_formulae() {
        for (k, width, n) in [(1, 4, 1), (3, 4, 9), (4, 4, 8), (5, 8, 23), (17, 32, 16), (6, 8, 85)] {
            let logs: Vec<f64> = (0..k * n).map(|i| -((i * 7919 % 97) as f64) / 7.0).collect();
            let (mut largest, mut densities) = (vec![0.0; n], vec![f64::NAN; n * width]);
            let (mut of_portable, mut portable) = (largest.clone(), densities.clone());
            densities_of_steps(&logs, width, &mut largest, &mut densities);
            densities_body::<2>(&logs, width, &mut of_portable, &mut portable);
            let (mut tile, mut portable_tile) = (vec![f64::NAN; k * n], vec![f64::NAN; k * n]);
            weighted_tile(&densities, width, 0.5, &mut tile);
            tile_body::<2>(&densities, width, 0.5, &mut portable_tile);
            assert_eq!((&largest, &tile), (&of_portable, &portable_tile));
            for (t, most) in largest.iter().enumerate() {
                assert_eq!(*most, (0..k).map(|z| logs[z * n + t]).fold(f64::NEG_INFINITY, f64::max));
                for z in 0..width {
                    let b = if z < k { (logs[z * n + t] - most).exp() } else { 0.0 };
                    assert!((densities[t * width + z] - b).abs() <= 4.0 * f64::EPSILON * b);
                    assert!((portable[t * width + z] - b).abs() <= 4.0 * f64::EPSILON * b);
                    assert!(z >= k || tile[z * n + t] == 0.5 * densities[t * width + z]);
                }
            }
        }
    }

    #[test]
    fn a_step_without_a_finite_logarithm_has_no_density() {
        let logs = [f64::NEG_INFINITY, f64::NAN, f64::INFINITY, -1.0, f64::NEG_INFINITY, 0.0, 0.0, f64::NEG_INFINITY];
        let (mut largest, mut densities) = (vec![0.0; 4], vec![f64::NAN; 16]);
        densities_of_steps(&logs, 4, &mut largest, &mut densities);
        assert!(largest[0] == f64::NEG_INFINITY && largest[1].is_nan() && largest[2] == f64::INFINITY);
        assert!(densities[..12].iter().all(|b| *b == 0.0) && densities[12..] == [1.0, 0.0, 0.0, 0.0]);
    }
}
