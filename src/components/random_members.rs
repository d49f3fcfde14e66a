//! Members of a random start: each is estimated from a few random rows of its own.

use rand::Rng;

use crate::data::{InMemory, Observation, Sample};
use crate::error::Error;

use super::Components;

/// Rows that a member has to itself in a random start.
const OWN_ROWS: usize = 5;
/// The weight of all rows together, beside those.
const POOLED: f64 = 1.0 / 3.0;

/// Five random rows for each member and, at a third of their weight, an equal part of all rows, so that no probability
/// starts at 0.
pub(super) fn some_rows_each<C: Components>(
    bank: &C,
    sample: &Sample<C::Value>,
    rng: &mut dyn Rng,
) -> Result<(Vec<f64>, C), Error> {
    let (block, weights, k) = (sample.block(), sample.weights().unwrap_or_default(), bank.count());
    let own = (OWN_ROWS * k).min(weights.len());
    let mut owners = vec![None; weights.len()];
    let rows = rand::seq::index::sample(rng, weights.len(), own);
    rows.iter().enumerate().for_each(|(m, n)| owners[n] = Some(m % k));
    let pooled = POOLED * own as f64 / (weights.len() * k) as f64;
    let (mut s, mut counts) = (bank.empty_statistics(), vec![0.0; k]);
    for (n, (&weight, owner)) in weights.iter().zip(&owners).enumerate() {
        let shares: Vec<f64> = (0..k).map(|z| pooled + f64::from(u8::from(*owner == Some(z)))).collect();
        let x = C::Value::get(block, n);
        share_row(bank, (x, weight), &shares, |z, share| {
            counts[z] += share;
            bank.observe_given(&mut s, x, z, share);
        });
    }
    Ok((counts, bank.estimate_together(&s, &vec![true; k])?))
}

/// Shows `observe` the members that may have produced x, each with its part of the weight, in proportion to the shares;
/// all members if none may.
pub(crate) fn share_row<C: Components>(
    bank: &C,
    (x, weight): (&C::Value, f64),
    shares: &[f64],
    mut observe: impl FnMut(usize, f64),
) {
    let possible: Vec<bool> = (0..shares.len()).map(|z| bank.may_produce(x, z)).collect();
    let some = possible.contains(&true) && possible.contains(&false);
    let counts = |z: &usize| !some || possible[*z];
    let total = |z: &mut dyn Iterator<Item = usize>| z.map(|z| shares[z]).sum::<f64>();
    // What the others would have had is theirs.
    let scale = if some { total(&mut (0..shares.len())) / total(&mut (0..shares.len()).filter(counts)) } else { 1.0 };
    for z in (0..shares.len()).filter(counts) {
        observe(z, weight * shares[z] * scale);
    }
}
