//! Mixtures of regressions obey every law that applies, through the line that a user writes.
#![cfg(feature = "laws")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::conditionals::{
    CaseRows, ConditionalDistribution, ConditionalGaussian, EstimateConditional, JointMoments, LogisticRegression,
    PoissonRegression, Regressions, Value,
};
use marginal::distributions::{Dirichlet, InverseGamma, Prior, WithPrior};
use marginal::laws::proptest::collection::vec;
use marginal::laws::proptest::prelude::*;
use marginal::laws::strategies::{positive, real, simplex, weight};
use marginal::laws::{self, EstimateCase, LatentCase, Observations, regressions};
use marginal::models::ConditionalMixture;
use marginal::prelude::*;
use marginal::rand::rngs::Xoshiro256PlusPlus;

/// Flat, so that outcomes overlap, and a + b·y is not far larger than what is left of x.
fn slope() -> impl Strategy<Value = f64> + Clone {
    (-8i32..=8).prop_map(|k| f64::from(k) / 32.0)
}

fn any_line() -> impl Strategy<Value = LinearGaussian<[f64]>> + Clone {
    (real(), slope(), slope(), positive()).prop_map(|(a, b, c, s)| LinearGaussian::new(a, &[b, c], 1.0 + s).unwrap())
}

fn pairs() -> impl Strategy<Value = Vec<f64>> + Clone {
    [real(), real()].prop_map(Vec::from)
}

fn known_slope(line: LinearGaussian<[f64]>) -> LinearGaussian<[f64]> {
    line.hold_slope(0).unwrap()
}

fn with_prior<C>(conditional: C) -> WithPrior<C, InverseGamma>
where
    InverseGamma: Prior<C>,
{
    WithPrior::new(conditional, InverseGamma::new(2.0, 3.0).unwrap()).unwrap()
}

/// Two lines of one spread.
fn any_bank() -> impl Strategy<Value = ConditionalGaussian<bool, f64>> + Clone {
    (vec((real(), slope()), 2), positive()).prop_map(|(lines, spread)| {
        let lines = lines.into_iter().map(|(a, b)| LinearGaussian::new(a, &[b], 1.0).unwrap()).collect();
        ConditionalGaussian::new(lines).unwrap().common_standard_deviation(1.0 + spread).unwrap()
    })
}

fn any_table() -> impl Strategy<Value = WithPrior<ConditionalTable<bool, usize>, Dirichlet>> + Clone {
    vec(simplex(3), 2).prop_map(|rows| {
        WithPrior::new(ConditionalTable::new(rows).unwrap(), Dirichlet::new(vec![1.5, 1.0, 3.0]).unwrap()).unwrap()
    })
}

fn any_counts() -> impl Strategy<Value = PoissonRegression<[f64]>> + Clone {
    (slope(), slope(), slope()).prop_map(|(a, b, c)| PoissonRegression::new(a, &[b, c]).unwrap())
}

fn any_yes_or_no() -> impl Strategy<Value = LogisticRegression<[f64]>> + Clone {
    (slope(), slope(), slope()).prop_map(|(a, b, c)| LogisticRegression::new(a, &[b, c]).unwrap())
}

fn mixtures<C: EstimateConditional + std::fmt::Debug + 'static>(
    components: impl Strategy<Value = C> + Clone + 'static,
) -> BoxedStrategy<ConditionalMixture<C>>
where
    C::Given: Value,
    C::Value: Value,
{
    (simplex(2), vec(components, 2))
        .prop_map(|(p, components)| ConditionalMixture::new(p, Regressions::new(components).unwrap()).unwrap())
        .boxed()
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
    line_coordinates: parametric(regressions(any_line(), pairs()));
    line_of_known_slope: estimate_conditional(any_line().prop_map(known_slope), pairs());
    line_of_known_slope_coordinates: parametric(regressions(any_line().prop_map(known_slope), pairs()));
    line_through_a_point: estimate_conditional(any_line().prop_map(LinearGaussian::hold_intercept), pairs());
    line_of_known_spread: estimate_conditional(any_line().prop_map(LinearGaussian::hold_standard_deviation), pairs());
    line_with_prior: estimate_conditional(any_line().prop_map(with_prior), pairs());
    line_with_prior_coordinates: parametric(regressions(any_line().prop_map(with_prior), pairs()));
    lines_of_one_spread: estimate_conditional(any_bank(), (any::<bool>(), real()));
    lines_with_prior: estimate_conditional(any_bank().prop_map(with_prior), (any::<bool>(), real()));
    table_with_prior: estimate_conditional(any_table(), any::<bool>());
    lines: finite_conditional(cases(any_line(), 2));
    lines_of_a_first_column: finite_conditional(cases(any_line(), 0));
    lines_renamed: exchangeable(cases(any_line(), 2));
    mixture_of_lines: conditional(mixtures(any_line()), [real(), real()].prop_map(Vec::from));
    counts: finite_conditional(cases(any_counts(), 1));
    mixture_of_counts: conditional(mixtures(any_counts()), [real(), real()].prop_map(Vec::from));
    yes_or_no: finite_conditional(cases(any_yes_or_no(), 2));
}

/// A line whose kernel forgets the standard deviation.
#[derive(Clone, Debug)]
struct Forgetful(LinearGaussian<[f64]>);

impl ConditionalDistribution for Forgetful {
    type Given = [f64];
    type Value = f64;
    fn log_density(&self, x: &f64, y: &[f64]) -> f64 {
        self.0.log_density(x, y)
    }
    fn sample(&self, y: &[f64], rng: &mut dyn Rng) -> f64 {
        self.0.sample(y, rng)
    }
}

impl EstimateConditional for Forgetful {
    type Statistics = JointMoments;
    fn statistics(&self) -> JointMoments {
        self.0.statistics()
    }
    fn observe(&self, s: &mut JointMoments, x: &f64, y: &[f64], weight: f64) {
        self.0.observe(s, x, y, weight);
    }
    fn estimate(&self, s: &JointMoments) -> Result<Self, Error> {
        self.0.estimate(s).map(Forgetful)
    }
    fn expected_log_density(&self, s: &JointMoments) -> f64 {
        self.0.expected_log_density(s)
    }
    fn log_densities_each(lines: &[&Self], rows: CaseRows<'_>, tile: &mut [f64]) {
        for (line, out) in lines.iter().zip(tile.chunks_exact_mut(rows.len())) {
            let of_row = |n| rows.read(n, |x: &f64, y: &[f64]| line.log_density(x, y)).unwrap_or(f64::NEG_INFINITY);
            out.iter_mut().enumerate().for_each(|(n, l)| *l = of_row(n) + line.0.standard_deviation().ln());
        }
    }
}

#[test]
fn a_kernel_that_forgets_the_deviation_is_caught() {
    let line = |a, s| Forgetful(LinearGaussian::new(a, &[0.25], s).unwrap());
    let rows = [[0.0, 1.5], [1.0, -0.5], [2.0, 3.0], [3.0, 0.25], [4.0, 2.0]].map(|row| (row.to_vec(), 1.0));
    let mixture = ConditionalMixture::of(Regressions::new(vec![line(0.0, 2.0), line(1.0, 3.0)]).unwrap()).unwrap();
    let case = LatentCase::new(mixture.clone(), mixture, Observations::new(rows.clone()));
    let report = laws::check(&laws::finite_conditional(), &case);
    assert_eq!(report.broken().next().map(|line| line.law), Some("the_kernel_of_a_block_is_the_joint"), "{report}");

    let turned = rows.map(|(row, weight)| (vec![row[1], row[0]], weight));
    let case = EstimateCase::of(laws::Regression::new(line(0.0, 2.0), [vec![0.0]]), Observations::new(turned));
    let report = laws::check(&laws::estimate_conditional(), &case);
    assert_eq!(report.broken().next().map(|line| line.law), Some("members_at_once_are_each_alone"), "{report}");
}
