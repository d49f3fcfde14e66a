//! Would the laws see it, were this model wrong on these data? One fault at a time is planted in a correct model, and
//! the table says on which share of the cases a law broke, which law of the suite was most often the first, and whom
//! it blames. A fault that survives has its reason below the table, most often what the data lack.
//!
//! Four rows, all of weight 1, and no second θ:
//! ```
//! use marginal::distributions::Normal;
//! use marginal::laws::{LatentCase, Observations, power};
//! use marginal::models::Mixture;
//!
//! let mixture = Mixture::of(vec![Normal::new(0.0, 1.0)?, Normal::new(2.0, 2.0)?])?;
//! let rows = [-1.0, 0.5, 3.5, 4.0].map(|x: f64| (x, 1.0));
//! let case = LatentCase::new(mixture.clone(), mixture, Observations::new(rows));
//!
//! let power = power::of_finite_latent(&[case]);
//! let table = "\
//! injected                              caught  first by                                 blames
//! ln p(x, z) of the last z off by 0.01  100 %   the_joint_is_normalised                  density
//! kernel off by 1e-6 in one row         100 %   the_kernel_of_a_block_is_the_joint       kernel
//! posterior to the power 0.9            100 %   the_posterior_is_bayes_rule              E-step
//! posterior 1 % uniform                 100 %   the_posterior_is_bayes_rule              E-step
//! posterior hardened                    100 %   the_posterior_is_bayes_rule              E-step
//! ln p(x) off by 1e-6                   100 %   the_marginal_sums_the_joint              E-step
//! observe rotates the labels            100 %   q_is_the_expected_log_joint              statistics
//! last row of a block not observed      100 %   the_e_step_observes_every_state          statistics
//! Q scaled by 1.01                      100 %   q_is_the_expected_log_joint              Q
//! statistics ignore the weights         100 %   weight_two_is_twice                      statistics
//! rows of weight 0 observed             100 %   weight_zero_is_absence                   statistics
//! last row of a batch dropped           100 %   a_batch_is_its_rows                      kernel
//! statistics of another θ                 0 %   survives
//! evidence off by ⅛ per batch           100 %   logarithms_give_the_same_log_likelihood  E-step
//! evidence ignores the weights          100 %   the_evidence_sums_the_rows               E-step
//! merge keeps the left                  100 %   merging_commutes                         statistics
//! merge adds twice                      100 %   merging_nothing_changes_nothing          statistics
//! merge into empty forgets              100 %   merging_nothing_changes_nothing          statistics
//! scale forgotten                       100 %   scaling_is_weighting                     statistics
//! M-step returns θ_old                    0 %   survives
//! M-step from tilted weights            100 %   no_other_theta_beats_the_m_step          M-step
//! 19 of 21 caught, 100 % of the catches blamed rightly
//! statistics of another θ survives: no case has a rival θ: `LatentCase::beside` adds one
//! M-step returns θ_old survives: no case has a rival θ: `LatentCase::beside` adds one";
//! assert_eq!(power.to_string(), table);
//! assert_eq!(power.score(), 19.0 / 21.0);
//! # Ok::<(), marginal::Error>(())
//! ```
//! What a table cannot say, a planted fault can: [`Injected`] and [`InjectedFinite`] make a case of the broken model,
//! which [`check`](super::check) puts to every law. With the feature `laws`, `drawn` takes the cases of a strategy.

mod finite;
mod injected;
mod injection;
mod measure;
mod table;

pub use finite::InjectedFinite;
pub use injected::{Injected, InjectedStatistics};
pub use injection::Injection;
pub use table::{Catch, Power, Row};

use crate::distributions::Parametric;
use crate::latent::FiniteLatent;

use super::{Coordinates, Examinable, LatentCase, finite_latent, latent_model};
use measure::measure;

/// Every fault of [`Injection::OF_LATENT_MODEL`], under the laws of a latent model.
pub fn of_latent_model<M: Examinable>(cases: &[LatentCase<M>]) -> Power {
    measure(cases, false, &latent_model(), Injection::OF_LATENT_MODEL, Injected::case)
}

/// Every fault of [`Injection::OF_FINITE_LATENT`], under the laws of a finite hidden variable; then the others, under
/// those of a latent model.
pub fn of_finite_latent<M>(cases: &[LatentCase<M>]) -> Power
where
    M: FiniteLatent<Observation: Coordinates + 'static, Parameters: Send + 'static, Statistics: 'static>,
{
    let certain = cases.iter().all(|case| {
        let posterior = case.model.posterior(&case.theta, case.observations.batch());
        posterior.is_ok_and(|(r, _)| r.iter().all(|r| *r == 0.0 || *r == 1.0))
    });
    let of_both = Injection::OF_LATENT_MODEL.into_iter().filter(|fault| !Injection::OF_FINITE_LATENT.contains(fault));
    measure(cases, certain, &finite_latent(), Injection::OF_FINITE_LATENT, InjectedFinite::case).and(measure(
        cases,
        certain,
        &latent_model(),
        of_both,
        Injected::case,
    ))
}

/// Every fault of [`Injection::of_coordinates`] in the M-step of a model whose θ has free coordinates, as many as the
/// first case has.
pub fn of_coordinates<M: Examinable<Parameters: Parametric>>(cases: &[LatentCase<M>]) -> Power {
    let dimension = cases.first().map_or(0, |case| case.theta.to_vector().len());
    measure(cases, false, &latent_model(), Injection::of_coordinates(dimension), Injected::in_coordinates)
}

/// The first cases of a strategy, the same ones at every run.
#[cfg(feature = "laws")]
pub fn drawn<S: proptest::strategy::Strategy>(strategy: &S, count: usize) -> Vec<S::Value> {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    (0..count).filter_map(|_| Some(strategy.new_tree(&mut runner).ok()?.current())).collect()
}
