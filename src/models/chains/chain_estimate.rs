//! How the probabilities of a chain are estimated: first states, and each row of transitions.

use crate::distributions::RowEstimate;
use crate::error::Error;

/// How the first probabilities are estimated, and each row of transitions; all free if nothing else is said.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct ChainEstimate {
    pub(crate) initial: RowEstimate,
    /// One for each row, or none.
    pub(crate) transitions: Vec<RowEstimate>,
}

impl ChainEstimate {
    /// That of the row of transitions from a state.
    pub(crate) fn from_state(&self, from: usize) -> &RowEstimate {
        self.transitions.get(from).unwrap_or(&RowEstimate::Free)
    }

    /// Whether priors have as many outcomes as there are states.
    pub(crate) fn check(&self, states: usize) -> Result<(), Error> {
        let (expected, found) = (states, self.transitions.len());
        if found != 0 && found != expected {
            return Err(Error::Dimension { what: "the priors of the rows of transitions", expected, found });
        }
        std::iter::once(&self.initial).chain(&self.transitions).try_for_each(|row| row.check(states))
    }

    #[cfg(feature = "serde")]
    pub(crate) fn is_free(&self) -> bool {
        *self == Self::default()
    }
}
