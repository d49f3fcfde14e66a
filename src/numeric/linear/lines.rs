//! Lines of a block `[i][n]`, such as the statistics T_i(x_n) of an exponential family: combined, summed under weights, and
//! how far they reach.
//!
//! Two flops a number of the block; a line of a block stays in the L1 cache, so bound by loads and stores.

use crate::numeric::simd::{multiply_add, vectorised};

const LANES: usize = 16;

vectorised! {
    /// `out[n] += Σ_i factors_i lines_i[n]`, for lines as long as `out`.
    pub(crate) fn add_lines(lines: &[f64], factors: &[f64], out: &mut [f64]) = add_body;
}

vectorised! {
    /// `sums[i] += Σ_n w_n lines_i[n]`, for lines as long as the weights.
    pub(crate) fn sum_lines(lines: &[f64], weights: &[f64], sums: &mut [f64]) = sum_body;
}

/// max_n |t_n|; ∞ where one of them is no finite number.
pub(crate) fn reach(line: &[f64]) -> f64 {
    let mut reach = 0.0;
    find_reach(line, &mut reach);
    reach
}

vectorised! {
    fn find_reach(line: &[f64], reach: &mut f64) = reach_body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn reach_body<const REGISTER: usize>(line: &[f64], reach: &mut f64) {
    let mut lanes = [0.0; LANES];
    let farther = |reach: f64, t: f64| if t.abs() <= reach { reach } else { t.abs().min(f64::INFINITY) };
    let ts = line.chunks_exact(LANES);
    let rest = ts.remainder().iter().fold(0.0, |reach, t| farther(reach, *t));
    for t in ts {
        for l in 0..LANES {
            lanes[l] = farther(lanes[l], t[l]);
        }
    }
    *reach = lanes.iter().fold(rest, |reach, lane| farther(reach, *lane));
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn add_body<const REGISTER: usize>(lines: &[f64], factors: &[f64], out: &mut [f64]) {
    for (line, factor) in lines.chunks_exact(out.len().max(1)).zip(factors) {
        out.iter_mut().zip(line).for_each(|(out, t)| *out = multiply_add::<REGISTER, _>(*factor, *t, *out));
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn sum_body<const REGISTER: usize>(lines: &[f64], weights: &[f64], sums: &mut [f64]) {
    for (line, sum) in lines.chunks_exact(weights.len().max(1)).zip(sums) {
        let mut lanes = [0.0; LANES];
        let (ts, ws) = (line.chunks_exact(LANES), weights.chunks_exact(LANES));
        let rest: f64 = ts.remainder().iter().zip(ws.remainder()).map(|(t, w)| w * t).sum();
        for (t, w) in ts.zip(ws) {
            for l in 0..LANES {
                lanes[l] = multiply_add::<REGISTER, _>(w[l], t[l], lanes[l]);
            }
        }
        *sum += lanes.iter().sum::<f64>() + rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_compilation_agrees_with_the_formulae() {
        for n in [0, 1, 7, 8, 29] {
            let lines: Vec<f64> = (0..3 * n).map(|i| (i * 31 % 17) as f64).collect();
            let (weights, factors) = ((0..n).map(|n| (n % 5) as f64).collect::<Vec<_>>(), [0.5, -2.0, 3.0]);
            // Halves of small numbers: sums are exact in any order.
            for portable in [false, true] {
                let (mut out, mut sums) = (vec![1.0; n], [1.0; 3]);
                if portable {
                    add_body::<2>(&lines, &factors, &mut out);
                    sum_body::<2>(&lines, &weights, &mut sums);
                } else {
                    add_lines(&lines, &factors, &mut out);
                    sum_lines(&lines, &weights, &mut sums);
                }
                for (m, out) in out.iter().enumerate() {
                    assert_eq!(*out, 1.0 + (0..3).map(|i| factors[i] * lines[i * n + m]).sum::<f64>());
                }
                for (i, sum) in sums.iter().enumerate() {
                    assert_eq!(*sum, 1.0 + (0..n).map(|m| weights[m] * lines[i * n + m]).sum::<f64>());
                }
            }
        }
    }

    #[test]
    fn what_is_not_finite_reaches_to_infinity() {
        let mut line: Vec<f64> = (0..21).map(|n| 1.0 - f64::from(n)).collect();
        assert_eq!((reach(&line), reach(&line[..3]), reach(&[])), (19.0, 1.0, 0.0));
        for (at, hole) in [(3, f64::NAN), (20, f64::NAN), (7, f64::NEG_INFINITY)] {
            let whole = std::mem::replace(&mut line[at], hole);
            let mut portable = 0.0;
            reach_body::<2>(&line, &mut portable);
            assert_eq!((reach(&line), portable), (f64::INFINITY, f64::INFINITY));
            line[at] = whole;
        }
    }
}
