//! What the posteriors of a graph will cost, before it is paid.

use std::fmt;

use crate::error::{Error, counted, listed, readable};

use crate::graph::{Assignment, DirectedGraph, Graph, Plan};

impl Graph {
    /// How [`infer`](Self::infer) would find the posteriors of all nodes, and at what cost.
    ///
    /// ```
    /// use marginal::graph::Node;
    /// use marginal::prelude::*;
    ///
    /// let mut g = Graph::builder();
    /// let on: Node<bool> = g.node("on", (), Bernoulli::new(0.5)?);
    /// let level = g.node("level", on, Switch::new(vec![Normal::new(0.0, 1.0)?, Normal::new(3.0, 1.0)?])?);
    /// let reading = g.node("reading", level, LinearGaussian::new(0.0, &[1.0], 0.5)?);
    /// let joint = g.build()?;
    /// let plan = joint.plan(&joint.evidence().with(reading, 2.0))?;
    /// assert_eq!(
    ///     plan.to_string(),
    ///     "elimination, exact: 1 hidden finite node in 1 clique of 2 cells, width 0; \
    ///      1 hidden real node integrated in 2 joint states; 136 B"
    /// );
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// The reason why there is no exact answer, as [`posterior`](Self::posterior) says it, before anything is summed.
    pub fn plan(&self, evidence: &Assignment<'_>) -> Result<Plan, Error> {
        let row = &*evidence.cells_of(self)?;
        let exact = self.exact(row);
        let mut plan = Plan::new(self, &|node| !self.is_missing(node, row), &|node| exact[node])?;
        plan.left_out = (0..self.len()).filter(|&node| !exact[node]).map(|node| self.name(node)).collect();
        Ok(plan)
    }
}

impl Plan {
    /// The names of the hidden nodes that [`Graph::infer`] leaves out, since no exact posterior of them is known and
    /// nothing that is observed depends on them.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// How many hidden finite nodes are summed over.
    pub fn summed(&self) -> usize {
        self.variables.len()
    }

    /// How many hidden real nodes are integrated out.
    pub fn integrated(&self) -> usize {
        self.components.iter().map(|component| component.reals.len()).sum()
    }

    /// In how many joint states of finite nodes around them real nodes are integrated, over all groups of real nodes
    /// that share factors.
    pub fn joint_states(&self) -> usize {
        self.components.iter().map(|component| component.table.cells.len()).sum()
    }

    /// The largest clique of finite nodes has one more.
    pub fn width(&self) -> usize {
        self.cliques.iter().map(|clique| clique.scope.len()).max().unwrap_or(1) - 1
    }

    /// How many cells the cliques have together.
    pub fn cells(&self) -> usize {
        self.belief_cells
    }

    /// The memory that the numbers of one row will take, in bytes: the cliques' cells and messages, the factors' tables
    /// twice, and what is kept of real nodes.
    pub fn bytes(&self) -> usize {
        8 * (self.belief_cells + self.message_cells + 2 * self.table_cells + self.solution_cells)
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("elimination, exact: ")?;
        if self.summed() > 0 {
            let (finite, cliques) =
                (counted(self.summed(), "hidden finite node"), counted(self.cliques.len(), "clique"));
            write!(f, "{finite} in {cliques} of {}, width {}; ", counted(self.cells(), "cell"), self.width())?;
        }
        if self.integrated() > 0 {
            let real = counted(self.integrated(), "hidden real node");
            write!(f, "{real} integrated in {}; ", counted(self.joint_states(), "joint state"))?;
        }
        if self.summed() + self.integrated() == 0 {
            f.write_str("nothing to sum over; ")?;
        }
        f.write_str(&readable(self.bytes() as f64))?;
        if self.left_out.is_empty() { Ok(()) } else { write!(f, "; left out: {}", listed(self.left_out.iter())) }
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
