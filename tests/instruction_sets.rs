//! Fits compiled for different instruction sets agree up to round-off, and those of one set to the bit on any number of
//! threads.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::process::Command;

use marginal::components::Covariance;
use marginal::data::Table;
use marginal::distributions::Poisson;
use marginal::em::{Acceleration, Em};
use marginal::models::{ColumnMixture, GaussianMixture, KMeans, Mixture};
use marginal::numeric::InstructionSet;
use marginal::prelude::Distribution;
use marginal::rand::rngs::Xoshiro256PlusPlus;
use marginal::rand::{RngExt, SeedableRng};

const ROWS: usize = 3_000;

/// Rows about as many corners as there are components.
fn clusters(columns: usize, components: usize, offset: f64) -> Table {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
    let value = |n: usize, d: usize| 5.0 * ((n % components) * (d + 3) % 7) as f64 + offset;
    let values = (0..ROWS * columns).map(|i| value(i / columns, i % columns) + 2.0 * rng.random::<f64>());
    Table::from_values(values.collect(), columns).unwrap()
}

/// What the fits of the kernels reach: full, diagonal and one-dimensional normals, K-means by each of its ways,
/// counts, latent classes.
fn objectives() -> Vec<f64> {
    let em = Em::default().acceleration(Acceleration::None).max_iterations(10).tolerance(-1.0).seed(3);
    let mut reached = Vec::new();
    for (columns, components, offset) in [(1, 3, 0.0), (3, 4, 0.0), (8, 5, 1e4), (17, 6, -3.0)] {
        let table = clusters(columns, components, offset);
        for covariance in [Covariance::Full, Covariance::Diagonal] {
            let model = GaussianMixture::new(components).covariance(covariance);
            reached.push(em.fit(&model, &table).unwrap().objective);
        }
        for centres in [components, 40] {
            let fit = em.fit(&KMeans::new(centres), &table).unwrap();
            let labels: Vec<usize> = fit.parameters.labels(&table).unwrap();
            reached.extend([fit.objective, labels.iter().enumerate().map(|(n, k)| (n % 11 * k) as f64).sum()]);
        }
    }
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
    let counts: Vec<u64> = (0..ROWS).map(|n| Poisson::new([2.0, 30.0][n % 2]).unwrap().sample(&mut rng)).collect();
    let poissons = Mixture::of(vec![Poisson::new(1.0).unwrap(), Poisson::new(20.0).unwrap()]).unwrap();
    reached.push(em.fit(&poissons, &counts).unwrap().objective);
    let answers = (0..ROWS * 6).map(|i| if rng.random::<f64>() < 0.2 { 1.0 } else { ((i / 6) % (2 + i % 3)) as f64 });
    let answers = Table::from_values(answers.collect(), 6).unwrap();
    let questions = (0..6).map(|d| format!("categorical:{}", 2 + d % 3).parse().unwrap());
    reached.push(em.fit(&ColumnMixture::new(5, questions.collect()).unwrap(), &answers).unwrap().objective);
    reached
}

/// Run by the test below, in a process of its own.
#[test]
#[ignore = "prints what the test of instruction sets compares"]
fn print_objectives() {
    println!("set {:?}", InstructionSet::current());
    objectives().iter().for_each(|x| println!("value {:016x}", x.to_bits()));
}

/// The set that was used, and what was reached.
fn of_process(set: &str, threads: &str) -> (String, Vec<f64>) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "print_objectives", "--nocapture"]);
    let output = command.env("MARGINAL_SIMD", set).env("RAYON_NUM_THREADS", threads).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let after = |word: &str| -> Vec<String> {
        text.lines().filter_map(|line| line.split_once(word)).map(|(_, rest)| rest.trim().to_owned()).collect()
    };
    let value = |bits: &String| f64::from_bits(u64::from_str_radix(bits, 16).unwrap());
    (after("set ").remove(0), after("value ").iter().map(value).collect())
}

#[test]
fn every_instruction_set_reaches_the_same_and_every_number_of_threads_the_same_bits() {
    let (set, portable) = of_process("portable", "1");
    assert_eq!((set.as_str(), portable.len()), ("Portable", 26));
    for asked in ["portable", "avx2", "avx512"] {
        let (set, reached) = of_process(asked, "1");
        for (one, other) in portable.iter().zip(&reached) {
            assert!((one - other).abs() <= 1e-9 * one.abs(), "portable {one}, {set} {other}");
        }
        for threads in ["2", "3"] {
            assert_eq!(of_process(asked, threads), (set.clone(), reached.clone()), "{threads} threads");
        }
    }
}
