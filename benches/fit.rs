//! Ten iterations of the driver on seeded data, from a fixed start, and whole fits of small data: `cargo bench`.
//!
//! Floors of one iteration, one thread: a full-covariance Gaussian mixture needs 2 N K D (D + 1) flops for whitening
//! and scatter and N K exponentials; K-means needs 3 N K D flops. Divide by the machine's peak.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark may panic, and its functions are its groups")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use marginal::em::Acceleration;
use marginal::models::Centroids;
use marginal::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;

const ITERATIONS: usize = 10;

/// N rows of K standard normal clusters, 3 apart in a pattern of their own.
fn clusters(n: usize, d: usize, k: usize) -> (Table, Vec<usize>) {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let labels: Vec<usize> = (0..n).map(|_| rng.random_range(0..k)).collect();
    let noise = Normal::standard();
    let values = labels
        .iter()
        .flat_map(|z| (0..d).map(move |j| 3.0 * (z * (j + 3) % 7) as f64))
        .map(|m| m + noise.sample(&mut rng));
    (Table::from_values(values.collect(), d).unwrap(), labels)
}

/// What the floors are those of: a jump is one iteration more, and its statistics.
fn plain_iterations() -> Em {
    Em::default().max_iterations(ITERATIONS).tolerance(-1.0).acceleration(Acceleration::None)
}

fn gaussian_mixtures(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("gaussian mixture, 10 iterations");
    group.sample_size(10);
    for (n, d, k, shape) in [
        (100_000, 8, 8, Covariance::Full),
        (100_000, 32, 16, Covariance::Full),
        (100_000, 32, 16, Covariance::Diagonal),
        (100_000, 1, 4, Covariance::Full),
    ] {
        let (table, labels) = clusters(n, d, k);
        let model = GaussianMixture::new(k).covariance(shape);
        let start = model.from_labels(&table, &labels).unwrap();
        let em = plain_iterations();
        group.throughput(Throughput::Elements((ITERATIONS * n) as u64));
        group.bench_function(BenchmarkId::new(shape.name(), format!("N={n} D={d} K={k}")), |b| {
            b.iter(|| em.fit_from(&model, &table, start.clone()).unwrap());
        });
    }
    group.finish();
}

fn k_means(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("K-means, 10 iterations");
    group.sample_size(10);
    for (n, d, k) in [(100_000, 8, 8), (100_000, 32, 64)] {
        let (table, _) = clusters(n, d, k);
        let mut centres = Table::default();
        (0..k).for_each(|row| centres.push(table.row(row)).unwrap());
        let start = Centroids::new(centres).unwrap();
        let em = plain_iterations();
        group.throughput(Throughput::Elements((ITERATIONS * n) as u64));
        group.bench_function(BenchmarkId::from_parameter(format!("N={n} D={d} K={k}")), |b| {
            b.iter(|| em.fit_from(&KMeans::new(k), &table, start.clone()).unwrap());
        });
    }
    group.finish();
}

/// Old Faithful, N=272 D=2: one iteration of six components, and fits of one to six components to the end.
fn old_faithful(criterion: &mut Criterion) {
    let table = Table::read_csv(concat!(env!("CARGO_MANIFEST_DIR"), "/data/faithful.csv")).unwrap();
    let mut group = criterion.benchmark_group("Old Faithful");
    let six = GaussianMixture::new(6);
    let start = plain_iterations().fit(&six, &table).unwrap().parameters;
    let em = plain_iterations();
    group.bench_function("10 iterations, K=6", |b| b.iter(|| em.fit_from(&six, &table, start.clone()).unwrap()));
    group.sample_size(10);
    for acceleration in [Acceleration::None, Acceleration::Extrapolation] {
        let em = Em::default().acceleration(acceleration);
        let fits = || (1..=6).map(|k| em.fit(&GaussianMixture::new(k), &table).unwrap().iterations()).sum::<usize>();
        println!("{acceleration:?}: {} iterations", fits());
        group.bench_function(BenchmarkId::new("K=1..6 to the end", format!("{acceleration:?}")), |b| b.iter(fits));
    }
    group.finish();
}

criterion_group!(benches, gaussian_mixtures, k_means, old_faithful);
criterion_main!(benches);
