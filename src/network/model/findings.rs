//! Evidence: for each variable nothing, its state, or a likelihood of each state.

use crate::error::{NetworkError, listed};

use super::network::Network;
use super::row::Key;

/// What is known of some variables of a network.
#[derive(Clone, Debug)]
pub struct Findings {
    network: Network,
    found: Vec<Finding>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Finding {
    Nothing,
    State(usize),
    Likelihood(Likelihood),
    /// The first state, whose probability given each joint state of the parents 64-bit numbers do not hold.
    Density(Density),
}

/// A likelihood of each state: L e^scale, the largest L being 1.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Likelihood {
    pub(crate) relative: Vec<f64>,
    /// ln L, since L itself may be too small a number.
    pub(crate) logs: Vec<f64>,
    scale: f64,
}

/// ln p(first state | parents) less `scale`, for each joint state of the parents.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Density {
    pub(crate) logs: Vec<f64>,
    pub(crate) scale: f64,
}

impl Likelihood {
    /// Of numbers whose largest is positive.
    fn new(likelihood: &[f64]) -> Self {
        let largest = likelihood.iter().copied().fold(0.0, f64::max);
        let scale = largest.ln();
        let relative = likelihood.iter().map(|l| l / largest).collect();
        let logs = likelihood.iter().map(|l| if *l == largest { 0.0 } else { l.ln() - scale }).collect();
        Self { relative, logs, scale }
    }

    /// Of a first state alone.
    pub(crate) fn first_of_two(scale: f64) -> Self {
        Self { relative: vec![1.0, 0.0], logs: vec![0.0, f64::NEG_INFINITY], scale }
    }
}

impl Finding {
    /// p(x | parents) · p(what is found | x) in the layout of the table; and if 64-bit numbers do not hold all of it,
    /// its logarithms.
    pub(crate) fn applied(&self, table: &[f64], states: usize) -> (Vec<f64>, Option<Vec<f64>>) {
        let cells = || table.iter().zip(0..).map(|(p, cell): (&f64, usize)| (*p, cell / states, cell % states));
        match self {
            Self::Nothing => (table.to_vec(), None),
            Self::State(seen) => (cells().map(|(p, _, state)| if state == *seen { p } else { 0.0 }).collect(), None),
            Self::Likelihood(Likelihood { relative, logs, .. }) => {
                let is_lost = |(p, _, state): (f64, usize, usize)| {
                    let small = p * relative[state] < f64::MIN_POSITIVE && logs[state] < 0.0;
                    small && p > 0.0 && logs[state] > f64::NEG_INFINITY
                };
                let lost = cells().any(is_lost);
                let logs = lost.then(|| cells().map(|(p, _, state)| p.ln() + logs[state]).collect());
                (cells().map(|(p, _, state)| p * relative[state]).collect(), logs)
            }
            Self::Density(Density { logs, .. }) => {
                let of = |(_, row, state): (f64, usize, usize)| if state == 0 { logs[row] } else { f64::NEG_INFINITY };
                (cells().map(of).map(f64::exp).collect(), Some(cells().map(of).collect()))
            }
        }
    }

    /// ln of what was taken out of a likelihood.
    fn scale(&self) -> f64 {
        match self {
            Self::Nothing | Self::State(_) => 0.0,
            Self::Likelihood(Likelihood { scale, .. }) | Self::Density(Density { scale, .. }) => *scale,
        }
    }
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
        self.found[number] = Finding::Likelihood(Likelihood::new(likelihood));
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

    pub(crate) fn find(&mut self, variable: usize, finding: Finding) {
        self.found[variable] = finding;
    }

    pub(crate) fn of(&self, variable: usize) -> &Finding {
        &self.found[variable]
    }

    pub(crate) fn clear(&mut self) {
        self.found.fill(Finding::Nothing);
    }

    /// Something is known of these.
    pub(crate) fn known(&self) -> impl Iterator<Item = usize> {
        (0..self.found.len()).filter(|&variable| self.found[variable] != Finding::Nothing)
    }

    /// Σ of the logarithms that were taken out of likelihoods.
    pub(crate) fn log_scale(&self) -> f64 {
        self.found.iter().map(Finding::scale).sum()
    }

    /// `x = s, y ~ [0.1, 0.9]`.
    pub(crate) fn shown(&self) -> String {
        let of = |number: usize| {
            let variable = &self.network.variables()[number];
            match &self.found[number] {
                Finding::Nothing => String::new(),
                Finding::State(state) => format!("{} = {}", variable.name, variable.states[*state]),
                Finding::Likelihood(likelihood) => format!("{} ~ {:?}", variable.name, likelihood.relative),
                Finding::Density(_) => format!("{} = {}", variable.name, variable.states[0]),
            }
        };
        listed(self.known().map(of).collect::<Vec<_>>().iter())
    }

    pub(crate) fn impossible(&self) -> NetworkError {
        NetworkError::ImpossibleEvidence { evidence: self.shown() }
    }
}
