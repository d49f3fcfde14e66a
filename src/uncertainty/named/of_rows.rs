//! The parameters of distributions over rows, by the names of the columns.

use super::{Bounds, NamedParameter, NamedParameters, Naming};
use crate::distributions::{Independent, LowRankNormal, MultivariateNormal, Noise, Parametric};
use crate::numeric::Scalar;

/// Each column's parameters, such as `mean of waiting`.
impl<D: NamedParameters> NamedParameters for Independent<D> {
    fn named_parameters(&self, naming: Naming<'_>) -> Vec<NamedParameter> {
        let of_column = |(d, part): (usize, &D)| {
            let column = naming.column(d);
            let named = move |p: NamedParameter| NamedParameter { name: format!("{} of {column}", p.name), ..p };
            part.named_parameters(naming).into_iter().map(named)
        };
        self.parts().iter().enumerate().flat_map(of_column).collect()
    }
}

/// Means, then what differs among the entries of the covariance.
impl<F: Scalar> NamedParameters for MultivariateNormal<F> {
    fn named_parameters(&self, naming: Naming<'_>) -> Vec<NamedParameter> {
        means(self.mean(), naming).chain(covariances(self, naming)).collect()
    }
}

pub(super) fn means(mean: &[f64], naming: Naming<'_>) -> impl Iterator<Item = NamedParameter> {
    let named = move |(d, mean): (usize, &f64)| {
        NamedParameter::new(format!("mean of {}", naming.column(d)), *mean, Bounds::None)
    };
    mean.iter().enumerate().map(named)
}

pub(super) fn covariances<F: Scalar>(normal: &MultivariateNormal<F>, naming: Naming<'_>) -> Vec<NamedParameter> {
    let (d, covariance) = (normal.dimension(), normal.covariance());
    // Spherical D + 1, diagonal 2 D, full more.
    let coordinates = normal.to_vector().len();
    let variance = |i: usize| {
        NamedParameter::new(format!("variance of {}", naming.column(i)), covariance[i * (d + 1)], Bounds::Positive)
    };
    if d > 1 && coordinates == d + 1 {
        return vec![NamedParameter::new("variance of each column", covariance[0], Bounds::Positive)];
    }
    let beside = |i: usize| {
        let of_pair = move |j: usize| {
            let name = format!("covariance of {} and {}", naming.column(j), naming.column(i));
            (name, i * d + j)
        };
        let pairs = if coordinates > 2 * d { i } else { 0 };
        (0..pairs).map(of_pair).collect::<Vec<_>>()
    };
    (0..d)
        .flat_map(|i| {
            let pairs = beside(i).into_iter();
            let pairs = pairs.map(|(name, ij)| NamedParameter::new(name, covariance[ij], Bounds::None));
            pairs.chain([variance(i)]).collect::<Vec<_>>()
        })
        .collect()
}

/// Means, noise, then the loadings turned so that none stands above the diagonal: without a turn they have no standard
/// errors.
impl NamedParameters for LowRankNormal {
    fn named_parameters(&self, naming: Naming<'_>) -> Vec<NamedParameter> {
        means(self.mean(), naming).chain(noise_of(self, naming)).chain(loadings_of(self, naming)).collect()
    }
}

pub(super) fn noise_of(normal: &LowRankNormal, naming: Naming<'_>) -> Vec<NamedParameter> {
    let of_column = |(d, noise): (usize, &f64)| {
        NamedParameter::new(format!("noise of {}", naming.column(d)), *noise, Bounds::Positive)
    };
    match normal.shape() {
        Noise::Diagonal => normal.noise().iter().enumerate().map(of_column).collect(),
        Noise::Isotropic => vec![NamedParameter::new("noise of each column", normal.noise()[0], Bounds::Positive)],
    }
}

pub(super) fn loadings_of(normal: &LowRankNormal, naming: Naming<'_>) -> Vec<NamedParameter> {
    let (d, q) = (normal.dimension(), normal.factors());
    let places = (0..d).flat_map(|j| (0..q.min(j + 1)).map(move |k| (j, k)));
    let named = |((j, k), loading): ((usize, usize), f64)| {
        NamedParameter::new(format!("loading of {} on factor {k}", naming.column(j)), loading, Bounds::None)
    };
    places.zip(normal.triangular_loadings()).map(named).collect()
}
