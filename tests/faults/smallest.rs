//! How many rows are left in the smallest case that shows a fault.

use std::fmt::Debug;

use marginal::latent::LatentModel;
use marginal::laws::proptest::prelude::*;
use marginal::laws::proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use marginal::laws::{LatentCase, Law, Part, Verdict, fewer_rows};

use super::driver::Row;

/// Each fault of a catalogue with the rows that are left once its first broken law has shrunk a case.
pub(crate) fn rows_left<F, M, S>(
    catalogue: &[(F, Part)],
    outcome: &[Row],
    suite: &[Law<LatentCase<M>>],
    cases: fn(F) -> S,
) -> Vec<(String, usize)>
where
    F: Copy,
    M: LatentModel,
    S: Strategy<Value = LatentCase<M>>,
    LatentCase<M>: Debug,
{
    let of_fault = |((fault, _), row): (&(F, Part), &Row)| {
        let law = suite.iter().find(|law| law.name == row.broken[0].law).unwrap();
        (row.head(), smallest(law, fewer_rows(cases(*fault))).map_or(usize::MAX, |case| case.observations.len()))
    };
    catalogue.iter().zip(outcome).map(of_fault).collect()
}

/// The smallest case that breaks this law, if one of 256 does.
fn smallest<S: Strategy>(law: &Law<S::Value>, cases: S) -> Option<S::Value> {
    let config = Config { failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..Config::default() };
    let outcome = TestRunner::new(config).run(&cases, |case| match law.check(&case) {
        Verdict::Fails(failure) => Err(TestCaseError::fail(failure.to_string())),
        _ => Ok(()),
    });
    match outcome {
        Err(TestError::Fail(_, case)) => Some(case),
        _ => None,
    }
}
