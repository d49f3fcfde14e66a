//! What the laws see of faults planted in correct models, and why they do not see the rest.
#![cfg(feature = "laws")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../faults/blood_groups.rs"]
mod blood_groups;
#[allow(dead_code, reason = "here the model is correct")]
#[path = "../faults/lifetimes.rs"]
mod lifetimes;

use crate::families::{any_normal, any_poisson, any_student_t};
use marginal::distributions::MultivariateNormal;
use marginal::latent::LatentModel;
use marginal::laws::power::{self, Injected, InjectedFinite, Injection, Power};
use marginal::laws::proptest::prelude::*;
use marginal::laws::strategies::{mixture_cases, positive, real};
use marginal::laws::{self, LatentCase, Observations};

/// The model breaks nothing as it stands; all that can be seen is seen, and the broken part blamed.
fn settle(power: &Power, survivors: &[(Injection, &str)]) {
    assert!(power.alarms.is_empty(), "{power}");
    let found: Vec<_> = power.survivors().map(|row| (row.injection, row.hint.as_deref().unwrap())).collect();
    assert_eq!(found, survivors, "{power}");
    assert!(power.blame() >= 0.95, "{power}");
    assert_eq!(power.score(), 1.0 - survivors.len() as f64 / power.rows.len() as f64);
}

/// The same rows, each of weight 1.
fn unweighted<M: LatentModel>(case: LatentCase<M>) -> LatentCase<M> {
    let all = &case.observations;
    let observations = Observations::new((0..all.len()).map(|n| (all.row(n), 1.0)));
    LatentCase { observations, ..case }
}

#[test]
fn every_fault_in_a_mixture_of_normals_is_caught() {
    let cases = power::drawn(&mixture_cases(any_normal()), 20);
    settle(&power::of_finite_latent(&cases).and(power::of_coordinates(&cases)), &[]);
}

#[test]
fn every_fault_in_a_mixture_of_poissons_is_caught() {
    let cases = power::drawn(&mixture_cases(any_poisson()), 20);
    settle(&power::of_finite_latent(&cases).and(power::of_coordinates(&cases)), &[]);
}

#[test]
fn every_fault_in_the_blood_groups_is_caught() {
    settle(&power::of_finite_latent(&power::drawn(&blood_groups::any_case(&[0, 1, 2, 3]), 20)), &[]);
}

#[test]
fn every_fault_in_a_model_of_lifetimes_is_caught() {
    settle(&power::of_latent_model(&power::drawn(&lifetimes::any_case(lifetimes::Fault::None), 20)), &[]);
}

#[test]
fn weights_that_are_ignored_are_seen_even_where_all_of_the_data_are_1() {
    // The laws weigh rows themselves.
    let lifetimes = lifetimes::any_case(lifetimes::Fault::None).prop_map(unweighted);
    let power = power::of_latent_model(&power::drawn(&lifetimes, 40));
    settle(&power, &[]);
    assert_eq!(power.row(Injection::StatisticsIgnoreWeights).unwrap().caught(), 40);
    assert_eq!(power.row(Injection::EvidenceIgnoresWeights).unwrap().caught(), 40);
    let poissons = mixture_cases(any_poisson()).prop_map(unweighted);
    settle(&power::of_finite_latent(&power::drawn(&poissons, 10)), &[]);
}

#[test]
fn without_doubt_no_fault_in_the_posterior_is_seen() {
    use Injection::{LabelsRotated, PosteriorHardened, PosteriorMixed, PosteriorTempered, StatisticsOfAnotherTheta};
    let faults =
        [PosteriorTempered, PosteriorMixed, PosteriorHardened, LabelsRotated, StatisticsOfAnotherTheta].into_iter();
    let why = "every posterior of your data is 0 or 1: let the states overlap";
    let unseen: Vec<_> = faults.map(|fault| (fault, why)).collect();
    // The groups AB and O have one genotype each.
    settle(&power::of_finite_latent(&power::drawn(&blood_groups::any_case(&[2, 3]), 10)), &unseen);
}

#[test]
fn a_law_that_is_silent_is_named() {
    let why = "the_joint_is_normalised is silent: the kit has no quadrature over values of this type";
    let in_space = (real(), positive()).prop_map(|(a, v)| MultivariateNormal::spherical(vec![a, -a, 1.0], v).unwrap());
    let cases = power::drawn(&mixture_cases(in_space), 5);
    settle(&power::of_finite_latent(&cases), &[(Injection::JointOfLastStateOff, why)]);
}

#[test]
fn what_the_m_step_does_not_promise_is_legal() {
    let power = power::of_latent_model(&power::drawn(&mixture_cases(any_student_t()), 2));
    let hint = power.row(Injection::EstimateKeepsOldTheta).unwrap().hint.as_deref().unwrap();
    assert!(hint.starts_with("the M-step does not promise a maximum"), "{power}");
}

#[test]
fn a_wrong_model_is_told_to_be_mended_first() {
    let cases = power::drawn(&lifetimes::any_case(lifetimes::Fault::MergeHalves), 5);
    let power = power::of_latent_model(&cases);
    assert!(power.alarms.contains(&"merging_associates"), "{power}");
    assert!(power.to_string().ends_with("mend that first"), "{power}");
}

#[test]
fn with_nothing_injected_the_model_is_the_model() {
    let cases = power::drawn(&mixture_cases(any_normal()), 10);
    for case in &cases {
        let own = laws::check(&laws::finite_latent(), case).to_string();
        let wrapped = laws::check(&laws::finite_latent(), &InjectedFinite::case(case, Injection::Nothing));
        assert_eq!(wrapped.to_string(), own);
        let own = laws::check(&laws::latent_model(), case).to_string();
        let wrapped = laws::check(&laws::latent_model(), &Injected::case(case, Injection::Nothing));
        assert_eq!(wrapped.to_string(), own);
    }
}
