//! The most probable explanations, one after the other (Lawler 1972, Nilsson 1998).
//!
//! Once the best of a set of joint states is known, the others are split into sets that do not overlap: those that
//! agree with the best before variable v and differ from it there, for each v. The best of each set is found by the
//! tree, and the best of those is the next.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::error::NetworkError;

use super::JunctionTree;

/// The state of every variable, and how probable they are together with the evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The number of each variable's state.
    pub states: Vec<usize>,
    /// ln p(states, evidence) in nats; soft evidence counts by the likelihood of these states.
    pub log_joint: f64,
}

/// The joint states that agree with `best` before one variable, which is in none of the excluded states.
struct Subset {
    best: Explanation,
    variable: usize,
    excluded: Vec<usize>,
    /// Of equals the one found first is taken first.
    serial: usize,
}

impl JunctionTree {
    /// A most probable explanation: the state of every variable that together with the evidence has the largest
    /// probability.
    ///
    /// # Errors
    /// [`NetworkError::ImpossibleEvidence`].
    pub fn most_probable(&mut self) -> Result<Explanation, NetworkError> {
        self.best().ok_or_else(|| self.findings().impossible())
    }

    /// So many most probable explanations, no two the same, the most probable first; fewer if no more are possible.
    ///
    /// Each costs up to V partial sums over the tree.
    ///
    /// # Errors
    /// [`NetworkError::ImpossibleEvidence`].
    pub fn explanations(&mut self, count: usize) -> Result<Vec<Explanation>, NetworkError> {
        let first = Subset { best: self.most_probable()?, variable: 0, excluded: Vec::new(), serial: 0 };
        let mut found = Vec::new();
        let mut subsets = BinaryHeap::from([first]);
        let mut serial = 0;
        while found.len() < count
            && let Some(subset) = subsets.pop()
        {
            let states = &subset.best.states;
            (0..states.len()).for_each(|v| self.restrict(v, |state| v >= subset.variable || state == states[v]));
            for (variable, &of_best) in states.iter().enumerate().skip(subset.variable) {
                let mut excluded = if variable == subset.variable { subset.excluded.clone() } else { Vec::new() };
                excluded.push(of_best);
                self.restrict(variable, |state| !excluded.contains(&state));
                if let Some(best) = self.best() {
                    serial += 1;
                    subsets.push(Subset { best, variable, excluded, serial });
                }
                self.restrict(variable, |state| state == of_best);
            }
            found.push(subset.best);
        }
        (0..self.network().variables().len()).for_each(|v| self.restrict(v, |_| true));
        Ok(found)
    }
}

impl Ord for Subset {
    fn cmp(&self, other: &Self) -> Ordering {
        self.best.log_joint.total_cmp(&other.best.log_joint).then(other.serial.cmp(&self.serial))
    }
}
impl PartialOrd for Subset {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Subset {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Subset {}
