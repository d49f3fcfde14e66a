//! The estimate of a low-rank normal from a covariance S: argmin of ln |Λ Λᵀ + Ψ| + tr (Λ Λᵀ + Ψ)⁻¹ S.
//!
//! Given Ψ the best loadings are Λ = Ψ^½ U_q (diag λ − I)^½, λ and U the eigenvalues above 1 and the eigenvectors of
//! Ψ^(−½) S Ψ^(−½). Isotropic noise is then the mean of the eigenvalues left out (Tipping & Bishop 1999). With diagonal
//! noise each ψ_j has a best value in closed form when all else is given (Zhao, Yu & Jiang 2008, *ML estimation for factor
//! analysis: EM or non-EM?*, Statistics and Computing 18, 109–123). Cycles of both climb as EM does, in some 30 to 100
//! cycles where EM needs thousands, and they reach a ψ_j on its floor in a few. A cycle costs O(D³), whatever the rows.

use nalgebra::{DMatrix, DVector};

use crate::distributions::Scatter;
use crate::error::Error;
use crate::numeric::LEAST_VARIANCE;

use super::noise::Noise;

/// Cycles at most. An estimate that ends before its maximum has climbed nevertheless.
pub(crate) const CYCLES: usize = 1000;
/// No variance of the noise is estimated below this share of its column's variance: what lies below is lost in round-off.
const LEAST_SHARE: f64 = 1e-9;
/// Halvings of the interval in which a common step lies.
const HALVINGS: usize = 50;

/// S, what a normal is fitted to.
#[derive(Debug)]
pub(crate) struct Target {
    s: DMatrix<f64>,
}

impl Target {
    /// # Errors
    /// [`Error::NoWeight`]; [`Error::Dimension`] for a scatter that is no full one; [`Error::Singular`] for an entry that is
    /// not finite.
    pub(crate) fn of(s: &Scatter) -> Result<Self, Error> {
        Self::new(s.mean().len(), &s.covariance()?)
    }

    fn new(d: usize, covariance: &[f64]) -> Result<Self, Error> {
        if covariance.len() != d * d {
            return Err(Error::Dimension { what: "the scatter", expected: d * d, found: covariance.len() });
        }
        // The iteration for the eigenvalues would not end on a NaN.
        if let Some((entry, &pivot)) = covariance.iter().enumerate().find(|(_, v)| !v.is_finite()) {
            return Err(Error::Singular { column: entry / d, pivot });
        }
        Ok(Self { s: DMatrix::from_row_slice(d, d, covariance) })
    }

    pub(crate) fn matrix(&self) -> &DMatrix<f64> {
        &self.s
    }

    /// The least variance of each column's noise.
    ///
    /// # Errors
    /// [`Error::Singular`] for a column without variance, unless it has a floor, or shares its noise with all others.
    pub(crate) fn floors(&self, floors: &[f64], shape: Noise) -> Result<Vec<f64>, Error> {
        if shape == Noise::Isotropic {
            return Ok(floors.to_vec());
        }
        let of_column = |(column, floor): (usize, &f64)| {
            let pivot = self.s[(column, column)];
            let least = floor.max(LEAST_SHARE * pivot);
            if least >= LEAST_VARIANCE { Ok(least) } else { Err(Error::Singular { column, pivot }) }
        };
        floors.iter().enumerate().map(of_column).collect()
    }
}

/// Where an estimate begins, and of what shape it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beginning<'a> {
    pub(crate) factors: usize,
    pub(crate) shape: Noise,
    pub(crate) floors: &'a [f64],
    /// The noise to begin from; without it that of the principal components of the standardised columns.
    pub(crate) noise: Option<&'a [f64]>,
}

/// Loadings (D × q row-major) and noise.
type Estimate = (Vec<f64>, Vec<f64>);

/// The best of a shape, in at most so many cycles from where it begins.
pub(crate) fn best_normal(from: &Beginning<'_>, target: &Target, cycles: usize) -> Result<Estimate, Error> {
    match from.shape {
        Noise::Isotropic => principal_components(from, target),
        Noise::Diagonal => climb(from, target, cycles),
    }
}

/// Eigenvalues in falling order, and their eigenvectors.
fn eigen(matrix: DMatrix<f64>) -> (DVector<f64>, DMatrix<f64>) {
    let eigen = matrix.symmetric_eigen();
    let mut order: Vec<usize> = (0..eigen.eigenvalues.len()).collect();
    order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
    (DVector::from_fn(order.len(), |i, _| eigen.eigenvalues[order[i]]), eigen.eigenvectors.select_columns(&order))
}

fn principal_components(from: &Beginning<'_>, target: &Target) -> Result<Estimate, Error> {
    let (d, q) = (from.floors.len(), from.factors);
    let (values, vectors) = eigen(target.s.clone());
    let left = values.rows(q, d - q).sum() / (d - q) as f64;
    // Eigenvalues are known to ε λ_max.
    let digits = d as f64 * f64::EPSILON * values[0];
    let noise = Noise::Isotropic.shaped(vec![left; d], from.floors);
    if !(noise[0] > digits && noise[0] >= LEAST_VARIANCE) {
        return Err(Error::Singular { column: d - 1, pivot: noise[0] });
    }
    let loading = |j: usize, k: usize| signed(&vectors, k) * vectors[(j, k)] * (values[k] - noise[0]).max(0.0).sqrt();
    Ok(((0..d * q).map(|jk| loading(jk / q, jk % q)).collect(), noise))
}

/// The sign with which a factor's loadings have a sum that is not negative.
fn signed(vectors: &DMatrix<f64>, k: usize) -> f64 {
    if vectors.column(k).sum() < 0.0 { -1.0 } else { 1.0 }
}

/// The best loadings given the noise, D × q row-major.
pub(crate) struct Loadings {
    pub(crate) values: Vec<f64>,
    /// ln |Σ| + tr Σ⁻¹ S.
    objective: f64,
}

pub(crate) fn best_loadings(target: &Target, noise: &[f64], q: usize) -> Loadings {
    let d = noise.len();
    let deviations: Vec<f64> = noise.iter().map(|v| v.sqrt()).collect();
    let scaled = DMatrix::from_fn(d, d, |i, j| target.s[(i, j)] / deviations[i] / deviations[j]);
    let trace = scaled.trace();
    let (values, vectors) = eigen(scaled);
    let loading = |j: usize, k: usize| deviations[j] * vectors[(j, k)] * (values[k] - 1.0).max(0.0).sqrt();
    let mut loadings: Vec<f64> = (0..d * q).map(|jk| loading(jk / q, jk % q)).collect();
    for k in 0..q {
        if (0..d).map(|j| loadings[j * q + k]).sum::<f64>() < 0.0 {
            (0..d).for_each(|j| loadings[j * q + k] *= -1.0);
        }
    }
    let gained: f64 = values.iter().take(q).filter(|l| **l > 1.0).map(|l| l.ln() - l + 1.0).sum();
    let objective = noise.iter().map(|v| v.ln()).sum::<f64>() + trace + gained;
    Loadings { values: loadings, objective }
}

fn climb(from: &Beginning<'_>, target: &Target, cycles: usize) -> Result<Estimate, Error> {
    let (d, q) = (from.floors.len(), from.factors);
    let floors = target.floors(from.floors, Noise::Diagonal)?;
    let noise = from.noise.map_or_else(|| starting_noise(target, &floors, q), <[f64]>::to_vec);
    let noise = Noise::Diagonal.shaped(noise, &floors);
    let mut best = (best_loadings(target, &noise, q), noise);
    for _ in 0..cycles {
        let noise = better_noise(&[(1.0, target, &best.0.values)], &best.1, &floors);
        let loadings = best_loadings(target, &noise, q);
        let gain = best.0.objective - loadings.objective;
        // Negated so that a NaN ends it.
        if !(gain > 0.0) {
            break;
        }
        best = (loadings, noise);
        if gain <= 2.0 * f64::EPSILON * (d as f64 + best.0.objective.abs()) {
            break;
        }
    }
    Ok((best.0.values, best.1))
}

/// The noise of probabilistic principal components of the standardised columns.
fn starting_noise(target: &Target, floors: &[f64], q: usize) -> Vec<f64> {
    let d = floors.len();
    let variances: Vec<f64> = (0..d).map(|j| target.s[(j, j)].max(floors[j])).collect();
    let correlations = DMatrix::from_fn(d, d, |i, j| target.s[(i, j)] / (variances[i] * variances[j]).sqrt());
    let left = eigen(correlations).0.rows(q, d - q).sum() / (d - q) as f64;
    variances.iter().map(|v| v * left.max(LEAST_SHARE)).collect()
}

/// What shares one Ψ: the weight of a covariance S, S itself, and its loadings.
pub(crate) type Sharer<'a> = (f64, &'a Target, &'a [f64]);

/// One ψ_j after the other at its best, all else given, for all that share it: with a = (Σ⁻¹)_jj and b = (Σ⁻¹ S Σ⁻¹)_jj
/// alone it grows by (b − a)/a², and together they meet between the steps that each would take. Σ⁻¹ is brought up to date by
/// a term of rank one. For one alone the likelihood has one maximum in each ψ_j, so that on a floor it is best too; a step
/// that all take together is taken if it gains.
pub(crate) fn better_noise(sharers: &[Sharer<'_>], noise: &[f64], floors: &[f64]) -> Vec<f64> {
    let d = noise.len();
    let mut noise = noise.to_vec();
    let of_one =
        |(_, _, loadings): &Sharer<'_>| inverse(&DMatrix::from_row_slice(d, loadings.len() / d, loadings), &noise);
    let Some(mut inverses) = sharers.iter().map(of_one).collect::<Option<Vec<_>>>() else { return noise };
    for j in 0..d {
        let columns: Vec<DVector<f64>> = inverses.iter().map(|inverse| inverse.column(j).clone_owned()).collect();
        let of_one = |((weight, target, _), column): (&Sharer<'_>, &DVector<f64>)| {
            (*weight, column[j], column.dot(&(&target.s * column)))
        };
        let terms: Vec<Term> = sharers.iter().zip(&columns).map(of_one).collect();
        let step = common_step(&terms, floors[j] - noise[j]);
        if step.is_finite() && noise[j] + step > 0.0 {
            noise[j] = (noise[j] + step).max(floors[j]);
            for (inverse, (column, (_, a, _))) in inverses.iter_mut().zip(columns.iter().zip(&terms)) {
                inverse.ger(-step / (1.0 + step * a), column, column, 1.0);
            }
        }
    }
    noise
}

/// Weight, a and b.
type Term = (f64, f64, f64);

/// The step of one ψ_j, not below the least: where the slope Σ n (a/(1 + ω a) − b/(1 + ω a)²) changes its sign.
fn common_step(terms: &[Term], least: f64) -> f64 {
    let own = terms.iter().map(|(_, a, b)| (b - a) / (a * a));
    let (low, high) = own.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), step| (l.min(step), h.max(step)));
    if terms.len() == 1 || !(low < high) {
        return low.max(least);
    }
    let slope = |w: f64| terms.iter().map(|(n, a, b)| n * (a - b / (1.0 + w * a)) / (1.0 + w * a)).sum::<f64>();
    let loss = |w: f64| terms.iter().map(|(n, a, b)| n * ((w * a).ln_1p() - w * b / (1.0 + w * a))).sum::<f64>();
    let (mut low, mut high) =
        if slope(0.0) < 0.0 { (low.max(0.0), high.max(0.0)) } else { (low.min(0.0), high.min(0.0)) };
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low.max(least) + high);
        if slope(middle) < 0.0 { low = middle } else { high = middle }
    }
    let step = (0.5 * (low + high)).max(least);
    if loss(step) < 0.0 { step } else { 0.0f64.max(least) }
}

/// (Λ Λᵀ + Ψ)⁻¹.
fn inverse(l: &DMatrix<f64>, noise: &[f64]) -> Option<DMatrix<f64>> {
    let weighted = DMatrix::from_fn(l.nrows(), l.ncols(), |j, k| l[(j, k)] / noise[j]);
    let inner = DMatrix::identity(l.ncols(), l.ncols()) + l.transpose() * &weighted;
    let root = inner.cholesky()?.l().solve_lower_triangular(&weighted.transpose())?;
    let mut inverse = -(root.transpose() * &root);
    noise.iter().enumerate().for_each(|(j, v)| inverse[(j, j)] += 1.0 / v);
    Some(inverse)
}
