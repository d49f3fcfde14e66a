//! ln Σ_z p(z_1) Π_t p(z_t | z_{t−1}) Π_t b_t(z_t) with every term a logarithm: slow, and nothing underflows.

use crate::numeric::log_sum_exp;

/// From p(z_1), the K × K transition probabilities `[from][to]`, and ln b_t of each step.
pub(super) fn log_of_all_paths(
    initial: &[f64],
    transitions: &[f64],
    log_emissions: impl Iterator<Item = Vec<f64>>,
) -> f64 {
    let states = initial.len();
    let mut reached: Option<Vec<f64>> = None;
    for emitted in log_emissions {
        let arrive = |to: usize| match &reached {
            None => initial[to].ln(),
            Some(before) => {
                let from = |from: usize| before[from] + transitions[from * states + to].ln();
                log_sum_exp(&(0..states).map(from).collect::<Vec<_>>())
            }
        };
        reached = Some((0..states).map(|to| plus(arrive(to), emitted[to])).collect());
    }
    reached.map_or(0.0, |reached| log_sum_exp(&reached))
}

/// a + b; −∞ if a is, whatever b.
fn plus(a: f64, b: f64) -> f64 {
    if a == f64::NEG_INFINITY { a } else { a + b }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_a_product_would_lose_is_kept() {
        // Two states that are never left, fifteen steps of which each is e⁻⁵⁰ in the second, then forty in the first.
        let steps = (0..55).map(|t| if t < 15 { vec![0.0, -50.0] } else { vec![-50.0, 0.0] });
        let log = log_of_all_paths(&[0.5, 0.5], &[1.0, 0.0, 0.0, 1.0], steps);
        assert!((log - (0.5f64.ln() - 750.0)).abs() < 1e-12, "{log}");
    }

    #[test]
    fn the_sum_is_that_over_all_paths() {
        let (initial, transitions) = ([0.25, 0.75], [0.9, 0.1, 0.3, 0.7]);
        let emitted = [[0.2, 0.5], [0.7, 0.1], [0.4, 0.3]];
        let path = |code: usize| {
            let z = |t: usize| code >> t & 1;
            let first = initial[z(0)] * emitted[0][z(0)];
            (1..3).fold(first, |p, t| p * transitions[2 * z(t - 1) + z(t)] * emitted[t][z(t)])
        };
        let sum: f64 = (0..8).map(path).sum();
        let steps = emitted.iter().map(|b| b.iter().map(|b: &f64| b.ln()).collect());
        assert!((log_of_all_paths(&initial, &transitions, steps) - sum.ln()).abs() < 1e-14);
        assert_eq!(log_of_all_paths(&initial, &transitions, std::iter::empty()), 0.0);
    }
}
