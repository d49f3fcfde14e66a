//! Column: the distribution of one numeric column, its family chosen at run time by name.

use std::fmt;
use std::str::FromStr;

use rand::Rng;

use crate::data::Statistics;
use crate::error::Error;

use super::number::Number;
use crate::distributions::estimate::{OUTSIDE, log_densities_one_by_one, observe_one_by_one};
use crate::distributions::{
    Bernoulli, Beta, Binomial, Categorical, Distribution, Estimate, Exponential, Gamma, Geometric, Guarantee, Laplace,
    LogNormal, Normal, Parametric, Poisson, StudentT, Uniform, VonMises,
};

/// The components as members of one family, if all of them are.
fn members<'a, D>(components: &[&'a Column], family: fn(&'a Column) -> Option<&'a D>) -> Option<Vec<&'a D>> {
    components.iter().copied().map(family).collect()
}

macro_rules! columns {
    ($($family:ident),+) => {
        /// A distribution over f64 of one of the one-dimensional families. Counts, states and truth values are whole
        /// numbers; any other number has log-density −∞ there.
        ///
        /// A name stands for some member of the family, from which [`Estimate::fit`] finds the one that fits:
        /// ```
        /// use marginal::distributions::{Column, Estimate};
        /// let goals: Column = "poisson".parse()?;
        /// assert_eq!(goals.fit(&[0.0, 1.0, 2.0, 3.0])?.to_string(), "Poisson(rate 1.5)");
        /// # Ok::<(), marginal::Error>(())
        /// ```
        #[derive(Clone, Debug, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
        #[non_exhaustive]
        #[allow(missing_docs)]
        pub enum Column {
            $($family($family)),+
        }

        /// The statistics of a [`Column`]: those of its family, and the weight of the numbers that are no value of it.
        #[derive(Clone, Debug)]
        pub struct ColumnStatistics {
            outside: f64,
            family: FamilyStatistics,
        }

        #[derive(Clone, Debug)]
        enum FamilyStatistics {
            $($family(<$family as Estimate>::Statistics)),+
        }

        impl Statistics for ColumnStatistics {
            fn merge(&mut self, other: &Self) {
                self.outside += other.outside;
                match (&mut self.family, &other.family) {
                    $((FamilyStatistics::$family(s), FamilyStatistics::$family(other)) => s.merge(other),)+
                    // Not a number, so that the estimate is refused.
                    _ => self.outside = f64::NAN,
                }
            }
            fn scale(&mut self, factor: f64) {
                self.outside *= factor;
                match &mut self.family {
                    $(FamilyStatistics::$family(s) => s.scale(factor)),+
                }
            }
            fn extrapolates(&self) -> bool {
                match &self.family {
                    $(FamilyStatistics::$family(s) => s.extrapolates()),+
                }
            }
        }

        impl Distribution for Column {
            type Value = f64;

            fn log_density(&self, x: &f64) -> f64 {
                match self {
                    $(Self::$family(d) => Number::from_number(*x).map_or(f64::NEG_INFINITY, |x| d.log_density(&x))),+
                }
            }

            fn sample(&self, rng: &mut dyn Rng) -> f64 {
                match self {
                    $(Self::$family(d) => d.sample(rng).to_number()),+
                }
            }

            fn states(&self) -> Option<usize> {
                match self {
                    $(Self::$family(d) => d.states()),+
                }
            }

            fn period(&self) -> Option<f64> {
                match self {
                    $(Self::$family(d) => d.period()),+
                }
            }

            fn numbers(&self, x: &f64) -> Option<Vec<f64>> {
                Some(vec![*x])
            }

            fn as_normal(&self) -> Option<(f64, f64)> {
                match self {
                    $(Self::$family(d) => d.as_normal()),+
                }
            }
        }

        impl Estimate for Column {
            type Statistics = ColumnStatistics;

            fn statistics(&self) -> ColumnStatistics {
                let family = match self {
                    $(Self::$family(d) => FamilyStatistics::$family(d.statistics())),+
                };
                ColumnStatistics { outside: 0.0, family }
            }

            fn observe(&self, s: &mut ColumnStatistics, x: &f64, weight: f64) {
                match (self, &mut s.family) {
                    $((Self::$family(d), FamilyStatistics::$family(sum)) => match Number::from_number(*x) {
                        Some(x) => d.observe(sum, &x, weight),
                        None => s.outside += weight,
                    })+
                    _ => s.outside += weight,
                }
            }

            /// Where all are of one family, and all numbers values of it, as the family does.
            fn log_densities_each(components: &[&Self], block: &[f64], tile: &mut [f64]) {
                match components.first() {
                    $(Some(Self::$family(_)) => {
                        let members = members(components, |c| if let Self::$family(d) = c { Some(d) } else { None });
                        if let (Some(members), Some(values)) = (members, Number::from_numbers(block)) {
                            return $family::log_densities_each(&members, &values, tile);
                        }
                    })+
                    None => return,
                }
                log_densities_one_by_one(components, block, tile);
            }

            fn observe_each(
                components: &[&Self],
                statistics: &mut [&mut ColumnStatistics],
                block: &[f64],
                weights: &[f64],
            ) {
                match components.first() {
                    $(Some(Self::$family(_)) => {
                        let sums = statistics.iter_mut().map(|s| match &mut s.family {
                            FamilyStatistics::$family(s) => Some(s),
                            _ => None,
                        });
                        let members = members(components, |c| if let Self::$family(d) = c { Some(d) } else { None });
                        let all = (members, sums.collect::<Option<Vec<_>>>(), Number::from_numbers(block));
                        if let (Some(members), Some(mut sums), Some(values)) = all {
                            return $family::observe_each(&members, &mut sums, &values, weights);
                        }
                    })+
                    None => return,
                }
                observe_one_by_one(components, statistics, block, weights);
            }

            fn estimate(&self, s: &ColumnStatistics) -> Result<Self, Error> {
                if !(s.outside <= 0.0) {
                    return Err(Error::NoEstimate { family: self.name(), reason: OUTSIDE });
                }
                match (self, &s.family) {
                    $((Self::$family(d), FamilyStatistics::$family(s)) => Ok(Self::$family(d.estimate(s)?)),)+
                    _ => Err(Error::NoEstimate { family: self.name(), reason: "the statistics are of another family" }),
                }
            }

            fn expected_log_density(&self, s: &ColumnStatistics) -> f64 {
                if !(s.outside <= 0.0) {
                    return f64::NEG_INFINITY;
                }
                match (self, &s.family) {
                    $((Self::$family(d), FamilyStatistics::$family(s)) => d.expected_log_density(s),)+
                    _ => f64::NEG_INFINITY,
                }
            }

            fn same_statistics(&self, other: &Self) -> bool {
                match (self, other) {
                    $((Self::$family(d), Self::$family(other)) => d.same_statistics(other),)+
                    _ => false,
                }
            }

            fn guarantee(&self) -> Guarantee {
                match self {
                    $(Self::$family(d) => d.guarantee()),+
                }
            }

            fn resolution(&self) -> f64 {
                match self {
                    $(Self::$family(d) => d.resolution()),+
                }
            }

            fn log_prior(&self) -> Option<f64> {
                match self {
                    $(Self::$family(d) => d.log_prior()),+
                }
            }

            fn determining_rows(&self) -> usize {
                match self {
                    $(Self::$family(d) => d.determining_rows()),+
                }
            }

            fn least_variance_ratio(&self, all: &Self) -> Option<f64> {
                match (self, all) {
                    $((Self::$family(d), Self::$family(all)) => d.least_variance_ratio(all),)+
                    _ => None,
                }
            }

            fn free_parameters(&self) -> Option<usize> {
                match self {
                    $(Self::$family(d) => d.free_parameters()),+
                }
            }
        }

        /// The coordinates of the family.
        impl Parametric for Column {
            fn to_vector(&self) -> Vec<f64> {
                match self {
                    $(Self::$family(d) => d.to_vector()),+
                }
            }

            fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
                match self {
                    $(Self::$family(d) => Ok(Self::$family(d.from_vector(coordinates)?))),+
                }
            }
        }

        impl Column {
            /// The family's name, as its type is called.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$family(_) => stringify!($family)),+
                }
            }
        }

        $(impl From<$family> for Column {
            fn from(d: $family) -> Self {
                Self::$family(d)
            }
        })+

        impl fmt::Display for Column {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$family(d) => d.fmt(f)),+
                }
            }
        }
    };
}

/// Hands the families that a column can have to a macro.
macro_rules! each_column_family {
    ($then:ident) => {
        $then!(
            Bernoulli,
            Beta,
            Binomial,
            Categorical,
            Exponential,
            Gamma,
            Geometric,
            Laplace,
            LogNormal,
            Normal,
            Poisson,
            StudentT,
            Uniform,
            VonMises
        );
    };
}
pub(crate) use each_column_family;

each_column_family!(columns);

crate::sample_with_rand!(Column => f64);

impl Column {
    /// What [`FromStr`] understands; K is the number of states, at most 2²⁰, n that of trials, at most 2²⁴.
    pub const NAMES: [&'static str; 14] = [
        "bernoulli",
        "beta",
        "binomial:n",
        "categorical:K",
        "exponential",
        "gamma",
        "geometric",
        "laplace",
        "log-normal",
        "normal",
        "poisson",
        "student-t",
        "uniform",
        "von-mises",
    ];
}

/// The most trials that a name can give.
const MOST_TRIALS: f64 = 16_777_216.0;
/// The most states that a name can give: each is a parameter.
const MOST_STATES: f64 = 1_048_576.0;

/// A family by its name, one of [`Column::NAMES`].
impl FromStr for Column {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let unknown = || Error::UnknownFamily { name: name.into(), known: Self::NAMES.join(", ") };
        if let Some((family, number)) = name.split_once(':') {
            // Larger tables of states than this are a slip of the finger.
            let value: f64 = number.parse().map_err(|_| unknown())?;
            let (name, most, domain) = match family {
                "binomial" => ("n of binomial:n", MOST_TRIALS, "{1, 2, …, 2²⁴}"),
                "categorical" => ("K of categorical:K", MOST_STATES, "{1, 2, …, 2²⁰}"),
                _ => return Err(unknown()),
            };
            Error::check(value.fract() == 0.0 && (1.0..=most).contains(&value), name, value, domain)?;
            let number = value as u32;
            return match family {
                "binomial" => Ok(Binomial::new(number.into(), 0.5)?.into()),
                "categorical" => Ok(Categorical::uniform(number as usize).into()),
                _ => Err(unknown()),
            };
        }
        Ok(match name {
            "bernoulli" => Bernoulli::new(0.5)?.into(),
            "beta" => Beta::new(1.0, 1.0)?.into(),
            "exponential" => Exponential::new(1.0)?.into(),
            "gamma" => Gamma::new(1.0, 1.0)?.into(),
            "geometric" => Geometric::new(0.5)?.into(),
            "laplace" => Laplace::new(0.0, 1.0)?.into(),
            "log-normal" => LogNormal::new(0.0, 1.0)?.into(),
            "normal" => Normal::standard().into(),
            "poisson" => Poisson::new(1.0)?.into(),
            "student-t" => StudentT::new(0.0, 1.0, 4.0)?.into(),
            "uniform" => Uniform::new(0.0, 1.0)?.into(),
            "von-mises" => VonMises::new(0.0, 1.0)?.into(),
            _ => return Err(unknown()),
        })
    }
}
