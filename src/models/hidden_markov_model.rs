//! Hidden Markov model: p(x, z) = p(z_1) Π_t p(z_t | z_{t−1}) Π_t p(x_t | z_t), emissions of any family that can be
//! estimated (Baum, Petrie, Soules & Weiss 1970).

use std::borrow::Borrow;
use std::fmt;

use rand::Rng;

use crate::data::{Batch, Observation, Rows, Statistics};
use crate::distributions::{Distribution, Estimate, check_simplex, draw_index, estimate_without_weight};
use crate::error::Error;
use crate::latent::{Climbs, Evidence, Guarantee, LatentModel};
use crate::numeric::forward_backward::Chain;

use super::filter::{CHUNK, Filter};

/// More than these have K² transitions that fill memories.
const MOST_STATES: usize = 10_000;

/// States z_t ∈ {0, …, K−1} follow one another with probabilities A, and each x_t comes from its state's emission.
///
/// An observation is a whole sequence: a [`Vec`] of numbers, counts or whatever the emissions are about, or a
/// [`Table`](crate::data::Table) where they are about rows. Sequences are independent and may differ in length. As a
/// latent model it is its own start, and a transition of probability 0 stays 0: left-to-right chains need no more. In a
/// fit a state that no sequence visits keeps its emission and its row of transitions.
/// ```
/// use marginal::{distributions::Poisson, em::Em, models::HiddenMarkovModel};
/// let calls = vec![1, 0, 2, 1, 9, 7, 8, 11, 9, 1, 0, 1, 2, 0, 10, 8, 7, 9];
/// let quiet_and_busy = vec![Poisson::new(2.0)?, Poisson::new(6.0)?];
/// let model = HiddenMarkovModel::new(&[0.5, 0.5], &[[0.9, 0.1], [0.1, 0.9]], quiet_and_busy)?;
/// let fit = Em::default().fit(&model, &[calls.clone()])?;
/// let hours = fit.parameters.most_probable(&calls)?.states;
/// assert_eq!(hours, [0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1]);
/// # Ok::<(), marginal::Error>(())
/// ```
/// For [`Fit::bic`](crate::em::Fit::bic) each step is a draw.
#[derive(Clone, Debug, PartialEq)]
pub struct HiddenMarkovModel<D> {
    pub(super) initial: Vec<f64>,
    /// K × K, row-major, `[from][to]`.
    pub(super) transitions: Vec<f64>,
    pub(super) emissions: Vec<D>,
}

/// A smaller share of all steps is none: it lacks digits.
const UNVISITED: f64 = 1e-290;

/// The sequences that emissions of type `D` make up.
pub(super) type Sequence<D> = <<D as Distribution>::Value as Observation>::Buffer;

impl<D> HiddenMarkovModel<D> {
    /// p(z_1), K rows p(z_t | z_{t−1}), and K emissions.
    ///
    /// # Errors
    /// [`Error::Dimension`] if the lengths differ or are 0, [`Error::Parameter`] if a probability is not in [0, 1],
    /// [`Error::NotNormalised`] if those of a row sum to anything but 1 (by more than 1e-9).
    pub fn new<R: AsRef<[f64]>>(initial: &[f64], transitions: &[R], emissions: Vec<D>) -> Result<Self, Error> {
        let k = emissions.len().max(1);
        let check = |what: &'static str, found: usize| {
            if found == k { Ok(()) } else { Err(Error::Dimension { what, expected: k, found }) }
        };
        check("the emissions", emissions.len())?;
        check("the probabilities of the first state", initial.len())?;
        check("the rows of transition probabilities", transitions.len())?;
        check_simplex(initial, "probability", || "the probabilities of the first state".into())?;
        for (from, row) in transitions.iter().enumerate() {
            check("a row of transition probabilities", row.as_ref().len())?;
            let what = || format!("the row of transition probabilities from state {from}");
            check_simplex(row.as_ref(), "probability", what)?;
        }
        let transitions = transitions.iter().flat_map(|row| row.as_ref().iter().copied()).collect();
        Ok(Self { initial: initial.to_vec(), transitions, emissions })
    }

    /// The emissions, all states equally likely at any time.
    ///
    /// # Errors
    /// [`Error::Dimension`] if there is no emission, [`Error::Parameter`] if there are more than 10⁴, the transitions among
    /// which would fill memories.
    pub fn of(emissions: Vec<D>) -> Result<Self, Error> {
        Error::check(emissions.len() <= MOST_STATES, "the number of states", emissions.len() as f64, "{1, …, 10⁴}")?;
        let row = vec![1.0 / emissions.len() as f64; emissions.len()];
        Self::new(&row, &vec![&row; emissions.len()], emissions)
    }

    /// p(z_1).
    pub fn initial(&self) -> &[f64] {
        &self.initial
    }

    /// The rows p(z_t | z_{t−1}), one for each z_{t−1}.
    pub fn transitions(&self) -> Rows<'_, f64> {
        Rows::new(&self.transitions, self.states()).expect("K rows of K")
    }

    /// The emissions.
    pub fn emissions(&self) -> &[D] {
        &self.emissions
    }

    pub(super) fn states(&self) -> usize {
        self.emissions.len()
    }

    pub(super) fn chain(&self) -> Chain {
        Chain::new(&self.initial, &self.transitions)
    }
}

impl<D: Distribution> HiddenMarkovModel<D> {
    /// Draws z_t and x_t, one step after the other without end.
    pub fn steps<'a>(
        &'a self,
        rng: &'a mut dyn Rng,
    ) -> impl Iterator<Item = (usize, <D::Value as ToOwned>::Owned)> + 'a {
        let mut from = &self.initial[..];
        std::iter::repeat_with(move || {
            let z = draw_index(from, rng);
            from = self.transitions().row(z);
            (z, self.emissions[z].sample(rng))
        })
    }

    /// A sequence of that length, and the states that it was drawn from.
    pub fn sample(&self, length: usize, rng: &mut dyn Rng) -> (Sequence<D>, Vec<usize>) {
        let (mut sequence, mut states) = (Sequence::<D>::default(), Vec::new());
        for (z, x) in self.steps(rng).take(length) {
            D::Value::push(&mut sequence, x.borrow());
            states.push(z);
        }
        (sequence, states)
    }
}

/// Expected numbers of first states and of transitions, and the statistics of each emission.
#[derive(Clone, Debug)]
pub struct HiddenMarkovStatistics<S> {
    /// Σ w p(z_1 = k | x).
    pub initial: Vec<f64>,
    /// Σ w Σ_t p(z_t = i, z_{t+1} = j | x), K × K, row-major.
    pub transitions: Vec<f64>,
    /// The statistics of each emission.
    pub emissions: Vec<S>,
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
    fn reset(&mut self, empty: &Self) {
        self.initial.reset(&empty.initial);
        self.transitions.reset(&empty.transitions);
        self.emissions.reset(&empty.emissions);
    }
}

impl<D: Estimate> HiddenMarkovModel<D> {
    /// The emissions estimated from the statistics of each, for the states that are visited at all: of the others nothing
    /// is known.
    pub(super) fn estimated(&self, statistics: &[D::Statistics], visits: &[f64]) -> Result<Vec<D>, Error> {
        let total: f64 = visits.iter().sum();
        let of_state = |(k, (d, s)): (usize, (&D, &D::Statistics))| {
            let estimate = || d.estimate(s);
            let visited = visits[k] > UNVISITED * total;
            let estimated = if visited { estimate() } else { estimate_without_weight(d, d.log_prior(), estimate) };
            estimated.map_err(|e| e.of_component(k))
        };
        self.emissions.iter().zip(statistics).enumerate().map(of_state).collect()
    }
}

impl<D: Estimate> LatentModel for HiddenMarkovModel<D> {
    type Observation = Sequence<D>;
    type Parameters = Self;
    type Statistics = HiddenMarkovStatistics<D::Statistics>;

    fn statistics(&self, theta: &Self) -> Self::Statistics {
        let k = theta.states();
        let emissions = theta.emissions.iter().map(Estimate::statistics).collect();
        HiddenMarkovStatistics { initial: vec![0.0; k], transitions: vec![0.0; k * k], emissions }
    }

    fn e_step(&self, theta: &Self, batch: Batch<'_, Sequence<D>>, s: &mut Self::Statistics) -> Result<Evidence, Error> {
        let mut evidence = Evidence::default();
        let mut filter = Filter::new(theta);
        for n in (0..batch.len()).filter(|&n| batch.weight(n) > 0.0) {
            let (sequence, weight) = (D::Value::block(&batch.block()[n]), batch.weight(n));
            let at_row = |source| Error::AtRow { row: batch.row(n), source: Box::new(source) };
            evidence.add_draws(weight, D::Value::len(sequence), filter.run(sequence).map_err(at_row)?);
            s.transitions.iter_mut().zip(filter.smooth()).for_each(|(sum, pair)| *sum += weight * pair);
            s.initial.iter_mut().zip(filter.probabilities(0)).for_each(|(sum, p)| *sum += weight * p);
            let (emissions, mut sums): (Vec<&D>, Vec<&mut D::Statistics>) =
                (theta.emissions.iter().collect(), s.emissions.iter_mut().collect());
            for start in (0..D::Value::len(sequence)).step_by(CHUNK) {
                let steps = start..D::Value::len(sequence).min(start + CHUNK);
                let tile = filter.tile(steps.clone(), weight);
                D::observe_each(&emissions, &mut sums, D::Value::slice(sequence, steps), tile);
            }
        }
        Ok(evidence)
    }

    fn m_step(&self, theta_old: &Self, s: &Self::Statistics) -> Result<Self, Error> {
        let total: f64 = s.initial.iter().sum();
        if !(total > 0.0) {
            return Err(Error::NoWeight { weight: total });
        }
        let emissions = theta_old.estimated(&s.emissions, &s.visits())?;
        let k = theta_old.states();
        let mut transitions = theta_old.transitions.clone();
        for (row, counts) in transitions.chunks_exact_mut(k).zip(s.transitions.chunks_exact(k)) {
            let left: f64 = counts.iter().sum();
            // Of a state that is never left nothing is known: its row stays.
            if left > 0.0 {
                row.iter_mut().zip(counts).for_each(|(p, count)| *p = count / left);
            }
        }
        Ok(Self { initial: s.initial.iter().map(|w| w / total).collect(), transitions, emissions })
    }

    fn expected_log_joint(&self, theta: &Self, s: &Self::Statistics) -> f64 {
        let term = |(count, p): (&f64, &f64)| if *count > 0.0 { count * p.ln() } else { 0.0 };
        let first: f64 = s.initial.iter().zip(&theta.initial).map(term).sum();
        let steps: f64 = s.transitions.iter().zip(&theta.transitions).map(term).sum();
        let of_state = |(d, s): (&D, &D::Statistics)| d.expected_log_density(s);
        first + steps + theta.emissions.iter().zip(&s.emissions).map(of_state).sum::<f64>()
    }

    fn summed_in_logarithms(&self, theta: &Self, sequence: &Sequence<D>) -> Option<f64> {
        match Filter::new(theta).run_in_logs(D::Value::block(sequence)) {
            Err(error) if error.is_impossible() => Some(f64::NEG_INFINITY),
            sum => sum.ok(),
        }
    }

    /// Of one step.
    fn resolution(&self, theta: &Self) -> f64 {
        theta.emissions.iter().map(D::resolution).fold(0.0, f64::max)
    }

    fn check(&self, theta: &Self) -> Result<(), Error> {
        let (expected, found) = (self.states(), theta.states());
        if expected != found {
            return Err(Error::Dimension { what: "the states of the start", expected, found });
        }
        let first = theta.emissions[0].row_length();
        match theta.emissions.iter().map(D::row_length).find(|length| *length != first) {
            None => Ok(()),
            Some(length) => {
                let (expected, found) = (first.unwrap_or(0), length.unwrap_or(0));
                Err(Error::Dimension { what: "the rows of an emission", expected, found })
            }
        }
    }

    fn log_prior(&self, theta: &Self) -> f64 {
        theta.emissions.iter().filter_map(D::log_prior).sum()
    }

    fn climbs(&self) -> Climbs {
        Climbs::with_priors(self.emissions.iter().map(D::log_prior))
    }

    fn guarantee(&self) -> Guarantee {
        self.emissions.iter().map(Estimate::guarantee).min().unwrap_or_default()
    }

    /// A probability of 0 in this model stays 0, so it is not free; one that a fit drives to 0 was.
    fn free_parameters(&self, theta: &Self) -> Option<usize> {
        let of_emissions: Option<usize> = theta.emissions.iter().map(Estimate::free_parameters).sum();
        let positive = |row: &[f64]| row.iter().filter(|p| **p > 0.0).count() - 1;
        let of_rows: usize = self.transitions().iter().map(positive).sum();
        of_emissions.map(|p| p + positive(&self.initial) + of_rows)
    }
}

impl<D: fmt::Display> fmt::Display for HiddenMarkovModel<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (k, (emission, row)) in self.emissions.iter().zip(self.transitions().iter()).enumerate() {
            write!(f, "state {k}: first {:.6}  then", self.initial[k])?;
            row.iter().try_for_each(|p| write!(f, " {p:.6}"))?;
            writeln!(f, "  {emission}")?;
        }
        Ok(())
    }
}
