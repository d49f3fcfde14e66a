//! Rows some of whose cells are missing (NaN), under a normal: x_m | x_o ~ N(μ_m − Λ_mm⁻¹ Λ_mo (x_o − μ_o), Λ_mm⁻¹), Λ = Σ⁻¹.
//!
//! With x̂ the row whose missing cells are those means, (x_o − μ_o)ᵀ Σ_oo⁻¹ (x_o − μ_o) = (x̂ − μ)ᵀ Λ (x̂ − μ), and
//! ln |Σ_oo| = ln |Σ| + ln |Λ_mm|: so x̂ goes through the kernels of complete rows, and a pattern of missing cells needs
//! an m × m inverse, not a factor of Σ_oo. Λ is made once for a block of rows, Λ_mm⁻¹ once for a pattern in it.

use crate::numeric::{LN_2_PI, Scalar};

use super::covariance_shape::Shape;
use super::multivariate_normal::MultivariateNormal;
use super::patterns::{Pattern, Patterns};

/// What a normal says of the missing cells of a pattern.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conditional {
    /// Λ_mm⁻¹, the covariance given the observed cells: m × m, row-major.
    pub(crate) covariance: Vec<f64>,
    /// ln |Λ_mm|.
    log_determinant: f64,
    /// Whether Λ_mm was no positive definite matrix of 64-bit numbers.
    pub(crate) failed: bool,
}

impl Conditional {
    fn cells(&self) -> f64 {
        self.covariance.len().isqrt() as f64
    }

    /// ln p(x_o) − ln p(x̂).
    pub(crate) fn log_density_gained(&self) -> f64 {
        if self.failed { f64::NEG_INFINITY } else { 0.5 * (self.cells() * LN_2_PI - self.log_determinant) }
    }

    /// The entropy of x_m given x_o, in nats.
    pub(crate) fn entropy(&self) -> f64 {
        0.5 * (self.cells() * (1.0 + LN_2_PI) - self.log_determinant)
    }
}

impl<F: Scalar> MultivariateNormal<F> {
    /// Writes the means of missing cells given the observed ones into `values`, the rows of a block (row-major, as f64), and
    /// shows `see` each pattern with what is known of its cells.
    ///
    /// m (D + m) flops a row and 2 m³ a pattern; D³ once, for Λ.
    pub(crate) fn complete(
        &self,
        patterns: &Patterns,
        values: &mut [f64],
        mut see: impl FnMut(Pattern<'_>, &Conditional),
    ) {
        let (d, mean) = (self.dimension(), self.mean());
        let precision = if patterns.is_empty() { Vec::new() } else { self.precision() };
        let (mut conditional, mut delta, mut pulls) = (Conditional::default(), vec![0.0; d], vec![0.0; d]);
        for pattern in patterns.iter() {
            let (missing, m) = (pattern.missing, pattern.missing.len());
            self.condition(&precision, missing, &mut conditional);
            for n in pattern.rows {
                let row = &mut values[n * d..][..d];
                if precision.is_empty() || conditional.failed {
                    missing.iter().for_each(|j| row[*j] = mean[*j]);
                    continue;
                }
                // What stood in a missing cell before counts nothing; NaN times 0 would.
                delta.iter_mut().zip(&*row).zip(mean).for_each(|((delta, x), mean)| *delta = x - mean);
                missing.iter().for_each(|j| delta[*j] = 0.0);
                for a in 0..m {
                    pulls[a] = dot(&precision[missing[a] * d..][..d], &delta);
                }
                for a in 0..m {
                    row[missing[a]] = mean[missing[a]] - dot(&conditional.covariance[a * m..][..m], &pulls[..m]);
                }
            }
            see(pattern, &conditional);
        }
    }

    /// Λ = Wᵀ W, D × D row-major; empty where columns are independent.
    fn precision(&self) -> Vec<f64> {
        let Shape::Full(cholesky) = &self.covariance else { return Vec::new() };
        let d = self.dimension();
        let mut precision = vec![0.0; d * d];
        for (i, row) in cholesky.whitening().chunks_exact(d).enumerate() {
            for (a, w) in row[..=i].iter().enumerate() {
                let line = &mut precision[a * d..][..=i];
                line.iter_mut().zip(&row[..=i]).for_each(|(l, v)| *l += w * v);
            }
        }
        precision
    }

    fn condition(&self, precision: &[f64], missing: &[usize], conditional: &mut Conditional) {
        let (d, m) = (self.dimension(), missing.len());
        let Conditional { covariance, log_determinant, failed } = conditional;
        covariance.clear();
        covariance.resize(m * m, 0.0);
        match &self.covariance {
            Shape::Full(_) => {
                for (a, i) in missing.iter().enumerate() {
                    let (line, of_row) = (&mut covariance[a * m..][..m], &precision[i * d..][..d]);
                    for b in 0..m {
                        line[b] = of_row[missing[b]];
                    }
                }
                let inverted = invert(covariance, m);
                // A row wholly missing has density 1, to the bit.
                *log_determinant = if m == d { -self.log_determinant() } else { inverted.unwrap_or(f64::NAN) };
                *failed = inverted.is_none();
            }
            Shape::Diagonal(_) | Shape::Spherical(_) => {
                let deviation = |j: &usize| match &self.covariance {
                    Shape::Diagonal(deviations) => deviations[*j],
                    Shape::Spherical(deviation) => *deviation,
                    Shape::Full(_) => f64::NAN,
                };
                covariance.iter_mut().step_by(m + 1).zip(missing).for_each(|(c, j)| *c = deviation(j).powi(2));
                let of_cells = -2.0 * missing.iter().map(|j| deviation(j).ln()).sum::<f64>();
                *log_determinant = if m == d { -self.log_determinant() } else { of_cells };
                *failed = false;
            }
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..a.len().min(b.len()) {
        sum += a[i] * b[i];
    }
    sum
}

/// Turns a positive definite m × m matrix into its inverse, by Gauss–Jordan steps along the diagonal; its ln |·|, `None` if a
/// pivot is not positive.
fn invert(matrix: &mut [f64], m: usize) -> Option<f64> {
    let (mut log_determinant, mut product) = (0.0, 1.0f64);
    for k in 0..m {
        let pivot = matrix[k * m + k];
        let inverse = pivot.recip();
        if !(pivot > 0.0 && pivot.is_finite() && inverse.is_finite()) {
            return None;
        }
        // Few logarithms: that of the product, before it leaves the range in which it loses nothing.
        if !(1e-150..1e150).contains(&product) || !(1e-150..1e150).contains(&pivot) {
            log_determinant += product.ln();
            product = 1.0;
        }
        product *= pivot;
        matrix[k * m + k] = 1.0;
        for j in 0..m {
            matrix[k * m + j] *= inverse;
        }
        for i in 0..m {
            if i == k {
                continue;
            }
            let factor = std::mem::take(&mut matrix[i * m + k]);
            for j in 0..m {
                matrix[i * m + j] -= factor * matrix[k * m + j];
            }
        }
    }
    Some(log_determinant + product.ln())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Rows;
    use crate::distributions::Distribution;

    /// By the formulas with Σ_oo: two columns observed, two missing.
    #[test]
    fn missing_cells_are_conditioned_on_the_observed_ones() {
        let s = [4.0, 1.0, 0.5, -0.6, 1.0, 3.0, 0.2, 0.4, 0.5, 0.2, 2.0, 0.3, -0.6, 0.4, 0.3, 1.5];
        let (mean, x) = (vec![1.0, -2.0, 0.5, 3.0], [f64::NAN, -1.0, f64::NAN, 2.0]);
        let normal = MultivariateNormal::new(mean, &s).unwrap();
        let block = Rows::new(&x, 4).unwrap();
        let (mut values, mut seen) = (x.to_vec(), None);
        normal.complete(&Patterns::of_block(block), &mut values, |_, conditional| seen = Some(conditional.clone()));
        let conditional = seen.unwrap();
        // Σ_mo Σ_oo⁻¹ with o = {1, 3}, m = {0, 2}.
        let determinant = 3.0 * 1.5 - 0.4 * 0.4;
        let gain = |a: f64, b: f64| [(a * 1.5 - b * 0.4) / determinant, (b * 3.0 - a * 0.4) / determinant];
        let (of_0, of_2) = (gain(1.0, -0.6), gain(0.2, 0.3));
        assert!((values[0] - (1.0 + of_0[0] - of_0[1])).abs() < 1e-14);
        assert!((values[2] - (0.5 + of_2[0] - of_2[1])).abs() < 1e-14);
        let covariance = [
            4.0 - (of_0[0] - 0.6 * of_0[1]),
            0.5 - (of_0[0] * 0.2 + of_0[1] * 0.3),
            0.5 - (of_2[0] - 0.6 * of_2[1]),
            2.0 - (of_2[0] * 0.2 + of_2[1] * 0.3),
        ];
        conditional.covariance.iter().zip(covariance).for_each(|(a, b)| assert!((a - b).abs() < 1e-14, "{a} {b}"));
        let observed = MultivariateNormal::new(vec![-2.0, 3.0], &[3.0, 0.4, 0.4, 1.5]).unwrap();
        let log_density = normal.log_density(&values) + conditional.log_density_gained();
        assert!((log_density - observed.log_density(&[-1.0, 2.0])).abs() < 1e-14);
    }
}
