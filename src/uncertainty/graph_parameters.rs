//! θ of a graph as a vector: the nodes' types are said, since a graph forgets them.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use rand::Rng;

use crate::conditionals::{EstimateConditional, Root, Value};
use crate::data::Batch;
use crate::distributions::{Estimate, Guarantee, Parametric};
use crate::error::Error;
use crate::graph::{DirectedGraph, Erased, Factor, Graph, NodeStatistics, Nodes};
use crate::latent::{Climbs, Evidence, LatentModel};
use crate::models::HiddenGraph;

use super::named::{NamedParameter, NamedParameters, Naming};
use super::resampling::simulate::Simulate;

/// The parameters of a graph, with the types of the nodes that are learned.
///
/// A graph holds conditional distributions of any types and forgets them. What is to have standard errors is said again,
/// node by node; of nodes that are tied one is enough.
/// ```
/// use marginal::distributions::Categorical;
/// use marginal::graph::Node;
/// use marginal::prelude::*;
/// use marginal::uncertainty::{GraphParameters, StandardErrors, WithCoordinates};
///
/// let mut g = Graph::builder();
/// let z: Node<usize> = g.node("z", (), Categorical::uniform(2));
/// let x = g.node("x", z, Switch::new(vec![Normal::new(50.0, 5.0)?, Normal::new(80.0, 5.0)?])?);
/// let model = g.build()?.hide(z)?;
/// let waiting = Table::from_values(vec![51.0, 54.0, 56.0, 79.0, 80.0, 85.0, 49.0, 82.0], 1)?;
/// let fit = Em::default().fit(&model, &waiting)?;
///
/// let theta = GraphParameters::new(fit.parameters).root::<Categorical>(z)?.node::<Switch<Vec<Normal>, usize>>(x)?;
/// let errors = StandardErrors::of(&WithCoordinates::new(model), &waiting, &theta)?;
/// let mean = errors.parameter("x, state 0: mean").and_then(|p| p.standard_error);
/// assert!((mean.unwrap() - 1.35).abs() < 0.01); // σ / √n of the four short ones
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct GraphParameters {
    graph: Graph,
    nodes: Arc<Vec<NodeParameters>>,
}

/// What is done with a factor whose type is known.
#[derive(Clone)]
struct NodeParameters {
    parameter: usize,
    name: String,
    to_vector: fn(&dyn Any) -> Vec<f64>,
    from_vector: fn(&dyn Any, &[f64]) -> Made,
    named: fn(&dyn Any, Naming<'_>) -> Vec<NamedParameter>,
}

type Made = Result<Arc<dyn Factor>, Error>;

impl GraphParameters {
    /// A graph of which no node has coordinates yet.
    pub fn new(graph: Graph) -> Self {
        Self { graph, nodes: Arc::default() }
    }

    /// The graph.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The same; this node's conditional distribution, of type `C`, has coordinates.
    ///
    /// # Errors
    /// [`GraphError::ForeignHandle`](crate::error::GraphError::ForeignHandle); [`Error::OtherShape`] if it is of another
    /// type.
    pub fn node<C>(mut self, node: impl Nodes) -> Result<Self, Error>
    where
        C: EstimateConditional<Given: Value, Value: Value, Statistics: 'static>
            + NamedParameters
            + fmt::Debug
            + 'static,
    {
        fn of<C: 'static>(factor: &dyn Any) -> &C {
            factor.downcast_ref().expect("the type was checked when it was said")
        }
        let index = *self.graph.own(node)?.first().ok_or(Error::Empty)?;
        if self.graph.factor(index).conditional().downcast_ref::<C>().is_none() {
            return Err(Error::OtherShape { component: index });
        }
        let parameter = self.graph.parameter(index);
        if self.nodes.iter().all(|known| known.parameter != parameter) {
            Arc::make_mut(&mut self.nodes).push(NodeParameters {
                parameter,
                name: self.graph.name(index),
                to_vector: |factor| of::<C>(factor).to_vector(),
                from_vector: |factor, coordinates| Ok(Arc::new(Erased(of::<C>(factor).from_vector(coordinates)?))),
                named: |factor, naming| of::<C>(factor).named_parameters(naming),
            });
        }
        Ok(self)
    }

    /// The same for a node without parents, whose distribution is of type `D`.
    ///
    /// # Errors
    /// As [`node`](Self::node).
    pub fn root<D>(self, node: impl Nodes) -> Result<Self, Error>
    where
        D: Estimate<Value: Value, Statistics: 'static> + NamedParameters + fmt::Debug + 'static,
    {
        self.node::<Root<D>>(node)
    }

    fn at(&self, node: &NodeParameters) -> &dyn Any {
        self.graph.parameters().nth(node.parameter).expect("a parameter of this graph").conditional()
    }

    fn with(&self, graph: Graph) -> Self {
        Self { graph, nodes: Arc::clone(&self.nodes) }
    }
}

/// The coordinates of the nodes, in the order in which they were said.
impl Parametric for GraphParameters {
    fn to_vector(&self) -> Vec<f64> {
        self.nodes.iter().flat_map(|node| (node.to_vector)(self.at(node))).collect()
    }

    fn from_vector(&self, mut coordinates: &[f64]) -> Result<Self, Error> {
        let mut graph = self.graph.clone();
        for node in self.nodes.iter() {
            let (own, others) = coordinates.split_at((node.to_vector)(self.at(node)).len());
            coordinates = others;
            graph = graph.with_parameter(node.parameter, (node.from_vector)(self.at(node), own)?);
        }
        Ok(self.with(graph))
    }
}

/// Each name begins with the node's.
impl NamedParameters for GraphParameters {
    fn named_parameters(&self, naming: Naming<'_>) -> Vec<NamedParameter> {
        let of_node = |node: &NodeParameters| {
            let name = node.name.clone();
            let named = move |p: NamedParameter| NamedParameter { name: format!("{name}, {}", p.name), ..p };
            (node.named)(self.at(node), naming).into_iter().map(named)
        };
        self.nodes.iter().flat_map(of_node).collect()
    }
}

impl fmt::Debug for GraphParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.nodes.iter().map(|node| node.name.as_str()).collect();
        f.debug_struct("GraphParameters").field("nodes", &names).finish_non_exhaustive()
    }
}

/// A graph with hidden nodes whose θ are [`GraphParameters`]: the same E-step, M-step and Q.
#[derive(Clone, Debug)]
pub struct WithCoordinates(HiddenGraph);

impl WithCoordinates {
    /// The same model.
    pub fn new(model: HiddenGraph) -> Self {
        Self(model)
    }
}

impl LatentModel for WithCoordinates {
    type Observation = [f64];
    type Parameters = GraphParameters;
    type Statistics = Vec<NodeStatistics>;

    /// # Errors
    /// [`Error::Dimension`] if a node that is learned has no coordinates yet.
    fn check(&self, theta: &GraphParameters) -> Result<(), Error> {
        self.0.check(&theta.graph)?;
        let known = |parameter: usize| theta.nodes.iter().any(|node| node.parameter == parameter);
        let learned = |(_, factor): &(usize, &dyn Factor)| factor.free_parameters() != Some(0);
        let learned: Vec<usize> =
            theta.graph.parameters().enumerate().filter(learned).map(|(parameter, _)| parameter).collect();
        let (expected, found) = (learned.len(), learned.iter().filter(|parameter| known(**parameter)).count());
        if expected == found {
            return Ok(());
        }
        Err(Error::Dimension {
            what: "the learned nodes whose types were said (`GraphParameters::node`)",
            expected,
            found,
        })
    }

    fn statistics(&self, theta: &GraphParameters) -> Vec<NodeStatistics> {
        self.0.statistics(&theta.graph)
    }

    fn e_step(
        &self,
        theta: &GraphParameters,
        batch: Batch<'_, [f64]>,
        s: &mut Vec<NodeStatistics>,
    ) -> Result<Evidence, Error> {
        self.0.e_step(&theta.graph, batch, s)
    }

    fn m_step(&self, theta_old: &GraphParameters, s: &Vec<NodeStatistics>) -> Result<GraphParameters, Error> {
        Ok(theta_old.with(self.0.m_step(&theta_old.graph, s)?))
    }

    fn expected_log_joint(&self, theta: &GraphParameters, s: &Vec<NodeStatistics>) -> f64 {
        self.0.expected_log_joint(&theta.graph, s)
    }

    fn log_prior(&self, theta: &GraphParameters) -> f64 {
        self.0.log_prior(&theta.graph)
    }

    fn resolution(&self, theta: &GraphParameters) -> f64 {
        self.0.resolution(&theta.graph)
    }

    fn guarantee(&self) -> Guarantee {
        self.0.guarantee()
    }

    fn climbs(&self) -> Climbs {
        self.0.climbs()
    }

    fn free_parameters(&self, theta: &GraphParameters) -> Option<usize> {
        self.0.free_parameters(&theta.graph)
    }
}

impl Simulate for WithCoordinates {
    fn draw_like(&self, theta: &GraphParameters, x: &[f64], rng: &mut dyn Rng) -> Vec<f64> {
        self.0.draw_like(&theta.graph, x, rng)
    }
}
