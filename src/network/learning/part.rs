//! A part of a row: hidden variables that hang together, and the families in which they stand.
//!
//! What is seen cuts a row into parts that do not depend on each other, p(row) = Π families all seen · Π parts, and the
//! same part comes back in many rows. So a plan is made for a part, not for a row: which cells of which table belong to
//! the states seen beside it, and the tree of cliques along which the rest is summed. Most parts are a clique of one.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use crate::error::NetworkError;
use crate::graph::{DirectedGraph, Triangulation};

use super::families::{Families, Member};
use crate::network::exact::clique_tree::CliqueTree;
use crate::network::exact::problem::Problem;
use crate::network::model::memory::too_large;
use crate::network::{MEMORY, Network};

/// Up to so many joint states are summed in one table: a tree would not be faster.
const ONE_TABLE: usize = 64;

/// How one part is summed. Structure only: it holds for all rows in which these variables are hidden and these families
/// count.
pub(crate) struct Part {
    pub(crate) tree: CliqueTree,
    /// The tables of the tree.
    pub(crate) tables: Vec<PartTable>,
    /// The most cells of a table.
    pub(crate) widest: usize,
    /// The most cells of a block of a clique.
    pub(crate) widest_block: usize,
    seen: Vec<Member>,
    offsets: Vec<usize>,
}

/// The cells of a family's table that are left when some of its members are seen.
pub(crate) struct PartTable {
    pub(crate) family: usize,
    seen: Range<usize>,
    offsets: Range<usize>,
    /// Its cells are those of its clique, one by one.
    pub(crate) whole: bool,
}

impl Part {
    /// # Errors
    /// [`NetworkError::TooLarge`] beyond 1 GiB.
    pub(crate) fn new(
        network: &Network,
        families: &Families,
        variables: &[usize],
        touched: &[usize],
    ) -> Result<Self, NetworkError> {
        let numbers: HashMap<usize, usize> = variables.iter().copied().zip(0..).collect();
        let hidden = |f: usize| families.members(f).iter().filter(|m| numbers.contains_key(&m.variable));
        let states: Vec<usize> = variables.iter().map(|&v| families.states[v]).collect();
        let scopes: Vec<Vec<usize>> =
            touched.iter().map(|&f| hidden(f).map(|m| numbers[&m.variable]).collect()).collect();
        let problem =
            Problem { variables: variables.to_vec(), states, scopes, tables: Vec::new(), logarithms: BTreeMap::new() };
        let joint = problem.states.iter().fold(1usize, |joint, states| joint.saturating_mul(*states));
        let together: Vec<usize> = if joint <= ONE_TABLE { (0..variables.len()).collect() } else { Vec::new() };
        let triangulation = Triangulation::of(&problem.neighbours(&together), &problem.states);
        let bytes = 8.0 * triangulation.cells();
        if !(bytes <= MEMORY) {
            let (clique, largest) = triangulation.largest();
            let names: Vec<String> = clique.iter().map(|&v| network.name(variables[v])).collect();
            return Err(too_large(bytes, MEMORY, triangulation.cells(), largest, names));
        }
        let dense = vec![None; triangulation.tree().len()];
        let tree = CliqueTree::new(&problem, &triangulation, &dense);
        let (mut tables, mut seen, mut offsets) = (Vec::with_capacity(touched.len()), Vec::new(), Vec::new());
        for (&f, placed) in touched.iter().zip(&tree.tables) {
            let (seen_from, offsets_from) = (seen.len(), offsets.len());
            seen.extend(families.members(f).iter().filter(|m| !numbers.contains_key(&m.variable)).copied());
            offsets.resize(offsets_from + placed.cells.len(), 0);
            let mut cells = vec![(0, 0)];
            for (member, stride) in hidden(f).zip(&placed.strides) {
                let states = families.states[member.variable];
                let step = |(to, from)| (0..states).map(move |s| (to + s * stride, from + s * member.stride));
                cells = cells.into_iter().flat_map(step).collect();
            }
            cells.into_iter().for_each(|(to, from)| offsets[offsets_from + to] = from);
            let whole = placed.cells.len() == tree.cliques[placed.clique].cells.len();
            tables.push(PartTable {
                family: f,
                seen: seen_from..seen.len(),
                offsets: offsets_from..offsets.len(),
                whole,
            });
        }
        let widest = tree.tables.iter().map(|placed| placed.cells.len()).max().unwrap_or(0);
        let widest_block = tree.widest_block();
        Ok(Self { tree, tables, widest, widest_block, seen, offsets })
    }

    /// Where in the family's table the states seen in this row begin.
    pub(crate) fn base(&self, table: &PartTable, row: &[usize]) -> usize {
        self.seen[table.seen.clone()].iter().map(|m| row[m.variable] * m.stride).sum()
    }

    /// How far from there each cell lies.
    pub(crate) fn offsets(&self, table: &PartTable) -> &[usize] {
        &self.offsets[table.offsets.clone()]
    }

    /// What keeping it takes, in numbers.
    pub(crate) fn size(&self) -> usize {
        self.offsets.len() + self.tree.cells + 64 * self.tables.len()
    }
}
