//! Two normal distributions in the plane mixed, by the formulas of textbooks: correct, and not careful of digits.

use marginal::Error;
use marginal::data::Statistics;
use marginal::distributions::MultivariateNormal;
use marginal::latent::FiniteLatent;
use marginal::models::Mixture;

/// How the covariance is computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    /// E[x xᵀ] − μ μᵀ.
    RawMoments,
    /// The rows are kept, and summed about the mean in a plain loop.
    PlainLoop,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct TextbookPlane(pub(crate) Form);

#[derive(Clone, Copy, Debug)]
pub(crate) struct Theta {
    pub(crate) proportions: [f64; 2],
    pub(crate) means: [[f64; 2]; 2],
    /// xx, xy, yy.
    pub(crate) covariances: [[f64; 3]; 2],
}

impl Theta {
    pub(crate) fn of(mixture: &Mixture<Vec<MultivariateNormal>>) -> Self {
        let pair = |of: &[f64]| [of[0], of[1]];
        Self {
            proportions: pair(mixture.proportions()),
            means: [0, 1].map(|z| pair(mixture.components()[z].mean())),
            covariances: [0, 1].map(|z| {
                let covariance = mixture.components()[z].covariance();
                [covariance[0], covariance[1], covariance[3]]
            }),
        }
    }
}

/// Weight, sums and products of a state; and its rows with their weights, where they are kept.
#[derive(Clone, Debug)]
pub(crate) struct Sums {
    form: Form,
    moments: [f64; 6],
    rows: Vec<([f64; 2], f64)>,
}

impl Statistics for Sums {
    fn merge(&mut self, other: &Self) {
        self.moments.merge(&other.moments);
        self.rows.extend(&other.rows);
    }
    fn scale(&mut self, factor: f64) {
        self.moments.scale(factor);
        self.rows.iter_mut().for_each(|(_, weight)| *weight *= factor);
    }
}

impl Sums {
    /// Σ w (x − c)(x − c)ᵀ.
    fn scatter_about(&self, c: [f64; 2]) -> [f64; 3] {
        let [w, x, y, xx, xy, yy] = self.moments;
        if self.form == Form::PlainLoop {
            let mut sums = [0.0; 3];
            for (row, weight) in &self.rows {
                let d = [row[0] - c[0], row[1] - c[1]];
                sums[0] += weight * d[0] * d[0];
                sums[1] += weight * d[0] * d[1];
                sums[2] += weight * d[1] * d[1];
            }
            return sums;
        }
        [
            xx - 2.0 * c[0] * x + w * c[0] * c[0],
            xy - c[0] * y - c[1] * x + w * c[0] * c[1],
            yy - 2.0 * c[1] * y + w * c[1] * c[1],
        ]
    }
}

fn determinant([a, b, c]: [f64; 3]) -> f64 {
    a * c - b * b
}

/// tr(Σ⁻¹ S) by the adjugate.
fn trace([a, b, c]: [f64; 3], s: [f64; 3]) -> f64 {
    (c * s[0] - 2.0 * b * s[1] + a * s[2]) / determinant([a, b, c])
}

impl FiniteLatent for TextbookPlane {
    type Observation = [f64];
    type Parameters = Theta;
    type Statistics = [Sums; 2];

    fn states(&self) -> usize {
        2
    }

    fn statistics(&self, _: &Theta) -> [Sums; 2] {
        let empty = || Sums { form: self.0, moments: [0.0; 6], rows: Vec::new() };
        [empty(), empty()]
    }

    fn log_joint(&self, theta: &Theta, x: &[f64], z: usize) -> f64 {
        let (mean, covariance) = (theta.means[z], theta.covariances[z]);
        let d = [x[0] - mean[0], x[1] - mean[1]];
        let square = trace(covariance, [d[0] * d[0], d[0] * d[1], d[1] * d[1]]);
        theta.proportions[z].ln() - std::f64::consts::TAU.ln() - 0.5 * determinant(covariance).ln() - 0.5 * square
    }

    fn observe(&self, s: &mut [Sums; 2], x: &[f64], z: usize, weight: f64) {
        let [a, b] = [x[0], x[1]];
        s[z].moments.merge(&[1.0, a, b, a * a, a * b, b * b].map(|moment| weight * moment));
        if self.0 == Form::PlainLoop {
            s[z].rows.push(([a, b], weight));
        }
    }

    fn estimate(&self, s: &[Sums; 2]) -> Result<Theta, Error> {
        let weights = [0, 1].map(|z| s[z].moments[0]);
        let mut theta = Theta { proportions: [0.5; 2], means: [[0.0; 2]; 2], covariances: [[0.0; 3]; 2] };
        for (z, s) in s.iter().enumerate() {
            let [w, x, y, xx, xy, yy] = s.moments;
            if !(w > 1e-9) {
                return Err(Error::NoWeight { weight: w });
            }
            let mean = [x / w, y / w];
            let covariance = match self.0 {
                Form::RawMoments => {
                    [xx / w - mean[0] * mean[0], xy / w - mean[0] * mean[1], yy / w - mean[1] * mean[1]]
                }
                Form::PlainLoop => s.scatter_about(mean).map(|sum| sum / w),
            };
            let pivot = determinant(covariance);
            if !(covariance[0] > 0.0 && pivot > 0.0) {
                return Err(Error::Singular { column: 0, pivot });
            }
            theta.proportions[z] = w / (weights[0] + weights[1]);
            (theta.means[z], theta.covariances[z]) = (mean, covariance);
        }
        Ok(theta)
    }

    fn complete_log_likelihood(&self, theta: &Theta, s: &[Sums; 2]) -> f64 {
        let of_state = |z: usize| {
            let (w, covariance) = (s[z].moments[0], theta.covariances[z]);
            let square = trace(covariance, s[z].scatter_about(theta.means[z]));
            let constant = theta.proportions[z].ln() - std::f64::consts::TAU.ln() - 0.5 * determinant(covariance).ln();
            w * constant - 0.5 * square
        };
        of_state(0) + of_state(1)
    }
}
