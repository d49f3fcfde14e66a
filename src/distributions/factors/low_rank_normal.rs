//! Low-rank normal: p(x) = N(x; μ, Λ Λᵀ + Ψ), the density of x = μ + Λ z + ε with z ~ N(0, I) and ε ~ N(0, Ψ).

use std::fmt;

use nalgebra::{DMatrix, DVector};
use rand::{Rng, RngExt};

use crate::data::Rows;
use crate::distributions::rows::normal_resolution::resolution_of_normal;
use crate::distributions::{Distribution, Doubt, Estimate, Guarantee, Scatter};
use crate::error::Error;
use crate::numeric::linear::low_rank::low_rank_norms;
use crate::numeric::linear::quadratic::log_normals;
use crate::numeric::tile::{ROWS, subtract, transpose};
use crate::numeric::{Aligned, LEAST_VARIANCE, LN_2_PI, decimals_of};

use super::low_rank_fit::{Beginning, CYCLES, Target, best_normal};
use super::noise::{Noise, free_parameters};

/// The normal distribution over rows of D numbers that q factors hold together: loadings Λ (D × q), noise Ψ (diagonal).
///
/// Factor analysis where Ψ is [diagonal](Noise::Diagonal), probabilistic principal components (Tipping & Bishop 1999) where
/// it is [isotropic](Noise::Isotropic). A density costs O(D q). Its statistics are a full [`Scatter`], D² numbers. The
/// estimate of isotropic noise is a maximum in closed form; with diagonal noise it climbs to one from where it stands
/// (Zhao, Yu & Jiang 2008), and the likelihood may have several. A family like any other, it serves in a `Vec` for mixtures
/// and chains; [`LowRankNormals`](crate::components::LowRankNormals) also share loadings or noise.
///
/// Λ is known up to a rotation of the factors. An estimate has Λᵀ Ψ⁻¹ Λ diagonal, its largest entry first.
/// ```
/// use marginal::distributions::{Distribution, LowRankNormal, MultivariateNormal};
/// let normal = LowRankNormal::new(vec![0.0, 1.0, 2.0], &[1.0, 0.5, -1.0], &[0.1, 0.2, 0.3])?;
/// let dense = MultivariateNormal::new(vec![0.0, 1.0, 2.0], &normal.covariance())?;
/// assert!((normal.log_density(&[1.0, 1.0, 1.0]) - dense.log_density(&[1.0, 1.0, 1.0])).abs() < 1e-13);
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct LowRankNormal {
    mean: Vec<f64>,
    /// D × q row-major.
    loadings: Vec<f64>,
    noise: Vec<f64>,
    shape: Noise,
    floors: Vec<f64>,
    /// P = (I + Λᵀ Ψ⁻¹ Λ)⁻¹ Λᵀ Ψ⁻¹, q × D row-major.
    projection: Vec<f64>,
    /// (I + Λᵀ Ψ⁻¹ Λ)⁻¹, q × q.
    posterior: Vec<f64>,
    pub(super) singular: Singular,
    log_determinant: f64,
}

/// Ψ^(−½) Λ = U diag(s) Vᵀ, largest first.
#[derive(Clone, Debug)]
pub(super) struct Singular {
    pub(super) u: DMatrix<f64>,
    pub(super) values: DVector<f64>,
    pub(super) v: DMatrix<f64>,
}

impl PartialEq for LowRankNormal {
    fn eq(&self, other: &Self) -> bool {
        let of = |d: &Self| (d.mean.clone(), d.loadings.clone(), d.noise.clone(), d.shape, d.floors.clone());
        of(self) == of(other)
    }
}

impl LowRankNormal {
    /// Any mean, loadings (D × q row-major, 1 ≤ q < D) and positive variances of the noise.
    ///
    /// # Errors
    /// [`Error::Dimension`], [`Error::Parameter`] if a number is not finite, [`Error::Singular`] if a variance is not
    /// positive.
    pub fn new(mean: Vec<f64>, loadings: &[f64], noise: &[f64]) -> Result<Self, Error> {
        Self::shaped(mean, loadings, noise, Noise::Diagonal)
    }

    /// The same with noise of one variance σ².
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn isotropic(mean: Vec<f64>, loadings: &[f64], variance: f64) -> Result<Self, Error> {
        let noise = vec![variance; mean.len()];
        Self::shaped(mean, loadings, &noise, Noise::Isotropic)
    }

    /// No loadings yet, unit variances: what an estimate of q factors starts from.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless 1 ≤ q < D.
    pub fn standard(dimension: usize, factors: usize, shape: Noise) -> Result<Self, Error> {
        check_factors(dimension, factors)?;
        Self::shaped(vec![0.0; dimension], &vec![0.0; dimension * factors], &vec![1.0; dimension], shape)
    }

    /// With a row of loadings for each column.
    #[cfg(feature = "serde")]
    pub(crate) fn from_rows(mean: Vec<f64>, rows: &[Vec<f64>], noise: &[f64], shape: Noise) -> Result<Self, Error> {
        let q = rows.first().map_or(0, Vec::len);
        let wrong = |what, expected, found| Err(Error::Dimension { what, expected, found });
        match rows.iter().map(Vec::len).find(|found| *found != q) {
            Some(found) => wrong("a row of the loadings", q, found),
            None if rows.len() != mean.len() => wrong("the rows of the loadings", mean.len(), rows.len()),
            None => Self::shaped(mean, &rows.concat(), noise, shape),
        }
    }

    pub(super) fn shaped(mean: Vec<f64>, loadings: &[f64], noise: &[f64], shape: Noise) -> Result<Self, Error> {
        let d = mean.len();
        if d == 0 || noise.len() != d {
            let what = if d == 0 { "the mean" } else { "the variances of the noise" };
            return Err(Error::Dimension { what, expected: d.max(1), found: noise.len().min(d) });
        }
        if !loadings.len().is_multiple_of(d) {
            let expected = d * loadings.len().div_ceil(d);
            return Err(Error::Dimension { what: "the loadings", expected, found: loadings.len() });
        }
        check_factors(d, loadings.len() / d)?;
        let finite = |name, of: &[f64]| of.iter().try_for_each(|x| Error::check(x.is_finite(), name, *x, "(−∞, ∞)"));
        finite("mean", &mean)?;
        finite("loading", loadings)?;
        if let Some((column, &pivot)) = noise.iter().enumerate().find(|(_, v)| !(**v > 0.0 && v.is_finite())) {
            return Err(Error::Singular { column, pivot });
        }
        if shape == Noise::Isotropic && noise.iter().any(|v| *v != noise[0]) {
            let other = noise.iter().find(|v| **v != noise[0]).copied().unwrap_or(noise[0]);
            return Err(Error::Parameter { name: "a variance of isotropic noise", value: other, domain: "{σ²}" });
        }
        let floors = vec![0.0; d];
        Ok(Self::prepared(mean, loadings.to_vec(), noise.to_vec(), shape, floors))
    }

    /// What densities need, from the singular values of Ψ^(−½) Λ: in each direction 1 + s² ≥ 1, so that nothing is lost.
    fn prepared(mean: Vec<f64>, loadings: Vec<f64>, noise: Vec<f64>, shape: Noise, floors: Vec<f64>) -> Self {
        let (d, q) = (mean.len(), loadings.len() / mean.len());
        let scaled = DMatrix::from_fn(d, q, |j, k| loadings[j * q + k] / noise[j].sqrt());
        let svd = scaled.svd(true, true);
        let (u, v_t) = (svd.u.expect("it is asked for"), svd.v_t.expect("it is asked for"));
        let mut order: Vec<usize> = (0..q).collect();
        order.sort_by(|&a, &b| svd.singular_values[b].total_cmp(&svd.singular_values[a]));
        let singular = Singular {
            u: u.select_columns(&order),
            values: DVector::from_fn(q, |k, _| svd.singular_values[order[k]]),
            v: v_t.transpose().select_columns(&order),
        };
        let s = &singular.values;
        let log_determinant =
            noise.iter().map(|v| v.ln()).sum::<f64>() + s.iter().map(|s| (s * s).ln_1p()).sum::<f64>();
        let shrunk = DMatrix::from_fn(q, d, |k, j| s[k] / (1.0 + s[k] * s[k]) * singular.u[(j, k)] / noise[j].sqrt());
        let within = DMatrix::from_fn(q, q, |k, l| singular.v[(l, k)] / (1.0 + s[k] * s[k]));
        // nalgebra stores columns: the transpose is row-major.
        let projection = (&singular.v * shrunk).transpose().as_slice().to_vec();
        let posterior = (&singular.v * within).as_slice().to_vec();
        Self { mean, loadings, noise, shape, floors, projection, posterior, singular, log_determinant }
    }

    /// Floors below which no estimated variance of the noise may lie (in the squared unit of each column); isotropic noise
    /// has their mean as its floor.
    ///
    /// # Errors
    /// [`Error::Dimension`], [`Error::Parameter`] unless each is finite and not negative.
    pub fn floors(mut self, floors: Vec<f64>) -> Result<Self, Error> {
        if floors.len() != self.dimension() {
            let (expected, found) = (self.dimension(), floors.len());
            return Err(Error::Dimension { what: "the floors of the noise", expected, found });
        }
        let valid = |floor: &f64| Error::check(*floor >= 0.0 && floor.is_finite(), "a floor", *floor, "[0, ∞)");
        floors.iter().try_for_each(valid)?;
        self.floors = floors;
        Ok(self)
    }

    /// The floors of the noise; 0 is none.
    pub fn floors_of_noise(&self) -> &[f64] {
        &self.floors
    }

    /// Other parameters of the same shape and floors, which a fit has checked.
    pub(crate) fn with(&self, mean: Vec<f64>, loadings: &[f64], noise: &[f64]) -> Result<Self, Error> {
        let checked = Self::shaped(mean, loadings, noise, self.shape)?;
        Ok(Self { floors: self.floors.clone(), ..checked })
    }

    /// Where an estimate begins, and of what shape it is.
    pub(crate) fn as_start(&self) -> Beginning<'_> {
        let fitted = self.loadings.iter().any(|l| *l != 0.0);
        Beginning {
            factors: self.factors(),
            shape: self.shape,
            floors: &self.floors,
            noise: Some(&self.noise[..]).filter(|_| fitted),
        }
    }

    /// D.
    pub fn dimension(&self) -> usize {
        self.mean.len()
    }

    /// q.
    pub fn factors(&self) -> usize {
        self.loadings.len() / self.mean.len()
    }

    /// μ.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// Λ, D × q row-major, in the units of the columns.
    pub fn loadings(&self) -> Rows<'_, f64> {
        Rows::new(&self.loadings, self.factors()).expect("these are whole rows")
    }

    /// ψ, the variance of the noise of each column.
    pub fn noise(&self) -> &[f64] {
        &self.noise
    }

    /// The shape of the noise.
    pub fn shape(&self) -> Noise {
        self.shape
    }

    /// Σ_jj = ‖λ_j‖² + ψ_j.
    pub fn variances(&self) -> Vec<f64> {
        let of_column = |(row, noise): (&[f64], &f64)| row.iter().map(|l| l * l).sum::<f64>() + noise;
        self.loadings().iter().zip(&self.noise).map(of_column).collect()
    }

    /// Σ = Λ Λᵀ + Ψ, D × D row-major.
    pub fn covariance(&self) -> Vec<f64> {
        let (d, q) = (self.dimension(), self.factors());
        let row = |j: usize| &self.loadings[j * q..][..q];
        let entry = |i: usize, j: usize| {
            let common: f64 = row(i).iter().zip(row(j)).map(|(a, b)| a * b).sum();
            if i == j { common + self.noise[i] } else { common }
        };
        (0..d * d).map(|ij| entry(ij / d, ij % d)).collect()
    }

    /// ln |Σ| = Σ_j ln ψ_j + ln |I + Λᵀ Ψ⁻¹ Λ|.
    pub fn log_determinant(&self) -> f64 {
        self.log_determinant
    }

    /// P, q × D row-major.
    pub(crate) fn projection(&self) -> &[f64] {
        &self.projection
    }

    /// Cov(z | x) = (I + Λᵀ Ψ⁻¹ Λ)⁻¹, q × q, the same for every row.
    pub fn posterior_covariance(&self) -> &[f64] {
        &self.posterior
    }

    /// ½ (D ln 2π + ln |Σ|).
    fn log_normaliser(&self) -> f64 {
        0.5 * (self.dimension() as f64 * LN_2_PI + self.log_determinant)
    }

    /// Noise against which the rounding of the mean is no small step cannot be told from none.
    ///
    /// # Errors
    /// [`Error::Singular`] naming the column.
    pub(crate) fn check_resolution(&self) -> Result<(), Error> {
        let lost = |(m, v): (&f64, &f64)| !(4.0 * f64::EPSILON * m.abs() < v.sqrt() && *v >= LEAST_VARIANCE);
        match self.mean.iter().zip(&self.noise).position(lost) {
            Some(column) => Err(Error::Singular { column, pivot: self.noise[column] }),
            None => Ok(()),
        }
    }
}

/// As many factors as D columns can have.
fn check_factors(dimension: usize, factors: usize) -> Result<(), Error> {
    let fits = factors > 0 && factors < dimension;
    Error::check(fits, "the number of factors", factors as f64, "{1, …, D − 1}")
}

impl Distribution for LowRankNormal {
    type Value = [f64];

    fn log_density(&self, x: &[f64]) -> f64 {
        if x.len() != self.dimension() {
            return f64::NEG_INFINITY;
        }
        let v: Vec<f64> = x.iter().zip(&self.mean).map(|(x, m)| x - m).collect();
        let square = self.squared_norm(&v);
        // NaN is off the support; a square that overflows has density 0.
        if square.is_nan() { f64::NEG_INFINITY } else { -self.log_normaliser() - 0.5 * square }
    }

    fn sample(&self, rng: &mut dyn Rng) -> Vec<f64> {
        let mut normal = || -> f64 { rng.sample(rand_distr::StandardNormal) };
        let z: Vec<f64> = (0..self.factors()).map(|_| normal()).collect();
        let common = |row: &[f64]| row.iter().zip(&z).map(|(l, z)| l * z).sum::<f64>();
        let parts = self.mean.iter().zip(self.loadings().iter()).zip(&self.noise);
        parts.map(|((m, row), v)| m + common(row) + v.sqrt() * normal()).collect()
    }

    fn row_length(&self) -> Option<usize> {
        Some(self.dimension())
    }

    fn numbers(&self, x: &[f64]) -> Option<Vec<f64>> {
        Some(x.to_vec())
    }

    /// Along the rows of tiles in the L1 cache.
    fn log_densities(&self, block: Rows<'_, f64>, out: &mut [f64]) {
        let d = block.columns();
        if d != self.dimension() {
            return out.fill(f64::NEG_INFINITY);
        }
        let (mut tile, mut centred) = (Aligned::zeros(d * ROWS), Aligned::zeros(d * ROWS));
        let mut scores = Aligned::zeros(self.factors() * ROWS);
        let reciprocals: Vec<f64> = self.noise.iter().map(|v| 1.0 / v.sqrt()).collect();
        let (normaliser, mut squares) = (self.log_normaliser(), [0.0; ROWS]);
        for (values, out) in block.values().chunks(d * ROWS).zip(out.chunks_mut(ROWS)) {
            transpose(values, d, &mut tile);
            subtract(&tile, &self.mean, &mut centred);
            low_rank_norms(&centred, &self.projection, &self.loadings, &reciprocals, &mut scores, &mut squares);
            log_normals(&squares, normaliser, out);
        }
    }
}

impl Estimate for LowRankNormal {
    type Statistics = Scatter;

    fn statistics(&self) -> Scatter {
        Scatter::full(self.dimension())
    }

    fn observe(&self, s: &mut Scatter, x: &[f64], weight: f64) {
        s.add_row(x, weight);
    }

    fn observe_block(&self, s: &mut Scatter, block: Rows<'_, f64>, weights: &[f64]) {
        s.add(block.values(), weights);
    }

    fn observe_each(_: &[&Self], statistics: &mut [&mut Scatter], block: Rows<'_, f64>, weights: &[f64]) {
        Scatter::add_each(statistics, block.values(), weights);
    }

    fn same_statistics(&self, other: &Self) -> bool {
        (self.dimension(), self.factors(), self.shape) == (other.dimension(), other.factors(), other.shape)
            && self.floors == other.floors
    }

    fn resolution(&self) -> f64 {
        resolution_of_normal(&self.mean, &self.covariance(), |s| self.trace_of_solve(s))
    }

    fn guarantee(&self) -> Guarantee {
        match self.shape {
            Noise::Isotropic => Guarantee::Exact,
            Noise::Diagonal => Guarantee::Generalised,
        }
    }

    fn estimate(&self, s: &Scatter) -> Result<Self, Error> {
        let (loadings, noise) = best_normal(&self.as_start(), &Target::of(s)?, CYCLES)?;
        let estimate = self.with(s.mean().to_vec(), &loadings, &noise)?;
        estimate.check_resolution()?;
        Ok(estimate)
    }

    fn expected_log_density(&self, s: &Scatter) -> f64 {
        let difference: Vec<f64> = s.mean().iter().zip(&self.mean).map(|(a, b)| a - b).collect();
        let squares = s.weight() * self.squared_norm(&difference) + self.trace_of_solve(s.scatter());
        s.entropy() - s.weight() * self.log_normaliser() - 0.5 * squares
    }

    fn doubts_as(&self, component: usize) -> Vec<Doubt> {
        let no_noise = |(j, u): (usize, f64)| (j, u, self.noise[j] <= self.floors[j]);
        let heywood = self.uniquenesses().into_iter().enumerate().map(no_noise);
        let heywood = heywood.filter(|(_, u, floored)| *floored || *u < Self::HEYWOOD);
        let told = |(column, uniqueness, _)| Doubt::Heywood { component, column, uniqueness };
        if self.shape == Noise::Diagonal { heywood.map(told).collect() } else { Vec::new() }
    }

    /// q + 2: fewer rows lie in a space of q dimensions.
    fn determining_rows(&self) -> usize {
        self.factors() + 2
    }

    fn free_parameters(&self) -> Option<usize> {
        Some(self.dimension() + free_parameters(self.dimension(), self.factors(), self.shape))
    }
}

impl fmt::Display for LowRankNormal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<String> = self.loadings().iter().map(|row| decimals_of(row, 6)).collect();
        let (mean, noise) = (decimals_of(&self.mean, 6), decimals_of(&self.noise, 6));
        write!(f, "mean {mean}  loadings [{}]  noise {noise}", rows.join(", "))
    }
}
