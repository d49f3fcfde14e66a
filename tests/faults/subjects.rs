//! The subjects of the planted faults: the suites and the cases of each, and what came of its catalogue.

use std::sync::LazyLock;

use marginal::distributions::{MultivariateNormal, Normal, Poisson};
use marginal::laws::strategies::{mixture_cases, observed};
use marginal::laws::{self, LatentCase, Law};
use marginal::models::Mixture;

use super::driver::{Row, cases};
use super::families::{any_normal, any_plane_normal, any_poisson};
use super::{
    a_known_slope, a_logistic, a_normal, centres, excess_zeros, failures, hidden_node, left_to_right, lifetimes,
    plane_normals, poissons, two_normals,
};

/// The outcome of a catalogue, computed once for all tests that ask.
pub(crate) type Outcome = LazyLock<Vec<Row>>;

fn rows_of<F: Copy + std::fmt::Debug, C: std::fmt::Debug>(
    subject: &'static str,
    catalogue: &[(F, laws::Part)],
    suite: &[Law<C>],
    cases: impl Fn(F) -> Vec<C>,
) -> Vec<Row> {
    catalogue.iter().map(|(fault, part)| Row::of(subject, fault, *part, suite, &cases(*fault))).collect()
}

/// A case of a mixture as one of a subject's own.
fn of_mixture<D, M, T>(case: LatentCase<Mixture<Vec<D>>>, model: M, theta: T) -> LatentCase<M>
where
    D: marginal::distributions::Estimate,
    M: marginal::latent::LatentModel<Observation = D::Value>,
    T: Fn(&Mixture<Vec<D>>) -> M::Parameters,
{
    let rivals: Vec<M::Parameters> = case.rivals.iter().map(&theta).collect();
    let new = LatentCase::new(model, theta(&case.theta), case.observations);
    rivals.into_iter().fold(new, LatentCase::beside)
}

fn pair<T: Copy>(of: &[T]) -> [T; 2] {
    [of[0], of[1]]
}

fn of_located_components<M>() -> Vec<Law<LatentCase<M>>>
where
    M: marginal::latent::FiniteLatent<
            Observation: laws::Coordinates + 'static,
            Parameters: Send + laws::Relabel + laws::Shift + 'static,
            Statistics: 'static,
        >,
{
    [laws::finite_latent(), laws::exchangeable(), laws::location_family()].concat()
}

pub(crate) fn two_normals_suite() -> Vec<Law<LatentCase<two_normals::TwoNormals>>> {
    [of_located_components(), laws::scale_family(), laws::parametric_latent()].concat()
}

pub(crate) fn two_normals_cases(fault: two_normals::Fault, count: usize) -> Vec<LatentCase<two_normals::TwoNormals>> {
    let theta = |mixture: &Mixture<Vec<Normal>>| two_normals::Theta {
        proportions: pair(mixture.proportions()),
        means: pair(mixture.components()).map(|normal| normal.mean()),
        variances: pair(mixture.components()).map(|normal| normal.standard_deviation().powi(2)),
    };
    let own = |case| of_mixture(case, two_normals::TwoNormals::new(fault), theta);
    cases(mixture_cases(any_normal()), count).into_iter().map(own).collect()
}

pub(crate) static TWO_NORMALS: Outcome = LazyLock::new(|| {
    let cases = |fault| two_normals_cases(fault, 40);
    rows_of("two normals", &two_normals::CATALOGUE, &two_normals_suite(), cases)
});

pub(crate) fn plane_normals_suite() -> Vec<Law<LatentCase<plane_normals::PlaneNormals>>> {
    of_located_components()
}

pub(crate) fn plane_normals_cases(
    fault: plane_normals::Fault,
    count: usize,
) -> Vec<LatentCase<plane_normals::PlaneNormals>> {
    let theta = |mixture: &Mixture<Vec<MultivariateNormal>>| plane_normals::Theta {
        proportions: pair(mixture.proportions()),
        means: [0, 1].map(|z| pair(mixture.components()[z].mean())),
        covariances: [0, 1].map(|z| {
            let covariance = mixture.components()[z].covariance();
            [covariance[0], covariance[1], covariance[3]]
        }),
    };
    let own = |case| of_mixture(case, plane_normals::PlaneNormals(fault), theta);
    cases(mixture_cases(any_plane_normal()), count).into_iter().map(own).collect()
}

pub(crate) static PLANE_NORMALS: Outcome = LazyLock::new(|| {
    let cases = |fault| plane_normals_cases(fault, 24);
    rows_of("two normals in the plane", &plane_normals::CATALOGUE, &plane_normals_suite(), cases)
});

pub(crate) fn poissons_suite() -> Vec<Law<LatentCase<poissons::Poissons>>> {
    [laws::finite_latent(), laws::exchangeable()].concat()
}

pub(crate) fn poissons_cases(fault: poissons::Fault, count: usize) -> Vec<LatentCase<poissons::Poissons>> {
    let theta = |mixture: &Mixture<Vec<Poisson>>| poissons::Theta {
        proportions: pair(mixture.proportions()),
        rates: pair(mixture.components()).map(|poisson| poisson.rate()),
    };
    let own = |case| of_mixture(case, poissons::Poissons(fault), theta);
    cases(mixture_cases(any_poisson()), count).into_iter().map(own).collect()
}

pub(crate) static POISSONS: Outcome = LazyLock::new(|| {
    rows_of("two Poissons", &poissons::CATALOGUE, &poissons_suite(), |fault| poissons_cases(fault, 40))
});

pub(crate) static EXCESS_ZEROS: Outcome = LazyLock::new(|| {
    let cases = |fault| cases(excess_zeros::any_case(fault), 40);
    rows_of("excess zeros", &excess_zeros::CATALOGUE, &laws::finite_latent(), cases)
});

pub(crate) fn centres_suite() -> Vec<Law<LatentCase<centres::KMeans>>> {
    [laws::latent_model(), laws::location_family()].concat()
}

pub(crate) static CENTRES: Outcome = LazyLock::new(|| {
    rows_of("K-means", &centres::CATALOGUE, &centres_suite(), |fault| cases(centres::any_case(fault), 40))
});

pub(crate) static LIFETIMES: Outcome = LazyLock::new(|| {
    let cases = |fault| cases(lifetimes::any_case(fault), 40);
    rows_of("censored lifetimes", &lifetimes::CATALOGUE, &laws::latent_model(), cases)
});

pub(crate) static LEFT_TO_RIGHT: Outcome = LazyLock::new(|| {
    let cases = |fault| cases(left_to_right::any_case(fault, false), 40);
    rows_of("a chain", &left_to_right::CATALOGUE, &laws::latent_model(), cases)
});

pub(crate) static HIDDEN_NODE: Outcome = LazyLock::new(|| {
    let name = "a hidden node";
    let of_graph = |fault| cases(hidden_node::any_graph(fault), 16);
    let of_model = |fault| cases(hidden_node::any_case(fault), 40);
    let mut rows = rows_of(name, &hidden_node::OF_THE_GRAPH, &laws::graph(), of_graph);
    rows.extend(rows_of(name, &hidden_node::OF_THE_MODEL, &laws::latent_model(), of_model));
    rows
});

pub(crate) fn estimate_suite() -> Vec<Law<laws::EstimateCase<a_normal::Normal>>> {
    [laws::estimate(), laws::parametric()].concat()
}

pub(crate) static A_NORMAL: Outcome = LazyLock::new(|| {
    let row = |(fault, subject, part): &(a_normal::Fault, a_normal::Subject, laws::Part)| {
        let normals = a_normal::any_normal(*fault);
        let name = "a normal";
        match subject {
            a_normal::Subject::Density => Row::of(name, fault, *part, &laws::distribution(), &cases(normals, 16)),
            a_normal::Subject::Family => Row::of(name, fault, *part, &laws::exponential_family(), &cases(normals, 16)),
            a_normal::Subject::Estimate => {
                Row::of(name, fault, *part, &estimate_suite(), &cases(observed(normals), 40))
            }
        }
    };
    a_normal::CATALOGUE.iter().map(row).collect()
});

pub(crate) static A_LOGISTIC: Outcome = LazyLock::new(|| {
    let row = |(fault, subject, part): &(a_logistic::Fault, a_logistic::Subject, laws::Part)| {
        let (name, cases) = ("a logistic", cases(a_logistic::any_logistic(*fault), 16));
        match subject {
            a_logistic::Subject::Cumulative => Row::of(name, fault, *part, &laws::cumulative(), &cases),
            a_logistic::Subject::Summary => Row::of(name, fault, *part, &laws::summary(), &cases),
        }
    };
    a_logistic::CATALOGUE.iter().map(row).collect()
});

pub(crate) static A_KNOWN_SLOPE: Outcome = LazyLock::new(|| {
    let cases = |fault| cases(a_known_slope::any_case(fault), 40);
    rows_of("a known slope", &a_known_slope::CATALOGUE, &a_known_slope::suite(), cases)
});

pub(crate) static FAILURES: Outcome = LazyLock::new(|| {
    let row = |(fault, subject, part): &(failures::Fault, a_logistic::Subject, laws::Part)| {
        let (name, cases) = ("failures", cases(failures::any_failures(*fault), 16));
        match subject {
            a_logistic::Subject::Cumulative => Row::of(name, fault, *part, &laws::cumulative(), &cases),
            a_logistic::Subject::Summary => Row::of(name, fault, *part, &laws::summary(), &cases),
        }
    };
    failures::CATALOGUE.iter().map(row).collect()
});
