//! What is doubtful about a fitted component.

use std::fmt;

use crate::numeric::decimals;

/// A variance below this part of the variance of all rows, in the same direction, is doubtful.
const NARROW: f64 = 1e-6;

/// Why a component that was fitted may describe a few rows instead of the data.
///
/// The likelihood of a mixture of normals has no maximum: a component that shrinks onto a row, or onto rows in a line,
/// takes it to infinity, and on the way there lie local maxima that mean nothing. Where a fit ended in one it says so.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Doubt {
    /// The component rests on hardly more rows than determine it.
    FewRows {
        /// Its number.
        component: usize,
        /// N_z, the expected number of its rows.
        rows: f64,
        /// So many rows determine it.
        determining: usize,
    },
    /// In some direction the component's variance is nearly nothing.
    Narrow {
        /// Its number.
        component: usize,
        /// The least ratio of its variance to the variance of all rows, over all directions.
        ratio: f64,
    },
    /// A Heywood case: the factors of the component leave nearly nothing of a column's variance unexplained, so that its
    /// noise stands on the floor, or nearly so.
    Heywood {
        /// Its number.
        component: usize,
        /// The column.
        column: usize,
        /// ψ_j / Σ_jj.
        uniqueness: f64,
    },
}

impl Doubt {
    /// Of a component of N_z rows that so many rows determine, and whose least variance is this part of that of all rows.
    pub(crate) fn of(
        component: usize,
        rows: f64,
        determining: usize,
        ratio: Option<f64>,
    ) -> impl Iterator<Item = Self> {
        let few = rows < determining as f64 + 0.5 && determining > 0;
        let few = few.then_some(Self::FewRows { component, rows, determining });
        let narrow = ratio.filter(|ratio| *ratio < NARROW).map(|ratio| Self::Narrow { component, ratio });
        few.into_iter().chain(narrow)
    }
}

/// N_z, where the data are so many draws and the weights of the components are in proportion to their shares of them.
pub(crate) fn expected_rows(weights: &[f64], draws: f64) -> Vec<f64> {
    let total: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / total * draws).collect()
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FewRows { component, rows, determining } => {
                let rows = decimals(*rows, 2);
                write!(f, "component {component} rests on {rows} rows, and {determining} determine it: ")?;
            }
            Self::Heywood { component, column, uniqueness } => {
                return write!(
                    f,
                    "component {component}: the factors leave {uniqueness:.1e} of the variance of column {column} \
                     unexplained (a Heywood case): too many factors or too few rows are likelier than a column without \
                     noise (fewer factors, isotropic noise, or a higher floor)"
                );
            }
            Self::Narrow { component, ratio } => {
                write!(f, "component {component} is nearly flat, {ratio:.1e} of the variance of all rows: ")?;
            }
        }
        f.write_str("it may describe single rows (fewer components, a floor or a prior)")
    }
}
