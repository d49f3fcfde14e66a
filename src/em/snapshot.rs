//! Where a fit stands between two steps, as far as it cannot be computed again: what a checkpoint holds.
//!
//! Statistics are not part of it: the E-step collects them again at the same θ, to the same bits. Nor is the memory of the
//! last steps, from which jumps are made: at a checkpoint every run empties it but for its reach, so that a fit that goes
//! on from there and one that was never interrupted make the same steps.

#![cfg_attr(not(feature = "serde"), allow(dead_code, reason = "checkpoints are written by serde"))]

use std::collections::BTreeMap;
use std::ops::Range;

use crate::error::Error;

use super::{Fit, Restart, Step};

/// All runs of a fit.
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Snapshot<P> {
    pub(super) round: Range<usize>,
    pub(super) next: usize,
    pub(super) stage: usize,
    pub(super) over: bool,
    pub(super) waiting: Vec<RunSnapshot<P>>,
    pub(super) paused: Vec<RunSnapshot<P>>,
    pub(super) runs: BTreeMap<usize, Restart>,
    pub(super) best: Option<Fit<P>>,
    pub(super) wrong: Option<FailureSnapshot<P>>,
    pub(super) degenerate: Option<FailureSnapshot<P>>,
}

/// One run that is under way.
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct RunSnapshot<P> {
    pub(super) restart: usize,
    pub(super) parameters: P,
    pub(super) history: Vec<f64>,
    pub(super) steps: Vec<Step>,
    pub(super) discarded: usize,
    pub(super) landed: usize,
    /// As bits: a forecast may be infinite.
    pub(super) forecasts: [Option<u64>; 2],
    /// How far jumps may reach, as bits; `None` of a run that makes none.
    pub(super) reach: Option<u64>,
}

/// A run that failed.
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct FailureSnapshot<P> {
    pub(super) restart: usize,
    pub(super) iteration: usize,
    pub(super) reason: String,
    pub(super) degenerate: bool,
    pub(super) last_good: Option<Box<Fit<P>>>,
}

/// How checkpoints are kept.
pub(crate) struct Keeping<'a, P> {
    /// So many iterations, of all runs together, lie between two checkpoints.
    pub(crate) every: usize,
    /// Where the fit goes on, if it does not begin.
    pub(crate) from: Option<Snapshot<P>>,
    /// Where a checkpoint goes.
    pub(crate) save: &'a Save<'a, P>,
}

/// Writes a checkpoint.
pub(crate) type Save<'a, P> = dyn Fn(&Snapshot<P>) -> Result<(), Error> + 'a;
