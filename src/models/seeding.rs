//! k-means++ seeding: each further centre is a row drawn with probability ∝ w ‖x − nearest centre‖²
//! (Arthur & Vassilvitskii 2007), the best of 2 + ln K draws.

use rand::{Rng, RngExt};

use crate::data::{InMemory, Rows};
use crate::error::Error;
use crate::numeric::{Scalar, Sum};

/// The row numbers of K distinct centres.
///
/// # Errors
/// [`Error::TooFewRows`] if there are fewer than K distinct rows.
pub(super) fn k_means_plus_plus<F: Scalar>(
    data: &dyn InMemory<[F]>,
    k: usize,
    rng: &mut dyn Rng,
) -> Result<Vec<usize>, Error> {
    let (rows, weights) = (data.block(), data.weights());
    let weight = |n: usize| weights.map_or(1.0, |w| w[n]);
    let candidates = 2 + (k as f64).ln() as usize;
    let mut nearest: Vec<f64> = vec![f64::INFINITY; rows.len()];
    let mut chosen = Vec::with_capacity(k);
    while chosen.len() < k {
        let mass: Vec<f64> =
            nearest.iter().enumerate().map(|(n, d)| weight(n) * if d.is_finite() { *d } else { 1.0 }).collect();
        let total = mass.iter().copied().collect::<Sum>().value();
        if !(total > 0.0) {
            return Err(Error::TooFewRows { rows: chosen.len(), components: k });
        }
        // For the first centre every draw is as good as another.
        let draws = if chosen.is_empty() { 1 } else { candidates };
        let mut best: Option<(f64, usize, Vec<f64>)> = None;
        for _ in 0..draws {
            let row = draw(&mass, total, rng);
            let distances = with_centre(rows, row, &nearest);
            let cost = distances.iter().enumerate().map(|(n, d)| weight(n) * d).collect::<Sum>().value();
            if best.as_ref().is_none_or(|(least, ..)| cost < *least) {
                best = Some((cost, row, distances));
            }
        }
        let (_, row, distances) = best.expect("there is at least one draw");
        chosen.push(row);
        nearest = distances;
    }
    Ok(chosen)
}

fn draw(mass: &[f64], total: f64, rng: &mut dyn Rng) -> usize {
    let mut left = rng.random::<f64>() * total;
    for (n, m) in mass.iter().enumerate().filter(|(_, m)| **m > 0.0) {
        left -= m;
        if left < 0.0 {
            return n;
        }
    }
    // Round-off left a crumb: the last row that can be drawn.
    mass.iter().rposition(|&m| m > 0.0).unwrap_or(0)
}

/// min(nearest, ‖x − centre‖²) of each row.
fn with_centre<F: Scalar>(rows: Rows<'_, F>, centre: usize, nearest: &[f64]) -> Vec<f64> {
    let centre = rows.row(centre);
    let distance = |row: &[F]| -> f64 { row.iter().zip(centre).map(|(x, c)| (x.widen() - c.widen()).powi(2)).sum() };
    rows.iter().zip(nearest).map(|(row, &old)| old.min(distance(row))).collect()
}
