//! Strategies of every shipped family, shrinking to short numbers.
#![allow(dead_code, reason = "no test binary uses all of them")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::distributions::{
    Beta, Binomial, Column, Dirichlet, Exponential, Gamma, Geometric, Independent, Laplace, LogNormal, LowRankNormal,
    Multinomial, Uniform, VonMises,
};
use marginal::laws::proptest::collection::vec;
use marginal::laws::proptest::prelude::*;
use marginal::laws::strategies::{positive, real, simplex, unit};
use marginal::prelude::*;

pub(crate) fn any_normal() -> impl Strategy<Value = Normal> + Clone {
    (real(), positive()).prop_map(|(mean, deviation)| Normal::new(mean, deviation).unwrap())
}
pub(crate) fn any_bernoulli() -> impl Strategy<Value = Bernoulli> + Clone {
    unit().prop_map(|p| Bernoulli::new(p).unwrap())
}
pub(crate) fn any_categorical() -> impl Strategy<Value = Categorical> + Clone {
    simplex(3).prop_map(|p| Categorical::new(p).unwrap())
}
pub(crate) fn any_binomial() -> impl Strategy<Value = Binomial> + Clone {
    unit().prop_map(|p| Binomial::new(7, p).unwrap())
}
pub(crate) fn any_poisson() -> impl Strategy<Value = Poisson> + Clone {
    positive().prop_map(|rate| Poisson::new(rate).unwrap())
}
pub(crate) fn any_geometric() -> impl Strategy<Value = Geometric> + Clone {
    unit().prop_map(|p| Geometric::new(p).unwrap())
}
pub(crate) fn any_exponential() -> impl Strategy<Value = Exponential> + Clone {
    positive().prop_map(|rate| Exponential::new(rate).unwrap())
}
pub(crate) fn any_gamma() -> impl Strategy<Value = Gamma> + Clone {
    (positive(), positive()).prop_map(|(shape, rate)| Gamma::new(shape, rate).unwrap())
}
pub(crate) fn any_beta() -> impl Strategy<Value = Beta> + Clone {
    (positive(), positive()).prop_map(|(a, b)| Beta::new(a, b).unwrap())
}
pub(crate) fn any_laplace() -> impl Strategy<Value = Laplace> + Clone {
    (real(), positive()).prop_map(|(location, scale)| Laplace::new(location, scale).unwrap())
}
pub(crate) fn any_log_normal() -> impl Strategy<Value = LogNormal> + Clone {
    (real(), unit()).prop_map(|(location, scale)| LogNormal::new(location, scale).unwrap())
}
pub(crate) fn any_student_t() -> impl Strategy<Value = StudentT> + Clone {
    (real(), positive(), positive()).prop_map(|(m, s, nu)| StudentT::new(m, s, 1.0 + nu).unwrap())
}
/// ν from ½ to 2⅜: where variance and mean cease to exist.
pub(crate) fn any_heavy_student_t() -> impl Strategy<Value = StudentT> + Clone {
    (real(), positive(), 4u8..20).prop_map(|(m, s, eighths)| StudentT::new(m, s, f64::from(eighths) / 8.0).unwrap())
}
pub(crate) fn any_uniform() -> impl Strategy<Value = Uniform> + Clone {
    (real(), positive()).prop_map(|(lower, width)| Uniform::new(lower, lower + width).unwrap())
}
pub(crate) fn any_von_mises() -> impl Strategy<Value = VonMises> + Clone {
    (real(), positive()).prop_map(|(mean, concentration)| VonMises::new(mean / 4.0, concentration).unwrap())
}
/// One factor of two columns, noise of one variance: as many parameters as a covariance has.
pub(crate) fn any_plane_factor() -> impl Strategy<Value = LowRankNormal> + Clone {
    (vec(real(), 2), vec(real(), 2), positive())
        .prop_map(|(mean, loadings, noise)| LowRankNormal::isotropic(mean, &loadings, noise).unwrap())
}
/// One factor of three columns, each its own noise.
pub(crate) fn any_factor() -> impl Strategy<Value = LowRankNormal> + Clone {
    (vec(real(), 3), vec(real(), 3), vec(positive(), 3))
        .prop_map(|(mean, loadings, noise)| LowRankNormal::new(mean, &loadings, &noise).unwrap())
}
pub(crate) fn any_plane_normal() -> impl Strategy<Value = MultivariateNormal> + Clone {
    let shape = (positive(), positive(), unit());
    ((real(), real()), shape).prop_map(|((a, b), (s, t, r))| {
        let covariance = (2.0 * r - 1.0) * (s * t).sqrt() * 0.9;
        MultivariateNormal::new(vec![a, b], &[s, covariance, covariance, t]).unwrap()
    })
}
pub(crate) fn any_diagonal_normal() -> impl Strategy<Value = MultivariateNormal> + Clone {
    (real(), positive(), positive()).prop_map(|(a, s, t)| MultivariateNormal::diagonal(vec![a, 1.0], &[s, t]).unwrap())
}
pub(crate) fn any_spherical_normal() -> impl Strategy<Value = MultivariateNormal> + Clone {
    (real(), positive()).prop_map(|(a, s)| MultivariateNormal::spherical(vec![a, -a], s).unwrap())
}

pub(crate) fn any_dirichlet() -> impl Strategy<Value = Dirichlet> + Clone {
    vec(positive(), 3).prop_map(|concentrations| Dirichlet::new(concentrations).unwrap())
}
pub(crate) fn any_multinomial() -> impl Strategy<Value = Multinomial> + Clone {
    simplex(3).prop_map(|p| Multinomial::new(5, p).unwrap())
}
pub(crate) fn any_columns() -> impl Strategy<Value = Independent<Column>> + Clone {
    (any_normal(), any_poisson(), any_laplace()).prop_map(|(a, b, c)| {
        Independent::new(vec![Column::Normal(a), Column::Poisson(b), Column::Laplace(c)]).unwrap()
    })
}
pub(crate) fn any_column_of_counts() -> impl Strategy<Value = Column> + Clone {
    any_poisson().prop_map(Column::Poisson)
}
pub(crate) fn any_mixture() -> impl Strategy<Value = Mixture<Vec<Normal>>> + Clone {
    (simplex(2), vec(any_normal(), 2)).prop_map(|(proportions, normals)| Mixture::new(proportions, normals).unwrap())
}
