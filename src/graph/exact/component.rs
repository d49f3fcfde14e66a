//! Hidden real nodes that share factors, and the order in which they are integrated out.
//!
//! As functions of the hidden reals u the factors are Gaussian: together ½ ‖A u − b‖² with one row of A, divided by its
//! σ, for each factor. Minimal fill orders the columns; the matrix itself is not made before parameters are known, but
//! which columns meet in each step is.

use std::collections::BTreeSet;
use std::ops::Range;

use super::role::{Role, Table, family};
use crate::graph::triangulation::elimination::minimal_fill;
use crate::graph::{DirectedGraph, Graph};

/// Hidden real nodes linked by factors.
pub(crate) struct Component {
    /// The nodes, parents before children; below they go by their places here.
    pub(crate) reals: Vec<usize>,
    /// The hidden finite nodes in their factors, by variable number.
    pub(crate) scope: Vec<usize>,
    /// The states of each.
    pub(crate) shape: Vec<usize>,
    /// The factors, in the order of their nodes.
    pub(crate) families: Vec<RealFamily>,
    /// In the order of elimination: a step's parent comes after it.
    pub(crate) steps: Vec<Step>,
    /// ln ∫ for each joint state of the scope.
    pub(crate) table: Table,
    /// How many numbers the solution of one joint state has: the means, then the rows of the steps.
    pub(crate) length: usize,
    pub(crate) solutions: Range<usize>,
}

/// One node with its parents, some of them hidden and real.
pub(crate) struct RealFamily {
    pub(crate) node: usize,
    /// Where the cells of the node, then of its parents, lie in a full row.
    pub(crate) sources: Vec<Range<usize>>,
    /// Hidden finite members: which of the scope, and the place among the family's cells.
    pub(crate) finite: Vec<(usize, usize)>,
    /// Hidden real members, each once.
    pub(crate) reals: Vec<usize>,
    /// Which of `reals` each of their places among the family's cells holds.
    pub(crate) places: Vec<(usize, usize)>,
    /// The step that takes the factor in, and where `reals` lie in its scope.
    pub(crate) step: usize,
    pub(crate) columns: Vec<usize>,
    /// Where its row of coefficients and its residual begin among those of the component.
    pub(crate) row: usize,
}

/// A real with the neighbours it had when it was eliminated.
pub(crate) struct Step {
    /// The neighbours, those eliminated last first; then the real itself.
    pub(crate) scope: Vec<usize>,
    pub(crate) parent: Option<usize>,
    /// Where the neighbours lie in the parent's scope.
    pub(crate) into: Vec<usize>,
    /// In order.
    pub(crate) children: Vec<usize>,
    pub(crate) families: Vec<usize>,
    /// Where the step's row begins in a solution: the entry of the real, those of its neighbours from the last of the
    /// scope to the first, the right-hand side.
    pub(crate) row: usize,
}

impl Component {
    /// All components; `families` are the nodes whose factors some hidden real enters.
    pub(crate) fn all(graph: &Graph, roles: &[Role], families: &[usize], states: &[usize]) -> Vec<Self> {
        let is_real = |node: &usize| roles[*node] == Role::Integrated;
        // Of nodes linked so far one stands for all.
        let mut linked: Vec<usize> = (0..graph.len()).collect();
        for &node in families {
            let reals: Vec<usize> = family(graph, node).filter(is_real).collect();
            let first = root(&mut linked, reals[0]);
            for &real in &reals[1..] {
                let other = root(&mut linked, real);
                linked[other] = first;
            }
        }
        let mut number = vec![None; graph.len()];
        let mut parts: Vec<(Vec<usize>, Vec<usize>)> = Vec::new();
        let mut part_of = |real: usize, parts: &mut Vec<(Vec<usize>, Vec<usize>)>| {
            *number[root(&mut linked, real)].get_or_insert_with(|| {
                parts.push((Vec::new(), Vec::new()));
                parts.len() - 1
            })
        };
        for real in (0..graph.len()).filter(is_real) {
            let part = part_of(real, &mut parts);
            parts[part].0.push(real);
        }
        for &node in families {
            let part = family(graph, node).find(is_real).map_or(0, |real| part_of(real, &mut parts));
            parts[part].1.push(node);
        }
        let mut place_of = vec![0; graph.len()];
        for (reals, _) in &parts {
            reals.iter().enumerate().for_each(|(place, &real)| place_of[real] = place);
        }
        parts.into_iter().map(|(reals, nodes)| Self::new(graph, roles, states, reals, &nodes, &place_of)).collect()
    }

    fn new(
        graph: &Graph,
        roles: &[Role],
        states: &[usize],
        reals: Vec<usize>,
        nodes: &[usize],
        place_of: &[usize],
    ) -> Self {
        let variables = |node: &usize| family(graph, *node).filter_map(|member| roles[member].variable());
        let scope: Vec<usize> = nodes.iter().flat_map(variables).collect::<BTreeSet<_>>().into_iter().collect();
        let of_node = |&node: &usize| RealFamily::new(graph, roles, node, &scope, place_of);
        let mut families: Vec<RealFamily> = nodes.iter().map(of_node).collect();

        let mut neighbours = vec![BTreeSet::new(); reals.len()];
        for family in &families {
            for &a in &family.reals {
                neighbours[a].extend(family.reals.iter().copied().filter(|&b| b != a));
            }
        }
        // Two states each: of equal fill the real with fewer neighbours goes first.
        let order = minimal_fill(&neighbours, &vec![2; reals.len()]);
        let mut step_of = vec![0; reals.len()];
        for (number, step) in order.iter().enumerate() {
            step_of[step.scope[step.scope.len() - 1]] = number;
        }
        let mut length = reals.len();
        let mut steps: Vec<Step> = Vec::with_capacity(order.len());
        for mut scope in order.into_iter().map(|step| step.scope) {
            scope.sort_unstable_by_key(|&real| std::cmp::Reverse(step_of[real]));
            let parent = scope.len().checked_sub(2).map(|last| step_of[scope[last]]);
            let row = length;
            length += scope.len() + 1;
            steps.push(Step { scope, parent, into: Vec::new(), children: Vec::new(), families: Vec::new(), row });
        }
        for child in 0..steps.len() {
            if let Some(parent) = steps[child].parent {
                steps[child].into =
                    positions(&steps[child].scope[..steps[child].scope.len() - 1], &steps[parent].scope);
                steps[parent].children.push(child);
            }
        }
        let mut row = 0;
        for (number, family) in families.iter_mut().enumerate() {
            family.row = row;
            row += family.reals.len() + 1;
            // The step of the member that is eliminated first holds them all.
            family.step = family.reals.iter().map(|&real| step_of[real]).min().unwrap_or(0);
            family.columns = positions(&family.reals, &steps[family.step].scope);
            steps[family.step].families.push(number);
        }
        let shape = scope.iter().map(|&variable| states[variable]).collect();
        Self { reals, scope, shape, families, steps, table: Table::default(), length, solutions: 0..0 }
    }
}

impl Component {
    /// The numbers of one joint state among those of the plan.
    pub(crate) fn solution<'a>(&self, state: usize, solutions: &'a mut [f64]) -> &'a mut [f64] {
        &mut solutions[self.solutions.start + state * self.length..][..self.length]
    }
}

impl RealFamily {
    fn new(graph: &Graph, roles: &[Role], node: usize, scope: &[usize], place_of: &[usize]) -> Self {
        let (mut sources, mut finite, mut reals, mut places) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut place = 0;
        for member in family(graph, node) {
            if let Some(digit) = roles[member].variable().and_then(|variable| scope.binary_search(&variable).ok()) {
                finite.push((digit, place));
            }
            if roles[member] == Role::Integrated {
                let real = place_of[member];
                let index = reals.iter().position(|&known| known == real).unwrap_or(reals.len());
                if index == reals.len() {
                    reals.push(real);
                }
                places.push((index, place));
            }
            place += graph.cells(member).len();
            sources.push(graph.cells(member));
        }
        Self { node, sources, finite, reals, places, step: 0, columns: Vec::new(), row: 0 }
    }

    /// Which of the component's reals the node itself is.
    pub(crate) fn child(&self) -> Option<usize> {
        self.places.first().filter(|(_, place)| *place == 0).map(|(index, _)| self.reals[*index])
    }

    /// The family's cells at a joint state of the component's scope; 0 where a hidden real lies.
    pub(crate) fn fill(&self, row: &[f64], digits: &[usize], cells: &mut Vec<f64>) {
        cells.clear();
        self.sources.iter().for_each(|source| cells.extend_from_slice(&row[source.clone()]));
        self.finite.iter().for_each(|&(digit, place)| cells[place] = digits[digit] as f64);
        self.places.iter().for_each(|&(_, place)| cells[place] = 0.0);
    }
}

/// Where each of `wanted` lies in `scope`.
fn positions(wanted: &[usize], scope: &[usize]) -> Vec<usize> {
    wanted.iter().filter_map(|real| scope.iter().position(|other| other == real)).collect()
}

/// Who stands for a node; the way there is halved each time.
fn root(linked: &mut [usize], mut node: usize) -> usize {
    while linked[node] != node {
        linked[node] = linked[linked[node]];
        node = linked[node];
    }
    node
}
