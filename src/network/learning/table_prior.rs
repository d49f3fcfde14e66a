//! A prior on a network's tables: a Dirichlet distribution on each row, as counts that are added to the data's.

use crate::error::Error;

/// What is added to each count before a row of a table is estimated.
///
/// With the counts n_k of a row and the pseudo-count a the estimate is p_k = (n_k + a) / Σ_j (n_j + a). It maximises
/// Σ n_k ln p_k + a Σ ln p_k, so it is the mode under a Dirichlet(1 + a), and the mean under a Dirichlet(a).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
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
