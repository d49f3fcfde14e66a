//! A network with hidden variables and missing cells obeys every law that applies, through the line that a user writes.
#![cfg(feature = "laws")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::distributions::Distribution;
use marginal::laws::proptest::collection::vec;
use marginal::laws::proptest::prelude::*;
use marginal::laws::strategies::{simplex, unit};
use marginal::laws::{LatentCase, Observations};
use marginal::models::HiddenNetwork;
use marginal::network::{MISSING, Network, TablePrior};
use marginal::rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

const STATES: [&str; 3] = ["0", "1", "2"];

/// a → b → d ← c ← a with a loop, and e below d; b has three states.
fn any_loop() -> impl Strategy<Value = Network> {
    (vec(unit(), 9), vec(simplex(3), 2)).prop_map(|(p, rows)| {
        let two = |p: &[f64]| p.iter().flat_map(|p| [*p, 1.0 - *p]).collect::<Vec<f64>>();
        let d: Vec<f64> = (0..6).map(|j| 0.5 * (p[j] + p[(j + 1) % 6])).collect();
        Network::builder()
            .root("a", &STATES[..2], two(&p[..1]))
            .variable("b", &STATES, &["a"], rows.concat())
            .variable("c", &STATES[..2], &["a"], two(&p[1..3]))
            .variable("d", &STATES[..2], &["b", "c"], two(&d))
            .variable("e", &STATES[..2], &["d"], two(&p[7..9]))
            .build()
            .unwrap()
    })
}

/// A class of three states above four signs.
fn any_naive_bayes() -> impl Strategy<Value = Network> {
    (simplex(3), vec(simplex(2), 12)).prop_map(|(p, rows)| {
        let mut builder = Network::builder();
        builder.root("class", &STATES, p);
        for (j, rows) in rows.chunks(3).enumerate() {
            builder.variable(&format!("x{j}"), &STATES[..2], &["class"], rows.concat());
        }
        builder.build().unwrap()
    })
}

/// Rows drawn from the network, one variable hidden in all of them, and a share of the other cells.
fn cases(
    networks: impl Strategy<Value = Network>,
    hidden: Option<usize>,
    missing: f64,
    model: fn(&Network) -> HiddenNetwork,
) -> impl Strategy<Value = LatentCase<HiddenNetwork>> {
    (networks, 0u64..1000, 4usize..=16).prop_map(move |(network, seed, count)| {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let rows: Vec<(Vec<usize>, f64)> = (0..count)
            .map(|_| {
                let mut row = network.sample(&mut rng);
                for (v, cell) in row.iter_mut().enumerate() {
                    if hidden == Some(v) || rng.random::<f64>() < missing {
                        *cell = MISSING;
                    }
                }
                (row, [1.0, 1.0, 0.5, 2.0][rng.random_range(0..4)])
            })
            .collect();
        let model = model(&network);
        let theta = model.network().clone();
        LatentCase::new(model, theta, Observations::new(rows))
    })
}

/// Without a prior an estimate may hold a 0, which has no coordinates.
fn smoothed(network: &Network) -> HiddenNetwork {
    HiddenNetwork::new(network).prior(TablePrior::EquivalentSampleSize(4.0))
}

fn tied(network: &Network) -> HiddenNetwork {
    HiddenNetwork::new(network).tie(&["x0", "x2"]).unwrap().tie(&["x3", "x2"]).unwrap()
}

fn partly_fixed(network: &Network) -> HiddenNetwork {
    HiddenNetwork::new(network).fix(&["a", "d"]).unwrap()
}

marginal::laws! {
    complete: latent_model(cases(any_loop(), None, 0.0, HiddenNetwork::new));
    complete_coordinates: parametric_latent(cases(any_loop(), None, 0.0, smoothed));
    complete_found: recovery(cases(any_loop(), None, 0.0, HiddenNetwork::new));
    missing: latent_model(cases(any_loop(), None, 0.3, HiddenNetwork::new));
    missing_coordinates: parametric_latent(cases(any_loop(), None, 0.3, smoothed));
    hidden: latent_model(cases(any_loop(), Some(1), 0.1, HiddenNetwork::new));
    hidden_smoothed: latent_model(cases(any_loop(), Some(3), 0.1, smoothed));
    partly_fixed: latent_model(cases(any_loop(), Some(2), 0.1, partly_fixed));
    naive_bayes: latent_model(cases(any_naive_bayes(), Some(0), 0.0, HiddenNetwork::new));
    naive_bayes_coordinates: parametric_latent(cases(any_naive_bayes(), Some(0), 0.0, smoothed));
    naive_bayes_tied: latent_model(cases(any_naive_bayes(), Some(0), 0.1, tied));
}
