//! Every shipped family obeys every law that applies, through the line that a user writes.
#![cfg(feature = "laws")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::families::*;
use marginal::distributions::{Beta, Dirichlet, Gamma, InverseGamma, NormalInverseGamma, Prior, WithPrior};
use marginal::laws::proptest::prelude::*;
use marginal::prelude::*;

fn with_prior<D: Clone + std::fmt::Debug, P: Prior<D> + std::fmt::Debug>(
    distributions: impl Strategy<Value = D> + Clone,
    prior: Result<P, Error>,
) -> impl Strategy<Value = WithPrior<D, P>> + Clone {
    let prior = prior.unwrap();
    distributions.prop_map(move |d| WithPrior::new(d, prior.clone()).unwrap())
}

fn prior_of_both() -> Result<NormalInverseGamma, Error> {
    NormalInverseGamma::new(0.5, 2.0, InverseGamma::new(2.0, 3.0)?)
}

marginal::laws! {
    bernoulli: distribution(any_bernoulli());
    bernoulli_summary: summary(any_bernoulli());
    bernoulli_fits: estimate(any_bernoulli());
    bernoulli_coordinates: parametric(any_bernoulli());
    bernoulli_natural: exponential_family(any_bernoulli());
    categorical: distribution(any_categorical());
    categorical_summary: summary(any_categorical());
    categorical_fits: estimate(any_categorical());
    categorical_coordinates: parametric(any_categorical());
    categorical_natural: exponential_family(any_categorical());
    binomial: distribution(any_binomial());
    binomial_cumulative: cumulative(any_binomial());
    binomial_summary: summary(any_binomial());
    binomial_fits: estimate(any_binomial());
    binomial_coordinates: parametric(any_binomial());
    binomial_natural: exponential_family(any_binomial());
    multinomial: distribution(any_multinomial());
    multinomial_fits: estimate(any_multinomial());
    multinomial_coordinates: parametric(any_multinomial());
    multinomial_natural: exponential_family(any_multinomial());
    poisson: distribution(any_poisson());
    poisson_cumulative: cumulative(any_poisson());
    poisson_summary: summary(any_poisson());
    poisson_fits: estimate(any_poisson());
    poisson_coordinates: parametric(any_poisson());
    poisson_natural: exponential_family(any_poisson());
    geometric: distribution(any_geometric());
    geometric_cumulative: cumulative(any_geometric());
    geometric_summary: summary(any_geometric());
    geometric_fits: estimate(any_geometric());
    geometric_coordinates: parametric(any_geometric());
    geometric_natural: exponential_family(any_geometric());

    normal: distribution(any_normal());
    normal_cumulative: cumulative(any_normal());
    normal_summary: summary(any_normal());
    normal_fits: estimate(any_normal());
    normal_coordinates: parametric(any_normal());
    normal_natural: exponential_family(any_normal());
    log_normal: distribution(any_log_normal());
    log_normal_cumulative: cumulative(any_log_normal());
    log_normal_summary: summary(any_log_normal());
    log_normal_fits: estimate(any_log_normal());
    log_normal_coordinates: parametric(any_log_normal());
    log_normal_natural: exponential_family(any_log_normal());
    exponential: distribution(any_exponential());
    exponential_cumulative: cumulative(any_exponential());
    exponential_summary: summary(any_exponential());
    exponential_fits: estimate(any_exponential());
    exponential_coordinates: parametric(any_exponential());
    exponential_natural: exponential_family(any_exponential());
    gamma: distribution(any_gamma());
    gamma_cumulative: cumulative(any_gamma());
    gamma_summary: summary(any_gamma());
    gamma_fits: estimate(any_gamma());
    gamma_coordinates: parametric(any_gamma());
    gamma_natural: exponential_family(any_gamma());
    beta: distribution(any_beta());
    beta_cumulative: cumulative(any_beta());
    beta_summary: summary(any_beta());
    beta_fits: estimate(any_beta());
    beta_coordinates: parametric(any_beta());
    beta_natural: exponential_family(any_beta());
    dirichlet: distribution(any_dirichlet());
    dirichlet_fits: estimate(any_dirichlet());
    dirichlet_coordinates: parametric(any_dirichlet());
    dirichlet_natural: exponential_family(any_dirichlet());
    laplace: distribution(any_laplace());
    laplace_cumulative: cumulative(any_laplace());
    laplace_summary: summary(any_laplace());
    laplace_fits: estimate(any_laplace());
    student_t: distribution(any_student_t());
    student_t_cumulative: cumulative(any_student_t());
    student_t_summary: summary(any_student_t());
    student_t_fits: estimate(any_student_t());
    student_t_coordinates: parametric(any_student_t());
    heavy_student_t: distribution(any_heavy_student_t());
    heavy_student_t_cumulative: cumulative(any_heavy_student_t());
    heavy_student_t_summary: summary(any_heavy_student_t());
    uniform: distribution(any_uniform());
    uniform_cumulative: cumulative(any_uniform());
    uniform_summary: summary(any_uniform());
    uniform_fits: estimate(any_uniform());
    von_mises: distribution(any_von_mises());
    von_mises_cumulative: cumulative(any_von_mises());
    von_mises_summary: summary(any_von_mises());
    von_mises_fits: estimate(any_von_mises());
    von_mises_coordinates: parametric(any_von_mises());
    von_mises_natural: exponential_family(any_von_mises());

    plane_normal: distribution(any_plane_normal());
    plane_normal_fits: estimate(any_plane_normal());
    plane_normal_coordinates: parametric(any_plane_normal());
    plane_factor: distribution(any_plane_factor());
    plane_factor_fits: estimate(any_plane_factor());
    plane_factor_coordinates: parametric(any_plane_factor());
    factor: distribution(any_factor());
    factor_coordinates: parametric(any_factor());
    diagonal_normal: distribution(any_diagonal_normal());
    diagonal_normal_fits: estimate(any_diagonal_normal());
    diagonal_normal_coordinates: parametric(any_diagonal_normal());
    spherical_normal: distribution(any_spherical_normal());
    spherical_normal_fits: estimate(any_spherical_normal());
    spherical_normal_coordinates: parametric(any_spherical_normal());

    bernoulli_with_prior: estimate(with_prior(any_bernoulli(), Beta::new(2.0, 3.5)));
    bernoulli_with_prior_coordinates: parametric(with_prior(any_bernoulli(), Beta::new(2.0, 3.5)));
    binomial_with_prior: estimate(with_prior(any_binomial(), Beta::new(2.0, 3.5)));
    geometric_with_prior: estimate(with_prior(any_geometric(), Beta::new(2.0, 3.5)));
    categorical_with_prior: estimate(with_prior(any_categorical(), Dirichlet::new(vec![1.0, 2.0, 3.5])));
    multinomial_with_prior: estimate(with_prior(any_multinomial(), Dirichlet::new(vec![1.0, 2.0, 3.5])));
    poisson_with_prior: estimate(with_prior(any_poisson(), Gamma::new(3.0, 2.0)));
    poisson_with_prior_coordinates: parametric(with_prior(any_poisson(), Gamma::new(3.0, 2.0)));
    exponential_with_prior: estimate(with_prior(any_exponential(), Gamma::new(3.0, 2.0)));
    normal_with_prior: estimate(with_prior(any_normal(), InverseGamma::new(2.0, 3.0)));
    normal_with_prior_coordinates: parametric(with_prior(any_normal(), InverseGamma::new(2.0, 3.0)));
    normal_with_prior_of_both: estimate(with_prior(any_normal(), prior_of_both()));
    normal_with_prior_of_both_coordinates: parametric(with_prior(any_normal(), prior_of_both()));
    normal_of_known_mean: estimate(any_normal().prop_map(Normal::hold_mean));
    normal_of_known_mean_coordinates: parametric(any_normal().prop_map(Normal::hold_mean));
    normal_of_known_spread: estimate(any_normal().prop_map(Normal::hold_standard_deviation));
    normal_of_known_spread_coordinates: parametric(any_normal().prop_map(Normal::hold_standard_deviation));

    pair: distribution((any_normal(), any_normal()));
    pair_fits: estimate((any_normal(), any_normal()));
    mixed_pair: distribution((any_normal(), any_poisson()));
    mixed_pair_fits: estimate((any_normal(), any_poisson()));
    column_of_counts: distribution(any_column_of_counts());
    column_of_counts_fits: estimate(any_column_of_counts());
    columns: distribution(any_columns());
    columns_fit: estimate(any_columns());
    columns_coordinates: parametric(any_columns());
}
