//! The kinds of start, by name: from where a run of EM begins.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// A kind of start. [`Em::starts`](crate::em::Em::starts) chooses some by value, the command line by
/// [`name`](Self::name); [`Start::known_starts`](super::Start::known_starts) says which a model knows.
///
/// All but `Own`, `AsGiven` and `Random` are ways to share the rows among K components, from which the M-step makes θ₀. They
/// look at at most max(10 000, 50 K) rows. Nearness is that of the rows in standardised columns; where values are no
/// numbers, that of their log-densities under members drawn at random.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StartKind {
    /// What the model does by itself: a model that says nothing of kinds has this one.
    Own,
    /// The parameters that the model holds. If they leave two components equal for ever, the best of a few random starts.
    AsGiven,
    /// The clusters that K-means finds from k-means++ centres.
    Clusters,
    /// The rows nearest to each of K k-means++ centres. K-means itself starts from the centres.
    Seeds,
    /// Some random rows for each component. Normals start about one row each, with the covariance of all rows; K-means
    /// starts from the rows.
    RandomRows,
    /// Each row is shared among the components at random; mostly one has most of it.
    RandomShares,
    /// The few rows nearest to each of K k-means++ centres: components that are narrow.
    TightSeeds,
    /// What is hidden is drawn: completions of the rows for a graph, tables for a network, states in stretches of random
    /// lengths for a chain, with random transitions.
    Random,
    /// Random components of a fit of fewer, which the model was [told](crate::models::GaussianMixture::after), are split in
    /// two; without it the start grows from one component, by splits with some steps of EM between them.
    Split,
}

impl StartKind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::Own,
        Self::AsGiven,
        Self::Clusters,
        Self::Seeds,
        Self::RandomRows,
        Self::RandomShares,
        Self::TightSeeds,
        Self::Random,
        Self::Split,
    ];

    /// The name by which it is known, and parsed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::AsGiven => "as-given",
            Self::Clusters => "clusters",
            Self::Seeds => "seeds",
            Self::RandomRows => "random-rows",
            Self::RandomShares => "random-shares",
            Self::TightSeeds => "tight-seeds",
            Self::Random => "random",
            Self::Split => "split",
        }
    }

    /// The kind of a restart where these take turns: parameters that are given serve once, kinds that draw serve again and
    /// again.
    pub(crate) fn in_turn(kinds: &[Self], restart: usize) -> Self {
        let drawn = || kinds.iter().filter(|kind| **kind != Self::AsGiven);
        match (kinds.get(restart), drawn().count()) {
            (Some(kind), _) => *kind,
            (None, 0) => kinds.first().copied().unwrap_or(Self::Own),
            (None, count) => *drawn().nth((restart - kinds.len()) % count).expect("there are so many"),
        }
    }

    /// Names, separated by commas.
    pub(crate) fn list(kinds: &[Self]) -> String {
        kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for StartKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for StartKind {
    type Err = Error;

    /// # Errors
    /// [`Error::UnknownStart`] with the names of all kinds.
    fn from_str(name: &str) -> Result<Self, Error> {
        let known = || Self::list(&Self::ALL);
        let found = Self::ALL.into_iter().find(|kind| kind.name() == name);
        found.ok_or_else(|| Error::UnknownStart { name: name.to_owned(), known: known() })
    }
}

#[cfg(test)]
mod tests {
    use super::StartKind::{AsGiven, Clusters, Random, Seeds};
    use super::*;

    #[test]
    fn kinds_take_turns_and_what_is_given_serves_once() {
        let turns = |kinds: &[StartKind]| (0..6).map(|restart| StartKind::in_turn(kinds, restart)).collect::<Vec<_>>();
        assert_eq!(turns(&[AsGiven, Random]), [AsGiven, Random, Random, Random, Random, Random]);
        assert_eq!(turns(&[Clusters, Seeds]), [Clusters, Seeds, Clusters, Seeds, Clusters, Seeds]);
        assert_eq!(turns(&[Seeds, AsGiven, Clusters]), [Seeds, AsGiven, Clusters, Seeds, Clusters, Seeds]);
        assert_eq!(turns(&[AsGiven]), [AsGiven; 6]);
    }

    #[test]
    fn a_kind_is_known_by_its_name() {
        for kind in StartKind::ALL {
            assert_eq!(kind.name().parse::<StartKind>().map_err(|e| e.to_string()), Ok(kind));
        }
        let error = "kmeans".parse::<StartKind>().map_err(|e| e.to_string()).unwrap_err();
        assert!(
            error.starts_with("no start from kmeans is known here: choose among own, as-given, clusters, "),
            "{error}"
        );
    }
}
