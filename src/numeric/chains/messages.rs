//! What is done to the entries of a message: its extremes, and quotients of which those that are no number are 0.
//!
//! Bound by the divisions: eight entries take some twenty cycles.

use crate::numeric::simd::vectorised;

vectorised! {
    /// Raises `extremes.0` to the largest entry, and lowers `extremes.1` to the smallest positive one.
    pub(crate) fn extremes(entries: &[f64], extremes: &mut (f64, f64)) = extremes_body;
}
vectorised! {
    /// entry ← entry / divisor.
    pub(crate) fn divide(entries: &mut [f64], divisor: f64) = divide_body;
}
vectorised! {
    /// part ← part / (whole · divisor), and 0 where the whole is 0 or the quotient beyond all numbers.
    pub(crate) fn quotients(parts: &mut [f64], wholes: &[f64], divisor: f64) = quotients_body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
fn extremes_body<const REGISTER: usize>(entries: &[f64], extremes: &mut (f64, f64)) {
    let (mut largest, mut least) = ([extremes.0; 8], [extremes.1; 8]);
    let (eights, rest) = entries.as_chunks::<8>();
    let mut see = |lane: usize, entry: f64| {
        largest[lane] = if entry > largest[lane] { entry } else { largest[lane] };
        least[lane] = if entry > 0.0 && entry < least[lane] { entry } else { least[lane] };
    };
    for eight in eights {
        eight.iter().enumerate().for_each(|(lane, &entry)| see(lane, entry));
    }
    rest.iter().enumerate().for_each(|(lane, &entry)| see(lane, entry));
    extremes.0 = largest.into_iter().fold(extremes.0, f64::max);
    extremes.1 = least.into_iter().fold(extremes.1, f64::min);
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
fn divide_body<const REGISTER: usize>(entries: &mut [f64], divisor: f64) {
    entries.iter_mut().for_each(|entry| *entry /= divisor);
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
fn quotients_body<const REGISTER: usize>(parts: &mut [f64], wholes: &[f64], divisor: f64) {
    for (part, whole) in parts.iter_mut().zip(wholes) {
        let quotient = *part / (whole * divisor);
        *part = if *whole > 0.0 && quotient < f64::INFINITY { quotient } else { 0.0 };
    }
}

#[cfg(test)]
mod tests {
    use super::{divide, extremes, quotients};

    #[test]
    fn every_length_gives_the_plain_answer() {
        for length in 0..40usize {
            let entries: Vec<f64> = (0..length).map(|i| ((i * 7 + 3) % 11) as f64).collect();
            let mut found = (0.0, f64::INFINITY);
            extremes(&entries, &mut found);
            let positive = || entries.iter().copied().filter(|entry| *entry > 0.0);
            assert_eq!(found, (positive().fold(0.0, f64::max), positive().fold(f64::INFINITY, f64::min)));
            let mut halves = entries.clone();
            divide(&mut halves, 2.0);
            assert!(halves.iter().zip(&entries).all(|(half, entry)| 2.0 * half == *entry));
            let mut parts = halves.clone();
            quotients(&mut parts, &entries, 4.0);
            let expected = entries.iter().map(|entry| if *entry > 0.0 { 0.125 } else { 0.0 });
            assert!(parts.iter().copied().eq(expected));
        }
    }
}
