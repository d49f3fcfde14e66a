//! EM on the network asia with a fifth of the values missing, against an independent program and enumeration.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::conditionals::{ConditionalTable, FiniteParents};
use marginal::data::Table;
use marginal::em::{Acceleration, Em};
use marginal::graph::{DirectedGraph, Graph, Node};
use marginal::models::HiddenNetwork;
use marginal::network::{MISSING, Network, StateTable};

use crate::columns::table;

/// ln p(observed) in nats after each M-step, as an independent EM in double precision printed it.
const LOG_LIKELIHOODS: [f64; 61] = [
    -1481.4767263622884,
    -1042.9098589182584,
    -999.010081853494,
    -991.6767277560075,
    -989.9818332849555,
    -989.4538956992553,
    -989.2446803882816,
    -989.143518970664,
    -989.0873138877485,
    -989.0532760897175,
    -989.0315116787935,
    -989.0170475570573,
    -989.0071286957789,
    -989.0001350040973,
    -988.9950769513022,
    -988.9913333569883,
    -988.9885051304492,
    -988.9863301251388,
    -988.9846322289321,
    -988.9832903546776,
    -988.9822192672274,
    -988.9813575615759,
    -988.9806600143211,
    -988.9800926391966,
    -988.9796294333979,
    -988.9792501941009,
    -988.9789390218881,
    -988.9786832720619,
    -988.9784728032463,
    -988.9782994273106,
    -988.9781564984521,
    -988.9780386005973,
    -988.9779413058877,
    -988.9778609854748,
    -988.9777946597163,
    -988.9777398784411,
    -988.9776946245901,
    -988.9776572361801,
    -988.97762634288,
    -988.9776008142227,
    -988.977579717217,
    -988.9775622816192,
    -988.9775478713742,
    -988.9775359611202,
    -988.9775261168712,
    -988.9775179800647,
    -988.9775112544326,
    -988.9775056951466,
    -988.97750109989,
    -988.9774973014535,
    -988.9774941616405,
    -988.9774915662363,
    -988.9774894208346,
    -988.9774876474042,
    -988.9774861814441,
    -988.9774849696425,
    -988.9774839679395,
    -988.9774831399001,
    -988.9774824554164,
    -988.977481889609,
    -988.9774814218883,
];

/// p(yes), p(no) of every node, the first parent the slowest, after the last of these steps.
const FITTED: [(&str, &[[f64; 2]]); 8] = [
    ("asia", &[[0.011898463022646242, 0.9881015369773537]]),
    ("tub", &[[5.820027854704035e-25, 1.0], [0.010034818901322812, 0.9899651810986771]]),
    ("smoke", &[[0.512061052238411, 0.4879389477615891]]),
    ("lung", &[[0.1115691592076135, 0.8884308407923865], [0.017710809668293505, 0.9822891903317065]]),
    ("bronc", &[[0.5610454949560628, 0.4389545050439371], [0.2578020874335152, 0.7421979125664849]]),
    (
        "either",
        &[
            [1.0, 1.7042077795287711e-38],
            [1.0, 4.002505039039594e-34],
            [1.0, 6.294655389551445e-42],
            [8.361474795347506e-16, 0.9999999999999991],
        ],
    ),
    ("xray", &[[1.0, 9.255828173657335e-43], [0.0729845090367012, 0.9270154909632988]]),
    (
        "dysp",
        &[
            [0.9999992740173431, 7.259826569031615e-07],
            [0.8085936905774469, 0.19140630942255316],
            [0.6997677713801096, 0.30023222861989046],
            [0.1329423554426267, 0.8670576445573733],
        ],
    ),
];

/// The network of Lauritzen & Spiegelhalter (1988), with the tables from which that program started; 0 is yes.
fn asia() -> (Graph, Vec<Node<usize>>) {
    let mut g = Graph::builder();
    let asia: Node<usize> = g.node("asia", (), ConditionalTable::new([[0.255, 0.745]]).unwrap());
    let tub: Node<usize> = g.node("tub", asia, ConditionalTable::new([[0.275, 0.725], [0.255, 0.745]]).unwrap());
    let smoke: Node<usize> = g.node("smoke", (), ConditionalTable::new([[0.5, 0.5]]).unwrap());
    let lung: Node<usize> = g.node("lung", smoke, ConditionalTable::new([[0.3, 0.7], [0.255, 0.745]]).unwrap());
    let bronc: Node<usize> = g.node("bronc", smoke, ConditionalTable::new([[0.55, 0.45], [0.4, 0.6]]).unwrap());
    let either: Node<usize> = g.node(
        "either",
        (lung, tub),
        ConditionalTable::over(&[2, 2], [[0.75, 0.25], [0.75, 0.25], [0.75, 0.25], [0.25, 0.75]]).unwrap(),
    );
    let xray: Node<usize> = g.node("xray", either, ConditionalTable::new([[0.74, 0.26], [0.275, 0.725]]).unwrap());
    let dysp: Node<usize> = g.node(
        "dysp",
        (bronc, either),
        ConditionalTable::over(&[2, 2], [[0.7, 0.3], [0.65, 0.35], [0.6, 0.4], [0.3, 0.7]]).unwrap(),
    );
    (g.build().unwrap(), vec![asia, tub, smoke, lung, bronc, either, xray, dysp])
}

/// EM by the sum over all states that agree with a row. Of a row's families it counts all, as the reference does, or
/// those of observed nodes and their ancestors, as the library does: what nothing observed depends on sums to one,
/// whatever its parameters, so it is no part of what is hidden.
struct Enumeration {
    parents: Vec<Vec<usize>>,
    /// The states that agree with each row, and which families count.
    rows: Vec<(Vec<u8>, u8)>,
}

impl Enumeration {
    fn of(graph: &Graph, rows: &Table, all_count: bool) -> Self {
        let of_row = |row: &[f64]| {
            let agrees = |x: &u8| row.iter().enumerate().all(|(v, cell)| cell.is_nan() || *cell == state(*x, v) as f64);
            let observed: Vec<usize> = (0..8).filter(|v| !row[*v].is_nan()).collect();
            let above = graph.ancestors(&observed);
            let counts = (0..8).filter(|v| all_count || observed.contains(v) || above.contains(v));
            ((0..=255).filter(agrees).collect(), counts.map(|v| 1 << v).sum())
        };
        Self {
            parents: (0..8).map(|v| graph.parents(v).to_vec()).collect(),
            rows: rows.rows().iter().map(of_row).collect(),
        }
    }

    fn cell(&self, v: usize, x: u8) -> (usize, usize) {
        (self.parents[v].iter().fold(0, |row, &parent| 2 * row + state(x, parent)), state(x, v))
    }

    /// ln p(rows), and the tables of the M-step.
    fn step(&self, tables: &[Vec<[f64; 2]>]) -> (f64, Vec<Vec<[f64; 2]>>) {
        let mut counts: Vec<Vec<[f64; 2]>> = tables.iter().map(|table| vec![[0.0; 2]; table.len()]).collect();
        let joint = |x: u8| -> f64 {
            (0..8).map(|v| self.cell(v, x)).enumerate().map(|(v, (row, state))| tables[v][row][state]).product()
        };
        let mut log_likelihood = 0.0;
        for (states, counted) in &self.rows {
            let total: f64 = states.iter().map(|&x| joint(x)).sum();
            log_likelihood += total.ln();
            for &x in states {
                for v in (0..8).filter(|v| counted >> v & 1 == 1) {
                    let (row, state) = self.cell(v, x);
                    counts[v][row][state] += joint(x) / total;
                }
            }
        }
        let estimate = |row: &[f64; 2]| row.map(|count| count / (row[0] + row[1]));
        (log_likelihood, counts.iter().map(|table| table.iter().map(estimate).collect()).collect())
    }
}

fn state(x: u8, v: usize) -> usize {
    usize::from(x >> v & 1)
}

fn tables(graph: &Graph, nodes: &[Node<usize>]) -> Vec<Vec<[f64; 2]>> {
    let of_node = |&node: &Node<usize>| match graph.parents(node.index()).len() {
        0 => rows_of::<()>(graph, node),
        1 => rows_of::<usize>(graph, node),
        _ => rows_of::<(usize, usize)>(graph, node),
    };
    nodes.iter().map(of_node).collect()
}

fn rows_of<G: FiniteParents>(graph: &Graph, node: Node<usize>) -> Vec<[f64; 2]> {
    let table: &ConditionalTable<G, usize> = graph.conditional(node).unwrap();
    table.rows().map(|row| [row[0], row[1]]).collect()
}

fn assert_close(found: &[Vec<[f64; 2]>], expected: &[Vec<[f64; 2]>]) {
    for (found, expected) in found.iter().flatten().flatten().zip(expected.iter().flatten().flatten()) {
        // A probability on its way to 0 has no relative precision left.
        assert!((found - expected).abs() <= 1e-9, "{found}, expected {expected}");
    }
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * b.abs()
}

#[test]
fn enumeration_takes_the_steps_of_the_reference() {
    let ((graph, nodes), rows) = (asia(), table(include_str!("../../data/asia.csv")));
    let reference = Enumeration::of(&graph, &rows, true);
    let mut theta = tables(&graph, &nodes);
    for (t, expected) in LOG_LIKELIHOODS.into_iter().enumerate() {
        let (found, next) = reference.step(&theta);
        assert!(close(found, expected), "step {t}: {found}, by the reference {expected}");
        if t + 1 < LOG_LIKELIHOODS.len() {
            theta = next;
        }
    }
    assert_close(&theta, &FITTED.map(|(_, table)| table.to_vec()));
}

#[test]
fn every_step_of_a_graph_with_missing_values_is_that_of_enumeration() {
    let ((graph, nodes), rows) = (asia(), table(include_str!("../../data/asia.csv")));
    let enumeration = Enumeration::of(&graph, &rows, false);
    let mut theta = tables(&graph, &nodes);
    let model = graph.hide(()).unwrap();
    assert_eq!(model.columns(), rows.names());
    let fit =
        Em::default().acceleration(Acceleration::None).tolerance(-1.0).max_iterations(60).fit(&model, &rows).unwrap();
    for (t, found) in fit.history.iter().enumerate() {
        let (expected, next) = enumeration.step(&theta);
        assert!(close(*found, expected), "step {t}: {found}, by enumeration {expected}");
        // Less is hidden than from the reference, so each step gains more here.
        assert!(*found >= LOG_LIKELIHOODS[t] - 1e-9, "step {t}: {found}");
        if t < 60 {
            theta = next;
        }
    }
    assert_close(&tables(&fit.parameters, &nodes), &theta);
}

#[test]
fn the_reference_and_the_graph_climb_to_one_maximum() {
    let rows = table(include_str!("../../data/asia.csv"));
    let fit = Em::default().verify(true).fit(&asia().0.hide(()).unwrap(), &rows).unwrap();
    // The last gain of the reference is 4.7e-7 and its gains shrink by a factor of 0.83 a step.
    let last = LOG_LIKELIHOODS[60];
    assert!((last..last + 5e-6).contains(&fit.objective), "{} and {last}", fit.objective);
}

#[test]
fn a_row_of_missing_values_changes_nothing() {
    let rows = table(include_str!("../../data/asia.csv"));
    let mut more = rows.clone();
    more.push(&[f64::NAN; 8]).unwrap();
    let fit = |rows| Em::default().max_iterations(10).fit(&asia().0.hide(()).unwrap(), rows).unwrap();
    let (without, with) = (fit(&rows), fit(&more));
    assert_eq!(without.history, with.history);
    assert_eq!(format!("{:?}", without.parameters), format!("{:?}", with.parameters));
}

#[test]
fn every_step_of_a_network_with_missing_values_is_that_of_enumeration() {
    let ((graph, nodes), rows) = (asia(), table(include_str!("../../data/asia.csv")));
    let enumeration = Enumeration::of(&graph, &rows, false);
    let mut theta = tables(&graph, &nodes);
    let mut builder = Network::builder();
    for (v, table) in theta.iter().enumerate() {
        let parents: Vec<String> = graph.parents(v).iter().map(|&parent| graph.name(parent)).collect();
        builder.variable(&graph.name(v), &["yes", "no"], &parents, table.concat());
    }
    let model = HiddenNetwork::new(&builder.build().unwrap());
    let mut states = StateTable::new(model.network());
    for row in rows.rows().iter() {
        let row: Vec<usize> = row.iter().map(|x| if x.is_nan() { MISSING } else { *x as usize }).collect();
        states.push(&row, 1.0).unwrap();
    }
    let fit =
        Em::default().acceleration(Acceleration::None).tolerance(-1.0).max_iterations(60).fit(&model, &states).unwrap();
    for (t, found) in fit.history.iter().enumerate() {
        let (expected, next) = enumeration.step(&theta);
        assert!(close(*found, expected), "step {t}: {found}, by enumeration {expected}");
        if t < 60 {
            theta = next;
        }
    }
    let found = fit.parameters.variables().iter().map(|v| v.probabilities().as_chunks().0.to_vec());
    assert_close(&found.collect::<Vec<_>>(), &theta);
}
