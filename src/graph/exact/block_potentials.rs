//! The log-densities of a block of rows that vary by row: those of each potential, and ψ.

use crate::numeric::add_tiles;
use crate::numeric::tables::clique_tiles::exponentiate;

use super::block_inference::{Tiles, resize, tile};
use super::node_columns::NodeColumns;
use super::program::{Potential, Program};
use crate::graph::Graph;

impl Tiles {
    /// ψ of every potential, and ln p of what has no hidden member.
    pub(super) fn fill_potentials(&mut self, program: &Program, graph: &Graph, columns: &NodeColumns<'_>) {
        let (plan, rows) = (&program.plan, self.rows);
        for (potential, look_up) in program.potentials.iter().zip(&mut self.look_ups) {
            let tile = potential_tile(program, potential, (&mut self.potentials, &mut self.beliefs), rows);
            let mut is_empty = true;
            for &number in &potential.families {
                let family = &plan.families[number];
                if look_up.as_ref().is_some_and(|look_up| look_up.holds(number)) {
                    continue;
                }
                if is_empty {
                    family.log_densities(program, graph, columns, &mut self.packed, tile);
                } else {
                    resize(&mut self.one, tile.len());
                    family.log_densities(program, graph, columns, &mut self.packed, &mut self.one);
                    add_tiles(tile, &self.one);
                }
                is_empty = false;
            }
            if is_empty {
                tile.fill(0.0);
            }
            if let Some(look_up) = look_up {
                look_up.add_log_densities(program, columns, tile);
            }
        }
        for family in plan.families.iter().filter(|family| family.members.is_empty()) {
            resize(&mut self.one, rows);
            family.log_densities(program, graph, columns, &mut self.packed, &mut self.one);
            add_tiles(&mut self.log_densities, &self.one);
        }
        self.integrate(program, graph, columns);
        for potential in &program.potentials {
            if !program.cliques[potential.clique].in_logarithms {
                let range = potential.start * rows..(potential.start + potential.cells) * rows;
                exponentiate(&mut self.potentials[range], potential.of_observed, &mut self.log_densities);
            }
        }
    }

    /// Adds ln ∫ over the hidden reals, row by row.
    fn integrate(&mut self, program: &Program, graph: &Graph, columns: &NodeColumns<'_>) {
        let (plan, rows) = (&program.plan, self.rows);
        if plan.components.is_empty() {
            return;
        }
        resize(&mut self.solutions, plan.solution_cells * rows);
        resize(&mut self.full, graph.width());
        let potentials: Vec<_> = (0..plan.components.len()).map(|number| program.potential_of(number)).collect();
        for n in 0..rows {
            columns.full_row(graph, n, &mut self.full);
            let solutions = &mut self.solutions[n * plan.solution_cells..][..plan.solution_cells];
            for (component, potential) in plan.components.iter().zip(&potentials) {
                for state in 0..component.table.cells.len() {
                    let solution = component.solution(state, solutions);
                    let solved = component.solve(graph, &self.full, state, &mut self.integration, solution);
                    let log = solved.unwrap_or(f64::NAN);
                    match potential {
                        Some(potential) => {
                            let tiles = (&mut self.potentials[..], &mut self.beliefs[..]);
                            potential_tile(program, potential, tiles, rows)[state * rows + n] += log;
                        }
                        None => self.log_densities[n] += log,
                    }
                }
            }
        }
    }
}

/// The tile of a potential's log-densities: where it is alone in its clique, that of the clique itself.
fn potential_tile<'a>(
    program: &Program,
    potential: &Potential,
    (potentials, beliefs): (&'a mut [f64], &'a mut [f64]),
    rows: usize,
) -> &'a mut [f64] {
    match program.cliques[potential.clique].alone {
        Some(_) => &mut beliefs[tile(&program.plan.cliques[potential.clique].belief, rows)],
        None => &mut potentials[tile(&(potential.start..potential.start + potential.cells), rows)],
    }
}
