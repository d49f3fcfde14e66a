//! Models that are known by other names, as networks: latent classes, and hidden Markov chains.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::data::{Batch, Rows};
use marginal::distributions::{Categorical, Distribution};
use marginal::em::{Acceleration, Em};
use marginal::error::NetworkError;
use marginal::latent::LatentModel;
use marginal::models::{HiddenNetwork, Mixture};
use marginal::network::{MISSING, Network, StateTable};
use marginal::rand::{SeedableRng, rngs::Xoshiro256PlusPlus};

#[test]
fn latent_classes_are_a_mixture_of_categoricals() {
    let class = [0.25, 0.75];
    let x = [[0.5, 0.25, 0.25], [0.125, 0.125, 0.75]];
    let y = [[0.75, 0.25], [0.375, 0.625]];
    let network = Network::builder()
        .root("class", &["a", "b"], class)
        .variable("x", &["0", "1", "2"], &["class"], x.concat())
        .variable("y", &["0", "1"], &["class"], y.concat())
        .build()
        .unwrap();
    let of = |p: &[f64]| Categorical::new(p.to_vec()).unwrap();
    let components: Vec<_> = (0..2).map(|k| (of(&x[k]), of(&y[k]))).collect();
    let mixture = Mixture::new(class.to_vec(), components).unwrap();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(4);
    let rows: Vec<Vec<usize>> = (0..300).map(|_| network.sample(&mut rng)).collect();
    let mut table = StateTable::new(&network);
    rows.iter().for_each(|row| table.push(&[MISSING, row[1], row[2]], 1.0).unwrap());
    let pairs: Vec<(usize, usize)> = rows.iter().map(|row| (row[1], row[2])).collect();
    let em = Em::default().acceleration(Acceleration::None).tolerance(-1.0).max_iterations(50);
    let as_network = em.fit(&HiddenNetwork::new(&network), &table).unwrap();
    let as_mixture = em.fit(&mixture, &pairs).unwrap();
    assert_eq!(table.len(), 6);
    for (network, mixture) in as_network.history.iter().zip(&as_mixture.history) {
        assert!((network - mixture).abs() <= 1e-13 * mixture.abs(), "{network} and {mixture}");
    }
    let expected: Vec<f64> = as_mixture.parameters.proportions().to_vec();
    let of_x = as_mixture.parameters.components().iter().flat_map(|c| c.0.probabilities().to_vec());
    let of_y = as_mixture.parameters.components().iter().flat_map(|c| c.1.probabilities().to_vec());
    let expected = expected.into_iter().chain(of_x).chain(of_y);
    let found = as_network.parameters.variables().iter().flat_map(|v| v.probabilities().to_vec());
    for (found, expected) in found.zip(expected) {
        assert!((found - expected).abs() < 1e-11, "{found} and {expected}");
    }
    assert_eq!((as_network.free_parameters, as_network.bic().is_some()), (as_mixture.free_parameters, true));
}

/// A row for each of two states.
type ByState<const N: usize> = [[f64; N]; 2];

/// A hidden Markov chain by its own recursions.
struct Chain {
    initial: [f64; 2],
    transition: [[f64; 2]; 2],
    emission: [[f64; 3]; 2],
}

impl Chain {
    fn network(&self, slices: usize) -> Network {
        let mut builder = Network::builder();
        for t in 0..slices {
            let (z, x) = (format!("z{t}"), format!("x{t}"));
            match t {
                0 => builder.root(&z, &["0", "1"], self.initial),
                _ => builder.variable(&z, &["0", "1"], &[format!("z{}", t - 1)], self.transition.concat()),
            };
            builder.variable(&x, &["0", "1", "2"], &[z], self.emission.concat());
        }
        builder.build().unwrap()
    }

    /// ln p(x), the expected numbers of transitions and of emissions, and p(z₀ | x): forward and backward.
    fn expectation(&self, x: &[usize]) -> (f64, ByState<2>, ByState<3>, [f64; 2]) {
        let mut forward = vec![[0.0; 2]; x.len()];
        let mut log_density = 0.0;
        for t in 0..x.len() {
            for z in 0..2 {
                let before = match t {
                    0 => self.initial[z],
                    _ => (0..2).map(|y| forward[t - 1][y] * self.transition[y][z]).sum(),
                };
                forward[t][z] = before * self.emission[z][x[t]];
            }
            let sum: f64 = forward[t].iter().sum();
            forward[t].iter_mut().for_each(|f| *f /= sum);
            log_density += sum.ln();
        }
        let (mut transitions, mut emissions) = ([[0.0; 2]; 2], [[0.0; 3]; 2]);
        let mut backward = [1.0; 2];
        for t in (0..x.len()).rev() {
            let sum: f64 = (0..2).map(|z| forward[t][z] * backward[z]).sum();
            for z in 0..2 {
                emissions[z][x[t]] += forward[t][z] * backward[z] / sum;
            }
            if t == 0 {
                return (log_density, transitions, emissions, [0, 1].map(|z| forward[0][z] * backward[z] / sum));
            }
            let into = |y: usize, z: usize| self.transition[y][z] * self.emission[z][x[t]] * backward[z];
            let pairs = [0, 1].map(|y| [0, 1].map(|z| forward[t - 1][y] * into(y, z)));
            let sum: f64 = pairs.iter().flatten().sum();
            (0..4).for_each(|yz| transitions[yz / 2][yz % 2] += pairs[yz / 2][yz % 2] / sum);
            let next = [0, 1].map(|y| into(y, 0) + into(y, 1));
            backward = next.map(|b| b / (next[0] + next[1]));
        }
        unreachable!("the chain has a first slice")
    }
}

fn chain() -> Chain {
    Chain {
        initial: [0.5, 0.5],
        transition: [[0.875, 0.125], [0.25, 0.75]],
        emission: [[0.75, 0.125, 0.125], [0.125, 0.25, 0.625]],
    }
}

/// What is shown of a draw from the chain, as a row of the network and by itself.
fn draw(network: &Network) -> (Vec<usize>, Vec<usize>) {
    let row = network.sample(&mut Xoshiro256PlusPlus::seed_from_u64(6));
    let shown = row.iter().enumerate().map(|(v, &state)| if v % 2 == 0 { MISSING } else { state }).collect();
    (shown, row.into_iter().skip(1).step_by(2).collect())
}

fn tied(network: &Network, slices: usize) -> HiddenNetwork {
    let names = |letter: &str, from: usize| (from..slices).map(|t| format!("{letter}{t}")).collect::<Vec<_>>();
    HiddenNetwork::new(network).tie(&names("z", 1)).unwrap().tie(&names("x", 0)).unwrap()
}

fn assert_near(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= tolerance, "{found} instead of {expected}");
    }
}

#[test]
fn a_step_on_a_chain_is_that_of_baum_and_welch() {
    let (chain, slices) = (chain(), 50);
    let network = chain.network(slices);
    let (row, x) = draw(&network);
    let model = tied(&network, slices);
    let mut s = model.statistics(&network);
    let batch = Batch::new(Rows::new(&row, row.len()).unwrap(), None, 0);
    let evidence = model.e_step(&network, batch, &mut s).unwrap();
    let (log_density, transitions, emissions, first) = chain.expectation(&x);
    assert_near(&[evidence.value()], &[log_density], 1e-12);
    let next = model.m_step(&network, &s).unwrap();
    let divided = |row: &[f64]| row.iter().map(|n| n / row.iter().sum::<f64>()).collect::<Vec<f64>>();
    for (t, variable) in next.variables().iter().enumerate() {
        let expected: Vec<f64> = match t {
            0 => first.to_vec(),
            _ if t % 2 == 0 => transitions.iter().flat_map(|row| divided(row)).collect(),
            _ => emissions.iter().flat_map(|row| divided(row)).collect(),
        };
        assert_near(variable.probabilities(), &expected, 1e-12);
    }
    assert_eq!(model.free_parameters(&next), Some(1 + 2 + 4));
}

#[test]
fn one_table_is_learned_from_ten_thousand_slices() {
    let (chain, slices) = (chain(), 10_000);
    let network = chain.network(slices);
    let (row, x) = draw(&network);
    let rows = Rows::new(&row, row.len()).unwrap();
    let fit = Em::default().max_iterations(3).fit(&tied(&network, slices), &rows).unwrap();
    assert!((fit.history[0] - chain.expectation(&x).0).abs() < 1e-8);
    // So many slices tell the transitions to within five standard errors, which are at most √(¼ / 2500).
    assert_near(fit.parameters.variables()[2].probabilities(), &chain.transition.concat(), 0.05);
    assert_eq!(fit.parameters.variables()[2].probabilities(), fit.parameters.variables()[19_998].probabilities());
}

#[test]
fn only_tables_of_one_shape_are_tied() {
    let network = chain().network(3);
    let refused = HiddenNetwork::new(&network).tie(&["z1", "z2", "z0"]).unwrap_err();
    assert!(matches!(&refused, NetworkError::Tied { variable, other } if variable == "z0" && other == "z1"));
    // A start whose tied tables differ is none.
    let other = Chain { transition: [[0.5, 0.5]; 2], ..chain() }.network(3);
    let model = tied(&network, 3);
    assert_eq!(model.network(), &network);
    assert!(model.check(&other).is_ok());
    let half = network.intervene("x2", "0").unwrap();
    assert!(model.check(&half).is_err());
    let fixed = tied(&network, 3).fix(&["x1"]).unwrap();
    assert_eq!(fixed.free_parameters(&network), Some(1 + 2));
}
