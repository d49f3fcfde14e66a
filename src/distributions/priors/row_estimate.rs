//! How a row of probabilities is estimated from expected counts: proportions, first states, transitions.

use crate::distributions::Dirichlet;
use crate::error::Error;

/// A probability of 0 stays 0, and has no part in a prior.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub(crate) enum RowEstimate {
    /// p_k = N_k / Σ_j N_j.
    #[default]
    Free,
    /// As it was.
    Held,
    /// p_k = (N_k + α_k − 1) / Σ_j (N_j + α_j − 1).
    Prior(Dirichlet),
}

impl RowEstimate {
    /// Whether a prior has a mode, and as many outcomes as the row.
    ///
    /// # Errors
    /// [`Error::Dimension`] for another number of them, [`Error::Parameter`] for α_k < 1.
    pub(crate) fn check(&self, outcomes: usize) -> Result<(), Error> {
        if let Self::Prior(prior) = self { prior.check_outcomes(outcomes) } else { Ok(()) }
    }

    /// The row of these expected counts. One without counts is the mode of its prior, or stays.
    pub(crate) fn estimate(&self, old: &[f64], counts: &[f64]) -> Vec<f64> {
        let row = match self {
            Self::Free => counts.to_vec(),
            Self::Held => return old.to_vec(),
            Self::Prior(prior) => {
                let imagined = prior.concentrations().iter().zip(old);
                let imagined = imagined.map(|(alpha, p)| if *p > 0.0 { alpha - 1.0 } else { 0.0 });
                counts.iter().zip(imagined).map(|(count, imagined)| count + imagined).collect()
            }
        };
        let total: f64 = row.iter().sum();
        if total > 0.0 { row.into_iter().map(|count| count / total).collect() } else { old.to_vec() }
    }

    /// Σ (α_k − 1) ln p_k; `None` without a prior.
    pub(crate) fn log_prior(&self, row: &[f64]) -> Option<f64> {
        let Self::Prior(prior) = self else { return None };
        let term = |(alpha, p): (&f64, &f64)| if *p > 0.0 && *alpha > 1.0 { (alpha - 1.0) * p.ln() } else { 0.0 };
        Some(prior.concentrations().iter().zip(row).map(term).sum())
    }

    #[cfg(feature = "serde")]
    pub(crate) fn is_free(&self) -> bool {
        *self == Self::Free
    }

    /// Whether nothing of the row is estimated.
    pub(crate) fn is_held(&self) -> bool {
        *self == Self::Held
    }

    /// Whether it is the same with any two probabilities of this row in each other's place.
    pub(crate) fn is_symmetric(&self, row: &[f64]) -> bool {
        let equal = |values: &[f64]| values.windows(2).all(|pair| pair[0] == pair[1]);
        match self {
            Self::Free => true,
            Self::Held => equal(row),
            Self::Prior(prior) => equal(prior.concentrations()),
        }
    }
}
