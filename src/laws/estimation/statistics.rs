//! Laws of sufficient statistics: T̄ = Σ w_n T(x_n) merges, scales, and is linear in the weights.

use crate::data::Statistics;
use crate::latent::LatentModel;
use crate::numeric::Sum;

use crate::laws::any_model::{AnyCase, Examinable, Row};
use crate::laws::densities::members::PRODUCTS;
use crate::laws::law::{Outcome, Worst};
use crate::laws::view::{ROUND_OFF, SCATTER, View, halves};
use crate::laws::{LatentCase, Law, Observations, Part, Verdict};

/// A merged copy.
fn merged<S: Statistics>(mut a: S, b: &S) -> S {
    a.merge(b);
    a
}

/// The evidence of weighted data is Σ w ln p(x), each ln p(x) that of the row alone; rows of weight 0 add nothing.
pub fn the_evidence_sums_the_rows<M: Examinable>() -> Law<LatentCase<M>> {
    fn holds(case: &AnyCase<'_>) -> Outcome {
        let (view, mut worst) = (View::of(case)?, Worst::of("(16 ε + 2⁻⁴²) × Σ w (1 + |ℓ|)"));
        // Under weights of all kinds, also where the data have but one.
        for data in
            std::iter::once(case.observations.clone()).chain((0..2).map(|round| case.observations.tilted(round)))
        {
            let weights = case.observations.counted().into_iter().map(|n| data.weight(n));
            let terms: Vec<(f64, f64)> = weights.zip(view.log_densities.iter().copied()).collect();
            let sum: Sum = terms.iter().map(|(w, l)| w * l).collect();
            let size: f64 = terms.iter().map(|(w, l)| w * (1.0 + l.abs())).sum();
            let evidence = case.e_step(&case.theta, &data)?.1;
            let because = format_args!("the evidence of all rows, and the sum over the rows");
            worst.equal(evidence.value(), sum.value(), (ROUND_OFF + PRODUCTS) * size, because);
            let because = format_args!("its size Σ w (1 + |ℓ|), and the sum over the rows");
            worst.equal(evidence.magnitude(), size, (ROUND_OFF * terms.len() as f64 + PRODUCTS) * size, because);
        }
        Ok(worst.verdict())
    }
    Law::of_any_model("the_evidence_sums_the_rows", "ℓ = Σ_n w_n ln p(x_n | θ)", Part::EStep, holds)
}

/// S(A) + S(B) = S(A ∪ B), wherever the data are cut.
pub fn merging_is_observing_together<M: Examinable>() -> Law<LatentCase<M>> {
    fn holds(case: &AnyCase<'_>) -> Outcome {
        let (view, mut worst) = (View::of(case)?, Worst::of(SCATTER));
        let n = case.observations.len();
        for at in [1, n / 2, n.saturating_sub(1)] {
            let both = |all: &Observations<Row>| {
                let [a, b] = halves(all, at);
                Ok(merged(case.statistics(&a)?, &case.statistics(&b)?))
            };
            view.compare(&mut worst, &both, &|all| case.statistics(all))?;
        }
        Ok(worst.verdict())
    }
    Law::of_any_model("merging_is_observing_together", "S(A) + S(B) = S(A ∪ B)", Part::Statistics, holds)
}

/// ∅ + S = S = S + ∅, also where ∅ are statistics that were reset.
pub fn merging_nothing_changes_nothing<M: Examinable>() -> Law<LatentCase<M>> {
    fn holds(case: &AnyCase<'_>) -> Outcome {
        let (view, mut worst) = (View::of(case)?, Worst::of(SCATTER));
        let empty = || case.model.statistics(&case.theta);
        view.compare(&mut worst, &|all| Ok(merged(empty(), &case.statistics(all)?)), &|all| case.statistics(all))?;
        view.compare(&mut worst, &|all| Ok(merged(case.statistics(all)?, &empty())), &|all| case.statistics(all))?;
        let used_again = |all: &Observations<Row>| {
            let mut s = case.statistics(&halves(all, all.len() / 2 + 1)[0])?;
            s.reset(&empty());
            Ok(merged(s, &case.statistics(all)?))
        };
        view.compare(&mut worst, &used_again, &|all| case.statistics(all))?;
        Ok(worst.verdict())
    }
    Law::of_any_model("merging_nothing_changes_nothing", "∅ + S = S = S + ∅", Part::Statistics, holds)
}

/// S(A) + S(B) = S(B) + S(A).
pub fn merging_commutes<M: Examinable>() -> Law<LatentCase<M>> {
    fn holds(case: &AnyCase<'_>) -> Outcome {
        let (view, mut worst) = (View::of(case)?, Worst::of(SCATTER));
        let cut = |all: &Observations<Row>, swap: bool| {
            let [a, b] = halves(all, all.len() / 3 + 1);
            let (a, b) = (case.statistics(&a)?, case.statistics(&b)?);
            Ok(if swap { merged(b, &a) } else { merged(a, &b) })
        };
        view.compare(&mut worst, &|all| cut(all, false), &|all| cut(all, true))?;
        Ok(worst.verdict())
    }
    Law::of_any_model("merging_commutes", "S(A) + S(B) = S(B) + S(A)", Part::Statistics, holds)
}

/// (S(A) + S(B)) + S(C) = S(A) + (S(B) + S(C)).
pub fn merging_associates<M: Examinable>() -> Law<LatentCase<M>> {
    fn holds(case: &AnyCase<'_>) -> Outcome {
        let (view, mut worst) = (View::of(case)?, Worst::of(SCATTER));
        let cut = |all: &Observations<Row>, left: bool| {
            let [a, rest] = halves(all, all.len() / 3);
            let [b, c] = halves(&rest, rest.len() / 2);
            let (a, b, c) = (case.statistics(&a)?, case.statistics(&b)?, case.statistics(&c)?);
            Ok(if left { merged(merged(a, &b), &c) } else { merged(a, &merged(b, &c)) })
        };
        view.compare(&mut worst, &|all| cut(all, true), &|all| cut(all, false))?;
        Ok(worst.verdict())
    }
    Law::of_any_model("merging_associates", "(S(A) + S(B)) + S(C) = S(A) + (S(B) + S(C))", Part::Statistics, holds)
}

/// An observation of weight 2w is the same observation twice with weight w.
pub fn weight_two_is_twice<M: Examinable>() -> Law<LatentCase<M>> {
    fn holds(case: &AnyCase<'_>) -> Outcome {
        let (view, mut worst) = (View::of(case)?, Worst::of(SCATTER));
        for first in 0..2 {
            let doubled = |n: usize| n % 2 == first;
            view.compare(
                &mut worst,
                &|all| case.statistics(&all.weighed(&|n| if doubled(n) { 2.0 * all.weight(n) } else { all.weight(n) })),
                &|all| {
                    let copies = |n: usize| (0..=usize::from(doubled(n))).map(move |_| n);
                    case.statistics(&all.pick((0..all.len()).flat_map(copies).map(|n| (n, all.weight(n)))))
                },
            )?;
        }
        Ok(worst.verdict())
    }
    Law::of_any_model("weight_two_is_twice", "S({(x, 2w)}) = S({(x, w), (x, w)})", Part::Statistics, holds)
}

/// An observation of weight 0 is absent.
pub fn weight_zero_is_absence<M: Examinable>() -> Law<LatentCase<M>> {
    fn holds(case: &AnyCase<'_>) -> Outcome {
        let (view, mut worst) = (View::of(case)?, Worst::of(SCATTER));
        for first in 0..2 {
            let kept = |n: &usize| n % 2 == first;
            view.compare(
                &mut worst,
                &|all| case.statistics(&all.weighed(&|n| if kept(&n) { all.weight(n) } else { 0.0 })),
                &|all| case.statistics(&all.pick((0..all.len()).filter(kept).map(|n| (n, all.weight(n))))),
            )?;
        }
        Ok(worst.verdict())
    }
    Law::of_any_model("weight_zero_is_absence", "S({(x, 0)} ∪ A) = S(A)", Part::Statistics, holds)
}

/// Scaling the statistics by c is observing under weights c·w.
pub fn scaling_is_weighting<M: Examinable>() -> Law<LatentCase<M>> {
    fn holds(case: &AnyCase<'_>) -> Outcome {
        let (view, mut worst) = (View::of(case)?, Worst::of(SCATTER));
        for factor in [0.25, 1.5] {
            let scaled = |all: &Observations<Row>| {
                let mut s = case.statistics(all)?;
                s.scale(factor);
                Ok(s)
            };
            view.compare(&mut worst, &scaled, &|all| case.statistics(&all.weighed(&|n| factor * all.weight(n))))?;
        }
        Ok(worst.verdict())
    }
    Law::of_any_model("scaling_is_weighting", "c S({(x, w)}) = S({(x, c w)})", Part::Statistics, holds)
}

/// S is linear in the weights: S(w′ + w″) = S(w′) + S(w″).
pub fn statistics_are_linear<M: Examinable>() -> Law<LatentCase<M>> {
    fn holds(case: &AnyCase<'_>) -> Outcome {
        let (view, mut worst) = (View::of(case)?, Worst::of(SCATTER));
        let share = |n: usize, part: usize| [0.25, 0.75][(n + part) % 2];
        view.compare(
            &mut worst,
            &|all| {
                let part = |p: usize| case.statistics(&all.weighed(&|n| share(n, p) * all.weight(n)));
                Ok(merged(part(0)?, &part(1)?))
            },
            &|all| case.statistics(all),
        )?;
        Ok(worst.verdict())
    }
    Law::of_any_model("statistics_are_linear", "S(w′ + w″) = S(w′) + S(w″)", Part::Statistics, holds)
}

/// The statistics of a batch are those of its rows, one after the other. Where already those of a row alone are not in
/// proportion to its weight, a kernel that adds up equal rows before it observes them is no more to suspect than they are.
pub fn a_batch_is_its_rows<M: Examinable>() -> Law<LatentCase<M>> {
    fn holds(case: &AnyCase<'_>) -> Outcome {
        let (view, mut worst) = (View::of(case)?, Worst::of(SCATTER));
        for rows in [1, 3] {
            let in_turn = |all: &Observations<Row>| {
                let mut s = case.model.statistics(&case.theta);
                for first in (0..all.len()).step_by(rows) {
                    let part = all.pick((first..all.len().min(first + rows)).map(|n| (n, all.weight(n))));
                    case.model.e_step(&case.theta, part.batch(), &mut s)?;
                }
                Ok(s)
            };
            view.compare(&mut worst, &in_turn, &|all| case.statistics(all))?;
        }
        let verdict = worst.verdict();
        if !matches!(verdict, Verdict::Fails(_)) {
            return Ok(verdict);
        }
        let mut alone = Worst::of(SCATTER);
        let each = |all: &Observations<Row>, times: usize| {
            let of_row = |n: usize| case.statistics(&all.pick([(n, all.weight(n) / times as f64)]));
            let mut rows = (0..all.len()).flat_map(|n| std::iter::repeat_n(n, times));
            let first = of_row(rows.next().unwrap_or(0));
            rows.try_fold(first?, |sum, n| Ok(merged(sum, &of_row(n)?)))
        };
        view.compare(&mut alone, &|all| each(all, 2), &|all| each(all, 1))?;
        let in_proportion = !matches!(alone.verdict(), Verdict::Fails(_));
        Ok(if in_proportion { verdict } else { verdict.suspecting(&[Part::Kernel, Part::Statistics]) })
    }
    Law::of_any_model("a_batch_is_its_rows", "S({x_1 … x_N}) = S({x_1}) then {x_2} … then {x_N}", Part::Kernel, holds)
}

/// The order of the observations does not matter.
pub fn the_order_of_rows_does_not_matter<M: Examinable>() -> Law<LatentCase<M>> {
    fn holds(case: &AnyCase<'_>) -> Outcome {
        let (view, mut worst) = (View::of(case)?, Worst::of(SCATTER));
        view.compare(
            &mut worst,
            &|all| case.statistics(&all.pick((0..all.len()).rev().map(|n| (n, all.weight(n))))),
            &|all| case.statistics(all),
        )?;
        // Light rows first: where a one-pass variance loses its digits.
        let by_weight = |all: &Observations<Row>| {
            let mut order: Vec<usize> = (0..all.len()).collect();
            order.sort_by(|a, b| all.weight(*a).total_cmp(&all.weight(*b)));
            case.statistics(&all.pick(order.into_iter().map(|n| (n, all.weight(n)))))
        };
        view.compare(&mut worst, &by_weight, &|all| case.statistics(all))?;
        Ok(worst.verdict())
    }
    Law::of_any_model("the_order_of_rows_does_not_matter", "S(x_1 … x_N) = S(x_σ(1) … x_σ(N))", Part::Statistics, holds)
}
