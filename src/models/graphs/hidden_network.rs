//! A network whose tables are learned from rows in which states are missing, or whole variables are: the E-step gives
//! the expected counts of the families, the M-step divides them by the sums of their rows.
//!
//! Q(θ, θ_old) = Σ_v Σ E[n(x_v, parents)] ln p(x_v | parents), so each row of each table is maximised by itself.

use std::collections::BTreeSet;
use std::fmt;

use rand::Rng;

use crate::data::{Batch, Dataset};
use crate::distributions::{Distribution, uniform_on_simplex};
use crate::error::{Error, NetworkError};
use crate::graph::DirectedGraph;
use crate::latent::{Climbs, Evidence, LatentModel, Start, StartKind};
use crate::network::{Expectation, FamilyCounts, Key, MISSING, Network, TablePrior, normalise};

use super::completions::log_of_all_completions;

/// Tables are equal, and states are told apart, by more than this.
const SAME: f64 = 1e-9;
/// So much of the uniform distribution is mixed into tables that a prior does not allow to hold a 0.
const UNIFORM: f64 = 0.01;

/// A [`Network`] as a latent model: θ is the network, its arrows fixed, its tables to be learned.
///
/// An observation is a row of state numbers, [`MISSING`] where the state is hidden; a
/// [`StateTable`](crate::network::StateTable) holds them. The E-step is exact and costs what is hidden. A hidden
/// variable on which nothing seen in its row depends adds nothing to the counts, since it sums to one whatever its
/// table. A row of a table of which no row of data says anything stays as it was.
///
/// A hidden cause of three signs:
/// ```
/// use marginal::em::Em;
/// use marginal::models::HiddenNetwork;
/// use marginal::network::{MISSING, Network, StateTable};
/// let half = vec![0.5; 4];
/// let network = Network::builder()
///     .root("cause", &["a", "b"], [0.5, 0.5])
///     .variable("x", &["0", "1"], &["cause"], half.clone())
///     .variable("y", &["0", "1"], &["cause"], half.clone())
///     .variable("z", &["0", "1"], &["cause"], half)
///     .build()?;
/// let mut table = StateTable::new(&network);
/// for (row, count) in [([0, 0, 0], 40.0), ([1, 1, 1], 30.0), ([0, 0, 1], 5.0), ([1, 0, 1], 4.0)] {
///     table.push(&[MISSING, row[0], row[1], row[2]], count)?;
/// }
/// let fit = Em::default().seed(1).fit(&HiddenNetwork::new(&network), &table)?;
/// let signs = fit.parameters.variables()[1].probabilities();
/// assert!((signs[0] - signs[2]).abs() > 0.5); // the first sign tells the causes apart
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone)]
pub struct HiddenNetwork {
    network: Network,
    prior: TablePrior,
    fixed: Vec<bool>,
    /// The variable, itself or another, whose table each has; `fixed` is said of that one.
    tied_to: Vec<usize>,
    expectation: Expectation,
}

impl HiddenNetwork {
    /// All tables are learned, by maximum likelihood.
    pub fn new(network: &Network) -> Self {
        Self {
            network: network.clone(),
            prior: TablePrior::Flat,
            fixed: vec![false; network.len()],
            tied_to: (0..network.len()).collect(),
            expectation: Expectation::new(network),
        }
    }

    /// The objective becomes ℓ + a Σ ln p over the entries p of all tables that are learned, each tied table once.
    #[must_use]
    pub fn prior(mut self, prior: TablePrior) -> Self {
        self.prior = prior;
        self
    }

    /// The tables of these variables stay as they are.
    ///
    /// # Errors
    /// [`NetworkError::UnknownVariable`].
    pub fn fix<V: Key>(mut self, variables: &[V]) -> Result<Self, NetworkError> {
        for variable in variables {
            self.fixed[self.tied_to[variable.variable(&self.network)?]] = true;
        }
        Ok(self)
    }

    /// These variables share one table, at first that of the first of them: their counts are added up. If one of them is
    /// fixed, all are.
    ///
    /// # Errors
    /// [`NetworkError::UnknownVariable`]; [`NetworkError::Tied`] if two of them differ in the numbers of states, their
    /// own or their parents'.
    pub fn tie<V: Key>(mut self, variables: &[V]) -> Result<Self, NetworkError> {
        let numbers = variables.iter().map(|v| v.variable(&self.network)).collect::<Result<Vec<_>, _>>()?;
        let Some(&first) = numbers.first() else { return Ok(self) };
        let shape = |v: usize| -> Vec<usize> {
            let states = |v: usize| self.network.variables()[v].states().len();
            self.network.parents(v).iter().chain([&v]).map(|&member| states(member)).collect()
        };
        if let Some(&other) = numbers.iter().find(|&&v| shape(v) != shape(first)) {
            return Err(NetworkError::Tied { variable: self.network.name(other), other: self.network.name(first) });
        }
        let to = self.tied_to[first];
        let joined: BTreeSet<usize> = numbers.iter().map(|&v| self.tied_to[v]).collect();
        self.fixed[to] = joined.iter().any(|&v| self.fixed[v]);
        self.tied_to.iter_mut().filter(|v| joined.contains(*v)).for_each(|v| *v = to);
        self.network = self.share(tables_of(&self.network));
        Ok(self)
    }

    /// The network, with the tables from which the first run starts.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// A network with these tables, of tied ones the first.
    fn share(&self, mut tables: Vec<Vec<f64>>) -> Network {
        for v in 0..tables.len() {
            if self.tied_to[v] != v {
                let shared = tables[self.tied_to[v]].clone();
                tables[v] = shared;
            }
        }
        self.network.with_tables(tables)
    }

    /// The tables that are learned, each once: the number of the variable whose it is.
    fn learned(&self) -> impl Iterator<Item = usize> {
        (0..self.fixed.len()).filter(|&v| self.tied_to[v] == v && !self.fixed[v])
    }

    fn pseudo_count(&self, table: &[f64]) -> f64 {
        self.prior.pseudo_count(table.len())
    }
}

fn tables_of(network: &Network) -> Vec<Vec<f64>> {
    network.variables().iter().map(|variable| variable.probabilities().to_vec()).collect()
}

impl LatentModel for HiddenNetwork {
    type Observation = [usize];
    type Parameters = Network;
    type Statistics = FamilyCounts;

    fn check(&self, theta: &Network) -> Result<(), Error> {
        self.prior.check()?;
        self.expectation.counts().check(theta)?;
        for (v, variable) in theta.variables().iter().enumerate() {
            let (own, other) = (&self.network.variables()[v], &theta.variables()[self.tied_to[v]]);
            if own.states().len() != variable.states().len() || own.parents() != variable.parents() {
                let what = "the states or the parents of a variable of the start";
                return Err(Error::Dimension { what, expected: own.states().len(), found: variable.states().len() });
            }
            if variable.probabilities() != other.probabilities() {
                let (variable, other) = (variable.name().to_owned(), other.name().to_owned());
                return Err(NetworkError::Tied { variable, other }.into());
            }
        }
        let holds_zero = |v: usize| {
            let table = theta.variables()[v].probabilities();
            self.pseudo_count(table) > 0.0 && table.contains(&0.0)
        };
        let domain = "(0, 1], where a prior needs all probabilities of a start to be";
        Error::check(!self.learned().any(holds_zero), "probability", 0.0, domain)
    }

    fn statistics(&self, _: &Network) -> FamilyCounts {
        self.expectation.counts()
    }

    /// # Errors
    /// [`Error::Impossible`] for a row of probability 0; as [`Error::AtRow`] [`NetworkError::RowLength`],
    /// [`NetworkError::UnknownState`], and [`NetworkError::TooLarge`] if summing over what a row hides would take more
    /// than 1 GiB.
    fn e_step(&self, theta: &Network, batch: Batch<'_, [usize]>, s: &mut FamilyCounts) -> Result<Evidence, Error> {
        let mut evidence = Evidence::default();
        self.expectation.add(theta, batch, s, |weight, log_density| evidence.add(weight, log_density))?;
        for (row, weight) in batch.iter().filter(|(row, weight)| *weight > 0.0 && row.iter().all(|x| *x == MISSING)) {
            evidence.count_draws(weight, usize::from(row.is_empty()));
        }
        Ok(evidence)
    }

    fn m_step(&self, theta_old: &Network, s: &FamilyCounts) -> Result<Network, Error> {
        let mut counts: Vec<Vec<f64>> = (0..self.fixed.len()).map(|_| Vec::new()).collect();
        for v in 0..counts.len() {
            let of_table = &mut counts[self.tied_to[v]];
            of_table.resize(s.table(v).len(), 0.0);
            of_table.iter_mut().zip(s.table(v)).for_each(|(sum, n)| *sum += n);
        }
        let mut tables = tables_of(theta_old);
        for v in self.learned() {
            let states = theta_old.variables()[v].states().len();
            normalise(&counts[v], self.pseudo_count(&counts[v]), states, &mut tables[v]);
        }
        Ok(self.share(tables))
    }

    fn expected_log_joint(&self, theta: &Network, s: &FamilyCounts) -> f64 {
        s.log_likelihood(theta)
    }

    fn summed_in_logarithms(&self, theta: &Network, row: &[usize]) -> Option<f64> {
        let variables = theta.variables();
        let known = |(v, state): (usize, &usize)| *state == MISSING || *state < variables[v].states().len();
        if row.len() != variables.len() || !row.iter().enumerate().all(known) {
            return None;
        }
        let hidden: Vec<usize> = (0..row.len()).filter(|&v| row[v] == MISSING).collect();
        let states: Vec<usize> = hidden.iter().map(|&v| variables[v].states().len()).collect();
        let mut complete = row.to_vec();
        log_of_all_completions(&states, |chosen| {
            hidden.iter().zip(chosen).for_each(|(&v, &state)| complete[v] = state);
            theta.log_density(&complete)
        })
    }

    fn log_prior(&self, theta: &Network) -> f64 {
        if self.prior == TablePrior::Flat {
            return 0.0;
        }
        let of_table = |v: usize| {
            let table = theta.variables()[v].probabilities();
            let a = self.pseudo_count(table);
            if a > 0.0 { a * table.iter().map(|p| p.ln()).sum::<f64>() } else { 0.0 }
        };
        self.learned().map(of_table).sum()
    }

    fn climbs(&self) -> Climbs {
        if self.prior == TablePrior::Flat { Climbs::LogLikelihood } else { Climbs::Penalised }
    }

    fn free_parameters(&self, theta: &Network) -> Option<usize> {
        let of_table = |v: usize| {
            let (entries, states) = (theta.variables()[v].probabilities().len(), theta.variables()[v].states().len());
            entries - entries / states
        };
        Some(self.learned().map(of_table).sum())
    }
}

/// The first run starts from the network's own tables. But where these do not tell two states of a variable apart that no
/// row shows, EM never would: the tables of that variable and of its children are drawn at random. So are, in every other
/// run, all tables that are learned, each row uniformly from the simplex. If a prior allows no 0, tables that hold one
/// begin with one part in a hundred of the uniform distribution.
impl Start for HiddenNetwork {
    fn start<D: Dataset<[usize]> + ?Sized>(
        &self,
        data: &D,
        restart: usize,
        rng: &mut dyn Rng,
    ) -> Result<Network, Error> {
        self.start_of_kind(StartKind::in_turn(self.default_starts(), restart), data, restart, rng)
    }

    fn known_starts(&self) -> &'static [StartKind] {
        &[StartKind::AsGiven, StartKind::Random]
    }

    fn start_of_kind<D: Dataset<[usize]> + ?Sized>(
        &self,
        kind: StartKind,
        data: &D,
        _: usize,
        rng: &mut dyn Rng,
    ) -> Result<Network, Error> {
        self.prior.check()?;
        let mut tables = tables_of(&self.network);
        let ambiguous = if kind == StartKind::AsGiven { self.ambiguous(data)? } else { vec![true; tables.len()] };
        for v in self.learned() {
            let states = self.network.variables()[v].states().len();
            if self.pseudo_count(&tables[v]) > 0.0 && tables[v].contains(&0.0) {
                tables[v].iter_mut().for_each(|p| *p = (1.0 - UNIFORM) * *p + UNIFORM / states as f64);
            }
        }
        let drawn: BTreeSet<usize> = (0..tables.len()).filter(|&v| ambiguous[v]).map(|v| self.tied_to[v]).collect();
        for v in drawn.into_iter().filter(|&v| !self.fixed[v]) {
            for row in tables[v].chunks_exact_mut(self.network.variables()[v].states().len()) {
                row.copy_from_slice(&uniform_on_simplex(row.len(), rng));
            }
        }
        Ok(self.share(tables))
    }
}

impl HiddenNetwork {
    /// The variables that no row shows and two of whose states the tables do not tell apart, and their children.
    fn ambiguous<D: Dataset<[usize]> + ?Sized>(&self, data: &D) -> Result<Vec<bool>, Error> {
        let width = self.network.len();
        let seen = data.fold(&vec![0.0; width], &|batch, seen: &mut Vec<f64>| {
            for n in (0..batch.len()).filter(|&n| batch.weight(n) > 0.0) {
                let row = batch.block().row(n);
                seen.iter_mut().zip(row).filter(|(_, state)| **state != MISSING).for_each(|(seen, _)| *seen += 1.0);
            }
            Ok(())
        })?;
        let mut ambiguous = vec![false; width];
        for v in (0..width).filter(|&v| seen[v] == 0.0) {
            let children = self.expectation.children(v);
            let states = self.network.variables()[v].states().len();
            let mut pairs = (0..states).flat_map(|a| (0..a).map(move |b| (a, b)));
            if pairs.any(|(a, b)| self.are_alike(v, children, a, b)) {
                [v].iter().chain(children).for_each(|&u| ambiguous[u] = true);
            }
        }
        Ok(ambiguous)
    }

    /// Whether each child has the same table beside both states, and the ratio of the two is the same in all rows.
    fn are_alike(&self, v: usize, children: &[usize], a: usize, b: usize) -> bool {
        let variables = self.network.variables();
        let states = variables[v].states().len();
        let mut rows = variables[v].probabilities().chunks_exact(states);
        let first = rows.next().unwrap_or_default();
        let same_ratio = rows.all(|row| (row[a] * first[b] - row[b] * first[a]).abs() < SAME);
        same_ratio
            && children.iter().all(|&child| {
                let after = variables[child].parents().iter().skip_while(|&&u| u != v).skip(1);
                let block: usize = after.chain([&child]).map(|&u| variables[u].states().len()).product();
                variables[child].probabilities().chunks_exact(states * block).all(|of_context| {
                    let (of_a, of_b) = (&of_context[a * block..][..block], &of_context[b * block..][..block]);
                    of_a.iter().zip(of_b).all(|(p, q)| (p - q).abs() < SAME)
                })
            })
    }
}

impl fmt::Debug for HiddenNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HiddenNetwork")
            .field("network", &self.network)
            .field("prior", &self.prior)
            .field("fixed", &self.fixed)
            .field("tied_to", &self.tied_to)
            .finish_non_exhaustive()
    }
}
