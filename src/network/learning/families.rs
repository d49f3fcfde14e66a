//! The families of a network, each a variable with its parents, and where in one long vector their counts lie.

use crate::graph::DirectedGraph;

use crate::network::Network;

/// Structure only.
#[derive(Debug)]
pub(crate) struct Families {
    /// Of each family the counts are starts[v] .. starts[v + 1], rows × states.
    starts: Vec<usize>,
    members: Vec<Member>,
    /// Of each family the members are firsts[v] .. firsts[v + 1].
    firsts: Vec<usize>,
    pub(crate) states: Vec<usize>,
    pub(crate) children: Vec<Vec<usize>>,
}

/// A variable in a family, and how far a step of its state moves in the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub(crate) variable: usize,
    pub(crate) stride: usize,
}

impl Families {
    pub(crate) fn of(network: &Network) -> Self {
        let states: Vec<usize> = network.variables().iter().map(|variable| variable.states.len()).collect();
        let (mut starts, mut firsts, mut members) = (vec![0], vec![0], Vec::new());
        let mut children = vec![Vec::new(); network.len()];
        for (v, variable) in network.variables().iter().enumerate() {
            let mut stride = 1;
            for &member in [v].iter().chain(variable.parents.iter().rev()) {
                members.push(Member { variable: member, stride });
                stride *= states[member];
            }
            members[firsts[v]..].reverse();
            firsts.push(members.len());
            starts.push(starts[v] + stride);
            variable.parents.iter().for_each(|&parent| children[parent].push(v));
        }
        Self { starts, members, firsts, states, children }
    }

    /// How many counts there are.
    pub(crate) fn entries(&self) -> usize {
        self.starts[self.states.len()]
    }

    pub(crate) fn counts_of(&self, v: usize) -> std::ops::Range<usize> {
        self.starts[v]..self.starts[v + 1]
    }

    /// The parents as the table orders them, then the variable.
    pub(crate) fn members(&self, v: usize) -> &[Member] {
        &self.members[self.firsts[v]..self.firsts[v + 1]]
    }
}
