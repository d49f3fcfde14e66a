//! Independent columns: p(x) = Π_d p_d(x_d) over the D columns of a row.

use rand::Rng;

use crate::data::Rows;
use crate::error::Error;
use crate::numeric::add_tiles;

use super::state_columns::StateColumns;
use crate::distributions::estimate::{log_densities_one_by_one, log_prior_of_all, observe_one_by_one};
use crate::distributions::{Distribution, Estimate, Guarantee, Parametric};

/// Rows whose columns are independent, each with a distribution of one family or, with [`Column`](super::column::Column), of
/// its own. Rows of another length have density 0.
///
/// With [`missing_cells`](Self::missing_cells) NaN is a cell that was not observed: p(x_o) = Π p_d(x_d) over the cells that
/// were, so that in a mixture or a chain what is missing is summed out exactly.
/// ```
/// use marginal::distributions::{Distribution, Independent, Poisson, Column};
/// let goals = Independent::new(vec![Column::from(Poisson::new(1.5)?), Poisson::new(0.5)?.into()])?;
/// let row = [2.0, f64::NAN];
/// assert_eq!(goals.log_density(&row), f64::NEG_INFINITY);
/// let of_first = goals.parts()[0].log_density(&2.0);
/// assert_eq!(goals.missing_cells(true).log_density(&row), of_first);
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Independent<D> {
    parts: Vec<D>,
    /// Whether NaN is a missing cell.
    pub(crate) missing: bool,
}

impl<D> Independent<D> {
    /// One distribution a column.
    ///
    /// # Errors
    /// [`Error::Dimension`] if there is none.
    pub fn new(parts: Vec<D>) -> Result<Self, Error> {
        if parts.is_empty() {
            return Err(Error::Dimension { what: "the columns", expected: 1, found: 0 });
        }
        Ok(Self { parts, missing: false })
    }

    /// Whether NaN is a missing cell; without it NaN is outside every support.
    #[must_use]
    pub fn missing_cells(mut self, allowed: bool) -> Self {
        self.missing = allowed;
        self
    }

    /// The distributions, column by column.
    pub fn parts(&self) -> &[D] {
        &self.parts
    }
}

impl<D: Distribution<Value = f64>> Distribution for Independent<D> {
    type Value = [f64];

    fn log_density(&self, x: &[f64]) -> f64 {
        if x.len() != self.parts.len() {
            return f64::NEG_INFINITY;
        }
        let cells = self.parts.iter().zip(x).filter(|(_, x)| !(self.missing && x.is_nan()));
        cells.map(|(d, x)| d.log_density(x)).sum()
    }

    fn sample(&self, rng: &mut dyn Rng) -> Vec<f64> {
        self.parts.iter().map(|d| d.sample(rng)).collect()
    }

    fn row_length(&self) -> Option<usize> {
        Some(self.parts.len())
    }

    fn numbers(&self, x: &[f64]) -> Option<Vec<f64>> {
        Some(x.to_vec())
    }

    /// That of the only column, if it is the only one.
    fn period(&self) -> Option<f64> {
        match &self.parts[..] {
            [only] => only.period(),
            _ => None,
        }
    }
}

impl<D: Distribution<Value = f64>> rand::distr::Distribution<Vec<f64>> for Independent<D> {
    fn sample<R: Rng + ?Sized>(&self, mut rng: &mut R) -> Vec<f64> {
        Distribution::sample(self, &mut rng)
    }
}

const EMPTY: &str = "every cell is missing: leave the column out, or fit fewer components";

/// So many columns are taken out of the rows together: half a cache line.
const STRIP: usize = 4;

/// Shows each of these columns of the block.
fn each_column(block: Rows<'_, f64>, columns: &[usize], mut see: impl FnMut(usize, &[f64])) {
    if columns.is_empty() {
        return;
    }
    let mut strip: [Vec<f64>; STRIP] = std::array::from_fn(|_| vec![0.0; block.len()]);
    for columns in columns.chunks(STRIP) {
        if let ([a, b, c, d], [i, j, k, l]) = (&mut strip, columns) {
            for ((((row, a), b), c), d) in block.iter().zip(a).zip(b).zip(c).zip(d) {
                [*a, *b, *c, *d] = [row[*i], row[*j], row[*k], row[*l]];
            }
        } else {
            for (column, d) in strip.iter_mut().zip(columns) {
                column.iter_mut().zip(block.iter()).for_each(|(x, row)| *x = row[*d]);
            }
        }
        columns.iter().zip(&strip).for_each(|(d, column)| see(*d, column));
    }
}

/// The rows of a column that are observed, and their cells.
fn observed(column: &[f64]) -> (Vec<usize>, Vec<f64>) {
    column.iter().copied().enumerate().filter(|(_, x)| !x.is_nan()).unzip()
}

fn parts_of<'a, D>(components: &[&'a Independent<D>]) -> Vec<&'a [D]> {
    components.iter().map(|component| component.parts()).collect()
}

/// Each column by itself.
impl<D: Estimate<Value = f64>> Estimate for Independent<D> {
    type Statistics = Vec<D::Statistics>;

    fn statistics(&self) -> Self::Statistics {
        self.parts.iter().map(Estimate::statistics).collect()
    }

    fn observe(&self, s: &mut Self::Statistics, x: &[f64], weight: f64) {
        for (d, (part, s)) in self.parts.iter().zip(s).enumerate() {
            // What a row of another length lacks is outside every support.
            let (cell, whole) = if x.len() == self.parts.len() { (&x[d], true) } else { (&f64::NAN, false) };
            if !(self.missing && whole && cell.is_nan()) {
                part.observe(s, cell, weight);
            }
        }
    }

    /// The columns of few states together, the others one by one, each for all components: a family reads it once.
    fn log_densities_each(components: &[&Self], block: Rows<'_, f64>, tile: &mut [f64]) {
        let columns = block.columns();
        if components.iter().any(|c| c.parts.len() != columns || c.missing != components[0].missing) {
            return log_densities_one_by_one(components, block, tile);
        }
        tile.fill(0.0);
        let parts = parts_of(components);
        let missing = components.first().is_some_and(|c| c.missing);
        let states = StateColumns::of(&parts, block, missing);
        states.add_log_densities(&parts, tile);
        let mut of_column = Vec::new();
        each_column(block, &states.others(columns), |d, column| {
            let members: Vec<&D> = parts.iter().map(|parts| &parts[d]).collect();
            if missing && column.iter().any(|x| x.is_nan()) {
                let (rows, cells) = observed(column);
                of_column.resize(members.len() * rows.len(), 0.0);
                D::log_densities_each(&members, &cells, &mut of_column);
                let lines = of_column.chunks_exact(rows.len().max(1));
                for (line, of_column) in tile.chunks_exact_mut(column.len()).zip(lines) {
                    rows.iter().zip(of_column).for_each(|(&n, l)| line[n] += l);
                }
            } else {
                of_column.resize(tile.len(), 0.0);
                D::log_densities_each(&members, column, &mut of_column);
                add_tiles(tile, &of_column);
            }
        });
    }

    fn observe_each(
        components: &[&Self],
        statistics: &mut [&mut Self::Statistics],
        block: Rows<'_, f64>,
        weights: &[f64],
    ) {
        let columns = block.columns();
        if components.iter().any(|c| c.parts.len() != columns || c.missing != components[0].missing) {
            return observe_one_by_one(components, statistics, block, weights);
        }
        let parts = parts_of(components);
        let missing = components.first().is_some_and(|c| c.missing);
        let states = StateColumns::of(&parts, block, missing);
        states.observe(&parts, statistics, weights);
        each_column(block, &states.others(columns), |d, column| {
            let members: Vec<&D> = parts.iter().map(|parts| &parts[d]).collect();
            let mut of_column: Vec<&mut D::Statistics> = statistics.iter_mut().map(|s| &mut s[d]).collect();
            if missing && column.iter().any(|x| x.is_nan()) {
                let (rows, cells) = observed(column);
                let lines = weights.chunks_exact(column.len());
                let of_cells: Vec<f64> = lines.flat_map(|line| rows.iter().map(|&n| line[n])).collect();
                D::observe_each(&members, &mut of_column, &cells, &of_cells);
            } else {
                D::observe_each(&members, &mut of_column, column, weights);
            }
        });
    }

    fn estimate(&self, s: &Self::Statistics) -> Result<Self, Error> {
        let columns: Vec<_> = self.parts.iter().zip(s).map(|(part, s)| part.estimate(s)).collect();
        // If no column that needs rows has weight, it is the rows that have none.
        let has_weight = |(part, estimated): (&D, &Result<D, Error>)| {
            part.determining_rows() > 0 && !matches!(estimated, Err(Error::NoWeight { .. }))
        };
        let seen = self.parts.iter().zip(&columns).any(has_weight);
        let of_column = |(column, estimated): (usize, Result<D, Error>)| {
            estimated.map_err(|error| match error {
                Error::NoWeight { .. } if self.missing && seen => {
                    let source = Error::NoEstimate { family: "Independent", reason: EMPTY };
                    Error::AtColumn { column, source: Box::new(source) }
                }
                Error::NoWeight { weight } => Error::NoWeight { weight },
                other => Error::AtColumn { column, source: Box::new(other) },
            })
        };
        let parts = columns.into_iter().enumerate().map(of_column).collect::<Result<_, _>>()?;
        Ok(Self { parts, missing: self.missing })
    }

    fn expected_log_density(&self, s: &Self::Statistics) -> f64 {
        self.parts.iter().zip(s).map(|(d, s)| d.expected_log_density(s)).sum()
    }

    fn same_statistics(&self, other: &Self) -> bool {
        let mut parts = self.parts.iter().zip(&other.parts);
        self.parts.len() == other.parts.len()
            && self.missing == other.missing
            && parts.all(|(part, other)| part.same_statistics(other))
    }

    /// None if every cell is missing.
    fn draws_in(&self, x: &[f64]) -> usize {
        usize::from(!(self.missing && x.iter().all(|x| x.is_nan())))
    }

    fn guarantee(&self) -> Guarantee {
        self.parts.iter().map(Estimate::guarantee).min().unwrap_or_default()
    }

    fn resolution(&self) -> f64 {
        self.parts.iter().map(Estimate::resolution).sum()
    }

    fn log_prior(&self) -> Option<f64> {
        log_prior_of_all(self.parts.iter().map(Estimate::log_prior))
    }

    fn determining_rows(&self) -> usize {
        self.parts.iter().map(Estimate::determining_rows).max().unwrap_or(0)
    }

    fn least_variance_ratio(&self, all: &Self) -> Option<f64> {
        let parts = self.parts.iter().zip(&all.parts);
        parts.filter_map(|(part, all)| part.least_variance_ratio(all)).reduce(f64::min)
    }

    fn free_parameters(&self) -> Option<usize> {
        self.parts.iter().map(Estimate::free_parameters).sum()
    }
}

/// The coordinates of each column, one after the other.
impl<D: Parametric> Parametric for Independent<D> {
    fn to_vector(&self) -> Vec<f64> {
        self.parts.to_vector()
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        Ok(Self { parts: self.parts.from_vector(coordinates)?, missing: self.missing })
    }
}

impl<D: std::fmt::Display> std::fmt::Display for Independent<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (d, part) in self.parts.iter().enumerate() {
            write!(f, "{}{part}", if d == 0 { "" } else { " × " })?;
        }
        Ok(())
    }
}
