//! Starts share an observation among the members that may have produced it, and among no others.

/// Shows `observe` the members that are possible, each with its part of the weight, in proportion to the shares (in equal
/// parts, if theirs are 0); all members if none is.
pub(super) fn share_row(possible: &[bool], weight: f64, shares: &[f64], mut observe: impl FnMut(usize, f64)) {
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
