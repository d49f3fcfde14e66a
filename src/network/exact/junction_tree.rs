//! `JunctionTree`: all posteriors of a network from two passes over its cliques, for any evidence.

use std::fmt;

use rand::Rng;

use crate::distributions::draw_index;
use crate::error::NetworkError;

use super::calibration::Calibration;
use super::clique_tree::By;
use super::joint::Joint;
use super::plan::Plan;
use crate::network::{Findings, Key, MEMORY, Network};

/// A network compiled for exact inference: evidence goes in, posteriors come out, as often as one likes.
///
/// Evidence stays until it is changed or forgotten. A question sums only what changed since the last one, and between
/// [`compile`](super::plan::Plan::compile) and the next nothing large is allocated.
/// ```
/// use marginal::network::Network;
/// let asia = Network::read_bif("data/networks/asia.bif")?;
/// let mut tree = asia.junction_tree()?;
/// tree.observe("xray", "yes")?;
/// tree.observe("smoke", "no")?;
/// let posteriors = tree.posteriors()?;
/// assert!((posteriors.probability("lung", "yes")? - 0.14228617).abs() < 1e-8);
/// println!("ln p(evidence) = {}", posteriors.log_evidence());
/// # Ok::<(), marginal::Error>(())
/// ```
pub struct JunctionTree {
    findings: Findings,
    pub(crate) calibration: Calibration,
    log_evidence: f64,
    /// The bytes that it may take, and another tree that a question needs.
    memory: f64,
}

impl Network {
    /// The tree that answers questions to this network, within 1 GiB: [`plan`](Self::plan) and
    /// [`compile`](Plan::compile).
    ///
    /// # Errors
    /// [`NetworkError::TooLarge`].
    pub fn junction_tree(&self) -> Result<JunctionTree, NetworkError> {
        self.plan().compile()
    }
}

impl Plan {
    /// The tree, ready for evidence, within 1 GiB.
    ///
    /// # Errors
    /// [`NetworkError::TooLarge`], before anything is allocated.
    pub fn compile(self) -> Result<JunctionTree, NetworkError> {
        self.compile_within(MEMORY)
    }

    /// The tree, ready for evidence, within so many bytes.
    ///
    /// # Errors
    /// [`NetworkError::TooLarge`], before anything is allocated.
    pub fn compile_within(self, bytes: f64) -> Result<JunctionTree, NetworkError> {
        let network = self.network.clone();
        Ok(JunctionTree::new(&network, self.calibration(bytes)?.1, bytes))
    }
}

impl Findings {
    /// The tree that answers questions to the network, with these findings as its evidence; within 1 GiB.
    ///
    /// # Errors
    /// [`NetworkError::TooLarge`].
    pub fn junction_tree(&self) -> Result<JunctionTree, NetworkError> {
        let mut tree = self.network().junction_tree()?;
        tree.findings.clone_from(self);
        self.known().for_each(|number| tree.update(number));
        Ok(tree)
    }
}

impl JunctionTree {
    pub(crate) fn new(network: &Network, calibration: Calibration, memory: f64) -> Self {
        Self { findings: network.findings(), calibration, log_evidence: 0.0, memory }
    }

    /// The network.
    pub fn network(&self) -> &Network {
        self.findings.network()
    }

    /// What is known.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// The variable is seen to be in this state, whatever was known of it before.
    ///
    /// # Errors
    /// [`NetworkError::UnknownVariable`], [`NetworkError::UnknownState`].
    pub fn observe(&mut self, variable: impl Key, state: impl Key) -> Result<(), NetworkError> {
        let number = self.findings.observe(variable, state)?;
        self.update(number);
        Ok(())
    }

    /// Soft evidence, as [`Findings::observe_likelihood`].
    ///
    /// # Errors
    /// As there.
    pub fn observe_likelihood(&mut self, variable: impl Key, likelihood: &[f64]) -> Result<(), NetworkError> {
        let number = self.findings.observe_likelihood(variable, likelihood)?;
        self.update(number);
        Ok(())
    }

    /// Nothing is known of the variable any more.
    ///
    /// # Errors
    /// [`NetworkError::UnknownVariable`].
    pub fn forget(&mut self, variable: impl Key) -> Result<(), NetworkError> {
        let number = self.findings.forget(variable)?;
        self.update(number);
        Ok(())
    }

    /// Nothing is known of any variable any more.
    pub fn forget_all(&mut self) {
        let known: Vec<usize> = self.findings.known().collect();
        self.findings.clear();
        known.into_iter().for_each(|number| self.update(number));
    }

    /// Multiplies the likelihood of a variable's states into its own table.
    fn update(&mut self, number: usize) {
        let network = self.findings.network();
        let variable = &network.variables()[number];
        let states = |v: usize| network.variables()[v].states.len();
        let shape: Vec<usize> = variable.parents.iter().chain([&number]).map(|&v| states(v)).collect();
        let (table, logs) = self.findings.of(number).applied(&variable.probabilities, states(number));
        self.calibration.set_table(number, &shape, &table, logs.as_deref());
    }

    /// ln p(evidence) in nats; −∞ if it is impossible, 0 if nothing is known. Soft evidence counts as Σ likelihood · p.
    pub fn log_evidence(&mut self) -> f64 {
        let log = self.calibration.collect(By::Sum) + self.findings.log_scale();
        // All tables sum to one: what is left is round-off.
        if self.findings.known().next().is_none() { 0.0 } else { log }
    }

    /// p(x | evidence) of every variable, and ln p(evidence).
    ///
    /// # Errors
    /// [`NetworkError::ImpossibleEvidence`].
    pub fn posteriors(&mut self) -> Result<Posteriors<'_>, NetworkError> {
        self.calibrate()?;
        Ok(Posteriors { tree: self })
    }

    /// The same, if it is not −∞.
    pub(crate) fn possible(&self, log: f64) -> Result<f64, NetworkError> {
        if log == f64::NEG_INFINITY { Err(self.findings.impossible()) } else { Ok(log) }
    }

    fn calibrate(&mut self) -> Result<(), NetworkError> {
        let log = self.log_evidence();
        self.log_evidence = self.possible(log)?;
        if !self.calibration.is_distributed() {
            self.calibration.distribute();
        }
        Ok(())
    }

    /// The joint posterior of some variables, the first the slowest.
    ///
    /// If one clique holds them all, it is read off there; else it is found by a tree of its own, in which all that is
    /// known is a constant and all that does not matter is left out.
    ///
    /// # Errors
    /// [`NetworkError::UnknownVariable`], [`NetworkError::ImpossibleEvidence`]; [`NetworkError::TooLarge`] beyond the
    /// memory that this tree was allowed.
    pub fn joint<V: Key>(&mut self, variables: &[V]) -> Result<Joint, NetworkError> {
        let variables = self.findings.wanted(variables, self.memory)?;
        let holds = |scope: &[usize]| variables.iter().all(|v| scope.contains(v));
        let cliques = &self.calibration.tree.cliques;
        let holding = (0..cliques.len()).filter(|&c| holds(&cliques[c].scope));
        let Some(clique) = holding.min_by_key(|&c| cliques[c].cells.len()) else {
            return Joint::by_elimination(&self.findings, &variables, self.memory);
        };
        self.calibrate()?;
        Ok(Joint::of_clique(&mut self.calibration, clique, &variables))
    }

    /// A draw from p(x | evidence): the state of every variable.
    ///
    /// # Errors
    /// [`NetworkError::ImpossibleEvidence`].
    pub fn sample(&mut self, rng: &mut dyn Rng) -> Result<Vec<usize>, NetworkError> {
        let log = self.log_evidence();
        self.possible(log)?;
        let mut states = vec![0; self.calibration.variables()];
        self.calibration.descend(self.calibration.tree.cliques.len(), &mut states, |weights| draw_index(weights, rng));
        Ok(states)
    }
}

impl fmt::Debug for JunctionTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cliques = self.calibration.tree.cliques.len();
        write!(f, "JunctionTree {{ cliques: {cliques}, evidence: {} }}", self.findings.shown())
    }
}

/// p(x | evidence) of every variable of a network.
#[derive(Clone, Copy, Debug)]
pub struct Posteriors<'a> {
    pub(crate) tree: &'a JunctionTree,
}

impl<'a> Posteriors<'a> {
    /// ln p(evidence) in nats.
    pub fn log_evidence(&self) -> f64 {
        self.tree.log_evidence
    }

    /// The probability of each state of one variable.
    ///
    /// # Errors
    /// [`NetworkError::UnknownVariable`].
    pub fn of(&self, variable: impl Key) -> Result<&'a [f64], NetworkError> {
        let number = variable.variable(self.tree.network())?;
        Ok(self.tree.calibration.marginal(number))
    }

    /// The probability of one state of one variable.
    ///
    /// # Errors
    /// [`NetworkError::UnknownVariable`], [`NetworkError::UnknownState`].
    pub fn probability(&self, variable: impl Key, state: impl Key) -> Result<f64, NetworkError> {
        let network = self.tree.network();
        let number = variable.variable(network)?;
        Ok(self.of(number)?[state.state(&network.variables()[number])?])
    }

    /// The probabilities of every variable, in the order of the network.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'a [f64]> {
        (0..self.tree.calibration.variables()).map(|number| self.tree.calibration.marginal(number))
    }
}
