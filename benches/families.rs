//! One iteration of EM on a mixture of each family: `cargo bench --bench families`, one thread.
//!
//! N = 250 000 rows of one number under K = 4 components, so that N K is a million: the milliseconds that are printed are
//! nanoseconds a row and component. Floor: an exponential and a product a row and component for the posterior, and two
//! flops for each statistic: about 1 ns where a register holds eight numbers.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark may panic, and its functions are its groups")]

#[path = "../tests/families/inverse_gaussian.rs"]
mod inverse_gaussian;

use criterion::{Criterion, criterion_group, criterion_main};
use marginal::data::Dataset;
use marginal::distributions::{
    Beta, Binomial, Estimate, Exponential, Gamma, Geometric, Laplace, LogNormal, Uniform, VonMises,
};
use marginal::latent::{FiniteLatent, LatentModel};
use marginal::prelude::*;
use marginal::rand::SeedableRng;
use marginal::rand::rngs::Xoshiro256PlusPlus;

use inverse_gaussian::InverseGaussian;

const ROWS: usize = 250_000;

/// E-step and M-step of four components on draws of their own.
fn family<D>(criterion: &mut Criterion, name: &str, components: [D; 4], rows: usize)
where
    D: Estimate,
    D::Value: Sized + Clone + ToOwned<Owned = D::Value>,
{
    let mixture = Mixture::of(Vec::from(components)).unwrap();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let data: Vec<D::Value> = (0..rows).map(|_| mixture.sample(&mut rng)).collect();
    let empty = FiniteLatent::statistics(&mixture, &mixture);
    let mut group = criterion.benchmark_group(format!("mixture of four, N={rows}"));
    group.sample_size(10).warm_up_time(std::time::Duration::from_millis(300));
    group.measurement_time(std::time::Duration::from_secs(1));
    group.bench_function(name, |b| {
        b.iter(|| {
            let s = data[..].fold(&empty, &|batch, s| LatentModel::e_step(&mixture, &mixture, batch, s).map(|_| ()));
            FiniteLatent::estimate(&mixture, &s.unwrap()).unwrap()
        });
    });
    group.finish();
}

fn families(criterion: &mut Criterion) {
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().unwrap();
    let scales = [1.0, 2.0, 4.0, 8.0];
    let shares = [0.2, 0.4, 0.6, 0.8];
    let c = criterion;
    family(c, "inverse Gaussian, user-written", scales.map(|m| InverseGaussian::new(m, 3.0 * m).unwrap()), ROWS);
    family(c, "Bernoulli", shares.map(|p| Bernoulli::new(p).unwrap()), ROWS);
    family(c, "beta", scales.map(|a| Beta::new(a, 4.0).unwrap()), ROWS);
    family(c, "binomial", shares.map(|p| Binomial::new(20, p).unwrap()), ROWS);
    family(c, "categorical", shares.map(|p| Categorical::new(vec![p, 0.9 - p, 0.1]).unwrap()), ROWS);
    family(c, "exponential", scales.map(|rate| Exponential::new(rate).unwrap()), ROWS);
    family(c, "gamma", scales.map(|shape| Gamma::new(shape, 0.5).unwrap()), ROWS);
    family(c, "geometric", shares.map(|p| Geometric::new(p).unwrap()), ROWS);
    family(c, "Laplace", scales.map(|m| Laplace::new(3.0 * m, m).unwrap()), ROWS);
    family(c, "log-normal", scales.map(|m| LogNormal::new(m, 0.5).unwrap()), ROWS);
    family(c, "normal", scales.map(|m| Normal::new(3.0 * m, m).unwrap()), ROWS);
    family(c, "Poisson", scales.map(|m| Poisson::new(3.0 * m).unwrap()), ROWS);
    family(c, "Poisson of large counts", scales.map(|m| Poisson::new(1e6 * m).unwrap()), ROWS);
    family(c, "uniform", scales.map(|m| Uniform::new(0.0, m).unwrap()), ROWS);
    family(c, "von Mises", scales.map(|k| VonMises::new(0.7 * k, k).unwrap()), ROWS);
    family(c, "Student t", scales.map(|m| StudentT::new(3.0 * m, 1.0, 4.0).unwrap()), ROWS / 10);
}

criterion_group!(benches, families);
criterion_main!(benches);
