//! Correct models whose formulas lose digits: no law may take round-off for a fault, however the model is written.
#![cfg(feature = "laws")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../faults/textbook_plane.rs"]
mod textbook_plane;
#[allow(dead_code, reason = "two of its faults are enough here")]
#[path = "../faults/two_normals.rs"]
mod two_normals;

use crate::families::any_plane_normal;
use marginal::laws::proptest::prelude::*;
use marginal::laws::proptest::strategy::ValueTree;
use marginal::laws::proptest::test_runner::TestRunner;
use marginal::laws::strategies::mixture_cases;
use marginal::laws::{self, LatentCase, Law, Observations, Verdict, each};
use textbook_plane::{Form, TextbookPlane, Theta};

fn plane_cases(form: Form, count: usize) -> Vec<LatentCase<TextbookPlane>> {
    let strategy = mixture_cases(any_plane_normal());
    let mut runner = TestRunner::deterministic();
    let case = |_| {
        let case = strategy.new_tree(&mut runner).unwrap().current();
        let rivals: Vec<Theta> = case.rivals.iter().map(Theta::of).collect();
        let new = LatentCase::new(TextbookPlane(form), Theta::of(&case.theta), case.observations);
        rivals.into_iter().fold(new, LatentCase::beside)
    };
    (0..count).map(case).collect()
}

/// How many cases break some law, and what was said first.
fn alarms<C>(suite: &[Law<C>], cases: &[C]) -> Vec<String> {
    let of_case = |case: &C| {
        suite.iter().find_map(|law| match law.check(case) {
            Verdict::Fails(failure) => Some(format!("{}: {failure}", law.name)),
            _ => None,
        })
    };
    cases.iter().filter_map(of_case).collect()
}

#[test]
fn a_correct_model_of_textbook_formulas_raises_no_alarm() {
    for form in [Form::RawMoments, Form::PlainLoop] {
        let found = alarms(&laws::finite_latent(), &plane_cases(form, 400));
        assert!(found.is_empty(), "{form:?}, {}: {}", found.len(), found.join("\n"));
    }
}

/// `cargo test --features laws --test laws_round_off -- --ignored`
#[test]
#[ignore = "takes minutes"]
fn not_in_two_thousand_cases_either() {
    for form in [Form::RawMoments, Form::PlainLoop] {
        let found = alarms(&laws::finite_latent(), &plane_cases(form, 2000));
        assert!(found.is_empty(), "{form:?}, {}: {}", found.len(), found.join("\n"));
    }
}

#[test]
fn a_posterior_through_the_rounded_log_density_is_a_posterior() {
    use two_normals::{Fault, Theta, TwoNormals};
    let near = Theta { proportions: [0.375, 0.625], means: [0.0, 0.5], variances: [1.0, 2.0] };
    let verdict = |fault, theta: &Theta, reach: f64| {
        let rows = [-1.7, 0.3, 1.1].map(|x| (reach * x, 1.0));
        let case = LatentCase::new(TwoNormals::new(fault), theta.clone(), Observations::new(rows));
        each::the_posterior_is_on_the_simplex().check(&case)
    };
    for reach in [1.0, 1e2, 1e3] {
        let exponentials = verdict(Fault::NaiveExponentials, &near, reach);
        assert!(matches!(exponentials, Verdict::Holds { .. }), "{reach}: {exponentials:?}");
    }
    assert!(matches!(verdict(Fault::PosteriorNotNormalised, &near, 1.0), Verdict::Fails(_)));
    // Where |ln p| ε is half of the digits and more, it is none any longer: no row is one component's alone here.
    let equal = Theta { proportions: [0.375, 0.625], means: [0.0; 2], variances: [1.0; 2] };
    let far: Vec<_> = (5..9).map(|e| verdict(Fault::NaiveExponentials, &equal, 10f64.powi(e))).collect();
    assert!(far.iter().any(|verdict| matches!(verdict, Verdict::Fails(_))), "{far:?}");
}
