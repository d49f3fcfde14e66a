//! Weighted observations of a regression, their regressors less the mean: (1, y − ȳ).
//!
//! Taking the mean away changes the intercept alone, and makes a constant regressor visible as one.

use crate::data::Bag;
use crate::error::Error;

use super::regressors::Linear;

/// Observations of outcomes `X`.
pub(crate) struct Cases<X> {
    mean: Vec<f64>,
    cases: Vec<Case<X>>,
}

/// One observation.
pub(crate) struct Case<X> {
    regressors: Vec<f64>,
    pub(crate) outcome: X,
    pub(crate) weight: f64,
}

impl<X> Cases<X> {
    /// # Errors
    /// [`Error::NoWeight`] without any observation.
    pub(crate) fn new<Y: Copy>(
        observed: &Bag<(Vec<f64>, Y)>,
        slopes: usize,
        outcome: impl Fn(Y) -> X,
    ) -> Result<Self, Error> {
        let weight: f64 = observed.0.iter().map(|(_, w)| w).sum();
        if !(weight > 0.0) {
            return Err(Error::NoWeight { weight });
        }
        let mut mean = vec![0.0; slopes];
        for ((y, _), w) in &observed.0 {
            mean.iter_mut().zip(y).for_each(|(m, y)| *m += y * w / weight);
        }
        let centred = |y: &[f64]| std::iter::once(1.0).chain(y.iter().zip(&mean).map(|(y, m)| y - m)).collect();
        let case =
            |((y, x), w): &((Vec<f64>, Y), f64)| Case { regressors: centred(y), outcome: outcome(*x), weight: *w };
        Ok(Self { cases: observed.0.iter().map(case).collect(), mean })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Case<X>> {
        self.cases.iter()
    }

    /// How many coefficients a linear predictor has: the intercept and the slopes.
    pub(crate) fn coefficients(&self) -> usize {
        self.mean.len() + 1
    }

    /// The predictor of these coefficients.
    pub(crate) fn linear(&self, coefficients: &[f64]) -> Linear {
        let (level, slopes) = coefficients.split_at(1);
        Linear { level: level[0], slopes: slopes.to_vec(), centre: self.mean.clone() }
    }

    /// The same error, a column of the coefficients said of the regressor.
    pub(crate) fn of_regressor(&self, error: Error) -> Error {
        match error {
            Error::Singular { column, pivot } => {
                Error::Singular { column: (column % self.coefficients()).saturating_sub(1), pivot }
            }
            other => other,
        }
    }
}

impl<X> Case<X> {
    pub(crate) fn regressors(&self) -> &[f64] {
        &self.regressors
    }

    pub(crate) fn predictor(&self, coefficients: &[f64]) -> f64 {
        self.regressors.iter().zip(coefficients).map(|(x, b)| x * b).sum()
    }
}
