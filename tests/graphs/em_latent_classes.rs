//! EM on latent classes (naive Bayes with a hidden class), step by step against an independent program.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::conditionals::ConditionalTable;
use marginal::em::{Acceleration, Em};
use marginal::graph::{Graph, Node};
use marginal::models::HiddenNetwork;
use marginal::network::{MISSING, Network, StateTable};

use crate::columns::table;

/// ln p(observed) in nats after so many M-steps, as an independent EM in double precision printed it.
const LOG_LIKELIHOODS: [(usize, f64); 25] = [
    (0, -5139.942614656713),
    (1, -3776.068453499295),
    (2, -3714.922172136203),
    (3, -3666.4251607453634),
    (4, -3646.89397146625),
    (5, -3638.9765632655076),
    (6, -3633.006994608766),
    (7, -3627.16372255364),
    (8, -3621.8492682851356),
    (9, -3617.600754994599),
    (10, -3614.4876344641857),
    (11, -3612.2786994146854),
    (12, -3610.7147524647617),
    (13, -3609.6146364950373),
    (14, -3608.859450628117),
    (15, -3608.3569595817366),
    (16, -3608.0295994802036),
    (17, -3607.816418234884),
    (18, -3607.6741902522554),
    (19, -3607.5747648677875),
    (20, -3607.500884758467),
    (50, -3606.8101399248085),
    (100, -3606.612508922016),
    (200, -3606.5790512080393),
    (300, -3606.5776880980675),
];

/// The start.
const PROPORTIONS: [f64; 3] = [0.11984166547674506, 0.5305276591511949, 0.34963067537206005];
const TABLES: [&[&[f64]]; 6] = [
    &[
        &[0.5845395364248043, 0.4154604635751958],
        &[0.6871432382363517, 0.31285676176364824],
        &[0.3933860113294349, 0.6066139886705652],
    ],
    &[
        &[0.6887451916166993, 0.3112548083833007],
        &[0.6648705687988099, 0.33512943120119004],
        &[0.5866677973099427, 0.41333220269005716],
    ],
    &[
        &[0.20559194531902766, 0.49604828848284144, 0.298359766198131],
        &[0.1903764169254432, 0.35116894981574515, 0.45845463325881175],
        &[0.43212675896556074, 0.3006095559109088, 0.26726368512353055],
    ],
    &[
        &[0.3892807145066612, 0.39797100509686184, 0.2127482803964768],
        &[0.2235188768833227, 0.5622330252862144, 0.21424809783046278],
        &[0.4330984583952141, 0.26555348663463474, 0.3013480549701511],
    ],
    &[
        &[0.15943290386051465, 0.22963124184244288, 0.21852437177752973, 0.39241148251951286],
        &[0.4771763163586249, 0.04949486455658588, 0.18938897814640698, 0.28393984093838226],
        &[0.17965095128646208, 0.08790059889715761, 0.4066434704769073, 0.32580497933947294],
    ],
    &[
        &[0.654815747779774, 0.34518425222022614],
        &[0.3973346302860645, 0.6026653697139354],
        &[0.48352301531498776, 0.5164769846850122],
    ],
];

/// After 300 M-steps.
const FITTED_PROPORTIONS: [f64; 3] = [0.25066772735944903, 0.24137831812557145, 0.5079539545149773];
const FITTED_TABLES: [&[&[f64]]; 6] = [
    &[
        &[0.5073785425310898, 0.49262145746891023],
        &[0.30132456402406865, 0.6986754359759313],
        &[0.017390074986552095, 0.9826099250134479],
    ],
    &[
        &[0.3907765648407292, 0.6092234351592708],
        &[0.48930953742645056, 0.5106904625735496],
        &[0.19231312706782605, 0.8076868729321739],
    ],
    &[
        &[0.5069536577359056, 0.4512443811415333, 0.04180196112256106],
        &[0.19518441723407906, 0.059309581636968645, 0.7455060011289524],
        &[0.8604319121795714, 0.03459279975100506, 0.10497528806942366],
    ],
    &[
        &[0.3992149903407211, 0.0869487631622767, 0.5138362464970023],
        &[0.5395731481421275, 1.8971559709806645e-05, 0.46040788029816276],
        &[0.35128858640264504, 0.4246451275769353, 0.2240662860204198],
    ],
    &[
        &[0.14331430944728346, 0.37167667758951695, 0.23325952681821602, 0.25174948614498355],
        &[0.4019134127669659, 0.31761990821525066, 0.011679855595269933, 0.2687868234225137],
        &[0.028669024067086823, 0.7213569053080855, 0.15495518821810905, 0.09501888240671859],
    ],
    &[
        &[0.41213904371526977, 0.5878609562847303],
        &[0.206869618527029, 0.793130381472971],
        &[0.008379109812281632, 0.9916208901877184],
    ],
];

/// The hidden class, and six features of 2 … 4 values.
fn latent_classes() -> (Graph, Node<usize>, Vec<Node<usize>>) {
    let mut g = Graph::builder();
    let class: Node<usize> = g.node("class", (), ConditionalTable::new([PROPORTIONS]).unwrap());
    let feature = |(j, rows): (usize, &&[&[f64]])| -> Node<usize> {
        g.node(format!("x{}", j + 1), class, ConditionalTable::new(rows.iter()).unwrap())
    };
    let features = TABLES.iter().enumerate().map(feature).collect();
    (g.build().unwrap(), class, features)
}

#[test]
fn every_step_on_latent_classes_is_the_reference() {
    let (graph, class, features) = latent_classes();
    let model = graph.hide(class).unwrap();
    let rows = table(include_str!("../../data/latent_classes.csv"));
    let fit =
        Em::default().acceleration(Acceleration::None).tolerance(-1.0).max_iterations(300).fit(&model, &rows).unwrap();
    for (t, expected) in LOG_LIKELIHOODS {
        let found = fit.history[t];
        assert!((found - expected).abs() <= 1e-9 * expected.abs(), "step {t}: {found}, by the reference {expected}");
    }
    let check = |found: Vec<f64>, expected: Vec<f64>| {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found - expected).abs() <= 1e-9, "{found}, by the reference {expected}");
        }
    };
    let proportions: &ConditionalTable<(), usize> = fit.parameters.conditional(class).unwrap();
    check(proportions.rows().flatten().copied().collect(), FITTED_PROPORTIONS.to_vec());
    for (feature, expected) in features.into_iter().zip(FITTED_TABLES) {
        let table: &ConditionalTable<usize, usize> = fit.parameters.conditional(feature).unwrap();
        check(table.rows().flatten().copied().collect(), expected.concat());
    }
    // 2 proportions, and 3 (1 + 1 + 2 + 2 + 3 + 1) probabilities.
    assert_eq!(fit.free_parameters, Some(32));
}

#[test]
fn every_step_of_a_network_on_latent_classes_is_the_reference() {
    let names = ["0", "1", "2", "3"];
    let mut builder = Network::builder();
    builder.root("class", &names[..3], PROPORTIONS);
    for (j, rows) in TABLES.iter().enumerate() {
        builder.variable(&format!("x{}", j + 1), &names[..rows[0].len()], &["class"], rows.concat());
    }
    let model = HiddenNetwork::new(&builder.build().unwrap());
    let rows = table(include_str!("../../data/latent_classes.csv"));
    let mut states = StateTable::new(model.network());
    for row in rows.rows().iter() {
        let row: Vec<usize> = [MISSING].into_iter().chain(row.iter().map(|x| *x as usize)).collect();
        states.push(&row, 1.0).unwrap();
    }
    assert!(states.len() < states.rows());
    let fit = Em::default()
        .acceleration(Acceleration::None)
        .tolerance(-1.0)
        .max_iterations(300)
        .fit(&model, &states)
        .unwrap();
    for (t, expected) in LOG_LIKELIHOODS {
        let found = fit.history[t];
        assert!((found - expected).abs() <= 1e-9 * expected.abs(), "step {t}: {found}, by the reference {expected}");
    }
    let variables = fit.parameters.variables();
    let expected = FITTED_TABLES.iter().map(|rows| rows.concat());
    for (variable, expected) in variables.iter().zip([FITTED_PROPORTIONS.to_vec()].into_iter().chain(expected)) {
        for (found, expected) in variable.probabilities().iter().zip(expected) {
            assert!((found - expected).abs() <= 1e-9, "{found}, by the reference {expected}");
        }
    }
    assert_eq!((fit.free_parameters, fit.observations), (Some(32), rows.len()));
}
