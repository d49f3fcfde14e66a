//! Random starts share a row among the components that may have produced it, and among no others.

use crate::distributions::{Estimate, may_produce};

/// Shows `observe` the components that may have produced x, each with its part of the weight, in proportion to the
/// shares; all components if none may.
pub(super) fn share_row<D: Estimate>(
    components: &[D],
    (x, weight): (&D::Value, f64),
    shares: &[f64],
    mut observe: impl FnMut(usize, f64),
) {
    let possible: Vec<bool> = components.iter().map(|d| may_produce(d, x)).collect();
    let some = possible.contains(&true) && possible.contains(&false);
    let counts = |z: &usize| !some || possible[*z];
    let total = |z: &mut dyn Iterator<Item = usize>| z.map(|z| shares[z]).sum::<f64>();
    // What the others would have had is theirs.
    let scale = if some { total(&mut (0..shares.len())) / total(&mut (0..shares.len()).filter(counts)) } else { 1.0 };
    for z in (0..shares.len()).filter(counts) {
        observe(z, weight * shares[z] * scale);
    }
}
