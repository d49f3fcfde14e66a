//! Two normal distributions of the plane mixed, each with a full covariance, with one part broken on demand.

use marginal::Error;
use marginal::data::{Rows, Statistics};
use marginal::latent::{Climbs, FiniteLatent, Guarantee};
use marginal::laws::{Part, Relabel, Shift};

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    None,
    LogDeterminantForgotten,
    LogDeterminantWithoutTheHalf,
    OffDiagonalForgottenInTheDistance,
    WhitenedBySigma,
    KernelOfTheFirstCovariance,
    WeightsSquared,
    MergeDropsTheOuterProduct,
    MergeKeepsTheDiagonalOfTheOuterProduct,
    ScaleForgetsTheOffDiagonal,
    /// A proper density, but of another covariance: the joint and Q contradict each other, and the laws believe the
    /// joint.
    WhitenedByTheTransposedRoot,
    QWithoutTheOffDiagonal,
    QWithoutTheLogDeterminant,
    DividesByOneLess,
    HalfTheOffDiagonal,
    OffDiagonalDropped,
    OffDiagonalOfTheOtherSign,
    ScatterAboutTheOrigin,
    JitterNobodyDeclared,
    TiedThoughDeclaredFull,
    CovariancesSwapped,
    CoordinatesSwapped,
    RootStoredTransposed,
    CorrelationStoredAsCovariance,
    PriorNobodyKnows,
    /// Legal: the same M-step, with its prior.
    PriorAsDeclared,
    /// Legal: the M-step says that it is generalised.
    HalfAStepAsDeclared,
    /// Legal likewise: a conditional maximisation, first of the means and then of the covariances about the old ones.
    ScatterAboutTheOldMeanAsDeclared,
}

/// Each fault and the part that the first broken law must blame.
pub(crate) const CATALOGUE: [(Fault, Part); 24] = [
    (Fault::LogDeterminantForgotten, Part::Density),
    (Fault::LogDeterminantWithoutTheHalf, Part::Density),
    (Fault::OffDiagonalForgottenInTheDistance, Part::Density),
    (Fault::WhitenedBySigma, Part::Density),
    (Fault::KernelOfTheFirstCovariance, Part::Kernel),
    (Fault::WeightsSquared, Part::Statistics),
    (Fault::MergeDropsTheOuterProduct, Part::Statistics),
    (Fault::MergeKeepsTheDiagonalOfTheOuterProduct, Part::Statistics),
    (Fault::ScaleForgetsTheOffDiagonal, Part::Statistics),
    (Fault::WhitenedByTheTransposedRoot, Part::Density),
    (Fault::QWithoutTheOffDiagonal, Part::Expected),
    (Fault::QWithoutTheLogDeterminant, Part::Expected),
    (Fault::DividesByOneLess, Part::MStep),
    (Fault::HalfTheOffDiagonal, Part::MStep),
    (Fault::OffDiagonalDropped, Part::MStep),
    (Fault::OffDiagonalOfTheOtherSign, Part::MStep),
    (Fault::ScatterAboutTheOrigin, Part::MStep),
    (Fault::JitterNobodyDeclared, Part::MStep),
    (Fault::TiedThoughDeclaredFull, Part::MStep),
    (Fault::CovariancesSwapped, Part::MStep),
    (Fault::CoordinatesSwapped, Part::MStep),
    (Fault::RootStoredTransposed, Part::MStep),
    (Fault::CorrelationStoredAsCovariance, Part::MStep),
    (Fault::PriorNobodyKnows, Part::MStep),
];

/// What breaks no law.
pub(crate) const LEGAL: [Fault; 4] =
    [Fault::None, Fault::PriorAsDeclared, Fault::HalfAStepAsDeclared, Fault::ScatterAboutTheOldMeanAsDeclared];

/// A symmetric matrix: its first variance, its covariance, its second variance.
pub(crate) type Symmetric = [f64; 3];

#[derive(Clone, Debug)]
pub(crate) struct Theta {
    pub(crate) proportions: [f64; 2],
    pub(crate) means: [[f64; 2]; 2],
    pub(crate) covariances: [Symmetric; 2],
}

impl Relabel for Theta {
    fn relabelled(&self) -> Self {
        let mut turned = self.clone();
        turned.proportions.reverse();
        turned.means.reverse();
        turned.covariances.reverse();
        turned
    }
}

impl Shift for Theta {
    fn shifted(&self, by: f64) -> Result<Self, Error> {
        Ok(Self { means: self.means.map(|m| m.map(|m| m + by)), ..self.clone() })
    }
}

/// The lower root L of Σ = L Lᵀ, in the same order.
fn root([a, b, c]: Symmetric) -> Symmetric {
    let first = a.sqrt();
    [first, b / first, (c - b * b / a).sqrt()]
}

/// d dᵀ.
fn outer([a, b]: [f64; 2]) -> Symmetric {
    [a * a, a * b, b * b]
}

/// a + f b.
fn sum<const N: usize>(a: [f64; N], f: f64, b: [f64; N]) -> [f64; N] {
    std::array::from_fn(|i| a[i] + f * b[i])
}

/// Weight, mean and scatter about the mean.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    fault: Fault,
    weight: f64,
    mean: [f64; 2],
    scatter: Symmetric,
}

impl Group {
    /// Both together, by the pairwise formula; `seen` is what is seen of the outer product of the means' distance.
    fn absorb(&mut self, other: &Self, seen: Symmetric) {
        if other.weight == 0.0 {
            return;
        }
        if self.weight == 0.0 {
            *self = *other;
            return;
        }
        let (weight, delta) = (self.weight + other.weight, sum(other.mean, -1.0, self.mean));
        let share = other.weight / weight;
        let product = outer(delta);
        let between = std::array::from_fn(|i| seen[i] * product[i]);
        self.scatter = sum(sum(self.scatter, 1.0, other.scatter), self.weight * share, between);
        self.mean = sum(self.mean, share, delta);
        self.weight = weight;
    }
}

impl Statistics for Group {
    fn merge(&mut self, other: &Self) {
        let seen = match self.fault {
            Fault::MergeDropsTheOuterProduct => [0.0; 3],
            Fault::MergeKeepsTheDiagonalOfTheOuterProduct => [1.0, 0.0, 1.0],
            _ => [1.0; 3],
        };
        self.absorb(other, seen);
    }
    fn scale(&mut self, factor: f64) {
        let off_diagonal = self.scatter[1];
        self.weight *= factor;
        self.scatter = self.scatter.map(|s| s * factor);
        if self.fault == Fault::ScaleForgetsTheOffDiagonal {
            self.scatter[1] = off_diagonal;
        }
    }
}

/// Of the prior |Σ|^(−1) exp(−½ tr Σ⁻¹ / 4): as if two rows had been seen, whose scatter is the identity over four.
const PRIOR: (f64, Symmetric) = (2.0, [0.25, 0.0, 0.25]);

#[derive(Clone, Copy, Debug)]
pub(crate) struct PlaneNormals(pub(crate) Fault);

impl PlaneNormals {
    /// ln π − ½ ln |2πΣ| − ½ (x − μ)ᵀ Σ⁻¹ (x − μ).
    fn log_term(self, proportion: f64, mean: [f64; 2], covariance: Symmetric, x: &[f64]) -> f64 {
        let [a, b] = sum([x[0], x[1]], -1.0, mean);
        let [first, below, second] = root(covariance);
        let square = match self.0 {
            Fault::OffDiagonalForgottenInTheDistance => a * a / covariance[0] + b * b / covariance[2],
            Fault::WhitenedBySigma => a * a * covariance[0] + 2.0 * a * b * covariance[1] + b * b * covariance[2],
            Fault::WhitenedByTheTransposedRoot => {
                let last = b / second;
                ((a - below * last) / first).powi(2) + last * last
            }
            _ => (a / first).powi(2) + ((b - below * (a / first)) / second).powi(2),
        };
        let log_determinant = match self.0 {
            Fault::LogDeterminantForgotten => 0.0,
            Fault::LogDeterminantWithoutTheHalf => 2.0 * (first.ln() + second.ln()),
            _ => first.ln() + second.ln(),
        };
        proportion.ln() - std::f64::consts::TAU.ln() - log_determinant - 0.5 * square
    }

    /// −½ (n ln |Σ| + tr Σ⁻¹ S).
    fn wishart(self, n: f64, s: Symmetric, covariance: Symmetric) -> f64 {
        let [first, below, second] = root(covariance);
        // Σ⁻¹ = L⁻ᵀ L⁻¹, the rows of L⁻¹ being (1/l, 0) and (−m/lk, 1/k).
        let (row, slope) = (1.0 / second, -below / (first * second));
        let off_diagonal = if self.0 == Fault::QWithoutTheOffDiagonal { 0.0 } else { s[1] };
        let trace = s[0] / (first * first) + slope * slope * s[0] + 2.0 * slope * row * off_diagonal + row * row * s[2];
        let log_determinant = if self.0 == Fault::QWithoutTheLogDeterminant { 0.0 } else { first.ln() + second.ln() };
        -n * log_determinant - 0.5 * trace
    }

    fn covariance(self, group: &Group) -> Symmetric {
        let Group { weight, mean, scatter, .. } = *group;
        let [a, b, c] = scatter.map(|s| s / weight);
        match self.0 {
            Fault::DividesByOneLess => scatter.map(|s| s / (weight - 1.0).max(0.5)),
            Fault::HalfTheOffDiagonal => [a, 0.5 * b, c],
            Fault::OffDiagonalDropped => [a, 0.0, c],
            Fault::OffDiagonalOfTheOtherSign => [a, -b, c],
            Fault::CorrelationStoredAsCovariance => [a, 0.9 * b / (a * c).sqrt() * a.min(c), c],
            Fault::CoordinatesSwapped => [c, b, a],
            Fault::ScatterAboutTheOrigin => sum([a, b, c], 1.0, outer(mean)),
            Fault::JitterNobodyDeclared => [a + 1e-3, b, c + 1e-3],
            Fault::RootStoredTransposed => {
                let [first, below, second] = root([a, b, c]);
                [first * first + below * below, below * second, second * second]
            }
            Fault::PriorNobodyKnows | Fault::PriorAsDeclared => {
                sum(scatter, 1.0, PRIOR.1).map(|s| s / (weight + PRIOR.0))
            }
            _ => [a, b, c],
        }
    }
}

impl FiniteLatent for PlaneNormals {
    type Observation = [f64];
    type Parameters = Theta;
    type Statistics = [Group; 2];

    fn states(&self) -> usize {
        2
    }

    fn statistics(&self, _: &Theta) -> [Group; 2] {
        [Group { fault: self.0, weight: 0.0, mean: [0.0; 2], scatter: [0.0; 3] }; 2]
    }

    fn log_joint(&self, theta: &Theta, x: &[f64], z: usize) -> f64 {
        self.log_term(theta.proportions[z], theta.means[z], theta.covariances[z], x)
    }

    fn log_joints(&self, theta: &Theta, block: Rows<'_, f64>, tile: &mut [f64]) {
        let n = block.len().max(1);
        for (place, l) in tile.iter_mut().enumerate() {
            let z = place / n;
            let of = if self.0 == Fault::KernelOfTheFirstCovariance { 0 } else { z };
            *l = self.log_term(theta.proportions[z], theta.means[z], theta.covariances[of], block.row(place % n));
        }
    }

    fn observe(&self, s: &mut [Group; 2], x: &[f64], z: usize, weight: f64) {
        let weight = if self.0 == Fault::WeightsSquared { weight * weight } else { weight };
        s[z].absorb(&Group { fault: self.0, weight, mean: [x[0], x[1]], scatter: [0.0; 3] }, [1.0; 3]);
    }

    fn estimate(&self, s: &[Group; 2]) -> Result<Theta, Error> {
        for group in s {
            let [a, b, c] = group.scatter.map(|s| s / group.weight);
            if !(group.weight > 1e-9) {
                return Err(Error::NoWeight { weight: group.weight });
            }
            if !(a > 1e-9 && c - b * b / a > 1e-6 * c) {
                return Err(Error::Singular { column: 0, pivot: a.min(c) });
            }
        }
        let total = s[0].weight + s[1].weight;
        let mut covariances = s.map(|group| self.covariance(&group));
        match self.0 {
            Fault::CovariancesSwapped => covariances.reverse(),
            Fault::TiedThoughDeclaredFull => {
                covariances = [sum(s[0].scatter, 1.0, s[1].scatter).map(|s| s / total); 2];
            }
            _ => (),
        }
        Ok(Theta { proportions: s.map(|group| group.weight / total), means: s.map(|group| group.mean), covariances })
    }

    fn estimate_from(&self, old: &Theta, s: &[Group; 2]) -> Result<Theta, Error> {
        let mut new = self.estimate(s)?;
        for z in 0..2 {
            let moved = sum(new.means[z], -1.0, old.means[z]);
            match self.0 {
                Fault::ScatterAboutTheOldMeanAsDeclared => {
                    new.covariances[z] = sum(new.covariances[z], 1.0, outer(moved));
                }
                // The means alone move, and half the way.
                Fault::HalfAStepAsDeclared => {
                    new.means[z] = sum(old.means[z], 0.5, moved);
                    new.covariances[z] = old.covariances[z];
                }
                _ => (),
            }
        }
        Ok(new)
    }

    fn complete_log_likelihood(&self, theta: &Theta, s: &[Group; 2]) -> f64 {
        let of_group = |z: usize| {
            let Group { weight, mean, scatter, .. } = s[z];
            if weight == 0.0 {
                return 0.0;
            }
            let about = sum(scatter, weight, outer(sum(mean, -1.0, theta.means[z])));
            weight * (theta.proportions[z].ln() - std::f64::consts::TAU.ln())
                + self.wishart(weight, about, theta.covariances[z])
        };
        of_group(0) + of_group(1)
    }

    fn log_prior(&self, theta: &Theta) -> f64 {
        match self.0 {
            Fault::PriorAsDeclared => theta.covariances.iter().map(|&c| self.wishart(PRIOR.0, PRIOR.1, c)).sum(),
            _ => 0.0,
        }
    }

    fn climbs(&self) -> Climbs {
        if self.0 == Fault::PriorAsDeclared { Climbs::Penalised } else { Climbs::LogLikelihood }
    }

    fn guarantee(&self) -> Guarantee {
        match self.0 {
            Fault::HalfAStepAsDeclared | Fault::ScatterAboutTheOldMeanAsDeclared => Guarantee::Generalised,
            _ => Guarantee::Exact,
        }
    }
}
