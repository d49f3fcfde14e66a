//! EM for chains with other sums than those over all paths by their probability: at a power of it, over the most probable
//! path alone (Viterbi training: Juang & Rabiner 1990), or over a path that is drawn.

use rand::Rng;

use crate::components::Components;
use crate::data::{Batch, Observation};
use crate::error::Error;
use crate::latent::{Evidence, Impute, LatentModel, Temper};

use super::filter::{CHUNK, Filter};
use super::hidden_markov_em::HiddenMarkovStatistics;
use super::hidden_markov_model::{HiddenMarkovModel, Sequence};

type Sums<C> = HiddenMarkovStatistics<<C as Components>::Statistics>;

impl<C: Components> HiddenMarkovModel<C> {
    /// Adds a sequence whose states are known.
    fn observe_path(&self, s: &mut Sums<C>, sequence: &Sequence<C>, path: &[usize], weight: f64) {
        let (block, k) = (C::Value::block(sequence), self.states());
        path.first().into_iter().for_each(|&z| s.initial[z] += weight);
        path.windows(2).for_each(|pair| s.transitions[pair[0] * k + pair[1]] += weight);
        for (number, states) in path.chunks(CHUNK).enumerate() {
            let mut tile = vec![0.0; k * states.len()];
            states.iter().enumerate().for_each(|(t, &z)| tile[z * states.len() + t] = weight);
            let start = number * CHUNK;
            self.emissions.observe_tile(&mut s.emissions, C::Value::slice(block, start..start + states.len()), &tile);
        }
    }
}

/// Each sequence that counts, and its weight; an error says which one it is of.
fn each<C: Components>(
    batch: Batch<'_, Sequence<C>>,
    mut step: impl FnMut(&Sequence<C>, f64) -> Result<(), Error>,
) -> Result<(), Error> {
    for n in (0..batch.len()).filter(|&n| batch.weight(n) > 0.0) {
        let at_row = |source| Error::AtRow { row: batch.row(n), source: Box::new(source) };
        step(&batch.block()[n], batch.weight(n)).map_err(at_row)?;
    }
    Ok(())
}

/// The power is that of p(x, z), path by path.
impl<C: Components> Temper for HiddenMarkovModel<C> {
    fn tempered_e_step(
        &self,
        theta: &Self,
        batch: Batch<'_, Sequence<C>>,
        s: &mut Self::Statistics,
        power: f64,
    ) -> Result<Evidence, Error> {
        if power == 1.0 {
            return self.e_step(theta, batch, s);
        }
        if power < f64::INFINITY {
            return theta.sum_over_paths(Filter::at_power(theta, power), batch, s);
        }
        let mut evidence = Evidence::default();
        each::<C>(batch, |sequence, weight| {
            let best = theta.most_probable_path(C::Value::block(sequence))?;
            evidence.add_draws(weight, theta.draws_of(sequence), best.log_joint);
            theta.observe_path(s, sequence, &best.states, weight);
            Ok(())
        })?;
        Ok(evidence)
    }
}

/// Filters forwards and draws backwards (Chib 1996).
impl<C: Components> Impute for HiddenMarkovModel<C> {
    type Observation = Sequence<C>;
    type Parameters = Self;
    type Statistics = Sums<C>;

    fn nothing_seen(&self, theta: &Self) -> Sums<C> {
        LatentModel::statistics(self, theta)
    }

    fn impute(
        &self,
        theta: &Self,
        batch: Batch<'_, Sequence<C>>,
        s: &mut Sums<C>,
        rng: &mut dyn Rng,
    ) -> Result<(), Error> {
        let mut filter = Filter::new(theta);
        each::<C>(batch, |sequence, weight| {
            filter.run(C::Value::block(sequence))?;
            theta.observe_path(s, sequence, &filter.draw_path(C::Value::len(C::Value::block(sequence)), rng), weight);
            Ok(())
        })
    }

    fn maximise(&self, theta_old: &Self, s: &Sums<C>) -> Result<Self, Error> {
        self.m_step(theta_old, s)
    }

    fn admits_start(&self, theta: &Self) -> Result<(), Error> {
        LatentModel::check(self, theta)
    }
}
