//! Linear Gaussian: x = a + b·y + ε, ε ~ N(0, σ²), with real parents y.

use std::marker::PhantomData;

use rand::{Rng, RngExt};

use crate::distributions::{ImaginedSpread, Parametric};
use crate::error::Error;
use crate::numeric::tile::{ROWS, transpose};
use crate::numeric::{Aligned, LN_2_PI, decimals, decimals_of, line_log_densities};

use super::held::Held;
use super::joint_moments::JointMoments;
use super::regression_line::RegressionLine;
use super::regressors::{Linear, Regressors};
use crate::conditionals::estimate_conditional::{
    log_densities_row_by_row, log_densities_state_by_state, observe_row_by_row, observe_state_by_state,
};
use crate::conditionals::{CaseRows, ConditionalDistribution, Domain, EstimateConditional, FamilyRows};

/// p(x | y) = N(x; a + b·y, σ²).
///
/// ```
/// use marginal::{conditionals::{ConditionalDistribution, LinearGaussian}, distributions::{Distribution, Normal}};
/// let weight: LinearGaussian<(f64, bool)> = LinearGaussian::new(-60.0, &[0.75, 8.0], 5.0)?;
/// assert_eq!(weight.log_density(&74.0, &(170.0, true)), Normal::new(75.5, 5.0)?.log_density(&74.0));
/// # Ok::<(), marginal::Error>(())
/// ```
///
/// What is known of a line is held, and an estimate maximises over the rest. Noise about a parent:
/// ```
/// use marginal::conditionals::{EstimateConditional, LinearGaussian};
/// let reading = LinearGaussian::<f64>::new(0.0, &[1.0], 2.0)?.hold_intercept().hold_slopes();
/// let mut s = reading.statistics();
/// reading.observe(&mut s, &5.0, &4.0, 1.0);
/// reading.observe(&mut s, &1.0, &4.0, 1.0);
/// let fitted = reading.estimate(&s)?;
/// assert_eq!((fitted.intercept(), fitted.slopes()), (0.0, &[1.0][..]));
/// assert!((fitted.standard_deviation() - 5.0f64.sqrt()).abs() < 1e-15);
/// assert_eq!(fitted.free_parameters(), Some(1));
/// # Ok::<(), marginal::Error>(())
/// ```
pub struct LinearGaussian<G: ?Sized> {
    pub(crate) linear: Linear,
    pub(crate) standard_deviation: f64,
    pub(crate) held: Held,
    pub(crate) types: PhantomData<fn(&G)>,
}

impl<G: Regressors + ?Sized> LinearGaussian<G> {
    /// Intercept a, one slope b for each number that the parents hold, standard deviation σ.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless a and b are finite and σ ∈ (0, ∞), [`Error::Dimension`] if there are more or fewer
    /// slopes than numbers.
    pub fn new(intercept: f64, slopes: &[f64], standard_deviation: f64) -> Result<Self, Error> {
        check_deviation(standard_deviation)?;
        let (linear, held) = (Linear::new::<G>(intercept, slopes)?, Held::default());
        Ok(Self { linear, standard_deviation, held, types: PhantomData })
    }
}

pub(crate) fn check_deviation(standard_deviation: f64) -> Result<(), Error> {
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

    /// The same, its intercept known: an estimate keeps it.
    #[must_use]
    pub fn hold_intercept(mut self) -> Self {
        let centre = vec![0.0; self.slopes().len()];
        self.linear = Linear { level: self.intercept(), slopes: self.linear.slopes, centre };
        self.held.intercept = true;
        self
    }

    /// The same, all its slopes known.
    #[must_use]
    pub fn hold_slopes(mut self) -> Self {
        self.held.slopes = vec![true; self.slopes().len()];
        self
    }

    /// The same, its `slope`-th slope known, counted from 0.
    ///
    /// # Errors
    /// [`Error::Parameter`] if there is no such slope.
    pub fn hold_slope(mut self, slope: usize) -> Result<Self, Error> {
        let slopes = self.slopes().len();
        Error::check(slope < slopes, "the number of a held slope", slope as f64, "{0, …, slopes − 1}")?;
        self.held.slopes.resize(slopes, false);
        self.held.slopes[slope] = true;
        Ok(self)
    }

    /// The same, its standard deviation known.
    #[must_use]
    pub fn hold_standard_deviation(mut self) -> Self {
        self.held.standard_deviation = true;
        self
    }

    pub(crate) fn holds_standard_deviation(&self) -> bool {
        self.held.standard_deviation
    }

    /// The same with another σ > 0, whether it was held or not.
    pub(crate) fn with_standard_deviation(&self, standard_deviation: f64) -> Result<Self, Error> {
        check_deviation(standard_deviation)?;
        Ok(Self { standard_deviation, ..self.clone() })
    }

    /// The line of least squares over what is not held, σ as it was, and √(Σ w ε²); see
    /// [`JointMoments::least_squares`].
    pub(crate) fn fitted(&self, s: &JointMoments, spread: bool) -> Result<(Self, f64), Error> {
        let (linear, left) = s.least_squares(&self.held, &self.linear, spread)?;
        Ok((Self { linear: linear.checked()?, ..self.clone() }, left))
    }

    /// argmax of Σ w ln p(x | y) + ln prior(σ) over what is not held; without weight the line stays.
    pub(crate) fn maximum(&self, s: &JointMoments, prior: &ImaginedSpread) -> Result<Self, Error> {
        let spread = !self.held.standard_deviation && !(prior.squares > 0.0);
        let (line, left) = if s.weight() > 0.0 || spread { self.fitted(s, spread)? } else { (self.clone(), 0.0) };
        if self.held.standard_deviation {
            return Ok(line);
        }
        let squares = left.powi(2) + prior.squares;
        let imagined = prior.weight > 0.0;
        let sigma = if imagined { (squares / (s.weight() + prior.weight)).sqrt() } else { left / s.weight().sqrt() };
        line.with_standard_deviation(sigma)
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
        if s.weight() > 0.0 {
            self.maximum(s, &ImaginedSpread::default())
        } else {
            Err(Error::NoWeight { weight: s.weight() })
        }
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

    fn determining_rows(&self) -> usize {
        self.linear.slopes.len() + 2 - self.held.count()
    }

    fn least_variance_ratio(&self, all: &Self) -> Option<f64> {
        (!self.held.standard_deviation).then(|| (self.standard_deviation() / all.standard_deviation()).powi(2))
    }

    fn free_parameters(&self) -> Option<usize> {
        Some(self.linear.slopes.len() + 2 - self.held.count())
    }
}

/// (a, b, ln σ), those of them that are not held.
impl<G: Regressors + ?Sized> Parametric for LinearGaussian<G> {
    fn to_vector(&self) -> Vec<f64> {
        let slopes = self.slopes().iter().enumerate().filter(|(j, _)| !self.held.slope(*j)).map(|(_, slope)| *slope);
        let intercept = (!self.held.intercept).then(|| self.intercept());
        let logarithm = (!self.held.standard_deviation).then(|| self.standard_deviation.ln());
        intercept.into_iter().chain(slopes).chain(logarithm).collect()
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        let mut free = coordinates.iter().copied();
        let mut next = |held: bool, own: f64| if held { own } else { free.next().unwrap_or(f64::NAN) };
        let level = next(self.held.intercept, self.intercept());
        let slopes = (0..self.slopes().len()).map(|j| next(self.held.slope(j), self.slopes()[j])).collect();
        let logarithm = next(self.held.standard_deviation, self.standard_deviation.ln());
        let sigma = if self.held.standard_deviation { self.standard_deviation } else { logarithm.exp() };
        let linear = Linear { level, slopes, centre: vec![0.0; self.slopes().len()] }.checked()?;
        Self { linear, ..self.clone() }.with_standard_deviation(sigma)
    }
}

// Derived, these would ask the parents' type for the same.
impl<G: ?Sized> Clone for LinearGaussian<G> {
    fn clone(&self) -> Self {
        let (linear, held) = (self.linear.clone(), self.held.clone());
        Self { linear, standard_deviation: self.standard_deviation, held, types: PhantomData }
    }
}

impl<G: ?Sized> PartialEq for LinearGaussian<G> {
    fn eq(&self, other: &Self) -> bool {
        let held = self.held == other.held;
        held && self.linear == other.linear && self.standard_deviation == other.standard_deviation
    }
}

impl<G: ?Sized> std::fmt::Debug for LinearGaussian<G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut fields = f.debug_struct("LinearGaussian");
        fields.field("intercept", &self.linear.intercept()).field("slopes", &self.linear.slopes);
        fields.field("standard_deviation", &self.standard_deviation);
        if self.held.count() == 0 { fields.finish() } else { fields.field("held", &self.held).finish() }
    }
}

impl<G: ?Sized> std::fmt::Display for LinearGaussian<G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "intercept {}  slopes {}  standard deviation {:.6}{}",
            decimals(self.intercept(), 6),
            decimals_of(self.slopes(), 6),
            self.standard_deviation,
            self.held.names()
        )
    }
}
