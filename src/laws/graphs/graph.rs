//! Laws of a joint over a graph: exact answers are those of the plain sum over all states, and draws have the joint.

use std::collections::HashMap;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use crate::error::{Error, GraphError};
use crate::graph::{DirectedGraph, Graph, Posterior};
use crate::numeric::{Sum, log_sum_exp};

use super::enumeration::{Enumeration, gathered, is_finite};
use crate::laws::law::Worst;
use crate::laws::view::ROUND_OFF;
use crate::laws::{Law, Part, Verdict};

/// How far a row of a table may be from summing to one.
const SLACK: f64 = 1e-9;
/// How many patterns of hidden nodes are asked for.
const ROUNDS: usize = 16;
/// How many draws are looked at, their seed, and ln(2/α): a first look, and a second where the first is odd.
const LOOKS: [(usize, u64, f64); 2] = [(1_000, 5, 3.0), (16_000, 6, 21.4)];

/// Σ_x Π_v p(x_v | x_pa(v)) = 1 over the finite nodes below finite nodes only.
pub fn the_joint_sums_to_one() -> Law<Graph> {
    Law::new("the_joint_sums_to_one", "Σ_x Π_v p(x_v | x_pa(v)) = 1", Part::Density, |graph: &Graph| {
        let mut worst = Worst::of("1e-9 a node, as a table's rows may be off");
        let all = Enumeration::of(graph);
        let mass: Sum = all.probabilities().iter().copied().collect();
        let tolerance = SLACK * (1 + all.nodes().len()) as f64;
        worst.equal(mass.value(), 1.0, tolerance, format_args!("the mass over {}", all.names(graph)));
        Ok(worst.verdict())
    })
}

/// Rows drawn from two generators in the same state are the same, cell by cell.
pub fn ancestral_draws_depend_on_the_generator_alone() -> Law<Graph> {
    let name = "ancestral_draws_depend_on_the_generator_alone";
    Law::new(name, "same seed ⇒ same draws", Part::State, |graph: &Graph| {
        let mut worst = Worst::of("none");
        let cells = || {
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
            (0..20).flat_map(|_| graph.sample(&mut rng).cells().to_vec()).map(f64::to_bits).collect::<Vec<_>>()
        };
        let differ = cells().iter().zip(&cells()).filter(|(a, b)| a != b).count();
        worst.equal(differ as f64, 0.0, 0.0, format_args!("how many cells of 20 draws differ"));
        Ok(worst.verdict())
    })
}

/// Draws have a density: −∞ < ln p(x) < ∞.
pub fn draws_have_a_joint_density() -> Law<Graph> {
    Law::new("draws_have_a_joint_density", "x ~ p ⇒ −∞ < ln p(x) < ∞", Part::Sampler, |graph: &Graph| {
        let mut worst = Worst::of("none");
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
        for _ in 0..50 {
            let x = graph.sample(&mut rng);
            let log_joint = graph.log_joint(&x)?;
            worst.at_least(log_joint, f64::MIN, 0.0, format_args!("ln p of the draw {x:?}, and the least number"));
            worst.at_least(f64::MAX, log_joint, 0.0, format_args!("the greatest number, and ln p of the draw {x:?}"));
        }
        Ok(worst.verdict())
    })
}

/// The exact posterior of each hidden node, and ln p(evidence), are those of the plain sum over all hidden states.
pub fn elimination_is_enumeration() -> Law<Graph> {
    let (name, statement) = ("elimination_is_enumeration", "p(x_v | e) = Σ_{x ~ e, x_v} p(x) / p(e)");
    Law::new(name, statement, Part::EStep, |graph: &Graph| {
        let mut worst = Worst::of("16 ε (V + Σ_v |ln p|) a sum");
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(9);
        for round in 0..ROUNDS {
            let draw = graph.sample(&mut rng);
            let mut row = draw.cells().to_vec();
            let hidden = Enumeration::hidden(graph, |_| round == 0 || rng.random());
            let logs = hidden.log_joints(graph, &mut row);
            let expected = log_sum_exp(&logs);
            if expected == f64::NEG_INFINITY {
                return Ok(Verdict::DoesNotApply("a draw has density 0".into()));
            }
            hidden.nodes().iter().for_each(|&v| row[graph.cells(v).start] = f64::NAN);
            let largest = logs.iter().filter(|l| l.is_finite()).fold(0.0, |m: f64, l| m.max(l.abs()));
            let tolerance = ROUND_OFF * (graph.len() as f64 + largest);
            for &v in hidden.nodes() {
                let posterior = Posterior::<usize>::new(graph, v, &row)?;
                let because =
                    format_args!("ln p of the evidence {:?}, by elimination and by enumeration", named(graph, &row));
                worst.equal(posterior.log_evidence(), expected, tolerance, because);
                for (state, &p) in posterior.probabilities().iter().enumerate() {
                    let here: Vec<f64> = hidden.with(v, state).map(|x| logs[x]).collect();
                    let q = (log_sum_exp(&here) - expected).exp();
                    let (name, evidence) = (graph.name(v), named(graph, &row));
                    let because = format_args!("p({name} = {state} | {evidence:?}), by elimination and by enumeration");
                    worst.equal(p, q, tolerance, because);
                }
            }
        }
        Ok(worst.verdict())
    })
    .cost(2)
}

/// Evidence of probability 0 is an error, and any other has a posterior that sums to one: never NaN.
pub fn impossible_evidence_is_an_error() -> Law<Graph> {
    let (name, statement) = ("impossible_evidence_is_an_error", "p(e) = 0 ⇔ error; otherwise Σ p(x_v | e) = 1");
    Law::new(name, statement, Part::EStep, |graph: &Graph| {
        let mut worst = Worst::of("16 ε V, 1e-9 for a table's rows");
        let all = Enumeration::of(graph);
        for (a, b) in all.pairs() {
            let mut seen = HashMap::<(usize, usize), f64>::new();
            for (x, p) in all.probabilities().iter().enumerate() {
                *seen.entry((all.state(x, a), all.state(x, b))).or_default() += p;
            }
            for ((of_a, of_b), p) in seen {
                let mut row = vec![f64::NAN; graph.width()];
                row[graph.cells(all.nodes()[a]).start] = of_a as f64;
                row[graph.cells(all.nodes()[b]).start] = of_b as f64;
                for &v in all.nodes() {
                    let evidence = format_args!("evidence {:?} on {}", named(graph, &row), graph.name(v));
                    match Posterior::<usize>::new(graph, v, &row) {
                        Err(Error::Graph(GraphError::ImpossibleEvidence { .. })) => worst.equal(p, 0.0, 0.0, evidence),
                        Err(other) => return Err(other),
                        Ok(posterior) => {
                            worst.at_least(p, f64::MIN_POSITIVE, 0.0, evidence);
                            let sum: f64 = posterior.probabilities().iter().sum();
                            worst.equal(sum, 1.0, ROUND_OFF * graph.len() as f64, evidence);
                        }
                    }
                }
            }
        }
        Ok(worst.verdict())
    })
    .cost(4)
}

/// What the arrows separate is independent: p(a, b, c) p(c) = p(a, c) p(b, c) in every cell.
pub fn separated_nodes_are_independent() -> Law<Graph> {
    let (name, statement) = ("separated_nodes_are_independent", "a ⊥ b | C ⇒ p(a,b,c) p(c) = p(a,c) p(b,c)");
    Law::new(name, statement, Part::Structure, |graph: &Graph| {
        let mut worst = Worst::of("(1e-9 V for a table's rows) × both sides");
        let all = Enumeration::of(graph);
        let count = all.nodes().len();
        let marginals: Vec<HashMap<usize, f64>> = (0..1 << count).map(|mask| all.marginal(mask)).collect();
        for (a, b) in all.pairs() {
            let pair = 1 << a | 1 << b;
            for given in (0..1usize << count).filter(|mask| mask & pair == 0) {
                let nodes: Vec<usize> = (0..count).filter(|v| given >> v & 1 == 1).map(|v| all.nodes()[v]).collect();
                if !graph.d_separated(all.nodes()[a], all.nodes()[b], &nodes) {
                    continue;
                }
                for x in 0..all.probabilities().len() {
                    let p = |mask: usize| marginals[mask][&all.key(x, mask)];
                    let left = p(given | pair) * p(given);
                    let right = p(given | 1 << a) * p(given | 1 << b);
                    let tolerance = SLACK * graph.len() as f64 * (left + right);
                    let name = |v: usize| graph.name(all.nodes()[v]);
                    let given: Vec<String> = nodes.iter().map(|&v| graph.name(v)).collect();
                    let (a, b) = (name(a), name(b));
                    let because = format_args!("p(a,b,c) p(c) and p(a,c) p(b,c), a = {a}, b = {b}, c = {given:?}");
                    worst.equal(left, right, tolerance, because);
                }
            }
        }
        // Where nothing is separated there is nothing to compare, and nothing wrong.
        worst.equal(0.0, 0.0, 0.0, format_args!(""));
        Ok(worst.verdict())
    })
    .cost(4)
}

/// Ancestral draws of the finite nodes below finite nodes only have the joint probabilities.
pub fn ancestral_draws_have_the_joint() -> Law<Graph> {
    Law::new("ancestral_draws_have_the_joint", "x ~ sample ⇒ x ~ p", Part::Sampler, |graph: &Graph| {
        let all = Enumeration::of(graph);
        let mut verdict = Verdict::DoesNotApply("no node is finite below finite nodes only".into());
        for (count, seed, log_odds) in LOOKS {
            let mut worst = Worst::of("Bernstein's bound");
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
            let mut seen = vec![0.0; all.probabilities().len()];
            for _ in 0..count {
                let row = graph.sample(&mut rng);
                match all.index(graph, row.cells()) {
                    Some(x) => seen[x] += 1.0,
                    None => worst.equal(1.0, 0.0, 0.0, format_args!("the draw {row:?} is no state of the nodes")),
                }
            }
            let n = count as f64;
            // A union bound over the cells.
            let log_odds = log_odds + (seen.len() as f64).ln();
            for (x, &p) in all.probabilities().iter().enumerate() {
                let tolerance = (2.0 * p * (1.0 - p).max(0.0) * log_odds / n).sqrt() + log_odds / (3.0 * n);
                let states: Vec<usize> = (0..all.nodes().len()).map(|v| all.state(x, v)).collect();
                let names = all.names(graph);
                let because = format_args!("the share of {n} draws with {names} = {states:?}, and its probability");
                worst.equal(seen[x] / n, p, tolerance, because);
            }
            verdict = worst.verdict();
            if matches!(verdict, Verdict::Holds { .. }) {
                break;
            }
        }
        Ok(verdict)
    })
    .cost(8)
}

/// ln p(x) of a full assignment is ln p(evidence) where all nodes are evidence, and Σ_v ln p(x_v | x_pa(v)).
pub fn the_log_joint_is_the_sum_of_its_factors() -> Law<Graph> {
    let (name, statement) = ("the_log_joint_is_the_sum_of_its_factors", "ln p(x) = Σ_v ln p(x_v | x_pa(v))");
    Law::new(name, statement, Part::Density, |graph: &Graph| {
        let mut worst = Worst::of("16 ε (V + Σ_v |ln p|)");
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
        for _ in 0..20 {
            let draw = graph.sample(&mut rng);
            let row = draw.cells();
            let factors: Vec<f64> = (0..graph.len())
                .map(|v| graph.factor(v).log_density(&row[graph.cells(v)], &gathered(graph, v, row)))
                .collect();
            let (sum, size): (f64, f64) = (factors.iter().sum(), factors.iter().map(|l| l.abs()).sum());
            let tolerance = ROUND_OFF * (graph.len() as f64 + size);
            worst.equal(graph.log_joint(&draw)?, sum, tolerance, format_args!("ln p({draw:?}), and the sum"));
            worst.equal(graph.log_evidence(&draw)?, sum, tolerance, format_args!("ln p({draw:?}) as evidence"));
        }
        Ok(worst.verdict())
    })
}

/// The finite nodes that have a value, by name.
fn named(graph: &Graph, row: &[f64]) -> Vec<(String, f64)> {
    let shown = (0..graph.len()).filter(|&v| is_finite(graph, v) && !graph.is_missing(v, row));
    shown.map(|v| (graph.name(v), row[graph.cells(v).start])).collect()
}
