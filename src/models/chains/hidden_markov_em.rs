//! EM for hidden Markov models (Baum, Petrie, Soules & Weiss 1970): expected first states and transitions from the forward
//! and backward sums, and the emissions' own statistics.

use crate::components::Components;
use crate::data::{Batch, Observation, Statistics};
use crate::distributions::expected_rows;
use crate::error::Error;
use crate::latent::{Climbs, Doubt, Evidence, Guarantee, LatentModel};

use super::filter::{CHUNK, Filter};
use super::hidden_markov_model::{HiddenMarkovModel, Sequence};

/// A smaller share of all steps is none: it lacks digits.
const UNVISITED: f64 = 1e-290;

/// Expected numbers of first states and of transitions, and the statistics of the emissions.
#[derive(Clone, Debug)]
pub struct HiddenMarkovStatistics<S> {
    /// Σ w p(z_1 = k | x).
    pub initial: Vec<f64>,
    /// Σ w Σ_t p(z_t = i, z_{t+1} = j | x), K × K, row-major.
    pub transitions: Vec<f64>,
    /// The statistics of the emissions.
    pub emissions: S,
}

impl<S> HiddenMarkovStatistics<S> {
    /// Σ w Σ_t p(z_t = k | x).
    fn visits(&self) -> Vec<f64> {
        let mut visits = self.initial.clone();
        for row in self.transitions.chunks_exact(visits.len()) {
            visits.iter_mut().zip(row).for_each(|(sum, pair)| *sum += pair);
        }
        visits
    }
}

impl<S: Statistics> Statistics for HiddenMarkovStatistics<S> {
    fn merge(&mut self, other: &Self) {
        self.initial.merge(&other.initial);
        self.transitions.merge(&other.transitions);
        self.emissions.merge(&other.emissions);
    }
    fn scale(&mut self, factor: f64) {
        self.initial.scale(factor);
        self.transitions.scale(factor);
        self.emissions.scale(factor);
    }
    fn extrapolates(&self) -> bool {
        self.emissions.extrapolates()
    }
    fn reset(&mut self, empty: &Self) {
        self.initial.reset(&empty.initial);
        self.transitions.reset(&empty.transitions);
        self.emissions.reset(&empty.emissions);
    }
}

impl<C: Components> HiddenMarkovModel<C> {
    /// The emissions estimated from their statistics, for the states that are visited at all: of the others nothing is
    /// known.
    pub(crate) fn estimated(&self, statistics: &C::Statistics, visits: &[f64]) -> Result<C, Error> {
        let total: f64 = visits.iter().sum();
        let seen: Vec<bool> = visits.iter().map(|visits| *visits > UNVISITED * total).collect();
        self.emissions.estimate_together(statistics, &seen)
    }

    /// How many steps of a sequence count.
    pub(super) fn draws_of(&self, sequence: &Sequence<C>) -> usize {
        let block = C::Value::block(sequence);
        (0..C::Value::len(block)).map(|t| self.emissions.draws_of(C::Value::get(block, t))).sum()
    }

    /// The E-step over all paths, by a filter of `self`.
    pub(super) fn sum_over_paths(
        &self,
        mut filter: Filter<'_, C>,
        batch: Batch<'_, Sequence<C>>,
        s: &mut HiddenMarkovStatistics<C::Statistics>,
    ) -> Result<Evidence, Error> {
        let mut evidence = Evidence::default();
        for n in (0..batch.len()).filter(|&n| batch.weight(n) > 0.0) {
            let (sequence, weight) = (C::Value::block(&batch.block()[n]), batch.weight(n));
            let at_row = |source| Error::AtRow { row: batch.row(n), source: Box::new(source) };
            evidence.add_draws(weight, self.draws_of(&batch.block()[n]), filter.run(sequence).map_err(at_row)?);
            s.transitions.iter_mut().zip(filter.smooth()).for_each(|(sum, pair)| *sum += weight * pair);
            s.initial.iter_mut().zip(filter.probabilities(0)).for_each(|(sum, p)| *sum += weight * p);
            for start in (0..C::Value::len(sequence)).step_by(CHUNK) {
                let steps = start..C::Value::len(sequence).min(start + CHUNK);
                let tile = filter.tile(steps.clone(), weight);
                self.emissions.observe_tile(&mut s.emissions, C::Value::slice(sequence, steps), tile);
            }
        }
        Ok(evidence)
    }
}

impl<C: Components> LatentModel for HiddenMarkovModel<C> {
    type Observation = Sequence<C>;
    type Parameters = Self;
    type Statistics = HiddenMarkovStatistics<C::Statistics>;

    fn statistics(&self, theta: &Self) -> Self::Statistics {
        let (k, emissions) = (theta.states(), theta.emissions.empty_statistics());
        HiddenMarkovStatistics { initial: vec![0.0; k], transitions: vec![0.0; k * k], emissions }
    }

    fn e_step(&self, theta: &Self, batch: Batch<'_, Sequence<C>>, s: &mut Self::Statistics) -> Result<Evidence, Error> {
        theta.sum_over_paths(Filter::new(theta), batch, s)
    }

    fn m_step(&self, theta_old: &Self, s: &Self::Statistics) -> Result<Self, Error> {
        let total: f64 = s.initial.iter().sum();
        if !(total > 0.0) {
            return Err(Error::NoWeight { weight: total });
        }
        let emissions = theta_old.estimated(&s.emissions, &s.visits())?;
        let k = theta_old.states();
        let counts = theta_old.transitions.chunks_exact(k).zip(s.transitions.chunks_exact(k)).enumerate();
        // Of a state that is never left nothing is known but a prior.
        let rows = counts.map(|(from, (row, counts))| self.rows.from_state(from).estimate(row, counts));
        let transitions = rows.collect::<Vec<_>>().concat();
        let initial = self.rows.initial.estimate(&theta_old.initial, &s.initial);
        Ok(Self { initial, transitions, emissions, rows: self.rows.clone() })
    }

    fn expected_log_joint(&self, theta: &Self, s: &Self::Statistics) -> f64 {
        let term = |(count, p): (&f64, &f64)| if *count > 0.0 { count * p.ln() } else { 0.0 };
        let first: f64 = s.initial.iter().zip(&theta.initial).map(term).sum();
        let steps: f64 = s.transitions.iter().zip(&theta.transitions).map(term).sum();
        first + steps + theta.emissions.expected_log_densities(&s.emissions)
    }

    fn summed_in_logarithms(&self, theta: &Self, sequence: &Sequence<C>) -> Option<f64> {
        match Filter::new(theta).run_in_logs(C::Value::block(sequence)) {
            Err(error) if error.is_impossible() => Some(f64::NEG_INFINITY),
            sum => sum.ok(),
        }
    }

    /// Of one step.
    fn resolution(&self, theta: &Self) -> f64 {
        (0..theta.states()).map(|z| theta.emissions.resolution_given(z)).fold(0.0, f64::max)
    }

    fn check(&self, theta: &Self) -> Result<(), Error> {
        let (expected, found) = (self.states(), theta.states());
        if expected != found {
            return Err(Error::Dimension { what: "the states of the start", expected, found });
        }
        self.emissions.check_start(&theta.emissions)
    }

    fn log_prior(&self, theta: &Self) -> f64 {
        self.log_prior_at(theta).unwrap_or(0.0)
    }

    fn climbs(&self) -> Climbs {
        Climbs::with_priors([self.log_prior_at(self)])
    }

    fn guarantee(&self) -> Guarantee {
        self.emissions.joint_guarantee()
    }

    fn doubts(&self, theta: &Self, s: &Self::Statistics, draws: f64) -> Vec<Doubt> {
        theta.emissions.doubts(&s.emissions, &expected_rows(&s.visits(), draws))
    }

    /// A probability of 0 in this model stays 0, so it is not free; one that a fit drives to 0 was.
    fn free_parameters(&self, theta: &Self) -> Option<usize> {
        theta.emissions.degrees_of_freedom().map(|p| p + self.free_probabilities())
    }
}
