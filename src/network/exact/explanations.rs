//! The most probable explanations, one after the other (Lawler 1972, Nilsson 1998).
//!
//! Once the best of a set of joint states is known, the others are split into sets that do not overlap: those that
//! agree with the best in all cliques before one and differ from it there, for each clique. The best of each set is read
//! off the largest products that the cliques hold already, and the best of those is the next.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::error::NetworkError;

use super::clique_tree::By;
use super::junction_tree::JunctionTree;

/// The state of every variable, and how probable they are together with the evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The number of each variable's state.
    pub states: Vec<usize>,
    /// ln p(states, evidence) in nats; soft evidence counts by the likelihood of these states.
    pub log_joint: f64,
}

/// The joint states that agree with an explanation in the cliques above one, and there have other cells than some.
struct Subset {
    /// Of the best of these.
    log_joint: f64,
    /// The number of the explanation.
    of: usize,
    clique: usize,
    /// Among the clique's cells that agree with what is above: that of the best, and those that are not allowed.
    chosen: usize,
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
        let log_joint = self.calibration.collect(By::Largest) + self.findings().log_scale();
        self.best(log_joint)
    }

    fn best(&self, log_joint: f64) -> Result<Explanation, NetworkError> {
        let log_joint = self.possible(log_joint)?;
        let mut states = vec![0; self.calibration.variables()];
        self.calibration.descend(self.calibration.tree.cliques.len(), &mut states, |cells| largest(cells, &[]));
        Ok(Explanation { states, log_joint })
    }

    /// So many most probable explanations, no two the same, the most probable first; fewer if no more are possible.
    ///
    /// Of all of them together the messages are sent once; each then costs O(V).
    ///
    /// # Errors
    /// [`NetworkError::ImpossibleEvidence`].
    pub fn explanations(&mut self, count: usize) -> Result<Vec<Explanation>, NetworkError> {
        if count < 2 {
            let best = self.most_probable()?;
            return Ok(if count == 0 { Vec::new() } else { vec![best] });
        }
        let log_joint = self.calibration.collect_every_cell(By::Largest) + self.findings().log_scale();
        let cliques = self.calibration.tree.cliques.len();
        let mut found = vec![self.best(log_joint)?];
        let mut subsets = BinaryHeap::new();
        self.split(&found, cliques, &[], &mut subsets);
        while found.len() < count
            && let Some(Subset { log_joint, of, clique, chosen, mut excluded, .. }) = subsets.pop()
        {
            let mut states = found[of].states.clone();
            self.calibration.choose(clique, &mut states, chosen);
            self.calibration.descend(clique, &mut states, |cells| largest(cells, &[]));
            found.push(Explanation { states, log_joint });
            excluded.push(chosen);
            self.split(&found, clique, &excluded, &mut subsets);
        }
        Ok(found)
    }

    /// Splits the joint states that the last explanation found was the best of: they agree with it above `clique`, where
    /// they have none of the excluded cells.
    ///
    /// A cell of a clique is the largest product of all at and below it, so if another is chosen there, and the best
    /// below, the whole product changes by their ratio.
    fn split(&self, found: &[Explanation], clique: usize, excluded: &[usize], subsets: &mut BinaryHeap<Subset>) {
        let Some(Explanation { states, log_joint }) = found.last() else { return };
        let mut cells = Vec::new();
        let cliques = self.calibration.tree.cliques.len();
        for number in (0..cliques.min(clique + 1)).rev() {
            self.calibration.agreeing(number, states, &mut cells);
            let excluded =
                if number == clique { excluded.to_vec() } else { vec![self.calibration.chosen(number, states)] };
            let chosen = largest(&cells, &excluded);
            let (best, other) = (cells[self.calibration.chosen(number, states)], cells[chosen]);
            let (ratio, possible) = if self.calibration.in_logarithms {
                (other - best, other > f64::NEG_INFINITY)
            } else {
                ((other / best).ln(), other > 0.0)
            };
            if possible && !excluded.contains(&chosen) {
                let (log_joint, of) = (log_joint + ratio, found.len() - 1);
                let serial = found.len() * cliques - number;
                subsets.push(Subset { log_joint, of, clique: number, chosen, excluded, serial });
            }
        }
    }
}

/// The first of the largest cells that are not excluded.
fn largest(cells: &[f64], excluded: &[usize]) -> usize {
    let allowed = cells.iter().enumerate().filter(|(number, _)| !excluded.contains(number));
    let best = allowed.fold(None, |best: Option<(usize, &f64)>, (number, cell)| match best {
        Some((_, largest)) if largest >= cell => best,
        _ => Some((number, cell)),
    });
    best.map_or(0, |(number, _)| number)
}

impl Ord for Subset {
    fn cmp(&self, other: &Self) -> Ordering {
        self.log_joint.total_cmp(&other.log_joint).then(other.serial.cmp(&self.serial))
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
