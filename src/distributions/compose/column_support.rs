//! Where the members of a column's family may have positive density.

use crate::data::Dataset;
use crate::error::Error;

use super::column::Column;
use super::independent::Independent;

impl Column {
    /// Whether the values are whole numbers, so that the density is a probability.
    pub fn is_discrete(&self) -> bool {
        match self {
            Self::Bernoulli(_) | Self::Binomial(_) | Self::Categorical(_) | Self::Geometric(_) | Self::Poisson(_) => {
                true
            }
            Self::Beta(_)
            | Self::Exponential(_)
            | Self::Gamma(_)
            | Self::Laplace(_)
            | Self::LogNormal(_)
            | Self::Normal(_)
            | Self::StudentT(_)
            | Self::Uniform(_)
            | Self::VonMises(_) => false,
        }
    }

    /// Whether x may be a value: whether some member of the family has a positive density there.
    /// ```
    /// use marginal::distributions::Column;
    /// let goals: Column = "poisson".parse()?;
    /// assert!(goals.supports(3.0) && !goals.supports(2.5) && !goals.supports(-1.0));
    /// assert_eq!(goals.support(), "{0, 1, 2, …}");
    /// # Ok::<(), marginal::Error>(())
    /// ```
    pub fn supports(&self, x: f64) -> bool {
        let whole_below = |end: f64| x >= 0.0 && x < end && x.fract() == 0.0;
        match self {
            Self::Bernoulli(_) => whole_below(2.0),
            Self::Beta(_) => x > 0.0 && x < 1.0,
            Self::Binomial(d) => whole_below(d.trials() as f64 + 1.0),
            Self::Categorical(d) => whole_below(d.probabilities().len() as f64),
            Self::Exponential(_) => x >= 0.0 && x.is_finite(),
            Self::Gamma(_) | Self::LogNormal(_) => x > 0.0 && x.is_finite(),
            // Counts beyond 64 bits cannot be held.
            Self::Geometric(_) | Self::Poisson(_) => whole_below(2f64.powi(64)),
            Self::Laplace(_) | Self::Normal(_) | Self::StudentT(_) | Self::Uniform(_) | Self::VonMises(_) => {
                x.is_finite()
            }
        }
    }

    /// The set of values, as it is written.
    pub fn support(&self) -> String {
        match self {
            Self::Bernoulli(_) => "{0, 1}".into(),
            Self::Beta(_) => "(0, 1)".into(),
            Self::Binomial(d) => format!("{{0, …, {}}}", d.trials()),
            Self::Categorical(d) => format!("{{0, …, {}}}", d.probabilities().len() - 1),
            Self::Exponential(_) => "[0, ∞)".into(),
            Self::Gamma(_) | Self::LogNormal(_) => "(0, ∞)".into(),
            Self::Geometric(_) | Self::Poisson(_) => "{0, 1, 2, …}".into(),
            Self::Laplace(_) | Self::Normal(_) | Self::StudentT(_) | Self::Uniform(_) | Self::VonMises(_) => {
                "(−∞, ∞)".into()
            }
        }
    }
}

impl Independent<Column> {
    /// Looks at every value, but for missing cells, of every row of positive weight.
    ///
    /// # Errors
    /// [`Error::Outside`] for the first value that its column's family cannot take, [`Error::Dimension`] if the rows
    /// have another length.
    pub fn check_support<T: Dataset<[f64]> + ?Sized>(&self, data: &T) -> Result<(), Error> {
        let parts = self.parts();
        data.fold(&0.0, &|batch, _| {
            for n in (0..batch.len()).filter(|&n| batch.weight(n) > 0.0) {
                let x = batch.block().row(n);
                if x.len() != parts.len() {
                    return Err(Error::Dimension { what: "a row", expected: parts.len(), found: x.len() });
                }
                if let Some(column) =
                    (0..x.len()).find(|&d| !(parts[d].supports(x[d]) || self.missing && x[d].is_nan()))
                {
                    let (family, support) = (parts[column].family(), parts[column].support());
                    return Err(Error::Outside { row: batch.row(n), column, value: x[column], family, support });
                }
            }
            Ok(())
        })?;
        Ok(())
    }
}
