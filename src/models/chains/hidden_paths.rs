//! What a hidden Markov model says of a sequence: its density, its states, how sure they are, and what comes next.

use crate::components::Components;
use crate::data::{Dataset, InMemory, Observation, Statistics, Table, check_row_length};
use crate::error::Error;
use crate::latent::{Evidence, LatentModel};
use crate::network::Explanation;

use super::filter::{CHUNK, Filter, check_step};
use super::hidden_markov_model::{HiddenMarkovModel, Sequence};
use crate::models::Mixture;

impl<C: Components> HiddenMarkovModel<C> {
    /// ln p(x_1 … x_T), in nats.
    ///
    /// # Errors
    /// [`Error::Dimension`] for rows of another length than the emissions'; [`Error::NotEmitted`],
    /// [`Error::Impossible`] or [`Error::Unbounded`] with the first step that has density 0 or ∞ given those before it.
    pub fn log_density<S: InMemory<C::Value> + ?Sized>(&self, sequence: &S) -> Result<f64, Error> {
        Filter::new(self).run(sequence.block())
    }

    /// p(z_t = k | x_1 … x_T), T × K; each row lies in [0, 1] and sums to one.
    ///
    /// # Errors
    /// As [`log_density`](Self::log_density).
    pub fn responsibilities<S: InMemory<C::Value> + ?Sized>(&self, sequence: &S) -> Result<Table, Error> {
        let mut filter = Filter::new(self);
        filter.run(sequence.block())?;
        filter.smooth();
        let names = (0..self.states()).map(|z| format!("state {z}")).collect();
        let mut values = Vec::with_capacity(C::Value::len(sequence.block()) * self.states());
        for t in 0..C::Value::len(sequence.block()) {
            // By division, so that round-off leaves none above one.
            let row = filter.probabilities(t);
            let sum: f64 = row.iter().sum();
            values.extend(row.iter().map(|p| p / sum));
        }
        Table::new(names, values)
    }

    /// Σ_n w_n H(z | x_n), the entropy of the paths in nats: ℓ − Q(θ, θ), as ln p(z | x) = ln p(x, z) − ln p(x). See
    /// [`Fit::icl`](crate::em::Fit::icl).
    ///
    /// # Errors
    /// As [`log_density`](Self::log_density), in [`Error::AtRow`] with the sequence.
    pub fn path_entropy<T: Dataset<Sequence<C>> + ?Sized>(&self, sequences: &T) -> Result<f64, Error> {
        let empty = (Evidence::default(), LatentModel::statistics(self, self));
        let (evidence, s) = sequences.fold(&empty, &|batch, (evidence, s)| {
            evidence.merge(&self.e_step(self, batch, s)?);
            Ok(())
        })?;
        // Round-off may leave less than nothing.
        Ok((evidence.value() - self.expected_log_joint(self, &s)).max(0.0))
    }

    /// p(x_{T+1} | x_1 … x_T): the emissions in proportions p(z_{T+1} | x_1 … x_T).
    ///
    /// # Errors
    /// As [`log_density`](Self::log_density).
    pub fn predictive<S: InMemory<C::Value> + ?Sized>(&self, sequence: &S) -> Result<Mixture<C>, Error> {
        let (mut filter, chain) = (Filter::new(self), self.chain());
        filter.run(sequence.block())?;
        let last = C::Value::len(sequence.block()).checked_sub(1).map(|last| {
            let mut padded = filter.probabilities(last).to_vec();
            padded.resize(chain.width(), 0.0);
            padded
        });
        let mut prediction = vec![0.0; chain.width()];
        chain.predict(last.as_deref(), &mut prediction);
        prediction.truncate(self.states());
        Mixture::new(prediction, self.emissions.clone())
    }

    /// The most probable states of all steps together, and ln p(x, z) (Viterbi 1967); of equals the smallest last state.
    ///
    /// # Errors
    /// [`Error::Dimension`] for rows of another length than the emissions'; [`Error::Impossible`] or
    /// [`Error::Unbounded`] with the first step at which no path has a density, or an infinite one.
    pub fn most_probable<S: InMemory<C::Value> + ?Sized>(&self, sequence: &S) -> Result<Explanation, Error> {
        self.most_probable_path(sequence.block())
    }

    pub(super) fn most_probable_path(&self, block: <C::Value as Observation>::Block<'_>) -> Result<Explanation, Error> {
        check_row_length::<C::Value>(block, self.emissions.space().row_length)?;
        let k = self.states();
        let length = C::Value::len(block);
        let logs: Vec<f64> = self.transitions.iter().map(|p| p.ln()).collect();
        let mut best: Vec<f64> = self.initial.iter().map(|p| p.ln()).collect();
        let mut before = vec![0; k];
        // From where the best path to each state comes.
        let mut origins = vec![0usize; length * k];
        let mut tile = vec![0.0; k * CHUNK.min(length)];
        for start in (0..length).step_by(CHUNK) {
            let n = CHUNK.min(length - start);
            self.emissions.log_density_tile(C::Value::slice(block, start..start + n), &mut tile[..k * n]);
            for t in start..start + n {
                let old = best.clone();
                for (z, best) in best.iter_mut().enumerate() {
                    if t > 0 {
                        let reach = |from: usize| old[from] + logs[from * k + z];
                        let further = |a: usize, b: usize| if reach(b) > reach(a) { b } else { a };
                        before[z] = (0..k).reduce(further).unwrap_or(0);
                        *best = reach(before[z]);
                    }
                    if *best > f64::NEG_INFINITY {
                        *best += tile[z * n + t - start];
                    }
                }
                origins[t * k..(t + 1) * k].copy_from_slice(&before);
                let largest = best.iter().fold(f64::NEG_INFINITY, |m, &l| if l > m || l.is_nan() { l } else { m });
                check_step(largest, &self.emissions, C::Value::get(block, t), t)?;
            }
        }
        let last = (0..k).reduce(|a, b| if best[b] > best[a] { b } else { a }).unwrap_or(0);
        let mut states = vec![last; length];
        for t in (1..length).rev() {
            states[t - 1] = origins[t * k + states[t]];
        }
        Ok(Explanation { states, log_joint: if length == 0 { 0.0 } else { best[last] } })
    }
}
