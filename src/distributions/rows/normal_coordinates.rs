//! The coordinates of a multivariate normal: numbers without bounds.

use crate::distributions::Parametric;
use crate::error::Error;
use crate::numeric::Scalar;

use super::covariance_shape::Shape;
use super::multivariate_normal::MultivariateNormal;

/// μ, then ln of the diagonal of L (or of the standard deviations), then what is below the diagonal of L.
impl<F: Scalar> Parametric for MultivariateNormal<F> {
    fn to_vector(&self) -> Vec<f64> {
        let d = self.dimension();
        let mut vector = self.mean().to_vec();
        match &self.covariance {
            Shape::Full(cholesky) => {
                let l = cholesky.factor();
                vector.extend((0..d).map(|i| l[i * (d + 1)].ln()));
                (0..d).for_each(|i| vector.extend_from_slice(&l[i * d..i * d + i]));
            }
            Shape::Diagonal(deviations) => vector.extend(deviations.iter().map(|s| s.ln())),
            Shape::Spherical(deviation) => vector.push(deviation.ln()),
        }
        vector
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        let d = self.dimension();
        let (mean, rest) = coordinates.split_at(d);
        let normal = match self.covariance {
            Shape::Full(_) => {
                let (logs, below) = rest.split_at(d);
                let entry = |i: usize, j: usize| if i == j { logs[i].exp() } else { below[i * (i - 1) / 2 + j] };
                let product = |i: usize, j: usize| (0..=i.min(j)).map(|m| entry(i, m) * entry(j, m)).sum();
                let covariance: Vec<f64> = (0..d * d).map(|ij| product(ij / d, ij % d)).collect();
                MultivariateNormal::new(mean.to_vec(), &covariance)?
            }
            Shape::Diagonal(_) => {
                let variances: Vec<f64> = rest.iter().map(|l| (2.0 * l).exp()).collect();
                MultivariateNormal::diagonal(mean.to_vec(), &variances)?
            }
            Shape::Spherical(_) => MultivariateNormal::spherical(mean.to_vec(), (2.0 * rest[0]).exp())?,
        };
        Ok(normal.over())
    }
}
