//! Exponential families by blocks: T(x) and ln h(x) once a row, however many members see it, and then one product for all
//! members: ln p(x | η_k) = ln p(x₀ | η_k) + ⟨η_k, T(x) − T(x₀)⟩ + ln h(x) − ln h(x₀), and Σ_n w_nk T(x_n).
//!
//! x₀ is the first row of the block. Beside A(η), this leaves out what all rows have in common, so that fewer digits cancel.

use crate::data::Observation;
use crate::numeric::{add_lines, reach, sum_lines, total};

use super::estimate::{each_member, observe_each_row_by_row};
use super::{Estimate, Expectations, ExponentialFamily};

/// Σ_i |η_i| max |T_i| + max |ln h| up to which products are taken: they lose at most some 8 ε of it, 2⁻⁴³ nats, and mostly
/// no more than a sum of a few densities does.
const REACH: f64 = 64.0;

type Block<'a, D> = <<D as super::Distribution>::Value as Observation>::Block<'a>;

/// [`Estimate::log_densities_each`] of an exponential family by products, which are right to 2e-13 nats; where those
/// would lose more, and where a row is off the support, row by row.
pub fn natural_log_densities<D: ExponentialFamily>(components: &[&D], block: Block<'_, D>, tile: &mut [f64]) {
    let rows = D::Value::len(block);
    if rows == 0 {
        return;
    }
    if !alike(components) {
        let each = components.iter().zip(tile.chunks_exact_mut(rows));
        return each.for_each(|(component, out)| natural_log_densities(&[*component], block, out));
    }
    let mut natural = components.first().and_then(|first| NaturalBlock::of(*first, block));
    if let Some(natural) = &mut natural {
        natural.subtract_the_first();
    }
    for (component, out) in components.iter().zip(tile.chunks_exact_mut(rows)) {
        let at_first = component.log_density(D::Value::get(block, 0));
        let mut factors = component.natural_parameters();
        factors.push(1.0);
        match &natural {
            Some(natural) if at_first.is_finite() && natural.reach_under(&factors) <= REACH => {
                out.fill(at_first);
                add_lines(&natural.lines, &factors, out);
            }
            _ => component.log_densities(block, out),
        }
    }
}

/// [`Estimate::observe_each`] where the statistics are [`Expectations`].
pub fn observe_expectations<D>(
    components: &[&D],
    statistics: &mut [&mut Expectations],
    block: Block<'_, D>,
    weights: &[f64],
) where
    D: ExponentialFamily + Estimate<Statistics = Expectations>,
{
    let shared = components.first().filter(|_| alike(components)).and_then(|first| NaturalBlock::of(*first, block));
    match shared {
        Some(natural) => each_member(statistics, natural.rows, weights, |s, weights| natural.add_to(s, weights)),
        None => observe_each_row_by_row(components, statistics, block, weights),
    }
}

/// Whether one block of statistics serves all.
fn alike<D: ExponentialFamily>(components: &[&D]) -> bool {
    let same = |a: &D, b: &D| a.natural_parameters().len() == b.natural_parameters().len() && a.shares_statistics(b);
    components.windows(2).all(|pair| same(pair[0], pair[1]))
}

/// T_i(x_n), and in the last line ln h(x_n), as `[i][n]`.
struct NaturalBlock {
    rows: usize,
    lines: Vec<f64>,
    /// max_n |T_i(x_n)|, and max_n |ln h(x_n)|.
    reach: Vec<f64>,
}

impl NaturalBlock {
    /// `None` where a row lies off the support, or has a statistic that is no finite number.
    fn of<D: ExponentialFamily>(member: &D, block: Block<'_, D>) -> Option<Self> {
        let (rows, length) = (D::Value::len(block), member.natural_parameters().len());
        let mut lines = vec![0.0; (length + 1) * rows];
        let (statistics, log_base_measure) = lines.split_at_mut(length * rows);
        member.statistics_of_block(block, statistics, log_base_measure);
        let reach: Vec<f64> = lines.chunks_exact(rows.max(1)).map(reach).collect();
        reach.iter().all(|reach| *reach < f64::INFINITY).then_some(Self { rows, lines, reach })
    }

    fn subtract_the_first(&mut self) {
        for line in self.lines.chunks_exact_mut(self.rows) {
            let first = line[0];
            line.iter_mut().for_each(|t| *t -= first);
        }
    }

    /// ∞ or NaN for an η that is infinite.
    fn reach_under(&self, factors: &[f64]) -> f64 {
        self.reach.iter().zip(factors).map(|(reach, factor)| factor.abs() * reach).sum()
    }

    fn add_to(&self, s: &mut Expectations, weights: &[f64]) {
        s.weight += total(weights);
        let (statistics, log_base_measure) = self.lines.split_at(self.rows * s.sum.len());
        sum_lines(statistics, weights, &mut s.sum);
        sum_lines(log_base_measure, weights, std::slice::from_mut(&mut s.log_base_measure));
    }
}

/// Gives an [`ExponentialFamily`] its [`Estimate`](crate::distributions::Estimate). Kernels in braces stand in for those
/// by products: `estimate_from_expectations!(Family { fn observe_block … });`.
#[macro_export]
macro_rules! estimate_from_expectations {
    ($family:ty) => {
        $crate::estimate_from_expectations!($family {
            fn log_densities_each(
                components: &[&Self],
                block: <Self::Value as $crate::data::Observation>::Block<'_>,
                tile: &mut [f64],
            ) {
                $crate::distributions::natural_log_densities(components, block, tile);
            }
            fn observe_each(
                components: &[&Self],
                statistics: &mut [&mut Self::Statistics],
                block: <Self::Value as $crate::data::Observation>::Block<'_>,
                weights: &[f64],
            ) {
                $crate::distributions::observe_expectations(components, statistics, block, weights);
            }
            fn observe_block(
                &self,
                s: &mut Self::Statistics,
                block: <Self::Value as $crate::data::Observation>::Block<'_>,
                weights: &[f64],
            ) {
                $crate::distributions::observe_expectations(&[self], &mut [s], block, weights);
            }
        });
    };
    ($family:ty { $($kernel:item)* }) => {
        impl $crate::distributions::Estimate for $family {
            $($kernel)*

            type Statistics = $crate::distributions::Expectations;

            fn statistics(&self) -> Self::Statistics {
                $crate::distributions::Expectations::empty(
                    $crate::distributions::ExponentialFamily::natural_parameters(self).len(),
                )
            }
            fn observe(&self, s: &mut Self::Statistics, x: &Self::Value, weight: f64) {
                use $crate::distributions::ExponentialFamily;
                let log_base_measure = self.log_base_measure(x);
                s.weight += weight;
                s.log_base_measure += weight * log_base_measure;
                // Off the support T is not defined.
                if log_base_measure > f64::NEG_INFINITY {
                    self.add_statistics(x, weight, &mut s.sum);
                }
            }
            fn estimate(&self, s: &Self::Statistics) -> Result<Self, $crate::Error> {
                $crate::distributions::ExponentialFamily::from_mean(self, &s.mean()?)
            }
            fn expected_log_density(&self, s: &Self::Statistics) -> f64 {
                use $crate::distributions::ExponentialFamily;
                // η = −∞ (an outcome of probability 0) against a count of 0 contributes nothing.
                let term = |(eta, t): (&f64, &f64)| if *t == 0.0 { 0.0 } else { eta * t };
                let inner: f64 = self.natural_parameters().iter().zip(&s.sum).map(term).sum();
                inner - s.weight * self.log_partition() + s.log_base_measure
            }
            fn same_statistics(&self, other: &Self) -> bool {
                use $crate::distributions::ExponentialFamily;
                let length = |d: &Self| d.natural_parameters().len();
                length(self) == length(other) && self.shares_statistics(other)
            }
            fn free_parameters(&self) -> Option<usize> {
                Some($crate::distributions::ExponentialFamily::free_dimension(self))
            }
        }
    };
}
