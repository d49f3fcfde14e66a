//! The line of a Gaussian: x = a + b·y + ε, ε ~ N(0, σ²), at one value of the finite parents.

/// What a conditional distribution says of a real x where it is linear-Gaussian; see
/// [`ConditionalDistribution::linear_gaussian`](crate::conditionals::ConditionalDistribution::linear_gaussian).
#[derive(Clone, Debug, PartialEq)]
pub struct RegressionLine {
    /// a.
    pub intercept: f64,
    /// b, one slope for each cell that the parents fill, 0 for a cell that does not enter as a number.
    pub slopes: Vec<f64>,
    /// σ > 0.
    pub standard_deviation: f64,
}

impl RegressionLine {
    /// x depends on no cell of the parents as on a number.
    pub(crate) fn flat((intercept, standard_deviation): (f64, f64), cells: usize) -> Self {
        Self { intercept, slopes: vec![0.0; cells], standard_deviation }
    }

    /// a + b·y; a cell of slope 0 does not enter, whatever it holds.
    pub(crate) fn at(&self, cells: &[f64]) -> f64 {
        let terms = self.slopes.iter().zip(cells).filter(|(slope, _)| **slope != 0.0);
        self.intercept + terms.map(|(slope, y)| slope * y).sum::<f64>()
    }

    /// Whether all numbers are finite, σ > 0, and there are so many slopes.
    pub(crate) fn is_valid(&self, cells: usize) -> bool {
        let finite = self.intercept.is_finite() && self.slopes.iter().all(|slope| slope.is_finite());
        finite && self.slopes.len() == cells && self.standard_deviation > 0.0 && self.standard_deviation.is_finite()
    }
}
