//! Times one fit that other programs can run too: the same rows, the same start, the same number of iterations.
//!
//! `cargo bench --bench workload -- BASE [THREADS [REPEATS [f32]]]` reads BASE.json (kind, n, d, k, its, init) and BASE.f64 (rows of
//! little-endian doubles) and prints one line of JSON: seconds an iteration, and the objective at the last θ.
//! `benches/README.md` says how to make such files and how to run the others beside it.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark may panic")]

use std::time::Instant;

use marginal::components::Gaussians;
use marginal::conditionals::Regressions;
use marginal::data::Dataset;
use marginal::distributions::Independent;
use marginal::distributions::{Column, Estimate};
use marginal::em::Acceleration;
use marginal::latent::LatentModel;
use marginal::models::EmptyCluster;
use marginal::models::{Centroids, ConditionalMixture};
use marginal::numeric::Scalar;
use marginal::prelude::*;
use serde_json::Value;

struct Workload {
    head: Value,
    values: Vec<f64>,
    repeats: usize,
}

impl Workload {
    fn number(&self, name: &str) -> usize {
        self.head[name].as_u64().unwrap() as usize
    }

    fn init(&self, name: &str) -> Vec<f64> {
        numbers(&self.head["init"][name])
    }

    /// Runs the iterations several times from one start.
    fn time<M, D>(&self, model: &M, data: &D, start: &M::Parameters)
    where
        M: LatentModel,
        M::Parameters: Send,
        D: Dataset<M::Observation> + ?Sized,
    {
        let iterations = self.number("its");
        let em = Em::default().max_iterations(iterations).tolerance(-1.0).acceleration(Acceleration::None);
        let mut seconds = Vec::new();
        let mut objective = 0.0;
        for _ in 0..self.repeats {
            let clock = Instant::now();
            objective = em.fit_from(model, data, start.clone()).unwrap().objective;
            seconds.push(clock.elapsed().as_secs_f64() / iterations as f64);
        }
        seconds.sort_by(f64::total_cmp);
        let (median, least) = (seconds[seconds.len() / 2], seconds[0]);
        println!("{}", serde_json::json!({ "seconds": median, "least": least, "objective": objective }));
    }

    fn time_chain<D, S>(&self, emissions: Vec<D>, sequences: &S)
    where
        D: Estimate,
        HiddenMarkovModel<Vec<D>>: LatentModel<Parameters = HiddenMarkovModel<Vec<D>>>,
        S: Dataset<<HiddenMarkovModel<Vec<D>> as LatentModel>::Observation> + ?Sized,
    {
        let (start, transitions) = (self.init("start"), self.init("trans"));
        let rows: Vec<&[f64]> = transitions.chunks(start.len()).collect();
        let model = HiddenMarkovModel::new(&start, &rows, emissions).unwrap();
        self.time(&model, sequences, &model);
    }

    fn run<F: Scalar>(&self) {
        let (d, k) = (self.number("ncol"), self.number("k"));
        let rows = Table::<F>::from_values(self.values.iter().map(|&x| F::nearest(x)).collect(), d).unwrap();
        match self.head["kind"].as_str().unwrap() {
            "gmm" => {
                let shape = self.head["init"]["cov"].as_str().unwrap();
                let covariance = if shape == "full" { Covariance::Full } else { Covariance::Diagonal };
                let (means, variances) = (self.init("means"), self.init("covars_diag"));
                let normal = |(mean, variances): (&[f64], &[f64])| match covariance {
                    Covariance::Full => {
                        let entry = |ij: usize| if ij / d == ij % d { variances[ij / d] } else { 0.0 };
                        MultivariateNormal::new(mean.to_vec(), &(0..d * d).map(entry).collect::<Vec<_>>()).unwrap()
                    }
                    _ => MultivariateNormal::diagonal(mean.to_vec(), variances).unwrap(),
                };
                let components =
                    means.chunks(d).zip(variances.chunks(d)).map(normal).map(MultivariateNormal::over::<F>);
                let components = Gaussians::new(components.collect()).unwrap();
                let start = Mixture::new(self.init("weights"), components).unwrap();
                self.time(&GaussianMixture::new(k).covariance(covariance).over::<F>(), &rows, &start);
            }
            "kmeans" | "kmeans_pp" => {
                let centres = Centroids::new(Table::from_values(self.init("means"), d).unwrap()).unwrap();
                let model = KMeans::new(k).empty_cluster(EmptyCluster::Relocate).over::<F>();
                self.time(&model, &rows, &centres);
            }
            "poisson" => {
                let counts: Vec<u64> = self.values.iter().map(|&x| x as u64).collect();
                let components = self.init("rates").into_iter().map(|rate| Poisson::new(rate).unwrap());
                let mixture = Mixture::new(self.init("weights"), components.collect::<Vec<_>>()).unwrap();
                self.time(&mixture, &counts, &mixture);
            }
            "regmix" => {
                let (coefficients, deviations) = (self.init("coef"), self.init("sigma"));
                let line = |(line, deviation): (&[f64], &f64)| {
                    LinearGaussian::<[f64]>::new(line[0], &line[1..], *deviation).unwrap()
                };
                let lines = coefficients.chunks(d).zip(&deviations).map(line).collect();
                let mixture = ConditionalMixture::new(self.init("weights"), Regressions::new(lines).unwrap()).unwrap();
                let rows = Table::from_values(self.values.clone(), d).unwrap();
                self.time(&mixture, &rows, &mixture);
            }
            "lca" => {
                let probabilities = &self.head["init"]["probs"];
                let column = |c: usize, z: usize| Categorical::new(numbers(&probabilities[c][z])).unwrap();
                let component = |z: usize| {
                    let columns = (0..d).map(|c| Column::from(column(c, z))).collect();
                    Independent::new(columns).unwrap()
                };
                let mixture = Mixture::new(self.init("weights"), (0..k).map(component).collect::<Vec<_>>()).unwrap();
                let rows = Table::from_values(self.values.clone(), d).unwrap();
                self.time(&mixture, &rows, &mixture);
            }
            "ghmm" => {
                let normal = |(mean, variances): (&[f64], &[f64])| {
                    MultivariateNormal::diagonal(mean.to_vec(), variances).unwrap().over::<F>()
                };
                let (means, variances) = (self.init("means"), self.init("covars_diag"));
                let emissions = means.chunks(d).zip(variances.chunks(d)).map(normal).collect();
                let length = self.number("length") * d;
                let sequence = |values: &[F]| Table::from_values(values.to_vec(), d).unwrap();
                let sequences: Vec<Table<F>> = rows.rows().values().chunks(length).map(sequence).collect();
                self.time_chain(emissions, &sequences);
            }
            "chmm" => {
                let (levels, probabilities) = (self.number("levels"), self.init("emission"));
                let emissions = probabilities.chunks(levels).map(|p| Categorical::new(p.to_vec()).unwrap());
                let sequences: Vec<Vec<usize>> = self
                    .values
                    .chunks(self.number("length"))
                    .map(|values| values.iter().map(|&x| x as usize).collect())
                    .collect();
                self.time_chain(emissions.collect(), &sequences);
            }
            other => panic!("no workload of the kind {other}"),
        }
    }
}

/// All numbers of nested arrays, in order.
fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        value => vec![value.as_f64().unwrap()],
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let Some(base) = arguments.first() else { return };
    let number = |n: usize, default: usize| arguments.get(n).map_or(default, |a| a.parse().unwrap());
    rayon::ThreadPoolBuilder::new().num_threads(number(1, 1)).build_global().unwrap();
    let head = serde_json::from_str(&std::fs::read_to_string(format!("{base}.json")).unwrap()).unwrap();
    let bytes = std::fs::read(format!("{base}.f64")).unwrap();
    let values = bytes.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect();
    let workload = Workload { head, values, repeats: number(2, 3) };
    if arguments.get(3).is_some_and(|scalar| scalar == "f32") { workload.run::<f32>() } else { workload.run::<f64>() }
}
