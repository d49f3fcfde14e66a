//! p(x | z) for a hidden z ∈ {0, …, K−1}: K distributions, held as one object.
//!
//! The components of a mixture, the emissions of a chain and the distributions below a finite parent are the same
//! thing: K members, one for each state z. [`Components`] says what is wanted of them: their densities over a block of
//! observations, all K at once; statistics under posterior weights; and an estimate of all members *together*, because a
//! covariance, a prior or a floor may be a matter of them all. A mixture, a chain or a
//! [`Switch`](crate::conditionals::Switch) below a finite parent holds one such bank and never looks inside.
//!
//! | bank | its members |
//! | --- | --- |
//! | [`Vec<D>`] of any [`Estimate`](crate::distributions::Estimate) | each with its own parameters |
//! | [`Gaussians`] | normals: full, tied, diagonal or spherical covariances, with a floor and a prior |
//! | [`LowRankNormals`] | normals with a few factors: own or shared loadings, own or shared noise |
//! | [`Shared`] | members of another bank, some of which serve several states |
//! | [`PartlyLabelled`] | those of another bank; values come with what is known of z |
//! | [`Grouped`] | those of another bank; a value is a group of values that share one z |
//! | [`Regressions`](crate::conditionals::Regressions) | p(x \| y, z): rows hold y as well |
//!
//! A family of your own needs no bank: `vec![…]` of it is one. Write a bank where members share something.

mod bank;
mod covariance;
mod each_its_own;
mod gaussians;
mod grouped;
mod label;
mod low_rank_normals;
mod missing_cells;
mod observed_cells;
mod partly_labelled;
mod random_shares;
mod refused_rows;
#[cfg(feature = "serde")]
mod saved;
mod shared;

pub use crate::distributions::InverseWishart;
pub use bank::{Components, SampleGiven, Space};
pub use covariance::Covariance;
pub use gaussians::Gaussians;
pub use grouped::Grouped;
pub use label::Label;
pub use low_rank_normals::LowRankNormals;
pub use partly_labelled::PartlyLabelled;
pub use shared::Shared;

pub(crate) use bank::{check_count, chosen, observe_shares};
pub(crate) use covariance::CovarianceEstimate;
pub(crate) use each_its_own::{check_members, estimate_from_all};
pub(crate) use gaussians::random_distinct_rows;
pub(crate) use refused_rows::{not_finite, too_large};
