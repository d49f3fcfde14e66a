//! `ObservedInformation`: −∂²ℓ/∂θ² by Oakes' identity.

use std::sync::Mutex;

use crate::data::Dataset;
use crate::distributions::Parametric;
use crate::em::e_step;
use crate::error::Error;
use crate::latent::{Climbs, LatentModel};

use super::complete::{Complete, Describe, unit};
use super::differences::settle;
use super::spectrum::Spectrum;
use crate::uncertainty::error::UncertaintyError;

/// How far extrapolated derivatives may be apart, in units of the information of complete data: aimed at, and at most.
const ENOUGH: f64 = 1e-8;
const APART: f64 = 1e-5;
/// How far what is computed twice may be apart, in the same units.
const SAME: f64 = 1e-4;
/// Farther from the maximum, in standard errors, the information is that of another place.
const FAR: f64 = 0.1;
/// Along a direction with a smaller share of the complete data's curvature the likelihood is flat.
const FLAT: f64 = 1e-6;

/// The observed information I = −∂²(ℓ + ln prior)/∂θ² in the coordinates of θ
/// ([`Parametric`]), from the E-step and Q alone (Oakes 1999):
///
/// ∂²ℓ/∂θ² = ∂²Q(θ′, θ)/∂θ′² + ∂²Q(θ′, θ)/∂θ′∂θ at θ′ = θ.
///
/// The first term is minus the information J that complete data would hold. The second is the information that is
/// missing: the slope of Q under the statistics of E-steps beside θ. The derivatives are symmetric differences with
/// Richardson's extrapolation; each is followed until it settles. Along each coordinate ℓ is known beside θ too, so its own
/// slope and curvature are compared with what Q says (Fisher's and Oakes' identities): a model whose E-step, evidence
/// and Q do not belong together is an error, not a number.
///
/// It costs about 8 E-steps a coordinate and some 50 p² evaluations of Q for p coordinates.
/// ```
/// use marginal::distributions::Normal;
/// use marginal::{em::Em, models::Mixture, uncertainty::ObservedInformation};
/// let model = Mixture::of(vec![Normal::new(0.0, 1.0)?])?; // one component: nothing is hidden
/// let x = [1.0, 3.0, 2.0, 6.0];
/// let fit = Em::default().fit(&model, &x)?;
/// let information = ObservedInformation::of(&model, &x, &fit.parameters)?; // of (μ, ln σ): N/σ², 2N
/// assert!((information.observed()[0] - 4.0 / 3.5).abs() < 1e-8 && (information.observed()[3] - 8.0).abs() < 1e-7);
/// assert!(information.fractions_missing()[0].abs() < 1e-8);
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ObservedInformation {
    pub(in crate::uncertainty) coordinates: Vec<f64>,
    steps: Vec<f64>,
    complete: Vec<f64>,
    observed: Vec<f64>,
    covariance: Vec<f64>,
    missing: Vec<f64>,
    distance: f64,
    error: f64,
    held: usize,
    penalised: bool,
}

impl ObservedInformation {
    /// The information of the data at θ, the parameters of a fit.
    ///
    /// # Errors
    /// [`UncertaintyError::NoLikelihood`]; [`AtBound`](UncertaintyError::AtBound); what keeps θ from being a maximum that
    /// the data determine: [`NotConverged`](UncertaintyError::NotConverged), [`Flat`](UncertaintyError::Flat),
    /// [`Saddle`](UncertaintyError::Saddle); [`NotSettled`](UncertaintyError::NotSettled);
    /// [`Inconsistent`](UncertaintyError::Inconsistent) for a model that is wrong.
    pub fn of<M, D>(model: &M, data: &D, theta: &M::Parameters) -> Result<Self, UncertaintyError>
    where
        M: LatentModel<Parameters: Parametric + Send>,
        D: Dataset<M::Observation> + ?Sized,
    {
        Self::described(model, data, theta, &|direction| {
            let largest = |(best, most): (usize, f64), (k, d): (usize, &f64)| {
                if d.abs() > most { (k, d.abs()) } else { (best, most) }
            };
            let (coordinate, _) = direction.iter().enumerate().fold((0, 0.0), largest);
            format!("coordinate {coordinate}")
        })
    }

    pub(in crate::uncertainty) fn described<M, D>(
        model: &M,
        data: &D,
        theta: &M::Parameters,
        describe: Describe<'_>,
    ) -> Result<Self, UncertaintyError>
    where
        M: LatentModel<Parameters: Parametric + Send>,
        D: Dataset<M::Observation> + ?Sized,
    {
        let climbs = model.climbs();
        if !matches!(climbs, Climbs::LogLikelihood | Climbs::Penalised) {
            return Err(UncertaintyError::NoLikelihood { objective: climbs.name() });
        }
        model.check(theta)?;
        let weight = data.totals()?.weight;
        let (evidence, s) = e_step(model, data, theta)?;
        let here = evidence.value() + model.log_prior(theta);
        let complete = Complete::new(model, theta, &s, weight + evidence.further_draws(), describe)?;
        let p = complete.coordinates.len();
        let free = model.free_parameters(theta);
        if let Some(free) = free.filter(|free| *free < p) {
            return Err(UncertaintyError::Constrained { coordinates: p, free });
        }
        let score = complete.slope(&s);
        let mut missing = vec![0.0; p * p];
        let mut error = complete.error;
        for j in 0..p {
            let column = beside(&complete, model, data, here, j, describe)?;
            let (second, column_rest) = column.values.split_last().expect("ℓ was differenced");
            let (first, of_q) = column_rest.split_last().expect("ℓ was differenced");
            missing[j * p..][..p].copy_from_slice(of_q);
            error = error.max(column.error);
            let scale = complete.scales[j];
            let along = || describe(&unit(p, j, complete.steps[j]));
            let observed = complete.information[j * (p + 1)] - of_q[j];
            let twice = [
                ("the slope along ", score[j], *first, scale),
                ("the information along ", observed, -second, scale * scale),
            ];
            for (what, left, right, scale) in twice {
                if !((left - right).abs() * scale <= SAME) {
                    return Err(UncertaintyError::Inconsistent { what: format!("{what}{}", along()), left, right });
                }
            }
        }
        let both = |j: usize, k: usize| 0.5 * (missing[j * p + k] + missing[k * p + j]);
        for (j, k) in (0..p).flat_map(|j| (0..j).map(move |k| (j, k))) {
            let (left, right) = (missing[j * p + k], missing[k * p + j]);
            if (left - right).abs() * complete.scales[j] * complete.scales[k] > SAME {
                let what = format!("the information that is missing between coordinates {j} and {k}");
                return Err(UncertaintyError::Inconsistent { what, left, right });
            }
        }
        let observed: Vec<f64> = (0..p * p).map(|jk| complete.information[jk] - both(jk / p, jk % p)).collect();
        let spectrum = Spectrum::new(&complete.information, &observed, &complete.scales);
        spectrum.check(FLAT, error, describe)?;
        let covariance = spectrum.covariance();
        let newton: Vec<f64> = (0..p).map(|j| (0..p).map(|k| covariance[j * p + k] * score[k]).sum()).collect();
        let distance = newton.iter().zip(&score).map(|(step, slope)| step * slope).sum::<f64>().max(0.0).sqrt();
        if !(distance <= FAR) {
            return Err(UncertaintyError::NotConverged { distance, along: describe(&newton) });
        }
        let Complete { coordinates, steps, information, .. } = complete;
        Ok(Self {
            coordinates,
            steps,
            complete: information,
            observed,
            covariance,
            missing: spectrum.fractions_missing(),
            distance,
            error,
            held: free.map_or(0, |free| free - p),
            penalised: climbs == Climbs::Penalised,
        })
    }

    /// I, p × p.
    pub fn observed(&self) -> &[f64] {
        &self.observed
    }

    /// J = −∂²Q/∂θ′², p × p: the information if what is hidden were seen.
    pub fn complete(&self) -> &[f64] {
        &self.complete
    }

    /// I⁻¹, p × p: the covariance of the estimated coordinates.
    pub fn covariance(&self) -> &[f64] {
        &self.covariance
    }

    /// The eigenvalues of 1 − J⁻¹ I, the largest first: the fractions of the information that are missing, each along a
    /// direction of its own. The largest is the rate at which plain EM converges (Dempster, Laird & Rubin 1977).
    pub fn fractions_missing(&self) -> &[f64] {
        &self.missing
    }

    /// √(gᵀ I⁻¹ g) for the slope g of the objective at θ: how far the maximum still is, in standard errors.
    pub fn distance(&self) -> f64 {
        self.distance
    }

    /// By how much an entry may be off, as a share of the complete data's information.
    pub fn error(&self) -> f64 {
        self.error
    }

    /// How many free parameters lie so near to a bound that they are taken as known: probabilities below 10⁻⁹.
    pub fn held(&self) -> usize {
        self.held
    }

    /// Whether the objective holds a prior: I is then that of the posterior density.
    pub fn is_penalised(&self) -> bool {
        self.penalised
    }

    /// The steps along which a function of θ can be differenced.
    pub(in crate::uncertainty) fn steps(&self) -> &[f64] {
        &self.steps
    }
}

/// Of E-steps on both sides of θ along coordinate j: ∂²Q/∂θ′∂θ_j, ∂ℓ/∂θ_j and ∂²ℓ/∂θ_j².
fn beside<M, D>(
    complete: &Complete<'_, M>,
    model: &M,
    data: &D,
    here: f64,
    j: usize,
    describe: Describe<'_>,
) -> Result<super::differences::Settled, UncertaintyError>
where
    M: LatentModel<Parameters: Parametric + Send>,
    D: Dataset<M::Observation> + ?Sized,
{
    let p = complete.coordinates.len();
    let refused: Mutex<Option<Error>> = Mutex::new(None);
    let scale = complete.scales[j];
    let scales: Vec<f64> = complete.scales.iter().map(|k| k * scale).chain([scale, scale * scale]).collect();
    let at = |by: f64| {
        let theta = complete.moved(j, by)?;
        match e_step(model, data, &theta) {
            Ok((evidence, s)) => Some((evidence.value() + model.log_prior(&theta), complete.slope(&s))),
            Err(error) => {
                refused.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get_or_insert(error);
                None
            }
        }
    };
    let found = settle(complete.steps[j], &scales, ENOUGH, |step| {
        let (Some((ahead, slopes_ahead)), Some((back, slopes_back))) = (at(step), at(-step)) else {
            return Ok::<_, UncertaintyError>(None);
        };
        let mixed = slopes_ahead.iter().zip(&slopes_back).map(|(a, b)| (a - b) / (2.0 * step));
        let of_l = [(ahead - back) / (2.0 * step), ((ahead - here) + (back - here)) / (step * step)];
        Ok(Some(mixed.chain(of_l).collect()))
    })?;
    if found.error <= APART {
        return Ok(found);
    }
    match refused.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        Some(error) if found.error == f64::INFINITY => Err(error.into()),
        _ => {
            let along = describe(&unit(p, j, complete.steps[j]));
            Err(UncertaintyError::NotSettled { what: "the log-likelihood", along, change: found.error })
        }
    }
}
