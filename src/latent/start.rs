//! Where EM starts.

use rand::Rng;

use crate::data::Dataset;
use crate::error::Error;

use super::LatentModel;

/// A model that can choose θ₀ from the data. Without it, a fit starts from parameters that the caller gives.
///
/// Laws: the start depends on the data and `rng` alone, and the starts of different restarts differ.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say where EM starts",
    note = "start from parameters of your own with `fit_from(&model, &data, start)`, or implement `Start`"
)]
pub trait Start: LatentModel {
    /// θ₀ for the given restart (0 is the first run).
    ///
    /// # Errors
    /// [`Error::TooFewRows`] or whatever makes the data unfit for a start.
    fn start<D: Dataset<Self::Observation> + ?Sized>(
        &self,
        data: &D,
        restart: usize,
        rng: &mut dyn Rng,
    ) -> Result<Self::Parameters, Error>;
}
