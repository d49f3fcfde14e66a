//! The tree of cliques that a problem is summed along: where each table and each message is laid, and in which cells.
//!
//! All scopes are in the order of elimination, the last the fastest. So in every clique the variables that it eliminates
//! come first and the separator last: summing out adds up whole runs of cells. Where the possible cells are listed the
//! separator comes first, and the cells that become one lie side by side.

use std::ops::Range;
use std::sync::Arc;

use crate::graph::Triangulation;

use super::alignment::Alignment;
use super::blocks::before_block;
use super::problem::Problem;
use super::support::{Offsets, Support};

/// How the cells that belong to one of the separator become one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum By {
    Sum,
    Largest,
}

/// Structure only: no number in it is a probability.
pub(crate) struct CliqueTree {
    /// Children before parents.
    pub(crate) cliques: Vec<Clique>,
    /// Where each table of the problem lies once its variables are sorted.
    pub(crate) tables: Vec<Placed>,
    /// How each variable lies in the smallest clique that holds it, which lists it among its own.
    pub(crate) homes: Vec<Alignment>,
    pub(crate) cells: usize,
    pub(crate) separator_cells: usize,
    pub(crate) table_cells: usize,
}

pub(crate) struct Clique {
    pub(crate) scope: Vec<usize>,
    pub(crate) shape: Vec<usize>,
    /// The possible ones alone, where they are listed.
    pub(crate) cells: Range<usize>,
    /// How many cells a block has, where all are stored.
    width: usize,
    pub(crate) support: Option<Arc<Support>>,
    /// The message to the parent, and the ratio that comes back; one cell at a root.
    pub(crate) separator: Range<usize>,
    /// How the separator lies in it.
    pub(crate) outward: Alignment,
    /// How many variables are shared with the parent.
    shared: usize,
    /// How many cells belong to one of the separator.
    pub(crate) residual: usize,
    pub(crate) parent: Option<usize>,
    /// Tables and children's messages that are multiplied into it.
    pub(crate) tables: Vec<(usize, Alignment)>,
    pub(crate) children: Vec<(usize, Alignment)>,
    pub(crate) homes: Vec<usize>,
}

pub(crate) struct Placed {
    pub(crate) clique: usize,
    pub(crate) cells: Range<usize>,
    /// For each variable of the table as it was given, how far it moves in the sorted one.
    pub(crate) strides: Vec<usize>,
}

impl CliqueTree {
    pub(crate) fn new(problem: &Problem, triangulation: &Triangulation, supports: &[Option<Arc<Support>>]) -> Self {
        let ranks = triangulation.ranks();
        let mut tree = Self {
            cliques: Vec::with_capacity(triangulation.tree().len()),
            tables: Vec::with_capacity(problem.scopes.len()),
            homes: Vec::with_capacity(problem.states.len()),
            cells: 0,
            separator_cells: 0,
            table_cells: 0,
        };
        let mut eliminated_in = vec![0; problem.states.len()];
        for (number, (clique, support)) in triangulation.tree().iter().zip(supports).enumerate() {
            let mut scope = clique.scope.clone();
            if support.is_some() {
                scope.rotate_left(clique.residual().len());
            }
            let shape: Vec<usize> = scope.iter().map(|&v| problem.states[v]).collect();
            let all: usize = shape.iter().product();
            let cells = support.as_ref().map_or(all, |support| support.len());
            let separator: usize = clique.separator().iter().map(|&v| problem.states[v]).product();
            clique.residual().iter().for_each(|&v| eliminated_in[v] = number);
            let outward = alignment(&scope, &shape, support.as_ref(), clique.separator());
            tree.cliques.push(Clique {
                cells: tree.cells..tree.cells + cells,
                width: shape[before_block(&shape)..].iter().product(),
                separator: tree.separator_cells..tree.separator_cells + separator,
                outward,
                shared: clique.separator,
                support: support.clone(),
                residual: all / separator,
                parent: clique.parent,
                scope,
                shape,
                tables: Vec::new(),
                children: Vec::new(),
                homes: Vec::new(),
            });
            tree.cells += cells;
            tree.separator_cells += separator;
        }
        for (child, clique) in triangulation.tree().iter().enumerate() {
            if let Some(parent) = clique.parent {
                let alignment = tree.cliques[parent].alignment(clique.separator());
                tree.cliques[parent].children.push((child, alignment));
            }
        }
        for (number, scope) in problem.scopes.iter().enumerate() {
            tree.place(number, scope, ranks, &eliminated_in, &problem.states);
        }
        tree.find_homes(problem.states.len());
        tree
    }

    /// The most cells of a block that are stored.
    pub(crate) fn widest_block(&self) -> usize {
        self.cliques.iter().map(|clique| clique.width.min(clique.cells.len())).max().unwrap_or(0)
    }

    fn place(&mut self, number: usize, scope: &[usize], ranks: &[usize], eliminated_in: &[usize], states: &[usize]) {
        let mut sorted = scope.to_vec();
        sorted.sort_unstable_by_key(|&v| ranks[v]);
        let mut stride = 1;
        let mut strides = vec![0; scope.len()];
        for &v in sorted.iter().rev() {
            strides[scope.iter().position(|&u| u == v).unwrap_or_default()] = stride;
            stride *= states[v];
        }
        // Whatever clique eliminates the first of them holds them all.
        let mut clique = sorted.first().map_or(0, |&v| eliminated_in[v]);
        if !scope.is_empty() {
            while let Some(smaller) = self.smaller(clique, scope) {
                clique = smaller;
            }
            let alignment = self.cliques[clique].alignment(&sorted);
            self.cliques[clique].tables.push((number, alignment));
        }
        self.tables.push(Placed { clique, cells: self.table_cells..self.table_cells + stride, strides });
        self.table_cells += stride;
    }

    /// The smallest child of at most half the cells that holds these variables too.
    fn smaller(&self, clique: usize, scope: &[usize]) -> Option<usize> {
        let cells = |child: &usize| self.cliques[*child].cells.len();
        let most = self.cliques[clique].cells.len() / 2;
        let small = self.cliques[clique].children.iter().map(|(child, _)| *child).filter(|child| cells(child) <= most);
        small.filter(|child| scope.iter().all(|v| self.cliques[*child].scope.contains(v))).min_by_key(cells)
    }

    fn find_homes(&mut self, variables: usize) {
        let mut smallest = vec![usize::MAX; variables];
        for (number, clique) in self.cliques.iter().enumerate() {
            for &v in &clique.scope {
                if smallest[v] == usize::MAX || clique.cells.len() < self.cliques[smallest[v]].cells.len() {
                    smallest[v] = number;
                }
            }
        }
        for (v, &clique) in smallest.iter().enumerate() {
            let alignment = self.cliques[clique].alignment(&[v]);
            self.cliques[clique].homes.push(v);
            self.homes.push(alignment);
        }
    }
}

/// Of a table over some variables of a clique, in the order of elimination.
fn alignment(scope: &[usize], shape: &[usize], support: Option<&Arc<Support>>, variables: &[usize]) -> Alignment {
    let mut strides = vec![0; scope.len()];
    let mut stride = 1;
    for v in variables.iter().rev() {
        if let Some(place) = scope.iter().position(|u| u == v) {
            strides[place] = stride;
            stride *= shape[place];
        }
    }
    Alignment::new(shape, support, &strides)
}

impl Clique {
    fn alignment(&self, variables: &[usize]) -> Alignment {
        alignment(&self.scope, &self.shape, self.support.as_ref(), variables)
    }

    /// How many blocks its cells are cut into.
    pub(crate) fn blocks(&self) -> usize {
        self.support.as_ref().map_or(self.cells.len() / self.width, |support| support.blocks())
    }

    /// Where, among its cells, those of a block are stored.
    pub(crate) fn block(&self, block: usize) -> Range<usize> {
        match &self.support {
            None => block * self.width..(block + 1) * self.width,
            Some(support) => support.block(block),
        }
    }

    /// `see(block, where its cells are)` for each block.
    #[inline]
    pub(crate) fn each_block(&self, mut see: impl FnMut(usize, Range<usize>)) {
        (0..self.blocks()).for_each(|block| see(block, self.block(block)));
    }

    /// `see(cell of the block, entry)` for each cell of a block that is stored.
    pub(crate) fn each(&self, offsets: &Offsets, block: usize, see: impl FnMut((usize, usize))) {
        match &self.support {
            None => offsets.of_block(block).enumerate().for_each(see),
            Some(support) => support.entries(offsets, block).enumerate().for_each(see),
        }
    }

    /// The variables shared with the parent.
    pub(crate) fn shared(&self) -> &[usize] {
        if self.support.is_some() { &self.scope[..self.shared] } else { &self.scope[self.scope.len() - self.shared..] }
    }

    /// The variables summed out here.
    pub(crate) fn own(&self) -> &[usize] {
        if self.support.is_some() { &self.scope[self.shared..] } else { &self.scope[..self.scope.len() - self.shared] }
    }

    /// The cells that belong to one of the separator: the first, how far the next is, and how many there are.
    pub(crate) fn of_separator(&self, entry: usize) -> (usize, usize, usize) {
        match &self.support {
            None => (entry, self.cells.len() / self.residual, self.residual),
            Some(support) => {
                let part = support.part(entry, self.residual);
                (part.start, 1, part.len())
            }
        }
    }

    /// The number of a cell, one of those of its separator, among all that could be there.
    pub(crate) fn number(&self, cell: usize) -> usize {
        match &self.support {
            None => cell / (self.cells.len() / self.residual),
            Some(support) => support.cell(cell) % self.residual,
        }
    }
}
