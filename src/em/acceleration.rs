//! How EM is hurried along.

/// Whether [`Em`](super::Em) makes every step a plain one, or also jumps ahead of where EM is going.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Acceleration {
    /// θ ← M(S(θ)), over and over.
    None,
    /// θ ← M(S′), where S′ are the statistics that the last steps were heading for.
    ///
    /// S(θ) is what the E-step collects at θ. Where θ = M(S), near a maximum, S(θ) − S shrinks from step to step by
    /// factors 0 ≤ λ < 1, each along a direction of its own; λ is the fraction of the information that is missing there
    /// (Dempster, Laird & Rubin 1977). The last four steps show up to three such directions. What remains of a geometric
    /// series is 1 / (1 − λ) times its first term, so the step is made that much longer along each direction, within a
    /// reach that grows as jumps succeed, as the largest step of SQUAREM does (Varadhan & Roland 2008).
    ///
    /// Lengths and angles are those in which the directions are orthogonal: the metric of the information in complete
    /// data (Jamshidian & Jennrich 1993). It is known from [`Q`](crate::latent::LatentModel::expected_log_joint) alone,
    /// ⟨S_i − S_j, S⟩ = Q(θ_i, S) − Q(θ_j, S), so a model has nothing to add.
    ///
    /// A jump is kept if it gains at least what the plain M-step promises, Q(M(S), θ) − Q(θ, θ); else the plain step is
    /// made. A jump that leads to an error, or to a θ that calls impossible what is expected at the present θ, is not
    /// kept. Its E-step counts as an [iteration](super::Fit::iterations). A jump costs an M-step and about sixteen
    /// evaluations of Q beside its E-step, and the statistics of four steps are held.
    ///
    /// Only models whose M-step is [`Exact`](crate::distributions::Guarantee::Exact), that climb a likelihood, penalised
    /// or not, and whose statistics [extrapolate](crate::data::Statistics::extrapolates) are accelerated. For all others
    /// this is [`None`](Self::None).
    #[default]
    Extrapolation,
}
