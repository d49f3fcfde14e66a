//! A compensated sum: its error stays below 2u·Σ|terms| however many terms there are (Neumaier 1974).

use super::simd::vectorised;

/// Σ terms, with the rounding error carried along.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sum {
    sum: f64,
    compensation: f64,
}

impl Sum {
    /// Adds one term.
    pub(crate) fn add(&mut self, x: f64) {
        let t = self.sum + x;
        let lost = if self.sum.abs() >= x.abs() { (self.sum - t) + x } else { (x - t) + self.sum };
        // Once the sum is infinite the lost part is NaN; the sum itself still tells the truth.
        if lost.is_finite() {
            self.compensation += lost;
        }
        self.sum = t;
    }

    /// The sum so far.
    pub(crate) fn value(&self) -> f64 {
        self.sum + self.compensation
    }

    /// Adds another sum.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.add(other.sum);
        self.compensation += other.compensation;
    }

    /// Multiplies the sum.
    pub(crate) fn scale(&mut self, factor: f64) {
        self.sum *= factor;
        self.compensation *= factor;
    }
}

/// Σ terms in partial sums, so that no addition waits for the one before it; its error is that of a plain sum.
pub(crate) fn total(terms: &[f64]) -> f64 {
    if terms.len() < MANY {
        return in_parts::<8>(terms);
    }
    let mut sum = 0.0;
    add_up(terms, &mut sum);
    sum
}

/// Whether all are finite, seen without a branch for each.
pub(crate) fn all_finite(values: &[f64]) -> bool {
    let mut finite = true;
    see_whether_finite(values, &mut finite);
    finite
}

/// Fewer terms are added faster than a kernel is called.
const MANY: usize = 64;

vectorised! {
    fn add_up(terms: &[f64], sum: &mut f64) = sum_body;
}

vectorised! {
    fn see_whether_finite(values: &[f64], finite: &mut bool) = finite_body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn sum_body<const REGISTER: usize>(terms: &[f64], sum: &mut f64) {
    *sum = in_parts::<32>(terms);
}

/// Σ terms, P of them side by side.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn in_parts<const P: usize>(terms: &[f64]) -> f64 {
    let mut sums = [0.0; P];
    let parts = terms.chunks_exact(P);
    let rest: f64 = parts.remainder().iter().sum();
    for part in parts {
        sums.iter_mut().zip(part).for_each(|(s, x)| *s += x);
    }
    sums.iter().sum::<f64>() + rest
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn finite_body<const REGISTER: usize>(values: &[f64], finite: &mut bool) {
    *finite = values.iter().fold(true, |finite, x| finite & x.is_finite());
}

impl FromIterator<f64> for Sum {
    fn from_iter<I: IntoIterator<Item = f64>>(terms: I) -> Self {
        let mut sum = Self::default();
        terms.into_iter().for_each(|x| sum.add(x));
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_to_a_large_term_comes_back() {
        assert_eq!([1.0, 1e100, 1.0, -1e100].into_iter().collect::<Sum>().value(), 2.0);
    }

    #[test]
    fn sums_of_every_length_are_those_of_the_terms() {
        for n in [0, 1, 8, 31, 63, 64, 65, 100, 512] {
            // Whole numbers: exact in any order.
            let terms: Vec<f64> = (0..n).map(|i| f64::from(i * 7919 % 1000)).collect();
            assert_eq!(total(&terms), terms.iter().sum::<f64>());
            assert!(all_finite(&terms));
            for at in 0..terms.len() {
                let mut spoilt = terms.clone();
                spoilt[at] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY][at % 3];
                assert!(!all_finite(&spoilt));
            }
        }
    }
}
