//! Every shipped model obeys every law that applies, through the line that a user writes.
#![cfg(feature = "laws")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::families::*;
use marginal::components::{Gaussians, InverseWishart};
use marginal::distributions::{Dirichlet, Estimate};
use marginal::laws::proptest::prelude::*;
use marginal::laws::strategies::{mixture_cases, simplex, weight};
use marginal::laws::{LatentCase, Observations};
use marginal::models::{Centroids, ColumnMixture, EmptyCluster};
use marginal::prelude::*;
use marginal::rand::rngs::Xoshiro256PlusPlus;

type Normals = Mixture<Gaussians>;

/// Cases of a Gaussian mixture whose covariances have the shape of its components'.
fn gaussian(
    shape: Covariance,
    components: impl Strategy<Value = MultivariateNormal> + Clone + 'static,
) -> impl Strategy<Value = LatentCase<GaussianMixture>> {
    with_model(GaussianMixture::new(2).covariance(shape), components, Mixture::clone)
}

fn with_model(
    model: GaussianMixture,
    components: impl Strategy<Value = MultivariateNormal> + Clone + 'static,
    shape: fn(&Normals) -> Normals,
) -> impl Strategy<Value = LatentCase<GaussianMixture>> {
    mixture_cases(components).prop_map(move |case| {
        let theta = |mixture: &Mixture<Vec<MultivariateNormal>>| {
            let components = Gaussians::new(mixture.components().clone()).unwrap();
            shape(&Mixture::new(mixture.proportions().to_vec(), components).unwrap())
        };
        let new = LatentCase::new(model.clone(), theta(&case.theta), case.observations);
        case.rivals.iter().map(theta).fold(new, LatentCase::beside)
    })
}

/// Both components under the covariance of the first.
fn tied(theta: &Normals) -> Normals {
    let covariance = theta.components()[0].covariance();
    let at = |normal: &MultivariateNormal| MultivariateNormal::new(normal.mean().to_vec(), &covariance).unwrap();
    let members = theta.components().iter().map(at).collect();
    Mixture::new(theta.proportions().to_vec(), Gaussians::new(members).unwrap()).unwrap()
}

fn any_tied() -> impl Strategy<Value = LatentCase<GaussianMixture>> {
    with_model(GaussianMixture::new(2).covariance(Covariance::Tied), any_plane_normal(), tied)
}

fn with_prior() -> impl Strategy<Value = LatentCase<GaussianMixture>> {
    let prior = InverseWishart::new(4.0, vec![1.0, 0.25, 0.25, 0.5]).unwrap();
    with_model(GaussianMixture::new(2).prior(prior), any_plane_normal(), Mixture::clone)
}

/// θ with eigenvalues ≥ 1, as the floor of the model demands.
fn with_floor() -> impl Strategy<Value = LatentCase<GaussianMixture>> {
    let wide = any_plane_normal().prop_map(|normal| {
        let mut covariance = normal.covariance();
        covariance[0] += 1.0;
        covariance[3] += 1.0;
        MultivariateNormal::new(normal.mean().to_vec(), &covariance).unwrap()
    });
    with_model(GaussianMixture::new(2).floor(1.0), wide, Mixture::clone)
}

/// The same rows as numbers of 32 bits.
fn narrowed(observations: &Observations<[f64]>) -> Observations<[f32]> {
    let row = |n: usize| observations.row(n).iter().map(|x| *x as f32).collect::<Vec<f32>>();
    Observations::new((0..observations.len()).map(|n| (row(n), observations.weight(n))))
}

/// Gaussian mixtures over rows of 32-bit numbers.
fn gaussian_of_singles(
    shape: Covariance,
    components: impl Strategy<Value = MultivariateNormal> + Clone + 'static,
) -> impl Strategy<Value = LatentCase<GaussianMixture<f32>>> {
    gaussian(shape, components).prop_map(move |case| {
        let single = |theta: &Normals| {
            let components = theta.components().iter().cloned().map(MultivariateNormal::over::<f32>).collect();
            Mixture::new(theta.proportions().to_vec(), Gaussians::new(components).unwrap()).unwrap()
        };
        let model = GaussianMixture::new(2).covariance(shape).over::<f32>();
        let narrow = LatentCase::new(model, single(&case.theta), narrowed(&case.observations));
        case.rivals.iter().map(single).fold(narrow, LatentCase::beside)
    })
}

/// K-means over rows of 32-bit numbers.
fn k_means_of_singles() -> impl Strategy<Value = LatentCase<KMeans<f32>>> {
    k_means(EmptyCluster::Relocate)
        .prop_map(|case| LatentCase::new(KMeans::new(2).over::<f32>(), case.theta, narrowed(&case.observations)))
}

fn columns() -> impl Strategy<Value = LatentCase<ColumnMixture>> {
    mixture_cases(any_columns()).prop_map(|case| {
        let families = case.theta.components()[0].parts().to_vec();
        case.of_model(ColumnMixture::new(2, families).unwrap())
    })
}

fn k_means(policy: EmptyCluster) -> impl Strategy<Value = LatentCase<KMeans>> {
    mixture_cases(any_plane_normal()).prop_map(move |case| {
        let means = case.theta.components().iter().flat_map(|normal| normal.mean().to_vec()).collect();
        let centres = Centroids::new(Table::from_values(means, 2).unwrap()).unwrap();
        LatentCase::new(KMeans::new(2).empty_cluster(policy), centres, case.observations)
    })
}

/// Two states, and sequences of a rival that are possible under θ too; none of them long.
fn chains<V, D>(
    emissions: impl Strategy<Value = D> + Clone + 'static,
) -> impl Strategy<Value = LatentCase<HiddenMarkovModel<Vec<D>>>>
where
    V: Clone + std::fmt::Debug + Send + Sync,
    D: Estimate<Value = V> + std::fmt::Debug + 'static,
{
    let rows = (simplex(2), simplex(2), simplex(2));
    let models = (rows, prop::collection::vec(emissions, 2)).prop_map(|((initial, first, second), emissions)| {
        HiddenMarkovModel::new(&initial, &[first, second], emissions).unwrap()
    });
    let models = models.boxed();
    let lengths = prop::collection::vec((0usize..6, weight()), 2..8);
    (models.clone(), models, 0u64..1000, lengths).prop_map(|(theta, truth, seed, lengths)| {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let drawn = lengths.into_iter().map(|(length, weight)| (truth.sample(length, &mut rng).0, weight));
        let possible = drawn.filter(|(x, _)| theta.log_density(x).is_ok());
        let observations = Observations::new(possible.collect::<Vec<_>>());
        LatentCase::new(theta.clone(), theta, observations).beside(truth)
    })
}

/// Proportions under a prior that is not the same for both.
fn poissons_under_a_prior() -> impl Strategy<Value = LatentCase<Mixture<Vec<Poisson>>>> {
    mixture_cases(any_poisson()).prop_map(|case| {
        let prior = Dirichlet::new(vec![3.5, 1.25]).unwrap();
        let model = case.theta.clone().proportions_prior(prior).unwrap();
        case.of_model(model)
    })
}

/// First states and transitions under priors.
fn chains_under_priors() -> impl Strategy<Value = LatentCase<HiddenMarkovModel<Vec<Poisson>>>> {
    chains(any_poisson()).prop_map(|case| {
        let dirichlet = |a, b| Dirichlet::new(vec![a, b]).unwrap();
        let model = case.theta.clone().initial_prior(dirichlet(2.0, 1.5)).unwrap();
        let model = model.transition_priors(vec![dirichlet(4.0, 1.0), dirichlet(1.25, 2.5)]).unwrap();
        case.of_model(model)
    })
}

marginal::laws! {
    poissons_under_a_prior: finite_latent(poissons_under_a_prior());
    poissons_under_a_prior_coordinates: parametric_latent(poissons_under_a_prior());
    chains_under_priors: latent_model(chains_under_priors());
    chains_of_normals: latent_model(chains(any_normal()));
    chains_of_poissons: latent_model(chains(any_poisson()));
    chains_of_categoricals: latent_model(chains(any_categorical()));
    normals: finite_latent(mixture_cases(any_normal()));
    normals_coordinates: parametric_latent(mixture_cases(any_normal()));
    normals_scaled: scale_family(mixture_cases(any_normal()));
    normals_renamed: exchangeable(mixture_cases(any_normal()));
    normals_moved: location_family(mixture_cases(any_normal()));
    normals_found: recovery(mixture_cases(any_normal()));
    poissons: finite_latent(mixture_cases(any_poisson()));
    poissons_coordinates: parametric_latent(mixture_cases(any_poisson()));
    poissons_found: recovery(mixture_cases(any_poisson()));
    categoricals: finite_latent(mixture_cases(any_categorical()));
    categoricals_coordinates: parametric_latent(mixture_cases(any_categorical()));
    categoricals_found: recovery(mixture_cases(any_categorical()));
    bernoullis: finite_latent(mixture_cases(any_bernoulli()));
    bernoullis_coordinates: parametric_latent(mixture_cases(any_bernoulli()));
    bernoullis_found: recovery(mixture_cases(any_bernoulli()));
    exponentials: finite_latent(mixture_cases(any_exponential()));
    exponentials_coordinates: parametric_latent(mixture_cases(any_exponential()));
    exponentials_scaled: scale_family(mixture_cases(any_exponential()));
    exponentials_found: recovery(mixture_cases(any_exponential()));
    gammas: finite_latent(mixture_cases(any_gamma()));
    gammas_coordinates: parametric_latent(mixture_cases(any_gamma()));
    gammas_scaled: scale_family(mixture_cases(any_gamma()));
    gammas_found: recovery(mixture_cases(any_gamma()));
    laplaces: finite_latent(mixture_cases(any_laplace()));
    laplaces_coordinates: parametric_latent(mixture_cases(any_laplace()));
    laplaces_scaled: scale_family(mixture_cases(any_laplace()));
    laplaces_found: recovery(mixture_cases(any_laplace()));
    student_ts: finite_latent(mixture_cases(any_student_t()));
    student_ts_coordinates: parametric_latent(mixture_cases(any_student_t()));
    student_ts_scaled: scale_family(mixture_cases(any_student_t()));
    student_ts_found: recovery(mixture_cases(any_student_t()));
    von_miseses: finite_latent(mixture_cases(any_von_mises()));
    von_miseses_coordinates: parametric_latent(mixture_cases(any_von_mises()));
    von_miseses_found: recovery(mixture_cases(any_von_mises()));
    multinomials: finite_latent(mixture_cases(any_multinomial()));
    multinomials_coordinates: parametric_latent(mixture_cases(any_multinomial()));
    multinomials_found: recovery(mixture_cases(any_multinomial()));
    dirichlets: finite_latent(mixture_cases(any_dirichlet()));
    dirichlets_coordinates: parametric_latent(mixture_cases(any_dirichlet()));
    dirichlets_found: recovery(mixture_cases(any_dirichlet()));
    mixed_pairs: finite_latent(mixture_cases((any_normal(), any_poisson())));
    mixed_pairs_found: recovery(mixture_cases((any_normal(), any_poisson())));
    columns: finite_latent(columns());
    columns_coordinates: parametric_latent(columns());
    columns_renamed: exchangeable(columns());

    mixture: distribution(any_mixture());
    plane_normals: finite_latent(mixture_cases(any_plane_normal()));
    plane_normals_coordinates: parametric_latent(mixture_cases(any_plane_normal()));
    plane_normals_scaled: scale_family(mixture_cases(any_plane_normal()));
    plane_normals_moved: location_family(mixture_cases(any_plane_normal()));
    plane_normals_found: recovery(mixture_cases(any_plane_normal()));
    full: finite_latent(gaussian(Covariance::Full, any_plane_normal()));
    full_renamed: exchangeable(gaussian(Covariance::Full, any_plane_normal()));
    full_coordinates: parametric_latent(gaussian(Covariance::Full, any_plane_normal()));
    full_scaled: scale_family(gaussian(Covariance::Full, any_plane_normal()));
    full_moved: location_family(gaussian(Covariance::Full, any_plane_normal()));
    full_found: recovery(gaussian(Covariance::Full, any_plane_normal()));
    tied: finite_latent(any_tied());
    tied_renamed: exchangeable(any_tied());
    tied_scaled: scale_family(any_tied());
    tied_moved: location_family(any_tied());
    tied_found: recovery(any_tied());
    diagonal: finite_latent(gaussian(Covariance::Diagonal, any_diagonal_normal()));
    diagonal_moved: location_family(gaussian(Covariance::Diagonal, any_diagonal_normal()));
    diagonal_found: recovery(gaussian(Covariance::Diagonal, any_diagonal_normal()));
    spherical: finite_latent(gaussian(Covariance::Spherical, any_spherical_normal()));
    spherical_moved: location_family(gaussian(Covariance::Spherical, any_spherical_normal()));
    spherical_found: recovery(gaussian(Covariance::Spherical, any_spherical_normal()));
    full_of_singles: finite_latent(gaussian_of_singles(Covariance::Full, any_plane_normal()));
    diagonal_of_singles: finite_latent(gaussian_of_singles(Covariance::Diagonal, any_diagonal_normal()));
    k_means_of_singles: latent_model(k_means_of_singles());
    with_prior: finite_latent(with_prior());
    with_prior_coordinates: parametric_latent(with_prior());
    with_floor: finite_latent(with_floor());

    k_means: latent_model(k_means(EmptyCluster::Keep));
    k_means_moved: location_family(k_means(EmptyCluster::Keep));
    k_means_relocating: latent_model(k_means(EmptyCluster::Relocate));
}
