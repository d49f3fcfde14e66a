//! Laws of exponential families: ln p = ⟨η, T⟩ − A + ln h, and E[T] is the gradient of A.

use std::borrow::Borrow;

use crate::distributions::ExponentialFamily;

use super::distribution::draws;
use crate::laws::law::Worst;
use crate::laws::view::ROUND_OFF;
use crate::laws::{Coordinates, Law, Part};

/// T(x).
fn statistics_of<D: ExponentialFamily>(d: &D, x: &D::Value) -> Vec<f64> {
    let mut t = vec![0.0; d.natural_parameters().len()];
    d.add_statistics(x, 1.0, &mut t);
    t
}

/// ⟨η, t⟩ and Σ |η_j t_j|; η = −∞ against t = 0 contributes nothing.
fn inner(eta: &[f64], t: &[f64]) -> (f64, f64) {
    let terms = || eta.iter().zip(t).map(|(e, t)| if *t == 0.0 { 0.0 } else { e * t });
    (terms().sum(), terms().map(f64::abs).sum())
}

/// ln p(x) = ⟨η, T(x)⟩ − A(η) + ln h(x).
pub fn the_natural_form_is_the_density<D: ExponentialFamily>() -> Law<D>
where
    D::Value: Coordinates,
{
    let statement = "ln p(x) = ⟨η, T(x)⟩ − A(η) + ln h(x)";
    Law::new("the_natural_form_is_the_density", statement, Part::Coordinates, |d| {
        let mut worst = Worst::of("16 ε × the size of the terms");
        let (eta, partition) = (d.natural_parameters(), d.log_partition());
        for x in draws(d, 50, 7) {
            let (x, t) = (x.borrow(), statistics_of(d, x.borrow()));
            let ((product, size), base) = (inner(&eta, &t), d.log_base_measure(x));
            let (left, right) = (d.log_density(x), product - partition + base);
            let tolerance = ROUND_OFF * (1.0 + size + partition.abs() + base.abs() + left.abs());
            worst.equal(left, right, tolerance, format_args!("ln p({x:?}), and its natural form"));
        }
        Ok(worst.verdict())
    })
}

/// A(η′) ≥ A(η) + ⟨E_η T, η′ − η⟩ for all η′: the member that `from_mean` makes of a mean has that mean.
pub fn from_mean_is_the_gradient<D: ExponentialFamily>() -> Law<D>
where
    D::Value: Coordinates,
{
    let statement = "A(η′) ≥ A(η) + ⟨t, η′ − η⟩ for η = from_mean(t)";
    Law::new("from_mean_is_the_gradient", statement, Part::MStep, |d| {
        let mut worst = Worst::of("16 ε × the size of the terms");
        let drawn = draws(d, 40, 8);
        let mean_under = |weight: &dyn Fn(usize) -> f64| {
            let mut sum = vec![0.0; d.natural_parameters().len()];
            for (n, x) in drawn.iter().enumerate() {
                d.add_statistics(x.borrow(), weight(n), &mut sum);
            }
            let total: f64 = (0..drawn.len()).map(weight).sum();
            sum.iter_mut().for_each(|t| *t /= total);
            sum
        };
        let mean = mean_under(&|_| 1.0);
        let member = d.from_mean(&mean)?;
        let (eta, partition) = (member.natural_parameters(), member.log_partition());
        let (at_mean, size) = inner(&eta, &mean);
        for round in 0..24 {
            let amplitude = 0.5f64.powi(round / 2 + 1);
            let sign = |n: usize| if (n + round as usize).is_multiple_of(2) { amplitude } else { -amplitude };
            let Ok(other) = d.from_mean(&mean_under(&|n| 1.0 + sign(n / (1 + round as usize % 3)))) else { continue };
            let (eta, other_partition) = (other.natural_parameters(), other.log_partition());
            let (other_at_mean, other_size) = inner(&eta, &mean);
            // ⟨t, η⟩ − A(η) is the mean log-density of data with mean t: the member of that mean maximises it.
            let (left, right) = (at_mean - partition, other_at_mean - other_partition);
            let tolerance = ROUND_OFF * (1.0 + size + other_size + partition.abs() + other_partition.abs());
            worst.at_least(left, right, tolerance, format_args!("⟨t, η⟩ − A(η) at from_mean(t) and at another member"));
        }
        Ok(worst.verdict())
    })
}

/// T is what `add_statistics` adds: w T(x), linear in w.
pub fn statistics_are_added_by_weight<D: ExponentialFamily>() -> Law<D>
where
    D::Value: Coordinates,
{
    Law::new("statistics_are_added_by_weight", "add(x, w) = w T(x)", Part::Statistics, |d| {
        let mut worst = Worst::of("16 ε |T|");
        for x in draws(d, 20, 9) {
            let t = statistics_of(d, x.borrow());
            let mut sum = t.clone();
            d.add_statistics(x.borrow(), 2.5, &mut sum);
            for (j, (sum, t)) in sum.iter().zip(&t).enumerate() {
                let because = format_args!("statistic {j} after weights 1 and 2.5");
                worst.equal(*sum, 3.5 * t, ROUND_OFF * (1.0 + t.abs()), because);
            }
        }
        Ok(worst.verdict())
    })
}
