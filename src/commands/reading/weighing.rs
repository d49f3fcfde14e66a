//! What weights are: counts, whose sum is N, or importance weights, whose scale says nothing.

use clap::ValueEnum;
use marginal::data::importance_weights;

use crate::commands::writing::grid::{counted, shortest};

/// What weights say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WeightsAre {
    /// How many rows each stands for: N is their sum
    Counts,
    /// How much each row says beside the others: scaled to mean 1, N is the number of rows
    Importance,
}

/// How the weights of a file were taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weighing {
    are: WeightsAre,
    /// Whether that was said, not assumed.
    said: bool,
    /// Their sum as they stand in the file.
    sum: f64,
    /// How many are positive.
    rows: usize,
}

impl Weighing {
    /// Takes weights for what is said of them, or for counts.
    ///
    /// # Errors
    /// A question, if nothing is said and they sum to less than the rows of positive weight.
    pub(crate) fn of(weights: &[f64], said: Option<WeightsAre>) -> Result<Self, String> {
        Self::of_totals(weights.iter().filter(|w| **w > 0.0).count(), weights.iter().sum(), said)
    }

    /// The same for so many rows of positive weight that weigh so much together.
    pub(crate) fn of_totals(rows: usize, sum: f64, said: Option<WeightsAre>) -> Result<Self, String> {
        // Shares such as 1/60 that were summed up need not sum to 1 exactly.
        if said.is_none() && sum < rows as f64 * (1.0 - 1e-9) {
            return Err(format!(
                "the weights of {} sum to {sum}, less than the rows: are they counts (then N = {sum}), or \
                 importance weights, whose scale says nothing (then N = {rows})? say --weights-are counts or \
                 --weights-are importance",
                counted(rows, "row"),
                sum = shortest(sum)
            ));
        }
        Ok(Self { are: said.unwrap_or(WeightsAre::Counts), said: said.is_some(), sum, rows })
    }

    /// The weights to compute with.
    pub(crate) fn apply(&mut self, weights: Vec<f64>) -> Result<Vec<f64>, marginal::Error> {
        if self.are == WeightsAre::Counts {
            return Ok(weights);
        }
        let weights = importance_weights(&weights)?;
        // Some may have vanished beside the greatest.
        self.rows = weights.iter().filter(|w| **w > 0.0).count();
        Ok(weights)
    }

    pub(crate) fn are_importance(self) -> bool {
        self.are == WeightsAre::Importance
    }
}

/// What follows `60 rows` in a summary: which N was used.
impl std::fmt::Display for Weighing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { are, said, rows, .. } = self;
        let sum = shortest(self.sum);
        match are {
            WeightsAre::Importance => write!(f, " with importance weights scaled to mean 1 (N = {rows})"),
            WeightsAre::Counts if *said => write!(f, " of total weight {sum}, counts (N = {sum})"),
            WeightsAre::Counts => write!(f, " of total weight {sum}, taken as counts (N = {sum}; see --weights-are)"),
        }
    }
}
