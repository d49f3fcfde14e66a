//! `LikelihoodRatio`: is there one component more? The distribution of 2 ln(L₁/L₀) under the null model, by simulation.

use std::fmt;

use crate::data::{Dataset, InMemory};
use crate::em::Em;
use crate::error::Error;
use crate::latent::{Climbs, Start};
use crate::numeric::decimals;

use super::bootstrap::{Resample, begin, finished};
use super::drawn_rows::stream;
use super::simulate::{Simulate, simulated};
use crate::uncertainty::error::UncertaintyError;
use crate::uncertainty::side_by_side::side_by_side;

/// 2 (ℓ₁ − ℓ₀) of an alternative that contains the null model, such as K + 1 components beside K, and its distribution
/// under the null model (McLachlan 1987).
///
/// That statistic has no χ² distribution here: under K components, those of K + 1 are not determined. So data are drawn
/// from the fitted null model and both models fitted to them, over and over.
/// p = (1 + #{replicates no less}) / (1 + #{replicates}).
/// ```
/// use marginal::prelude::*;
/// use marginal::uncertainty::LikelihoodRatio;
/// let eruptions = Table::from_values(Table::read_csv("data/faithful.csv")?.column(0), 1)?;
/// let em = Em::default().restarts(4).tolerance(1e-7);
/// let (one, two) = (GaussianMixture::new(1), GaussianMixture::new(2));
/// let test = LikelihoodRatio::bootstrap(&em, &one, &two, &eruptions, 19, 1)?;
/// assert!(test.p_value() < 0.06); // none of 19 is as large, and 1/20 is the least that they can tell
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LikelihoodRatio {
    /// 2 (ℓ₁ − ℓ₀) of the data.
    pub statistic: f64,
    /// The same of each replicate that could be fitted, in their order.
    pub replicates: Vec<f64>,
    /// The replicates that could not, and why. They count neither way.
    pub failures: Vec<(usize, String)>,
    /// How many were not finished when the token of [`Em::cancel`] ended them; they do not count.
    pub unfinished: usize,
}

impl LikelihoodRatio {
    /// Fits both models to the data and to so many data sets that are drawn from the fitted null model, with the starts of
    /// `em`; the null model also starts from what the data were drawn from.
    ///
    /// # Errors
    /// What the fits to the data refuse; [`UncertaintyError::AlternativeBelowNull`]; [`UncertaintyError::NoLikelihood`];
    /// [`UncertaintyError::ReplicatesFailed`] if no replicate could be fitted.
    pub fn bootstrap<N, A, D>(
        em: &Em,
        null: &N,
        alternative: &A,
        data: &D,
        replicates: usize,
        seed: u64,
    ) -> Result<Self, UncertaintyError>
    where
        N: Start + Simulate<Parameters: Send>,
        A: Start<Observation = N::Observation>,
        D: InMemory<N::Observation> + Sync + ?Sized,
    {
        Self::resampled(&Resample::new(replicates).seed(seed), em, null, alternative, data)
    }

    /// The same with what [`Resample`] says of replicates, seed and observer.
    ///
    /// # Errors
    /// As [`bootstrap`](Self::bootstrap).
    pub fn resampled<N, A, D>(
        resample: &Resample,
        em: &Em,
        null: &N,
        alternative: &A,
        data: &D,
    ) -> Result<Self, UncertaintyError>
    where
        N: Start + Simulate<Parameters: Send>,
        A: Start<Observation = N::Observation>,
        D: InMemory<N::Observation> + Sync + ?Sized,
    {
        let seed = resample.seed;
        for climbs in [null.climbs(), alternative.climbs()] {
            if !matches!(climbs, Climbs::LogLikelihood | Climbs::Penalised) {
                return Err(UncertaintyError::NoLikelihood { objective: climbs.name() });
            }
        }
        let of_null = em.fit(null, data).map_err(Error::from)?;
        let of_alternative = em.fit(alternative, data).map_err(Error::from)?;
        let statistic = 2.0 * (of_alternative.log_likelihood - of_null.log_likelihood);
        // Both ends may be short of their maxima by the tolerance.
        if statistic < -1e-6 * (of_null.weight + of_null.log_likelihood.abs()) {
            let (null, alternative) = (of_null.log_likelihood, of_alternative.log_likelihood);
            return Err(UncertaintyError::AlternativeBelowNull { null, alternative });
        }
        let theta = of_null.parameters;
        let found = side_by_side(resample.replicates, |replicate| {
            begin(em)?;
            let drawn = simulated(null, &theta, data, &mut stream(seed, replicate));
            let em = em.clone().seed(seed.wrapping_add(replicate as u64));
            let statistic = Self::statistic_of(&em, null, alternative, &drawn, &theta);
            resample.tell();
            statistic
        });
        let (mut statistics, mut failures, mut unfinished) = (Vec::new(), Vec::new(), 0);
        for (replicate, found) in found.into_iter().enumerate() {
            match found {
                Ok(statistic) => statistics.push(statistic),
                Err(error @ Error::LawBroken { .. }) => return Err(error.into()),
                Err(Error::NoParametersYet { .. }) => unfinished += 1,
                Err(error) => failures.push((replicate, error.to_string())),
            }
        }
        if statistics.is_empty() {
            return Err(resample.too_few(&failures, unfinished));
        }
        Ok(Self { statistic, replicates: statistics, failures, unfinished })
    }

    fn statistic_of<N, A, D>(em: &Em, null: &N, alternative: &A, data: &D, theta: &N::Parameters) -> Result<f64, Error>
    where
        N: Start,
        A: Start<Observation = N::Observation>,
        D: Dataset<N::Observation> + ?Sized,
    {
        let from_truth = em.fit_from(null, data, theta.clone()).map_err(Error::from);
        let from_truth = from_truth.and_then(finished).map(|fit| fit.log_likelihood);
        let from_starts = em.fit(null, data).map_err(Error::from).and_then(finished).map(|fit| fit.log_likelihood);
        let null = match (from_truth, from_starts) {
            (Ok(a), Ok(b)) => a.max(b),
            (Ok(one), Err(_)) | (Err(_), Ok(one)) => one,
            (Err(error), Err(_)) => return Err(error),
        };
        let alternative = em.fit(alternative, data).map_err(Error::from).and_then(finished)?;
        Ok(2.0 * (alternative.log_likelihood - null))
    }

    /// (1 + #{replicates no less}) / (1 + #{replicates}).
    pub fn p_value(&self) -> f64 {
        let no_less = self.replicates.iter().filter(|replicate| **replicate >= self.statistic).count();
        (1 + no_less) as f64 / (1 + self.replicates.len()) as f64
    }
}

impl fmt::Display for LikelihoodRatio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (statistic, p) = (decimals(self.statistic, 4), decimals(self.p_value(), 4));
        write!(f, "2 ln(L₁/L₀) = {statistic}, p = {p} by {} replicates", self.replicates.len())?;
        if self.unfinished > 0 {
            write!(f, ", {} more not made before the end", self.unfinished)?;
        }
        match self.failures.first() {
            None => Ok(()),
            Some((_, first)) => write!(f, ", {} failed and left out (the first: {first})", self.failures.len()),
        }
    }
}
