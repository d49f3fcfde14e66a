//! A model composed as a graph beside the same model written by hand: seconds an iteration of EM, and their ratio.
//!
//! `cargo bench --bench composed [-- NAME]` runs both in turns from one start, in one thread, and prints medians. Data are
//! drawn before the clock starts; both climb the same log-likelihood, which is printed. Where cells are missing the model
//! written by hand, which cannot miss any, has the complete rows. The clock is the thread's own time
//! on a processor where the system tells it, so that what else runs there is not counted.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark may panic")]

use std::time::{Duration, Instant};

use marginal::data::Dataset;
use marginal::distributions::{Column, Independent};
use marginal::em::Acceleration;
use marginal::graph::Node;
use marginal::latent::LatentModel;
use marginal::models::HiddenGraph;
use marginal::prelude::*;
use marginal::rand::rngs::Xoshiro256PlusPlus;
use marginal::rand::{Rng, RngExt, SeedableRng};

const REPEATS: usize = 7;

/// Seconds an iteration, and the objective.
fn time<M, D>(model: &M, start: &M::Parameters, data: &D, iterations: usize) -> (f64, f64)
where
    M: LatentModel,
    M::Parameters: Send,
    D: Dataset<M::Observation> + ?Sized,
{
    let (clock, before) = (Instant::now(), on_processor());
    let em = Em::default().max_iterations(iterations).tolerance(-1.0).acceleration(Acceleration::None);
    let objective = em.fit_from(model, data, start.clone()).unwrap().objective;
    let elapsed = before.zip(on_processor()).map_or(clock.elapsed(), |(before, after)| after.saturating_sub(before));
    (elapsed.as_secs_f64() / iterations as f64, objective)
}

/// How long this thread has run.
fn on_processor() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

/// Runs both in turns.
fn compare(name: &str, mut composed: impl FnMut() -> (f64, f64), mut written: impl FnMut() -> (f64, f64)) {
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    if wanted.is_some_and(|wanted| !name.contains(&wanted)) {
        return;
    }
    let pairs: Vec<_> = (0..REPEATS).map(|_| (composed(), written())).collect();
    let (a, b) = (median(pairs.iter().map(|p| p.0.0).collect()), median(pairs.iter().map(|p| p.1.0).collect()));
    let objectives = (pairs[0].0.1, pairs[0].1.1);
    println!(
        "{name:<42} {:8.3} ms {:8.3} ms  ratio {:6.2}   {:.6} {:.6}",
        1e3 * a,
        1e3 * b,
        a / b,
        objectives.0,
        objectives.1
    );
}

fn simplex(states: usize, rng: &mut dyn Rng) -> Vec<f64> {
    let draws: Vec<f64> = (0..states).map(|_| 0.1 + rng.random::<f64>()).collect();
    let sum: f64 = draws.iter().sum();
    draws.iter().map(|draw| draw / sum).collect()
}

/// Rows of the visible nodes.
fn draw(model: &HiddenGraph, hidden: usize, rows: usize, rng: &mut dyn Rng) -> Table {
    let width = model.columns().len();
    let values = (0..rows).flat_map(|_| model.graph().sample(rng).cells()[hidden..].to_vec()).collect();
    Table::from_values(values, width).unwrap()
}

fn with_holes(rows: &Table, rng: &mut dyn Rng) -> Table {
    let values = rows.rows().values().iter().map(|&x| if rng.random::<f64>() < 0.2 { f64::NAN } else { x });
    Table::from_values(values.collect(), rows.rows().columns()).unwrap()
}

fn normals(rows: usize, d: usize, k: usize, iterations: usize) {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let normal = |_| {
        let mean = (0..d).map(|_| 4.0 * rng.random::<f64>()).collect();
        let covariance: Vec<f64> = (0..d * d).map(|ij| if ij / d == ij % d { 1.0 } else { 0.05 }).collect();
        MultivariateNormal::new(mean, &covariance).unwrap()
    };
    let components: Vec<MultivariateNormal> = (0..k).map(normal).collect();
    let mixture = Mixture::of(components.clone()).unwrap();
    let mut g = Graph::builder();
    let z: Node<usize> = g.node("z", (), ConditionalTable::new([vec![1.0 / k as f64; k]]).unwrap());
    g.node("x", z, Switch::<_, usize>::new(components).unwrap());
    let model = g.build().unwrap().hide(z).unwrap();
    let data = draw(&model, 1, rows, &mut rng);
    compare(
        &format!("normals {rows} x {d}, K = {k}"),
        || time(&model, model.graph(), &data, iterations),
        || time(&mixture, &mixture, &data, iterations),
    );
}

/// K latent classes: leaves of two states, or mixed.
fn classes(mixed: bool) {
    let (k, d, rows, iterations) = (3, 20, 50_000, 20);
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
    let mut columns = vec![Vec::new(); k];
    let mut g = Graph::builder();
    let z: Node<usize> = g.node("z", (), ConditionalTable::new([vec![1.0 / k as f64; k]]).unwrap());
    for leaf in 0..d {
        let name = format!("x{leaf}");
        match if mixed { leaf % 3 } else { 2 } {
            0 => {
                let all: Vec<Normal> = (0..k).map(|_| Normal::new(3.0 * rng.random::<f64>(), 1.0).unwrap()).collect();
                columns.iter_mut().zip(&all).for_each(|(column, d)| column.push(Column::from(*d)));
                g.node(name, z, Switch::<_, usize>::new(all).unwrap());
            }
            1 => {
                let all: Vec<Poisson> =
                    (0..k).map(|_| Poisson::new(1.0 + 4.0 * rng.random::<f64>()).unwrap()).collect();
                columns.iter_mut().zip(&all).for_each(|(column, d)| column.push(Column::from(*d)));
                g.node(name, z, Switch::<_, usize>::new(all).unwrap());
            }
            _ => {
                let all: Vec<Vec<f64>> = (0..k).map(|_| simplex(if mixed { 4 } else { 2 }, &mut rng)).collect();
                for (column, p) in columns.iter_mut().zip(&all) {
                    column.push(Column::from(Categorical::new(p.clone()).unwrap()));
                }
                let _: Node<usize> = g.node(name, z, ConditionalTable::new(all).unwrap());
            }
        }
    }
    let model = g.build().unwrap().hide(z).unwrap();
    let mixture = Mixture::of(columns.into_iter().map(|c| Independent::new(c).unwrap()).collect::<Vec<_>>()).unwrap();
    let data = draw(&model, 1, rows, &mut rng);
    let holes = with_holes(&data, &mut rng);
    let kind = if mixed { "mixed" } else { "binary" };
    let written = || time(&mixture, &mixture, &data, iterations);
    for (name, data) in [("", &data), (", a fifth missing", &holes)] {
        compare(&format!("20 {kind} leaves{name}"), || time(&model, model.graph(), data, iterations), written);
    }
}

fn chain() {
    let (k, slices, rows, iterations) = (4, 100, 10_000, 5);
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
    let initial = simplex(k, &mut rng);
    let transitions: Vec<Vec<f64>> = (0..k).map(|_| simplex(k, &mut rng)).collect();
    let emissions: Vec<Normal> = (0..k).map(|z| Normal::new(2.0 * z as f64, 1.0).unwrap()).collect();
    let mut g = Graph::builder();
    let first: Node<usize> = g.node("z0", (), ConditionalTable::new([initial.clone()]).unwrap());
    let seen = g.node("x0", first, Switch::<_, usize>::new(emissions.clone()).unwrap());
    let second: Node<usize> = g.node("z1", first, ConditionalTable::new(transitions.clone()).unwrap());
    g.tied("x1", second, seen);
    let (mut hidden, mut last) = (vec![first, second], second);
    for t in 2..slices {
        last = g.tied(format!("z{t}"), last, second);
        g.tied(format!("x{t}"), last, seen);
        hidden.push(last);
    }
    let model = g.build().unwrap().hide(hidden).unwrap();
    let chain = HiddenMarkovModel::new(&initial, &transitions, emissions).unwrap();
    let sample = |_| -> Vec<f64> {
        let row = model.graph().sample(&mut rng);
        row.cells().iter().skip(1).step_by(2).copied().collect()
    };
    // Declared in turns: z0, x0, z1, x1, ….
    let sequences: Vec<Vec<f64>> = (0..rows).map(sample).collect();
    let data = Table::from_values(sequences.concat(), slices).unwrap();
    compare(
        "chain of 100 slices",
        || time(&model, model.graph(), &data, iterations),
        || time(&chain, &chain, &sequences, iterations),
    );
}

/// Two hidden causes above five leaves; by hand a mixture over the causes' joint states.
fn factorial() {
    let (k, d, states, rows, iterations) = (3, 5, 4, 50_000, 20);
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(4);
    let mut g = Graph::builder();
    let causes = ["a", "b"]
        .map(|name| -> Node<usize> { g.node(name, (), ConditionalTable::new([vec![1.0 / k as f64; k]]).unwrap()) });
    let mut columns = vec![Vec::new(); k * k];
    for leaf in 0..d {
        let all: Vec<Vec<f64>> = (0..k * k).map(|_| simplex(states, &mut rng)).collect();
        for (column, p) in columns.iter_mut().zip(&all) {
            column.push(Column::from(Categorical::new(p.clone()).unwrap()));
        }
        let table = ConditionalTable::<(usize, usize), usize>::over(&[k, k], all).unwrap();
        g.node(format!("x{leaf}"), (causes[0], causes[1]), table);
    }
    let model = g.build().unwrap().hide(causes).unwrap();
    let mixture = Mixture::of(columns.into_iter().map(|c| Independent::new(c).unwrap()).collect::<Vec<_>>()).unwrap();
    let data = draw(&model, 2, rows, &mut rng);
    let holes = with_holes(&data, &mut rng);
    let written = || time(&mixture, &mixture, &data, iterations);
    for (name, data) in [("two causes, five leaves", &data), ("two causes, a fifth missing", &holes)] {
        compare(name, || time(&model, model.graph(), data, iterations), written);
    }
}

fn main() {
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    one.install(run_all);
}

fn run_all() {
    normals(100_000, 4, 4, 20);
    normals(20_000, 64, 32, 3);
    classes(false);
    classes(true);
    chain();
    factorial();
}
