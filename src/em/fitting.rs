//! `Em::fit`: E-step, M-step, until nothing is left to gain; from several starts, and the best of them.

use rand::{SeedableRng, rngs::Xoshiro256PlusPlus};

use crate::data::Dataset;
use crate::error::Error;
use crate::latent::{LatentModel, Start, StartKind};

use super::climb::Climb;
use super::contest::Contest;
use super::{Em, Fit, FitError};

/// Runs that are screened together.
const ROUND: usize = 8;

impl Em {
    /// Fits the model from starts of its own choice.
    ///
    /// # Errors
    /// [`Error::Empty`]; [`Error::UnknownStart`]; what the model finds wrong with its settings or the data;
    /// [`Error::LawBroken`]. If every start failed, the first [`Error::Fell`] or [`Error::NotANumber`] (the model is wrong),
    /// else the first degenerate estimate.
    pub fn fit<M, D>(&self, model: &M, data: &D) -> Result<Fit<M::Parameters>, FitError<M::Parameters>>
    where
        M: Start,
        D: Dataset<M::Observation> + ?Sized,
    {
        let kinds = self.kinds(model)?;
        let totals = data.totals()?;
        let mut contest = Contest::new(self.verify, totals.weight);
        for first in (0..self.restarts).step_by(ROUND) {
            let round = first..self.restarts.min(first + ROUND);
            for restart in round.clone() {
                let stream = self.seed.wrapping_add((restart as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
                let mut rng = Xoshiro256PlusPlus::seed_from_u64(stream);
                match model.start_of_kind(StartKind::in_turn(kinds, restart), data, restart, &mut rng) {
                    Ok(start) => {
                        contest.advance(Climb::new(self, model, data, totals, restart, start), self.screen / 4)?;
                    }
                    Err(cause) => contest.fail(FitError { restart, ..FitError::from(cause) })?,
                }
            }
            contest.screen(round.len().div_ceil(2));
            contest.resume(self.screen)?;
            contest.screen(round.len().div_ceil(4));
            contest.resume(usize::MAX)?;
            if contest.reached() >= self.enough {
                break;
            }
        }
        contest.end()
    }

    /// The kinds of start that take turns.
    fn kinds<'a, M: Start>(&'a self, model: &M) -> Result<&'a [StartKind], Error> {
        let known = model.known_starts();
        match self.starts.iter().find(|kind| !known.contains(kind)) {
            Some(kind) => Err(Error::UnknownStart { name: kind.to_string(), known: StartKind::list(known) }),
            None if self.starts.is_empty() => Ok(model.default_starts()),
            None => Ok(&self.starts),
        }
    }

    /// Fits the model from the parameters given: a warm start.
    ///
    /// # Errors
    /// As [`fit`](Self::fit), and those of [`LatentModel::check`].
    pub fn fit_from<M, D>(
        &self,
        model: &M,
        data: &D,
        start: M::Parameters,
    ) -> Result<Fit<M::Parameters>, FitError<M::Parameters>>
    where
        M: LatentModel,
        D: Dataset<M::Observation> + ?Sized,
    {
        let totals = data.totals()?;
        let mut contest = Contest::new(self.verify, totals.weight);
        contest.advance(Climb::new(self, model, data, totals, 0, start), usize::MAX)?;
        contest.end()
    }
}
