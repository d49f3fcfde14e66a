//! When EM stops, and why.

/// Why a fit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Stopped {
    /// The gain still to be expected is below the tolerance.
    Converged,
    /// The iteration cap was reached before that.
    IterationLimit,
    /// The observer asked for it.
    Observer,
    /// The [time limit](super::Em::time_limit) passed.
    TimeLimit,
    /// The [token](super::Cancel) was cancelled.
    Cancelled,
    /// An error ended it; these are the last parameters before.
    Failed,
}

impl Stopped {
    /// Whether the whole fit was ended from outside, by the time limit or a token: not all that was asked for is done.
    pub fn from_outside(self) -> bool {
        matches!(self, Self::TimeLimit | Self::Cancelled)
    }
}

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Converged => "converged",
            Self::IterationLimit => "stopped at the iteration limit, not converged",
            Self::Observer => "stopped by the observer",
            Self::TimeLimit => "ended by the time limit before it was done",
            Self::Cancelled => "cancelled before it was done",
            Self::Failed => "ended by an error",
        })
    }
}

/// How a run came to a θ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Step {
    /// It is the start.
    Start,
    /// By the M-step from what was collected at the θ before.
    Plain,
    /// By a [jump](super::Acceleration::Extrapolation).
    Extrapolated,
}

/// What an observer sees after each E-step whose θ is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// The restart, from 0.
    pub restart: usize,
    /// How many [iterations](super::Fit::iterations) were made.
    pub iteration: usize,
    /// The objective of the present parameters.
    pub objective: f64,
    /// The gain still to be expected, if there are enough steps to tell.
    pub remaining: Option<f64>,
}

/// The objectives of a run, and what tells how much is left to gain.
#[derive(Debug, Default)]
pub(super) struct Gains {
    pub(super) history: Vec<f64>,
    /// Where in `history` the plain steps since the last jump begin.
    pub(super) landed: usize,
    /// What the directions of the last steps said was left to gain, at the last two places.
    pub(super) forecasts: [Option<f64>; 2],
}

impl Gains {
    /// The objective of the next θ, how it was reached, and what the directions of the last steps forecast from there.
    pub(super) fn push(&mut self, objective: f64, step: Step, forecast: Option<f64>) {
        if step != Step::Plain {
            self.landed = self.history.len();
        }
        self.history.push(objective);
        self.forecasts = [self.forecasts[1], forecast];
    }

    /// What is left to gain: 0 after two steps without gain (one may be round-off); else the larger of what Aitken
    /// says of the plain steps since the last jump and of the larger of the last two forecasts; `None` if neither is
    /// known.
    pub(super) fn remaining(&self) -> Option<f64> {
        if let &[.., before, old, new] = &self.history[..]
            && new <= old
            && old <= before
        {
            return Some(0.0);
        }
        let [before, now] = self.forecasts;
        let forecast = before.zip(now).map(|(before, now)| before.max(now));
        let aitken = aitken(&self.history[self.landed..]);
        aitken.into_iter().chain(forecast).reduce(f64::max)
    }
}

/// What is left to gain, by Aitken's extrapolation of the last three objectives: with gains Δ₁, Δ₂ and a = Δ₂ / Δ₁
/// it is Δ₂ a / (1 − a), and never less than Δ₂; `None` while the gains do not shrink.
fn aitken(history: &[f64]) -> Option<f64> {
    let &[.., before, old, new] = history else { return None };
    let (first, last) = (old - before, new - old);
    let rate = last / first;
    (rate < 1.0 && first > 0.0 && last > 0.0).then(|| last * (rate / (1.0 - rate)).max(1.0))
}

#[cfg(test)]
mod tests {
    use super::{Gains, Step};

    fn remaining(history: &[f64]) -> Option<f64> {
        let mut gains = Gains::default();
        history.iter().for_each(|objective| gains.push(*objective, Step::Plain, None));
        gains.remaining()
    }

    #[test]
    fn slow_geometric_convergence_is_not_taken_for_its_end() {
        let history: Vec<f64> = (0..10).map(|t| -(0.99f64.powi(t))).collect();
        let left = remaining(&history).unwrap();
        assert!((left - 0.99f64.powi(9)).abs() < 1e-10);
    }

    #[test]
    fn growing_gains_tell_nothing_and_a_standstill_tells_all() {
        assert_eq!(remaining(&[0.0, 1.0, 3.0]), None);
        assert_eq!(remaining(&[0.0, 1.0]), None);
        assert_eq!(remaining(&[0.0, 1.0, 1.0]), None);
        assert_eq!(remaining(&[1.0, 1.0, 1.0]), Some(0.0));
    }

    #[test]
    fn what_a_jump_gains_is_no_rate_and_one_forecast_is_not_enough() {
        let mut gains = Gains::default();
        let steps = [(0.0, Step::Start), (1.0, Step::Plain), (1.5, Step::Plain), (9.0, Step::Extrapolated)];
        steps.iter().for_each(|(objective, step)| gains.push(*objective, *step, Some(0.0)));
        gains.push(9.1, Step::Plain, Some(0.7));
        assert_eq!(gains.remaining(), Some(0.7));
        gains.push(9.15, Step::Extrapolated, Some(1e-12));
        assert_eq!(gains.remaining(), Some(0.7));
        gains.push(9.151, Step::Extrapolated, Some(2e-12));
        assert_eq!(gains.remaining(), Some(2e-12));
        gains.push(9.152, Step::Plain, None);
        assert_eq!(gains.remaining(), None);
    }
}
