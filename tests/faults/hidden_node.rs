//! A graph with a hidden node, one of whose three children is written by a user, with one part broken on demand.

use marginal::conditionals::{ConditionalTable, FixedConditional};
use marginal::graph::{Graph, Node};
use marginal::laws::proptest::collection::vec;
use marginal::laws::proptest::prelude::*;
use marginal::laws::strategies::{unit, weight};
use marginal::laws::{LatentCase, Observations, Part};
use marginal::models::HiddenGraph;

use super::echo::{Fault, echo};

/// Each fault that the graph's own laws must catch, and the part that the first broken law must blame.
pub(crate) const OF_THE_GRAPH: [(Fault, Part); 5] = [
    (Fault::Mass, Part::Density),
    (Fault::Deaf, Part::Sampler),
    (Fault::Stray, Part::Sampler),
    (Fault::Nan, Part::Density),
    (Fault::Restless, Part::State),
];

/// Each fault that the laws of the graph as a latent model must catch, and the part that must be blamed.
pub(crate) const OF_THE_MODEL: [(Fault, Part); 10] = [
    (Fault::Weight, Part::Statistics),
    (Fault::Merge, Part::Statistics),
    (Fault::Scale, Part::Statistics),
    (Fault::Expected, Part::Expected),
    (Fault::Halved, Part::Expected),
    (Fault::Lenient, Part::Statistics),
    (Fault::Half, Part::MStep),
    (Fault::Opposite, Part::MStep),
    (Fault::Nudged, Part::MStep),
    (Fault::InTurn, Part::State),
];

/// A cause and what three witnesses say of it, all of them as likely to be right as `right` says.
fn graph(fault: Fault, cause: f64, right: [f64; 3]) -> (Graph, Node<bool>) {
    let mut g = Graph::builder();
    let z: Node<bool> = g.node("cause", (), ConditionalTable::new([[1.0 - cause, cause]]).unwrap());
    let _ = g.node("first", z, echo(fault).right(right[0]));
    let _ = g.node("second", z, echo(Fault::None).right(right[1]));
    let _ = g.node("third", z, echo(Fault::None).right(right[2]));
    (g.build().unwrap(), z)
}

/// The graph whose own laws are checked: the cause, and one witness that is not estimated.
pub(crate) fn any_graph(fault: Fault) -> impl Strategy<Value = Graph> {
    unit().prop_map(move |cause| {
        let mut g = Graph::builder();
        let z: Node<bool> = g.node("cause", (), ConditionalTable::new([[1.0 - cause, cause]]).unwrap());
        let _ = g.node("witness", z, FixedConditional(echo(fault)));
        g.build().unwrap()
    })
}

/// Three witnesses of a hidden cause.
pub(crate) fn any_case(fault: Fault) -> impl Strategy<Value = LatentCase<HiddenGraph>> {
    let row = (any::<[bool; 3]>(), weight()).prop_map(|(x, w)| (x.map(|x| f64::from(u8::from(x))).to_vec(), w));
    (unit(), [unit(), unit(), unit()], vec(row, 4..20)).prop_map(move |(cause, right, rows)| {
        let (theta, z) = graph(fault, cause, right);
        LatentCase::new(theta.clone().hide(z).unwrap(), theta, Observations::new(rows))
    })
}
