//! Exact inference in networks: `cargo bench --bench network`.
//!
//! Per network: the plan (triangulation), compiling it, all posteriors and ln p(evidence) of a compiled tree after all
//! evidence changed, and after one finding changed. Floor of all posteriors: some six passes over the cells of the
//! cliques, 8 bytes each; divide by the bandwidth of the cache that holds them. With the folder of larger networks in
//! MARGINAL_NETWORKS, these too.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark may panic, and its functions are its groups")]

use std::path::{Path, PathBuf};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use marginal::data::Dataset;
use marginal::distributions::Distribution;
use marginal::graph::DirectedGraph;
use marginal::latent::LatentModel;
use marginal::models::HiddenNetwork;
use marginal::network::{MISSING, Network, StateTable};
use marginal::rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

fn load(name: &str) -> Option<Network> {
    let here = Path::new("data/networks").join(format!("{name}.bif"));
    let folder = std::env::var("MARGINAL_NETWORKS").map(PathBuf::from).unwrap_or_default();
    let there = folder.join(format!("{name}.bif"));
    [here, there].into_iter().find(|path| path.exists()).map(|path| Network::read_bif(path).unwrap())
}

fn inference(criterion: &mut Criterion) {
    for name in
        ["asia", "child", "insurance", "alarm", "hailfinder", "win95pts", "andes", "pigs", "mildew", "link", "munin1"]
    {
        let Some(network) = load(name) else { continue };
        let mut group = criterion.benchmark_group(name);
        group.sample_size(10);
        group.bench_function("plan", |b| b.iter(|| network.plan()));
        group.bench_function("compile", |b| b.iter(|| network.junction_tree().unwrap()));
        let leaves: Vec<usize> = (0..network.len()).filter(|&v| network.children(v).is_empty()).take(12).collect();
        let mut tree = network.junction_tree().unwrap();
        let mut state = 0;
        for (label, findings) in [("all posteriors", leaves.len()), ("one finding changed", 1)] {
            group.bench_function(BenchmarkId::new(label, leaves.len()), |b| {
                b.iter(|| {
                    state = 1 - state;
                    if findings > 1 {
                        // Every table is set again, so that every clique is summed again.
                        (0..network.len()).for_each(|v| tree.forget(v).unwrap());
                    }
                    for &leaf in &leaves[..findings] {
                        tree.observe_likelihood(leaf, &likelihood(&network, leaf, state)).unwrap();
                    }
                    tree.posteriors().unwrap().log_evidence()
                });
            });
        }
    }
}

/// Likely the first or the second state, and any other possible.
fn likelihood(network: &Network, v: usize, state: usize) -> Vec<f64> {
    (0..network.variables()[v].states().len()).map(|s| if s == state { 0.9 } else { 0.1 }).collect()
}

/// One iteration of EM, E-step and M-step, on N rows drawn from the network, a share of the cells missing; one thread
/// with RAYON_NUM_THREADS=1. Floor of a complete row: a read and an addition for each family. With missing cells the
/// parts of a row are summed besides, each some passes over a few cells.
fn learning(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("learning");
    group.sample_size(10);
    for (name, rows, missing) in
        [("asia", 20_000, 0.2), ("alarm", 20_000, 0.0), ("alarm", 20_000, 0.2), ("alarm", 20_000, 0.5)]
    {
        let Some(network) = load(name) else { continue };
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let mut table = StateTable::new(&network);
        for _ in 0..rows {
            let hide = |state| if rng.random::<f64>() < missing { MISSING } else { state };
            let row: Vec<usize> = network
                .sample(&mut Xoshiro256PlusPlus::seed_from_u64(table.rows() as u64))
                .into_iter()
                .map(hide)
                .collect();
            table.push(&row, 1.0).unwrap();
        }
        let model = HiddenNetwork::new(&network);
        let empty = model.statistics(&network);
        group.throughput(criterion::Throughput::Elements(rows));
        group.bench_function(BenchmarkId::new(name, format!("N={rows}, {missing} missing")), |b| {
            b.iter(|| {
                let s = table.fold(&empty, &|batch, s| model.e_step(&network, batch, s).map(drop)).unwrap();
                model.m_step(&network, &s).unwrap()
            });
        });
    }
}

/// The same fragment over and over, from the builder to all posteriors: O(fragments).
fn repeated(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("repeated");
    group.sample_size(10);
    for leaves in [1000, 2000, 4000] {
        group.bench_function(BenchmarkId::new("naive Bayes", leaves), |b| {
            b.iter(|| {
                let mut builder = Network::builder();
                builder.root("class", &["a", "b"], [0.5, 0.5]);
                for leaf in 0..leaves {
                    builder.variable(&format!("x{leaf}"), &["no", "yes"], &["class"], [0.9, 0.1, 0.2, 0.8]);
                }
                builder.build().unwrap().junction_tree().unwrap().posteriors().unwrap().log_evidence()
            });
        });
    }
    for slices in [10_000, 20_000, 40_000] {
        group.bench_function(BenchmarkId::new("chain", slices), |b| {
            b.iter(|| {
                let mut builder = Network::builder();
                builder.root("x0", &["a", "b"], [0.5, 0.5]);
                for t in 1..slices {
                    builder.variable(&format!("x{t}"), &["a", "b"], &[format!("x{}", t - 1)], [0.9, 0.1, 0.2, 0.8]);
                }
                builder.build().unwrap().junction_tree().unwrap().posteriors().unwrap().log_evidence()
            });
        });
    }
}

criterion_group!(benches, inference, repeated, learning);
criterion_main!(benches);
