//! A suite to which nothing applies is not content.
#![cfg(feature = "laws")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use marginal::distributions::Exponential;
use marginal::laws::proptest::prelude::*;
use marginal::laws::strategies::positive;
use marginal::laws::{self, LatentCase, Law, Observations, Part, Verdict, power};
use marginal::prelude::*;

fn of_rows(rows: &[f64]) -> LatentCase<Mixture<Vec<Exponential>>> {
    let mixture = Mixture::of(vec![Exponential::new(1.0).unwrap(), Exponential::new(0.25).unwrap()]).unwrap();
    LatentCase::new(mixture.clone(), mixture, Observations::new(rows.iter().map(|x| (*x, 1.0))))
}

#[test]
fn a_row_of_density_zero_leaves_no_report_that_holds() {
    let right = laws::check(&laws::finite_latent(), &of_rows(&[0.5, 1.0, 3.0, 8.0]));
    assert!(right.holds(), "{right}");
    let silent = laws::check(&laws::finite_latent(), &of_rows(&[0.5, 1.0, 3.0, -8.0]));
    assert!(!silent.holds() && silent.broken().next().is_none(), "{silent}");
    assert!(!laws::check(&laws::finite_latent(), &of_rows(&[])).holds());
    assert!(!laws::check::<f64>(&[], &1.0).holds());
}

fn silent(verdict: fn(String) -> Verdict) -> [Law<f64>; 2] {
    let law = |name| Law::new(name, "?", Part::Density, |_: &f64| Ok(Verdict::NotPromised("it has none".into())));
    match verdict(String::new()) {
        Verdict::NotPromised(_) => [law("one"), law("two")],
        _ => ["one", "two"].map(|name| {
            Law::new(name, "?", Part::Density, |_: &f64| Ok(Verdict::DoesNotApply("it was refused".into())))
        }),
    }
}

fn message(run: impl FnOnce()) -> String {
    *catch_unwind(AssertUnwindSafe(run)).unwrap_err().downcast::<String>().unwrap()
}

#[test]
fn a_suite_of_which_no_law_applies_fails_its_test() {
    let told = message(|| laws::tell(&silent(Verdict::NotPromised), positive()));
    assert!(told.contains("no law of the suite applies") && told.contains("two: it has none"), "{told}");
    let told = message(|| laws::tell(&silent(Verdict::DoesNotApply), positive()));
    assert!(told.contains("two: it was refused"), "{told}");
    laws::tell(&laws::distribution(), positive().prop_map(|rate| Exponential::new(rate).unwrap()));
    let told = message(|| laws::hold(&silent(Verdict::DoesNotApply), "one", positive()));
    assert!(told.starts_with("vacuous: one"), "{told}");
}

#[test]
fn power_without_a_case_says_so() {
    let none = power::of_finite_latent::<Mixture<Vec<Exponential>>>(&[]).to_string();
    assert!(none.contains("there was no case to plant anything in") && !none.contains("NaN"), "{none}");
}
