//! One family in a block of rows: the tile of its log-densities, and its posterior taken back.
//!
//! A row in which the node is missing, though the program takes it for observed, has nothing observed below it: there the
//! family sums to one, its tile is 0, and it takes nothing back.

use crate::conditionals::{FamilyRows, Member};

use super::block_inference::resize;
use super::node_columns::NodeColumns;
use super::plan::Family;
use super::program::Program;
use crate::graph::{DirectedGraph, Graph, NodeStatistics, Presence};

impl Family {
    /// ln p of each joint state of the hidden members in each row, 0 where the node is missing.
    pub(crate) fn log_densities(
        &self,
        program: &Program,
        graph: &Graph,
        columns: &NodeColumns<'_>,
        packed: &mut Vec<f64>,
        tile: &mut [f64],
    ) {
        let factor = graph.factor(self.node);
        match self.present(program, columns) {
            Presence::None => tile.fill(0.0),
            Presence::All => self.with_rows(program, graph, columns, |rows| factor.log_densities_by_state(rows, tile)),
            Presence::Some(present) => {
                let numbers: Vec<usize> = (0..present.len()).filter(|&n| present[n]).collect();
                resize(packed, tile.len() / present.len() * numbers.len());
                self.with_rows(program, graph, &columns.of_nodes(family_nodes(graph, self.node), &numbers), |rows| {
                    factor.log_densities_by_state(rows, packed);
                });
                tile.fill(0.0);
                for (line, own) in tile.chunks_exact_mut(present.len()).zip(packed.chunks_exact(numbers.len())) {
                    numbers.iter().zip(own).for_each(|(&n, log)| line[n] = *log);
                }
            }
        }
    }

    /// Adds the rows in which the node is not missing to its statistics, under `posterior[state][row]`.
    pub(crate) fn observe(
        &self,
        program: &Program,
        graph: &Graph,
        columns: &NodeColumns<'_>,
        (posterior, packed): (&[f64], &mut Vec<f64>),
        s: &mut NodeStatistics,
    ) {
        let factor = graph.factor(self.node);
        match self.present(program, columns) {
            Presence::None => (),
            Presence::All => {
                self.with_rows(program, graph, columns, |rows| factor.observe_by_state(s, rows, posterior));
            }
            Presence::Some(present) => {
                let numbers: Vec<usize> = (0..present.len()).filter(|&n| present[n]).collect();
                packed.clear();
                for line in posterior.chunks_exact(present.len()) {
                    packed.extend(numbers.iter().map(|&n| line[n]));
                }
                self.with_rows(program, graph, &columns.of_nodes(family_nodes(graph, self.node), &numbers), |rows| {
                    factor.observe_by_state(s, rows, packed);
                });
            }
        }
    }

    /// The rows in which the node is hidden or has a value.
    fn present(&self, program: &Program, columns: &NodeColumns<'_>) -> Presence {
        if program.is_hidden(self.node) { Presence::All } else { columns.shown(self.node).clone() }
    }

    fn with_rows<R>(
        &self,
        program: &Program,
        graph: &Graph,
        columns: &NodeColumns<'_>,
        see: impl FnOnce(FamilyRows<'_>) -> R,
    ) -> R {
        let member = |node: usize| match graph.domain(node).states {
            Some(states) if program.is_hidden(node) => Member::Hidden(states),
            _ => {
                let (cells, width) = columns.of(node);
                Member::Shown(cells, width)
            }
        };
        let parents: Vec<Member<'_>> = graph.parents(self.node).iter().map(|&parent| member(parent)).collect();
        see(FamilyRows::new(columns.len(), member(self.node), &parents))
    }
}

fn family_nodes(graph: &Graph, node: usize) -> impl Fn(usize) -> bool {
    move |other| other == node || graph.parents(node).contains(&other)
}
