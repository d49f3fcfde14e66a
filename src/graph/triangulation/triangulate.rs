//! Triangulation: an elimination order, chosen from many, and the cliques that it makes (Kjærulff 1990).
//!
//! Finding the best order is NP-hard; greedy ones are found in no time. Three criteria run once each, then again with
//! ties decided at random, the more often the more cells the best has: looking is worth a share of what summing costs.
//! Only the core, without its simplicial variables, is ordered so often.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::core::{Core, Criterion};
use super::elimination::Order;
use super::left::Left;

/// At most this many orders are drawn at random.
const RESTARTS: f64 = 96.0;
/// From so many variables on that are not eliminated as simplicial ones, minimal fill alone decides.
const LARGEST_CORE: usize = 8192;
/// An order costs about as much as summing this many cells for each edge.
const CELLS_PER_EDGE: f64 = 128.0;

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

/// Which steps of an order make the same maximal clique: that of a step lies within that of an earlier one which
/// eliminates just one variable more.
struct Merged {
    /// When each variable is eliminated.
    step_of: Vec<usize>,
    /// The first step of the clique of each step.
    clique_of: Vec<usize>,
    /// The last step of a clique, at its first.
    last: Vec<usize>,
    /// The step that eliminates the first of the neighbours that are left.
    next: Vec<Option<usize>>,
}

impl Merged {
    fn of(order: &Order) -> Self {
        let steps = order.len();
        let mut step_of = vec![0; steps];
        (0..steps).for_each(|step| step_of[order.variable(step)] = step);
        let neighbours = |step: usize| &order.scope(step)[..order.scope(step).len() - 1];
        let next: Vec<Option<usize>> =
            (0..steps).map(|step| neighbours(step).iter().map(|&variable| step_of[variable]).min()).collect();
        let (mut clique_of, mut last): (Vec<usize>, Vec<usize>) = ((0..steps).collect(), (0..steps).collect());
        for step in 0..steps {
            if let Some(next) = next[step]
                && clique_of[next] == next
                && order.scope(step).len() == order.scope(next).len() + 1
            {
                clique_of[next] = clique_of[step];
                last[clique_of[step]] = next;
            }
        }
        Self { step_of, clique_of, last, next }
    }

    /// Of all maximal cliques together.
    fn cells(&self, order: &Order) -> f64 {
        let first = (0..order.len()).filter(|&step| self.clique_of[step] == step);
        first.map(|step| order.cells(step)).sum()
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
        let (mut left, mut simplicial) = (Left::new(neighbours.to_vec(), states), Order::default());
        simplicial.eliminate_simplicial(&mut left);
        let core: Vec<usize> = left.variables().collect();
        if core.is_empty() || core.len() > LARGEST_CORE {
            simplicial.eliminate_all(&mut left);
            return Self::along(&simplicial);
        }
        let starts = [Criterion::Fill, Criterion::Weight, Criterion::WeightedFill].map(|by| Core::of(&left, &core, by));
        let with = |start: &Core, tie: &mut dyn FnMut() -> u64| {
            let mut order = simplicial.clone();
            start.clone().eliminate_all(&mut order, tie);
            (Merged::of(&order).cells(&order), order)
        };
        let fewest = |a: (f64, Order), b: (f64, Order)| if b.0 < a.0 { b } else { a };
        let first =
            starts[1..].iter().fold(with(&starts[0], &mut || 0), |best, start| fewest(best, with(start, &mut || 0)));
        let edges: usize = neighbours.iter().map(Vec::len).sum();
        let restarts = (first.0 / (CELLS_PER_EDGE * edges as f64)).min(RESTARTS) as usize;
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
        let again = starts.iter().cycle().take(restarts);
        let (_, best) = again.fold(first, |best, start| fewest(best, with(start, &mut || rng.random())));
        Self::along(&best)
    }

    /// The maximal cliques along one order.
    fn along(order: &Order) -> Self {
        let Merged { step_of, clique_of, last, next } = Merged::of(order);
        let mut first: Vec<usize> = (0..order.len()).filter(|&step| clique_of[step] == step).collect();
        first.sort_unstable_by_key(|&step| last[step]);
        let mut number = vec![0; order.len()];
        first.iter().enumerate().for_each(|(clique, &step)| number[step] = clique);
        let clique = |&step: &usize| {
            let mut scope = order.scope(step).to_vec();
            scope.sort_unstable_by_key(|&variable| step_of[variable]);
            let separator = order.scope(last[step]).len() - 1;
            let parent = next[last[step]].map(|next| number[clique_of[next]]);
            TreeClique { scope, separator, parent, cells: order.cells(step) }
        };
        let mut cliques: Vec<TreeClique> = first.iter().map(clique).collect();
        let cells = cliques.iter().map(|clique| clique.cells).sum();
        if let Some(largest) = largest(&cliques) {
            root(&mut cliques, largest);
        }
        let mut cliques = descended(cliques);
        let ranks = arrange(&mut cliques, order.len());
        let largest = largest(&cliques).unwrap_or(0);
        Self { cliques, cells, largest, ranks }
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

/// The number of the clique with the most cells.
fn largest(cliques: &[TreeClique]) -> Option<usize> {
    (0..cliques.len()).max_by(|&a, &b| cliques[a].cells.total_cmp(&cliques[b].cells))
}

/// Turns the edges above a clique, so that it is the root of its tree: at the root cells are neither summed out nor
/// weighted by what comes from above.
fn root(cliques: &mut [TreeClique], clique: usize) {
    let (mut below, mut above) = (clique, cliques[clique].parent.take());
    let mut shared = cliques[clique].separator().to_vec();
    cliques[clique].separator = 0;
    while let Some(number) = above {
        above = cliques[number].parent.replace(below);
        let next = cliques[number].separator().to_vec();
        cliques[number].scope.sort_by_key(|variable| shared.contains(variable));
        cliques[number].separator = shared.len();
        (below, shared) = (number, next);
    }
}

/// Sorts all scopes in one order of elimination, which is returned as each variable's place: variables that stand in the
/// same separators below are next to each other, those in the larger ones last. So separators lie in long runs.
fn arrange(cliques: &mut [TreeClique], variables: usize) -> Vec<usize> {
    let mut children = vec![Vec::new(); cliques.len()];
    for (number, clique) in cliques.iter().enumerate() {
        clique.parent.iter().for_each(|&parent| children[parent].push(number));
    }
    let mut ranks = vec![0; variables];
    let mut rank = 0;
    for number in 0..cliques.len() {
        children[number].sort_by_key(|&child| std::cmp::Reverse(cliques[child].separator));
        let beside = |variable: &usize| -> Vec<bool> {
            children[number].iter().map(|&child| cliques[child].separator().contains(variable)).collect()
        };
        let mut residual = cliques[number].residual().to_vec();
        residual.sort_by_cached_key(beside);
        for variable in residual {
            ranks[variable] = rank;
            rank += 1;
        }
    }
    cliques.iter_mut().for_each(|clique| clique.scope.sort_unstable_by_key(|&variable| ranks[variable]));
    ranks
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
