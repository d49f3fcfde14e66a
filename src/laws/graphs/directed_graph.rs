//! Laws of the arrows alone: order, blanket, and what separates what.

use std::collections::BTreeSet;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use crate::graph::DirectedGraph;

use crate::laws::law::Worst;
use crate::laws::{Law, Part};

/// Up to this many nodes every question is asked; of more nodes as many, drawn at random.
const FEW: usize = 6;
/// How many questions.
const QUESTIONS: usize = 240;

/// The topological order names every node once, and each after its parents.
pub fn every_parent_precedes_its_child<G: DirectedGraph>() -> Law<G> {
    Law::new("every_parent_precedes_its_child", "u ∈ pa(v) ⇒ u before v", Part::Structure, |graph: &G| {
        let mut worst = Worst::of("none");
        let order = graph.topological_order()?;
        for v in 0..graph.len() {
            let places: Vec<usize> = (0..order.len()).filter(|&place| order[place] == v).collect();
            worst.equal(places.len() as f64, 1.0, 0.0, format_args!("how often {} is named", graph.name(v)));
            for &parent in graph.parents(v) {
                let before = order.iter().position(|&u| u == parent).map_or(f64::INFINITY, |place| place as f64);
                worst.at_least(
                    places.first().map_or(-1.0, |&place| place as f64 - 1.0),
                    before,
                    0.0,
                    format_args!("the place before {}, and that of its parent {}", graph.name(v), graph.name(parent)),
                );
            }
        }
        Ok(worst.verdict())
    })
}

/// d-separation is separation in the moral graph of the nodes and their ancestors (Lauritzen et al. 1990).
pub fn separation_is_that_of_the_moral_graph<G: DirectedGraph>() -> Law<G> {
    let (name, statement) = ("separation_is_that_of_the_moral_graph", "a ⊥ b | C ⇔ C cuts a from b in (An{a,b,C})ᵐ");
    Law::new(name, statement, Part::Structure, |graph: &G| {
        let mut worst = Worst::of("none");
        for (a, b, given) in questions(graph.len()) {
            let (left, right) = (graph.d_separated(a, b, &given), cut(graph, a, b, &given));
            let given: Vec<String> = given.iter().map(|&v| graph.name(v)).collect();
            let because = format_args!("whether {} ⊥ {} | {}", graph.name(a), graph.name(b), given.join(", "));
            worst.equal(f64::from(u8::from(left)), f64::from(u8::from(right)), 0.0, because);
        }
        Ok(worst.verdict())
    })
}

/// The Markov blanket separates a node from all others, and no smaller set of its nodes does.
pub fn the_blanket_is_what_it_takes_to_separate<G: DirectedGraph>() -> Law<G> {
    let (name, statement) = ("the_blanket_is_what_it_takes_to_separate", "v ⊥ rest | B(v), and no less");
    Law::new(name, statement, Part::Structure, |graph: &G| {
        let mut worst = Worst::of("none");
        for v in 0..graph.len() {
            let blanket = graph.markov_blanket(v);
            for u in (0..graph.len()).filter(|&u| u != v) {
                let others: Vec<usize> = blanket.iter().copied().filter(|&w| w != u).collect();
                let needed = f64::from(u8::from(blanket.contains(&u)));
                let tells = f64::from(u8::from(!cut(graph, v, u, &others)));
                let (v, u) = (graph.name(v), graph.name(u));
                let because =
                    format_args!("whether {u} is in the blanket of {v}, and tells of it what the rest does not");
                worst.equal(needed, tells, 0.0, because);
            }
        }
        // One node alone has nothing to be separated from.
        worst.equal(0.0, 0.0, 0.0, format_args!(""));
        Ok(worst.verdict())
    })
}

/// Pairs of nodes with what is given: all of them where there are few.
fn questions(len: usize) -> Vec<(usize, usize, Vec<usize>)> {
    let of_mask = |mask: usize| (0..len).filter(move |v| mask >> v & 1 == 1);
    if len <= FEW {
        let pairs = (0..len).flat_map(|b| (0..b).map(move |a| (a, b)));
        let masks = |(a, b)| (0..1 << len).filter(move |mask| mask >> a & 1 == 0 && mask >> b & 1 == 0);
        return pairs.flat_map(|(a, b)| masks((a, b)).map(move |mask| (a, b, of_mask(mask).collect()))).collect();
    }
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(8);
    let mut question = || {
        let (a, b) = (rng.random_range(0..len), rng.random_range(0..len - 1));
        let b = if b >= a { b + 1 } else { b };
        let share = rng.random::<f64>();
        let given = (0..len).filter(|&v| v != a && v != b && rng.random::<f64>() < share * share).collect();
        (a, b, given)
    };
    (0..QUESTIONS).map(|_| question()).collect()
}

/// Whether every path from a to b in the moral graph of the ancestors meets `given`, found from the parents alone.
fn cut<G: DirectedGraph>(graph: &G, a: usize, b: usize, given: &[usize]) -> bool {
    let mut above = BTreeSet::new();
    let mut left: Vec<usize> = [&[a, b], given].concat();
    while let Some(v) = left.pop() {
        if above.insert(v) {
            left.extend(graph.parents(v));
        }
    }
    let mut neighbours = vec![BTreeSet::new(); graph.len()];
    for &child in &above {
        let family: Vec<usize> = graph.parents(child).iter().copied().chain([child]).collect();
        for &u in &family {
            neighbours[u].extend(family.iter().copied().filter(|&w| w != u));
        }
    }
    let (mut reached, mut left) = (BTreeSet::new(), vec![a]);
    while let Some(v) = left.pop() {
        if !given.contains(&v) && reached.insert(v) {
            left.extend(&neighbours[v]);
        }
    }
    !reached.contains(&b)
}
