//! A graph some of whose nodes are never observed, as a latent model: the E-step is exact inference in each row, the
//! statistics and the M-step are each node's own.
//!
//! Q(θ, θ_old) = Σ_v Σ_n w_n E[ln p(x_v | x_pa(v), θ_v)], so the nodes' parameters are maximised one by one.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, GraphError, listed};
use crate::graph::{DirectedGraph, Graph, Nodes, Plan, Program, Tiles, dot};

/// Plans that are kept from batch to batch; of data with more patterns of missing values the rest are made anew.
const KEPT_PLANS: usize = 4096;

/// A [`Graph`] with hidden nodes; [`Graph::hide`] makes it.
///
/// A row holds the cells of the visible nodes in the order of their declaration; NaN is a missing value, and that is
/// hidden too: of sequences of several lengths the shorter end in missing values. Hidden nodes on which observed ones
/// depend must be finite, or real and linear-Gaussian: given the values of its finite parents a Gaussian about a line in
/// its real parents, and so must be its children. A hidden node on which no observed one depends adds nothing to that
/// row's statistics, since it sums to one whatever its parameters. A node that no row says anything of keeps its
/// parameters.
///
/// What is exact where a real is hidden are a factor's moments up to the second, which is all that the statistics of
/// linear-Gaussian distributions are made of: such statistics of one's own must be quadratic in the reals too.
///
/// A Gaussian mixture, as a graph:
/// ```
/// use marginal::{conditionals::{ConditionalTable, Switch}, data::Table, distributions::Normal, em::Em};
/// use marginal::graph::{Graph, Node};
/// let mut g = Graph::builder();
/// let z: Node<usize> = g.node("z", (), ConditionalTable::new([[0.5, 0.5]])?);
/// let x = g.node("x", z, Switch::new(vec![Normal::new(50.0, 5.0)?, Normal::new(80.0, 5.0)?])?);
/// let model = g.build()?.hide(z)?;
///
/// let waiting = Table::from_values(vec![51.0, 54.0, 56.0, 79.0, 80.0, 85.0], 1)?;
/// let fit = Em::default().fit(&model, &waiting)?;
/// let components = fit.parameters.conditional::<Switch<Vec<Normal>, usize>>(x).expect("its type");
/// assert!((components.components()[1].mean() - 81.33).abs() < 0.01);
/// # Ok::<(), marginal::Error>(())
/// ```
///
/// A hidden real: two instruments measure one level, and the noise of each is learned.
/// ```
/// use marginal::{conditionals::LinearGaussian, data::Table, distributions::Normal, em::Em, graph::Graph};
/// let mut g = Graph::builder();
/// let level = g.node("level", (), Normal::new(10.0, 2.0)?);
/// let _ = g.node("a", level, LinearGaussian::new(0.0, &[1.0], 1.0)?);
/// let _ = g.node("b", level, LinearGaussian::new(0.0, &[1.0], 1.0)?);
/// let model = g.build()?.hide(level)?;
///
/// // One value of b is missing.
/// let readings = vec![8.1, 7.5, 11.9, 12.6, 9.8, f64::NAN, 10.2, 10.9, 13.0, 12.1, 6.9, 7.8];
/// let fit = Em::default().max_iterations(50).fit(&model, &Table::from_values(readings, 2)?)?;
/// assert!(fit.history.windows(2).all(|pair| pair[1] >= pair[0] - 1e-12));
/// # Ok::<(), marginal::Error>(())
/// ```
pub struct HiddenGraph {
    graph: Graph,
    /// Whether the data do not show a node: a hidden one, or a constant.
    hidden: Vec<bool>,
    row_length: usize,
    plans: Mutex<HashMap<Box<[u64]>, Arc<Plan>>>,
    programs: Mutex<Programs>,
    /// Memory of batches that are done.
    tiles: Mutex<Vec<Tiles>>,
}

/// By pattern; `None` for rows that go one by one.
type Programs = HashMap<Box<[u64]>, Option<Arc<Program>>>;

impl Graph {
    /// Declares nodes that the data do not show: a handle, or a tuple of them. See [`HiddenGraph`].
    ///
    /// # Errors
    /// [`GraphError::ForeignHandle`] for a handle of another graph.
    pub fn hide(self, nodes: impl Nodes) -> Result<HiddenGraph, GraphError> {
        let mut hidden: Vec<bool> = (0..self.len()).map(|node| self.is_constant(node)).collect();
        self.own(nodes)?.into_iter().for_each(|node| hidden[node] = true);
        let row_length = (0..self.len()).filter(|&node| !hidden[node]).map(|node| self.cells(node).len()).sum();
        let (plans, programs, tiles) = (Mutex::default(), Mutex::default(), Mutex::default());
        Ok(HiddenGraph { graph: self, hidden, row_length, plans, programs, tiles })
    }
}

impl HiddenGraph {
    /// The graph, with the parameters from which the first run starts.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The names of a row's columns: those of the visible nodes; a node of several cells adds a number to each.
    pub fn columns(&self) -> Vec<String> {
        self.visible().flat_map(|node| self.graph.columns_of(node)).collect()
    }

    /// The graph in the DOT language of Graphviz, the visible nodes shaded.
    pub fn to_dot(&self) -> String {
        dot(&self.graph, &self.visible().collect::<Vec<_>>())
    }

    pub(crate) fn visible(&self) -> impl Iterator<Item = usize> {
        (0..self.graph.len()).filter(|&node| !self.hidden[node])
    }

    pub(crate) fn check_length(&self, found: usize) -> Result<(), Error> {
        if found == self.row_length {
            return Ok(());
        }
        let (names, columns) = (self.columns(), self.row_length);
        Err(GraphError::RowLength { found, columns, names: listed(names.iter()) }.into())
    }

    /// Which nodes the data do not show.
    pub(crate) fn hidden(&self) -> &[bool] {
        &self.hidden
    }

    pub(crate) fn plan(&self, theta: &Graph, pattern: &[u64]) -> Result<Arc<Plan>, GraphError> {
        let kept = || self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = kept().get(pattern) {
            return Ok(Arc::clone(plan));
        }
        let (observed, wanted) = (|node: usize| pattern[node / 64] >> (node % 64) & 1 == 1, pattern[pattern.len() - 1]);
        let plan = Arc::new(Plan::new(theta, &observed, &|node| node as u64 + 1 == wanted)?);
        let mut plans = kept();
        if plans.len() < KEPT_PLANS {
            plans.insert(pattern.into(), Arc::clone(&plan));
        }
        Ok(plan)
    }

    /// Shows the memory of a batch.
    pub(crate) fn with_tiles<R>(&self, see: impl FnOnce(&mut Tiles) -> R) -> R {
        let kept = || self.tiles.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tiles = kept().pop().unwrap_or_default();
        let seen = see(&mut tiles);
        kept().push(tiles);
        seen
    }

    /// What to do with the rows of a pattern: the nodes that are summed or integrated over, then those that are left out.
    /// `None` if they go one by one, because their cliques together are too wide, or some row is to be refused.
    pub(crate) fn program(&self, theta: &Graph, pattern: &[u64]) -> Option<Arc<Program>> {
        let kept = || self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(program) = kept().get(pattern) {
            return program.clone();
        }
        let (words, wanted) = (pattern.len() / 2, pattern[pattern.len() - 1]);
        let hides = |node: usize| (pattern[node / 64] | pattern[words + node / 64]) >> (node % 64) & 1 == 1;
        let plan = Plan::new(theta, &|node| !hides(node), &|node| node as u64 + 1 == wanted).ok();
        let program = plan.and_then(|plan| Program::new(theta, plan)).map(Arc::new);
        let mut programs = kept();
        if programs.len() < KEPT_PLANS {
            programs.insert(pattern.into(), program.clone());
        }
        program
    }
}

/// A copy shares the plans made so far, but makes its own later.
impl Clone for HiddenGraph {
    fn clone(&self) -> Self {
        let plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let programs = self.programs.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Self {
            graph: self.graph.clone(),
            hidden: self.hidden.clone(),
            row_length: self.row_length,
            plans: Mutex::new(plans),
            programs: Mutex::new(programs),
            tiles: Mutex::default(),
        }
    }
}

impl fmt::Debug for HiddenGraph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = (0..self.graph.len()).filter(|&node| self.hidden[node] && !self.graph.is_constant(node));
        let hidden = hidden.map(|node| self.graph.name(node));
        write!(f, "HiddenGraph({}; hidden: {})", self.graph, hidden.collect::<Vec<_>>().join(", "))
    }
}
