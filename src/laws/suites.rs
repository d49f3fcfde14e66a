//! The suites: which laws belong to which subject, each below the laws that it relies on.

use std::fmt::Debug;

#[cfg(doc)]
use crate::components::Components;
use crate::components::SampleGiven;
use crate::conditionals::{ConditionalDistribution, EstimateConditional, Value};
use crate::distributions::{Cumulative, Distribution, Estimate, ExponentialFamily, Parametric, Summary};
use crate::graph::{DirectedGraph, Graph};
use crate::latent::{FiniteLatent, LatentModel};

use super::{Coordinates, EstimateCase, Examinable, LatentCase, Law, Relabel, Scale, Shift, each};
use crate::laws::{Labelled, Regression, Slice};

/// The one list of laws: hands the names that belong to a subject to the macro in brackets.
#[doc(hidden)]
#[macro_export]
macro_rules! __each_law {
    (distribution => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)*
            the_log_density_is_never_nan
            the_density_is_normalised
            the_kernel_of_a_block_is_the_density
            draws_depend_on_the_generator_alone
            draws_lie_in_the_support
            draws_have_the_density
        }
    };
    (cumulative => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)*
            the_cdf_rises_from_zero_to_one
            the_cdf_is_the_mass_below
            the_quantile_is_the_least_that_reaches_p
            the_quantile_undoes_the_cdf
            only_probabilities_have_quantiles
        }
    };
    (summary => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)*
            the_mean_is_the_first_moment
            the_variance_is_the_second_moment_about_the_mean
            the_entropy_is_minus_the_mean_log_density
        }
    };
    (exponential_family => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)*
            statistics_are_added_by_weight
            the_natural_form_is_the_density
            from_mean_is_the_gradient
        }
    };
    (of_calls => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)*
            the_same_step_gives_the_same_bits
            the_m_step_makes_a_theta_of_the_model
            q_is_never_nan
        }
    };
    (of_rows => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)*
            a_batch_is_its_rows
            the_evidence_sums_the_rows
            weight_zero_is_absence
        }
    };
    (of_statistics => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)*
            merging_nothing_changes_nothing
            merging_commutes
            merging_associates
            merging_is_observing_together
            the_order_of_rows_does_not_matter
            weight_two_is_twice
            statistics_are_linear
            scaling_is_weighting
        }
    };
    (of_estimate => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)*
            observing_a_block_is_observing_its_rows
            members_at_once_are_each_alone
            the_expected_log_density_is_the_sum
            only_relative_weights_matter
            no_other_theta_beats_the_m_step
            equal_components_are_one
        }
    };
    (estimate => [$($then:tt)*] $($given:tt)*) => {
        $crate::__each_law! {
            of_one_density => [$crate::__each_law] of_calls => [$crate::__each_law]
            of_statistics => [$crate::__each_law] of_estimate => [$($then)*] $($given)*
        }
    };
    (parametric => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)*
            coordinates_come_back
            the_m_step_moves_free_coordinates_alone
            the_likelihood_and_q_have_one_slope
            the_estimate_is_stationary
        }
    };
    (of_complete => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)* the_m_step_keeps_the_mass_of_the_joint the_m_step_gives_back_what_it_is_fed }
    };
    (of_em => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)*
            the_log_likelihood_gains_what_q_gains
            no_state_is_lost_far_out
            only_relative_weights_matter
            the_m_step_forgets_the_old_theta
            no_other_theta_beats_the_m_step
            q_rises
            the_objective_never_falls
            a_fit_resumed_is_the_fit
        }
    };
    (of_logarithms => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)* logarithms_give_the_same_log_likelihood }
    };
    (of_mass_after => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)* the_m_step_keeps_the_mass }
    };
    (latent_model => [$($then:tt)*] $($given:tt)*) => {
        $crate::__each_law! {
            of_logarithms => [$crate::__each_law] of_calls => [$crate::__each_law]
            of_mass_after => [$crate::__each_law] of_rows => [$crate::__each_law] of_statistics => [$crate::__each_law]
            of_sums => [$crate::__each_law] of_em => [$($then)*] $($given)*
        }
    };
    (of_density => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)* the_log_joint_is_never_nan }
    };
    (of_mass => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)* the_joint_is_normalised }
    };
    (of_joint => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)*
            the_kernel_of_a_block_is_the_joint
            the_posterior_is_on_the_simplex
            the_marginal_sums_the_joint
            the_posterior_is_bayes_rule
            a_far_outlier_has_a_posterior
            logarithms_give_the_same_log_likelihood
        }
    };
    (of_one => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)* one_complete_observation_has_its_log_joint }
    };
    (of_one_density => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)* one_observation_has_its_log_density }
    };
    (of_states => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)* the_e_step_observes_every_state }
    };
    (of_sums => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)* q_sums_the_rows }
    };
    (of_q => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)* every_complete_observation_counts q_is_the_expected_log_joint q_sums_the_rows }
    };
    (finite_latent => [$($then:tt)*] $($given:tt)*) => {
        $crate::__each_law! {
            of_density => [$crate::__each_law] of_mass => [$crate::__each_law] of_finite => [$($then)*] $($given)*
        }
    };
    (finite_conditional => [$($then:tt)*] $($given:tt)*) => {
        $crate::__each_law! { of_density => [$crate::__each_law] of_finite => [$($then)*] $($given)* }
    };
    (of_finite => [$($then:tt)*] $($given:tt)*) => {
        $crate::__each_law! {
            of_joint => [$crate::__each_law] of_one => [$crate::__each_law] of_calls => [$crate::__each_law]
            of_states => [$crate::__each_law]
            of_rows => [$crate::__each_law] of_statistics => [$crate::__each_law] of_q => [$crate::__each_law]
            of_em => [$crate::__each_law] of_complete => [$($then)*] $($given)*
        }
    };
    (conditional => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)*
            the_log_density_is_never_nan
            the_density_is_normalised
            draws_depend_on_the_generator_alone
            draws_lie_in_the_support
            draws_have_the_density
            cells_hold_the_value
            the_line_is_the_density
        }
    };
    (directed_graph => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)*
            every_parent_precedes_its_child
            separation_is_that_of_the_moral_graph
            the_blanket_is_what_it_takes_to_separate
        }
    };
    (of_graph => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)*
            the_joint_sums_to_one
            the_log_joint_is_the_sum_of_its_factors
            ancestral_draws_depend_on_the_generator_alone
            draws_have_a_joint_density
            ancestral_draws_have_the_joint
            elimination_is_enumeration
            impossible_evidence_is_an_error
            separated_nodes_are_independent
        }
    };
    (graph => [$($then:tt)*] $($given:tt)*) => {
        $crate::__each_law! { directed_graph => [$crate::__each_law] of_graph => [$($then)*] $($given)* }
    };
    (exchangeable => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)* labels_do_not_matter }
    };
    (location_family => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)* a_huge_shift_changes_nothing }
    };
    (scale_family => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)* a_change_of_unit_changes_nothing }
    };
    (recovery => [$($then:tt)*] $($given:tt)*) => {
        $($then)*! { $($given)* the_truth_is_hardly_beaten }
    };
}

macro_rules! suite {
    ($($law:ident)*) => { vec![$(each::$law()),*] };
}

/// Laws of a [`Distribution`].
pub fn distribution<D: Distribution>() -> Vec<Law<D>>
where
    D::Value: Coordinates,
{
    __each_law!(distribution => [suite])
}

/// Laws of a [`Cumulative`] distribution whose values are one number.
pub fn cumulative<D: Cumulative<Value: Coordinates>>() -> Vec<Law<D>> {
    __each_law!(cumulative => [suite])
}

/// Laws of the [`Summary`] of a distribution whose values are one number.
pub fn summary<D: Summary<Value: Coordinates>>() -> Vec<Law<D>> {
    __each_law!(summary => [suite])
}

/// Laws of a [`ConditionalDistribution`], at one value of its parents.
pub fn conditional<C: ConditionalDistribution>() -> Vec<Law<Slice<C>>>
where
    C::Given: Value,
    C::Value: Coordinates + Value,
{
    __each_law!(conditional => [suite])
}

/// Laws of an [`EstimateConditional`], on rows (x, y) of positive density.
pub fn estimate_conditional<C: EstimateConditional<Statistics: 'static> + 'static>()
-> Vec<Law<EstimateCase<Regression<C>>>>
where
    C::Given: Value,
    C::Value: Value,
{
    estimate()
}

/// Laws of a [`DirectedGraph`]: its arrows, and what follows from them.
pub fn directed_graph<G: DirectedGraph>() -> Vec<Law<G>> {
    __each_law!(directed_graph => [suite])
}

/// Laws of a [`Graph`]: those of its arrows, then those of its joint, where its nodes are finite.
pub fn graph() -> Vec<Law<Graph>> {
    __each_law!(graph => [suite])
}

/// Laws of an [`ExponentialFamily`].
pub fn exponential_family<D: ExponentialFamily>() -> Vec<Law<D>>
where
    D::Value: Coordinates,
{
    __each_law!(exponential_family => [suite])
}

/// Laws of a bank of [`Components`], on complete data (z, x) of positive density: of its tiles, of its statistics, and of
/// the estimate of all members together.
pub fn components<C: SampleGiven<Statistics: 'static> + 'static>() -> Vec<Law<EstimateCase<Labelled<C>>>>
where
    <C::Value as ToOwned>::Owned: Clone + Debug + Send + Sync + 'static,
    (usize, <C::Value as ToOwned>::Owned): Coordinates,
{
    estimate()
}

/// Laws of an [`Estimate`], on data of positive density.
pub fn estimate<D>() -> Vec<Law<EstimateCase<D>>>
where
    D: Estimate<Value: Coordinates + 'static, Statistics: 'static> + 'static,
{
    __each_law!(estimate => [suite])
}

/// Laws of the free coordinates of a distribution, and of the slopes along them.
pub fn parametric<D: Estimate + Parametric>() -> Vec<Law<EstimateCase<D>>>
where
    D::Value: Coordinates,
{
    parametric_latent()
}

/// Laws of the free coordinates of θ, and of the slopes along them.
pub fn parametric_latent<M>() -> Vec<Law<LatentCase<M>>>
where
    M: LatentModel<Parameters: Parametric, Observation: Coordinates>,
{
    __each_law!(parametric => [suite])
}

/// Laws of a [`LatentModel`].
pub fn latent_model<M: Examinable>() -> Vec<Law<LatentCase<M>>> {
    __each_law!(latent_model => [suite])
}

/// Laws of a [`FiniteLatent`] model: those of its joint and posterior, of its statistics, of Q, and of EM.
pub fn finite_latent<M>() -> Vec<Law<LatentCase<M>>>
where
    M: FiniteLatent<Observation: Coordinates + 'static, Parameters: Send + 'static, Statistics: 'static>,
{
    __each_law!(finite_latent => [suite])
}

/// Laws of a [`FiniteLatent`] model of p(x, z | y), whose rows hold y too: those of [`finite_latent`] but that the joint
/// has mass one, which is a law of [`conditional`] distributions.
pub fn finite_conditional<M>() -> Vec<Law<LatentCase<M>>>
where
    M: FiniteLatent<Observation: Coordinates + 'static, Parameters: Send + 'static, Statistics: 'static>,
{
    __each_law!(finite_conditional => [suite])
}

/// Laws of a model whose components have no names: its θ is [`Relabel`].
pub fn exchangeable<M: LatentModel>() -> Vec<Law<LatentCase<M>>>
where
    M::Observation: Coordinates,
    M::Parameters: Relabel,
{
    __each_law!(exchangeable => [suite])
}

/// Laws of a model whose data have no origin: its θ is [`Shift`].
pub fn location_family<M: LatentModel>() -> Vec<Law<LatentCase<M>>>
where
    M::Observation: Coordinates,
    M::Parameters: Shift,
{
    __each_law!(location_family => [suite])
}

/// Laws of a model whose data have no unit: its θ is [`Scale`].
pub fn scale_family<M: LatentModel>() -> Vec<Law<LatentCase<M>>>
where
    M::Observation: Coordinates,
    M::Parameters: Scale,
{
    __each_law!(scale_family => [suite])
}

/// Laws of a model whose θ draws observations: it is found again.
pub fn recovery<M: LatentModel>() -> Vec<Law<LatentCase<M>>>
where
    M::Parameters: Distribution<Value = M::Observation> + Send,
{
    __each_law!(recovery => [suite])
}
