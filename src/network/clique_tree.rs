//! The tree of cliques that a problem is summed along: where each table and each message is laid, and in which cells.
//!
//! All scopes are sorted by the reversed order of elimination. So in every clique the variables shared with its parent
//! come first, and summing out the rest adds up contiguous cells.

use std::ops::Range;
use std::sync::Arc;

use crate::graph::Triangulation;

use super::alignment::Alignment;
use super::problem::Problem;
use super::support::{Offsets, Support};

/// Structure only: no number in it is a probability.
pub(super) struct CliqueTree {
    /// Children before parents.
    pub(super) cliques: Vec<Clique>,
    /// Where each table of the problem lies once its variables are sorted.
    pub(super) tables: Vec<Placed>,
    /// How each variable lies in the smallest clique that holds it, which lists it among its own.
    pub(super) homes: Vec<Alignment>,
    pub(super) cells: usize,
    pub(super) separator_cells: usize,
    pub(super) table_cells: usize,
    pub(super) largest: usize,
}

pub(super) struct Clique {
    pub(super) scope: Vec<usize>,
    pub(super) shape: Vec<usize>,
    /// The possible ones alone, where they are listed.
    pub(super) cells: Range<usize>,
    pub(super) support: Option<Arc<Support>>,
    /// The message to the parent, and the ratio that comes back; one cell at a root.
    pub(super) separator: Range<usize>,
    /// How many variables, the first of the scope, are shared with the parent.
    pub(super) shared: usize,
    /// How many cells belong to one of the separator.
    pub(super) residual: usize,
    pub(super) parent: Option<usize>,
    /// Tables and children's messages that are multiplied into it.
    pub(super) tables: Vec<(usize, Alignment)>,
    pub(super) children: Vec<(usize, Alignment)>,
    pub(super) homes: Vec<usize>,
}

pub(super) struct Placed {
    pub(super) clique: usize,
    pub(super) cells: Range<usize>,
    /// For each variable of the table as it was given, how far it moves in the sorted one.
    pub(super) strides: Vec<usize>,
}

impl CliqueTree {
    pub(super) fn new(problem: &Problem, triangulation: &Triangulation, supports: &[Option<Arc<Support>>]) -> Self {
        let ranks = triangulation.ranks();
        let mut tree = Self {
            cliques: Vec::with_capacity(triangulation.tree().len()),
            tables: Vec::with_capacity(problem.scopes.len()),
            homes: Vec::with_capacity(problem.states.len()),
            cells: 0,
            separator_cells: 0,
            table_cells: 0,
            largest: 0,
        };
        let mut eliminated_in = vec![0; problem.states.len()];
        for (number, clique) in triangulation.tree().iter().enumerate() {
            let shape: Vec<usize> = clique.scope.iter().map(|&v| problem.states[v]).collect();
            let support = supports[number].clone();
            let all: usize = shape.iter().product();
            let cells = support.as_ref().map_or(all, |support| support.len());
            let separator: usize = shape[..clique.separator].iter().product();
            clique.scope[clique.separator..].iter().for_each(|&v| eliminated_in[v] = number);
            tree.cliques.push(Clique {
                scope: clique.scope.clone(),
                cells: tree.cells..tree.cells + cells,
                separator: tree.separator_cells..tree.separator_cells + separator,
                shared: clique.separator,
                support,
                residual: all / separator,
                parent: clique.parent,
                shape,
                tables: Vec::new(),
                children: Vec::new(),
                homes: Vec::new(),
            });
            tree.cells += cells;
            tree.separator_cells += separator;
            tree.largest = tree.largest.max(cells);
        }
        for (child, clique) in triangulation.tree().iter().enumerate() {
            if let Some(parent) = clique.parent {
                let shared = &clique.scope[..clique.separator];
                let alignment = tree.cliques[parent].alignment(shared);
                tree.cliques[parent].children.push((child, alignment));
            }
        }
        for (number, scope) in problem.scopes.iter().enumerate() {
            tree.place(number, scope, ranks, &eliminated_in, &problem.states);
        }
        tree.find_homes(problem.states.len());
        tree
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
        let clique = sorted.last().map_or(0, |&v| eliminated_in[v]);
        if !scope.is_empty() {
            let alignment = self.cliques[clique].alignment(&sorted);
            self.cliques[clique].tables.push((number, alignment));
        }
        self.tables.push(Placed { clique, cells: self.table_cells..self.table_cells + stride, strides });
        self.table_cells += stride;
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

impl Clique {
    /// Of a table over some of its variables, in the order in which they stand here.
    fn alignment(&self, variables: &[usize]) -> Alignment {
        Alignment::new(&self.shape, self.support.as_ref(), |place| variables.contains(&self.scope[place]))
    }

    /// `see(cell, entry)` for each cell that is stored; `strides` as for [`Offsets::new`].
    pub(super) fn each(&self, strides: &[usize], see: impl FnMut(usize, usize)) {
        let offsets = Offsets::new(&self.shape, strides);
        match &self.support {
            None => offsets.each(see),
            Some(support) => support.each(&offsets, see),
        }
    }

    /// `see(entry, its cells)` for each entry of a table over the separator, and where its cells are stored.
    #[inline]
    pub(super) fn each_part(&self, table: &mut [f64], mut see: impl FnMut(&mut f64, Range<usize>)) {
        table.iter_mut().enumerate().for_each(|(number, entry)| see(entry, self.part(number)));
    }

    /// Where the cells that belong to one of the separator are stored.
    pub(super) fn part(&self, part: usize) -> Range<usize> {
        match &self.support {
            None => part * self.residual..(part + 1) * self.residual,
            Some(support) => support.part(part, self.residual),
        }
    }

    /// Which of the cells that belong to one of the separator this stored one is.
    pub(super) fn residual_of(&self, stored: usize) -> usize {
        self.support.as_ref().map_or(stored, |support| support.cell(stored)) % self.residual
    }
}
