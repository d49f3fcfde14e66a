//! What became of each run, and how many reached the best.

use crate::error::counted;

use super::Stopped;

/// Objectives that differ by less than this share of Σw + |objective| are one.
const REACHED: f64 = 1e-7;

/// One run from one start.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Restart {
    /// It ended with this objective.
    Ended {
        /// The objective.
        objective: f64,
        /// Why it ended.
        stopped: Stopped,
    },
    /// It stood lower than others when the runs were [screened](super::Em::screen), and was given up.
    Screened {
        /// The objective there.
        objective: f64,
        /// How many [iterations](super::Fit::iterations) it had made.
        iterations: usize,
    },
    /// It stood at the same objective as another run when the runs were screened, and counts with that one.
    Joined {
        /// The other run.
        run: usize,
    },
    /// The data or the start made it degenerate, or its objective fell or became NaN.
    Failed {
        /// What happened.
        reason: String,
    },
}

/// Whether an objective is the best one but for what is still to gain.
pub(super) fn is_reached(objective: f64, best: f64, weight: f64) -> bool {
    (best - objective).abs() <= REACHED * (weight + best.abs())
}

/// How many of these runs reached the best objective, themselves or with a run that they joined.
pub(super) fn reached<'a>(
    run: impl Fn(usize) -> Option<&'a Restart>,
    runs: impl Iterator<Item = usize>,
    best: f64,
    weight: f64,
) -> usize {
    let has_reached = |number: usize| {
        let mut at = run(number);
        while let Some(Restart::Joined { run: other }) = at {
            at = run(*other);
        }
        matches!(at, Some(Restart::Ended { objective, .. }) if is_reached(*objective, best, weight))
    };
    runs.filter(|number| has_reached(*number)).count()
}

/// What came of the runs: "best of 10 starts, reached by 2 (7 screened out, 1 failed)".
pub(super) fn summary(runs: &[Restart], reached: usize) -> String {
    if runs.len() < 2 {
        return format!("best of {}", counted(runs.len(), "start"));
    }
    let count = |of_kind: fn(&&Restart) -> bool| runs.iter().filter(of_kind).count();
    let ended = count(|run| matches!(run, Restart::Ended { .. }));
    let joined = count(|run| matches!(run, Restart::Joined { .. }));
    let screened = count(|run| matches!(run, Restart::Screened { .. }));
    let failed = count(|run| matches!(run, Restart::Failed { .. }));
    debug_assert_eq!(ended + joined + screened + failed, runs.len());
    let apart = [(screened, "screened out"), (failed, "failed")].into_iter().filter(|(count, _)| *count > 0);
    let apart: Vec<String> = apart.map(|(count, what)| format!("{count} {what}")).collect();
    let apart = if apart.is_empty() { String::new() } else { format!(" ({})", apart.join(", ")) };
    format!("best of {} starts, reached by {reached}{apart}", runs.len())
}
