//! Where EM starts for a hidden Markov model.

use rand::{Rng, RngExt};

use crate::components::{Components, share_row};
use crate::data::{Batch, Dataset, InMemory, Observation};
use crate::distributions::uniform_on_simplex;
use crate::error::Error;
use crate::latent::{LatentModel, Start};

use super::hidden_markov_model::{HiddenMarkovModel, Sequence};
use crate::models::mixtures::equal_components::{Pairs, start_apart};

/// The first run starts from this model as it stands, unless nothing tells two of its states apart: equal emissions at
/// every step, and equal probabilities of coming to them and of leaving them. From there EM would leave them equal for
/// ever. The others cut at most 200 of the sequences into stretches of random lengths, each of which favours some states
/// at random, among those whose family may have produced the step; and they draw the transitions, of which those of
/// probability 0 stay 0.
/// [`fit_from`](crate::em::Em::fit_from) starts where it is told to, also from equal states.
impl<C: Components> Start for HiddenMarkovModel<C> {
    fn start<T: Dataset<Sequence<C>> + ?Sized>(
        &self,
        data: &T,
        restart: usize,
        rng: &mut dyn Rng,
    ) -> Result<Self, Error> {
        LatentModel::check(self, self)?;
        start_apart(restart == 0, self, data, |model| model.equal_states(data), || self.in_stretches(data, rng))
    }
}

impl<C: Components> HiddenMarkovModel<C> {
    fn in_stretches<T: Dataset<Sequence<C>> + ?Sized>(&self, data: &T, rng: &mut dyn Rng) -> Result<Self, Error> {
        let sample = data.subsample(200, rng.random())?;
        let (mut s, mut visits) = (self.statistics(self).emissions, vec![0.0; self.states()]);
        for (sequence, &weight) in sample.block().iter().zip(sample.weights().unwrap_or_default()) {
            let sequence = C::Value::block(sequence);
            let (mut left, mut shares) = (0, Vec::new());
            let longest = (C::Value::len(sequence) / (2 * self.states())).max(1);
            for t in 0..C::Value::len(sequence) {
                if left == 0 {
                    left = rng.random_range(1..=longest);
                    // Cubes: mostly one state has most.
                    shares = uniform_on_simplex(self.states(), rng).into_iter().map(|share| share.powi(3)).collect();
                    let total: f64 = shares.iter().sum();
                    shares.iter_mut().for_each(|share| *share /= total);
                }
                left -= 1;
                let x = C::Value::get(sequence, t);
                let possible: Vec<bool> = (0..self.states()).map(|z| self.emissions.may_produce(x, z)).collect();
                share_row(&possible, weight, &shares, |z, share| {
                    visits[z] += share;
                    self.emissions.observe_given(&mut s, x, z, share);
                });
            }
        }
        let transitions = self.random_transitions(rng);
        let start = Self { emissions: self.estimated(&s, &visits)?, transitions, ..self.clone() };
        // Transitions alone would hold apart what no step tells apart.
        let pairs = start.told_apart(data)?;
        match pairs.equal().next() {
            Some((first, second)) if pairs.none_apart() => Err(Error::EqualComponents { first, second }),
            _ => Ok(start),
        }
    }

    /// A state is left with a probability that is log-uniform in [0.9 / 10⁴, 0.9]: some optima have states that the chain
    /// hardly ever leaves beside others that it passes through. Where it then goes is uniform on the simplex.
    fn random_transitions(&self, rng: &mut dyn Rng) -> Vec<f64> {
        let k = self.states();
        let mut transitions = self.transitions.clone();
        for (from, row) in transitions.chunks_exact_mut(k).enumerate() {
            let next: Vec<usize> = (0..k).filter(|&to| to != from && row[to] > 0.0).collect();
            if next.is_empty() {
                continue;
            }
            let leaves = if row[from] > 0.0 { 0.9 * 1e-4f64.powf(rng.random()) } else { 1.0 };
            row[from] = 1.0 - leaves;
            for (to, share) in next.iter().zip(uniform_on_simplex(next.len(), rng)) {
                row[*to] = leaves * share;
            }
        }
        transitions
    }

    /// The first two states that EM would leave equal.
    fn equal_states<T: Dataset<Sequence<C>> + ?Sized>(&self, data: &T) -> Result<Option<(usize, usize)>, Error> {
        let pairs = self.told_apart(data)?;
        // Emissions that say nothing leave p(z_t | x) = p(z_t), and if that is the same at all t they stay equal.
        if pairs.none_apart() && self.is_stationary() {
            return Ok(pairs.equal().next());
        }
        Ok(pairs.equal().find(|(i, j)| self.may_swap(*i, *j)))
    }

    /// Which emissions some step tells apart.
    fn told_apart<T: Dataset<Sequence<C>> + ?Sized>(&self, data: &T) -> Result<Pairs, Error> {
        let k = self.states();
        data.fold(&Pairs::new(k), &|batch: Batch<'_, Sequence<C>>, pairs: &mut Pairs| {
            let mut logs = vec![0.0; k];
            for n in (0..batch.len()).filter(|n| batch.weight(*n) > 0.0) {
                let sequence = C::Value::block(&batch.block()[n]);
                for t in 0..C::Value::len(sequence) {
                    if pairs.all_apart() {
                        return Ok(());
                    }
                    let x = C::Value::get(sequence, t);
                    logs.iter_mut().enumerate().for_each(|(z, l)| *l = self.emissions.log_density_given(x, z));
                    pairs.see(&logs);
                }
            }
            Ok(())
        })
    }

    fn is_stationary(&self) -> bool {
        let rows = || self.initial.iter().zip(self.transitions().iter());
        (0..self.states()).all(|j| same(rows().map(|(p, row)| p * row[j]).sum(), self.initial[j]))
    }

    /// Whether the chain is the same with states i and j in each other's place.
    fn may_swap(&self, i: usize, j: usize) -> bool {
        let swapped = |z: usize| {
            if z == i {
                j
            } else if z == j {
                i
            } else {
                z
            }
        };
        let a = |from: usize, to: usize| self.transitions[from * self.states() + to];
        let mut pairs = (0..self.states()).flat_map(|from| (0..self.states()).map(move |to| (from, to)));
        same(self.initial[i], self.initial[j])
            && pairs.all(|(from, to)| same(a(from, to), a(swapped(from), swapped(to))))
    }
}

fn same(p: f64, q: f64) -> bool {
    (p - q).abs() < 1e-9
}
