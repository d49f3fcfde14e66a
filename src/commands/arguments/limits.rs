//! What ends a fit before it is done.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::numbers::at_least_one;

#[derive(Debug, Args)]
pub(crate) struct Limits {
    /// End the fit after so many seconds, also within a number of components, and write the best so far (Ctrl-C does the
    /// same at any moment, a second one ends the program)
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, value_parser = seconds)]
    pub(crate) time_limit: Option<Duration>,
}

#[derive(Debug, Args)]
pub(crate) struct Checkpoints {
    /// Write down in this file where the fit is, and go on from there if the file exists: a fit that was killed ends with
    /// the same bits. A range of K writes one FILE-K each
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoint: Option<PathBuf>,
    /// Do so after so many iterations, of all starts together; each time the jumps of --acceleration begin anew
    #[arg(long, value_name = "N", default_value = "100", requires = "checkpoint", value_parser = at_least_one::<NonZeroUsize>)]
    pub(crate) checkpoint_every: NonZeroUsize,
}

/// Beyond these a clock may not count.
const MOST: f64 = 1e9;

fn seconds(text: &str) -> Result<Duration, String> {
    let needed = || format!("a number of seconds in (0, {MOST:e}] is needed");
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= MOST => Ok(Duration::from_secs_f64(seconds)),
        _ => Err(needed()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_limit_is_a_positive_number_of_seconds() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        for text in ["0", "-1", "NaN", "inf", "2e9", "1h", ""] {
            assert!(seconds(text).unwrap_err().starts_with("a number of seconds in (0, 1e9]"), "{text}");
        }
    }
}
