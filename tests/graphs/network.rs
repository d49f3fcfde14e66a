//! Networks as typed graphs, typed graphs as networks, and findings on graphs with real leaves: every engine gives the
//! numbers of the other.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::conditionals::{ConditionalTable, Finite, LinearGaussian, LogisticRegression, Switch, given};
use marginal::data::Table;
use marginal::distributions::{Bernoulli, Distribution, Normal, Poisson};
use marginal::em::Em;
use marginal::error::{Error, GraphError, NetworkError};
use marginal::graph::{Assignment, DirectedGraph, Graph, GraphBuilder, Node};
use marginal::network::{Network, Variable};
use marginal::rand::{Rng, SeedableRng, rngs::Xoshiro256PlusPlus};

fn read(name: &str) -> Network {
    Network::read(format!("data/networks/{name}.bif")).unwrap()
}

fn assert_near(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= tolerance * expected.abs().max(1.0), "{found} is not {expected}");
    }
}

/// The posteriors of all variables, given some by name, by the junction tree.
fn by_tree(network: &Network, evidence: &[(&str, usize)]) -> (f64, Vec<Vec<f64>>) {
    let mut tree = network.junction_tree().unwrap();
    evidence.iter().for_each(|&(name, state)| tree.observe(name, state).unwrap());
    let posteriors = tree.posteriors().unwrap();
    (posteriors.log_evidence(), posteriors.iter().map(<[f64]>::to_vec).collect())
}

#[test]
fn a_network_there_and_back_has_the_same_posteriors() {
    let cases: [(&str, &[(&str, usize)]); 2] =
        [("asia", &[("xray", 0), ("asia", 0), ("smoke", 1)]), ("alarm", &[("HRBP", 2), ("CVP", 1), ("PRESS", 0)])];
    for (name, evidence) in cases {
        let network = read(name);
        let graph = Graph::from(&network);
        let back = Network::try_from(&graph).unwrap();
        let (log_evidence, expected) = by_tree(&network, evidence);
        let (again, of_back) = by_tree(&back, evidence);
        assert_near(&[again], &[log_evidence], 1e-12);
        let mut all_seen: Assignment<'_> = graph.evidence();
        for &(name, state) in evidence {
            all_seen = all_seen.with(graph.node::<usize>(name).unwrap(), state);
        }
        assert_near(&[graph.log_evidence(&all_seen).unwrap()], &[log_evidence], 1e-12);
        for (number, variable) in network.variables().iter().enumerate() {
            let posterior = graph.posterior(graph.node::<usize>(variable.name()).unwrap(), &all_seen).unwrap();
            assert_near(posterior.probabilities(), &expected[number], 1e-12);
            let there = back.variable(variable.name()).unwrap();
            assert_near(&of_back[there], &expected[number], 1e-12);
            assert_near(back.variables()[there].probabilities(), variable.probabilities(), 1e-15);
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Sky {
    Clear,
    Grey,
    Dark,
}

impl Finite for Sky {
    const STATES: Option<usize> = Some(3);
    fn index(&self) -> usize {
        *self as usize
    }
    fn from_index(index: usize) -> Option<Self> {
        [Self::Clear, Self::Grey, Self::Dark].get(index).copied()
    }
}

#[test]
fn the_states_of_a_typed_graph_bear_the_names_of_its_values() {
    let mut g = Graph::builder();
    let sky: Node<Sky> = g.node("sky", (), ConditionalTable::new([[0.5, 0.3, 0.2]]).unwrap());
    let rain: Node<bool> =
        g.node("rain", sky, ConditionalTable::new([[1.0, 0.0], [0.75, 0.25], [0.25, 0.75]]).unwrap());
    let wind: Node<usize> = g.node("wind", (), ConditionalTable::new([[0.25, 0.25, 0.5]]).unwrap());
    let late: Node<bool> = g.node("late", rain, LogisticRegression::new(-1.0, &[2.0]).unwrap());
    let gust = given(|&(wind, _): &(usize, Sky)| Bernoulli::new(0.25 * (wind as f64 + 1.0)).unwrap());
    let gust = g.node("gust", (wind, sky), gust);
    let graph = g.build().unwrap();
    let network = Network::try_from(&graph).unwrap();
    assert_eq!(network.to_string(), graph.to_string());
    let states = |name: &str| network.variables()[network.variable(name).unwrap()].states().join(" ");
    assert_eq!([states("sky"), states("rain"), states("wind")], ["Clear Grey Dark", "false true", "0 1 2"]);

    let evidence = graph.evidence().with(late, true).with(gust, false);
    let (log_evidence, posteriors) = by_tree(&network, &[("late", 1), ("gust", 0)]);
    assert_near(&[graph.log_evidence(&evidence).unwrap()], &[log_evidence], 1e-14);
    assert_near(graph.posterior(sky, &evidence).unwrap().probabilities(), &posteriors[sky.index()], 1e-14);
    assert_near(graph.posterior(rain, &evidence).unwrap().probabilities(), &posteriors[rain.index()], 1e-14);
}

#[test]
fn a_node_that_is_not_finite_is_named() {
    let mut g = Graph::builder();
    let tall: Node<bool> = g.node("tall", (), Bernoulli::new(0.5).unwrap());
    let height = g.node("height", tall, Switch::new(vec![Normal::standard(); 2]).unwrap());
    g.node("shoes", height, LinearGaussian::new(0.0, &[0.25], 1.0).unwrap());
    let graph = g.build().unwrap();
    let Err(Error::Graph(GraphError::Infinite { node, .. })) = Network::try_from(&graph) else { panic!("not finite") };
    assert_eq!(node, "height");
    let shoes = graph.evidence().with(graph.node::<f64>("shoes").unwrap(), 40.0);
    let Err(Error::Graph(GraphError::Infinite { node, .. })) = graph.findings(&shoes) else { panic!("hidden") };
    assert_eq!(node, "height");
    // Below what is observed nothing hidden matters.
    let seen = graph.findings(&graph.evidence().with(height, 1.0)).unwrap();
    let names: Vec<&str> = seen.network().variables().iter().map(Variable::name).collect();
    assert_eq!(names, ["tall", "height"]);
    let nothing = graph.findings(&graph.evidence()).unwrap();
    assert_eq!(nothing.network().to_string(), "p(tall)");
}

#[test]
fn a_table_too_large_is_refused_before_it_is_made() {
    let mut g = Graph::builder();
    let wide = |g: &mut GraphBuilder, name: &str| -> Node<usize> {
        g.node(name, (), ConditionalTable::new([vec![1.0 / 4096.0; 4096]]).unwrap())
    };
    let (a, b) = (wide(&mut g, "a"), wide(&mut g, "b"));
    g.node("c", (a, b, a), given(|_: &(usize, usize, usize)| Bernoulli::new(0.5).unwrap()));
    let refused = Network::try_from(&g.build().unwrap()).unwrap_err();
    assert!(matches!(refused, Error::Graph(GraphError::TooWide { cells, .. }) if cells == 2f64.powi(37)), "{refused}");
}

#[test]
fn a_distribution_that_does_not_sum_to_one_is_refused_with_its_row() {
    #[derive(Clone, Debug)]
    struct Half;
    impl Distribution for Half {
        type Value = bool;
        fn log_density(&self, _: &bool) -> f64 {
            0.25f64.ln()
        }
        fn sample(&self, _: &mut dyn Rng) -> bool {
            false
        }
    }
    let mut g = Graph::builder();
    let a: Node<bool> = g.node("a", (), Bernoulli::new(0.5).unwrap());
    g.node("b", a, given(|_: &bool| Half));
    let refused = Network::try_from(&g.build().unwrap()).unwrap_err();
    let Error::Network(NetworkError::RowSum { row, sum: 0.5 }) = &refused else { panic!("{refused}") };
    assert_eq!(row, "p(b | a = false)");
}

/// Two hidden switches, a real setting above one of them, and three leaves: real, real of both, a count.
fn instrument() -> Graph {
    let mut g = Graph::builder();
    let setting = g.node("setting", (), Normal::standard());
    let on: Node<bool> = g.node("on", setting, LogisticRegression::new(0.25, &[1.5]).unwrap());
    let mode: Node<usize> = g.node("mode", on, ConditionalTable::new([[0.6, 0.3, 0.1], [0.1, 0.2, 0.7]]).unwrap());
    let normals = |means: &[f64]| means.iter().map(|&mean| Normal::new(mean, 1.0).unwrap()).collect::<Vec<_>>();
    g.node("level", mode, Switch::new(normals(&[0.0, 1.0, 2.5])).unwrap());
    g.node::<_, Switch<Vec<Normal>, (bool, usize)>, _>(
        "noise",
        (on, mode),
        Switch::over(&[2, 3], normals(&[0.0, 1.0, 2.0, -1.0, 0.5, 3.0])).unwrap(),
    );
    g.node("clicks", on, Switch::new(vec![Poisson::new(2.0).unwrap(), Poisson::new(6.0).unwrap()]).unwrap());
    g.build().unwrap()
}

#[test]
fn findings_have_the_posteriors_and_the_density_of_the_graph() {
    let graph = instrument();
    let (on, mode) = (graph.node::<bool>("on").unwrap(), graph.node::<usize>("mode").unwrap());
    let empty = || graph.evidence().with(graph.node::<f64>("setting").unwrap(), -0.5);
    let (level, noise, clicks) = (
        graph.node::<f64>("level").unwrap(),
        graph.node::<f64>("noise").unwrap(),
        graph.node::<u64>("clicks").unwrap(),
    );
    let all = empty().with(level, 1.75).with(noise, 0.25).with(clicks, 4);
    for evidence in [empty(), empty().with(noise, 2.0), all.clone(), all.clone().with(mode, 1), empty().with(on, true)]
    {
        let findings = graph.findings(&evidence).unwrap();
        let log_evidence = graph.log_evidence(&evidence).unwrap();
        assert_near(&[findings.log_evidence().unwrap()], &[log_evidence], 1e-12);
        let mut tree = findings.junction_tree().unwrap();
        let posteriors = tree.posteriors().unwrap();
        assert_near(&[posteriors.log_evidence()], &[log_evidence], 1e-12);
        assert_near(posteriors.of("on").unwrap(), graph.posterior(on, &evidence).unwrap().probabilities(), 1e-12);
        assert_near(posteriors.of("mode").unwrap(), graph.posterior(mode, &evidence).unwrap().probabilities(), 1e-12);
    }

    // The most probable explanation, by trying all.
    let mut best = (f64::NEG_INFINITY, Vec::new());
    for (switch, state) in (0..6).map(|x| (x / 3 == 1, x % 3)) {
        let log_joint = graph.log_joint(&all.clone().with(on, switch).with(mode, state)).unwrap();
        if log_joint > best.0 {
            best = (log_joint, vec!["-0.5".into(), switch.to_string(), state.to_string()]);
        }
    }
    let findings = graph.findings(&all).unwrap();
    let found = findings.junction_tree().unwrap().most_probable().unwrap();
    assert_near(&[found.log_joint], &[best.0], 1e-12);
    assert_eq!(findings.network().names(&found.states).unwrap()[..3], best.1);
    let drawn = findings.likelihood_weighting(20_000, &mut Xoshiro256PlusPlus::seed_from_u64(1)).unwrap();
    assert_near(drawn.of("mode").unwrap(), graph.posterior(mode, &all).unwrap().probabilities(), 0.03);
}

#[test]
fn densities_beyond_the_range_of_numbers_keep_their_logarithm() {
    let graph = instrument();
    let evidence = graph.evidence().with(graph.node::<f64>("setting").unwrap(), 1.0);
    let evidence = evidence.with(graph.node::<f64>("level").unwrap(), 60.0);
    let expected = graph.log_evidence(&evidence).unwrap();
    assert!(expected < -1500.0);
    assert_near(&[graph.findings(&evidence).unwrap().log_evidence().unwrap()], &[expected], 1e-12);
}

#[test]
fn a_network_extended_by_a_real_leaf_is_learned() {
    let asia = read("asia");
    let mut g = Graph::builder();
    let nodes = g.network(&asia);
    let lung = nodes[asia.variable("lung").unwrap()];
    let normals = [4.0, 0.0].map(|mean| Normal::new(mean, 1.0).unwrap()).to_vec();
    let marker = g.node("marker", lung, Switch::new(normals).unwrap());
    let graph = g.build().unwrap();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(4);
    let hidden = lung.index();
    let row = |_| {
        let mut cells = graph.sample(&mut rng).cells().to_vec();
        cells.remove(hidden);
        cells
    };
    let rows: Vec<f64> = (0..1500).flat_map(row).collect();
    let model = graph.clone().hide(lung).unwrap();
    let rows = Table::new(model.columns(), rows).unwrap();
    let fit = Em::default().verify(true).max_iterations(20).fit(&model, &rows).unwrap();
    assert!(fit.objective > fit.history[0]);
    let learned: &Switch<Vec<Normal>, usize> = fit.parameters.conditional(marker).unwrap();
    assert!((learned.components()[0].mean() - 4.0).abs() < 1.0, "{learned:?}");
    assert!(learned.components()[1].mean().abs() < 0.2);
    assert_eq!(Network::try_from(&Graph::from(&asia)).unwrap().len(), 8);
}
