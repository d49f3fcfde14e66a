//! What exact inference does for a block of rows that hide the same nodes: which tiles are filled, where each cell of a
//! clique finds its factors, which come from the parameters alone.
//!
//! Factors that vary by row and lie over the same variables are one [`Potential`]: their logarithms are added before they
//! are exponentiated, once a cell. Factors that do not vary are multiplied once for all rows.

use super::inference::walk;
use super::plan::{Family, Plan};
use crate::graph::Graph;

/// Larger cliques are summed row by row, along their cells.
const MAX_CELLS: usize = 1 << 18;
/// Numbers that the tiles of one chunk hold at most, so that they stay in the L2 cache.
const ROOM: usize = 1 << 17;
/// Rows of a chunk.
const ROWS: std::ops::RangeInclusive<usize> = 8..=512;

/// A [`Plan`] for blocks.
pub(crate) struct Program {
    pub(crate) plan: Plan,
    pub(crate) potentials: Vec<Potential>,
    pub(crate) potential_cells: usize,
    pub(crate) cliques: Vec<ProgramClique>,
    /// Of each family the observed members with their numbers of states, if all are finite.
    pub(crate) shown: Vec<Option<Vec<(usize, usize)>>>,
}

/// The factors that vary by row over the same variables.
pub(crate) struct Potential {
    /// Variable numbers, the first the slowest.
    variables: Vec<usize>,
    pub(crate) clique: usize,
    /// Numbers of families, and of components of hidden reals.
    pub(crate) families: Vec<usize>,
    pub(crate) components: Vec<usize>,
    /// Where its cells begin, and how many they are.
    pub(crate) start: usize,
    pub(crate) cells: usize,
    /// Whether these are densities of what is observed; else probabilities of a hidden node, at most 1.
    pub(crate) of_observed: bool,
    /// Its place among the sources of the clique.
    pub(crate) source: usize,
}

pub(crate) struct ProgramClique {
    pub(crate) sources: Vec<Source>,
    /// For each cell and source, the source's cell.
    pub(crate) places: Vec<u32>,
    /// Whether it is a tree of its own with no more cells than its potentials: then it takes no more exponentials to sum
    /// all in logarithms, and no product can underflow.
    pub(crate) in_logarithms: bool,
    /// Its only potential, if that has the same cells and all is summed in logarithms.
    pub(crate) alone: Option<usize>,
}

impl Program {
    /// Where the integrals of a component of hidden reals go; `None` if no finite node stands around it.
    pub(crate) fn potential_of(&self, component: usize) -> Option<&Potential> {
        self.potentials.iter().find(|potential| potential.components.contains(&component))
    }
}

/// What is multiplied into a clique, beside its constants.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Source {
    Potential(usize),
    Message(usize),
}

impl Program {
    /// `None` if the cliques are too wide for tiles.
    pub(crate) fn new(graph: &Graph, plan: Plan) -> Option<Self> {
        if plan.belief_cells > MAX_CELLS || plan.table_cells > MAX_CELLS || plan.solution_cells > MAX_CELLS {
            return None;
        }
        let is_hidden = |node: usize| plan.variables.binary_search(&node).is_ok();
        let shown = plan.families.iter().map(|family| family.shown(graph, is_hidden)).collect();
        let mut program = Self { plan, potentials: Vec::new(), potential_cells: 0, cliques: Vec::new(), shown };
        for number in 0..program.plan.families.len() {
            let family = &program.plan.families[number];
            if family.varies && !family.members.is_empty() {
                let variables: Vec<usize> = family.members.iter().map(|member| member.variable).collect();
                let of_observed = program.plan.variables.binary_search(&family.node).is_err();
                let (clique, cells) = (family.table.clique, family.table.cells.len());
                program.potential(variables, clique, cells, of_observed).families.push(number);
            }
        }
        for number in 0..program.plan.components.len() {
            let component = &program.plan.components[number];
            if !component.scope.is_empty() {
                let (clique, cells) = (component.table.clique, component.table.cells.len());
                program.potential(component.scope.clone(), clique, cells, true).components.push(number);
            }
        }
        for number in 0..program.plan.cliques.len() {
            let clique = program.clique(number);
            for (place, source) in clique.sources.iter().enumerate() {
                if let Source::Potential(potential) = source {
                    program.potentials[*potential].source = place;
                }
            }
            program.cliques.push(clique);
        }
        Some(program)
    }

    fn potential(&mut self, variables: Vec<usize>, clique: usize, cells: usize, of_observed: bool) -> &mut Potential {
        let same = |p: &Potential| p.variables == variables && p.of_observed == of_observed;
        let number = self.potentials.iter().position(same).unwrap_or(self.potentials.len());
        if number == self.potentials.len() {
            let (families, components, start) = (Vec::new(), Vec::new(), self.potential_cells);
            self.potential_cells += cells;
            let potential = Potential { variables, clique, families, components, start, cells, of_observed, source: 0 };
            self.potentials.push(potential);
        }
        &mut self.potentials[number]
    }

    fn clique(&self, number: usize) -> ProgramClique {
        let clique = &self.plan.cliques[number];
        let potentials = (0..self.potentials.len()).filter(|&p| self.potentials[p].clique == number);
        let sources: Vec<Source> = potentials
            .map(Source::Potential)
            .chain(clique.children.iter().map(|&child| Source::Message(child)))
            .collect();
        let mut places = vec![0; clique.belief.len() * sources.len()];
        let mut digits = Vec::new();
        for (place, source) in sources.iter().enumerate() {
            let strides = match *source {
                Source::Potential(potential) => self.strides(&self.potentials[potential]),
                Source::Message(child) => &self.plan.cliques[child].strides,
            };
            walk(&clique.shape, strides, &mut digits, |cell, from| places[cell * sources.len() + place] = from as u32);
        }
        let cells = |source: &Source| match *source {
            Source::Potential(potential) => self.potentials[potential].cells,
            Source::Message(_) => 0,
        };
        let is_tree = clique.parent.is_none() && clique.children.is_empty();
        let in_logarithms = is_tree && sources.iter().map(cells).sum::<usize>() >= clique.belief.len();
        let alone = match sources[..] {
            [Source::Potential(potential)]
                if in_logarithms && places.iter().enumerate().all(|(c, p)| c == *p as usize) =>
            {
                Some(potential)
            }
            _ => None,
        };
        ProgramClique { sources, places, in_logarithms, alone }
    }

    fn strides(&self, potential: &Potential) -> &[usize] {
        match (potential.families.first(), potential.components.first()) {
            (Some(&family), _) => &self.plan.families[family].table.strides,
            (None, Some(&component)) => &self.plan.components[component].table.strides,
            (None, None) => &[],
        }
    }

    /// How many rows make one chunk.
    pub(crate) fn chunk_rows(&self) -> usize {
        let cells = self.potential_cells + self.plan.belief_cells + self.plan.message_cells + self.plan.solution_cells;
        (ROOM / cells.max(1)).clamp(*ROWS.start(), *ROWS.end())
    }

    /// ln of the product of the factors that no observed node enters, in each cell of the cliques. `None` if one is no
    /// logarithm of a probability.
    pub(crate) fn constants(&self, graph: &Graph) -> Option<Vec<f64>> {
        let mut constants = vec![0.0; self.plan.belief_cells];
        let (mut digits, mut table) = (Vec::new(), Vec::new());
        for family in self.fixed() {
            table.clear();
            table.resize(family.table.cells.len(), 0.0);
            family.with_states(self, graph, |rows| graph.factor(family.node).log_densities_by_state(rows, &mut table));
            if table.iter().any(|log| !(*log <= 1e-6)) {
                return None;
            }
            let clique = &self.plan.cliques[family.table.clique];
            let constants = &mut constants[clique.belief.clone()];
            walk(&clique.shape, &family.table.strides, &mut digits, |cell, from| constants[cell] += table[from]);
        }
        Some(constants)
    }

    /// The families whose members are all hidden.
    pub(crate) fn fixed(&self) -> impl Iterator<Item = &Family> {
        self.plan.families.iter().filter(|family| !family.varies)
    }
}
