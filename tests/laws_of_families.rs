//! Every shipped family obeys every law that applies, through the line that a user writes.
#![cfg(feature = "laws")]

mod families;

use families::*;

marginal::laws! {
    bernoulli: distribution(any_bernoulli());
    bernoulli_fits: estimate(any_bernoulli());
    bernoulli_coordinates: parametric(any_bernoulli());
    bernoulli_natural: exponential_family(any_bernoulli());
    categorical: distribution(any_categorical());
    categorical_fits: estimate(any_categorical());
    categorical_coordinates: parametric(any_categorical());
    categorical_natural: exponential_family(any_categorical());
    binomial: distribution(any_binomial());
    binomial_cumulative: cumulative(any_binomial());
    binomial_fits: estimate(any_binomial());
    binomial_coordinates: parametric(any_binomial());
    binomial_natural: exponential_family(any_binomial());
    multinomial: distribution(any_multinomial());
    multinomial_fits: estimate(any_multinomial());
    multinomial_coordinates: parametric(any_multinomial());
    multinomial_natural: exponential_family(any_multinomial());
    poisson: distribution(any_poisson());
    poisson_cumulative: cumulative(any_poisson());
    poisson_fits: estimate(any_poisson());
    poisson_coordinates: parametric(any_poisson());
    poisson_natural: exponential_family(any_poisson());
    geometric: distribution(any_geometric());
    geometric_cumulative: cumulative(any_geometric());
    geometric_fits: estimate(any_geometric());
    geometric_coordinates: parametric(any_geometric());
    geometric_natural: exponential_family(any_geometric());

    normal: distribution(any_normal());
    normal_cumulative: cumulative(any_normal());
    normal_fits: estimate(any_normal());
    normal_coordinates: parametric(any_normal());
    normal_natural: exponential_family(any_normal());
    log_normal: distribution(any_log_normal());
    log_normal_cumulative: cumulative(any_log_normal());
    log_normal_fits: estimate(any_log_normal());
    log_normal_coordinates: parametric(any_log_normal());
    log_normal_natural: exponential_family(any_log_normal());
    exponential: distribution(any_exponential());
    exponential_cumulative: cumulative(any_exponential());
    exponential_fits: estimate(any_exponential());
    exponential_coordinates: parametric(any_exponential());
    exponential_natural: exponential_family(any_exponential());
    gamma: distribution(any_gamma());
    gamma_cumulative: cumulative(any_gamma());
    gamma_fits: estimate(any_gamma());
    gamma_coordinates: parametric(any_gamma());
    gamma_natural: exponential_family(any_gamma());
    beta: distribution(any_beta());
    beta_cumulative: cumulative(any_beta());
    beta_fits: estimate(any_beta());
    beta_coordinates: parametric(any_beta());
    beta_natural: exponential_family(any_beta());
    dirichlet: distribution(any_dirichlet());
    dirichlet_fits: estimate(any_dirichlet());
    dirichlet_coordinates: parametric(any_dirichlet());
    dirichlet_natural: exponential_family(any_dirichlet());
    laplace: distribution(any_laplace());
    laplace_cumulative: cumulative(any_laplace());
    laplace_fits: estimate(any_laplace());
    student_t: distribution(any_student_t());
    student_t_cumulative: cumulative(any_student_t());
    student_t_fits: estimate(any_student_t());
    student_t_coordinates: parametric(any_student_t());
    uniform: distribution(any_uniform());
    uniform_cumulative: cumulative(any_uniform());
    uniform_fits: estimate(any_uniform());
    von_mises: distribution(any_von_mises());
    von_mises_cumulative: cumulative(any_von_mises());
    von_mises_fits: estimate(any_von_mises());
    von_mises_coordinates: parametric(any_von_mises());
    von_mises_natural: exponential_family(any_von_mises());

    plane_normal: distribution(any_plane_normal());
    plane_normal_fits: estimate(any_plane_normal());
    plane_normal_coordinates: parametric(any_plane_normal());
    diagonal_normal: distribution(any_diagonal_normal());
    diagonal_normal_fits: estimate(any_diagonal_normal());
    spherical_normal: distribution(any_spherical_normal());
    spherical_normal_fits: estimate(any_spherical_normal());

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
