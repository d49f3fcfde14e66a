//! Faults planted one by one in correct code: the laws must catch each, blame the right part, and leave the correct
//! code and its legal variants alone. A law that no fault has broken has not shown that it can fail.
#![cfg(feature = "laws")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "faults/a_normal.rs"]
mod a_normal;
mod families;
#[path = "faults/lifetimes.rs"]
mod lifetimes;
#[path = "faults/two_normals.rs"]
mod two_normals;

use std::collections::BTreeSet;
use std::fmt::Debug;

use families::any_normal;
use marginal::distributions::Normal;
use marginal::laws::proptest::prelude::*;
use marginal::laws::proptest::strategy::ValueTree;
use marginal::laws::proptest::test_runner::TestRunner;
use marginal::laws::strategies::{mixture_cases, observed};
use marginal::laws::{self, LatentCase, Law, Part, Verdict};
use marginal::models::Mixture;
use two_normals::{Fault, Theta, TwoNormals};

/// The same cases at every run.
fn cases<S: Strategy>(strategy: S, count: usize) -> Vec<S::Value> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

/// The laws that fail on some case, or can tell of too few, in the order of the suite; dear laws see fewer cases.
fn broken<C: Debug>(suite: &[Law<C>], cases: &[C]) -> Vec<Law<C>> {
    let fails = |law: &&Law<C>| {
        let seen = &cases[..cases.len().div_ceil(law.cost as usize)];
        let verdicts: Vec<Verdict> = seen.iter().map(|case| law.check(case)).collect();
        let silent = verdicts.iter().filter(|v| matches!(v, Verdict::DoesNotApply(_))).count();
        5 * silent > 4 * seen.len() || verdicts.iter().any(|v| matches!(v, Verdict::Fails(_)))
    };
    suite.iter().filter(fails).copied().collect()
}

/// What came of a catalogue: the laws that were broken, or what was not caught or blamed wrongly.
#[derive(Default)]
struct Outcome {
    seen: BTreeSet<&'static str>,
    wrong: Vec<String>,
}

impl Outcome {
    fn of<C: Debug>(&mut self, fault: &dyn Debug, part: Part, suite: &[Law<C>], cases: &[C]) {
        let broken = broken(suite, cases);
        match broken.first() {
            None => self.wrong.push(format!("{fault:?} was not caught")),
            Some(law) if law.suspect != part => {
                let names: Vec<&str> = broken.iter().map(|law| law.name).collect();
                self.wrong
                    .push(format!("{fault:?}: blamed the {} instead of the {part}; broken: {names:?}", law.suspect));
            }
            Some(_) => (),
        }
        self.seen.extend(broken.iter().map(|law| law.name));
    }

    fn settle<C>(self, suite: &[Law<C>]) {
        let idle = suite.iter().map(|law| law.name).filter(|name| !self.seen.contains(name));
        let idle: Vec<&str> = idle.collect();
        assert!(self.wrong.is_empty() && idle.is_empty(), "{}\nnever broken: {idle:?}", self.wrong.join("\n"));
    }
}

fn two_normals_suite() -> Vec<Law<LatentCase<TwoNormals>>> {
    let mut suite = laws::finite_latent();
    suite.extend(laws::exchangeable());
    suite.extend(laws::location_family());
    suite
}

fn two_normals_cases(fault: Fault) -> Vec<LatentCase<TwoNormals>> {
    let theta = |mixture: &Mixture<Normal>| {
        let [a, b] = [0, 1].map(|z| mixture.components()[z]);
        Theta {
            proportions: [mixture.proportions()[0], mixture.proportions()[1]],
            means: [a.mean(), b.mean()],
            variances: [a.standard_deviation().powi(2), b.standard_deviation().powi(2)],
        }
    };
    let of_mixture = |case: LatentCase<Mixture<Normal>>| {
        let rivals: Vec<Theta> = case.rivals.iter().map(theta).collect();
        let new = LatentCase::new(TwoNormals::new(fault), theta(&case.theta), case.observations);
        rivals.into_iter().fold(new, LatentCase::beside)
    };
    cases(mixture_cases(any_normal()), 40).into_iter().map(of_mixture).collect()
}

#[test]
fn every_fault_in_a_mixture_is_caught_and_the_right_part_is_blamed() {
    let (suite, mut outcome) = (two_normals_suite(), Outcome::default());
    for (fault, part) in two_normals::CATALOGUE {
        outcome.of(&fault, part, &suite, &two_normals_cases(fault));
    }
    outcome.settle(&suite);
}

#[test]
fn a_correct_mixture_and_its_legal_variants_break_no_law() {
    for fault in [Fault::None, Fault::HalfAStepAsDeclared, Fault::VarianceAboutTheOldMeanAsDeclared] {
        let broken: Vec<&str> =
            broken(&two_normals_suite(), &two_normals_cases(fault)).iter().map(|l| l.name).collect();
        assert!(broken.is_empty(), "{fault:?}: {broken:?}");
    }
}

#[test]
fn every_fault_in_a_model_of_lifetimes_is_caught_and_the_right_part_is_blamed() {
    let (suite, mut outcome) = (laws::latent_model(), Outcome::default());
    for (fault, part) in lifetimes::CATALOGUE {
        outcome.of(&fault, part, &suite, &cases(lifetimes::any_case(fault), 40));
    }
    outcome.settle(&suite);
    assert_eq!(broken(&suite, &cases(lifetimes::any_case(lifetimes::Fault::None), 200)).len(), 0);
}

#[test]
fn every_fault_in_a_distribution_is_caught_and_the_right_part_is_blamed() {
    let (of_density, of_family) = (laws::distribution(), laws::exponential_family());
    let mut of_estimate = laws::estimate();
    of_estimate.extend(laws::parametric());
    let (mut density, mut family, mut estimate) = (Outcome::default(), Outcome::default(), Outcome::default());
    for (fault, subject, part) in a_normal::CATALOGUE {
        let normals = a_normal::any_normal(fault);
        match subject {
            a_normal::Subject::Density => density.of(&fault, part, &of_density, &cases(normals, 16)),
            a_normal::Subject::Family => family.of(&fault, part, &of_family, &cases(normals, 16)),
            a_normal::Subject::Estimate => estimate.of(&fault, part, &of_estimate, &cases(observed(normals), 40)),
        }
    }
    density.settle(&of_density);
    family.settle(&of_family);
    estimate.settle(&of_estimate);
}

#[test]
fn a_correct_distribution_breaks_no_law() {
    let normals = || a_normal::any_normal(a_normal::Fault::None);
    assert_eq!(broken(&laws::distribution(), &cases(normals(), 16)).len(), 0);
    assert_eq!(broken(&laws::exponential_family(), &cases(normals(), 16)).len(), 0);
    assert_eq!(broken(&laws::estimate(), &cases(observed(normals()), 40)).len(), 0);
    assert_eq!(broken(&laws::parametric(), &cases(observed(normals()), 40)).len(), 0);
}
