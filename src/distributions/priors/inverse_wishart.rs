//! Priors of a covariance: inverse Wishart, p(Σ) ∝ |Σ|^(−(ν+D+1)/2) exp(−½ tr(Λ Σ⁻¹)), and with a mean,
//! normal-inverse-Wishart, p(μ, Σ) ∝ |Σ|^(−(ν+D+2)/2) exp(−½ tr(Λ Σ⁻¹) − ½ κ (μ − m)ᵀ Σ⁻¹ (μ − m)).

use crate::error::Error;
use crate::numeric::{Cholesky, Scalar};

use super::prior::Prior;
use crate::distributions::{MultivariateNormal, Scatter};

/// The conjugate prior of a covariance: p(Σ) ∝ |Σ|^(−(ν+D+1)/2) exp(−½ tr(Λ Σ⁻¹)).
///
/// With it the M-step is Σ_k = (Λ + S_k) / (N_k + ν + D + 1): no component can collapse. A diagonal or spherical Σ has the
/// same density on its own parameters. [`Gaussians`](crate::components::Gaussians) and
/// [`GaussianMixture`](crate::models::GaussianMixture) take it for all components; [`WithPrior`](super::prior::WithPrior)
/// for a normal anywhere.
/// ```
/// use marginal::distributions::{Estimate, InverseWishart, MultivariateNormal, WithPrior};
/// let prior = InverseWishart::new(4.0, vec![2.0, 0.0, 0.0, 2.0])?;
/// let normal = WithPrior::new(MultivariateNormal::standard(2), prior)?;
/// let rows = marginal::data::Table::from_values(vec![1.0, 1.0, 3.0, 3.0], 2)?; // on a line
/// let fitted = normal.fit(&rows)?;
/// let expected = [4.0 / 9.0, 2.0 / 9.0]; // (2 + 2) / (2 + 4 + 2 + 1) and 2 / 9
/// assert!(fitted.likelihood().covariance().iter().zip(expected).all(|(s, e)| (s - e).abs() < 1e-15));
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct InverseWishart {
    pub(crate) degrees_of_freedom: f64,
    pub(crate) scale: Vec<f64>,
    pub(crate) dimension: usize,
}

impl InverseWishart {
    /// ν > D − 1 and a positive definite Λ, D × D row-major.
    ///
    /// # Errors
    /// [`Error::Singular`] unless Λ is positive definite, [`Error::Parameter`] unless ν > D − 1.
    pub fn new(degrees_of_freedom: f64, scale: Vec<f64>) -> Result<Self, Error> {
        let dimension = Cholesky::new(&scale)?.dimension();
        let large = degrees_of_freedom > dimension as f64 - 1.0 && degrees_of_freedom.is_finite();
        Error::check(large, "degrees of freedom", degrees_of_freedom, "(D − 1, ∞)")?;
        Ok(Self { degrees_of_freedom, scale, dimension })
    }

    /// The weak prior of Fraley & Raftery (2007) for K components: ν = D + 2 and Λ = S / K^(2/D), S the covariance of
    /// all rows (as collected in a full [`Scatter`]).
    ///
    /// # Errors
    /// [`Error::NoWeight`], or [`Error::Singular`] if a column is constant or collinear with others.
    pub fn weak(of_all_rows: &Scatter, k: usize) -> Result<Self, Error> {
        let d = of_all_rows.mean().len() as f64;
        let shrink = (k.max(1) as f64).powf(-2.0 / d);
        Self::new(d + 2.0, of_all_rows.covariance()?.iter().map(|s| s * shrink).collect())
    }

    /// ν.
    pub fn degrees_of_freedom(&self) -> f64 {
        self.degrees_of_freedom
    }

    /// Λ, D × D row-major.
    pub fn scale(&self) -> &[f64] {
        &self.scale
    }

    /// ν + D + 1, what it adds to N_k.
    pub(crate) fn weight(&self) -> f64 {
        self.degrees_of_freedom + self.dimension as f64 + 1.0
    }

    /// ln p(Σ) up to a constant.
    pub(crate) fn log_density<F>(&self, normal: &MultivariateNormal<F>) -> f64 {
        -0.5 * (self.weight() * normal.log_determinant() + normal.trace_of_solve(&self.scale))
    }

    fn check_dimension<F>(&self, normal: &MultivariateNormal<F>) -> Result<(), Error> {
        let (expected, found) = (normal.dimension(), self.dimension);
        if expected == found { Ok(()) } else { Err(Error::Dimension { what: "the scale of a prior", expected, found }) }
    }

    /// The normal of that mean, and of the shape of `old`, whose covariance is (S + Λ) / (N + `weight`).
    fn covariance_at<F: Scalar>(
        &self,
        (old, mean): (&MultivariateNormal<F>, Vec<f64>),
        scatter: &[f64],
        weight: f64,
    ) -> Result<MultivariateNormal<F>, Error> {
        let scale = self.scale.iter().step_by(if scatter.len() == self.scale.len() { 1 } else { self.dimension + 1 });
        let covariance: Vec<f64> = scatter.iter().zip(scale).map(|(s, l)| (s + l) / weight).collect();
        old.of_shape(mean, &covariance)
    }
}

/// Σ = (S + Λ) / (N + ν + D + 1), about the mean of the rows, or if there are none about the old one.
impl<F: Scalar> Prior<MultivariateNormal<F>> for InverseWishart {
    type Statistics = Scatter;

    fn check_for(&self, d: &MultivariateNormal<F>) -> Result<(), Error> {
        self.check_dimension(d)
    }

    fn log_density_at(&self, d: &MultivariateNormal<F>) -> f64 {
        self.log_density(d)
    }

    fn maximum(&self, old: &MultivariateNormal<F>, s: &Scatter) -> Result<MultivariateNormal<F>, Error> {
        let mean = if s.weight() > 0.0 { s.mean() } else { old.mean() };
        self.covariance_at((old, mean.to_vec()), s.scatter(), s.weight() + self.weight())
    }
}

/// μ | Σ ~ N(m, Σ/κ) and Σ ~ inverse Wishart(ν, Λ), a density of (μ, Σ).
#[derive(Clone, Debug, PartialEq)]
pub struct NormalInverseWishart {
    mean: Vec<f64>,
    strength: f64,
    covariance: InverseWishart,
}

impl NormalInverseWishart {
    /// m, κ > 0 (as many observations of mean m), and the prior of the covariance.
    ///
    /// # Errors
    /// [`Error::Dimension`] unless m is as long as Λ is wide; [`Error::Parameter`] unless m is finite and κ ∈ (0, ∞).
    pub fn new(mean: Vec<f64>, strength: f64, covariance: InverseWishart) -> Result<Self, Error> {
        let (expected, found) = (covariance.dimension, mean.len());
        if expected != found {
            return Err(Error::Dimension { what: "the mean of a prior", expected, found });
        }
        mean.iter().try_for_each(|m| Error::check(m.is_finite(), "mean", *m, "(−∞, ∞)"))?;
        Error::check(strength > 0.0 && strength.is_finite(), "strength", strength, "(0, ∞)")?;
        Ok(Self { mean, strength, covariance })
    }

    /// m.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// κ.
    pub fn strength(&self) -> f64 {
        self.strength
    }

    /// The prior of Σ.
    pub fn covariance(&self) -> &InverseWishart {
        &self.covariance
    }
}

/// μ = (κ m + N x̄) / (κ + N), Σ = (S + Λ + κN/(κ+N) (x̄ − m)(x̄ − m)ᵀ) / (N + ν + D + 2).
impl<F: Scalar> Prior<MultivariateNormal<F>> for NormalInverseWishart {
    type Statistics = Scatter;

    fn check_for(&self, d: &MultivariateNormal<F>) -> Result<(), Error> {
        self.covariance.check_dimension(d)
    }

    fn log_density_at(&self, d: &MultivariateNormal<F>) -> f64 {
        let square = d.covariance.squared_norm(self.mean.len(), |j| d.mean()[j] - self.mean[j]);
        self.covariance.log_density(d) - 0.5 * (d.log_determinant() + self.strength * square)
    }

    fn maximum(&self, old: &MultivariateNormal<F>, s: &Scatter) -> Result<MultivariateNormal<F>, Error> {
        let weight = s.weight() + self.covariance.weight() + 1.0;
        let mut all = s.clone();
        all.add_row(&self.mean, self.strength);
        self.covariance.covariance_at((old, all.mean().to_vec()), all.scatter(), weight)
    }
}
