//! Triangulation: an elimination order, chosen from many, and the cliques that it makes (Kjærulff 1990).
//!
//! Finding the best order is NP-hard; greedy ones are found in no time. Three criteria run once each, then again with
//! ties decided at random, the more often the more cells the best has: looking is worth a share of what summing costs.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::elimination::{Criterion, Elimination, greedy};

/// At most this many orders are drawn at random.
const RESTARTS: f64 = 48.0;
/// An order costs about as much as summing this many cells for each edge.
const CELLS_PER_EDGE: f64 = 256.0;

/// The cliques of a triangulated graph, joined to a tree (or a forest).
///
/// ```
/// use marginal::graph::Triangulation;
/// // A square a – b – c – d – a of two-state variables: one diagonal makes two triangles.
/// let square = vec![vec![1, 3], vec![0, 2], vec![1, 3], vec![0, 2]];
/// let triangulation = Triangulation::of(&square, &[2; 4]);
/// assert_eq!((triangulation.width(), triangulation.cells()), (2, 16.0));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Triangulation {
    cliques: Vec<TreeClique>,
    cells: f64,
    largest: usize,
    ranks: Vec<usize>,
}

/// One maximal clique.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TreeClique {
    /// In the order of elimination: first the variables that are eliminated here, then the separator, shared with the
    /// parent.
    pub(crate) scope: Vec<usize>,
    /// How many variables the separator has.
    pub(crate) separator: usize,
    /// Comes later in the list.
    pub(crate) parent: Option<usize>,
    pub(crate) cells: f64,
}

impl TreeClique {
    /// The variables that are eliminated here.
    pub(crate) fn residual(&self) -> &[usize] {
        &self.scope[..self.scope.len() - self.separator]
    }

    /// The variables shared with the parent.
    pub(crate) fn separator(&self) -> &[usize] {
        &self.scope[self.scope.len() - self.separator..]
    }

    /// Whether it holds all these variables.
    pub(crate) fn holds(&self, variables: &[usize]) -> bool {
        variables.iter().all(|v| self.scope.contains(v))
    }
}

impl Triangulation {
    /// Of an undirected graph given by the neighbours of each variable (each of whom has it as a neighbour too), and how
    /// many states each variable has.
    ///
    /// Of all orders tried the one whose cliques have the fewest cells together, the first of equals. The same input
    /// gives the same cliques.
    ///
    /// # Panics
    /// As a slice does, where a neighbour's number is not below their count.
    pub fn of(neighbours: &[Vec<usize>], states: &[usize]) -> Self {
        const CRITERIA: [Criterion; 3] = [Criterion::Fill, Criterion::Weight, Criterion::WeightedFill];
        let with = |criterion, tie: &mut dyn FnMut() -> u64| Self::along(&greedy(neighbours, states, criterion, tie));
        let fewest = |a: Self, b: Self| if b.cells < a.cells { b } else { a };
        let mut best = with(CRITERIA[0], &mut || 0);
        for criterion in &CRITERIA[1..] {
            best = fewest(best, with(*criterion, &mut || 0));
        }
        let edges: usize = neighbours.iter().map(Vec::len).sum();
        let restarts = (best.cells / (CELLS_PER_EDGE * edges.max(1) as f64)).min(RESTARTS) as usize;
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(0);
        for restart in 0..restarts {
            best = fewest(best, with(CRITERIA[restart % 3], &mut || rng.random()));
        }
        best.cliques = descended(best.cliques);
        let by_cells = |&a: &usize, &b: &usize| best.cliques[a].cells.total_cmp(&best.cliques[b].cells);
        best.largest = (0..best.cliques.len()).max_by(by_cells).unwrap_or(0);
        best
    }

    /// The maximal cliques along one order.
    fn along(order: &[Elimination]) -> Self {
        let steps = order.len();
        let mut step_of = vec![0; steps];
        for (step, elimination) in order.iter().enumerate() {
            step_of[elimination.scope[elimination.scope.len() - 1]] = step;
        }
        // The clique of a step lies within that of an earlier one which eliminates just one variable more.
        let mut clique_of: Vec<usize> = (0..steps).collect();
        let mut last: Vec<usize> = (0..steps).collect();
        let next: Vec<Option<usize>> = order
            .iter()
            .map(|step| step.scope[..step.scope.len() - 1].iter().map(|&variable| step_of[variable]).min())
            .collect();
        for step in 0..steps {
            if let Some(next) = next[step]
                && clique_of[next] == next
                && order[step].scope.len() == order[next].scope.len() + 1
            {
                clique_of[next] = clique_of[step];
                last[clique_of[step]] = next;
            }
        }
        let mut first: Vec<usize> = (0..steps).filter(|&step| clique_of[step] == step).collect();
        first.sort_unstable_by_key(|&step| last[step]);
        let mut number = vec![0; steps];
        first.iter().enumerate().for_each(|(clique, &step)| number[step] = clique);
        let clique = |&step: &usize| {
            let mut scope = order[step].scope.clone();
            scope.sort_unstable_by_key(|&variable| step_of[variable]);
            let separator = order[last[step]].scope.len() - 1;
            let parent = next[last[step]].map(|next| number[clique_of[next]]);
            TreeClique { scope, separator, parent, cells: order[step].cells }
        };
        let cliques: Vec<TreeClique> = first.iter().map(clique).collect();
        let cells = cliques.iter().map(|clique| clique.cells).sum();
        Self { cliques, cells, largest: 0, ranks: step_of }
    }

    /// The largest clique has one variable more than this; the treewidth of the graph is at most this.
    pub fn width(&self) -> usize {
        self.cliques.iter().map(|clique| clique.scope.len()).max().unwrap_or(1) - 1
    }

    /// Σ over the cliques of the product of their variables' numbers of states.
    pub fn cells(&self) -> f64 {
        self.cells
    }

    /// The variables of each maximal clique.
    pub fn cliques(&self) -> impl ExactSizeIterator<Item = &[usize]> {
        self.cliques.iter().map(|clique| clique.scope.as_slice())
    }

    /// The variables of the clique with the most cells, and their number.
    pub fn largest(&self) -> (&[usize], f64) {
        self.cliques.get(self.largest).map_or((&[], 0.0), |clique| (&clique.scope, clique.cells))
    }

    /// In an order in which a clique's parent comes after it.
    pub(crate) fn tree(&self) -> &[TreeClique] {
        &self.cliques
    }

    /// Each variable's place in the order of elimination; scopes are sorted by it.
    pub(crate) fn ranks(&self) -> &[usize] {
        &self.ranks
    }
}

/// From so many cells on a clique hands its children down to smaller ones.
const LARGE: f64 = 256.0;

/// The same cliques, each hung as low as it goes: under a sibling that holds its separator too and has at most half the
/// cells of their parent. A message to a small clique costs less than one to a large clique.
fn descended(mut cliques: Vec<TreeClique>) -> Vec<TreeClique> {
    let mut children = vec![Vec::new(); cliques.len()];
    let mut next = Vec::new();
    for number in (0..cliques.len()).rev() {
        match cliques[number].parent {
            Some(parent) => children[parent].push(number),
            None => next.push(number),
        }
    }
    let mut order = Vec::with_capacity(cliques.len());
    while let Some(clique) = next.pop() {
        order.push(clique);
        let mut own = std::mem::take(&mut children[clique]);
        if cliques[clique].cells >= LARGE {
            own.sort_by_key(|&child| std::cmp::Reverse(cliques[child].separator));
            let mut holding: Vec<usize> = Vec::new();
            own.retain(|&child| {
                let holds = |above: &&usize| cliques[**above].holds(cliques[child].separator());
                let smaller = |a: &&usize, b: &&usize| cliques[**a].cells.total_cmp(&cliques[**b].cells);
                if let Some(&above) = holding.iter().filter(holds).min_by(smaller) {
                    children[above].push(child);
                    cliques[child].parent = Some(above);
                    return false;
                }
                if 2.0 * cliques[child].cells <= cliques[clique].cells {
                    holding.push(child);
                }
                true
            });
        }
        next.extend(own);
    }
    order.reverse();
    let mut place = vec![0; order.len()];
    order.iter().enumerate().for_each(|(new, &old)| place[old] = new);
    let empty = TreeClique { scope: Vec::new(), separator: 0, parent: None, cells: 0.0 };
    let mut take = |&old: &usize| {
        let clique = std::mem::replace(&mut cliques[old], empty.clone());
        TreeClique { parent: clique.parent.map(|parent| place[parent]), ..clique }
    };
    order.iter().map(&mut take).collect()
}
