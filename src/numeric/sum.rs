//! A compensated sum: its error stays below 2u·Σ|terms| however many terms there are (Neumaier 1974).

/// Σ terms, with the rounding error carried along.
///
/// ```
/// let mut sum = marginal::numeric::Sum::default();
/// for x in [1.0, 1e100, 1.0, -1e100] {
///     sum.add(x);
/// }
/// assert_eq!(sum.value(), 2.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sum {
    sum: f64,
    compensation: f64,
}

impl Sum {
    /// Adds one term.
    pub fn add(&mut self, x: f64) {
        let t = self.sum + x;
        let lost = if self.sum.abs() >= x.abs() { (self.sum - t) + x } else { (x - t) + self.sum };
        // Once the sum is infinite the lost part is NaN; the sum itself still tells the truth.
        if lost.is_finite() {
            self.compensation += lost;
        }
        self.sum = t;
    }

    /// The sum so far.
    pub fn value(&self) -> f64 {
        self.sum + self.compensation
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: &Self) {
        self.add(other.sum);
        self.compensation += other.compensation;
    }

    /// Multiplies the sum.
    pub fn scale(&mut self, factor: f64) {
        self.sum *= factor;
        self.compensation *= factor;
    }
}

/// Σ terms in eight partial sums, so that no addition waits for the one before it; its error is that of a plain sum.
pub fn total(terms: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let parts = terms.chunks_exact(8);
    let rest: f64 = parts.remainder().iter().sum();
    for part in parts {
        sums.iter_mut().zip(part).for_each(|(s, x)| *s += x);
    }
    sums.iter().sum::<f64>() + rest
}

/// Whether all are finite, seen without a branch for each.
pub fn all_finite(values: &[f64]) -> bool {
    values.iter().fold(true, |finite, x| finite & x.is_finite())
}

impl FromIterator<f64> for Sum {
    fn from_iter<I: IntoIterator<Item = f64>>(terms: I) -> Self {
        let mut sum = Self::default();
        terms.into_iter().for_each(|x| sum.add(x));
        sum
    }
}
