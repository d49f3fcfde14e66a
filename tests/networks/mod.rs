//! Small networks of tables, drawn at random, and the plain sum over all joint states: what inference is compared with.
#![allow(dead_code, reason = "each test file uses its own part")]

use marginal::conditionals::ConditionalTable;
use marginal::graph::{Graph, Node};
use proptest::collection::vec;
use proptest::prelude::*;

/// Nodes 0, 1, … with earlier ones as parents, and numbers k/16 as probabilities.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    /// How many states each node has.
    pub(crate) states: Vec<usize>,
    pub(crate) parents: Vec<Vec<usize>>,
    /// 16 p(x | y), a row for each joint state of the parents, the first parent the slowest.
    pub(crate) sixteenths: Vec<Vec<Vec<u64>>>,
}

impl Network {
    pub(crate) fn len(&self) -> usize {
        self.states.len()
    }

    /// Which row of a node's table belongs to these states of all nodes.
    fn row(&self, node: usize, x: &[usize]) -> usize {
        self.parents[node].iter().fold(0, |row, &parent| row * self.states[parent] + x[parent])
    }

    /// 16^V p(x): a whole number, so exact.
    pub(crate) fn weight(&self, x: &[usize]) -> u64 {
        (0..self.len()).map(|node| self.sixteenths[node][self.row(node, x)][x[node]]).product()
    }

    /// 16^V.
    pub(crate) fn total(&self) -> u64 {
        16u64.pow(self.len() as u32)
    }

    /// All joint states.
    pub(crate) fn each_state(&self) -> impl Iterator<Item = Vec<usize>> + '_ {
        let count: usize = self.states.iter().product();
        (0..count).map(|number| {
            let mut rest = number;
            let digit = |&states: &usize| {
                let state = rest % states;
                rest /= states;
                state
            };
            self.states.iter().map(digit).collect()
        })
    }

    /// 16^V P(some nodes in some states).
    pub(crate) fn weight_of(&self, known: &[(usize, usize)]) -> u64 {
        let agrees = |x: &Vec<usize>| known.iter().all(|&(node, state)| x[node] == state);
        self.each_state().filter(agrees).map(|x| self.weight(&x)).sum()
    }

    pub(crate) fn table(&self, node: usize) -> ConditionalTable<[usize], usize> {
        let parents: Vec<usize> = self.parents[node].iter().map(|&parent| self.states[parent]).collect();
        let rows = self.sixteenths[node].iter().map(|row| row.iter().map(|k| *k as f64 / 16.0).collect::<Vec<_>>());
        ConditionalTable::over(&parents, rows).unwrap()
    }

    /// The same as a graph of the library.
    pub(crate) fn graph(&self) -> (Graph, Vec<Node<usize>>) {
        let mut g = Graph::builder();
        let mut nodes: Vec<Node<usize>> = Vec::new();
        for node in 0..self.len() {
            let parents: Vec<Node<usize>> = self.parents[node].iter().map(|&parent| nodes[parent]).collect();
            nodes.push(g.node(format!("x{}", node + 1), &parents[..], self.table(node)));
        }
        (g.build().unwrap(), nodes)
    }

    /// The same nodes and arrows under other numbers.
    pub(crate) fn with_tables(&self, seed: u64) -> Self {
        let mut state = seed;
        let mut next = || {
            // Knuth's linear congruential generator; its upper bits are good enough for tables.
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as u32
        };
        let shares: Vec<Vec<u32>> = (0..self.len()).map(|_| (0..CELLS).map(|_| next() % 15 + 1).collect()).collect();
        Self::new(self.states.clone(), self.parents.clone(), &shares)
    }

    fn new(states: Vec<usize>, parents: Vec<Vec<usize>>, shares: &[Vec<u32>]) -> Self {
        let rows_of = |node: usize| -> Vec<Vec<u64>> {
            let rows: usize = parents[node].iter().map(|&parent| states[parent]).product();
            shares[node].chunks(states[node]).take(rows).map(sixteenths).collect()
        };
        let sixteenths = (0..states.len()).map(rows_of).collect();
        Self { states, parents, sixteenths }
    }
}

/// Numbers for at most three parents of three states.
const CELLS: usize = 81;

/// Shares, each below 16, as sixteenths that sum to 16: all but the first as they stand while there is something left.
fn sixteenths(shares: &[u32]) -> Vec<u64> {
    let mut left = 16;
    let mut row: Vec<u64> = shares
        .iter()
        .skip(1)
        .map(|&share| {
            let part = u64::from(share).min(left);
            left -= part;
            part
        })
        .collect();
    row.insert(0, left);
    row
}

/// Up to `nodes` nodes of 2 … `states` states, up to three parents each; shrinks to one node that is always 0.
pub(crate) fn networks(nodes: usize, states: usize) -> impl Strategy<Value = Network> {
    let node = (2..=states, any::<u8>(), vec(0u32..=16, CELLS));
    vec(node, 1..=nodes).prop_map(|nodes| {
        let parents = |(v, (_, mask, _)): (usize, &(usize, u8, Vec<u32>))| -> Vec<usize> {
            (0..v).filter(|parent| mask >> parent & 1 == 1).take(3).collect()
        };
        let parents = nodes.iter().enumerate().map(parents).collect();
        let states = nodes.iter().map(|node| node.0).collect();
        Network::new(states, parents, &nodes.into_iter().map(|node| node.2).collect::<Vec<_>>())
    })
}
