//! `NamedParameters`: what of θ is reported, under which names.

use crate::distributions::Parametric;

/// Parameters by the names that people read: what standard errors and the bootstrap report of θ.
///
/// Of a model of your own only this and [`Parametric`] are wanted:
/// ```
/// use marginal::distributions::Parametric;
/// use marginal::uncertainty::{Bounds, NamedParameter, NamedParameters, Naming};
/// use marginal::Error;
///
/// #[derive(Clone, Debug)]
/// struct Share(f64);
///
/// impl Parametric for Share {
///     fn to_vector(&self) -> Vec<f64> { vec![(self.0 / (1.0 - self.0)).ln()] }
///     fn from_vector(&self, v: &[f64]) -> Result<Self, Error> { Ok(Self(1.0 / (1.0 + (-v[0]).exp()))) }
/// }
///
/// impl NamedParameters for Share {
///     fn named_parameters(&self, _: Naming<'_>) -> Vec<NamedParameter> {
///         vec![NamedParameter::new("share", self.0, Bounds::Probability)]
///     }
/// }
/// assert_eq!(Share(0.5).named_parameters(Naming::default())[0].name, "share");
/// ```
pub trait NamedParameters: Parametric + Clone {
    /// The parameters, always as many and in the same order for θ of one shape.
    fn named_parameters(&self, naming: Naming<'_>) -> Vec<NamedParameter>;

    /// How many parts can change places without changing the model, such as the components of a mixture.
    fn exchangeable(&self) -> usize {
        0
    }

    /// The same model, two of these parts in each other's place.
    #[must_use]
    fn exchanged(&self, _one: usize, _other: usize) -> Self {
        self.clone()
    }
}

/// What the parts and the columns of a model are called.
#[derive(Clone, Copy, Debug)]
pub struct Naming<'a> {
    /// `component`, or `state`.
    pub part: &'a str,
    /// The names of the columns; of those without one it is their number.
    pub columns: &'a [String],
}

impl Default for Naming<'_> {
    fn default() -> Self {
        Self { part: "component", columns: &[] }
    }
}

impl<'a> Naming<'a> {
    /// Columns by name.
    pub fn of_columns(columns: &'a [String]) -> Self {
        Self { columns, ..Self::default() }
    }

    /// The name of a column.
    pub fn column(self, d: usize) -> String {
        self.columns.get(d).cloned().unwrap_or_else(|| format!("column {d}"))
    }

    /// The parameters of part k: each name begins with the part's.
    pub fn of_part(self, k: usize, parameters: Vec<NamedParameter>) -> impl Iterator<Item = NamedParameter> {
        let part = format!("{} {k}: ", self.part);
        parameters.into_iter().map(move |p| NamedParameter { name: format!("{part}{}", p.name), ..p })
    }
}

/// One parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedParameter {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// Between what it can lie.
    pub bounds: Bounds,
}

impl NamedParameter {
    /// A parameter.
    pub fn new(name: impl Into<String>, value: f64, bounds: Bounds) -> Self {
        Self { name: name.into(), value, bounds }
    }
}

/// Where a parameter can lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bounds {
    /// Anywhere.
    #[default]
    None,
    /// In (0, ∞).
    Positive,
    /// In (0, 1).
    Probability,
}
