//! Questions of a whole table give the numbers of questions row by row.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::oracle::log_sum_exp;
use marginal::conditionals::{ConditionalTable, LinearGaussian, Switch};
use marginal::data::{Table, Weighted};
use marginal::distributions::{Distribution, Laplace, Normal};
use marginal::error::{Error, GraphError};
use marginal::graph::{Assignment, Graph, Node};
use marginal::models::HiddenGraph;
use marginal::rand::rngs::Xoshiro256PlusPlus;
use marginal::rand::{RngExt, SeedableRng};

struct Station {
    model: HiddenGraph,
    kind: Node<usize>,
    level: Node<f64>,
    alarm: Node<bool>,
    readings: [Node<f64>; 2],
    noise: Node<f64>,
}

/// A hidden kind, a hidden level of each kind, two readings of the level, an alarm of the kind; noise that has no line.
fn station() -> Station {
    let mut g = Graph::builder();
    let kind: Node<usize> = g.node("kind", (), ConditionalTable::new([[0.2, 0.3, 0.5]]).unwrap());
    let normals = [0.0, 2.0, 7.0].map(|mean| Normal::new(mean, 1.0).unwrap()).to_vec();
    let level = g.node("level", kind, Switch::<Vec<Normal>, usize>::new(normals).unwrap());
    let reading = |g: &mut marginal::graph::GraphBuilder, name: &str| {
        g.node(name, level, LinearGaussian::<f64>::new(0.5, &[1.0], 0.7).unwrap())
    };
    let readings = [reading(&mut g, "first"), reading(&mut g, "second")];
    let alarm = g.node("alarm", kind, ConditionalTable::new([[0.9, 0.1], [0.5, 0.5], [0.05, 0.95]]).unwrap());
    let noise = g.node("noise", kind, Switch::<_, usize>::new(vec![Laplace::new(0.0, 1.0).unwrap(); 3]).unwrap());
    let model = g.build().unwrap().hide((kind, level)).unwrap();
    Station { model, kind, level, alarm, readings, noise }
}

fn rows(station: &Station, count: usize) -> Table {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(8);
    let mut values = Vec::new();
    for _ in 0..count {
        let row = station.model.graph().sample(&mut rng).cells()[2..].to_vec();
        values.extend(row.into_iter().map(|x| if rng.random::<f64>() < 0.35 { f64::NAN } else { x }));
    }
    Table::from_values(values, 4).unwrap()
}

fn evidence<'g>(station: &'g Station, row: &[f64]) -> Assignment<'g> {
    let all = station.model.graph().evidence();
    let all = all.with(station.readings[0], row[0]).with(station.readings[1], row[1]).with(station.noise, row[3]);
    if row[2].is_nan() { all } else { all.with(station.alarm, row[2] > 0.5) }
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{found}, not {expected}");
}

#[test]
fn each_row_has_the_posterior_of_its_own_evidence() {
    let station = station();
    let (model, data) = (&station.model, rows(&station, 400));
    let theta = model.graph();
    let kinds = model.responsibilities(theta, station.kind, &data).unwrap();
    let labels = model.labels(theta, station.kind, &data).unwrap();
    let alarms = model.responsibilities(theta, station.alarm, &data).unwrap();
    let levels = model.expectations(theta, station.level, &data).unwrap();
    let firsts = model.expectations(theta, station.readings[0], &data).unwrap();
    let logs = model.log_densities_of(theta, &data).unwrap();
    assert_eq!((kinds.names()[2].as_str(), levels.names()[1].as_str()), ("kind = 2", "standard deviation"));
    for n in 0..data.len() {
        let seen = evidence(&station, data.row(n));
        let kind = theta.posterior(station.kind, &seen).unwrap();
        kinds.row(n).iter().zip(kind.probabilities()).for_each(|(found, expected)| near(*found, *expected));
        assert_eq!(Some(labels[n]), kind.mode());
        let alarm = theta.posterior(station.alarm, &seen).unwrap();
        alarms.row(n).iter().zip(alarm.probabilities()).for_each(|(found, expected)| near(*found, *expected));
        for (found, node) in [(&levels, station.level), (&firsts, station.readings[0])] {
            let expected = theta.posterior(node, &seen).unwrap();
            near(found.row(n)[0], expected.mean());
            near(found.row(n)[1], expected.variance().sqrt());
        }
        near(logs[n], theta.log_evidence(&seen).unwrap());
    }
    let alone = Table::from_values(data.row(5).to_vec(), 4).unwrap();
    near(model.log_densities_of(theta, &alone).unwrap()[0], logs[5]);
}

#[test]
fn the_entropy_is_that_of_all_joint_states() {
    let mut g = Graph::builder();
    let a: Node<usize> = g.node("a", (), ConditionalTable::new([[0.2, 0.3, 0.5]]).unwrap());
    let b: Node<bool> = g.node("b", a, ConditionalTable::new([[0.1, 0.9], [0.6, 0.4], [0.5, 0.5]]).unwrap());
    let normals = (0..6).map(|k| Normal::new(f64::from(k), 1.0).unwrap()).collect();
    let x = g.node("x", (a, b), Switch::<Vec<Normal>, (usize, bool)>::over(&[3, 2], normals).unwrap());
    let model = g.build().unwrap().hide((a, b)).unwrap();
    let (values, weights) = ([0.3, 2.5, 4.0, f64::NAN, 900.0], [1.0, 2.0, 0.5, 1.0, 1.0]);
    let theta = model.graph();
    let mut expected = 0.0;
    for (value, weight) in values.iter().zip(weights).filter(|(value, _)| !value.is_nan()) {
        let states = (0..3).flat_map(|a| [(a, false), (a, true)]);
        let log = |(k, on)| theta.log_joint(&theta.assignment().with(a, k).with(b, on).with(x, *value)).unwrap();
        let logs: Vec<f64> = states.map(log).collect();
        let whole = log_sum_exp(&logs);
        let term = |l: &f64| if *l - whole < -700.0 { 0.0 } else { (l - whole).exp() * (whole - l) };
        expected += weight * logs.iter().map(term).sum::<f64>();
    }
    let rows = Table::from_values(values.to_vec(), 1).unwrap();
    let found = model.classification_entropy(theta, &Weighted::new(&rows, &weights).unwrap());
    near(found.unwrap(), expected);
}

#[test]
fn missing_cells_are_filled_in_and_others_stay() {
    let station = station();
    let (model, data) = (&station.model, rows(&station, 60));
    let theta = model.graph();
    let completed = model.completed(theta, &data).unwrap();
    for n in 0..data.len() {
        let (row, filled, seen) = (data.row(n), completed.row(n), evidence(&station, data.row(n)));
        (0..4).filter(|&d| !row[d].is_nan()).for_each(|d| assert_eq!(row[d], filled[d]));
        for d in (0..2).filter(|&d| row[d].is_nan()) {
            near(filled[d], theta.posterior(station.readings[d], &seen).unwrap().mean());
        }
        let alarm = theta.posterior(station.alarm, &seen).unwrap().mode().unwrap();
        assert_eq!(filled[2], f64::from(u8::from(alarm)));
        // A Laplace distribution has no line: what is missing of it stays so.
        assert_eq!(row[3].is_nan(), filled[3].is_nan());
    }
}

#[test]
fn what_has_no_answer_is_refused() {
    let station = station();
    let (model, data) = (&station.model, rows(&station, 30));
    let refused = model.expectations(model.graph(), station.noise, &data).unwrap_err();
    let Error::AtRow { source, .. } = refused else { panic!("{refused}") };
    assert!(matches!(*source, Error::Graph(GraphError::NotFinite { node, .. }) if node == "noise"));
    let other = self::station();
    let foreign = |e: Error| matches!(e, Error::Graph(GraphError::ForeignHandle { .. }));
    assert!(foreign(model.labels(model.graph(), other.kind, &data).unwrap_err()));
    assert!(foreign(model.log_densities_of(other.model.graph(), &data).unwrap_err()));
    let impossible = Table::from_values(vec![1.0, 1.0, 1.0, f64::INFINITY], 4).unwrap();
    assert!(Laplace::new(0.0, 1.0).unwrap().log_density(&f64::INFINITY) == f64::NEG_INFINITY);
    assert!(matches!(model.log_densities_of(model.graph(), &impossible), Err(Error::Impossible { row: 0, .. })));
}
