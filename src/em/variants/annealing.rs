//! Annealed EM: from a low power of the posterior to the posterior itself, so that the start matters less.

use std::time::Instant;

use crate::data::{Dataset, Statistics};
use crate::em::ending::Ending;
use crate::em::{Em, Fit, FitError};
use crate::error::Error;
use crate::latent::{Impute, LatentModel, Temper};

use super::collecting::of_draws;

/// The share of expected statistics beside those of a draw.
const EXPECTED: f64 = 0.1;

type Observed<M> = <M as LatentModel>::Observation;
type Theta<M> = <M as LatentModel>::Parameters;
type Sums<M> = <M as LatentModel>::Statistics;

/// The powers β of an annealed fit: some iterations at each, and then EM itself, at β = 1.
///
/// At a low power the z of a row are about equally likely, the free energy has few maxima, and components lie on each
/// other; as β grows they part (Ueda & Nakano 1998). Components that are equal stay equal under EM, so the iterations at
/// each power begin with one whose z are [drawn](crate::latent::Impute). The start matters less, for better or worse: it is
/// a remedy for starts of which nothing good is known, and no substitute for [several](Em::restarts).
#[derive(Clone, Debug, PartialEq)]
pub struct Annealing {
    powers: Vec<f64>,
    iterations: usize,
}

impl Default for Annealing {
    /// β = 0.5, 0.7, 0.9, with 10 iterations at each.
    fn default() -> Self {
        Self { powers: vec![0.5, 0.7, 0.9], iterations: 10 }
    }
}

impl Annealing {
    /// Through these powers β, so many iterations at each.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless every β ∈ (0, ∞].
    pub fn through(powers: &[f64], iterations: usize) -> Result<Self, Error> {
        for &power in powers {
            Error::check(power > 0.0, "a power of the posterior", power, "(0, ∞]")?;
        }
        Ok(Self { powers: powers.to_vec(), iterations })
    }
}

impl Em {
    /// Fits the model from the parameters given, which matter less than in [`fit_from`](Self::fit_from).
    ///
    /// The fit is that of EM from where annealing ended, and promises what the model does; the steps before it are not
    /// counted. Draws depend on the [seed](Self::seed) alone.
    ///
    /// Four clusters, and a start whose means all lie in the first:
    /// ```
    /// use marginal::em::Annealing;
    /// use marginal::prelude::*;
    /// let cluster = |centre: f64| (0..11).map(move |i| centre + 2.0 / 11.0 * f64::from(i) - 1.0);
    /// let x: Vec<f64> = [0.0, 10.0, 20.0, 30.0].into_iter().flat_map(cluster).collect();
    /// let start = [0.0, 0.5, 1.0, 1.5].map(|mean| Normal::new(mean, 2.0).expect("finite"));
    /// let model = Mixture::of(start.to_vec())?;
    /// let plain = Em::default().fit_from(&model, &x, model.clone())?;
    /// let annealed = Em::default().fit_annealed(&model, &x, model.clone(), &Annealing::default())?;
    /// assert!(annealed.objective > plain.objective + 10.0);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`fit_from`](Self::fit_from), also of the steps before β = 1.
    pub fn fit_annealed<M, D>(
        &self,
        model: &M,
        data: &D,
        start: Theta<M>,
        schedule: &Annealing,
    ) -> Result<Fit<Theta<M>>, FitError<Theta<M>>>
    where
        M: Temper + Impute<Observation = Observed<M>, Parameters = Theta<M>, Statistics = Sums<M>>,
        D: Dataset<Observed<M>> + ?Sized,
    {
        let begin = Instant::now();
        let ending = Ending::new(self.cancel.clone(), self.time_limit);
        LatentModel::check(model, &start)?;
        let mut theta = start;
        for (number, &power) in schedule.powers.iter().enumerate() {
            let tempered = |theta: &Theta<M>| {
                data.fold(&model.statistics(theta), &|batch, s| {
                    ending.check()?;
                    model.tempered_e_step(theta, batch, s, power).map(|_| ())
                })
            };
            // Of a draw that leaves a component without weight there is no estimate; then z is not drawn.
            if let Ok((mut drawn, _)) = of_draws(model, 1, self.seed, &theta, data, number as u64) {
                // What no draw has shown would have probability 0 for good.
                if drawn.extrapolates() {
                    let mut expected = tempered(&theta)?;
                    drawn.scale(1.0 - EXPECTED);
                    expected.scale(EXPECTED);
                    drawn.merge(&expected);
                }
                if let Ok(moved) = model.m_step(&theta, &drawn) {
                    theta = moved;
                }
            }
            for _ in 0..schedule.iterations {
                theta = model.m_step(&theta, &tempered(&theta)?)?;
            }
        }
        let mut em = self.clone();
        em.time_limit = self.time_limit.map(|limit| limit.saturating_sub(begin.elapsed()));
        em.fit_from(model, data, theta)
    }
}
