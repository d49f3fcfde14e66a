//! One family in a block of rows: the tile of its log-densities, and its posterior taken back.
//!
//! A row in which the node is missing, though the program takes it for observed, has nothing observed below it: there the
//! family sums to one, its tile is 0, and it takes nothing back. If the node is shown in most rows, the family sees them
//! all, with other cells where it is missing; else it sees those in which it is shown, side by side.

use crate::conditionals::{FamilyRows, Member};
use crate::numeric::tables::shown_cells::keep_shown;

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
        let all = |tile: &mut [f64]| {
            self.with_rows(program, graph, columns, None, |rows| factor.log_densities_by_state(rows, tile));
        };
        match self.present(program, columns) {
            Presence::None => tile.fill(0.0),
            Presence::All => all(tile),
            Presence::Some(shown) if are_most(shown) => {
                all(tile);
                keep_shown(tile, shown);
            }
            Presence::Some(shown) => {
                let numbers = numbers(shown);
                resize(packed, tile.len() / shown.len() * numbers.len());
                self.with_rows(program, graph, columns, Some(&numbers), |rows| {
                    factor.log_densities_by_state(rows, packed);
                });
                tile.fill(0.0);
                for (line, own) in tile.chunks_exact_mut(shown.len()).zip(packed.chunks_exact(numbers.len())) {
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
        let mut see = |numbers: Option<&[usize]>, posterior: &[f64]| {
            self.with_rows(program, graph, columns, numbers, |rows| factor.observe_by_state(s, rows, posterior));
        };
        match self.present(program, columns) {
            Presence::None => (),
            Presence::All => see(None, posterior),
            Presence::Some(shown) => {
                packed.clear();
                if are_most(shown) {
                    packed.extend_from_slice(posterior);
                    keep_shown(packed, shown);
                    return see(None, packed);
                }
                let numbers = numbers(shown);
                for line in posterior.chunks_exact(shown.len()) {
                    packed.extend(numbers.iter().map(|&n| line[n]));
                }
                see(Some(&numbers), packed);
            }
        }
    }

    /// The rows in which the node is hidden or has a value.
    fn present<'a>(&self, program: &Program, columns: &'a NodeColumns<'_>) -> &'a Presence {
        if program.is_hidden(self.node) { &Presence::All } else { columns.shown(self.node) }
    }

    /// Shows the rows of these numbers, or all.
    fn with_rows<R>(
        &self,
        program: &Program,
        graph: &Graph,
        columns: &NodeColumns<'_>,
        numbers: Option<&[usize]>,
        see: impl FnOnce(FamilyRows<'_>) -> R,
    ) -> R {
        let nodes = || std::iter::once(self.node).chain(graph.parents(self.node).iter().copied());
        let some = |(node, numbers): (usize, &[usize])| -> Vec<f64> {
            let (cells, width) = columns.of(node);
            let rows = numbers.iter().filter(|_| !program.is_hidden(node));
            rows.flat_map(|&n| &cells[n * width..][..width]).copied().collect()
        };
        let some: Vec<Vec<f64>> =
            numbers.iter().flat_map(|numbers| nodes().map(|node| some((node, numbers)))).collect();
        let member = |(place, node): (usize, usize)| match graph.domain(node).states {
            Some(states) if program.is_hidden(node) => Member::Hidden(states),
            _ => {
                let (cells, width) = columns.of(node);
                Member::Shown(some.get(place).map_or(cells, Vec::as_slice), width)
            }
        };
        let members: Vec<Member<'_>> = nodes().enumerate().map(member).collect();
        see(FamilyRows::new(numbers.map_or(columns.len(), <[usize]>::len), members[0], &members[1..]))
    }
}

/// Whether at least half of the rows are shown.
fn are_most(shown: &[bool]) -> bool {
    2 * shown.iter().filter(|shown| **shown).count() >= shown.len()
}

/// The numbers of the rows that are shown.
fn numbers(shown: &[bool]) -> Vec<usize> {
    let (mut numbers, mut count) = (vec![0; shown.len()], 0);
    for (n, shown) in shown.iter().enumerate() {
        // Without a branch, which chance would decide.
        numbers[count] = n;
        count += usize::from(*shown);
    }
    numbers.truncate(count);
    numbers
}
