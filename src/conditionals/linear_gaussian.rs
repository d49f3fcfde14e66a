//! Linear Gaussian: x = a + b·y + ε, ε ~ N(0, σ²), with real parents y.

use std::marker::PhantomData;

use rand::{Rng, RngExt};

use crate::error::Error;
use crate::numeric::tile::{ROWS, transpose};
use crate::numeric::{Aligned, LN_2_PI, decimals, decimals_of, line_log_densities};

use super::estimate_conditional::{
    log_densities_row_by_row, log_densities_state_by_state, observe_row_by_row, observe_state_by_state,
};
use super::regressors::Linear;
use super::{
    CaseRows, ConditionalDistribution, Domain, EstimateConditional, FamilyRows, JointMoments, RegressionLine,
    Regressors,
};

/// p(x | y) = N(x; a + b·y, σ²).
///
/// ```
/// use marginal::{conditionals::{ConditionalDistribution, LinearGaussian}, distributions::{Distribution, Normal}};
/// let weight: LinearGaussian<(f64, bool)> = LinearGaussian::new(-60.0, &[0.75, 8.0], 5.0)?;
/// assert_eq!(weight.log_density(&74.0, &(170.0, true)), Normal::new(75.5, 5.0)?.log_density(&74.0));
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Debug)]
pub struct LinearGaussian<G: ?Sized> {
    linear: Linear,
    standard_deviation: f64,
    types: PhantomData<fn(&G)>,
}

impl<G: Regressors + ?Sized> LinearGaussian<G> {
    /// Intercept a, one slope b for each number that the parents hold, standard deviation σ.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless a and b are finite and σ ∈ (0, ∞), [`Error::Dimension`] if there are more or fewer
    /// slopes than numbers.
    pub fn new(intercept: f64, slopes: &[f64], standard_deviation: f64) -> Result<Self, Error> {
        check_deviation(standard_deviation)?;
        Ok(Self { linear: Linear::new::<G>(intercept, slopes)?, standard_deviation, types: PhantomData })
    }
}

fn check_deviation(standard_deviation: f64) -> Result<(), Error> {
    let positive = standard_deviation > 0.0 && standard_deviation.is_finite();
    Error::check(positive, "standard deviation", standard_deviation, "(0, ∞)")
}

impl<G: ?Sized> LinearGaussian<G> {
    /// a.
    pub fn intercept(&self) -> f64 {
        self.linear.intercept()
    }

    /// b.
    pub fn slopes(&self) -> &[f64] {
        &self.linear.slopes
    }

    /// σ.
    pub fn standard_deviation(&self) -> f64 {
        self.standard_deviation
    }
}

impl<G: Regressors + ?Sized> ConditionalDistribution for LinearGaussian<G> {
    type Given = G;
    type Value = f64;

    fn log_density(&self, x: &f64, given: &G) -> f64 {
        let z = given.with_cells(|y| self.linear.residual(*x, y)) / self.standard_deviation;
        // NaN is off the support.
        if z.is_nan() {
            return f64::NEG_INFINITY;
        }
        -0.5 * (LN_2_PI + z * z) - self.standard_deviation.ln()
    }

    fn sample(&self, given: &G, rng: &mut dyn Rng) -> f64 {
        let z: f64 = rng.sample(rand_distr::StandardNormal);
        given.with_cells(|y| self.linear.at(y)) + self.standard_deviation * z
    }

    fn given_length(&self) -> Option<usize> {
        Some(self.linear.slopes.len())
    }

    fn admits(&self, parents: &[Domain]) -> Result<(), Error> {
        self.linear.admits(parents)
    }

    fn linear_gaussian(&self, _: &G) -> Option<RegressionLine> {
        let (intercept, slopes) = (self.linear.intercept(), self.linear.slopes.clone());
        Some(RegressionLine { intercept, slopes, standard_deviation: self.standard_deviation })
    }
}

impl<G: Regressors + ?Sized> EstimateConditional for LinearGaussian<G> {
    type Statistics = JointMoments;

    fn statistics(&self) -> JointMoments {
        JointMoments::empty(self.linear.slopes.len() + 1)
    }

    fn observe(&self, s: &mut JointMoments, x: &f64, given: &G, weight: f64) {
        given.with_cells(|y| s.add(y, *x, weight));
    }

    /// Weighted least squares.
    ///
    /// # Errors
    /// [`Error::NoWeight`]; [`Error::Singular`] for a parent that is constant or a combination of others, and for an x
    /// that is: the column counts the numbers of the parents, then x.
    fn estimate(&self, s: &JointMoments) -> Result<Self, Error> {
        let (linear, standard_deviation) = s.least_squares()?;
        check_deviation(standard_deviation)?;
        Ok(Self { linear: linear.checked()?, standard_deviation, types: PhantomData })
    }

    fn expected_log_density(&self, s: &JointMoments) -> f64 {
        let about_line = s.squares_about(&self.linear);
        let variance = self.standard_deviation.powi(2);
        -0.5 * (s.weight() * LN_2_PI + about_line / variance) - s.weight() * self.standard_deviation.ln()
    }

    /// 3 D flops a row and member, along the rows of tiles that are transposed once for all members.
    fn log_densities_each(lines: &[&Self], rows: CaseRows<'_>, tile: &mut [f64]) {
        let (d, n) = (rows.columns(), rows.len());
        if !G::ANY_NUMBERS || lines.iter().any(|line| line.linear.slopes.len() + 1 != d) {
            return log_densities_row_by_row(lines, rows, tile);
        }
        let mut columns = Aligned::zeros(d * ROWS);
        for (t, values) in rows.response_last().chunks(d * ROWS).enumerate() {
            transpose(values, d, &mut columns);
            for (line, out) in lines.iter().zip(tile.chunks_exact_mut(n)) {
                let (linear, out) = (&line.linear, &mut out[t * ROWS..][..values.len() / d]);
                let place = (linear.level, line.standard_deviation);
                line_log_densities(&columns, &linear.slopes, &linear.centre, place, out);
            }
        }
    }

    fn observe_each(lines: &[&Self], statistics: &mut [&mut JointMoments], rows: CaseRows<'_>, weights: &[f64]) {
        if !G::ANY_NUMBERS || lines.iter().any(|line| line.linear.slopes.len() + 1 != rows.columns()) {
            return observe_row_by_row(lines, statistics, rows, weights);
        }
        JointMoments::add_each(statistics, &rows.response_last(), weights);
    }

    fn log_densities_by_state(&self, rows: FamilyRows<'_>, tile: &mut [f64]) {
        let seen = rows.with_cases(0, |cases| Self::log_densities_each(&[self], cases, tile));
        seen.unwrap_or_else(|| log_densities_state_by_state(self, rows, tile));
    }

    fn observe_by_state(&self, s: &mut JointMoments, rows: FamilyRows<'_>, weights: &[f64]) {
        match rows.with_cases(0, |cases| Self::observe_each(&[self], &mut [&mut *s], cases, weights)) {
            Some(()) => (),
            None => observe_state_by_state(self, s, rows, weights),
        }
    }

    fn same_statistics(&self, other: &Self) -> bool {
        self.linear.slopes.len() == other.linear.slopes.len()
    }

    fn free_parameters(&self) -> Option<usize> {
        Some(self.linear.slopes.len() + 2)
    }
}

// Derived, these would ask the parents' type for the same.
impl<G: ?Sized> Clone for LinearGaussian<G> {
    fn clone(&self) -> Self {
        Self { linear: self.linear.clone(), standard_deviation: self.standard_deviation, types: PhantomData }
    }
}

impl<G: ?Sized> PartialEq for LinearGaussian<G> {
    fn eq(&self, other: &Self) -> bool {
        self.linear == other.linear && self.standard_deviation == other.standard_deviation
    }
}

impl<G: ?Sized> std::fmt::Display for LinearGaussian<G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "intercept {}  slopes {}  standard deviation {:.6}",
            decimals(self.intercept(), 6),
            decimals_of(self.slopes(), 6),
            self.standard_deviation
        )
    }
}
