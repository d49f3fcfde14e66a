//! A tournament: who has the least of all costs, found again after a change in log₂ n matches.

/// Players 0 … n − 1, each with a cost; of equal costs the smaller number wins.
pub(crate) struct Tournament<C> {
    costs: Vec<C>,
    /// Node k is won by the winner of nodes 2k and 2k + 1; the players are the last n nodes, and node 1 is the final.
    winners: Vec<u32>,
}

impl<C: Copy + Ord> Tournament<C> {
    pub(crate) fn new(costs: Vec<C>) -> Self {
        let players = costs.len();
        let mut tournament = Self { costs, winners: vec![0; 2 * players] };
        (0..players).for_each(|player| tournament.winners[players + player] = player as u32);
        for node in (1..players).rev() {
            tournament.winners[node] = tournament.winner(node);
        }
        tournament
    }

    /// Who has the least, and how much; none without players.
    pub(crate) fn least(&self) -> Option<(usize, C)> {
        self.winners.get(1).map(|&player| (player as usize, self.costs[player as usize]))
    }

    pub(crate) fn cost(&self, player: usize) -> C {
        self.costs[player]
    }

    pub(crate) fn set(&mut self, player: usize, cost: C) {
        self.costs[player] = cost;
        let mut node = self.costs.len() + player;
        while node > 1 {
            node /= 2;
            let winner = self.winner(node);
            // Neither lost its place nor took one: nothing changes further up.
            if winner == self.winners[node] && winner as usize != player {
                break;
            }
            self.winners[node] = winner;
        }
    }

    fn winner(&self, node: usize) -> u32 {
        let (a, b) = (self.winners[2 * node], self.winners[2 * node + 1]);
        if (self.costs[a as usize], a) <= (self.costs[b as usize], b) { a } else { b }
    }
}

#[cfg(test)]
mod tests {
    use super::Tournament;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_winner_has_the_least_cost_and_of_equals_the_smallest_number(
            costs in proptest::collection::vec(0u32..9, 0..20),
            changes in proptest::collection::vec((0usize..20, 0u32..9), 0..40),
        ) {
            let mut tournament = Tournament::new(costs.clone());
            let mut costs = costs;
            let least = |costs: &[u32]| costs.iter().copied().enumerate().min_by_key(|&(player, cost)| (cost, player));
            prop_assert_eq!(tournament.least(), least(&costs));
            for (player, cost) in changes {
                if player < costs.len() {
                    costs[player] = cost;
                    tournament.set(player, cost);
                    prop_assert_eq!(tournament.least(), least(&costs));
                }
            }
        }
    }
}
