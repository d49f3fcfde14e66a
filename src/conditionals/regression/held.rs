//! What an estimate of a line keeps as it is.

/// Which parameters of a line an estimate keeps.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub(crate) struct Held {
    pub(crate) intercept: bool,
    /// One for each slope, or none at all.
    pub(crate) slopes: Vec<bool>,
    pub(crate) standard_deviation: bool,
}

impl Held {
    pub(crate) fn slope(&self, j: usize) -> bool {
        self.slopes.get(j).is_some_and(|held| *held)
    }

    /// Whether least squares is free in all coefficients.
    pub(crate) fn no_coefficient(&self) -> bool {
        !self.intercept && !self.slopes.contains(&true)
    }

    /// How many of the parameters of a line with so many slopes are held.
    pub(crate) fn count(&self) -> usize {
        let slopes = self.slopes.iter().filter(|held| **held).count();
        usize::from(self.intercept) + slopes + usize::from(self.standard_deviation)
    }

    /// The names of what is held, for a line of text; empty if nothing is.
    pub(crate) fn names(&self) -> String {
        let slopes = (0..self.slopes.len()).filter(|&j| self.slopes[j]).map(|j| format!("slope {}", j + 1));
        let intercept = self.intercept.then(|| "intercept".to_owned());
        let deviation = self.standard_deviation.then(|| "standard deviation".to_owned());
        let names: Vec<String> = intercept.into_iter().chain(slopes).chain(deviation).collect();
        if names.is_empty() { String::new() } else { format!("  held: {}", names.join(", ")) }
    }
}
