//! k-means++ seeding: each further centre is a row drawn with probability ∝ w ‖x − nearest centre‖²
//! (Arthur & Vassilvitskii 2007), the best of 2 + ln K draws.

use std::collections::HashSet;

use rand::{Rng, RngExt};

use crate::data::{InMemory, Rows, fold_in_batches};
use crate::error::Error;
use crate::numeric::centres::further_centre::{add_costs, approach};
use crate::numeric::tile::{ROWS, transpose};
use crate::numeric::{Scalar, Sum};

/// How many rows a start of K components looks at.
pub(crate) fn sample_size(k: usize) -> usize {
    k.saturating_mul(50).max(10_000)
}

/// The row numbers of K distinct centres.
///
/// # Errors
/// [`Error::TooFewRows`] if there are fewer than K distinct rows, [`Error::Range`] if there are, but their distances
/// vanish beside others.
pub(crate) fn k_means_plus_plus<F: Scalar>(
    data: &dyn InMemory<[F]>,
    k: usize,
    rng: &mut dyn Rng,
) -> Result<Vec<usize>, Error> {
    let rows = data.block();
    if k > rows.len() {
        return Err(indistinct(rows, k));
    }
    let mut tiles = Tiles::new(rows, data.weights());
    let candidates = 2 + (k as f64).ln() as usize;
    let mut chosen = Vec::with_capacity(k);
    while chosen.len() < k {
        let masses = tiles.masses();
        let total = masses.iter().copied().collect::<Sum>().value();
        if !(total > 0.0) {
            return Err(indistinct(rows, k));
        }
        // For the first centre every draw is as good as another.
        let draws = if chosen.is_empty() { 1 } else { candidates };
        let drawn: Vec<usize> = (0..draws).map(|_| tiles.draw(&masses, total, rng)).collect();
        let centre = |row: usize| rows.row(row).iter().map(|x| x.widen());
        let costs = tiles.costs(&drawn.iter().flat_map(|&row| centre(row)).collect::<Vec<f64>>(), draws)?;
        let best = (0..draws).reduce(|a, b| if costs[b] < costs[a] { b } else { a }).unwrap_or(0);
        tiles.approach(&centre(drawn[best]).collect::<Vec<f64>>());
        chosen.push(drawn[best]);
    }
    Ok(chosen)
}

/// The rows, transposed tile by tile, and how far each is from its nearest centre.
struct Tiles {
    dimension: usize,
    tiles: Vec<f64>,
    /// 0 beyond the last row.
    weights: Vec<f64>,
    /// ‖x − nearest centre‖²; ∞ while there is none.
    nearest: Vec<f64>,
}

impl Tiles {
    fn new<F: Scalar>(rows: Rows<'_, F>, weights: Option<&[f64]>) -> Self {
        let (dimension, length) = (rows.columns(), rows.len().next_multiple_of(ROWS));
        let mut tiles = vec![0.0; length * dimension];
        let size = ROWS * dimension;
        for (tile, values) in tiles.chunks_exact_mut(size.max(1)).zip(rows.values().chunks(size.max(1))) {
            transpose(values, dimension, tile);
        }
        let mut weights = weights.map_or_else(|| vec![1.0; rows.len()], <[f64]>::to_vec);
        weights.resize(length, 0.0);
        Self { dimension, tiles, weights, nearest: vec![f64::INFINITY; length] }
    }

    fn each(&self) -> impl Iterator<Item = (&[f64], &[f64])> {
        self.nearest.chunks_exact(ROWS).zip(self.weights.chunks_exact(ROWS))
    }

    /// Σ w ‖x − nearest centre‖² of each tile; Σ w while there is no centre.
    fn masses(&self) -> Vec<f64> {
        let of_tile = |(nearest, weights): (&[f64], &[f64])| nearest.iter().zip(weights).map(mass).sum();
        self.each().map(of_tile).collect()
    }

    /// A row, with a probability in proportion to its mass.
    fn draw(&self, masses: &[f64], total: f64, rng: &mut dyn Rng) -> usize {
        let mut left = rng.random::<f64>() * total;
        let mut last = 0;
        for (tile, of_tile) in masses.iter().enumerate().filter(|(_, mass)| **mass > 0.0) {
            last = tile;
            if left < *of_tile {
                break;
            }
            left -= of_tile;
        }
        let rows = last * ROWS..(last + 1) * ROWS;
        let mut drawn = rows.start;
        for n in rows {
            let mass = mass((&self.nearest[n], &self.weights[n]));
            if mass > 0.0 {
                // Round-off may leave a crumb: then it is the last row that can be drawn.
                drawn = n;
                left -= mass;
                if left < 0.0 {
                    break;
                }
            }
        }
        drawn
    }

    /// Σ w min(‖x − nearest centre‖², ‖x − c‖²) for each of some candidates.
    fn costs(&self, candidates: &[f64], count: usize) -> Result<Vec<f64>, Error> {
        let size = ROWS * self.dimension;
        fold_in_batches(
            self.nearest.len() / ROWS,
            1,
            &vec![0.0; count],
            || (),
            |(), tiles, costs| {
                for tile in tiles {
                    let rows = tile * ROWS..(tile + 1) * ROWS;
                    let values = &self.tiles[tile * size..(tile + 1) * size];
                    add_costs(values, candidates, &self.nearest[rows.clone()], &self.weights[rows], costs);
                }
                Ok(())
            },
        )
    }

    fn approach(&mut self, centre: &[f64]) {
        let tiles = self.tiles.chunks_exact((ROWS * self.dimension).max(1));
        tiles.zip(self.nearest.chunks_exact_mut(ROWS)).for_each(|(tile, nearest)| approach(tile, centre, nearest));
    }
}

/// w ‖x − nearest centre‖², or w.
fn mass((nearest, weight): (&f64, &f64)) -> f64 {
    match *weight {
        w if !(w > 0.0) => 0.0,
        w if nearest.is_finite() => w * nearest,
        w => w,
    }
}

/// Why K rows of positive distance to each other cannot be found: there are fewer distinct ones, or the column of the
/// widest range leaves no digits for the rest.
pub(crate) fn indistinct<F: Scalar>(rows: Rows<'_, F>, k: usize) -> Error {
    // 0 and −0 are one value.
    let bits = |row: &[F]| row.iter().map(|x| (x.widen() + 0.0).to_bits()).collect::<Vec<u64>>();
    let distinct = rows.iter().map(bits).collect::<HashSet<_>>().len();
    if distinct < k {
        return Error::TooFewRows { rows: distinct, components: k };
    }
    let ranges = (0..rows.columns()).map(|column| (column, range(rows, column)));
    let widest = ranges.max_by(|(_, a), (_, b)| (a.1 - a.0).total_cmp(&(b.1 - b.0)));
    let (column, (least, greatest)) = widest.expect("rows have columns");
    Error::Range { column, least, greatest }
}

/// The least and the greatest value of a column.
pub(crate) fn range<F: Scalar>(rows: Rows<'_, F>, column: usize) -> (f64, f64) {
    let values = rows.iter().map(|row| row[column].widen());
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, greatest), x| (least.min(x), greatest.max(x)))
}
