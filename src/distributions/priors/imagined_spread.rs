//! What a prior of a mean and a variance adds to the sums that both are estimated from.

/// ln prior(μ, σ) = −weight · ln σ − ½ (squares + strength (μ − mean)²) / σ².
///
/// Not the statistics of observations: these have one weight, the prior of a variance has none for the mean.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ImaginedSpread {
    pub(crate) weight: f64,
    pub(crate) squares: f64,
    pub(crate) mean: f64,
    pub(crate) strength: f64,
}

impl ImaginedSpread {
    /// The squares about μ.
    pub(crate) fn squares_about(&self, mean: f64) -> f64 {
        self.squares + if self.strength > 0.0 { self.strength * (mean - self.mean).powi(2) } else { 0.0 }
    }

    /// ln prior(μ, σ), up to a constant.
    pub(crate) fn log_density(&self, standard_deviation: f64, mean: f64) -> f64 {
        -self.weight * standard_deviation.ln() - 0.5 * self.squares_about(mean) / standard_deviation.powi(2)
    }
}
