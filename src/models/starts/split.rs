//! A start from a fit of fewer components: random ones of them are split in two.

use rand::{Rng, RngExt};

use crate::components::Components;
use crate::data::{InMemory, Observation, Sample, check_row_length};
use crate::distributions::RowEstimate;
use crate::em::Em;
use crate::error::Error;
use crate::models::clustering::clusters::standardise;
use crate::models::mixtures::mixture::Mixture;
use crate::numeric::log_sum_exp;

use super::members::{Members, Sharing};

/// Steps of EM between two splits.
const STEPS: usize = 10;

/// The members that share the sample as the mixture does, but that the rows of a component, drawn by its weight, are divided
/// between two: each goes with the nearer of two of its rows, of which the second is drawn by its squared distance to the
/// first. That is done until there are as many as in the bank.
///
/// # Errors
/// [`Error::Dimension`] unless the mixture has fewer components than the bank, over rows of the same length; those of the
/// estimate.
pub(crate) fn split<C, P>(sharing: &Sharing<'_, C>, fewer: &Mixture<P>, rng: &mut dyn Rng) -> Result<Members<C>, Error>
where
    C: Components,
    P: Components<Value = C::Value>,
{
    let (k, known, weights) = (sharing.bank().count(), fewer.components().count(), sharing.weights());
    if known >= k {
        return Err(Error::Dimension { what: "the fit of fewer components", expected: k - 1, found: known });
    }
    check_row_length::<C::Value>(sharing.block(), fewer.components().space().row_length)?;
    let positions = standardise(&sharing.positions(rng)?, weights)?;
    let (block, rows) = (sharing.block(), weights.len());
    // `[n][z]`.
    let mut shares = vec![0.0; rows * k];
    for (n, row) in shares.chunks_exact_mut(k).enumerate() {
        let logs = fewer.log_products(C::Value::get(block, n));
        let of_row = log_sum_exp(&logs);
        let share = |log: &f64| if of_row.is_finite() { (log - of_row).exp() } else { 1.0 / known as f64 };
        row.iter_mut().zip(&logs).for_each(|(r, log)| *r = share(log));
    }
    for new in known..k {
        let mass = |z: usize| (0..rows).map(|n| weights[n] * shares[n * k + z]).sum::<f64>();
        let parent = draw((0..new).map(mass), rng);
        let of_parent = |n: usize| weights[n] * shares[n * k + parent];
        let square = |a: usize, b: usize| -> f64 {
            positions.row(a).iter().zip(positions.row(b)).map(|(x, y)| (x - y) * (x - y)).sum()
        };
        let first = draw((0..rows).map(of_parent), rng);
        let second = draw((0..rows).map(|n| of_parent(n) * square(n, first)), rng);
        for n in (0..rows).filter(|n| square(*n, second) < square(*n, first)) {
            shares[n * k + new] = std::mem::take(&mut shares[n * k + parent]);
        }
    }
    sharing.shared(rows, |n, of_row| of_row.copy_from_slice(&shares[n * k..][..k]))
}

/// The members that come of one component by [splitting](split), some steps of EM, splitting again, and so on.
///
/// # Errors
/// Those of the estimates, and of the steps of EM.
pub(crate) fn grown<C: Components>(
    bank_of: impl Fn(usize) -> C,
    sample: &Sample<C::Value>,
    k: usize,
    rng: &mut dyn Rng,
) -> Result<Members<C>, Error> {
    let mixture = |k: usize| Mixture::of(bank_of(k));
    let mut members =
        mixture(1)?.sharing(sample).shared(sample.weights().unwrap_or_default().len(), |_, all| all[0] = 1.0)?;
    for k in 2..=k {
        let (counts, components) = members;
        let fewer = Mixture::from_counts(&counts, (&RowEstimate::Free, &[]), || Ok(components))?;
        let fewer = Em::default().max_iterations(STEPS).fit_from(&fewer, sample, fewer.clone())?.parameters;
        members = split(&mixture(k)?.sharing(sample), &fewer, rng)?;
    }
    Ok(members)
}

/// A number, with a probability in proportion to its mass; the last if there is no mass.
fn draw(masses: impl Iterator<Item = f64> + Clone, rng: &mut dyn Rng) -> usize {
    let mut left = rng.random::<f64>() * masses.clone().sum::<f64>();
    let mut last = 0;
    for (n, mass) in masses.enumerate().filter(|(_, mass)| *mass > 0.0) {
        last = n;
        left -= mass;
        if left < 0.0 {
            break;
        }
    }
    last
}
