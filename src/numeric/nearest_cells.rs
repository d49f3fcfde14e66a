//! The nearest of many centres in few dimensions: space is cut into cells, each with the centres that may be nearest in
//! it, so that a row asks only those.
//!
//! A box drops a centre c for the one nearest to its middle, z, when every point of the box is nearer to z
//! (Kanungo, Mount, Netanyahu, Piatko, Silverman & Wu 2002); where the sums of squares could round the other way it keeps
//! it. The cells are the leaves of a complete binary tree of boxes, in one array, so that finding a cell is a fixed number
//! of comparisons without a branch: bound by their latency, which the rows of a tile share.

use super::tile::ROWS;

/// More have no kernel.
pub const MOST_DIMENSIONS: usize = 4;

/// Cells, and who may be nearest in them.
#[derive(Debug)]
pub struct Cells {
    dimension: usize,
    depth: usize,
    /// Where all of the space that is divided begins and ends, along each axis.
    bounds: Vec<(f64, f64)>,
    /// At node i, whose children are 2i + 1 and 2i + 2: x_axis > split goes right.
    splits: Vec<(f64, usize)>,
    /// Where the candidates of each leaf begin, and where those of the last end.
    starts: Vec<u32>,
    candidates: Vec<u32>,
    centres: Vec<f64>,
}

impl Cells {
    /// About eight cells for each centre (of D numbers, row-major); `None` if the space that they span is not finite.
    pub fn new(centres: &[f64], dimension: usize) -> Option<Self> {
        let count = u32::try_from(centres.len() / dimension).ok()?;
        let depth = count.max(1).ilog2() as usize + 3;
        let bounds = surroundings(centres, dimension)?;
        let mut cells = Self {
            dimension,
            depth,
            bounds: bounds.clone(),
            splits: vec![(f64::INFINITY, 0); (1 << depth) - 1],
            starts: Vec::with_capacity((1 << depth) + 1),
            candidates: Vec::new(),
            centres: centres.to_vec(),
        };
        let mut region = Region { bounds, candidates: (0..count).collect(), along: Vec::new() };
        cells.divide(0, 0, &mut region);
        cells.starts.push(u32::try_from(cells.candidates.len()).ok()?);
        Some(cells)
    }

    /// Divides the box of a node, whose candidates begin at `first`, down to the leaves.
    fn divide(&mut self, node: usize, first: usize, region: &mut Region) {
        if node >= self.splits.len() {
            self.starts.push(self.candidates.len() as u32);
            self.candidates.extend(&region.candidates[first..]);
            return;
        }
        let (split, axis) = self.cut(first, region);
        self.splits[node] = (split, axis);
        let (whole, last) = (region.bounds[axis], region.candidates.len());
        for (child, part) in [(2 * node + 1, (whole.0, split)), (2 * node + 2, (split, whole.1))] {
            region.bounds[axis] = part;
            self.keep_nearest_somewhere(first..last, region);
            self.divide(child, last, region);
            region.candidates.truncate(last);
        }
        region.bounds[axis] = whole;
    }

    /// The centre nearest to each row, the first of equals; 0 where no distance is a number.
    pub fn nearest(&self, rows: &[f64], label: &mut [u64; ROWS]) {
        // The dimension as a constant unrolls the loops over it.
        match self.dimension {
            1 => self.nearest_of::<1>(rows.as_chunks().0, label),
            2 => self.nearest_of::<2>(rows.as_chunks().0, label),
            3 => self.nearest_of::<3>(rows.as_chunks().0, label),
            _ => self.nearest_of::<4>(rows.as_chunks().0, label),
        }
    }

    fn nearest_of<const D: usize>(&self, rows: &[[f64; D]], label: &mut [u64; ROWS]) {
        let (centres, _) = self.centres.as_chunks::<D>();
        let mut node = [0; ROWS];
        for _ in 0..self.depth {
            for (node, row) in node.iter_mut().zip(rows) {
                let (split, axis) = self.splits[*node];
                *node = 2 * *node + 1 + usize::from(row[axis] > split);
            }
        }
        let leaves = (1 << self.depth) - 1;
        for ((node, row), label) in node.iter().zip(rows).zip(label) {
            let inside = row.iter().zip(&self.bounds).all(|(x, (low, high))| low <= x && x <= high);
            let mut best = (f64::INFINITY, 0);
            let mut ask = |k: usize| {
                let mut square = 0.0;
                for d in 0..D {
                    square += (row[d] - centres[k][d]) * (row[d] - centres[k][d]);
                }
                best = if square < best.0 { (square, k) } else { best };
            };
            if inside {
                let leaf = node - leaves;
                let own = self.starts[leaf] as usize..self.starts[leaf + 1] as usize;
                self.candidates[own].iter().for_each(|k| ask(*k as usize));
            } else {
                (0..centres.len()).for_each(ask);
            }
            *label = best.1 as u64;
        }
    }

    fn centre(&self, k: u32) -> &[f64] {
        &self.centres[k as usize * self.dimension..][..self.dimension]
    }

    /// Where a box is cut: between the centres in it, if there are several, else through its middle.
    fn cut(&self, first: usize, region: &mut Region) -> (f64, usize) {
        let Region { bounds, candidates, along } = region;
        let within = |c: &[f64]| c.iter().zip(bounds.iter()).all(|(c, (low, high))| low <= c && c <= high);
        let mut own = 0;
        let mut ranges = [(f64::INFINITY, f64::NEG_INFINITY); MOST_DIMENSIONS];
        for centre in candidates[first..].iter().map(|&k| self.centre(k)).filter(|c| within(c)) {
            own += 1;
            ranges.iter_mut().zip(centre).for_each(|(range, &c)| *range = (range.0.min(c), range.1.max(c)));
        }
        let ranges = if own > 1 { &ranges[..self.dimension] } else { &bounds[..] };
        let width = |d: &usize| ranges[*d].1 - ranges[*d].0;
        let axis = (0..self.dimension).max_by(|a, b| width(a).total_cmp(&width(b))).unwrap_or(0);
        let (low, high) = bounds[axis];
        if own < 2 {
            return (0.5 * (low + high), axis);
        }
        along.clear();
        along.extend(candidates[first..].iter().map(|&k| self.centre(k)).filter(|c| within(c)).map(|c| c[axis]));
        let (below, middle, _) = along.select_nth_unstable_by(own / 2, f64::total_cmp);
        (0.5 * (below.iter().copied().fold(f64::NEG_INFINITY, f64::max) + *middle), axis)
    }

    /// Appends those of the candidates that may be nearest to some point of the box.
    fn keep_nearest_somewhere(&self, among: std::ops::Range<usize>, region: &mut Region) {
        let Region { bounds, candidates, .. } = region;
        let mut nearest = (f64::INFINITY, candidates[among.start]);
        for &k in &candidates[among.clone()] {
            let mut square = 0.0;
            for (c, (low, high)) in self.centre(k).iter().zip(bounds.iter()) {
                square += (c - 0.5 * (low + high)).powi(2);
            }
            nearest = if square < nearest.0 { (square, k) } else { nearest };
        }
        let z = self.centre(nearest.1);
        // Each sum of squares is off by (D + 2) ε/2 of itself.
        let slack = 2.0 * (self.dimension + 4) as f64 * f64::EPSILON;
        for at in among {
            let k = candidates[at];
            // ‖x − c‖² − ‖x − z‖² is linear in x: it is least at a corner.
            let (mut least, mut sizes) = (0.0, 0.0);
            for ((c, z), &(low, high)) in self.centre(k).iter().zip(z).zip(bounds.iter()) {
                let corner = if z > c { low } else { high };
                least += (corner - c).powi(2) - (corner - z).powi(2);
                let largest = |c: f64| (low - c).powi(2).max((high - c).powi(2));
                sizes += largest(*c) + largest(*z);
            }
            if !(least > slack * sizes + f64::MIN_POSITIVE) {
                candidates.push(k);
            }
        }
    }
}

/// A box on the way down, with the candidates of all boxes above it, one after the other.
struct Region {
    bounds: Vec<(f64, f64)>,
    candidates: Vec<u32>,
    along: Vec<f64>,
}

/// The box of all centres, three times as wide along each axis; `None` where that is not finite.
fn surroundings(centres: &[f64], dimension: usize) -> Option<Vec<(f64, f64)>> {
    let of_axis = |d: usize| {
        let along = centres.iter().skip(d).step_by(dimension);
        let (low, high) = along.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &c| (c.min(low), c.max(high)));
        let around = (low - (high - low), high + (high - low));
        (around.1 - around.0).is_finite().then_some(around)
    };
    (0..dimension).map(of_axis).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::Xoshiro256PlusPlus;
    use rand::{RngExt, SeedableRng};

    fn first_nearest(row: &[f64], centres: &[f64]) -> u64 {
        let square = |c: &[f64]| -> f64 { row.iter().zip(c).map(|(x, c)| (x - c) * (x - c)).sum() };
        let mut best = (f64::INFINITY, 0);
        for (k, centre) in centres.chunks_exact(row.len()).enumerate() {
            best = if square(centre) < best.0 { (square(centre), k as u64) } else { best };
        }
        best.1
    }

    #[test]
    fn the_first_nearest_is_found_wherever_the_row_lies() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        for dimension in 1..=4 {
            for k in [1, 2, 3, 17, 200] {
                for grid in [false, true] {
                    // On a grid ties are frequent, and many centres are alike.
                    let mut number = |scale: f64| {
                        let x = scale * (2.0 * rng.random::<f64>() - 1.0);
                        if grid { x.round() } else { x + 1e6 }
                    };
                    let centres: Vec<f64> = (0..k * dimension).map(|_| number(4.0)).collect();
                    let cells = Cells::new(&centres, dimension).unwrap();
                    for scale in [1.0, 4.0, 20.0] {
                        let rows: Vec<f64> = (0..ROWS * dimension).map(|_| number(scale)).collect();
                        let mut label = [0; ROWS];
                        cells.nearest(&rows, &mut label);
                        for (row, label) in rows.chunks_exact(dimension).zip(label) {
                            assert_eq!(label, first_nearest(row, &centres), "{row:?} among {centres:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn few_centres_are_asked() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
        let centres: Vec<f64> = (0..2000).map(|_| rng.random::<f64>()).collect();
        let cells = Cells::new(&centres, 2).unwrap();
        let of_cell = cells.candidates.len() as f64 / f64::from(1u32 << cells.depth);
        assert!(of_cell < 8.0, "{of_cell} of 1000");
    }

    #[test]
    fn what_is_not_finite_is_not_divided() {
        assert!(Cells::new(&[1e308, -1e308], 1).is_none());
        let cells = Cells::new(&[0.0, 1.0], 1).unwrap();
        let mut label = [7; ROWS];
        cells.nearest(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY], &mut label);
        assert_eq!(label[..3], [0; 3]);
    }
}
