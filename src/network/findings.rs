//! Evidence: for each variable nothing, its state, or a likelihood of each state.

use crate::error::{NetworkError, listed};

use super::{Key, Network};

/// What is known of some variables of a network.
#[derive(Clone, Debug)]
pub struct Findings {
    network: Network,
    found: Vec<Finding>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Finding {
    Nothing,
    State(usize),
    /// Divided by the largest, and the logarithm of that.
    Likelihood(Vec<f64>, f64),
}

impl Network {
    /// Nothing is known yet.
    pub fn findings(&self) -> Findings {
        let found = self.variables().iter().map(|_| Finding::Nothing).collect();
        Findings { network: self.clone(), found }
    }
}

impl Findings {
    /// The variable is seen to be in this state, whatever was known of it before.
    ///
    /// # Errors
    /// [`NetworkError::UnknownVariable`], [`NetworkError::UnknownState`].
    pub fn observe(&mut self, variable: impl Key, state: impl Key) -> Result<usize, NetworkError> {
        let number = variable.variable(&self.network)?;
        self.found[number] = Finding::State(state.state(&self.network.variables()[number])?);
        Ok(number)
    }

    /// Something uncertain is seen, whose probability given each state of the variable is proportional to `likelihood`
    /// (soft, virtual evidence; Pearl 1988), whatever was known of the variable before: of two independent sightings of
    /// one variable give the product.
    ///
    /// # Errors
    /// [`NetworkError::UnknownVariable`]; [`NetworkError::Likelihood`] unless these are as many non-negative numbers as
    /// states, not all 0.
    pub fn observe_likelihood(&mut self, variable: impl Key, likelihood: &[f64]) -> Result<usize, NetworkError> {
        let number = variable.variable(&self.network)?;
        let variable = &self.network.variables()[number];
        let valid = |l: &f64| (0.0..f64::INFINITY).contains(l);
        if likelihood.len() != variable.states.len()
            || !likelihood.iter().all(valid)
            || likelihood.iter().all(|l| *l == 0.0)
        {
            let (expected, found) = (variable.states.len(), format!("{likelihood:?}"));
            return Err(NetworkError::Likelihood { variable: variable.name.clone(), found, expected });
        }
        let largest = likelihood.iter().copied().fold(0.0, f64::max);
        let divided = likelihood.iter().map(|l| l / largest).collect();
        self.found[number] = Finding::Likelihood(divided, largest.ln());
        Ok(number)
    }

    /// Nothing is known of the variable any more.
    ///
    /// # Errors
    /// [`NetworkError::UnknownVariable`].
    pub fn forget(&mut self, variable: impl Key) -> Result<usize, NetworkError> {
        let number = variable.variable(&self.network)?;
        self.found[number] = Finding::Nothing;
        Ok(number)
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    pub(super) fn find(&mut self, variable: usize, finding: Finding) {
        self.found[variable] = finding;
    }

    pub(super) fn of(&self, variable: usize) -> &Finding {
        &self.found[variable]
    }

    pub(super) fn clear(&mut self) {
        self.found.fill(Finding::Nothing);
    }

    /// Something is known of these.
    pub(super) fn known(&self) -> impl Iterator<Item = usize> {
        (0..self.found.len()).filter(|&variable| self.found[variable] != Finding::Nothing)
    }

    /// Σ of the logarithms that were taken out of likelihoods.
    pub(super) fn log_scale(&self) -> f64 {
        let of = |finding: &Finding| if let Finding::Likelihood(_, log) = finding { *log } else { 0.0 };
        self.found.iter().map(of).sum()
    }

    /// `x = s, y ~ [0.1, 0.9]`.
    pub(super) fn shown(&self) -> String {
        let of = |number: usize| {
            let variable = &self.network.variables()[number];
            match &self.found[number] {
                Finding::Nothing => String::new(),
                Finding::State(state) => format!("{} = {}", variable.name, variable.states[*state]),
                Finding::Likelihood(likelihood, _) => format!("{} ~ {likelihood:?}", variable.name),
            }
        };
        listed(self.known().map(of).collect::<Vec<_>>().iter())
    }

    pub(super) fn impossible(&self) -> NetworkError {
        NetworkError::ImpossibleEvidence { evidence: self.shown() }
    }
}
