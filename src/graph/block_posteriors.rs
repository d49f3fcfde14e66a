//! What a block of rows says of each hidden node.

use crate::numeric::add_tiles;
use crate::numeric::clique_tiles::add_cells;

use super::block_inference::{ProgramPlaces, Tiles, refill};
use super::program::Program;

impl Tiles {
    /// After [`distribute`](Self::distribute): each finite hidden node, and its posterior `[state][row]` times the
    /// weights.
    pub(crate) fn each_marginal(&mut self, program: &Program, mut see: impl FnMut(usize, &[f64])) {
        let rows = self.rows;
        for clique in &program.plan.cliques {
            let belief = &self.beliefs[clique.belief.start * rows..clique.belief.end * rows];
            let states = clique.last_states();
            refill(&mut self.one, states * rows);
            for of_states in belief.chunks_exact(states * rows) {
                add_tiles(&mut self.one, of_states);
            }
            see(program.plan.variables[clique.scope[clique.scope.len() - 1]], &self.one);
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
            let potential = program.potentials.iter().find(|p| p.components.contains(&number));
            if let Some(potential) = potential {
                let clique = &plan.cliques[potential.clique];
                let belief = &self.beliefs[clique.belief.start * rows..clique.belief.end * rows];
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
}
