//! When EM stops, and why.

/// Why a fit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stopped {
    /// The gain still to be expected is below the tolerance.
    Converged,
    /// The iteration cap was reached before that.
    IterationLimit,
    /// The observer asked for it.
    Observer,
    /// An error ended it; these are the last parameters before.
    Failed,
}

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Converged => "converged",
            Self::IterationLimit => "stopped at the iteration limit, not converged",
            Self::Observer => "stopped by the observer",
            Self::Failed => "ended by an error",
        })
    }
}

/// What an observer sees after each E-step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// The restart, from 0.
    pub restart: usize,
    /// How many M-steps were made.
    pub iteration: usize,
    /// The objective of the present parameters.
    pub objective: f64,
    /// The gain still to be expected (Aitken), if there are enough steps to tell.
    pub remaining: Option<f64>,
}

/// What is left to gain, by Aitken's extrapolation of the last three objectives: with gains Δ₁, Δ₂ and a = Δ₂ / Δ₁
/// it is Δ₂ a / (1 − a), and never less than Δ₂; 0 after two steps without gain (one may be round-off); `None` while the
/// gains do not shrink.
pub(super) fn remaining_gain(history: &[f64]) -> Option<f64> {
    let &[.., before, old, new] = history else { return None };
    let (first, last) = (old - before, new - old);
    if last <= 0.0 {
        return (first <= 0.0).then_some(0.0);
    }
    let rate = last / first;
    (rate < 1.0 && first > 0.0).then(|| last * (rate / (1.0 - rate)).max(1.0))
}

#[cfg(test)]
mod tests {
    use super::remaining_gain;

    #[test]
    fn slow_geometric_convergence_is_not_taken_for_its_end() {
        let history: Vec<f64> = (0..10).map(|t| -(0.99f64.powi(t))).collect();
        let left = remaining_gain(&history).unwrap();
        assert!((left - 0.99f64.powi(9)).abs() < 1e-10);
    }

    #[test]
    fn growing_gains_tell_nothing_and_a_standstill_tells_all() {
        assert_eq!(remaining_gain(&[0.0, 1.0, 3.0]), None);
        assert_eq!(remaining_gain(&[0.0, 1.0]), None);
        assert_eq!(remaining_gain(&[0.0, 1.0, 1.0]), None);
        assert_eq!(remaining_gain(&[1.0, 1.0, 1.0]), Some(0.0));
    }
}
