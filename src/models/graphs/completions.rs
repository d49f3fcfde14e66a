//! ln Σ p over every way to complete a row of which some finite variables are hidden: each term a logarithm, one
//! after the other.

use crate::numeric::log_sum_exp;

/// Rows that can be completed in more ways are not summed.
const WAYS: usize = 4096;

/// `log_joint` of every choice of one state for each hidden variable, `None` if there are too many.
pub(crate) fn log_of_all_completions(states: &[usize], mut log_joint: impl FnMut(&[usize]) -> f64) -> Option<f64> {
    let ways = states.iter().try_fold(1usize, |ways, k| ways.checked_mul(*k)).filter(|ways| *ways <= WAYS)?;
    let mut chosen = vec![0; states.len()];
    let mut terms = Vec::with_capacity(ways);
    for mut way in 0..ways {
        for (state, k) in chosen.iter_mut().zip(states) {
            (*state, way) = (way % k, way / k);
        }
        terms.push(log_joint(&chosen));
    }
    Some(log_sum_exp(&terms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_completion_is_summed_once() {
        let mut seen = Vec::new();
        let log = log_of_all_completions(&[2, 3], |chosen| {
            seen.push(chosen.to_vec());
            -1000.0
        });
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 6);
        assert!((log.unwrap() - (6f64.ln() - 1000.0)).abs() < 1e-12);
        assert_eq!(log_of_all_completions(&[], |_| -3.0), Some(-3.0));
        assert_eq!(log_of_all_completions(&[2; 13], |_| 0.0), None);
        assert_eq!(log_of_all_completions(&[usize::MAX, 3], |_| 0.0), None);
    }
}
