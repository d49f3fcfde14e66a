//! The driver: climbs the free energy F(q, θ) = E_q[ln p(x, z | θ)] + H(q) of any [`LatentModel`](crate::latent::LatentModel).

mod climb;
mod contest;
mod driver;
mod ending;
mod extrapolation;
mod fit;
mod fitting;
mod jump;
mod place;
mod restart;
mod round_off;
mod snapshot;
mod stopping;
mod task;
mod variants;
mod verify;

pub use driver::Em;
pub use ending::Cancel;
pub use extrapolation::Acceleration;
pub use fit::{Fit, FitError};
pub use restart::Restart;
pub(crate) use round_off::e_step;
#[cfg(feature = "serde")]
pub(crate) use snapshot::{Keeping, Snapshot};
pub use stopping::{Progress, Step, Stopped};
pub use variants::{
    Annealing, Collect, Collected, Drawn, Expected, Remembered, StepSize, Stepwise, Tempered, WithPosteriors,
};
pub(crate) use verify::penalised;
