//! `Bootstrap`: the spread of an estimate over data that are drawn again.

use std::fmt;
use std::sync::Arc;

use crate::data::{Dataset, InMemory, Weighted};
use crate::em::{Em, Fit, Stopped};
use crate::error::{Error, counted};
use crate::latent::LatentModel;
use crate::numeric::decimals;

use super::drawn_rows::{draw_counts, observations, stream, weights};
use super::parts_in_place::put_in_place;
use super::simulate::{Simulate, simulated};
use crate::uncertainty::error::UncertaintyError;
use crate::uncertainty::interval::Interval;
use crate::uncertainty::named::{NamedParameters, Naming};
use crate::uncertainty::side_by_side::side_by_side;

/// How data are drawn again, and what for.
#[derive(Clone)]
pub struct Resample {
    pub(super) replicates: usize,
    pub(super) seed: u64,
    columns: Vec<String>,
    done: Option<Arc<Done>>,
}

type Done = dyn Fn() + Send + Sync;

impl Resample {
    /// So many replicates, from seed 0. Some 200 tell standard errors, 1000 intervals.
    pub fn new(replicates: usize) -> Self {
        Self { replicates, seed: 0, columns: Vec::new(), done: None }
    }

    /// Replicate r draws from its own stream (seed, r): the same bits on any number of threads.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The names of the columns.
    #[must_use]
    pub fn columns(mut self, names: &[String]) -> Self {
        self.columns = names.to_vec();
        self
    }

    /// Call this after each replicate, on whichever thread made it.
    #[must_use]
    pub fn observer(mut self, done: impl Fn() + Send + Sync + 'static) -> Self {
        self.done = Some(Arc::new(done));
        self
    }

    /// Draws as many observations as there are, with replacement, and fits the model to them from θ. Observations are not
    /// copied: each gets the number of its draws as its weight. Weights are counts: an observation is drawn by its share.
    ///
    /// Once the token of [`Em::cancel`] is cancelled no further replicate is made, and those that are unfinished do not count.
    ///
    /// # Errors
    /// [`UncertaintyError::TooFewObservations`] if there is only one; [`UncertaintyError::ReplicatesFailed`] if fewer than
    /// two replicates can be fitted; [`Error::LawBroken`].
    pub fn rows<M, D>(
        &self,
        em: &Em,
        model: &M,
        data: &D,
        theta: &M::Parameters,
    ) -> Result<Bootstrap<M::Parameters>, UncertaintyError>
    where
        M: LatentModel<Parameters: NamedParameters + Send>,
        D: InMemory<M::Observation> + Sync + ?Sized,
    {
        let own = weights::<M::Observation, D>(data);
        if observations(&own) < 2 {
            let advice = "data simulated from the model can (`Resample::simulated`, `--simulate`)";
            let what = "drawn again";
            return Err(UncertaintyError::TooFewObservations { observations: observations(&own), what, advice });
        }
        self.replicate(theta, |replicate| {
            begin(em)?;
            let counts = draw_counts(&own, &mut stream(self.seed, replicate));
            let drawn = Weighted::new::<M::Observation>(data, &counts)?;
            em.fit_from(model, &drawn, theta.clone()).map_err(Error::from)
        })
    }

    /// Draws data from the model at θ, like those that there are, and fits the model to them from θ.
    ///
    /// # Errors
    /// As [`rows`](Self::rows), but one observation will do.
    pub fn simulated<M, D>(
        &self,
        em: &Em,
        model: &M,
        data: &D,
        theta: &M::Parameters,
    ) -> Result<Bootstrap<M::Parameters>, UncertaintyError>
    where
        M: Simulate<Parameters: NamedParameters + Send>,
        D: InMemory<M::Observation> + Sync + ?Sized,
    {
        Dataset::<M::Observation>::totals(data)?;
        self.replicate(theta, |replicate| {
            begin(em)?;
            let drawn = simulated(model, theta, data, &mut stream(self.seed, replicate));
            em.fit_from(model, &drawn, theta.clone()).map_err(Error::from)
        })
    }

    fn replicate<P: NamedParameters + Send + Sync>(
        &self,
        theta: &P,
        fit: impl Fn(usize) -> Result<Fit<P>, Error> + Sync + Send,
    ) -> Result<Bootstrap<P>, UncertaintyError> {
        let fits = side_by_side(self.replicates, |replicate| {
            let fitted =
                fit(replicate).and_then(finished).map(|fit| (fit.parameters, fit.stopped == Stopped::Converged));
            self.tell();
            fitted
        });
        let (mut estimates, mut failures, mut unconverged, mut unfinished) = (Vec::new(), Vec::new(), 0, 0);
        for (replicate, fitted) in fits.into_iter().enumerate() {
            match fitted {
                Ok((theta, converged)) => {
                    estimates.push(theta);
                    unconverged += usize::from(!converged);
                }
                Err(error @ Error::LawBroken { .. }) => return Err(error.into()),
                Err(Error::NoParametersYet { .. }) => unfinished += 1,
                Err(error) => failures.push((replicate, error.to_string())),
            }
        }
        if estimates.len() < 2 {
            return Err(self.too_few(&failures, unfinished));
        }
        let relabelled = put_in_place(theta, &mut estimates);
        let naming = Naming::of_columns(&self.columns);
        let named: Vec<_> = estimates.iter().map(|theta| theta.named_parameters(naming)).collect();
        let of_parameter = |(n, p): (usize, crate::uncertainty::NamedParameter)| {
            let values: Vec<f64> = named.iter().map(|of_one| of_one[n].value).collect();
            Resampled::new(p.name, p.value, values)
        };
        let parameters = theta.named_parameters(naming).into_iter().enumerate().map(of_parameter).collect();
        Ok(Bootstrap { estimates, parameters, failures, unconverged, unfinished, relabelled })
    }

    /// Tells the observer of a replicate.
    pub(super) fn tell(&self) {
        self.done.iter().for_each(|done| done());
    }

    /// Why there are not enough replicates.
    pub(super) fn too_few(&self, failures: &[(usize, String)], unfinished: usize) -> UncertaintyError {
        let first = match failures.first() {
            Some((_, reason)) => reason.clone(),
            None if unfinished > 0 => "it was cancelled before two were finished".to_owned(),
            None => "none was asked for".to_owned(),
        };
        let failed = failures.len() + unfinished;
        UncertaintyError::ReplicatesFailed { failed, replicates: self.replicates, first }
    }
}

/// Whether a replicate may begin.
pub(super) fn begin(em: &Em) -> Result<(), Error> {
    if em.is_cancelled() { Err(Error::NoParametersYet { ended: "the fit was cancelled".into() }) } else { Ok(()) }
}

/// A fit that no token has ended.
pub(super) fn finished<P>(fit: Fit<P>) -> Result<Fit<P>, Error> {
    if fit.stopped == Stopped::Cancelled {
        return Err(Error::NoParametersYet { ended: "the fit was cancelled".into() });
    }
    Ok(fit)
}

impl fmt::Debug for Resample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Resample");
        shown.field("replicates", &self.replicates).field("seed", &self.seed).finish_non_exhaustive()
    }
}

/// The estimates from data that were drawn again (Efron 1979).
///
/// Each replicate is fitted from θ, so it climbs to the maximum next to the one that was found. Components that have changed
/// places in a replicate are put back: places are exchanged until none brings the parameters nearer to θ.
/// [`relabelled`](Self::relabelled) says in how many replicates; where components overlap so far that they change places
/// often, their parameters have no spread of their own.
/// ```
/// use marginal::prelude::*;
/// use marginal::uncertainty::Resample;
/// let x = [51.0, 54.0, 56.0, 59.0, 52.0, 79.0, 80.0, 82.0, 85.0, 78.0];
/// let model = Mixture::of(vec![Normal::new(50.0, 5.0)?, Normal::new(80.0, 5.0)?])?;
/// let em = Em::default();
/// let fit = em.fit(&model, &x)?;
/// let bootstrap = Resample::new(200).seed(1).rows(&em, &model, &x, &fit.parameters)?;
/// println!("{bootstrap}"); // component 0: mean 54.4 ± 1.3, of 199 replicates, 1 failed …
/// let mean = bootstrap.parameter("component 0: mean").expect("a parameter of that name");
/// let interval = mean.interval(0.95)?;
/// assert!(interval.lower < mean.value && mean.value < interval.upper);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Bootstrap<P> {
    estimates: Vec<P>,
    parameters: Vec<Resampled>,
    failures: Vec<(usize, String)>,
    unconverged: usize,
    unfinished: usize,
    relabelled: usize,
}

/// A parameter and its values in the replicates.
#[derive(Clone, Debug, PartialEq)]
pub struct Resampled {
    /// Its name.
    pub name: String,
    /// The estimate from the data.
    pub value: f64,
    /// The standard deviation of the replicates.
    pub standard_error: f64,
    /// The mean of the replicates less the estimate.
    pub bias: f64,
    ascending: Vec<f64>,
}

impl Resampled {
    fn new(name: String, value: f64, mut values: Vec<f64>) -> Self {
        let n = values.len() as f64;
        let mean = value + values.iter().map(|v| v - value).sum::<f64>() / n;
        let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
        values.sort_by(f64::total_cmp);
        Self { name, value, standard_error: (squares / (n - 1.0)).sqrt(), bias: mean - value, ascending: values }
    }

    /// The percentile interval: the quantiles of the replicates that leave (1 − confidence) / 2 of them on either side.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless the confidence is in (0, 1).
    pub fn interval(&self, confidence: f64) -> Result<Interval, Error> {
        Interval::percentile(&self.ascending, confidence)
    }

    /// The values in the replicates, ascending.
    pub fn replicates(&self) -> &[f64] {
        &self.ascending
    }
}

impl<P> Bootstrap<P> {
    /// θ of each replicate that could be fitted, in their order, its components in the places of those of the estimate.
    pub fn estimates(&self) -> &[P] {
        &self.estimates
    }

    /// Each parameter.
    pub fn parameters(&self) -> &[Resampled] {
        &self.parameters
    }

    /// The parameter of that name.
    pub fn parameter(&self, name: &str) -> Option<&Resampled> {
        self.parameters.iter().find(|p| p.name == name)
    }

    /// The replicates that could not be fitted, and why.
    pub fn failures(&self) -> &[(usize, String)] {
        &self.failures
    }

    /// How many replicates stopped before they converged; they are counted with the others.
    pub fn unconverged(&self) -> usize {
        self.unconverged
    }

    /// How many replicates were not finished when the token of [`Em::cancel`] ended them; they do not count.
    pub fn unfinished(&self) -> usize {
        self.unfinished
    }

    /// In how many replicates components had changed places.
    pub fn relabelled(&self) -> usize {
        self.relabelled
    }

    /// How it went: "500 replicates, 2 failed (component 1: …), components put back in place in 3".
    pub fn summary(&self) -> String {
        let all = counted(self.estimates.len() + self.failures.len(), "replicate");
        let failed = self
            .failures
            .first()
            .map(|(_, first)| format!("{} failed and left out (the first: {first})", self.failures.len()));
        let unconverged = (self.unconverged > 0).then(|| format!("{} not converged", self.unconverged));
        let relabelled =
            (self.relabelled > 0).then(|| format!("parts that had changed places put back in {}", self.relabelled));
        let unfinished = (self.unfinished > 0).then(|| format!("{} more not made before the end", self.unfinished));
        [Some(all), unfinished, failed, unconverged, relabelled].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

impl<P> fmt::Display for Bootstrap<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for p in &self.parameters {
            writeln!(f, "{} {} ± {}", p.name, decimals(p.value, 6), decimals(p.standard_error, 6))?;
        }
        f.write_str(&self.summary())
    }
}
