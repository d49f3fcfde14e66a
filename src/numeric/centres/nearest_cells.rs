//! The nearest of many centres in few dimensions: space is cut into cells, each with the centres that may be nearest in
//! it, so that a row asks only those.
//!
//! The cells are those of a regular grid, so that a row's is found by arithmetic; one in which many centres crowd has a
//! grid of its own. The rows of a tile are asked in the order of how many candidates they have, so that the processor
//! foresees when a list ends: bound by the loads of the candidates, about 5 D instructions each.

use super::nearest_candidates::{Bounds, keep_nearest_somewhere};
use super::nearest_grid::Grid;
use crate::numeric::simd::vectorised;
use crate::numeric::tile::ROWS;

/// More have no kernel.
pub(crate) const MOST_DIMENSIONS: usize = 4;
/// Cells of a grid for each centre in it.
const CELLS: usize = 16;
/// A cell with more candidates is divided, if several centres lie in it.
const CANDIDATES: usize = 12;
/// Grids in a cell of grids.
const NESTED: usize = 8;
/// Lists of as many candidates or more are asked last, in any order.
const LENGTHS: usize = 16;

/// Cells, and who may be nearest in them.
#[derive(Debug)]
pub(crate) enum Cells {
    /// Of a line.
    One(Division<1>),
    /// Of a plane.
    Two(Division<2>),
    /// Of space.
    Three(Division<3>),
    /// Of four dimensions.
    Four(Division<4>),
}

impl Cells {
    /// Cells for centres (of D ≤ 4 numbers, row-major); `None` if the space that they span is not finite.
    pub(crate) fn new(centres: &[f64], dimension: usize) -> Option<Self> {
        Some(match dimension {
            1 => Self::One(Division::new(centres.as_chunks().0)?),
            2 => Self::Two(Division::new(centres.as_chunks().0)?),
            3 => Self::Three(Division::new(centres.as_chunks().0)?),
            _ => Self::Four(Division::new(centres.as_chunks().0)?),
        })
    }
}

vectorised! {
    /// The centre nearest to each of at most [`ROWS`] rows (row-major), the first of equals; 0 where no distance is a
    /// number.
    pub(crate) fn nearest_in_cells(rows: &[f64], cells: &Cells, label: &mut [u64; ROWS]) = body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn body<const REGISTER: usize>(rows: &[f64], cells: &Cells, label: &mut [u64; ROWS]) {
    match cells {
        Cells::One(division) => division.nearest(rows.as_chunks().0, label),
        Cells::Two(division) => division.nearest(rows.as_chunks().0, label),
        Cells::Three(division) => division.nearest(rows.as_chunks().0, label),
        Cells::Four(division) => division.nearest(rows.as_chunks().0, label),
    }
}

/// A grid of cells, some of which have a grid of their own, and so on.
#[derive(Debug)]
pub(crate) struct Division<const D: usize> {
    /// Where all of the space that is divided begins and ends.
    bounds: Bounds<D>,
    /// Each with the number of its first cell.
    grids: Vec<(Grid<D>, u32)>,
    cells: Vec<Cell>,
    /// First all centres, for the rows beyond the bounds.
    candidates: Vec<u32>,
    centres: Vec<[f64; D]>,
}

/// Where the candidates of a cell begin and how many they are; if none, the first number is that of its grid.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    first: u32,
    count: u32,
}

/// Cells of one grid, side by side: 2^halvings from a place on along each axis.
struct Part<const D: usize> {
    grid: usize,
    outer: Bounds<D>,
    place: [u32; D],
    halvings: [u32; D],
    nested: usize,
}

impl<const D: usize> Division<D> {
    fn new(centres: &[[f64; D]]) -> Option<Self> {
        let count = u32::try_from(centres.len()).ok().filter(|&count| count < 1 << 24)?;
        let of_axis = |d: usize| {
            let along = centres.iter().map(|c| c[d]);
            along.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), c| (c.min(low), c.max(high)))
        };
        let inner: Bounds<D> = std::array::from_fn(of_axis);
        let bounds = inner.map(|(low, high)| (low - 0.5 * (high - low), high + 0.5 * (high - low)));
        if !bounds.iter().all(|(low, high)| (high - low).is_finite()) {
            return None;
        }
        let (grids, cells, mut candidates) = (Vec::new(), Vec::new(), (0..count).collect());
        let mut division = Self { bounds, grids, cells, candidates: (0..count).collect(), centres: centres.to_vec() };
        let grid = Grid::over(&inner, &bounds, CELLS * centres.len());
        division.divide(grid, bounds, 0, &mut candidates, 0);
        u32::try_from(division.candidates.len().max(division.cells.len())).ok()?;
        Some(division)
    }

    /// Fills the cells of a new grid, given the candidates of its box from `first` on.
    fn divide(&mut self, grid: Grid<D>, outer: Bounds<D>, nested: usize, candidates: &mut Vec<u32>, first: usize) {
        let part = Part { grid: self.grids.len(), outer, place: [0; D], halvings: grid.halvings(), nested };
        self.grids.push((grid, self.cells.len() as u32));
        self.cells.resize(self.cells.len() + grid.cells(), Cell::default());
        self.fill(&part, candidates, first);
    }

    /// Fills the cells of a part by halves.
    fn fill(&mut self, part: &Part<D>, candidates: &mut Vec<u32>, first: usize) {
        let longest = (0..D).fold(0, |best, d| if part.halvings[d] > part.halvings[best] { d } else { best });
        if part.halvings[longest] == 0 {
            self.fill_cell(part, candidates, first);
            return;
        }
        let mut halvings = part.halvings;
        halvings[longest] -= 1;
        for half in 0..2 {
            let mut place = part.place;
            place[longest] += half << halvings[longest];
            let bounds = self.grids[part.grid].0.bounds(&place, &halvings, &part.outer);
            let last = candidates.len();
            keep_nearest_somewhere(&self.centres, &bounds, candidates, first);
            self.fill(&Part { place, halvings, ..*part }, candidates, last);
            candidates.truncate(last);
        }
    }

    fn fill_cell(&mut self, part: &Part<D>, candidates: &mut Vec<u32>, first: usize) {
        let (grid, first_cell) = self.grids[part.grid];
        let cell = (first_cell + grid.number(&part.place)) as usize;
        if candidates.len() - first > CANDIDATES && part.nested < NESTED {
            let bounds = grid.bounds(&part.place, &part.halvings, &part.outer);
            let within = |c: &[f64; D]| c.iter().zip(&bounds).all(|(c, (low, high))| low <= c && c <= high);
            let own = candidates[first..].iter().filter(|&&k| within(&self.centres[k as usize])).count();
            let finer = Grid::over(&bounds, &bounds, CELLS * own);
            if own > 1 && finer.cells() > 1 {
                self.cells[cell] = Cell { first: self.grids.len() as u32, count: 0 };
                self.divide(finer, bounds, part.nested + 1, candidates, first);
                return;
            }
        }
        self.cells[cell] = Cell { first: self.candidates.len() as u32, count: (candidates.len() - first) as u32 };
        self.candidates.extend(&candidates[first..]);
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "as above")]
    fn nearest(&self, rows: &[[f64; D]], label: &mut [u64; ROWS]) {
        let cells = self.cells_of(rows);
        for n in by_length(&cells, rows.len()).into_iter().take(rows.len()).map(usize::from) {
            let Cell { first, count } = cells[n];
            let mut best = (f64::INFINITY, 0);
            for &k in &self.candidates[first as usize..][..count as usize] {
                let mut square = 0.0;
                for (x, c) in rows[n].iter().zip(&self.centres[k as usize]) {
                    square += (x - c) * (x - c);
                }
                best = if square < best.0 { (square, k) } else { best };
            }
            label[n] = u64::from(best.1);
        }
    }

    /// The cell of each row that has candidates.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "as above")]
    fn cells_of(&self, rows: &[[f64; D]]) -> [Cell; ROWS] {
        let (mut numbers, mut inside) = ([0; ROWS], [true; ROWS]);
        for ((number, inside), row) in numbers.iter_mut().zip(&mut inside).zip(rows) {
            *number = self.grids[0].0.cell_of(row);
            for (x, (low, high)) in row.iter().zip(&self.bounds) {
                *inside &= low <= x;
                *inside &= x <= high;
            }
        }
        let mut cells = [Cell::default(); ROWS];
        for (((cell, number), inside), row) in cells.iter_mut().zip(numbers).zip(inside).zip(rows) {
            *cell = Cell { first: 0, count: self.centres.len() as u32 };
            if inside {
                *cell = self.cells[number as usize];
                while cell.count == 0 {
                    let (grid, first_cell) = &self.grids[cell.first as usize];
                    *cell = self.cells[(first_cell + grid.cell_of(row)) as usize];
                }
            }
        }
        cells
    }
}

/// The numbers of so many cells in the order of how many candidates they have.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn by_length(cells: &[Cell; ROWS], rows: usize) -> [u8; ROWS] {
    let length = |cell: &Cell| (cell.count as usize).min(LENGTHS);
    let mut ends = [0u8; LENGTHS + 1];
    cells[..rows].iter().for_each(|cell| ends[length(cell)] += 1);
    let mut sum = 0;
    for end in &mut ends {
        sum += std::mem::replace(end, sum);
    }
    let mut order = [0; ROWS];
    for (n, cell) in (0..).zip(&cells[..rows]) {
        let place = &mut ends[length(cell)];
        order[usize::from(*place) % ROWS] = n;
        *place += 1;
    }
    order
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
                        nearest_in_cells(&rows, &cells, &mut label);
                        for (row, label) in rows.chunks_exact(dimension).zip(label) {
                            assert_eq!(label, first_nearest(row, &centres), "{row:?} among {centres:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn few_centres_are_asked_even_where_they_crowd() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
        for crowded in [false, true] {
            // e^(10 x) of uniform x: most lie in a hundredth of the plane.
            let mut number = || {
                let x = rng.random::<f64>();
                if crowded { (10.0 * x).exp() } else { x }
            };
            let centres: Vec<[f64; 2]> = (0..1000).map(|_| [number(), number()]).collect();
            let rows: Vec<[f64; 2]> = (0..ROWS).map(|_| [number(), number()]).collect();
            let division = Division::new(&centres).unwrap();
            let asked: u32 = division.cells_of(&rows).iter().map(|cell| cell.count).sum();
            assert!(asked < 12 * ROWS as u32, "{asked} of 1000 for {ROWS} rows");
            assert_eq!(division.grids.len() > 1, crowded);
        }
    }

    #[test]
    fn centres_that_are_alike_are_not_divided_for_ever() {
        let mut centres = vec![1.0; 200];
        let mut label = [7; ROWS];
        nearest_in_cells(&[1.0, 2.0], &Cells::new(&centres, 1).unwrap(), &mut label);
        assert_eq!(label[..2], [0, 0]);
        centres.extend([1.0 + f64::EPSILON, 0.0, 1e9]);
        nearest_in_cells(&[1.0, 1.0 + f64::EPSILON, -1.0, 1e8], &Cells::new(&centres, 1).unwrap(), &mut label);
        assert_eq!(label[..4], [0, 200, 201, 0]);
    }

    #[test]
    fn what_is_not_finite_is_not_divided() {
        assert!(Cells::new(&[1e308, -1e308], 1).is_none());
        let cells = Cells::new(&[0.0, 1.0], 1).unwrap();
        let mut label = [7; ROWS];
        nearest_in_cells(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY], &cells, &mut label);
        assert_eq!(label[..3], [0; 3]);
    }
}
