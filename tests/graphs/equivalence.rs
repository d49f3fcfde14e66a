//! Which arrows the independences compel, against all graphs that say the same independences.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

use marginal::graph::DirectedGraph;
use proptest::prelude::*;

#[derive(Clone, Debug)]
struct Arrows(Vec<Vec<usize>>);

impl DirectedGraph for Arrows {
    fn len(&self) -> usize {
        self.0.len()
    }
    fn parents(&self, node: usize) -> &[usize] {
        &self.0[node]
    }
}

impl Arrows {
    fn all(&self) -> Vec<(usize, usize)> {
        (0..self.len()).flat_map(|v| self.0[v].iter().map(move |&u| (u, v))).collect()
    }

    fn joined(&self, a: usize, b: usize) -> bool {
        self.0[a].contains(&b) || self.0[b].contains(&a)
    }

    /// u → v ← w whose ends are not joined.
    fn colliders(&self) -> BTreeSet<(usize, usize, usize)> {
        let pairs = |v: usize| self.0[v].iter().flat_map(move |&u| self.0[v].iter().map(move |&w| (u, v, w)));
        (0..self.len()).flat_map(pairs).filter(|&(u, _, w)| u < w && !self.joined(u, w)).collect()
    }

    /// The same edges, the arrow of each turned where the mask says so.
    fn turned(&self, mask: usize) -> Self {
        let mut parents = vec![Vec::new(); self.len()];
        for (edge, (u, v)) in self.all().into_iter().enumerate() {
            let (u, v) = if mask >> edge & 1 == 1 { (v, u) } else { (u, v) };
            parents[v].push(u);
        }
        Self(parents)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arrows_are_compelled_that_all_equivalent_graphs_share(
        masks in proptest::collection::vec(any::<u8>(), 1..6),
        order in Just((0..5usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        // Node number order[v] has parents among those before it; the numbers are in any order.
        let n = masks.len();
        let names: Vec<usize> = order.into_iter().filter(|v| *v < n).collect();
        let mut parents = vec![Vec::new(); n];
        for v in 0..n {
            parents[names[v]] = (0..v).filter(|u| masks[v] >> u & 1 == 1).map(|u| names[u]).collect();
        }
        let graph = Arrows(parents);
        let edges = graph.all().len();
        let equivalent = (0..1 << edges).map(|mask| graph.turned(mask));
        let equivalent = equivalent.filter(|other| other.is_acyclic() && other.colliders() == graph.colliders());
        let shared = equivalent.fold(graph.all(), |shared, other| {
            let all = other.all();
            shared.into_iter().filter(|arrow| all.contains(arrow)).collect()
        });
        prop_assert_eq!(graph.compelled_arrows().unwrap(), shared);
    }
}

#[test]
fn a_chain_can_be_turned_and_a_collider_cannot() {
    assert_eq!(Arrows(vec![vec![], vec![0], vec![1]]).compelled_arrows().unwrap(), []);
    let below_a_collider = Arrows(vec![vec![], vec![], vec![0, 1], vec![2]]);
    assert_eq!(below_a_collider.compelled_arrows().unwrap(), [(0, 2), (1, 2), (2, 3)]);
    assert!(Arrows(vec![vec![1], vec![0]]).compelled_arrows().is_err());
}
