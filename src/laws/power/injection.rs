//! What can be broken in any correct model without knowing it, and which part a law must then blame.

use std::fmt;

use crate::laws::Part;

/// One fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Injection {
    /// The control: nothing is broken.
    Nothing,
    /// The E-step adds every row that counts to the statistics with weight 1.
    StatisticsIgnoreWeights,
    /// The E-step observes rows of weight 0 as if it were ⅛.
    AbsentRowsObserved,
    /// The E-step forgets the last row of a batch of two or more.
    LastRowDropped,
    /// The E-step collects the statistics at the first rival of the case, whatever θ is.
    StatisticsOfAnotherTheta,
    /// The log-likelihood is ⅛ too high, once per batch.
    EvidenceOffPerBatch,
    /// The log-likelihood takes every weight for 1.
    EvidenceIgnoresWeights,
    /// Of two statistics that both hold data, merging keeps the left.
    MergeKeepsLeft,
    /// Merging adds the right statistics twice.
    MergeTwice,
    /// Merging into empty statistics leaves them empty.
    MergeIntoEmptyForgets,
    /// Scaling does nothing.
    ScaleForgotten,
    /// The M-step returns θ_old.
    EstimateKeepsOldTheta,
    /// The M-step sees a row of log-density ℓ under weight w / (1 + |ℓ|).
    EstimateTilted,
    /// Q is 1.01 times what it is.
    QScaled,
    /// p(z | x)^0.9, normalised.
    PosteriorTempered,
    /// 0.99 p(z | x), and a hundredth spread evenly over the z that are possible.
    PosteriorMixed,
    /// 1 for the likeliest z, 0 for the others.
    PosteriorHardened,
    /// ln p(x) is 10⁻⁶ too high.
    MarginalShifted,
    /// ln p(x, z) of the last z is 0.01 too high.
    JointOfLastStateOff,
    /// `log_joints` is 10⁻⁶ too high in the last row of a block of two or more.
    KernelOff,
    /// `observe` takes z for the next z that is possible.
    LabelsRotated,
    /// `observe_block` forgets the last row of a block of two or more.
    BlockDropsLastRow,
    /// The M-step goes half the way from θ_old, in free coordinates.
    HalfStep,
    /// The M-step leaves this free coordinate where it was.
    CoordinateFrozen(usize),
    /// The M-step ends 10⁻⁴ too high in this free coordinate.
    CoordinateNudged(usize),
}

impl Injection {
    /// What can be broken in any [`LatentModel`](crate::latent::LatentModel); [`Injected`](super::Injected) does it.
    pub const OF_LATENT_MODEL: [Self; 13] = [
        Self::StatisticsIgnoreWeights,
        Self::AbsentRowsObserved,
        Self::LastRowDropped,
        Self::StatisticsOfAnotherTheta,
        Self::EvidenceOffPerBatch,
        Self::EvidenceIgnoresWeights,
        Self::MergeKeepsLeft,
        Self::MergeTwice,
        Self::MergeIntoEmptyForgets,
        Self::ScaleForgotten,
        Self::EstimateKeepsOldTheta,
        Self::EstimateTilted,
        Self::QScaled,
    ];

    /// What can be broken in a [`FiniteLatent`](crate::latent::FiniteLatent) besides;
    /// [`InjectedFinite`](super::InjectedFinite) does it.
    pub const OF_FINITE_LATENT: [Self; 9] = [
        Self::JointOfLastStateOff,
        Self::KernelOff,
        Self::PosteriorTempered,
        Self::PosteriorMixed,
        Self::PosteriorHardened,
        Self::MarginalShifted,
        Self::LabelsRotated,
        Self::BlockDropsLastRow,
        Self::QScaled,
    ];

    /// The M-steps that `dimension` free coordinates let one break.
    pub fn of_coordinates(dimension: usize) -> Vec<Self> {
        let each = |fault: fn(usize) -> Self| (0..dimension).map(fault);
        [Self::HalfStep].into_iter().chain(each(Self::CoordinateFrozen)).chain(each(Self::CoordinateNudged)).collect()
    }

    /// The part that is broken; more than one where seeing the model from outside cannot tell them apart: what the
    /// E-step collects means only what Q makes of it.
    pub fn parts(self) -> &'static [Part] {
        match self {
            Self::Nothing => &[],
            Self::StatisticsIgnoreWeights
            | Self::AbsentRowsObserved
            | Self::MergeKeepsLeft
            | Self::MergeTwice
            | Self::MergeIntoEmptyForgets
            | Self::ScaleForgotten => &[Part::Statistics],
            Self::LastRowDropped | Self::KernelOff => &[Part::Kernel],
            Self::BlockDropsLastRow => &[Part::Kernel, Part::Statistics],
            Self::LabelsRotated => &[Part::Statistics, Part::Expected],
            Self::EvidenceOffPerBatch
            | Self::EvidenceIgnoresWeights
            | Self::PosteriorTempered
            | Self::PosteriorMixed
            | Self::PosteriorHardened
            | Self::MarginalShifted => &[Part::EStep],
            Self::StatisticsOfAnotherTheta | Self::QScaled => &[Part::EStep, Part::Expected],
            Self::JointOfLastStateOff => &[Part::Density],
            Self::EstimateKeepsOldTheta
            | Self::EstimateTilted
            | Self::HalfStep
            | Self::CoordinateFrozen(_)
            | Self::CoordinateNudged(_) => &[Part::MStep],
        }
    }
}

impl fmt::Display for Injection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Nothing => "nothing",
            Self::StatisticsIgnoreWeights => "statistics ignore the weights",
            Self::AbsentRowsObserved => "rows of weight 0 observed",
            Self::LastRowDropped => "last row of a batch dropped",
            Self::StatisticsOfAnotherTheta => "statistics of another θ",
            Self::EvidenceOffPerBatch => "evidence off by ⅛ per batch",
            Self::EvidenceIgnoresWeights => "evidence ignores the weights",
            Self::MergeKeepsLeft => "merge keeps the left",
            Self::MergeTwice => "merge adds twice",
            Self::MergeIntoEmptyForgets => "merge into empty forgets",
            Self::ScaleForgotten => "scale forgotten",
            Self::EstimateKeepsOldTheta => "M-step returns θ_old",
            Self::EstimateTilted => "M-step from tilted weights",
            Self::QScaled => "Q scaled by 1.01",
            Self::PosteriorTempered => "posterior to the power 0.9",
            Self::PosteriorMixed => "posterior 1 % uniform",
            Self::PosteriorHardened => "posterior hardened",
            Self::MarginalShifted => "ln p(x) off by 1e-6",
            Self::JointOfLastStateOff => "ln p(x, z) of the last z off by 0.01",
            Self::KernelOff => "kernel off by 1e-6 in one row",
            Self::LabelsRotated => "observe rotates the labels",
            Self::BlockDropsLastRow => "last row of a block not observed",
            Self::HalfStep => "half an M-step",
            Self::CoordinateFrozen(j) => return f.pad(&format!("coordinate {j} frozen")),
            Self::CoordinateNudged(j) => return f.pad(&format!("coordinate {j} off by 1e-4")),
        };
        f.pad(name)
    }
}
