//! Rows shared among members at random, or by a partition: the statistics from which a start is estimated.
//!
//! A row is shared among the members that may have produced it, and among no others.

use crate::data::Observation;

use super::Components;

/// Rows that are observed together.
const ROWS: usize = 256;

/// Adds a block of which row n belongs to the members by the shares that `of_row` fills in (they need not sum to one), and
/// to each of `counts` what its member gets.
pub(crate) fn observe_shares<C: Components>(
    bank: &C,
    (block, weights): (<C::Value as Observation>::Block<'_>, &[f64]),
    (s, counts): (&mut C::Statistics, &mut [f64]),
    mut of_row: impl FnMut(usize, &mut [f64]),
) {
    let k = bank.count();
    let (mut shares, mut possible, mut tile) = (vec![0.0; k], vec![true; k], Vec::new());
    for first in (0..weights.len()).step_by(ROWS) {
        let rows = ROWS.min(weights.len() - first);
        tile.clear();
        tile.resize(k * rows, 0.0);
        for n in first..first + rows {
            of_row(n, &mut shares);
            let x = C::Value::get(block, n);
            possible.iter_mut().enumerate().for_each(|(z, possible)| *possible = bank.may_produce(x, z));
            share_row(&possible, weights[n], &shares, |z, share| {
                counts[z] += share;
                tile[z * rows + n - first] = share;
            });
        }
        bank.observe_tile(s, C::Value::slice(block, first..first + rows), &tile);
    }
}

/// Shows `observe` the members that are possible, each with its part of the weight, in proportion to the shares (in equal
/// parts, if theirs are 0); all members if none is.
fn share_row(possible: &[bool], weight: f64, shares: &[f64], mut observe: impl FnMut(usize, f64)) {
    let some = possible.contains(&true) && possible.contains(&false);
    let counts = |z: &usize| !some || possible[*z];
    let total = |z: &mut dyn Iterator<Item = usize>| z.map(|z| shares[z]).sum::<f64>();
    let (of_all, of_possible) = (total(&mut (0..shares.len())), total(&mut (0..shares.len()).filter(counts)));
    let equal = of_all / (0..shares.len()).filter(counts).count() as f64;
    for z in (0..shares.len()).filter(counts) {
        // What the others would have had is theirs.
        let share = match of_possible > 0.0 {
            true if some => shares[z] * (of_all / of_possible),
            true => shares[z],
            false => equal,
        };
        observe(z, weight * share);
    }
}
