//! How EM is hurried along: the last steps, and the statistics that they were heading for.

use std::sync::Arc;

use crate::data::Statistics;
use crate::latent::LatentModel;

use super::jump::{Jump, STEPS};

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

/// How many times as long as a plain step the first jump may be.
const FIRST_REACH: f64 = 4.0;
/// By what the reach grows after a jump that used all of it, and shrinks after one that was not kept.
const GROWTH: f64 = 4.0;

/// x_t, g_t and θ_t.
struct Remembered<M: LatentModel> {
    from: Arc<M::Statistics>,
    at: Arc<M::Statistics>,
    theta: M::Parameters,
}

/// The last steps, and how far a jump may reach.
pub(super) struct Memory<M: LatentModel> {
    steps: Vec<Remembered<M>>,
    /// Q(θ_i, x_j) and Q(θ_i, g_j).
    q: [[[f64; 2]; STEPS]; STEPS],
    reach: f64,
}

impl<M: LatentModel> Default for Memory<M> {
    fn default() -> Self {
        Self::new(FIRST_REACH)
    }
}

impl<M: LatentModel> Memory<M> {
    /// Empty.
    pub(super) fn new(reach: f64) -> Self {
        Self { steps: Vec::with_capacity(STEPS), q: [[[0.0; 2]; STEPS]; STEPS], reach }
    }

    pub(super) fn reach(&self) -> f64 {
        self.reach
    }

    /// Remembers the step from statistics x to θ = M(x), where g was collected.
    pub(super) fn push(&mut self, model: &M, from: Arc<M::Statistics>, theta: M::Parameters, at: Arc<M::Statistics>) {
        if self.steps.len() == STEPS {
            self.steps.remove(0);
            self.q.copy_within(1.., 0);
            self.q.iter_mut().for_each(|row| row.copy_within(1.., 0));
        }
        let last = self.steps.len();
        self.steps.push(Remembered { from, at, theta });
        let q = |i: usize, j: usize| {
            let (Remembered { theta, .. }, Remembered { from, at, .. }) = (&self.steps[i], &self.steps[j]);
            [from, at].map(|s| model.expected_log_joint(theta, s))
        };
        for i in 0..last {
            self.q[i][last] = q(i, last);
            self.q[last][i] = q(last, i);
        }
        self.q[last][last] = q(last, last);
    }

    /// Where the steps are heading; `None` if they do not tell.
    pub(super) fn jump(&self) -> Option<Jump> {
        Jump::of_steps(self.steps.len(), &self.q, self.reach)
    }

    /// S′. What is added comes before what is taken away, so that no weight is 0 in between unless it is in the end.
    pub(super) fn statistics(&self, jump: &Jump) -> M::Statistics {
        let mut order: Vec<(f64, &Arc<M::Statistics>)> =
            jump.shares.iter().copied().zip(self.steps.iter().map(|step| &step.at)).collect();
        order.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        let scaled = |(share, s): (f64, &Arc<M::Statistics>)| {
            let mut s = M::Statistics::clone(s);
            s.scale(share);
            s
        };
        let mut parts = order.into_iter().filter(|(share, _)| *share != 0.0).map(scaled);
        let mut sum = parts.next().expect("the shares sum to 1");
        parts.for_each(|part| sum.merge(&part));
        sum
    }

    /// Learns from a jump how far to reach.
    pub(super) fn judge(&mut self, jump: &Jump, kept: bool) {
        if !jump.due {
            self.reach = FIRST_REACH / 2.0;
        } else if !kept {
            self.reach = (self.reach.min(jump.stretch) / GROWTH).max(1.0);
        } else if jump.capped {
            self.reach *= GROWTH;
        }
    }
}
