//! Strategies of conditional distributions together with values of their parents.

use std::fmt::Debug;

use proptest::collection::vec;
use proptest::strategy::Strategy;

use crate::conditionals::{ConditionalDistribution, EstimateConditional, Value};

use crate::laws::{Regression, Slice};

/// Conditional distributions, each at one value of its parents.
pub fn slices<C>(
    conditionals: impl Strategy<Value = C>,
    given: impl Strategy<Value = <C::Given as ToOwned>::Owned>,
) -> impl Strategy<Value = Slice<C>>
where
    C: ConditionalDistribution + Debug,
    C::Given: ToOwned<Owned: Debug>,
{
    (conditionals, given).prop_map(|(conditional, given)| Slice { conditional, given })
}

/// Conditional distributions, each above some values of its parents: rows of them are observed.
pub fn regressions<C>(
    conditionals: impl Strategy<Value = C>,
    given: impl Strategy<Value = <C::Given as ToOwned>::Owned>,
) -> impl Strategy<Value = Regression<C>>
where
    C: EstimateConditional + Debug,
    C::Given: Value + ToOwned<Owned: Debug>,
    C::Value: Value,
{
    (conditionals, vec(given, 6..=12)).prop_map(|(conditional, given)| Regression::new(conditional, given))
}
