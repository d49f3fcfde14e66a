//! What is said of a factor analysis.

use std::ops::RangeInclusive;

use clap::{Args, ValueEnum};
use marginal::models::FactorAnalysis;

use super::beside_data::Weights;
use super::every_fit::Common;
use super::numbers::{counts, not_negative, one_count};

#[derive(Debug, Args)]
pub(crate) struct Factors {
    /// How many factors: fewer than columns
    #[arg(long, short = 'q', value_name = "Q", value_parser = one_count)]
    pub(crate) factors: usize,
    /// How many components, each with its own mean: a number, or a range such as 1..4 (both ends count), of which the
    /// smallest BIC wins
    #[arg(long, short = 'k', value_name = "K", default_value = "1", value_parser = counts("component"))]
    pub(crate) components: RangeInclusive<usize>,
    /// The noise of the columns
    #[arg(long, value_enum, default_value_t = Noise::Diagonal)]
    pub(crate) noise: Noise,
    /// What all components have in common
    #[arg(long, value_enum, default_value_t = Shared::Nothing)]
    pub(crate) share: Shared,
    /// No variance of the noise is below this share of its column's variance; R's factanal has 0.005
    #[arg(long, value_name = "SHARE", default_value_t = 1e-6, allow_negative_numbers = true, value_parser = not_negative)]
    pub(crate) floor: f64,
    /// How the factors are turned [default: varimax, of isotropic noise none]
    #[arg(long, value_enum, value_name = "HOW")]
    pub(crate) rotation: Option<Rotation>,
    #[command(flatten)]
    pub(crate) weights: Weights,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Noise {
    /// Each column its own: factor analysis
    Diagonal,
    /// One variance for all columns: probabilistic principal components
    Isotropic,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shared {
    /// Each component its own loadings and noise
    Nothing,
    /// The loadings
    Loadings,
    /// The noise
    Noise,
    /// Loadings and noise
    Both,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rotation {
    /// The factors that explain most first
    None,
    /// Each column with few factors
    Varimax,
}

impl Factors {
    /// The model of K components.
    pub(crate) fn model(&self, k: usize) -> FactorAnalysis {
        let model = match self.noise {
            Noise::Diagonal => FactorAnalysis::new(self.factors),
            Noise::Isotropic => FactorAnalysis::probabilistic_pca(self.factors),
        };
        let model = model.components(k).floor(self.floor).share_loadings(self.shares_loadings());
        model.share_noise(matches!(self.share, Shared::Noise | Shared::Both))
    }

    /// Whether all components have the same loadings.
    pub(crate) fn shares_loadings(&self) -> bool {
        matches!(self.share, Shared::Loadings | Shared::Both)
    }

    /// Whether the factors are turned by varimax.
    pub(crate) fn varimax(&self) -> bool {
        let usual = if self.noise == Noise::Diagonal { Rotation::Varimax } else { Rotation::None };
        self.rotation.unwrap_or(usual) == Rotation::Varimax
    }
}
