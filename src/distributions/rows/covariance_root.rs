//! Square roots of a covariance, Σ = R Rᵀ, from which a multivariate normal can be rebuilt to the last bit.

use crate::error::Error;
use crate::numeric::Cholesky;

use super::covariance_shape::Shape;
use super::multivariate_normal::MultivariateNormal;

/// R with Σ = R Rᵀ.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "Written", try_from = "Written"))]
pub enum CovarianceRoot {
    /// L with Σ = L Lᵀ, D × D row-major, lower triangular with a positive diagonal.
    Full(Vec<f64>),
    /// The standard deviations of independent columns.
    Diagonal(Vec<f64>),
    /// The one standard deviation of independent columns.
    Spherical(f64),
}

/// A root as it is written: of a full one the rows of L.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Written {
    Full(Vec<Vec<f64>>),
    Diagonal(Vec<f64>),
    Spherical(f64),
}

#[cfg(feature = "serde")]
impl From<CovarianceRoot> for Written {
    fn from(root: CovarianceRoot) -> Self {
        match root {
            CovarianceRoot::Full(l) => Self::Full(l.chunks(l.len().isqrt().max(1)).map(<[f64]>::to_vec).collect()),
            CovarianceRoot::Diagonal(deviations) => Self::Diagonal(deviations),
            CovarianceRoot::Spherical(deviation) => Self::Spherical(deviation),
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<Written> for CovarianceRoot {
    type Error = Error;

    fn try_from(root: Written) -> Result<Self, Error> {
        Ok(match root {
            Written::Full(rows) => {
                let (count, numbers) = (rows.len(), rows.iter().map(Vec::len).sum::<usize>());
                // D² numbers may stand in rows of other lengths.
                let d = if numbers.isqrt().pow(2) == numbers { numbers.isqrt() } else { count };
                if count != d {
                    let what = "the rows of the root of a covariance";
                    return Err(Error::Dimension { what, expected: d, found: count });
                }
                if let Some(found) = rows.iter().map(Vec::len).find(|found| *found != d) {
                    return Err(Error::Dimension { what: "a row of the root of a covariance", expected: d, found });
                }
                Self::Full(rows.concat())
            }
            Written::Diagonal(deviations) => Self::Diagonal(deviations),
            Written::Spherical(deviation) => Self::Spherical(deviation),
        })
    }
}

impl MultivariateNormal {
    /// Any mean and the root of any covariance.
    ///
    /// # Errors
    /// [`Error::Dimension`]; [`Error::Parameter`] if a number is not finite; [`Error::Singular`] if an entry of the
    /// diagonal is not positive.
    pub fn from_root(mean: Vec<f64>, root: CovarianceRoot) -> Result<Self, Error> {
        let check_deviation = |column: usize, s: f64| {
            if s > 0.0 && s.is_finite() { Ok(()) } else { Err(Error::Singular { column, pivot: s }) }
        };
        let shape = match root {
            CovarianceRoot::Full(factor) => {
                let expected = mean.len().pow(2);
                if factor.len() != expected {
                    return Err(Error::Dimension { what: "the root of the covariance", expected, found: factor.len() });
                }
                Shape::Full(Cholesky::from_factor(factor)?)
            }
            CovarianceRoot::Diagonal(deviations) => {
                if deviations.len() != mean.len() {
                    let (expected, found) = (mean.len(), deviations.len());
                    return Err(Error::Dimension { what: "the standard deviations", expected, found });
                }
                deviations.iter().enumerate().try_for_each(|(d, &s)| check_deviation(d, s))?;
                Shape::Diagonal(deviations)
            }
            CovarianceRoot::Spherical(deviation) => {
                check_deviation(0, deviation)?;
                Shape::Spherical(deviation)
            }
        };
        Self::checked(mean, shape)
    }
}

impl<F> MultivariateNormal<F> {
    /// A square root of Σ.
    pub fn root(&self) -> CovarianceRoot {
        match &self.covariance {
            Shape::Full(cholesky) => CovarianceRoot::Full(cholesky.factor().to_vec()),
            Shape::Diagonal(deviations) => CovarianceRoot::Diagonal(deviations.clone()),
            Shape::Spherical(deviation) => CovarianceRoot::Spherical(*deviation),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_normal_rebuilt_from_its_root_is_the_same_to_the_last_bit() {
        let mean = vec![0.1, -0.7];
        for normal in [
            MultivariateNormal::new(mean.clone(), &[0.3, 0.1, 0.1, 0.7]).unwrap(),
            MultivariateNormal::diagonal(mean.clone(), &[0.3, 0.7]).unwrap(),
            MultivariateNormal::spherical(mean.clone(), 0.3).unwrap(),
        ] {
            assert_eq!(MultivariateNormal::from_root(mean.clone(), normal.root()).unwrap(), normal);
        }
    }

    #[test]
    fn a_root_that_is_none_is_refused() {
        let refused = |root| MultivariateNormal::from_root(vec![0.0; 2], root).unwrap_err().to_string();
        assert!(refused(CovarianceRoot::Full(vec![1.0, 0.0, 0.5, -1.0])).contains("singular at column 1"));
        assert!(refused(CovarianceRoot::Full(vec![1.0, 0.5, 0.5, 1.0])).contains("above the diagonal"));
        assert!(refused(CovarianceRoot::Full(vec![1.0])).contains("length 1, expected 4"));
        assert!(refused(CovarianceRoot::Diagonal(vec![1.0, f64::NAN])).contains("pivot NaN"));
        assert!(refused(CovarianceRoot::Spherical(0.0)).contains("pivot 0"));
    }
}
