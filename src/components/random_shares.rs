//! Random starts share an observation among the members that may have produced it, and among no others.

/// Shows `observe` the members that are possible, each with its part of the weight, in proportion to the shares; all
/// members if none is.
pub(crate) fn share_row(possible: &[bool], weight: f64, shares: &[f64], mut observe: impl FnMut(usize, f64)) {
    let some = possible.contains(&true) && possible.contains(&false);
    let counts = |z: &usize| !some || possible[*z];
    let total = |z: &mut dyn Iterator<Item = usize>| z.map(|z| shares[z]).sum::<f64>();
    // What the others would have had is theirs.
    let scale = if some { total(&mut (0..shares.len())) / total(&mut (0..shares.len()).filter(counts)) } else { 1.0 };
    for z in (0..shares.len()).filter(counts) {
        observe(z, weight * shares[z] * scale);
    }
}
