//! k-means++ seeding: each further centre is a row drawn with probability ∝ w ‖x − nearest centre‖²
//! (Arthur & Vassilvitskii 2007), the best of 2 + ln K draws.

use rand::{Rng, RngExt};

use crate::data::{InMemory, Rows};
use crate::error::Error;
use crate::numeric::{Scalar, Sum};

/// The row numbers of K distinct centres.
///
/// # Errors
/// [`Error::TooFewRows`] if there are fewer than K distinct rows, [`Error::Range`] if there are, but their distances
/// vanish beside others.
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
            return Err(indistinct(rows, k));
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

/// Why K rows of positive distance to each other cannot be found: there are fewer distinct ones, or the column of the
/// widest range leaves no digits for the rest.
pub(super) fn indistinct<F: Scalar>(rows: Rows<'_, F>, k: usize) -> Error {
    let mut distinct: Vec<&[F]> = Vec::with_capacity(k);
    for row in rows.iter() {
        if distinct.len() < k && !distinct.contains(&row) {
            distinct.push(row);
        }
    }
    if distinct.len() < k {
        return Error::TooFewRows { rows: distinct.len(), components: k };
    }
    let ranges = (0..rows.columns()).map(|column| (column, range(rows, column)));
    let widest = ranges.max_by(|(_, a), (_, b)| (a.1 - a.0).total_cmp(&(b.1 - b.0)));
    let (column, (least, greatest)) = widest.expect("rows have columns");
    Error::Range { column, least, greatest }
}

/// The least and the greatest value of a column.
pub(super) fn range<F: Scalar>(rows: Rows<'_, F>, column: usize) -> (f64, f64) {
    let values = rows.iter().map(|row| row[column].widen());
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, greatest), x| (least.min(x), greatest.max(x)))
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
