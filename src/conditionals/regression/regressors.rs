//! Real parents, as the regressors of a linear predictor a + b·y.

use crate::error::Error;
use crate::numeric::Cholesky;

use crate::conditionals::{Domain, Value};

/// A value that counts as a number in a linear predictor; `true` counts as 1.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not count as a number in a linear predictor",
    note = "f64, u64, bool, rows [f64] and tuples of them do; a label does not: use `Switch` or `ConditionalTable`"
)]
pub trait Regressors: Value {}

impl Regressors for f64 {}
impl Regressors for u64 {}
impl Regressors for bool {}
impl Regressors for [f64] {}

macro_rules! tuples {
    ($($name:ident),+) => {
        impl<$($name: Regressors + Clone),+> Regressors for ($($name,)+) {}
    };
}
tuples!(A);
tuples!(A, B);
tuples!(A, B, C);
tuples!(A, B, C, D);
tuples!(A, B, C, D, E);
tuples!(A, B, C, D, E, F);

/// a + b·y = l + b·(y − c): the coefficients of a linear predictor, known by its level l at a centre c.
///
/// An estimate has the mean of the regressors as its centre: far from 0 the intercept has lost the digits that the level
/// keeps.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub(crate) struct Linear {
    pub(crate) level: f64,
    pub(crate) slopes: Vec<f64>,
    pub(crate) centre: Vec<f64>,
}

impl Linear {
    /// Finite coefficients, as many slopes as the parents fill cells (where their type says it).
    pub(crate) fn new<G: Regressors + ?Sized>(intercept: f64, slopes: &[f64]) -> Result<Self, Error> {
        Self { level: intercept, slopes: slopes.to_vec(), centre: vec![0.0; slopes.len()] }.of_type::<G>()
    }

    /// The same, if its coefficients are finite, and as many as the centre and the parents have cells.
    pub(crate) fn of_type<G: Regressors + ?Sized>(self) -> Result<Self, Error> {
        let mismatch = |what, expected, found| Err(Error::Dimension { what, expected, found });
        if self.centre.len() != self.slopes.len() {
            return mismatch("the centre", self.slopes.len(), self.centre.len());
        }
        let linear = self.checked()?;
        match G::CELLS {
            Some(expected) if expected != linear.slopes.len() => {
                mismatch("the list of slopes", expected, linear.slopes.len())
            }
            _ => Ok(linear),
        }
    }

    /// The same, if its coefficients are finite.
    pub(crate) fn checked(self) -> Result<Self, Error> {
        for &slope in &self.slopes {
            Error::check(slope.is_finite(), "slope", slope, "(−∞, ∞)")?;
        }
        let intercept = self.intercept();
        Error::check(intercept.is_finite(), "intercept", intercept, "(−∞, ∞)")?;
        Ok(self)
    }

    /// (a, b).
    pub(crate) fn to_vector(&self) -> Vec<f64> {
        std::iter::once(self.intercept()).chain(self.slopes.iter().copied()).collect()
    }

    /// From (a, b), which must be finite.
    pub(crate) fn from_vector(coordinates: &[f64]) -> Result<Self, Error> {
        let (level, slopes) = (coordinates[0], coordinates[1..].to_vec());
        Self { level, centre: vec![0.0; slopes.len()], slopes }.checked()
    }

    /// a.
    pub(crate) fn intercept(&self) -> f64 {
        self.level - self.slopes.iter().zip(&self.centre).map(|(b, c)| b * c).sum::<f64>()
    }

    /// a + b·y; NaN if y has another length.
    pub(crate) fn at(&self, cells: &[f64]) -> f64 {
        self.level + self.above_level(cells)
    }

    /// x − (a + b·y), for which x near the level keeps its digits; NaN if y has another length.
    pub(crate) fn residual(&self, x: f64, cells: &[f64]) -> f64 {
        (x - self.level) - self.above_level(cells)
    }

    /// b·(y − c).
    fn above_level(&self, cells: &[f64]) -> f64 {
        if cells.len() != self.slopes.len() {
            return f64::NAN;
        }
        self.slopes.iter().zip(&self.centre).zip(cells).map(|((b, c), y)| b * (y - c)).sum()
    }

    /// Whether a graph's parents fill as many cells.
    pub(crate) fn admits(&self, parents: &[Domain]) -> Result<(), Error> {
        let expected: usize = parents.iter().map(|parent| parent.cells).sum();
        if expected == self.slopes.len() {
            Ok(())
        } else {
            Err(Error::Dimension { what: "the list of slopes", expected, found: self.slopes.len() })
        }
    }
}

/// Solves A x = b for a factored A: x = Wᵀ (W b), W the whitening matrix.
pub(crate) fn solve(factored: &Cholesky, b: &[f64]) -> Vec<f64> {
    let d = factored.dimension();
    let w = factored.whitening();
    let whitened: Vec<f64> = (0..d).map(|i| (0..=i).map(|j| w[i * d + j] * b[j]).sum()).collect();
    (0..d).map(|j| (j..d).map(|i| w[i * d + j] * whitened[i]).sum()).collect()
}
