//! A prior on a network's tables: a Dirichlet distribution on each row, as counts that are added to the data's.

use crate::conditionals::{ConditionalTable, EstimateConditional, Finite, FiniteParents};
use crate::data::Statistics;
use crate::distributions::Prior;
use crate::error::Error;

/// What is added to each count before a row of a table is estimated.
///
/// With the counts n_k of a row and the pseudo-count a the estimate is p_k = (n_k + a) / Σ_j (n_j + a). It maximises
/// Σ n_k ln p_k + a Σ ln p_k, so it is the mode under a Dirichlet(1 + a), and the mean under a Dirichlet(a).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum TablePrior {
    /// a = 0: maximum likelihood.
    #[default]
    Flat,
    /// The same a ∈ [0, ∞) for each entry of each table; 1 is Laplace's rule.
    PseudoCount(f64),
    /// a = α / (entries of the table): each table as if α ∈ [0, ∞) rows had been seen, spread evenly (BDeu).
    EquivalentSampleSize(f64),
}

impl TablePrior {
    /// a, for a table of so many entries.
    pub fn pseudo_count(&self, entries: usize) -> f64 {
        match self {
            Self::Flat => 0.0,
            Self::PseudoCount(a) => *a,
            Self::EquivalentSampleSize(size) => size / entries as f64,
        }
    }

    /// # Errors
    /// [`Error::Parameter`] for a number outside [0, ∞).
    pub fn check(&self) -> Result<(), Error> {
        let (name, value) = match self {
            Self::Flat => return Ok(()),
            Self::PseudoCount(a) => ("pseudo-count", *a),
            Self::EquivalentSampleSize(size) => ("equivalent sample size", *size),
        };
        Error::check((0.0..f64::INFINITY).contains(&value), name, value, "[0, ∞)")
    }
}

/// In a typed graph, or wherever else a table is learned: [`WithPrior`](crate::distributions::WithPrior).
/// ```
/// use marginal::{conditionals::{ConditionalTable, EstimateConditional}, distributions::WithPrior, network::TablePrior};
/// let table: ConditionalTable<bool, bool> = ConditionalTable::new([[0.5, 0.5], [0.5, 0.5]])?;
/// let table = WithPrior::new(table, TablePrior::PseudoCount(1.0))?;
/// let mut s = table.statistics();
/// table.observe(&mut s, &true, &false, 2.0);
/// assert_eq!(table.estimate(&s)?.likelihood().probability(&true, &false), 3.0 / 4.0);
/// # Ok::<(), marginal::Error>(())
/// ```
impl<G: FiniteParents + ?Sized, X: Finite> Prior<ConditionalTable<G, X>> for TablePrior {
    type Statistics = Vec<f64>;

    fn check_for(&self, _: &ConditionalTable<G, X>) -> Result<(), Error> {
        self.check()
    }

    fn log_density_at(&self, table: &ConditionalTable<G, X>) -> f64 {
        table.expected_log_density(&self.counts(table))
    }

    fn maximum(&self, old: &ConditionalTable<G, X>, s: &Vec<f64>) -> Result<ConditionalTable<G, X>, Error> {
        let mut counts = self.counts(old);
        counts.merge(s);
        old.estimate(&counts)
    }
}

impl TablePrior {
    /// a, for each entry of this table.
    fn counts<G: FiniteParents + ?Sized, X: Finite>(&self, table: &ConditionalTable<G, X>) -> Vec<f64> {
        let entries = table.rows().map(<[f64]>::len).sum();
        vec![self.pseudo_count(entries); entries]
    }
}
