//! Cases that shrink to the few rows that break a law: what a strategy makes smaller comes first, then row by row is
//! left out.

use std::fmt::Debug;

use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::latent::LatentModel;

use super::LatentCase;

/// The cases of a strategy, one in four with its first one to three rows alone, where an M-step ends at the boundary of θ;
/// one that breaks a law shrinks further, to rows of which none can be left out.
///
/// [`laws!`](crate::laws!) does this to every strategy of cases.
pub fn fewer_rows<M, S>(cases: S) -> impl Strategy<Value = LatentCase<M>>
where
    M: LatentModel,
    S: Strategy<Value = LatentCase<M>>,
    LatentCase<M>: Debug,
{
    FewerRows(cases)
}

#[derive(Debug)]
struct FewerRows<S>(S);

impl<M: LatentModel, S: Strategy<Value = LatentCase<M>>> Strategy for FewerRows<S>
where
    LatentCase<M>: Debug,
{
    type Tree = Tree<S::Tree>;
    type Value = LatentCase<M>;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let drawn = (1usize..=12).new_tree(runner)?.current();
        let most = if drawn <= 3 { drawn } else { usize::MAX };
        Ok(Tree { cases: self.0.new_tree(runner)?, most, thinning: None })
    }
}

/// First the tree of the strategy, then its smallest case with fewer and fewer rows.
struct Tree<T> {
    cases: T,
    /// The rows that there are at most.
    most: usize,
    thinning: Option<Thinning>,
}

/// Which rows are still there, and which one was left out last, to see whether the law is still broken.
struct Thinning {
    kept: Vec<usize>,
    /// The row that was left out last, and its place among those kept.
    tried: Option<(usize, usize)>,
    next: usize,
    /// Whether any row went since the last time through.
    went: bool,
}

impl Thinning {
    fn of(rows: usize) -> Self {
        Self { kept: (0..rows).collect(), tried: None, next: 0, went: false }
    }

    /// Leaves out the next row that might not be needed, if there is one.
    fn leave_out(&mut self) -> bool {
        if self.next >= self.kept.len() && self.went {
            (self.next, self.went) = (0, false);
        }
        if self.next >= self.kept.len() || self.kept.len() == 1 {
            return false;
        }
        self.tried = Some((self.next, self.kept.remove(self.next)));
        true
    }

    /// The row left out last was not needed.
    fn confirm(&mut self) {
        self.went |= self.tried.take().is_some();
    }

    /// The row left out last was needed: it comes back.
    fn take_back(&mut self) {
        if let Some((place, row)) = self.tried.take() {
            self.kept.insert(place, row);
            self.next = place + 1;
        }
    }
}

impl<M: LatentModel, T: ValueTree<Value = LatentCase<M>>> Tree<T>
where
    LatentCase<M>: Debug,
{
    fn thinning(&mut self) -> &mut Thinning {
        let (cases, most) = (&self.cases, self.most);
        self.thinning.get_or_insert_with(|| Thinning::of(cases.current().observations.len().min(most)))
    }
}

impl<M: LatentModel, T: ValueTree<Value = LatentCase<M>>> ValueTree for Tree<T>
where
    LatentCase<M>: Debug,
{
    type Value = LatentCase<M>;

    fn current(&self) -> LatentCase<M> {
        let mut case = self.cases.current();
        let rows = &case.observations;
        let kept = match &self.thinning {
            Some(thinning) => thinning.kept.clone(),
            None => (0..rows.len().min(self.most)).collect(),
        };
        case.observations = rows.pick(kept.into_iter().map(|n| (n, rows.weight(n))));
        case
    }

    fn simplify(&mut self) -> bool {
        if self.thinning.is_none() && self.cases.simplify() {
            return true;
        }
        let thinning = self.thinning();
        thinning.confirm();
        thinning.leave_out()
    }

    fn complicate(&mut self) -> bool {
        if self.thinning.is_none() && self.cases.complicate() {
            return true;
        }
        let thinning = self.thinning();
        thinning.take_back();
        thinning.leave_out()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::{Config, TestCaseError, TestError};

    use crate::distributions::Normal;
    use crate::laws::{EstimateCase, Observations};

    use super::*;

    #[test]
    fn only_the_rows_that_break_the_law_are_left() {
        // Draws of a seed: with fewer weights all rows change, so the strategy alone cannot leave out one of them.
        let rows = prop::collection::vec(-100i32..100, 2..40).prop_map(|rows| {
            rows.into_iter()
                .scan(0, |sum, x| {
                    Some({
                        *sum += x;
                        (f64::from(*sum), 1.0)
                    })
                })
                .collect::<Vec<_>>()
        });
        let cases = rows.prop_map(|rows| EstimateCase::of(Normal::new(0.0, 1.0).unwrap(), Observations::new(rows)));
        let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
        let outcome = runner.run(&fewer_rows(cases), |case| {
            let all = &case.observations;
            let (above, below) =
                ((0..all.len()).any(|n| *all.row(n) > 50.0), (0..all.len()).any(|n| *all.row(n) < -50.0));
            if above && below { Err(TestCaseError::fail("both")) } else { Ok(()) }
        });
        let Err(TestError::Fail(_, case)) = outcome else { panic!("{outcome:?}") };
        let all = &case.observations;
        assert_eq!(all.len(), 2, "{all:?}");
        assert!((0..2).any(|n| *all.row(n) > 50.0) && (0..2).any(|n| *all.row(n) < -50.0), "{all:?}");
    }
}
