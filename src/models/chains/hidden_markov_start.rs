//! Where EM starts for a hidden Markov model.

use rand::{Rng, RngExt};

use crate::components::{Components, observe_shares};
use crate::data::{Batch, Dataset, InMemory, Observation, Sample, check_row_length};
use crate::distributions::uniform_on_simplex;
use crate::error::Error;
use crate::latent::{LatentModel, Start, StartKind};

use super::hidden_markov_model::{HiddenMarkovModel, Sequence};
use crate::models::clustering::seeding::sample_size;
use crate::models::starts::equal_components::{Pairs, start_apart};
use crate::models::starts::members::{Sharing, mostly_one};

/// A start looks at at most this many sequences.
const SEQUENCES: usize = 200;

const KNOWN: [StartKind; 7] = [
    StartKind::AsGiven,
    StartKind::Random,
    StartKind::Clusters,
    StartKind::Seeds,
    StartKind::RandomRows,
    StartKind::RandomShares,
    StartKind::TightSeeds,
];

/// Unless kinds are asked for, the first run starts from this model as it stands, and all others from random stretches. A
/// chain does not serve as it stands if nothing tells two of its states apart: equal emissions at every step, and equal
/// probabilities of coming to them and of leaving them. From there EM would leave them equal for ever.
///
/// A random start cuts at most 200 of the sequences into stretches of random lengths, each of which favours some states at
/// random, among those whose family may have produced the step; and it draws the transitions, of which those of probability 0
/// stay 0. All other kinds share the steps without regard to their order. In the first run these leave the probabilities of
/// the first state and the transitions as they are, in others they draw the transitions too. Steps without K clusters are
/// cut into stretches: their order may tell states apart that their values do not.
/// [`fit_from`](crate::em::Em::fit_from) starts where it is told to, also from equal states.
impl<C: Components> Start for HiddenMarkovModel<C> {
    fn start<T: Dataset<Sequence<C>> + ?Sized>(
        &self,
        data: &T,
        restart: usize,
        rng: &mut dyn Rng,
    ) -> Result<Self, Error> {
        self.start_of_kind(StartKind::in_turn(self.default_starts(), restart), data, restart, rng)
    }

    fn known_starts(&self) -> &'static [StartKind] {
        &KNOWN
    }

    fn default_starts(&self) -> &'static [StartKind] {
        &KNOWN[..2]
    }

    fn start_of_kind<T: Dataset<Sequence<C>> + ?Sized>(
        &self,
        kind: StartKind,
        data: &T,
        restart: usize,
        rng: &mut dyn Rng,
    ) -> Result<Self, Error> {
        LatentModel::check(self, self)?;
        let as_given = kind == StartKind::AsGiven;
        start_apart(
            as_given,
            self,
            data,
            |model| model.equal_states(data),
            || {
                if as_given || kind == StartKind::Random {
                    return self.in_stretches(data, rng);
                }
                let steps = self.some_steps(data, rng)?;
                let bank = self.emissions.at_start(&steps)?;
                let sharing = Sharing::new(&bank, &steps, |s, visits| self.estimated(s, visits));
                match sharing.members(kind, rng) {
                    Ok((_, emissions)) if restart == 0 => Ok(Self { emissions, ..self.clone() }),
                    Ok((_, emissions)) => {
                        Ok(Self { emissions, transitions: self.random_transitions(rng), ..self.clone() })
                    }
                    Err(Error::TooFewRows { .. }) if C::Value::len(steps.block()) >= self.states() => {
                        self.in_stretches(data, rng)
                    }
                    Err(error) => Err(error),
                }
            },
        )
    }
}

impl<C: Components> HiddenMarkovModel<C> {
    /// Random ones of the steps of all sequences.
    fn some_steps<T: Dataset<Sequence<C>> + ?Sized>(
        &self,
        data: &T,
        rng: &mut dyn Rng,
    ) -> Result<Sample<C::Value>, Error> {
        let sample = data.subsample(SEQUENCES, rng.random())?;
        let lengths = sample.block().iter().map(|sequence| C::Value::len(C::Value::block(sequence)));
        let total: usize = lengths.sum();
        let mut chosen = rand::seq::index::sample(rng, total, sample_size(self.states()).min(total)).into_vec();
        chosen.sort_unstable();
        let (mut steps, mut chosen, mut first) = (Sample::default(), chosen.into_iter().peekable(), 0);
        for (sequence, &weight) in sample.block().iter().zip(sample.weights().unwrap_or_default()) {
            let sequence = C::Value::block(sequence);
            let last = first + C::Value::len(sequence);
            while let Some(step) = chosen.next_if(|step| *step < last) {
                steps.push(C::Value::get(sequence, step - first), weight);
            }
            first = last;
        }
        Ok(steps)
    }

    /// As many steps as a start looks at, equally far from one another.
    fn spread_steps(&self, sample: &Sample<Sequence<C>>) -> Sample<C::Value> {
        let row_length = self.emissions.space().row_length;
        let fits = |sequence: &<C::Value as Observation>::Block<'_>| {
            check_row_length::<C::Value>(*sequence, row_length).is_ok()
        };
        let all = || sample.block().iter().map(C::Value::block).zip(sample.weights().unwrap_or_default());
        let sequences = || all().filter(|(sequence, _)| fits(sequence));
        let total: usize = sequences().map(|(sequence, _)| C::Value::len(sequence)).sum();
        let (stride, mut steps, mut number) = (total.div_ceil(sample_size(self.states())).max(1), Sample::default(), 0);
        for (sequence, &weight) in sequences() {
            for t in 0..C::Value::len(sequence) {
                if number % stride == 0 {
                    steps.push(C::Value::get(sequence, t), weight);
                }
                number += 1;
            }
        }
        steps
    }

    fn in_stretches<T: Dataset<Sequence<C>> + ?Sized>(&self, data: &T, rng: &mut dyn Rng) -> Result<Self, Error> {
        let sample = data.subsample(SEQUENCES, rng.random())?;
        let (mut s, mut visits) = (self.statistics(self).emissions, vec![0.0; self.states()]);
        let bank = self.emissions.at_start(&self.spread_steps(&sample))?;
        for (sequence, &weight) in sample.block().iter().zip(sample.weights().unwrap_or_default()) {
            let sequence = C::Value::block(sequence);
            let (mut left, mut favoured) = (0, Vec::new());
            let longest = (C::Value::len(sequence) / (2 * self.states())).max(1);
            let weights = vec![weight; C::Value::len(sequence)];
            observe_shares(&bank, (sequence, &weights), (&mut s, &mut visits), |_, shares| {
                if left == 0 {
                    left = rng.random_range(1..=longest);
                    favoured = mostly_one(self.states(), rng);
                }
                left -= 1;
                shares.copy_from_slice(&favoured);
            });
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
            if next.is_empty() || self.rows.from_state(from).is_held() {
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
