//! Multivariate normal: p(x) = exp(−½ (x − μ)ᵀ Σ⁻¹ (x − μ)) / √|2πΣ|, with full, diagonal or spherical Σ.

use std::fmt;
use std::marker::PhantomData;

use rand::{Rng, RngExt};

use crate::data::Rows;
use crate::error::Error;
use crate::numeric::linear::quadratic::{log_normals, scaled_norms, squared_norms};
use crate::numeric::tile::{ROWS, subtract, transpose};
use crate::numeric::{Aligned, Cholesky, LEAST_VARIANCE, LN_2_PI, Scalar, decimals_of, prefetch};

use super::covariance_shape::Shape;
use super::normal_resolution::resolution_of_normal;
use crate::distributions::estimate::OUTSIDE;
use crate::distributions::{Distribution, Estimate, Scatter};

/// The normal distribution over rows of D numbers (of type `F`, by default f64) with mean μ and covariance Σ.
///
/// The shape of Σ belongs to the value: the estimate of a diagonal one is diagonal.
/// ```
/// use marginal::distributions::{Distribution, MultivariateNormal};
/// let normal = MultivariateNormal::new(vec![0.0, 1.0], &[2.0, 0.6, 0.6, 1.0])?;
/// assert!((normal.log_density(&[0.0, 1.0]) - -(4.0 * std::f64::consts::PI.powi(2) * 1.64f64).ln() / 2.0).abs() < 1e-15);
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Debug, PartialEq)]
pub struct MultivariateNormal<F = f64> {
    mean: Vec<f64>,
    pub(crate) covariance: Shape,
    scalar: PhantomData<F>,
}

impl MultivariateNormal {
    /// Any mean and any positive definite covariance, D × D row-major, of which the lower triangle is read.
    ///
    /// # Errors
    /// [`Error::Dimension`], [`Error::Parameter`] if a mean is not finite, [`Error::Singular`] if Σ is not positive
    /// definite.
    pub fn new(mean: Vec<f64>, covariance: &[f64]) -> Result<Self, Error> {
        let expected = mean.len().pow(2);
        if covariance.len() != expected {
            return Err(Error::Dimension { what: "the covariance", expected, found: covariance.len() });
        }
        Self::checked(mean, Shape::Full(Cholesky::new(covariance)?))
    }

    /// Independent columns with the given variances.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn diagonal(mean: Vec<f64>, variances: &[f64]) -> Result<Self, Error> {
        if variances.len() != mean.len() {
            return Err(Error::Dimension { what: "the variances", expected: mean.len(), found: variances.len() });
        }
        let deviation = |(column, v): (usize, &f64)| positive_root(*v, column);
        let deviations = variances.iter().enumerate().map(deviation).collect::<Result<_, _>>()?;
        Self::checked(mean, Shape::Diagonal(deviations))
    }

    /// Independent columns of one variance.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn spherical(mean: Vec<f64>, variance: f64) -> Result<Self, Error> {
        Self::checked(mean, Shape::Spherical(positive_root(variance, 0)?))
    }

    /// μ = 0, Σ = I, full.
    ///
    /// # Panics
    /// If D = 0.
    pub fn standard(dimension: usize) -> Self {
        let identity: Vec<f64> =
            (0..dimension * dimension).map(|i| f64::from(u8::from(i % (dimension + 1) == 0))).collect();
        Self::new(vec![0.0; dimension], &identity).expect("the identity is positive definite")
    }

    pub(crate) fn checked(mean: Vec<f64>, covariance: Shape) -> Result<Self, Error> {
        if mean.is_empty() {
            return Err(Error::Dimension { what: "the mean", expected: 1, found: 0 });
        }
        mean.iter().try_for_each(|m| Error::check(m.is_finite(), "mean", *m, "(−∞, ∞)"))?;
        Ok(Self { mean, covariance, scalar: PhantomData })
    }
}

fn positive_root(variance: f64, column: usize) -> Result<f64, Error> {
    let positive = variance > 0.0 && variance.is_finite();
    if positive { Ok(variance.sqrt()) } else { Err(Error::Singular { column, pivot: variance }) }
}

impl<F> MultivariateNormal<F> {
    /// The same distribution over rows of another scalar type.
    pub fn over<G>(self) -> MultivariateNormal<G> {
        MultivariateNormal { mean: self.mean, covariance: self.covariance, scalar: PhantomData }
    }

    /// The same covariance about another mean of the same length.
    pub(crate) fn at(self, mean: Vec<f64>) -> Self {
        Self { mean, ..self }
    }

    /// Whether columns may depend on one another, so that the statistics are a full scatter.
    pub(crate) fn is_full(&self) -> bool {
        matches!(self.covariance, Shape::Full(_)) && self.dimension() > 1
    }

    /// D.
    pub fn dimension(&self) -> usize {
        self.mean.len()
    }

    /// μ.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// Σ, D × D row-major.
    pub fn covariance(&self) -> Vec<f64> {
        let d = self.dimension();
        let entry = |i: usize, j: usize| match &self.covariance {
            Shape::Full(cholesky) => {
                let (l, upto) = (cholesky.factor(), i.min(j));
                (0..=upto).map(|m| l[i * d + m] * l[j * d + m]).sum()
            }
            Shape::Diagonal(deviations) if i == j => deviations[i].powi(2),
            Shape::Spherical(deviation) if i == j => deviation.powi(2),
            _ => 0.0,
        };
        (0..d * d).map(|ij| entry(ij / d, ij % d)).collect()
    }

    /// ln |Σ|.
    pub fn log_determinant(&self) -> f64 {
        self.covariance.log_determinant(self.dimension())
    }

    /// tr(Σ⁻¹ S) of a symmetric D × D matrix S, row-major.
    pub fn trace_of_solve(&self, s: &[f64]) -> f64 {
        let diagonal = s.iter().step_by(self.dimension() + 1);
        match &self.covariance {
            Shape::Full(cholesky) => cholesky.trace_of_solve(s),
            Shape::Diagonal(deviations) => deviations.iter().zip(diagonal).map(|(d, s)| s / d / d).sum(),
            Shape::Spherical(deviation) => diagonal.map(|s| s / deviation / deviation).sum(),
        }
    }

    /// A covariance against which the rounding of the mean is no small step, 4 ‖L⁻¹ δ‖ ≥ 1 for |δ_j| = ε |μ_j|, cannot
    /// be told from none; nor can one below [`LEAST_VARIANCE`], which has lost its digits.
    ///
    /// # Errors
    /// [`Error::Singular`] naming the column.
    pub(crate) fn check_resolution(&self) -> Result<(), Error> {
        let rounding: Vec<f64> = self.mean.iter().map(|m| 4.0 * f64::EPSILON * m.abs()).collect();
        for column in 0..self.dimension() {
            let (step, deviation) = match &self.covariance {
                Shape::Full(cholesky) => {
                    let row = &cholesky.whitening()[column * self.dimension()..][..=column];
                    let step: f64 = row.iter().zip(&rounding).map(|(w, r)| w.abs() * r).sum();
                    (step, cholesky.factor()[column * (self.dimension() + 1)])
                }
                Shape::Diagonal(deviations) => (rounding[column] / deviations[column], deviations[column]),
                Shape::Spherical(deviation) => (rounding[column] / deviation, *deviation),
            };
            // Negated so that NaN is refused.
            if !(step < 1.0 && deviation * deviation >= LEAST_VARIANCE) {
                return Err(Error::Singular { column, pivot: deviation * deviation });
            }
        }
        Ok(())
    }

    /// 1/σ of each column; empty for a full covariance.
    fn reciprocals(&self) -> Vec<f64> {
        match &self.covariance {
            Shape::Full(_) => Vec::new(),
            Shape::Diagonal(deviations) => deviations.iter().map(|s| 1.0 / s).collect(),
            Shape::Spherical(deviation) => vec![1.0 / deviation; self.dimension()],
        }
    }

    /// ½ (D ln 2π + ln |Σ|).
    fn log_normaliser(&self) -> f64 {
        0.5 * (self.dimension() as f64 * LN_2_PI + self.log_determinant())
    }
}

impl<F: Scalar> MultivariateNormal<F> {
    /// The normal of that mean and of this shape, from all entries of a covariance or its diagonal, as the statistics of
    /// this shape have them.
    pub(crate) fn of_shape(&self, mean: Vec<f64>, covariance: &[f64]) -> Result<Self, Error> {
        let normal = match self.covariance {
            Shape::Full(_) => MultivariateNormal::new(mean, covariance)?,
            Shape::Diagonal(_) => MultivariateNormal::diagonal(mean, covariance)?,
            Shape::Spherical(_) => {
                let variance = covariance.iter().sum::<f64>() / mean.len() as f64;
                MultivariateNormal::spherical(mean, variance)?
            }
        };
        normal.check_resolution()?;
        Ok(normal.over())
    }
}

impl<F: Scalar> Distribution for MultivariateNormal<F> {
    type Value = [F];

    fn log_density(&self, x: &[F]) -> f64 {
        // A row of another length lies in another space.
        if x.len() != self.dimension() {
            return f64::NEG_INFINITY;
        }
        let square = self.covariance.squared_norm(x.len(), |j| x[j].widen() - self.mean[j]);
        // NaN is off the support; a square that overflows has density 0.
        if square.is_nan() { f64::NEG_INFINITY } else { -self.log_normaliser() - 0.5 * square }
    }

    fn sample(&self, rng: &mut dyn Rng) -> Vec<F> {
        let z: Vec<f64> = self.mean.iter().map(|_| rng.sample(rand_distr::StandardNormal)).collect();
        let deviation = |i: usize| -> f64 {
            match &self.covariance {
                Shape::Full(cholesky) => {
                    cholesky.factor()[i * self.dimension()..][..=i].iter().zip(&z).map(|(l, z)| l * z).sum()
                }
                Shape::Diagonal(deviations) => deviations[i] * z[i],
                Shape::Spherical(deviation) => deviation * z[i],
            }
        };
        self.mean.iter().enumerate().map(|(i, m)| F::nearest(m + deviation(i))).collect()
    }

    fn row_length(&self) -> Option<usize> {
        Some(self.dimension())
    }

    fn numbers(&self, x: &[F]) -> Option<Vec<f64>> {
        Some(x.iter().map(|x| x.widen()).collect())
    }

    fn log_densities(&self, block: Rows<'_, F>, out: &mut [f64]) {
        Self::log_densities_each(&[self], block, out);
    }
}

impl<F: Scalar> rand::distr::Distribution<Vec<F>> for MultivariateNormal<F> {
    fn sample<R: Rng + ?Sized>(&self, mut rng: &mut R) -> Vec<F> {
        Distribution::sample(self, &mut rng)
    }
}

impl<F: Scalar> Estimate for MultivariateNormal<F> {
    type Statistics = Scatter;

    fn statistics(&self) -> Scatter {
        match self.covariance {
            Shape::Full(_) => Scatter::full(self.dimension()),
            Shape::Diagonal(_) | Shape::Spherical(_) => Scatter::diagonal(self.dimension()),
        }
    }

    fn observe(&self, s: &mut Scatter, x: &[F], weight: f64) {
        s.add_row(x, weight);
    }

    fn observe_block(&self, s: &mut Scatter, block: Rows<'_, F>, weights: &[f64]) {
        s.add(block.values(), weights);
    }

    /// N K D (D + 4) flops for full covariances, 4 N K D otherwise, along the rows of tiles in the L1 cache that are
    /// transposed once for all K.
    fn log_densities_each(components: &[&Self], block: Rows<'_, F>, out: &mut [f64]) {
        if block.is_empty() {
            return;
        }
        let (d, n) = (block.columns(), block.len());
        let ready: Vec<(f64, Vec<f64>)> = components.iter().map(|c| (c.log_normaliser(), c.reciprocals())).collect();
        let full = components.iter().any(|c| matches!(c.covariance, Shape::Full(_)));
        let (mut tile, mut centred) = (Aligned::zeros(d * ROWS), Aligned::zeros(if full { d * ROWS } else { 0 }));
        let mut squares = [0.0; ROWS];
        for (t, values) in block.values().chunks(d * ROWS).enumerate() {
            prefetch(block.values(), (t + 1) * d * ROWS, d * ROWS);
            transpose(values, d, &mut tile);
            for ((component, (normaliser, reciprocals)), row) in components.iter().zip(&ready).zip(out.chunks_mut(n)) {
                let row = &mut row[t * ROWS..][..values.len() / d];
                if component.dimension() != d {
                    row.fill(f64::NEG_INFINITY);
                    continue;
                }
                match &component.covariance {
                    Shape::Full(cholesky) => {
                        subtract(&tile, &component.mean, &mut centred);
                        squared_norms(&centred, cholesky.whitening(), &mut squares);
                    }
                    Shape::Diagonal(_) | Shape::Spherical(_) => {
                        scaled_norms(&tile, &component.mean, reciprocals, &mut squares);
                    }
                }
                log_normals(&squares, *normaliser, row);
            }
        }
    }

    fn observe_each(_: &[&Self], statistics: &mut [&mut Scatter], block: Rows<'_, F>, weights: &[f64]) {
        Scatter::add_each(statistics, block.values(), weights);
    }

    fn resolution(&self) -> f64 {
        resolution_of_normal(self.mean(), &self.covariance(), |s| self.trace_of_solve(s))
    }

    fn same_statistics(&self, other: &Self) -> bool {
        self.dimension() == other.dimension() && self.is_full() == other.is_full()
    }

    fn estimate(&self, s: &Scatter) -> Result<Self, Error> {
        let (mean, covariance) = (s.mean().to_vec(), s.covariance()?);
        if !mean.iter().all(|m| m.is_finite()) {
            return Err(Error::NoEstimate { family: "MultivariateNormal", reason: OUTSIDE });
        }
        self.of_shape(mean, &covariance)
    }

    fn expected_log_density(&self, s: &Scatter) -> f64 {
        let of_mean = self.covariance.squared_norm(self.dimension(), |j| s.mean()[j] - self.mean[j]);
        let of_scatter: f64 = match &self.covariance {
            Shape::Full(cholesky) => cholesky.trace_of_solve(s.scatter()),
            Shape::Diagonal(deviations) => s.diagonal_entries().zip(deviations).map(|(s, d)| s / d / d).sum(),
            Shape::Spherical(deviation) => s.diagonal_entries().map(|s| s / deviation / deviation).sum(),
        };
        s.entropy() - s.weight() * self.log_normaliser() - 0.5 * (s.weight() * of_mean + of_scatter)
    }

    fn determining_rows(&self) -> usize {
        if self.is_full() { self.dimension() + 1 } else { 2 }
    }

    fn least_variance_ratio(&self, all: &Self) -> Option<f64> {
        self.covariance.least_ratio(&all.covariance)
    }

    fn free_parameters(&self) -> Option<usize> {
        let d = self.dimension();
        Some(match self.covariance {
            Shape::Full(_) => d + d * (d + 1) / 2,
            Shape::Diagonal(_) => 2 * d,
            Shape::Spherical(_) => d + 1,
        })
    }
}

// Derived, this would ask F to be Clone; no F is held.
impl<F> Clone for MultivariateNormal<F> {
    fn clone(&self) -> Self {
        Self { mean: self.mean.clone(), covariance: self.covariance.clone(), scalar: PhantomData }
    }
}

impl<F> fmt::Display for MultivariateNormal<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.covariance {
            Shape::Full(_) => {
                let covariance = self.covariance();
                let rows = covariance.chunks_exact(self.dimension()).map(|row| decimals_of(row, 6));
                let rows = rows.collect::<Vec<_>>().join(", ");
                write!(f, "mean {}  covariance [{rows}]", decimals_of(&self.mean, 6))
            }
            Shape::Diagonal(s) => {
                let variances: Vec<f64> = s.iter().map(|s| s * s).collect();
                write!(f, "mean {}  variances {}", decimals_of(&self.mean, 6), decimals_of(&variances, 6))
            }
            Shape::Spherical(s) => write!(f, "mean {}  variance {:.6}", decimals_of(&self.mean, 6), s * s),
        }
    }
}
