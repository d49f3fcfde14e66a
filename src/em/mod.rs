//! The driver: climbs the free energy F(q, θ) = E_q[ln p(x, z | θ)] + H(q) of any [`LatentModel`](crate::latent::LatentModel).

mod acceleration;
mod climb;
mod contest;
mod driver;
mod extrapolation;
mod fit;
mod fitting;
mod jump;
mod place;
mod restart;
mod round_off;
mod stopping;
mod verify;

pub use acceleration::Acceleration;
pub use driver::Em;
pub use fit::{Fit, FitError};
pub use restart::Restart;
pub(crate) use round_off::e_step;
pub use stopping::{Progress, Step, Stopped};
pub(crate) use verify::penalised;
