//! Weight, mean, and the triangular root L of the scatter Σ w (v − v̄)(v − v̄)ᵀ = L Lᵀ of v = (y, x).
//!
//! The root and not its square: what a line leaves of x is L_xx², and as a difference of squares it would lose twice as
//! many digits the better the line fits. A new row is rotated into the triangle (Golub 1965), O(D²), and the root
//! of a block column by column.

use crate::data::Statistics;
use crate::error::Error;
use crate::numeric::tile::tiles;
use crate::numeric::{GramSchmidt, LEAST_VARIANCE, pooled_mean, total};

use super::held::Held;
use super::regressors::Linear;

/// The moments of rows v = (y, x) that a regression of x on y needs.
#[derive(Clone, Debug, PartialEq)]
pub struct JointMoments {
    pub(crate) weight: f64,
    pub(crate) mean: Vec<f64>,
    /// D × D, row-major, 0 above the diagonal.
    pub(crate) root: Vec<f64>,
}

impl JointMoments {
    /// Of rows of D numbers.
    pub(crate) fn empty(dimension: usize) -> Self {
        Self { weight: 0.0, mean: vec![0.0; dimension], root: vec![0.0; dimension * dimension] }
    }

    /// Adds v = (y, x).
    pub(crate) fn add(&mut self, y: &[f64], x: f64, weight: f64) {
        let row: Vec<f64> = y.iter().copied().chain([x]).collect();
        self.move_mean(row, weight);
    }

    /// Adds rows v = (y, x), row-major, to K statistics under the weights `[k][n]`.
    ///
    /// 2 N K D (D + 2) flops along the rows of tiles that are transposed once for all K, and D + 1 rotations for each.
    pub(crate) fn add_each(statistics: &mut [&mut Self], values: &[f64], weights: &[f64]) {
        let Some(d) = statistics.first().map(|s| s.mean.len()) else { return };
        let rows = values.len() / d;
        let (tiles, mut gram_schmidt) = (tiles(values, d, weights), GramSchmidt::new(rows, d));
        for (s, weights) in statistics.iter_mut().zip(weights.chunks_exact(rows.max(1))) {
            // A row of no small weight: about a light outlier the others would lose their digits.
            let least = total(weights) / (2.0 * rows as f64);
            let Some(centre) = weights.iter().position(|w| *w > 0.0 && *w >= least) else { continue };
            match gram_schmidt.root(&tiles, weights, &values[centre * d..][..d]) {
                Some((weight, mean, root)) => s.merge(&Self { weight, mean, root }),
                None => {
                    for (v, &weight) in values.chunks_exact(d).zip(weights).filter(|(_, w)| **w > 0.0) {
                        s.add(&v[..d - 1], v[d - 1], weight);
                    }
                }
            }
        }
    }

    /// Σ w.
    pub(crate) fn weight(&self) -> f64 {
        self.weight
    }

    /// The row of L that belongs to a column of the data.
    fn root_of(&self, column: usize) -> &[f64] {
        &self.root[column * self.mean.len()..][..=column]
    }

    /// What changes when weight at `other` is added: (W w / (W + w)) δ δᵀ of scatter, δ = other − mean.
    fn move_mean(&mut self, mut other: Vec<f64>, weight: f64) {
        let total = self.weight + weight;
        let size = (self.weight * (weight / total)).sqrt();
        for (mean, other) in self.mean.iter_mut().zip(&mut other) {
            let delta = *other - *mean;
            *mean = pooled_mean((*mean, self.weight), (*other, weight));
            *other = delta * size;
        }
        self.weight = total;
        self.rotate(&mut other);
    }

    /// L Lᵀ + u uᵀ, by one rotation for each column of L.
    fn rotate(&mut self, u: &mut [f64]) {
        let d = u.len();
        for j in 0..d {
            if u[j] == 0.0 {
                continue;
            }
            let diagonal = self.root[j * d + j];
            let radius = hypotenuse(diagonal, u[j]);
            let (cosine, sine) = (diagonal / radius, u[j] / radius);
            self.root[j * d + j] = radius;
            for (i, u) in u.iter_mut().enumerate().skip(j + 1) {
                let below = self.root[i * d + j];
                self.root[i * d + j] = cosine * below + sine * *u;
                *u = cosine * *u - sine * below;
            }
        }
    }

    /// a + b·y with the least Σ w ε², ε = x − a − b·y, among the lines with the held coefficients of `old`, and
    /// √(Σ w ε²).
    ///
    /// # Errors
    /// [`Error::NoWeight`]; [`Error::Singular`] for a free column that is constant or, up to D ε of its variance, a
    /// combination of those before it; the last column is x, which is refused only where its `spread` must be estimated.
    pub(crate) fn least_squares(&self, held: &Held, old: &Linear, spread: bool) -> Result<(Linear, f64), Error> {
        if !(self.weight > 0.0) {
            return Err(Error::NoWeight { weight: self.weight });
        }
        let d = self.mean.len();
        if !held.no_coefficient() {
            let (linear, left) = self.least_squares_beside(held, old)?;
            if spread && !(left.powi(2) > self.rounding_of_squares()) {
                return Err(Error::Singular { column: d - 1, pivot: left.powi(2) / self.weight });
            }
            return Ok((linear, left));
        }
        let columns = if spread { d } else { d - 1 };
        for (column, mean) in self.mean.iter().enumerate().take(columns) {
            let root = self.root_of(column);
            let variance = root.iter().map(|l| l * l).sum::<f64>() / self.weight;
            let left = root[column] * root[column] / self.weight;
            // A variance that the rounding of the data themselves explains is none.
            let constant = !(variance > (f64::EPSILON * mean).powi(2));
            if constant || !(left > d as f64 * f64::EPSILON * variance && left.is_finite()) {
                return Err(Error::Singular { column, pivot: if constant { variance } else { left } });
            }
        }
        let (last, of_x) = (d - 1, self.root_of(d - 1));
        let mut slopes = vec![0.0; last];
        for j in (0..last).rev() {
            let known: f64 = (j + 1..last).map(|i| slopes[i] * self.root[i * d + j]).sum();
            slopes[j] = (of_x[j] - known) / self.root[j * d + j];
        }
        let linear = Linear { level: self.mean[last], slopes, centre: self.mean[..last].to_vec() };
        Ok((linear, of_x[last]))
    }

    /// Σ w ε² that is no more than what the rounding of x explains.
    pub(crate) fn rounding_of_squares(&self) -> f64 {
        let (d, mean) = (self.mean.len(), self.mean[self.mean.len() - 1]);
        let squares = self.root_of(d - 1).iter().map(|l| l * l).sum::<f64>();
        (d as f64 * f64::EPSILON * squares).max(self.weight * (f64::EPSILON * mean).powi(2))
    }

    /// Σ w (x − a − b·y)².
    pub(crate) fn squares_about(&self, line: &Linear) -> f64 {
        let d = self.mean.len();
        let of_mean = line.residual(self.mean[d - 1], &self.mean[..d - 1]);
        let of_column = |j: usize| {
            let explained: f64 = (j..d - 1).map(|i| line.slopes[i] * self.root[i * d + j]).sum();
            (self.root[(d - 1) * d + j] - explained).powi(2)
        };
        self.weight * of_mean.powi(2) + (0..d).map(of_column).sum::<f64>()
    }
}

/// √(a² + b²), also where the squares overflow or have no digits.
fn hypotenuse(a: f64, b: f64) -> f64 {
    let square = a * a + b * b;
    if (LEAST_VARIANCE..f64::INFINITY).contains(&square) { square.sqrt() } else { a.hypot(b) }
}

impl Statistics for JointMoments {
    fn merge(&mut self, other: &Self) {
        if other.weight == 0.0 {
            return;
        }
        if self.weight == 0.0 {
            self.clone_from(other);
            return;
        }
        let d = self.mean.len();
        let mut column = vec![0.0; d];
        for j in 0..d {
            column.iter_mut().zip(other.root.iter().skip(j).step_by(d)).for_each(|(u, l)| *u = *l);
            self.rotate(&mut column);
        }
        self.move_mean(other.mean.clone(), other.weight);
    }

    fn scale(&mut self, factor: f64) {
        self.weight *= factor;
        self.root.scale(factor.sqrt());
    }
    fn extrapolates(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[([f64; 2], f64, f64)]) -> JointMoments {
        let mut s = JointMoments::empty(3);
        rows.iter().for_each(|(y, x, weight)| s.add(y, *x, *weight));
        s
    }

    const ROWS: [([f64; 2], f64, f64); 6] = [
        ([1.0, 0.0], 2.0, 1.0),
        ([2.0, 1.0], -1.0, 0.5),
        ([-1.0, 1.0], 4.0, 2.0),
        ([0.5, 0.0], 3.0, 1.0),
        ([3.0, 1.0], 1.0, 0.25),
        ([0.0, 0.0], 0.5, 4.0),
    ];

    #[test]
    fn the_root_times_its_transpose_is_the_scatter() {
        let s = of(&ROWS);
        let total: f64 = ROWS.iter().map(|row| row.2).sum();
        let v = |row: &([f64; 2], f64, f64), i: usize| if i < 2 { row.0[i] } else { row.1 };
        let mean = |i: usize| ROWS.iter().map(|row| row.2 * v(row, i)).sum::<f64>() / total;
        for i in 0..3 {
            assert!((s.mean[i] - mean(i)).abs() < 1e-15);
            for j in 0..=i {
                let scatter: f64 = ROWS.iter().map(|row| row.2 * (v(row, i) - mean(i)) * (v(row, j) - mean(j))).sum();
                let product: f64 = s.root_of(i).iter().zip(s.root_of(j)).map(|(a, b)| a * b).sum();
                assert!((scatter - product).abs() < 1e-13, "{i} {j}: {scatter} {product}");
            }
        }
        let by_rows: f64 = ROWS.iter().map(|(y, x, w)| w * (x - 0.5 - 2.0 * y[0] + y[1]).powi(2)).sum();
        assert!((s.squares_about(&Linear::new::<[f64]>(0.5, &[2.0, -1.0]).unwrap()) - by_rows).abs() < 1e-12);
    }

    #[test]
    fn a_line_that_fits_almost_exactly_leaves_its_residuals_with_their_digits() {
        // x = 3 y ± h: the scatter of x is about 9 Σ y², of which h² is lost in the last digit.
        let h = 2f64.powi(-26);
        let rows: Vec<([f64; 2], f64, f64)> = (0..8u8)
            .map(|n| {
                let (y, sign) = (f64::from(n / 2), if n % 2 == 0 { h } else { -h });
                ([y, f64::from(n / 4)], 3.0 * y + sign, 1.0)
            })
            .collect();
        let about = of(&rows).squares_about(&Linear::new::<[f64]>(0.0, &[3.0, 0.0]).unwrap());
        assert!((about / (8.0 * h * h) - 1.0).abs() < 1e-6, "{about:e}");
    }

    #[test]
    fn constant_and_collinear_parents_are_named() {
        let line = Linear::new::<[f64]>(0.0, &[0.0; 2]).unwrap();
        let refused = |rows: &[([f64; 2], f64, f64)]| match of(rows).least_squares(&Held::default(), &line, true) {
            Err(Error::Singular { column, .. }) => column,
            _ => panic!("not refused"),
        };
        assert_eq!(refused(&ROWS.map(|(y, x, w)| ([y[0], 0.1], x, w))), 1);
        assert_eq!(refused(&ROWS.map(|(y, x, w)| ([y[0], 2.0 * y[0] + 0.1], x, w))), 1);
        assert_eq!(refused(&ROWS.map(|(y, _, w)| (y, 0.3 * y[0] - y[1], w))), 2);
    }
}
