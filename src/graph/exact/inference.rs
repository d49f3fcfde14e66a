//! Exact inference along a plan: sums flow up the tree of cliques, posteriors down.
//!
//! Up: a clique adds the logarithms of its factors and of its children's messages, and sends
//! ln Σ_z exp(·) to its parent, z being what it eliminates; it keeps p(z | separator). Down:
//! p(separator, z) = p(separator) p(z | separator). Nothing is divided by a message, and products are sums of
//! logarithms: no number of factors underflows.

use crate::error::GraphError;

use super::integral::Integration;
use super::plan::{Clique, Family, Plan};
use crate::graph::{Graph, NodeStatistics};

/// The numbers of one row; reused from row to row.
#[derive(Default)]
pub(crate) struct Scratch {
    cells: Vec<f64>,
    digits: Vec<usize>,
    /// ln p of the families that vary; after [`Plan::distribute`] the posterior of each family.
    pub(crate) tables: Vec<f64>,
    beliefs: Vec<f64>,
    messages: Vec<f64>,
    /// Of each component and joint state of its finite neighbours.
    pub(crate) solutions: Vec<f64>,
    pub(crate) integration: Integration,
}

impl Plan {
    /// ln p of the families that no observed node enters: the same for every row.
    pub(crate) fn constants(&self, graph: &Graph, scratch: &mut Scratch) -> Vec<f64> {
        let mut constants = vec![0.0; self.table_cells];
        let row = vec![f64::NAN; graph.width()];
        for family in self.families.iter().filter(|family| !family.varies) {
            family.tabulate(graph, &row, scratch, &mut constants);
        }
        constants
    }

    /// ln p(observed cells of the row) in nats.
    ///
    /// # Errors
    /// [`GraphError::NotLinearGaussian`] if a distribution says no line in some state of its parents.
    pub(crate) fn collect(
        &self,
        graph: &Graph,
        row: &[f64],
        constants: &[f64],
        scratch: &mut Scratch,
    ) -> Result<f64, GraphError> {
        let mut tables = std::mem::take(&mut scratch.tables);
        resize(&mut tables, self.table_cells);
        resize(&mut scratch.beliefs, self.belief_cells);
        resize(&mut scratch.messages, self.message_cells);
        let mut log_evidence = 0.0;
        for family in self.families.iter().filter(|family| family.varies || family.members.is_empty()) {
            if family.members.is_empty() {
                family.each_state(row, scratch, |_, x, given| {
                    log_evidence += graph.factor(family.node).log_density(x, given);
                });
            } else {
                family.tabulate(graph, row, scratch, &mut tables);
            }
        }
        resize(&mut scratch.solutions, self.solution_cells);
        for component in &self.components {
            for (state, cell) in component.table.cells.clone().enumerate() {
                let solution = component.solution(state, &mut scratch.solutions);
                tables[cell] = component.solve(graph, row, state, &mut scratch.integration, solution)?;
            }
            if component.scope.is_empty() {
                log_evidence += tables[component.table.cells.start];
            }
        }
        let Scratch { digits, beliefs, messages, .. } = scratch;
        for clique in &self.cliques {
            let belief = &mut beliefs[clique.belief.clone()];
            belief.fill(0.0);
            for family in clique.families.iter().map(|&family| &self.families[family]) {
                let logs = &if family.varies { &tables } else { constants }[family.table.cells.clone()];
                walk(&clique.shape, &family.table.strides, digits, |cell, from| belief[cell] += logs[from]);
            }
            for table in clique.components.iter().map(|&component| &self.components[component].table) {
                let logs = &tables[table.cells.clone()];
                walk(&clique.shape, &table.strides, digits, |cell, from| belief[cell] += logs[from]);
            }
            for child in clique.children.iter().map(|&child| &self.cliques[child]) {
                let message = &messages[child.message.clone()];
                walk(&clique.shape, &child.strides, digits, |cell, from| belief[cell] += message[from]);
            }
            let message = &mut messages[clique.message.clone()];
            for (log_sum, logs) in message.iter_mut().zip(belief.chunks_exact_mut(clique.states())) {
                *log_sum = normalise(logs);
            }
            if clique.parent.is_none() {
                log_evidence += message[0];
            }
        }
        scratch.tables = tables;
        Ok(log_evidence)
    }

    /// After [`collect`](Self::collect): the posterior of each clique, and of each family and component into its table.
    pub(crate) fn distribute(&self, scratch: &mut Scratch) {
        let Scratch { digits, beliefs, messages, tables, .. } = scratch;
        for clique in self.cliques.iter().rev() {
            let Some(parent) = clique.parent.map(|parent| &self.cliques[parent]) else { continue };
            let separator = &mut messages[clique.message.clone()];
            separator.fill(0.0);
            let of_parent = &beliefs[parent.belief.clone()];
            walk(&parent.shape, &clique.strides, digits, |cell, to| separator[to] += of_parent[cell]);
            let belief = &mut beliefs[clique.belief.clone()];
            for (p, of_state) in separator.iter().zip(belief.chunks_exact_mut(clique.states())) {
                of_state.iter_mut().for_each(|q| *q *= p);
            }
        }
        tables.fill(0.0);
        let of_families = self.families.iter().filter(|family| !family.members.is_empty()).map(|family| &family.table);
        let of_components = self.components.iter().filter(|c| !c.scope.is_empty()).map(|component| &component.table);
        for table in of_families.chain(of_components) {
            let clique = &self.cliques[table.clique];
            let (belief, posterior) = (&beliefs[clique.belief.clone()], &mut tables[table.cells.clone()]);
            walk(&clique.shape, &table.strides, digits, |cell, to| posterior[to] += belief[cell]);
        }
        for component in self.components.iter().filter(|component| component.scope.is_empty()) {
            tables[component.table.cells.start] = 1.0;
        }
    }

    /// Adds the row, under the families' posteriors, to the statistics of every node that counts, one for each parameter.
    pub(crate) fn observe(
        &self,
        graph: &Graph,
        row: &[f64],
        weight: f64,
        scratch: &mut Scratch,
        statistics: &mut [NodeStatistics],
    ) {
        let tables = std::mem::take(&mut scratch.tables);
        for family in &self.families {
            let (factor, s) = (graph.factor(family.node), &mut statistics[graph.parameter(family.node)]);
            let posterior = &tables[family.table.cells.clone()];
            family.each_state(row, scratch, |cell, x, given| {
                let weight = posterior.get(cell).map_or(weight, |p| p * weight);
                if weight > 0.0 {
                    factor.observe(s, x, given, weight);
                }
            });
        }
        for component in &self.components {
            for (state, &p) in tables[component.table.cells.clone()].iter().enumerate() {
                if p * weight > 0.0 {
                    let solution = &*component.solution(state, &mut scratch.solutions);
                    let share = (state, p * weight);
                    component.observe(graph, row, share, solution, &mut scratch.integration, statistics);
                }
            }
        }
        scratch.tables = tables;
    }

    /// After [`distribute`](Self::distribute): each finite hidden node and its posterior.
    pub(crate) fn marginals<'a>(&'a self, scratch: &'a Scratch) -> impl Iterator<Item = (usize, Vec<f64>)> + 'a {
        let of_clique = |clique: &'a Clique| {
            let variables = clique.eliminated().map(|(variable, stride)| (variable, self.states[variable], stride));
            variables.map(|(variable, states, stride)| {
                let mut marginal = vec![0.0; states];
                let belief = scratch.beliefs[clique.belief.clone()].iter().enumerate();
                belief.for_each(|(cell, p)| marginal[cell / stride % states] += p);
                (self.variables[variable], marginal)
            })
        };
        self.cliques.iter().flat_map(of_clique)
    }

    /// After [`distribute`](Self::distribute): the entropy of the joint posterior of the finite hidden nodes.
    pub(crate) fn entropy(&self, scratch: &Scratch) -> f64 {
        let of_states =
            self.cliques.iter().flat_map(|clique| scratch.beliefs[clique.belief.clone()].chunks_exact(clique.states()));
        let of_separator = |of_states: &[f64]| -> f64 {
            let separator: f64 = of_states.iter().sum();
            of_states.iter().filter(|p| **p > 0.0).map(|p| -p * (p / separator).ln()).sum()
        };
        of_states.map(of_separator).sum()
    }

    /// After [`distribute`](Self::distribute): shows each hidden real node under each joint state that is possible of
    /// the finite nodes around it: (probability of the state, mean, standard deviation).
    pub(crate) fn each_normal(&self, scratch: &mut Scratch, mut see: impl FnMut(usize, (f64, f64, f64))) {
        let Scratch { tables, solutions, integration, .. } = scratch;
        for component in &self.components {
            let posterior = &tables[component.table.cells.clone()];
            for (state, &p) in posterior.iter().enumerate().filter(|(_, p)| **p > 0.0) {
                component.marginals(component.solution(state, solutions), integration, |node, mean, deviation| {
                    see(node, (p, mean, deviation));
                });
            }
        }
    }
}

impl Clique {
    /// How many joint states the variables have that are eliminated here.
    pub(crate) fn states(&self) -> usize {
        self.shape[self.separator..].iter().product()
    }

    /// Each variable that is eliminated here, and how far it moves in the clique.
    pub(crate) fn eliminated(&self) -> impl Iterator<Item = (usize, usize)> {
        let stride = |place: usize| self.shape[place + 1..].iter().product();
        (self.separator..self.scope.len()).map(move |place| (self.scope[place], stride(place)))
    }
}

impl Family {
    /// Shows every joint state of the hidden members: the number of its cell, the node's cells, the parents' cells.
    fn each_state(&self, row: &[f64], scratch: &mut Scratch, mut see: impl FnMut(usize, &[f64], &[f64])) {
        let Scratch { cells, digits, .. } = scratch;
        cells.clear();
        self.sources.iter().for_each(|source| cells.extend_from_slice(&row[source.clone()]));
        self.members.iter().for_each(|member| cells[member.place] = 0.0);
        resize(digits, self.members.len());
        digits.fill(0);
        let width = self.sources[0].len();
        for cell in 0..self.table.cells.len().max(1) {
            let (x, given) = cells.split_at(width);
            see(cell, x, given);
            for (digit, member) in digits.iter_mut().zip(&self.members).rev() {
                *digit = (*digit + 1) % member.states;
                cells[member.place] = *digit as f64;
                if *digit > 0 {
                    break;
                }
            }
        }
    }

    fn tabulate(&self, graph: &Graph, row: &[f64], scratch: &mut Scratch, tables: &mut [f64]) {
        let (factor, table) = (graph.factor(self.node), &mut tables[self.table.cells.clone()]);
        self.each_state(row, scratch, |cell, x, given| table[cell] = factor.log_density(x, given));
    }
}

/// Turns log-weights into probabilities and returns ln Σ exp; all 0 where that is not finite.
fn normalise(logs: &mut [f64]) -> f64 {
    // NaN must win, so that it is seen; f64::max would drop it.
    let max = logs.iter().fold(f64::NEG_INFINITY, |max, &l| if l > max || l.is_nan() { l } else { max });
    if !max.is_finite() {
        logs.fill(0.0);
        return max;
    }
    let mut sum = 0.0;
    for l in logs.iter_mut() {
        *l = (*l - max).exp();
        sum += *l;
    }
    logs.iter_mut().for_each(|l| *l /= sum);
    max + sum.ln()
}

/// Visits the cells of a row-major table, and where each lies in a table with these strides.
pub(crate) fn walk(shape: &[usize], strides: &[usize], digits: &mut Vec<usize>, mut visit: impl FnMut(usize, usize)) {
    resize(digits, shape.len());
    digits.fill(0);
    let mut elsewhere = 0;
    for cell in 0..shape.iter().product() {
        visit(cell, elsewhere);
        for ((digit, &states), &stride) in digits.iter_mut().zip(shape).zip(strides).rev() {
            *digit += 1;
            elsewhere += stride;
            if *digit < states {
                break;
            }
            elsewhere -= stride * states;
            *digit = 0;
        }
    }
}

/// Changes the length; memory is kept.
fn resize<T: Clone + Default>(buffer: &mut Vec<T>, len: usize) {
    buffer.resize(len, T::default());
}
