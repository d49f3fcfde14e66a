//! Seconds an iteration from 10⁴ to 10⁷ rows: `cargo bench --features plot --bench growth` prints them and draws
//! `benches/growth.svg`, where all points lie on the diagonal if the cost is proportional to the rows, and above it where a fixed cost shows.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark may panic")]

use std::time::Instant;

use marginal::em::Acceleration;
use marginal::io::plot::agreement;
use marginal::latent::LatentModel;
use marginal::models::Centroids;
use marginal::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;

const ROWS: [usize; 4] = [10_000, 100_000, 1_000_000, 10_000_000];
const COLUMNS: usize = 4;
const COMPONENTS: usize = 8;

/// Rows about eight corners.
fn clusters(rows: usize) -> Table {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let noise = Normal::standard();
    let mut value = |n: usize, d: usize| 4.0 * ((n % COMPONENTS) >> (d % 3) & 1) as f64 + noise.sample(&mut rng);
    let values = (0..rows * COLUMNS).map(|i| value(i / COLUMNS, i % COLUMNS)).collect();
    Table::from_values(values, COLUMNS).unwrap()
}

/// The median seconds of an iteration, of as many fits as see ten million rows, at least three.
fn seconds<M: LatentModel<Observation = [f64]>>(model: &M, table: &Table, start: &M::Parameters) -> f64 {
    let iterations = 5;
    let em = Em::default().max_iterations(iterations).tolerance(-1.0).acceleration(Acceleration::None);
    let fits = (10_000_000 / (iterations * table.len())).max(3);
    let mut took: Vec<f64> = (0..fits)
        .map(|_| {
            let clock = Instant::now();
            em.fit_from(model, table, start.clone()).unwrap();
            // E-steps: one more than M-steps.
            clock.elapsed().as_secs_f64() / (iterations + 1) as f64
        })
        .collect();
    took.sort_by(f64::total_cmp);
    took[took.len() / 2]
}

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let (gaussians, centroids) = (GaussianMixture::new(COMPONENTS), KMeans::new(COMPONENTS));
    let mut groups = vec![("Gaussian mixture", Vec::new()), ("K-means", Vec::new())];
    for rows in ROWS {
        let table = clusters(rows);
        let labels: Vec<usize> = (0..rows).map(|n| n % COMPONENTS).collect();
        let start = gaussians.from_labels(&table, &labels).unwrap();
        let mut centres = Table::default();
        (0..COMPONENTS).for_each(|row| centres.push(table.row(row)).unwrap());
        let of_gaussians = seconds(&gaussians, &table, &start);
        let of_k_means = seconds(&centroids, &table, &Centroids::new(centres).unwrap());
        println!("{rows:>9} rows: Gaussian mixture {of_gaussians:.6} s, K-means {of_k_means:.6} s an iteration");
        groups[0].1.push((rows as f64, of_gaussians));
        groups[1].1.push((rows as f64, of_k_means));
    }
    for (_, points) in &mut groups {
        let (rows, seconds) = points[points.len() - 1];
        points.iter_mut().for_each(|(n, s)| (*n, *s) = ((*n / rows).log10(), (*s / seconds).log10()));
    }
    let axes = ["log10 of the rows / 10 000 000", "log10 of the seconds / those of 10 000 000 rows"];
    let picture = agreement("Cost of an iteration by number of rows", axes, &groups);
    picture.save(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/growth.svg")).unwrap();
    picture.save(std::env::temp_dir().join("growth.png")).unwrap();
}
