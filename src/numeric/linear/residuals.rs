//! ln N(x; l + b·(y − c), σ²) of every row of a tile `[d][n]`, whose lines are the columns of y, then x.
//!
//! 3 D flops a row and a division, eight rows to a register, bound by arithmetic. Without fused products: a row alone has the
//! same bits.

use crate::numeric::LN_2_PI;
use crate::numeric::simd::vectorised;
use crate::numeric::tile::ROWS;

vectorised! {
    /// `out[n]` = −½ (ln 2π + z²) − ln σ, z = (x − l − Σ_d b_d (y_d − c_d)) / σ, −∞ where z is NaN, for the first rows of a tile;
    /// `place` is (l, σ).
    pub(crate) fn line_log_densities(tile: &[f64], slopes: &[f64], centre: &[f64], place: (f64, f64), out: &mut [f64]) = body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn body<const REGISTER: usize>(
    tile: &[f64],
    slopes: &[f64],
    centre: &[f64],
    (level, deviation): (f64, f64),
    out: &mut [f64],
) {
    let mut above = [0.0; ROWS];
    for ((line, b), c) in tile.chunks_exact(ROWS).zip(slopes).zip(centre) {
        above.iter_mut().zip(line).for_each(|(above, y)| *above += b * (y - c));
    }
    let log_deviation = deviation.ln();
    for ((l, x), above) in out.iter_mut().zip(&tile[slopes.len() * ROWS..]).zip(&above) {
        let z = ((x - level) - above) / deviation;
        *l = if z.is_nan() { f64::NEG_INFINITY } else { -0.5 * (LN_2_PI + z * z) - log_deviation };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_compilation_has_the_bits_of_the_formula() {
        for d in [0, 1, 2, 5] {
            let mut tile: Vec<f64> = (0..(d + 1) * ROWS).map(|i| (i * 7919 % 1000) as f64 / 7.0 - 50.0).collect();
            tile[d * ROWS + 3] = f64::NAN;
            let slopes: Vec<f64> = (0..d).map(|j| 0.3 - j as f64).collect();
            let centre: Vec<f64> = (0..d).map(|j| 0.1 * j as f64).collect();
            let (level, deviation) = (0.7, 1.3);
            let (mut fast, mut portable) = ([1.0; 50], [1.0; 50]);
            line_log_densities(&tile, &slopes, &centre, (level, deviation), &mut fast);
            body::<2>(&tile, &slopes, &centre, (level, deviation), &mut portable);
            for n in 0..50 {
                let above: f64 = (0..d).map(|j| slopes[j] * (tile[j * ROWS + n] - centre[j])).sum();
                let z = ((tile[d * ROWS + n] - level) - above) / deviation;
                let expected = if n == 3 { f64::NEG_INFINITY } else { -0.5 * (LN_2_PI + z * z) - deviation.ln() };
                assert_eq!((fast[n].to_bits(), portable[n].to_bits()), (expected.to_bits(), expected.to_bits()));
            }
        }
    }
}
