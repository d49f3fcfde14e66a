//! `Remembered`: a model whose q is restricted, with the q of each row kept between E-steps.

use std::sync::Arc;

use crate::data::{Batch, Gathered, Observation};
use crate::distributions::Guarantee;
use crate::error::Error;
use crate::latent::{Climbs, Evidence, LatentModel, Variational};

/// The [`LatentModel`] of a [`Variational`] one: its θ carries the q of every row, so that an E-step improves what the one
/// before left.
///
/// What [`Em`](crate::em::Em) climbs is F(q, θ) (+ ln prior), a lower bound of the likelihood. An E-step reads the q of a row
/// by the number of the row: θ belongs to the data that it was fitted to.
#[derive(Clone, Copy, Debug)]
pub struct Remembered<V>(pub V);

/// θ, and the q of each row as the last M-step left them.
#[derive(Clone, Debug)]
pub struct WithPosteriors<P, Q> {
    /// θ.
    pub parameters: P,
    /// q of each row; of rows beyond, none is known yet.
    pub posteriors: Arc<Vec<Q>>,
}

impl<P, Q> From<P> for WithPosteriors<P, Q> {
    /// θ to start from: no q is known.
    fn from(parameters: P) -> Self {
        Self { parameters, posteriors: Arc::default() }
    }
}

impl<V: Variational> LatentModel for Remembered<V> {
    type Observation = V::Observation;
    type Parameters = WithPosteriors<V::Parameters, V::Posterior>;
    /// The sums, and each row with its q.
    type Statistics = (V::Statistics, Gathered<(usize, V::Posterior)>);

    fn statistics(&self, theta: &Self::Parameters) -> Self::Statistics {
        (self.0.empty_statistics(&theta.parameters), Gathered::default())
    }

    fn e_step(
        &self,
        theta: &Self::Parameters,
        batch: Batch<'_, V::Observation>,
        (s, posteriors): &mut Self::Statistics,
    ) -> Result<Evidence, Error> {
        let mut evidence = Evidence::default();
        for n in 0..batch.len() {
            let (x, row, weight) = (V::Observation::get(batch.block(), n), batch.row(n), batch.weight(n));
            let known = theta.posteriors.get(row).cloned();
            let mut q = known.unwrap_or_else(|| self.0.first_posterior(&theta.parameters, x));
            if weight > 0.0 {
                let bound = self.0.improve(&theta.parameters, x, &mut q);
                if bound == f64::NEG_INFINITY {
                    return Err(Error::Impossible { row, value: format!("{x:?}") });
                }
                if !bound.is_finite() {
                    return Err(Error::Unbounded { row, value: format!("{x:?}"), log_density: bound });
                }
                evidence.add(weight, bound);
                self.0.observe_posterior(s, x, &q, weight);
            }
            posteriors.0.push((row, q));
        }
        Ok(evidence)
    }

    fn m_step(
        &self,
        theta_old: &Self::Parameters,
        (s, posteriors): &Self::Statistics,
    ) -> Result<Self::Parameters, Error> {
        let mut by_row: Vec<&(usize, V::Posterior)> = posteriors.0.iter().collect();
        by_row.sort_by_key(|(row, _)| *row);
        let parameters = self.0.maximise_bound(&theta_old.parameters, s)?;
        Ok(WithPosteriors { parameters, posteriors: Arc::new(by_row.into_iter().map(|(_, q)| q.clone()).collect()) })
    }

    fn expected_log_joint(&self, theta: &Self::Parameters, (s, _): &Self::Statistics) -> f64 {
        self.0.expected_log_joint(&theta.parameters, s)
    }

    fn log_prior(&self, theta: &Self::Parameters) -> f64 {
        self.0.log_prior_density(&theta.parameters)
    }

    fn guarantee(&self) -> Guarantee {
        self.0.guarantee_of_bound()
    }

    fn climbs(&self) -> Climbs {
        Climbs::EvidenceLowerBound
    }
}
