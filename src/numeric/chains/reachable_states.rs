//! Which states a Markov chain can be in at each step, whatever their probabilities: z_t can be j if z_{t−1} can be some
//! i with A_ij > 0 and p(x_{t−1} | i) > 0. Sets of states are bits, so that a step costs K words for each 64 states.

use super::forward_backward::LEAST_PREDICTION;

/// The states that the next step can be in, and what the filter must leave each of them.
#[derive(Clone, Debug)]
pub(crate) struct ReachableStates {
    /// Words of a set.
    words: usize,
    /// K, padded.
    width: usize,
    /// For each state the set of its successors.
    successors: Vec<u64>,
    initial: Vec<u64>,
    now: Vec<u64>,
    least: Vec<f64>,
    /// Whether all rows of `least` are that of `now`, which is its own successor.
    settled: bool,
    given_up: bool,
}

impl ReachableStates {
    /// Those that p(z_1) and the K × K transition probabilities, row-major, allow; rows are padded to `width`.
    pub(crate) fn new(initial: &[f64], transitions: &[f64], width: usize) -> Self {
        let words = initial.len().div_ceil(64);
        let set = |row: &[f64]| {
            let mut set = vec![0; words];
            let possible = row.iter().enumerate().filter(|(_, p)| **p > 0.0);
            possible.for_each(|(j, _)| set[j / 64] |= 1 << (j % 64));
            set
        };
        let successors = transitions.chunks_exact(initial.len()).flat_map(set).collect();
        let (initial, now, least) = (set(initial), set(initial), Vec::new());
        Self { words, width, successors, initial, now, least, settled: false, given_up: false }
    }

    /// Begins a sequence.
    pub(crate) fn restart(&mut self) {
        self.settled &= self.now == self.initial && !self.given_up;
        self.given_up = false;
        self.now.copy_from_slice(&self.initial);
    }

    /// From here to the end of the sequence nothing need be left.
    pub(crate) fn give_up(&mut self) {
        self.given_up = true;
        self.least.fill(0.0);
    }

    /// The least predictions for [`Chain::filter`](super::forward_backward::Chain::filter) of the steps seen last, `[t][k]`:
    /// [`LEAST_PREDICTION`] for a state that can be reached and 0 for the others.
    pub(crate) fn least_predictions(&self) -> &[f64] {
        &self.least
    }

    /// Sees the log-densities of the next steps, a tile `[k][t]`.
    #[allow(clippy::needless_bitwise_bool, reason = "without a branch many are seen at once")]
    pub(crate) fn see(&mut self, log_densities: &[f64]) {
        let (k, width) = (self.successors.len() / self.words, self.width);
        let steps = log_densities.len() / k;
        let some_impossible = log_densities.iter().fold(false, |some, l| some | (*l == f64::NEG_INFINITY));
        let enough = self.least.len() >= steps * width;
        if enough && (self.given_up || self.settled && !some_impossible) {
            return;
        }
        self.least.clear();
        self.least.resize(steps * width, 0.0);
        self.settled = false;
        if self.given_up {
            return;
        }
        let (mut rows, mut next) = (&mut self.least[..], vec![0; self.words]);
        for t in 0..steps {
            let (row, rest) = std::mem::take(&mut rows).split_at_mut(width);
            next.fill(0);
            for (z, successors) in self.successors.chunks_exact(self.words).enumerate() {
                if self.now[z / 64] >> (z % 64) & 1 == 1 {
                    row[z] = LEAST_PREDICTION;
                    if !some_impossible || log_densities[z * steps + t] != f64::NEG_INFINITY {
                        next.iter_mut().zip(successors).for_each(|(next, s)| *next |= s);
                    }
                }
            }
            if !some_impossible && next == self.now {
                rest.chunks_exact_mut(width).for_each(|later| later.copy_from_slice(row));
                self.settled = t == 0;
                return;
            }
            self.now.copy_from_slice(&next);
            rows = rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The states reached at each step.
    fn reached(initial: &[f64], transitions: &[f64], log_densities: &[f64]) -> Vec<Vec<usize>> {
        let mut states = ReachableStates::new(initial, transitions, initial.len());
        let of_row = |row: &[f64]| (0..initial.len()).filter(|z| row[*z] > 0.0).collect();
        let mut seen = || {
            states.restart();
            states.see(log_densities);
            states.least_predictions().chunks_exact(initial.len()).map(of_row).collect()
        };
        let first: Vec<Vec<usize>> = seen();
        assert_eq!(first, seen(), "a second sequence is seen as the first");
        first
    }

    #[test]
    fn a_left_to_right_chain_reaches_one_state_more_at_each_step() {
        let transitions = [0.5, 0.5, 0.0, 0.0, 0.5, 0.5, 0.0, 0.0, 1.0];
        assert_eq!(
            reached(&[1.0, 0.0, 0.0], &transitions, &[0.0; 15]),
            [vec![0], vec![0, 1], vec![0, 1, 2], vec![0, 1, 2], vec![0, 1, 2]]
        );
    }

    #[test]
    fn an_impossible_density_stops_a_path_and_a_tiny_one_does_not() {
        let never = f64::NEG_INFINITY;
        // Two states that swap places for certain, and 70 that stay.
        let mut transitions = vec![0.0; 72 * 72];
        (2..72).for_each(|z| transitions[z * 72 + z] = 1.0);
        (transitions[1], transitions[72]) = (1.0, 5e-324);
        let mut initial = vec![1e-300; 72];
        initial[1..].fill(0.0);
        initial[70] = 1.0;
        let mut log_densities = vec![-1e300; 72 * 4];
        log_densities[4 * 70 + 2] = never;
        assert_eq!(reached(&initial, &transitions, &log_densities), [vec![0, 70], vec![1, 70], vec![0, 70], vec![1]]);
    }
}
