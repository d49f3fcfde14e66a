//! A regular grid over a box, and which of its cells a point lies in: a few flops along each axis, without a branch.

use super::nearest_candidates::Bounds;

/// Adding 1.5 · 2⁵² leaves the nearest integer in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// A box, halved so many times along each axis. The outermost cells also hold what lies beyond it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grid<const D: usize> {
    low: [f64; D],
    /// 2^halvings cells along each axis.
    halvings: [u32; D],
    /// Of a cell, along each axis; and its reciprocal, 0 where there is but one cell.
    width: [f64; D],
    scale: [f64; D],
    /// By how much round-off can lead a point out of its cell, and more.
    slack: [f64; D],
}

impl<const D: usize> Grid<D> {
    /// At least so many cells, as near to cubes as halving the box can make them; fewer where they would be no wider than
    /// round-off. No point asked for lies outside of `outer`.
    pub(crate) fn over(inner: &Bounds<D>, outer: &Bounds<D>, cells: usize) -> Self {
        let mut grid = Self {
            low: inner.map(|(low, _)| low),
            halvings: [0; D],
            width: inner.map(|(low, high)| high - low),
            scale: [0.0; D],
            slack: outer.map(|(low, high)| 4.0 * f64::EPSILON * low.abs().max(high.abs()) + f64::MIN_POSITIVE),
        };
        let width = |grid: &Self, d: usize| if grid.width[d] > 16.0 * grid.slack[d] { grid.width[d] } else { 0.0 };
        while grid.cells() < cells {
            let widest = (0..D).fold(0, |best, d| if width(&grid, d) > width(&grid, best) { d } else { best });
            if width(&grid, widest) == 0.0 {
                break;
            }
            grid.width[widest] *= 0.5;
            grid.halvings[widest] += 1;
        }
        for d in (0..D).filter(|&d| grid.halvings[d] > 0) {
            grid.scale[d] = 1.0 / grid.width[d];
            grid.slack[d] += 1e-6 * grid.width[d];
        }
        grid
    }

    pub(crate) fn halvings(&self) -> [u32; D] {
        self.halvings
    }

    pub(crate) fn cells(&self) -> usize {
        1 << self.halvings.iter().sum::<u32>()
    }

    /// The number of the cell at a place along each axis.
    pub(crate) fn number(&self, place: &[u32; D]) -> u32 {
        place.iter().zip(&self.halvings).fold(0, |number, (i, halvings)| (number << halvings) + i)
    }

    /// The number of the cell in which a point lies: (x − low) / width, rounded down, along each axis.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "inside a kernel it must be compiled for the kernel's instruction set")]
    pub(crate) fn cell_of(&self, point: &[f64; D]) -> u32 {
        let mut number = 0;
        for (d, x) in point.iter().enumerate() {
            let last = f64::from((1u32 << self.halvings[d]) - 1);
            let place = (x - self.low[d]) * self.scale[d] - 0.5;
            let place = if place > 0.0 { place } else { 0.0 };
            let place = if place < last { place } else { last };
            number = (number << self.halvings[d]) + (place + ROUND).to_bits() as u32;
        }
        number
    }

    /// Where the points of 2^b cells from a place on along each axis can lie, given that none lies outside of `outer`.
    ///
    /// Three roundings on the way to a place are less than 2⁻⁵⁰ of it, a millionth of a cell as long as there are fewer
    /// than 2³⁰ along an axis; the rounding of the bound itself is 2⁻⁵² of the coordinates.
    pub(crate) fn bounds(&self, first: &[u32; D], halvings: &[u32; D], outer: &Bounds<D>) -> Bounds<D> {
        std::array::from_fn(|d| {
            let end = first[d] + (1 << halvings[d]);
            let edge = |place: u32| self.low[d] + f64::from(place) * self.width[d];
            let low = if first[d] > 0 { edge(first[d]) - self.slack[d] } else { outer[d].0 };
            let high = if end < 1 << self.halvings[d] { edge(end) + self.slack[d] } else { outer[d].1 };
            (low, high)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_lies_within_the_bounds_of_its_cell() {
        for (offset, width) in [(0.0, 1.0), (1e8, 1e-3), (-1e300, 1e299), (1e8, 1e-6), (0.0, 0.0), (3.0, 0.0)] {
            let inner = [(offset, offset + width), (-1.0, 1.0)];
            let outer = inner.map(|(low, high)| (low - (high - low), high + (high - low)));
            let grid = Grid::over(&inner, &outer, 1000);
            assert!((1000..2048).contains(&grid.cells()));
            for n in 0..10_000 {
                let at = |(low, high): (f64, f64), share: f64| (low + share * (high - low)).clamp(low, high);
                let point = [at(outer[0], f64::from(n * 7919 % 1001) / 1000.0), at(outer[1], f64::from(n) / 1e4)];
                let cell = grid.cell_of(&point);
                let place = [cell >> grid.halvings[1], cell & ((1 << grid.halvings[1]) - 1)];
                assert_eq!(grid.number(&place), cell);
                for ((low, high), x) in grid.bounds(&place, &[0, 0], &outer).iter().zip(point) {
                    assert!(*low <= x && x <= *high, "{x} is not in [{low}, {high}]");
                }
            }
        }
    }

    #[test]
    fn a_point_has_one_cell() {
        assert_eq!(Grid::over(&[(5.0, 5.0)], &[(5.0, 5.0)], 100).cells(), 1);
        assert_eq!(Grid::over(&[(0.0, 0.0)], &[(0.0, 0.0)], 100).cells(), 1);
    }
}
