//! What ends a whole fit from outside: a token, or the clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::error::Error;

use super::Stopped;

/// A token that ends fits: [`Em::cancel`](super::Em::cancel) takes it, and [`cancel`](Self::cancel) ends them.
///
/// Its clones are one token, so it can be given to another thread, to an observer or to the handler of a signal. Once
/// cancelled it stays so.
/// ```
/// use std::ops::ControlFlow;
/// use marginal::{distributions::Normal, em::{Cancel, Em, Stopped}, models::Mixture};
/// let cancel = Cancel::new();
/// let from_inside = cancel.clone();
/// let em = Em::default().restarts(20).cancel(&cancel).observer(move |at| {
///     if at.restart == 2 {
///         from_inside.cancel(); // no further run, and no further step of this one
///     }
///     ControlFlow::Continue(())
/// });
/// let model = Mixture::of(vec![Normal::new(0.0, 1.0)?, Normal::new(5.0, 1.0)?])?;
/// let fit = em.fit(&model, &[-0.5, 0.1, 0.7, 4.2, 5.1, 5.9])?;
/// assert_eq!((fit.stopped, fit.restarts.len()), (Stopped::Cancelled, 3));
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A token that is not cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the fits that hold the token, after the batch of rows that each is at.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The token and the moment that end a fit, if there are such.
#[derive(Clone, Debug, Default)]
pub(super) struct Ending {
    cancel: Option<Cancel>,
    /// The moment, and how long after the beginning of the fit it is.
    deadline: Option<(Instant, Duration)>,
}

impl Ending {
    /// Of a fit that begins now.
    pub(super) fn new(cancel: Option<Cancel>, time_limit: Option<Duration>) -> Self {
        // A moment beyond what the clock can tell never comes.
        let deadline = time_limit.and_then(|limit| Some((Instant::now().checked_add(limit)?, limit)));
        Self { cancel, deadline }
    }

    /// Why the fit must end now, if it must.
    pub(super) fn reason(&self) -> Option<Stopped> {
        if self.cancel.as_ref().is_some_and(Cancel::is_cancelled) {
            return Some(Stopped::Cancelled);
        }
        self.deadline.filter(|(deadline, _)| Instant::now() >= *deadline).map(|_| Stopped::TimeLimit)
    }

    /// Asked before each batch of an E-step.
    ///
    /// # Errors
    /// [`Error::NoParametersYet`], which is true of a fit that has finished no E-step.
    pub(super) fn check(&self) -> Result<(), Error> {
        self.reason().map_or(Ok(()), |reason| Err(self.without_parameters(reason)))
    }

    /// Why a fit that ended so soon has no parameters.
    pub(super) fn without_parameters(&self, reason: Stopped) -> Error {
        let ended = match (reason, self.deadline) {
            (Stopped::TimeLimit, Some((_, limit))) => format!("the time limit of {} s passed", limit.as_secs_f64()),
            _ => "the fit was cancelled".into(),
        };
        Error::NoParametersYet { ended }
    }
}
