//! Laws: what must hold for every correct distribution, graph or latent model, as values that anybody can check on
//! their own.
//!
//! A law has a name, a formula, and a part to suspect; on a case it holds, fails with both sides and the tolerance, or
//! does not apply. Tolerances are computed from the size of what was summed, never typed in; parameters are compared
//! by what they say of the data, never with each other.
//!
//! One line a type, with the feature `laws`, gives one `#[test]` a law, with smallest counterexamples
//! ([`laws!`](crate::laws!)):
//! ```
//! # #[cfg(feature = "laws")] mod tests {
//! use marginal::distributions::Exponential; // or a distribution of your own
//! use marginal::laws::proptest::prelude::*;
//! use marginal::laws::strategies::{mixture_cases, positive};
//!
//! fn any_exponential() -> impl Strategy<Value = Exponential> + Clone {
//!     positive().prop_map(|rate| Exponential::new(rate).unwrap())
//! }
//!
//! marginal::laws! {
//!     exponential: distribution(any_exponential());
//!     exponential_fits: estimate(any_exponential());
//!     exponentials: finite_latent(mixture_cases(any_exponential()));
//! }
//! # }
//! ```
//! Without it, [`check`] puts one case to a whole suite:
//! ```
//! use marginal::distributions::Normal;
//! use marginal::laws::{self, LatentCase, Observations};
//! use marginal::models::Mixture;
//!
//! let mixture = Mixture::of(vec![Normal::new(0.0, 1.0)?, Normal::new(4.0, 2.0)?])?;
//! let rows = [0.5, -1.0, 3.5, 4.0, 6.0].map(|x: f64| (x, 1.0));
//! let case = LatentCase::new(mixture.clone(), mixture, Observations::new(rows));
//! let report = laws::check(&laws::finite_latent(), &case);
//! assert!(report.holds(), "{report}");
//! # Ok::<(), marginal::Error>(())
//! ```
//! The laws of a suite stand in the order in which they rely on each other, so the first that fails on a case names the
//! culprit: that is the suspect of a report, and of a test that fails. Whether they would see a fault in this model, on
//! these data, [`power`] measures.
//!
//! The laws of draws are tests of chance: from fixed seeds they look at 1 000 draws, where those are odd at 16 000 fresh
//! ones, and a correct sampler fails on a case with probability α ≤ 10⁻⁹, the bound of the second look alone (for rows,
//! with the largest weight that was seen in place of the largest that there is).

mod densities;
mod estimation;
mod graphs;
mod integrals;
mod any_model;
mod case;
#[cfg(feature = "laws")]
mod conditional_strategies;
mod coordinates;
mod culprit;
#[cfg(feature = "laws")]
mod fewer_rows;
mod law;
pub mod power;
mod report;
#[cfg(feature = "laws")]
mod run;
#[cfg(feature = "laws")]
pub mod strategies;
mod suites;
mod symmetry;
mod view;

pub use any_model::Examinable;
pub use case::{EstimateCase, LatentCase, Observations, Observed};
pub use coordinates::{Coordinates, Parts, Rest};
pub use densities::conditional::{Regression, Slice};
pub use estimation::labelled::Labelled;
pub use law::{Failure, Law, Part, Verdict};
pub use report::{Line, Report, check};
pub use suites::{
    components, conditional, cumulative, directed_graph, distribution, estimate, estimate_conditional, exchangeable,
    exponential_family, finite_conditional, finite_latent, graph, latent_model, location_family, parametric,
    parametric_latent, recovery, scale_family, summary,
};
pub use symmetry::{Relabel, Scale, Shift};

#[cfg(feature = "laws")]
pub use conditional_strategies::{regressions, slices};
#[cfg(feature = "laws")]
pub use {
    fewer_rows::fewer_rows,
    proptest,
    run::{hold, tell},
};

#[cfg(feature = "laws")]
#[doc = include_str!("guide.md")]
#[doc = include_str!("matrix.md")]
pub mod guide {}

/// Every law by itself; the doc comment of each is the law.
pub mod each {
    pub use super::densities::conditional::cells_hold_the_value;
    pub use super::densities::cumulative::*;
    pub use super::densities::distribution::*;
    pub use super::densities::exponential_family::*;
    pub use super::densities::members::members_at_once_are_each_alone;
    pub use super::densities::regression_line::the_line_is_the_density;
    pub use super::densities::sampling::*;
    pub use super::densities::summary::*;
    pub use super::estimation::calls::*;
    pub use super::estimation::complete::*;
    pub use super::estimation::em::*;
    pub use super::estimation::equivariance::{
        a_change_of_unit_changes_nothing, a_huge_shift_changes_nothing, equal_components_are_one, labels_do_not_matter,
    };
    pub use super::estimation::expected::*;
    pub use super::estimation::finite::*;
    pub use super::estimation::gradient::*;
    pub use super::estimation::m_step::*;
    pub use super::estimation::mass::the_m_step_keeps_the_mass;
    pub use super::estimation::recovery::*;
    pub use super::estimation::statistics::*;
    pub use super::estimation::underflow::*;
    pub use super::graphs::directed_graph::*;
    pub use super::graphs::graph::*;
}
