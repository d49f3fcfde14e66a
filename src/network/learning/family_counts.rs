//! Counts of families: n(x, parents) for each variable. Of complete data they are all that a network's tables, and the
//! scores of its arrows, depend on.

use std::fmt;
use std::sync::Arc;

use statrs::function::gamma::ln_gamma;

use crate::data::{Dataset, Statistics};
use crate::error::{Error, NetworkError};
use crate::graph::DirectedGraph;

use super::families::Families;
use super::table_prior::TablePrior;
use crate::network::model::state_table::{check_row, of_row};
use crate::network::{Key, MISSING, Network};

/// How often each variable was seen in each state beside each joint state of its parents; after an E-step, how often it
/// is expected to have been.
///
/// ```
/// use marginal::network::{FamilyCounts, Network, StateTable, TablePrior};
/// let network = Network::builder()
///     .root("rain", &["no", "yes"], [0.5, 0.5])
///     .variable("wet", &["no", "yes"], &["rain"], [0.5; 4])
///     .build()?;
/// let mut table = StateTable::new(&network);
/// for (row, count) in [([0, 0], 7.0), ([0, 1], 1.0), ([1, 1], 2.0)] {
///     table.push(&row, count)?;
/// }
/// let counts = FamilyCounts::of(&network, &table)?;
/// let learned = counts.estimate(&network, TablePrior::Flat)?;
/// assert_eq!(learned.variables()[1].probabilities(), [7.0 / 8.0, 1.0 / 8.0, 0.0, 1.0]);
/// let smoothed = counts.estimate(&network, TablePrior::PseudoCount(1.0))?;
/// assert_eq!(smoothed.variables()[1].probabilities(), [0.8, 0.2, 0.25, 0.75]);
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone)]
pub struct FamilyCounts {
    pub(crate) families: Arc<Families>,
    pub(crate) counts: Vec<f64>,
}

impl FamilyCounts {
    /// Nothing counted yet.
    pub(crate) fn empty(families: &Arc<Families>) -> Self {
        Self { families: Arc::clone(families), counts: vec![0.0; families.entries()] }
    }

    /// The counts of complete rows, in one pass.
    ///
    /// # Errors
    /// In [`Error::AtRow`]: [`NetworkError::Unseen`] for a missing cell, [`NetworkError::RowLength`],
    /// [`NetworkError::UnknownState`].
    pub fn of<D: Dataset<[usize]> + ?Sized>(network: &Network, data: &D) -> Result<Self, Error> {
        data.fold(&Self::empty(&Arc::new(Families::of(network))), &|batch, s: &mut Self| {
            for n in (0..batch.len()).filter(|&n| batch.weight(n) > 0.0) {
                let row = batch.block().row(n);
                check_row(network, row).map_err(|e| of_row(e, batch.row(n)))?;
                if let Some(v) = row.iter().position(|&state| state == MISSING) {
                    return Err(of_row(NetworkError::Unseen { variable: network.name(v) }, batch.row(n)));
                }
                for v in 0..row.len() {
                    let cell: usize = s.families.members(v).iter().map(|m| row[m.variable] * m.stride).sum();
                    s.counts[s.families.counts_of(v).start + cell] += batch.weight(n);
                }
            }
            Ok(())
        })
    }

    /// The counts of one variable, rows × states as in its table.
    ///
    /// # Errors
    /// [`NetworkError::UnknownVariable`].
    pub fn of_variable(&self, network: &Network, variable: impl Key) -> Result<&[f64], NetworkError> {
        Ok(self.table(variable.variable(network)?))
    }

    /// The counts of one variable by its number.
    pub(crate) fn table(&self, v: usize) -> &[f64] {
        &self.counts[self.families.counts_of(v)]
    }

    fn tables(&self) -> impl Iterator<Item = (&[f64], usize)> {
        (0..self.families.states.len()).map(|v| (self.table(v), self.families.states[v]))
    }

    /// The network with the tables that these counts and the prior make likeliest. A row of which nothing is known, its
    /// counts and the prior's all 0, stays as it is in `network`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a prior that is none; [`Error::Dimension`] if `network` has other tables.
    pub fn estimate(&self, network: &Network, prior: TablePrior) -> Result<Network, Error> {
        prior.check()?;
        self.check(network)?;
        let mut tables: Vec<Vec<f64>> = Vec::with_capacity(network.len());
        for (variable, (counts, states)) in network.variables().iter().zip(self.tables()) {
            let mut table = variable.probabilities.clone();
            normalise(counts, prior.pseudo_count(counts.len()), states, &mut table);
            tables.push(table);
        }
        Ok(network.with_tables(tables))
    }

    /// Whether the network has tables of this shape.
    pub(crate) fn check(&self, network: &Network) -> Result<(), Error> {
        let expected = self.families.states.len();
        if network.len() != expected {
            return Err(Error::Dimension { what: "the variables of the network", expected, found: network.len() });
        }
        for (variable, (counts, _)) in network.variables().iter().zip(self.tables()) {
            let (expected, found) = (counts.len(), variable.probabilities.len());
            if expected != found {
                return Err(Error::Dimension { what: "a table of the network", expected, found });
            }
        }
        Ok(())
    }

    /// Σ n ln p(x | parents) under the tables of a network of the same shape, in nats; −∞ if it excludes what was seen.
    pub fn log_likelihood(&self, network: &Network) -> f64 {
        let of_table = |(variable, (counts, _)): (&crate::network::Variable, (&[f64], usize))| {
            let seen = counts.iter().zip(&variable.probabilities).filter(|(n, _)| **n > 0.0);
            seen.map(|(n, p)| n * p.ln()).sum::<f64>()
        };
        network.variables().iter().zip(self.tables()).map(of_table).sum()
    }

    /// Σ n ln(n / Σ_k n), the log-likelihood that no tables exceed, in nats.
    pub fn maximal_log_likelihood(&self) -> f64 {
        let of_row = |row: &[f64]| {
            let sum: f64 = row.iter().sum();
            row.iter().filter(|n| **n > 0.0).map(|n| n * share(*n, sum).ln()).sum::<f64>()
        };
        self.tables().map(|(counts, states)| counts.chunks_exact(states).map(of_row).sum::<f64>()).sum()
    }

    /// −2 × the maximal log-likelihood + Σ_v (states − 1) × rows × ln N for N rows, as [`Fit::bic`]: smaller is better. 0 if
    /// nothing is counted, and ∞ for 0 < N < 1: then ln N < 0 would reward arrows.
    ///
    /// [`Fit::bic`]: crate::em::Fit::bic
    pub fn bic(&self) -> f64 {
        let weight: f64 = self.tables().next().map_or(0.0, |(counts, _)| counts.iter().sum());
        let free: usize = self.tables().map(|(counts, states)| counts.len() - counts.len() / states).sum();
        let penalty = match weight {
            w if w >= 1.0 => free as f64 * w.ln(),
            w if w > 0.0 => f64::INFINITY,
            _ => 0.0,
        };
        -2.0 * self.maximal_log_likelihood() + penalty
    }

    /// ln p(data | arrows) in nats, the tables integrated out: rows of a table of E entries and r states are
    /// Dirichlet(α/E, …) a priori, α the equivalent sample size (BDeu; Heckerman, Geiger & Chickering 1995). Larger is
    /// better. Σ over rows of ln Γ(r α/E) − ln Γ(r α/E + Σ_k n_k) + Σ_k [ln Γ(α/E + n_k) − ln Γ(α/E)].
    ///
    /// # Errors
    /// [`Error::Parameter`] for an α that is not in (0, ∞).
    pub fn bdeu(&self, equivalent_sample_size: f64) -> Result<f64, Error> {
        let valid = equivalent_sample_size > 0.0 && equivalent_sample_size.is_finite();
        Error::check(valid, "equivalent sample size", equivalent_sample_size, "(0, ∞)")?;
        let of_table = |(counts, states): (&[f64], usize)| {
            let a = equivalent_sample_size / counts.len() as f64;
            let rising = |a: f64, n: f64| if n > 0.0 { ln_gamma(a + n) - ln_gamma(a) } else { 0.0 };
            let of_row = |row: &[f64]| {
                let entries: f64 = row.iter().map(|&n| rising(a, n)).sum();
                entries - rising(states as f64 * a, row.iter().sum())
            };
            counts.chunks_exact(states).map(of_row).sum::<f64>()
        };
        Ok(self.tables().map(of_table).sum())
    }
}

/// Each row p_k = (n_k + a) / Σ_j (n_j + a), where that sum is positive.
pub(crate) fn normalise(counts: &[f64], a: f64, states: usize, table: &mut [f64]) {
    for (row, counts) in table.chunks_exact_mut(states).zip(counts.chunks_exact(states)) {
        let sum = counts.iter().sum::<f64>() + states as f64 * a;
        if sum > 0.0 {
            row.iter_mut().zip(counts).for_each(|(p, n)| *p = share(n + a, sum));
        }
    }
}

/// n / sum, which is not 0 unless n is: what was counted, however little, stays possible.
fn share(n: f64, sum: f64) -> f64 {
    const LEAST: f64 = f64::from_bits(1);
    if n > 0.0 { (n / sum).max(LEAST) } else { 0.0 }
}

impl Statistics for FamilyCounts {
    fn merge(&mut self, other: &Self) {
        self.counts.merge(&other.counts);
    }
    fn scale(&mut self, factor: f64) {
        self.counts.scale(factor);
    }
}

impl fmt::Debug for FamilyCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.tables().map(|(counts, _)| counts)).finish()
    }
}
