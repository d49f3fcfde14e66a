//! γ_n: how much of what was known a step forgets.

use crate::error::Error;

/// γ_n = max(1, n + n₀)^−α for n = 1, 2, …: the share of the newest data in the statistics after step n.
///
/// With α ∈ (½, 1] the steps sum to infinity and their squares do not, which stochastic approximation needs (Robbins &
/// Monro 1951). α = 1 and n₀ = 0 is the running mean; smaller α forgets the first, bad, parameters sooner. n₀ > 0 makes the
/// first steps smaller; n₀ < 0 makes 1 − n₀ steps of size 1 before they shrink. α = 0 keeps nothing of the past.
/// ```
/// use marginal::em::StepSize;
/// assert_eq!((1..4).map(|n| StepSize::new(1.0, 0).unwrap().of_step(n)).sum::<f64>(), 1.0 + 1.0 / 2.0 + 1.0 / 3.0);
/// assert_eq!(StepSize::new(1.0, -2)?.of_step(3), 1.0);
/// assert!(StepSize::new(1.5, 0).is_err());
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepSize {
    exponent: f64,
    shift: i64,
}

impl Default for StepSize {
    /// α = 0.6 and n₀ = 1 (Cappé & Moulines 2009).
    fn default() -> Self {
        Self { exponent: 0.6, shift: 1 }
    }
}

impl StepSize {
    /// Of exponent α and shift n₀.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless α ∈ [0, 1].
    pub fn new(exponent: f64, shift: i64) -> Result<Self, Error> {
        Error::check((0.0..=1.0).contains(&exponent), "the exponent of the step sizes", exponent, "[0, 1]")?;
        Ok(Self { exponent, shift })
    }

    /// γ_n, n from 1.
    pub fn of_step(self, n: u64) -> f64 {
        let n = i64::try_from(n).unwrap_or(i64::MAX).saturating_add(self.shift).max(1);
        (n as f64).powf(-self.exponent)
    }
}
