//! What is to be summed: tables over variables, whose product is p(x, evidence) or a part of it that answers as well.
//!
//! A variable of which neither a target nor evidence descends sums to one: it is barren (Shachter 1986) and left out.
//! A variable that is seen to be in one state is a constant: its tables are cut down to that state.

use std::collections::BTreeMap;

use crate::graph::DirectedGraph;

use crate::network::model::findings::Finding;
use crate::network::{Findings, Network};

/// Tables over variables that have new numbers.
pub(crate) struct Problem {
    /// The number that each variable has in the network.
    pub(crate) variables: Vec<usize>,
    pub(crate) states: Vec<usize>,
    pub(crate) scopes: Vec<Vec<usize>>,
    /// Row-major, the last of the scope the fastest.
    pub(crate) tables: Vec<Vec<f64>>,
    /// Of the tables whose entries 64-bit numbers do not all hold, their logarithms.
    pub(crate) logarithms: BTreeMap<usize, Vec<f64>>,
}

impl Problem {
    /// The whole network, its variables under their own numbers, and nothing known yet.
    pub(crate) fn whole(network: &Network) -> Self {
        let variables = network.variables();
        Self {
            variables: (0..network.len()).collect(),
            states: variables.iter().map(|variable| variable.states.len()).collect(),
            scopes: (0..network.len()).map(|v| family(network, v)).collect(),
            tables: variables.iter().map(|variable| variable.probabilities.clone()).collect(),
            logarithms: BTreeMap::new(),
        }
    }

    /// What is needed for p(targets, evidence).
    pub(crate) fn reduced(findings: &Findings, targets: &[usize]) -> Self {
        let network = findings.network();
        let asked: Vec<usize> = findings.known().chain(targets.iter().copied()).collect();
        let mut needed = vec![false; network.len()];
        network.ancestors(&asked[..]).iter().chain(&asked).for_each(|&v| needed[v] = true);
        let seen = |v: usize| match findings.of(v) {
            Finding::State(state) => Some(*state),
            _ => None,
        };
        let variables: Vec<usize> = (0..network.len()).filter(|&v| needed[v] && seen(v).is_none()).collect();
        let mut number = vec![usize::MAX; network.len()];
        variables.iter().enumerate().for_each(|(new, &v)| number[v] = new);
        let states = variables.iter().map(|&v| network.variables()[v].states.len()).collect();
        let (mut scopes, mut tables, mut logarithms) = (Vec::new(), Vec::new(), BTreeMap::new());
        for v in (0..network.len()).filter(|&v| needed[v]) {
            let family = family(network, v);
            let cells = cells(network, &family, network.variables()[v].probabilities.len(), &seen);
            let cut = |table: &[f64]| cells.iter().map(|&cell| table[cell]).collect::<Vec<f64>>();
            let probabilities = &network.variables()[v].probabilities;
            if let Finding::Likelihood(_) | Finding::Density(_) = findings.of(v) {
                let (table, logs) = findings.of(v).applied(probabilities, network.variables()[v].states.len());
                logs.iter().for_each(|logs| drop(logarithms.insert(tables.len(), cut(logs))));
                tables.push(cut(&table));
            } else {
                tables.push(cut(probabilities));
            }
            scopes.push(family.into_iter().filter(|&v| seen(v).is_none()).map(|v| number[v]).collect());
        }
        Self { variables, states, scopes, tables, logarithms }
    }

    /// Which entries of a table are not 0.
    pub(crate) fn possible(&self, table: usize) -> Vec<bool> {
        match self.logarithms.get(&table) {
            Some(logs) => logs.iter().map(|log| *log > f64::NEG_INFINITY).collect(),
            None => self.tables[table].iter().map(|p| *p > 0.0).collect(),
        }
    }

    /// Who stands beside whom in a table, or in `together`.
    pub(crate) fn neighbours(&self, together: &[usize]) -> Vec<Vec<usize>> {
        let mut neighbours = vec![Vec::new(); self.states.len()];
        for scope in self.scopes.iter().map(Vec::as_slice).chain([together]) {
            for &a in scope {
                neighbours[a].extend(scope.iter().copied().filter(|&b| b != a));
            }
        }
        for of_variable in &mut neighbours {
            of_variable.sort_unstable();
            of_variable.dedup();
        }
        neighbours
    }
}

/// The parents, then the variable: as its table is laid out.
fn family(network: &Network, v: usize) -> Vec<usize> {
    network.parents(v).iter().copied().chain([v]).collect()
}

/// The cells of a table, which has so many, in which every variable that is seen has its state.
fn cells(network: &Network, family: &[usize], count: usize, seen: &dyn Fn(usize) -> Option<usize>) -> Vec<usize> {
    let mut cells = vec![0];
    let mut stride = count;
    for &member in family {
        let states = network.variables()[member].states.len();
        stride /= states;
        cells = match seen(member) {
            Some(state) => cells.into_iter().map(|cell| cell + state * stride).collect(),
            None => cells.iter().flat_map(|cell| (0..states).map(move |state| cell + state * stride)).collect(),
        };
    }
    cells
}
