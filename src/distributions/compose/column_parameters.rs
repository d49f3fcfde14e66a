//! The parameters of a column by the names of the field, from which the same column is made again to the last bit.

use crate::error::Error;

use super::column::Column;
use crate::distributions::{
    Bernoulli, Beta, Binomial, Categorical, Exponential, Gamma, Geometric, Laplace, LogNormal, Normal, Poisson,
    StudentT, Uniform, VonMises,
};

/// A probability and its complement: where one rounds to 1 the other keeps what is left.
const CHANCE: [&str; 2] = ["probability", "1 − probability"];

impl Column {
    /// The name from which [`FromStr`](std::str::FromStr) makes a member of the same family: `binomial:10`.
    pub fn family(&self) -> String {
        match self {
            Self::Binomial(d) => format!("binomial:{}", d.trials()),
            Self::Categorical(d) => format!("categorical:{}", d.probabilities().len()),
            Self::LogNormal(_) => "log-normal".into(),
            Self::StudentT(_) => "student-t".into(),
            Self::VonMises(_) => "von-mises".into(),
            other => other.name().to_lowercase(),
        }
    }

    /// Each parameter with its name.
    /// ```
    /// use marginal::distributions::{Column, Normal};
    /// let column = Column::from(Normal::new(3.0, 2.0)?);
    /// assert_eq!(column.parameters(), [("mean".to_owned(), 3.0), ("standard deviation".to_owned(), 2.0)]);
    /// assert_eq!(column.with_parameters(&[3.0, 2.0])?, column);
    /// # Ok::<(), marginal::Error>(())
    /// ```
    pub fn parameters(&self) -> Vec<(String, f64)> {
        let names: &[&str] = match self {
            Self::Bernoulli(_) | Self::Binomial(_) | Self::Geometric(_) => &CHANCE,
            Self::Beta(_) => &["a", "b"],
            Self::Categorical(d) => {
                let state = |(k, p): (usize, &f64)| (format!("probability of {k}"), *p);
                return d.probabilities().iter().enumerate().map(state).collect();
            }
            Self::Exponential(_) | Self::Poisson(_) => &["rate"],
            Self::Gamma(_) => &["shape", "rate"],
            Self::Laplace(_) => &["location", "scale"],
            Self::LogNormal(_) => &["mean of logarithm", "standard deviation of logarithm"],
            Self::Normal(_) => &["mean", "standard deviation"],
            Self::StudentT(_) => &["location", "scale", "degrees of freedom"],
            Self::Uniform(_) => &["lower", "upper"],
            Self::VonMises(_) => &["mean direction", "concentration"],
        };
        names.iter().map(|name| (*name).to_owned()).zip(self.values()).collect()
    }

    fn values(&self) -> Vec<f64> {
        match self {
            Self::Bernoulli(d) => d.chances().to_vec(),
            Self::Beta(d) => vec![d.a(), d.b()],
            Self::Binomial(d) => d.chances().to_vec(),
            Self::Categorical(d) => d.probabilities().to_vec(),
            Self::Exponential(d) => vec![d.rate()],
            Self::Gamma(d) => vec![d.shape(), d.rate()],
            Self::Geometric(d) => d.chances().to_vec(),
            Self::Laplace(d) => vec![d.location(), d.scale()],
            Self::LogNormal(d) => vec![d.logarithm().mean(), d.logarithm().standard_deviation()],
            Self::Normal(d) => vec![d.mean(), d.standard_deviation()],
            Self::Poisson(d) => vec![d.rate()],
            Self::StudentT(d) => vec![d.location(), d.scale(), d.degrees_of_freedom()],
            Self::Uniform(d) => vec![d.lower(), d.upper()],
            Self::VonMises(d) => vec![d.mean_direction(), d.concentration()],
        }
    }

    /// The member of the family with these parameters, in the order of [`parameters`](Self::parameters).
    ///
    /// # Errors
    /// [`Error::Dimension`] if there are more or fewer, and those of the family's constructor.
    pub fn with_parameters(&self, values: &[f64]) -> Result<Self, Error> {
        let expected = self.values().len();
        if values.len() != expected {
            return Err(Error::Dimension { what: "the parameters", expected, found: values.len() });
        }
        Ok(match self {
            Self::Bernoulli(_) => Bernoulli::of_chances(values[0], values[1])?.into(),
            Self::Beta(_) => Beta::new(values[0], values[1])?.into(),
            Self::Binomial(d) => Binomial::of_chances(d.trials(), values[0], values[1])?.into(),
            Self::Categorical(_) => Categorical::new(values.to_vec())?.into(),
            Self::Exponential(_) => Exponential::new(values[0])?.into(),
            Self::Gamma(_) => Gamma::new(values[0], values[1])?.into(),
            Self::Geometric(_) => Geometric::of_chances(values[0], values[1])?.into(),
            Self::Laplace(_) => Laplace::new(values[0], values[1])?.into(),
            Self::LogNormal(_) => LogNormal::new(values[0], values[1])?.into(),
            Self::Normal(_) => Normal::new(values[0], values[1])?.into(),
            Self::Poisson(_) => Poisson::new(values[0])?.into(),
            Self::StudentT(_) => StudentT::new(values[0], values[1], values[2])?.into(),
            Self::Uniform(_) => Uniform::new(values[0], values[1])?.into(),
            Self::VonMises(_) => VonMises::new(values[0], values[1])?.into(),
        })
    }

    /// The mean; the centre of symmetry of a Student t, the mean direction of angles.
    pub fn centre(&self) -> f64 {
        match self {
            Self::Bernoulli(d) => d.mean(),
            Self::Beta(d) => d.mean(),
            Self::Binomial(d) => d.mean(),
            Self::Categorical(d) => d.probabilities().iter().enumerate().map(|(k, p)| k as f64 * p).sum(),
            Self::Exponential(d) => d.mean(),
            Self::Gamma(d) => d.mean(),
            Self::Geometric(d) => d.mean(),
            Self::Laplace(d) => d.mean(),
            Self::LogNormal(d) => d.mean(),
            Self::Normal(d) => d.mean(),
            Self::Poisson(d) => d.mean(),
            Self::StudentT(d) => d.location(),
            Self::Uniform(d) => d.mean(),
            Self::VonMises(d) => d.mean_direction(),
        }
    }
}
