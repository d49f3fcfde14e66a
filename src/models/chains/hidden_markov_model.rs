//! Hidden Markov model: p(x, z) = p(z_1) Π_t p(z_t | z_{t−1}) Π_t p(x_t | z_t), emissions of any bank of
//! components (Baum, Petrie, Soules & Weiss 1970).

use std::borrow::Borrow;
use std::fmt;

use rand::Rng;

use crate::components::{Components, SampleGiven};
use crate::data::{Observation, Rows};
use crate::distributions::{check_simplex, draw_index};
use crate::error::Error;
use crate::numeric::chains::forward_backward::Chain;

use super::chain_estimate::ChainEstimate;

/// More than these have K² transitions that fill memories.
const MOST_STATES: usize = 10_000;

/// States z_t ∈ {0, …, K−1} follow one another with probabilities A, and each x_t comes from its state's emission, a member
/// of a bank of [`Components`]: a `Vec` of one family, say.
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
pub struct HiddenMarkovModel<C> {
    pub(crate) initial: Vec<f64>,
    /// K × K, row-major, `[from][to]`.
    pub(crate) transitions: Vec<f64>,
    pub(crate) emissions: C,
    pub(crate) rows: ChainEstimate,
}

/// The sequences that emissions of type `C` make up.
pub(crate) type Sequence<C> = <<C as Components>::Value as Observation>::Buffer;

impl<C: Components> HiddenMarkovModel<C> {
    /// p(z_1), K rows p(z_t | z_{t−1}), and K emissions.
    ///
    /// # Errors
    /// [`Error::Dimension`] if the lengths differ or are 0, [`Error::Parameter`] if a probability is not in [0, 1],
    /// [`Error::NotNormalised`] if those of a row sum to anything but 1 (by more than 1e-9).
    pub fn new<R: AsRef<[f64]>>(initial: &[f64], transitions: &[R], emissions: C) -> Result<Self, Error> {
        let k = emissions.count().max(1);
        let check = |what: &'static str, found: usize| {
            if found == k { Ok(()) } else { Err(Error::Dimension { what, expected: k, found }) }
        };
        check("the emissions", emissions.count())?;
        check("the probabilities of the first state", initial.len())?;
        check("the rows of transition probabilities", transitions.len())?;
        check_simplex(initial, "probability", || "the probabilities of the first state".into())?;
        for (from, row) in transitions.iter().enumerate() {
            check("a row of transition probabilities", row.as_ref().len())?;
            let what = || format!("the row of transition probabilities from state {from}");
            check_simplex(row.as_ref(), "probability", what)?;
        }
        let transitions = transitions.iter().flat_map(|row| row.as_ref().iter().copied()).collect();
        Ok(Self { initial: initial.to_vec(), transitions, emissions, rows: ChainEstimate::default() })
    }

    /// The emissions, all states equally likely at any time.
    ///
    /// # Errors
    /// [`Error::Dimension`] if there is no emission, [`Error::Parameter`] if there are more than 10⁴, the transitions among
    /// which would fill memories.
    pub fn of(emissions: C) -> Result<Self, Error> {
        let k = emissions.count();
        Error::check(k <= MOST_STATES, "the number of states", k as f64, "{1, …, 10⁴}")?;
        let row = vec![1.0 / k as f64; k];
        Self::new(&row, &vec![&row; k], emissions)
    }
}

impl<C> HiddenMarkovModel<C> {
    /// p(z_1).
    pub fn initial(&self) -> &[f64] {
        &self.initial
    }

    /// The rows p(z_t | z_{t−1}), one for each z_{t−1}.
    pub fn transitions(&self) -> Rows<'_, f64> {
        Rows::new(&self.transitions, self.states()).expect("K rows of K")
    }

    /// The emissions.
    pub fn emissions(&self) -> &C {
        &self.emissions
    }

    pub(crate) fn states(&self) -> usize {
        self.initial.len()
    }

    pub(crate) fn chain(&self) -> Chain {
        Chain::new(&self.initial, &self.transitions)
    }
}

impl<C: SampleGiven> HiddenMarkovModel<C> {
    /// Draws z_t and x_t, one step after the other without end.
    pub fn steps<'a>(
        &'a self,
        rng: &'a mut dyn Rng,
    ) -> impl Iterator<Item = (usize, <C::Value as ToOwned>::Owned)> + 'a {
        let mut from = &self.initial[..];
        std::iter::repeat_with(move || {
            let z = draw_index(from, rng);
            from = self.transitions().row(z);
            (z, self.emissions.sample_given(z, rng))
        })
    }

    /// A sequence of that length, and the states that it was drawn from.
    pub fn sample(&self, length: usize, rng: &mut dyn Rng) -> (Sequence<C>, Vec<usize>) {
        let (mut sequence, mut states) = (Sequence::<C>::default(), Vec::new());
        for (z, x) in self.steps(rng).take(length) {
            C::Value::push(&mut sequence, x.borrow());
            states.push(z);
        }
        (sequence, states)
    }
}

impl<C> fmt::Display for HiddenMarkovModel<C>
where
    for<'a> &'a C: IntoIterator<Item: fmt::Display>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (k, (emission, row)) in self.emissions.into_iter().zip(self.transitions().iter()).enumerate() {
            write!(f, "state {k}: first {:.6}  then", self.initial[k])?;
            row.iter().try_for_each(|p| write!(f, " {p:.6}"))?;
            writeln!(f, "  {emission}")?;
        }
        Ok(())
    }
}
