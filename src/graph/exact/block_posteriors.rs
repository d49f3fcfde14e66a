//! What a block of rows says of each hidden node.

use crate::numeric::add_tiles;
use crate::numeric::tables::clique_tiles::add_cells;

use super::block_inference::{ProgramPlaces, Tiles, refill, tile};
use super::program::Program;

impl Tiles {
    /// After [`distribute`](Self::distribute): each finite hidden node, and its posterior `[state][row]` times the
    /// weights.
    pub(crate) fn each_marginal(&mut self, program: &Program, mut see: impl FnMut(usize, &[f64])) {
        let rows = self.rows;
        for clique in &program.plan.cliques {
            let belief = &self.beliefs[tile(&clique.belief, rows)];
            for (variable, stride) in clique.eliminated() {
                let states = program.plan.states[variable];
                refill(&mut self.one, states * rows);
                for (cell, line) in belief.chunks_exact(rows).enumerate() {
                    add_tiles(&mut self.one[cell / stride % states * rows..][..rows], line);
                }
                see(program.plan.variables[variable], &self.one);
            }
        }
    }

    /// After [`distribute`](Self::distribute): each hidden real of each row at each joint state of the finite nodes around
    /// it: (row, node, (probability times weight, mean, standard deviation)).
    pub(crate) fn each_normal(
        &mut self,
        program: &Program,
        weights: &[f64],
        mut see: impl FnMut(usize, usize, (f64, f64, f64)),
    ) {
        let (plan, rows) = (&program.plan, self.rows);
        for (number, component) in plan.components.iter().enumerate() {
            let potential = program.potential_of(number);
            if let Some(potential) = potential {
                let clique = &plan.cliques[potential.clique];
                let belief = &self.beliefs[tile(&clique.belief, rows)];
                let ProgramPlaces { sources, places } = program.places(potential.clique);
                refill(&mut self.one, potential.cells * rows);
                add_cells(belief, places, potential.source, sources.len(), rows, &mut self.one);
            }
            for (n, &weight) in weights.iter().enumerate() {
                let solutions = &mut self.solutions[n * plan.solution_cells..][..plan.solution_cells];
                for state in 0..component.table.cells.len() {
                    let p = potential.map_or(weight, |_| self.one[state * rows + n]);
                    if p > 0.0 {
                        let solution = component.solution(state, solutions);
                        component.marginals(solution, &mut self.integration, |node, mean, deviation| {
                            see(n, node, (p, mean, deviation));
                        });
                    }
                }
            }
        }
    }

    /// After [`distribute`](Self::distribute): Σ over the rows of their weights times the entropy of the joint posterior of
    /// the finite hidden nodes.
    pub(crate) fn entropy(&mut self, program: &Program) -> f64 {
        let (rows, mut entropy) = (self.rows, 0.0);
        for clique in &program.plan.cliques {
            let belief = &self.beliefs[tile(&clique.belief, rows)];
            for of_states in belief.chunks_exact(clique.states() * rows) {
                refill(&mut self.one, rows);
                of_states.chunks_exact(rows).for_each(|line| add_tiles(&mut self.one, line));
                for (p, separator) in of_states.iter().zip(self.one.iter().cycle()).filter(|(p, _)| **p > 0.0) {
                    entropy -= p * (p / separator).ln();
                }
            }
        }
        entropy
    }
}
