//! Every shipped family and model obeys every law that applies, through the line that a user writes.
#![cfg(feature = "laws")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::laws::proptest::prelude::*;
use marginal::laws::strategies::{mixture_cases, positive, real, simplex, unit};
use marginal::prelude::*;

fn any_normal() -> impl Strategy<Value = Normal> + Clone {
    (real(), positive()).prop_map(|(mean, deviation)| Normal::new(mean, deviation).unwrap())
}
fn any_bernoulli() -> impl Strategy<Value = Bernoulli> + Clone {
    unit().prop_map(|p| Bernoulli::new(p).unwrap())
}
fn any_categorical() -> impl Strategy<Value = Categorical> + Clone {
    simplex(3).prop_map(|p| Categorical::new(p).unwrap())
}
fn any_binomial() -> impl Strategy<Value = Binomial> + Clone {
    unit().prop_map(|p| Binomial::new(7, p).unwrap())
}
fn any_poisson() -> impl Strategy<Value = Poisson> + Clone {
    positive().prop_map(|rate| Poisson::new(rate).unwrap())
}
fn any_geometric() -> impl Strategy<Value = Geometric> + Clone {
    unit().prop_map(|p| Geometric::new(p).unwrap())
}
fn any_exponential() -> impl Strategy<Value = Exponential> + Clone {
    positive().prop_map(|rate| Exponential::new(rate).unwrap())
}
fn any_gamma() -> impl Strategy<Value = Gamma> + Clone {
    (positive(), positive()).prop_map(|(shape, rate)| Gamma::new(1.0 + shape, rate).unwrap())
}
fn any_beta() -> impl Strategy<Value = Beta> + Clone {
    (positive(), positive()).prop_map(|(a, b)| Beta::new(1.0 + a, 1.0 + b).unwrap())
}
fn any_laplace() -> impl Strategy<Value = Laplace> + Clone {
    (real(), positive()).prop_map(|(location, scale)| Laplace::new(location, scale).unwrap())
}
fn any_log_normal() -> impl Strategy<Value = LogNormal> + Clone {
    (real(), unit()).prop_map(|(location, scale)| LogNormal::new(location, scale).unwrap())
}
fn any_student_t() -> impl Strategy<Value = StudentT> + Clone {
    (real(), positive(), positive()).prop_map(|(m, s, nu)| StudentT::new(m, s, 1.0 + nu).unwrap())
}
fn any_uniform() -> impl Strategy<Value = Uniform> + Clone {
    (real(), positive()).prop_map(|(lower, width)| Uniform::new(lower, lower + width).unwrap())
}
fn any_von_mises() -> impl Strategy<Value = VonMises> + Clone {
    (real(), positive()).prop_map(|(mean, concentration)| VonMises::new(mean / 4.0, concentration).unwrap())
}
fn any_plane_normal() -> impl Strategy<Value = MultivariateNormal> + Clone {
    let shape = (positive(), positive(), unit());
    ((real(), real()), shape).prop_map(|((a, b), (s, t, r))| {
        let covariance = (2.0 * r - 1.0) * (s * t).sqrt() * 0.9;
        MultivariateNormal::new(vec![a, b], &[s, covariance, covariance, t]).unwrap()
    })
}
fn any_diagonal_normal() -> impl Strategy<Value = MultivariateNormal> + Clone {
    (real(), positive(), positive()).prop_map(|(a, s, t)| MultivariateNormal::diagonal(vec![a, 1.0], &[s, t]).unwrap())
}
fn any_spherical_normal() -> impl Strategy<Value = MultivariateNormal> + Clone {
    (real(), positive()).prop_map(|(a, s)| MultivariateNormal::spherical(vec![a, -a], s).unwrap())
}

marginal::laws! {
    normal: distribution(any_normal());
    normal_fits: estimate(any_normal());
    normal_coordinates: parametric(any_normal());
    normal_natural: exponential_family(any_normal());
    normals_mixed: finite_latent(mixture_cases(any_normal()));
    normals_renamed: exchangeable(mixture_cases(any_normal()));
    normals_moved: location_family(mixture_cases(any_normal()));

    bernoulli: distribution(any_bernoulli());
    bernoulli_fits: estimate(any_bernoulli());
    bernoulli_natural: exponential_family(any_bernoulli());
    categorical: distribution(any_categorical());
    categorical_fits: estimate(any_categorical());
    categorical_natural: exponential_family(any_categorical());
    categoricals_mixed: finite_latent(mixture_cases(any_categorical()));
    binomial: distribution(any_binomial());
    binomial_fits: estimate(any_binomial());
    poisson: distribution(any_poisson());
    poisson_fits: estimate(any_poisson());
    poisson_natural: exponential_family(any_poisson());
    geometric: distribution(any_geometric());
    geometric_fits: estimate(any_geometric());

    exponential: distribution(any_exponential());
    exponential_fits: estimate(any_exponential());
    exponential_coordinates: parametric(any_exponential());
    exponential_natural: exponential_family(any_exponential());
    exponentials_mixed: finite_latent(mixture_cases(any_exponential()));
    gamma: distribution(any_gamma());
    gamma_fits: estimate(any_gamma());
    gamma_coordinates: parametric(any_gamma());
    gamma_natural: exponential_family(any_gamma());
    beta: distribution(any_beta());
    laplace: distribution(any_laplace());
    laplace_fits: estimate(any_laplace());
    log_normal: distribution(any_log_normal());
    log_normal_fits: estimate(any_log_normal());
    student_t: distribution(any_student_t());
    uniform: distribution(any_uniform());
    uniform_fits: estimate(any_uniform());
    von_mises_fits: estimate(any_von_mises());
    von_mises_natural: exponential_family(any_von_mises());

    plane_normal: distribution(any_plane_normal());
    plane_normal_fits: estimate(any_plane_normal());
    plane_normal_coordinates: parametric(any_plane_normal());
    diagonal_normal_fits: estimate(any_diagonal_normal());
    spherical_normal_fits: estimate(any_spherical_normal());

    pair: distribution((any_normal(), any_normal()));
    pair_fits: estimate((any_normal(), any_normal()));
}
