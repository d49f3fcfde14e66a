//! How a fit is driven: from its checkpoint, and until Ctrl-C, a request to terminate or the clock ends it early.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use marginal::data::Dataset;
use marginal::em::{Cancel, Em, Fit, FitError, Stopped};
use marginal::latent::{Start, StartKind};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::failure::Failure;
use crate::commands::arguments::limits::{Checkpoints, Limits};
use crate::commands::writing::terminal::note;

/// The exit code of a command that was interrupted: 128 and the number of the signal.
pub(super) const INTERRUPTED: u8 = 130;

/// How often many fits look whether they must end.
const GLANCE: Duration = Duration::from_millis(20);

/// The token of the command, once a fit has begun.
static CANCEL: OnceLock<Cancel> = OnceLock::new();

/// Whether a fit was interrupted.
pub(super) fn was_interrupted() -> bool {
    CANCEL.get().is_some_and(Cancel::is_cancelled)
}

/// What ends the fits of one command.
#[derive(Debug)]
pub(super) struct Ending {
    cancel: Cancel,
    time_limit: Option<Duration>,
    /// When the first fit began.
    begun: OnceCell<Instant>,
}

impl Ending {
    /// From now on the first signal ends the fits, and the second one the program.
    pub(super) fn begin(limits: &Limits) -> Result<Self, Failure> {
        let cancel = CANCEL.get_or_init(Cancel::new).clone();
        let token = cancel.clone();
        let handler = move || {
            if token.is_cancelled() {
                std::process::exit(i32::from(INTERRUPTED));
            }
            token.cancel();
            note("interrupted: what was found so far will be written; interrupt again to quit without it");
        };
        let failed = |e| Failure::Because(format!("Ctrl-C cannot be listened for: {e}"));
        ctrlc::set_handler(handler).map_err(failed)?;
        Ok(Self { cancel, time_limit: limits.time_limit, begun: OnceCell::new() })
    }

    /// The driver of a fit, which ends when the command must; with the first the time begins to run.
    pub(super) fn of(&self, em: Em) -> Em {
        let em = em.cancel(&self.cancel);
        let Some(limit) = self.time_limit else { return em };
        let spent = self.spent();
        self.begun.get_or_init(Instant::now);
        em.time_limit(limit.saturating_sub(spent))
    }

    /// The driver of many fits side by side, all of which end when the command must.
    pub(super) fn of_all(&self, em: Em) -> Em {
        let (Some(limit), Some(begun)) = (self.time_limit, self.begun.get().copied()) else {
            return em.cancel(&self.cancel);
        };
        let (interrupted, either) = (self.cancel.clone(), Cancel::new());
        let ends = either.clone();
        std::thread::spawn(move || {
            while !interrupted.is_cancelled() && begun.elapsed() < limit {
                std::thread::sleep(GLANCE.min(limit.saturating_sub(begun.elapsed())));
            }
            ends.cancel();
        });
        em.cancel(&either)
    }

    fn spent(&self) -> Duration {
        self.begun.get().map_or(Duration::ZERO, Instant::elapsed)
    }

    /// Whether no further fit shall begin.
    pub(super) fn is_due(&self) -> bool {
        self.cancel.is_cancelled() || self.time_limit.is_some_and(|limit| self.spent() >= limit)
    }
}

/// What to do about a fit that ended before it converged.
pub(crate) fn advice(stopped: Stopped) -> &'static str {
    match stopped {
        Stopped::IterationLimit => " (raise --max-iterations)",
        Stopped::TimeLimit => " (raise --time-limit)",
        _ => "",
    }
}

/// Fits with the settings of the command, from where the checkpoint is.
#[derive(Clone, Debug)]
pub(super) struct Driver {
    em: Em,
    /// The file, and how many iterations lie between two checkpoints.
    checkpoint: Option<(PathBuf, usize)>,
    /// What the checkpoint belongs to besides.
    about: String,
}

impl Driver {
    /// `suffix` tells the checkpoints of several fits apart; `about` says what the settings of the model are.
    pub(super) fn new(em: Em, checkpoints: &Checkpoints, suffix: &str, about: String) -> Self {
        let file = checkpoints.checkpoint.as_deref().map(|path| beside(path, suffix));
        Self { em, checkpoint: file.map(|file| (file, checkpoints.checkpoint_every.get())), about }
    }

    /// With other kinds of start.
    pub(super) fn starts(&self, kinds: impl IntoIterator<Item = StartKind>) -> Self {
        Self { em: self.em.clone().starts(kinds), ..self.clone() }
    }

    pub(super) fn fit<M, D>(&self, model: &M, data: &D) -> Result<Fit<M::Parameters>, FitError<M::Parameters>>
    where
        M: Start<Parameters: Serialize + DeserializeOwned>,
        D: Dataset<M::Observation> + ?Sized,
    {
        match &self.checkpoint {
            Some((file, every)) => self.em.checkpoint(file, *every).about(&self.about).fit(model, data),
            None => self.em.fit(model, data),
        }
    }
}

/// The same name with something before its ending.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().map_or_else(String::new, |ending| format!(".{}", ending.to_string_lossy()));
    if suffix.is_empty() { path.to_owned() } else { path.with_file_name(format!("{stem}{suffix}{ending}")) }
}
