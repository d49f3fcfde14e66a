//! Families whose observed members have few joint states: their log-densities under all of these are tables, made once for
//! many rows, and several families of one potential are looked up together. The posteriors are added up by joint state, and
//! seen at the end.
//!
//! A row in which the node is missing has a state of its own, after the others: there the family sums to one, so its entries
//! are 0, and what is added up there is left out.

use crate::conditionals::{FamilyRows, Member};
use crate::numeric::tables::digit_groups::{DigitGroups, DigitRows};
use crate::numeric::tables::state_rows::{Entry, MEMBERS, add_to_entries, sum_entries};

use super::node_columns::NodeColumns;
use super::plan::Family;
use super::program::{Potential, Program};
use crate::graph::{DirectedGraph, Graph, NodeStatistics, Presence};

/// For each joint state of a family, and of families that are looked up together, there are at least so many rows: then
/// the tables cost less than the rows.
const ROWS_A_STATE: usize = 8;
const ROWS_A_JOINT_STATE: usize = 4;
/// Of a family, beside that of a node that is missing.
const MOST_STATES: usize = 256;
/// Numbers that the table of one group holds at most.
const ROOM: usize = 1 << 14;

/// The families of one potential that are looked up.
pub(crate) struct LookUp {
    /// Their numbers, and how many joint states the observed members of each have.
    families: Vec<(usize, usize)>,
    groups: DigitGroups,
    numbers: DigitRows,
    /// For each [`MEMBERS`] cells of the potential the tables of all groups, and the sums.
    tables: Vec<Entry>,
    sums: Vec<Entry>,
}

impl LookUp {
    /// For so many rows of one program; `None` if fewer than two families would be looked up.
    pub(crate) fn new(
        program: &Program,
        potential: &Potential,
        graph: &Graph,
        (columns, rows): (&NodeColumns<'_>, usize),
    ) -> Option<Self> {
        let families = potential.families.iter().filter_map(|&number| {
            let (family, shown) = (&program.plan.families[number], program.shown[number].as_ref()?);
            let states: usize = shown.iter().map(|(_, states)| states).product();
            let missing = !program.is_hidden(family.node) && *columns.shown(family.node) != Presence::All;
            let few = states * ROWS_A_STATE <= rows && states * potential.cells <= ROOM;
            let few = few && states < MOST_STATES && (shown.len() == 1 || !missing);
            few.then_some((number, states, missing))
        });
        let families: Vec<(usize, usize, bool)> = families.collect();
        if families.len() < 2 && families.iter().all(|(.., missing)| !missing) {
            return None;
        }
        let states = families.iter().map(|(_, states, missing)| states + usize::from(*missing));
        let groups = DigitGroups::new(states, (rows / ROWS_A_JOINT_STATE).min(ROOM / potential.cells));
        let families: Vec<(usize, usize)> = families.into_iter().map(|(family, states, _)| (family, states)).collect();
        let logs: Vec<Vec<f64>> = families
            .iter()
            .map(|&(number, states)| {
                let (family, mut logs) = (&program.plan.families[number], vec![0.0; potential.cells * states]);
                family.with_states(program, graph, |rows| {
                    graph.factor(family.node).log_densities_by_state(rows, &mut logs);
                });
                logs
            })
            .collect();
        let of_members = |first: usize| {
            groups.tables(|place, state| {
                let (logs, states) = (&logs[place], families[place].1);
                let log =
                    |member: usize| if state < states { logs.get((first + member) * states + state) } else { None };
                Entry([0, 1, 2, 3].map(|member| log(member).copied().unwrap_or(0.0)))
            })
        };
        let tables: Vec<Entry> = (0..potential.cells).step_by(MEMBERS).flat_map(of_members).collect();
        let sums = vec![Entry::default(); tables.len()];
        Some(Self { families, groups, numbers: DigitRows::default(), tables, sums })
    }

    /// Whether this family is looked up.
    pub(crate) fn holds(&self, number: usize) -> bool {
        self.families.iter().any(|(family, _)| *family == number)
    }

    /// Reads a chunk of rows, and adds the log-densities to the tile `[cell][row]` of the potential.
    pub(crate) fn add_log_densities(&mut self, program: &Program, columns: &NodeColumns<'_>, tile: &mut [f64]) {
        let none = vec![false; columns.len()];
        self.groups.begin(columns.len(), &mut self.numbers);
        for (place, (number, _)) in self.families.iter().enumerate() {
            let mut within = 1;
            for &(node, states) in program.shown[*number].iter().flatten().rev() {
                let shown: &[bool] = match columns.shown(node) {
                    Presence::Some(shown) => shown,
                    Presence::None => &none,
                    Presence::All => &[],
                };
                self.groups.read((place, within), columns.of(node).0, shown, &mut self.numbers);
                within *= states;
            }
        }
        let tables = self.tables.chunks_exact(self.groups.entries());
        for (table, lines) in tables.zip(tile.chunks_mut(MEMBERS * columns.len())) {
            sum_entries(self.numbers.rows(), table, self.groups.length(), lines);
        }
    }

    /// Adds the posterior `[cell][row]` of the chunk that was read last.
    pub(crate) fn add_posterior(&mut self, rows: usize, posterior: &[f64]) {
        let sums = self.sums.chunks_exact_mut(self.groups.entries());
        for (sums, lines) in sums.zip(posterior.chunks(MEMBERS * rows)) {
            add_to_entries(self.numbers.rows(), lines, self.groups.length(), sums);
        }
    }

    /// Adds what was added up to the statistics.
    pub(crate) fn finish(&mut self, program: &Program, graph: &Graph, cells: usize, statistics: &mut [NodeStatistics]) {
        let mut weights: Vec<Vec<f64>> = self.families.iter().map(|(_, states)| vec![0.0; cells * states]).collect();
        for (chunk, sums) in self.sums.chunks_exact_mut(self.groups.entries()).enumerate() {
            self.groups.each_sum(sums, |place, state, sum| {
                let states = self.families[place].1;
                for (member, weight) in sum.0.iter().enumerate().filter(|_| state < states) {
                    let cell = chunk * MEMBERS + member;
                    if cell < cells {
                        weights[place][cell * states + state] = *weight;
                    }
                }
            });
        }
        for (&(number, _), weights) in self.families.iter().zip(&weights) {
            let family = &program.plan.families[number];
            if weights.iter().any(|weight| *weight > 0.0) {
                let s = &mut statistics[graph.parameter(family.node)];
                family.with_states(program, graph, |rows| {
                    graph.factor(family.node).observe_by_state(s, rows, weights);
                });
            }
        }
    }
}

impl Family {
    /// The observed members with their numbers of states, if all are finite.
    pub(crate) fn shown(&self, graph: &Graph, is_hidden: impl Fn(usize) -> bool) -> Option<Vec<(usize, usize)>> {
        let members = std::iter::once(&self.node).chain(graph.parents(self.node)).filter(|node| !is_hidden(**node));
        let of_member = |&node: &usize| match (graph.domain(node).cells, graph.domain(node).states) {
            (1, Some(states)) => Some((node, states)),
            _ => None,
        };
        let shown: Vec<(usize, usize)> = members.map(of_member).collect::<Option<_>>()?;
        // A node that is its own parent twice is one number.
        let mut nodes: Vec<usize> = shown.iter().map(|(node, _)| *node).collect();
        nodes.sort_unstable();
        nodes.windows(2).all(|pair| pair[0] != pair[1]).then_some(shown)
    }

    /// Shows a row for each joint state of the observed members, which are finite; the last of them is the fastest.
    pub(crate) fn with_states<R>(&self, program: &Program, graph: &Graph, see: impl FnOnce(FamilyRows<'_>) -> R) -> R {
        let nodes: Vec<usize> = std::iter::once(self.node).chain(graph.parents(self.node).iter().copied()).collect();
        let states = |node: &usize| graph.domain(*node).states.unwrap_or(1);
        let shown = |node: &&usize| !program.is_hidden(**node);
        let rows: usize = nodes.iter().filter(shown).map(states).product();
        let mut after = rows;
        let cells: Vec<Vec<f64>> = nodes
            .iter()
            .map(|node| {
                if program.is_hidden(*node) {
                    return Vec::new();
                }
                after /= states(node);
                (0..rows).map(|row| (row / after % states(node)) as f64).collect()
            })
            .collect();
        let members: Vec<Member<'_>> = nodes
            .iter()
            .zip(&cells)
            .map(
                |(node, cells)| {
                    if program.is_hidden(*node) { Member::Hidden(states(node)) } else { Member::Shown(cells, 1) }
                },
            )
            .collect();
        see(FamilyRows::new(rows, members[0], &members[1..]))
    }
}
