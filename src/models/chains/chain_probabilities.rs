//! The first probabilities and the transitions of a chain, which may have priors or be held.

use crate::components::Components;
use crate::distributions::{Dirichlet, RowEstimate, log_prior_of_all};
use crate::error::Error;

use super::chain_estimate::ChainEstimate;
use super::hidden_markov_model::HiddenMarkovModel;

impl<C: Components> HiddenMarkovModel<C> {
    /// A Dirichlet prior of p(z_1): α_k − 1 sequences that begin in state k are imagined. EM then climbs ℓ + ln prior. A
    /// probability of 0 stays 0, and has no part in the prior.
    ///
    /// # Errors
    /// [`Error::Dimension`] unless there are K concentrations; [`Error::Parameter`] for one below 1, with which the density
    /// has no maximum.
    pub fn initial_prior(self, prior: Dirichlet) -> Result<Self, Error> {
        let rows = ChainEstimate { initial: RowEstimate::Prior(prior), ..self.rows.clone() };
        self.with_rows(rows)
    }

    /// A Dirichlet prior of each row of transitions: of the row from state i, α_ij − 1 steps to j are imagined. With a large
    /// α_ii the states last long. A transition of probability 0 stays 0, and has no part in the prior.
    /// ```
    /// use marginal::distributions::{Dirichlet, Fixed, Poisson};
    /// use marginal::{em::Em, models::HiddenMarkovModel};
    /// let known = vec![Fixed(Poisson::new(1.0)?), Fixed(Poisson::new(300.0)?)]; // each step tells its state
    /// let lasting = vec![Dirichlet::new(vec![8.0, 1.0])?, Dirichlet::new(vec![1.0, 8.0])?];
    /// let model = HiddenMarkovModel::of(known)?.transition_priors(lasting)?;
    /// let fit = Em::default().verify(true).fit(&model, &[vec![0, 2, 310, 295, 1]])?;
    /// let from_0 = fit.parameters.transitions().row(0).to_vec();
    /// assert!((from_0[0] - 8.0 / 9.0).abs() < 1e-12); // seen 0 → 0 and 0 → 1 once each, imagined 0 → 0 seven times
    /// # Ok::<(), marginal::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Dimension`] unless there are K priors of K concentrations; [`Error::Parameter`] for one below 1.
    pub fn transition_priors(self, priors: Vec<Dirichlet>) -> Result<Self, Error> {
        let (expected, found) = (self.states(), priors.len());
        if found != expected {
            return Err(Error::Dimension { what: "the priors of the rows of transitions", expected, found });
        }
        let transitions = priors.into_iter().map(RowEstimate::Prior).collect();
        let rows = ChainEstimate { transitions, ..self.rows.clone() };
        self.with_rows(rows)
    }

    /// The same, p(z_1) known: an estimate keeps it.
    #[must_use]
    pub fn hold_initial(mut self) -> Self {
        self.rows.initial = RowEstimate::Held;
        self
    }

    /// The same, all transitions known: an estimate keeps them. Single ones are held at 0 by being 0.
    /// ```
    /// use marginal::{distributions::Normal, em::Em, models::HiddenMarkovModel};
    /// let states = vec![Normal::new(0.0, 1.0)?, Normal::new(5.0, 1.0)?];
    /// let rows = [[0.9, 0.1], [0.2, 0.8]];
    /// let model = HiddenMarkovModel::new(&[0.5, 0.5], &rows, states)?.hold_initial().hold_transitions();
    /// let fit = Em::default().fit(&model, &[vec![0.3, -0.2, 5.1, 4.7, 0.4, 0.1]])?;
    /// assert_eq!(fit.parameters.transitions().row(1), [0.2, 0.8]);
    /// assert_eq!(fit.free_parameters, Some(4)); // two means and two standard deviations
    /// # Ok::<(), marginal::Error>(())
    /// ```
    #[must_use]
    pub fn hold_transitions(mut self) -> Self {
        self.rows.transitions = vec![RowEstimate::Held; self.states()];
        self
    }

    pub(crate) fn with_rows(mut self, rows: ChainEstimate) -> Result<Self, Error> {
        rows.check(self.states())?;
        self.rows = rows;
        Ok(self)
    }

    /// ln prior(θ) under the priors of these probabilities and those of θ's emissions.
    pub(super) fn log_prior_at(&self, theta: &Self) -> Option<f64> {
        let rows = theta.transitions().iter().enumerate();
        let of_rows = log_prior_of_all(rows.map(|(from, row)| self.rows.from_state(from).log_prior(row)));
        let of_initial = self.rows.initial.log_prior(&theta.initial);
        log_prior_of_all([of_initial, of_rows, theta.emissions.log_prior_density()])
    }

    /// How many probabilities are free: of a row that is not held one less than are positive in this model.
    pub(super) fn free_probabilities(&self) -> usize {
        let positive = |row: &[f64]| row.iter().filter(|p| **p > 0.0).count() - 1;
        let of_row = |(estimate, row): (&RowEstimate, &[f64])| if estimate.is_held() { 0 } else { positive(row) };
        let rows = self.transitions().iter().enumerate();
        let of_rows: usize = rows.map(|(from, row)| of_row((self.rows.from_state(from), row))).sum();
        of_row((&self.rows.initial, &self.initial)) + of_rows
    }

    /// Whether any two states can change places without changing what is said of the probabilities.
    pub(crate) fn is_symmetric(&self) -> bool {
        let first = self.rows.from_state(0);
        let same = (1..self.states()).all(|from| self.rows.from_state(from) == first);
        let each = [&self.rows.initial, first].into_iter().all(|row| !row.is_held() && row.is_symmetric(&[]));
        same && each
    }
}
