//! Where EM starts.

use rand::Rng;

use crate::data::Dataset;
use crate::error::Error;

use super::{LatentModel, StartKind};

/// A model that can choose θ₀ from the data. Without it, a fit starts from parameters that the caller gives.
///
/// A model of your own says only [`start`](Self::start); its kind is called `own`.
///
/// Laws: the start depends on the data and `rng` alone, and the starts of different restarts differ.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say where EM starts",
    note = "start from parameters of your own with `fit_from(&model, &data, start)`, or implement `Start`"
)]
pub trait Start: LatentModel {
    /// θ₀ for the given restart (0 is the first run), of the kind whose turn it is.
    ///
    /// # Errors
    /// [`Error::TooFewRows`] or whatever makes the data unfit for a start.
    fn start<D: Dataset<Self::Observation> + ?Sized>(
        &self,
        data: &D,
        restart: usize,
        rng: &mut dyn Rng,
    ) -> Result<Self::Parameters, Error>;

    /// The kinds of start that the model knows.
    fn known_starts(&self) -> &'static [StartKind] {
        &[StartKind::Own]
    }

    /// The kinds that take turns if none is asked for: the first runs take one each, in this order; of further runs each
    /// takes the next one that draws.
    fn default_starts(&self) -> &'static [StartKind] {
        self.known_starts()
    }

    /// θ₀ of a kind that is [known](Self::known_starts).
    ///
    /// # Errors
    /// As [`start`](Self::start).
    fn start_of_kind<D: Dataset<Self::Observation> + ?Sized>(
        &self,
        _kind: StartKind,
        data: &D,
        restart: usize,
        rng: &mut dyn Rng,
    ) -> Result<Self::Parameters, Error> {
        self.start(data, restart, rng)
    }
}
