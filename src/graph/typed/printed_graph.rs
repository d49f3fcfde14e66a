//! A graph as text: its factorisation, and the parameters of its conditional distributions.

use std::fmt;

use crate::error::listed;

use super::graph::Graph;
use crate::graph::DirectedGraph;
use crate::graph::arrows::directed_graph::factor_of;

/// The factorisation: p(x1) p(x2 | x1) …; as `{:#}` also a line for each conditional distribution, with its parameters
/// and the other nodes that share it.
/// ```
/// use marginal::prelude::*;
/// let mut g = Graph::builder();
/// let a = g.node("a", (), Normal::new(1.5, 2.0)?);
/// let b = g.tied("b", (), a);
/// let joint = g.build()?;
/// assert_eq!(joint.to_string(), "p(a) p(b)");
/// assert_eq!(format!("{joint:#}"), "p(a) p(b)\np(a), tied: p(b): Normal { mean: 1.5, standard_deviation: 2.0 }");
/// # let _ = b;
/// # Ok::<(), Error>(())
/// ```
impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.factorisation())?;
        if !f.alternate() {
            return Ok(());
        }
        let mut nodes = vec![Vec::new(); self.parameters().count()];
        for node in (0..self.len()).filter(|&node| !self.is_constant(node)) {
            nodes[self.parameter(node)].push(factor_of(self, node));
        }
        for (nodes, factor) in nodes.iter().zip(self.parameters()) {
            let Some((first, tied)) = nodes.split_first() else { continue };
            let tied = if tied.is_empty() { String::new() } else { format!(", tied: {}", listed(tied.iter())) };
            write!(f, "\n{first}{tied}: {:?}", factor.printed())?;
        }
        Ok(())
    }
}

/// Each factor with its parameters: p(x2 | x1): ConditionalTable(…).
impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let factor = |node: usize| (factor_of(self, node), self.factor(node).printed());
        f.write_str("Graph ")?;
        f.debug_map().entries((0..self.len()).map(factor).map(|(factor, printed)| (Text(factor), printed))).finish()
    }
}

/// A text that is printed without quotes.
pub(crate) struct Text(pub(crate) String);

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
