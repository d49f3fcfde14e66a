//! Mixtures of regressions obey every law that applies, through the line that a user writes.
#![cfg(feature = "laws")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::laws::proptest::collection::vec;
use marginal::laws::proptest::prelude::*;
use marginal::laws::strategies::{positive, real, simplex, weight};
use marginal::laws::{LatentCase, Observations};
use marginal::prelude::*;
use marginal::rand::rngs::Xoshiro256PlusPlus;

/// Flat, so that outcomes overlap, and a + b·y is not far larger than what is left of x.
fn slope() -> impl Strategy<Value = f64> + Clone {
    (-8i32..=8).prop_map(|k| f64::from(k) / 32.0)
}

fn any_line() -> impl Strategy<Value = LinearGaussian<[f64]>> + Clone {
    (real(), slope(), slope(), positive()).prop_map(|(a, b, c, s)| LinearGaussian::new(a, &[b, c], 1.0 + s).unwrap())
}

fn any_counts() -> impl Strategy<Value = PoissonRegression<[f64]>> + Clone {
    (slope(), slope(), slope()).prop_map(|(a, b, c)| PoissonRegression::new(a, &[b, c]).unwrap())
}

fn any_yes_or_no() -> impl Strategy<Value = LogisticRegression<[f64]>> + Clone {
    (slope(), slope(), slope()).prop_map(|(a, b, c)| LogisticRegression::new(a, &[b, c]).unwrap())
}

fn mixtures<C: EstimateConditional + std::fmt::Debug + 'static>(
    components: impl Strategy<Value = C> + Clone + 'static,
) -> BoxedStrategy<ConditionalMixture<C>> {
    (simplex(2), vec(components, 2)).prop_map(|(p, components)| ConditionalMixture::new(p, components).unwrap()).boxed()
}

/// Rows of two regressors and a response of a rival, which stands at the column `response`.
fn cases<C>(
    components: impl Strategy<Value = C> + Clone + 'static,
    response: usize,
) -> impl Strategy<Value = LatentCase<ConditionalMixture<C>>>
where
    C: EstimateConditional<Given = [f64]> + std::fmt::Debug + 'static,
    C::Value: Value + Sized,
{
    let models = mixtures(components).prop_map(move |model| model.response(response)).boxed();
    let regressors = vec(((real(), real()), weight()), 2..=24);
    (models.clone(), models, 0u64..1000, regressors).prop_map(move |(theta, truth, seed, regressors)| {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let rows = regressors.into_iter().map(|((y1, y2), weight)| {
            let mut row = vec![y1, y2];
            let x = truth.sample(&row, &mut rng);
            row.insert(response, std::borrow::Borrow::<C::Value>::borrow(&x).with_cells(|cells| cells[0]));
            (row, weight)
        });
        let observations = Observations::new(rows.collect::<Vec<_>>());
        LatentCase::new(theta.clone(), theta, observations).beside(truth)
    })
}

marginal::laws! {
    line: conditional(any_line(), [real(), real()].prop_map(Vec::from));
    line_fits: estimate_conditional(any_line(), [real(), real()].prop_map(Vec::from));
    lines: finite_conditional(cases(any_line(), 2));
    lines_of_a_first_column: finite_conditional(cases(any_line(), 0));
    lines_renamed: exchangeable(cases(any_line(), 2));
    mixture_of_lines: conditional(mixtures(any_line()), [real(), real()].prop_map(Vec::from));
    counts: finite_conditional(cases(any_counts(), 1));
    mixture_of_counts: conditional(mixtures(any_counts()), [real(), real()].prop_map(Vec::from));
    yes_or_no: finite_conditional(cases(any_yes_or_no(), 2));
}
