//! The integral over a component's reals, and their posterior, at one joint state of its finite neighbours.
//!
//! ∫ Π_f N(u_f; line, σ_f²) du: with one row (1, −b) / σ for each factor, elimination by reflections takes the rows
//! to a triangle R, step by step along the component's tree (Bierman 1977, Paige & Saunders 1977). The mean û solves
//! R û = rhs, the covariance is R⁻¹ R⁻ᵀ, and ln ∫ = ln Π_f N at û + (n/2) ln 2π − ln |R|. R is the root of the precision:
//! the precision itself is never made, since it has twice as many digits to lose where some factors are precise and
//! others vague. All rows are taken about the mean that the factors have without what is observed, so what is lost is
//! measured by how far the observations take the reals from there.

use crate::conditionals::RegressionLine;
use crate::error::GraphError;
use crate::numeric::{LN_2_PI, digits};

use super::component::{Component, RealFamily, Step};
use super::householder::triangularise;
use crate::graph::{DirectedGraph, Graph, NodeStatistics};

/// The numbers of one joint state; reused from state to state.
#[derive(Default)]
pub(crate) struct Integration {
    cells: Vec<f64>,
    digits: Vec<usize>,
    centre: Vec<f64>,
    /// For each family its row of coefficients and, last, its standardised residual at the centre.
    rows: Vec<f64>,
    /// The rows that each step leaves to its parent, after its own.
    fronts: Vec<Vec<f64>>,
    /// L of the covariance of each step's scope, lower triangular, while a child still needs it.
    roots: Vec<Vec<f64>>,
    /// Matrices that are being turned.
    turned: Vec<f64>,
    /// L of a family's reals.
    root: Vec<f64>,
}

impl Component {
    /// ln ∫, and into `solution` the means and the rows of R. −∞ if a residual is infinite.
    ///
    /// # Errors
    /// [`GraphError::NotLinearGaussian`] if a distribution says no line at this state.
    pub(crate) fn solve(
        &self,
        graph: &Graph,
        row: &[f64],
        state: usize,
        scratch: &mut Integration,
        solution: &mut [f64],
    ) -> Result<f64, GraphError> {
        digits(state, &self.shape, &mut scratch.digits);
        let mut log_integral = self.lines(graph, row, scratch)?;
        if !log_integral.is_finite() {
            return Ok(log_integral);
        }
        let Integration { centre, rows, fronts, .. } = scratch;
        fronts.resize_with(self.steps.len().max(fronts.len()), Vec::new);
        for number in 0..self.steps.len() {
            log_integral -= self.eliminate(number, rows, fronts, solution).abs().ln();
        }
        let means = self.reals.len();
        for step in self.steps.iter().rev() {
            let (known, own) = solution.split_at_mut(means);
            let own = &own[step.row - means..][..=step.scope.len()];
            let last = step.scope.len() - 1;
            let rest: f64 = own[1..=last].iter().zip(step.scope[..last].iter().rev()).map(|(g, &u)| g * known[u]).sum();
            known[step.scope[last]] = (own[last + 1] - rest) / own[0];
        }
        for family in &self.families {
            let (coefficients, residual) = family.of(rows);
            let moved: f64 = coefficients.iter().zip(&family.reals).map(|(c, &u)| c * solution[u]).sum();
            log_integral -= 0.5 * (residual + moved).powi(2);
        }
        solution.iter_mut().zip(centre).take(means).for_each(|(mean, centre)| *mean += *centre);
        Ok(log_integral + 0.5 * means as f64 * LN_2_PI)
    }

    /// The families' lines as rows about the centre; returns Σ ln 1 / (σ √2π).
    fn lines(&self, graph: &Graph, row: &[f64], scratch: &mut Integration) -> Result<f64, GraphError> {
        let Integration { cells, digits, centre, rows, .. } = scratch;
        centre.clear();
        centre.resize(self.reals.len(), 0.0);
        rows.clear();
        let mut log_scale = 0.0;
        for family in &self.families {
            family.fill(row, digits, cells);
            let line = self.line(graph, family, &cells[1..])?;
            family.places.iter().for_each(|&(index, place)| cells[place] = centre[family.reals[index]]);
            let (sigma, expected) = (line.standard_deviation, line.at(&cells[1..]));
            let first = rows.len();
            rows.resize(first + family.reals.len(), 0.0);
            for &(index, place) in &family.places {
                rows[first + index] += if place == 0 { 1.0 } else { -line.slopes[place - 1] } / sigma;
            }
            if let Some(child) = family.child() {
                // Any centre would do; one that is no number would not.
                centre[child] = if expected.is_finite() { expected } else { 0.0 };
                cells[0] = centre[child];
            }
            let residual = (cells[0] - expected) / sigma;
            if !residual.is_finite() {
                return Ok(f64::NEG_INFINITY);
            }
            rows.push(residual);
            log_scale -= sigma.ln() + 0.5 * LN_2_PI;
        }
        Ok(log_scale)
    }

    /// Turns the rows that hold the step's real so that one of them holds it alone; puts that one into the solution and
    /// returns its entry there.
    fn eliminate(&self, number: usize, rows: &[f64], fronts: &mut [Vec<f64>], solution: &mut [f64]) -> f64 {
        let step = &self.steps[number];
        // Columns: the real itself, its neighbours from the one that is eliminated next, the right-hand side.
        let (size, width) = (step.scope.len(), step.scope.len() + 1);
        let mut front = std::mem::take(&mut fronts[number]);
        front.clear();
        for &family in &step.families {
            let start = front.len();
            front.resize(start + width, 0.0);
            let (coefficients, residual) = self.families[family].of(rows);
            for (&column, c) in self.families[family].columns.iter().zip(coefficients) {
                front[start + size - 1 - column] = *c;
            }
            front[start + size] = -residual;
        }
        for &child in &step.children {
            let (own, below) = (self.steps[child].scope.len(), std::mem::take(&mut fronts[child]));
            for left in below.chunks_exact(own + 1).skip(1) {
                let start = front.len();
                front.resize(start + width, 0.0);
                for (&column, c) in self.steps[child].into.iter().rev().zip(&left[1..own]) {
                    front[start + size - 1 - column] = *c;
                }
                front[start + size] = left[own];
            }
            fronts[child] = below;
            fronts[child].clear();
        }
        front.resize(front.len().max(width), 0.0);
        // More rows than columns: what is left below a whole triangle says nothing of any real.
        let columns = if front.len() / width > size { size } else { 1 };
        triangularise(&mut front, width, columns);
        front.truncate(size * width);
        solution[step.row..][..width].copy_from_slice(&front[..width]);
        let pivot = front[0];
        fronts[number] = front;
        pivot
    }

    /// Shows each step with the root L of its scope's covariance, lower triangular and row-major: parents first.
    pub(crate) fn each_root(
        &self,
        solution: &[f64],
        scratch: &mut Integration,
        mut see: impl FnMut(&Step, &[f64], &mut Integration),
    ) {
        let mut roots = std::mem::take(&mut scratch.roots);
        roots.resize_with(self.steps.len().max(roots.len()), Vec::new);
        for (number, step) in self.steps.iter().enumerate().rev() {
            let mut root = std::mem::take(&mut roots[number]);
            step.root(solution, step.parent.map(|parent| &roots[parent][..]), &mut scratch.turned, &mut root);
            see(step, &root, scratch);
            roots[number] = root;
            // Children come in turn, the first of the list last.
            if let Some(parent) = step.parent.filter(|&parent| self.steps[parent].children[0] == number) {
                roots[parent] = Vec::new();
            }
            if step.children.is_empty() {
                roots[number] = Vec::new();
            }
        }
        scratch.roots = roots;
    }

    /// The mean and the standard deviation of each real.
    pub(crate) fn marginals(&self, solution: &[f64], scratch: &mut Integration, mut see: impl FnMut(usize, f64, f64)) {
        self.each_root(solution, scratch, |step, root, _| {
            let size = step.scope.len();
            let real = step.scope[size - 1];
            let deviation = root[size * (size - 1)..].iter().fold(0.0, |norm: f64, l| norm.hypot(*l));
            see(self.reals[real], solution[real], deviation);
        });
    }

    /// Adds each factor's posterior under this state to the statistics of its parameter.
    ///
    /// What is summed is quadratic in the reals, so 2 n points carry it: mean ± √n L_j with weights w / 2n have the
    /// moments of N(mean, L Lᵀ) up to the third.
    pub(crate) fn observe(
        &self,
        graph: &Graph,
        row: &[f64],
        (state, weight): (usize, f64),
        solution: &[f64],
        scratch: &mut Integration,
        statistics: &mut [NodeStatistics],
    ) {
        digits(state, &self.shape, &mut scratch.digits);
        self.each_root(solution, scratch, |step, of_scope, scratch| {
            let Integration { cells, digits, turned, root, .. } = scratch;
            for family in step.families.iter().map(|&family| &self.families[family]) {
                let (count, size) = (family.reals.len(), step.scope.len());
                rows_of(of_scope, size, &family.columns, turned, root);
                family.fill(row, digits, cells);
                let (spread, share) = ((count as f64).sqrt(), weight / (2 * count) as f64);
                let (factor, s) = (graph.factor(family.node), &mut statistics[graph.parameter(family.node)]);
                for (column, sign) in (0..count).flat_map(|column| [(column, spread), (column, -spread)]) {
                    for &(index, place) in &family.places {
                        cells[place] = solution[family.reals[index]] + sign * root[index * count + column];
                    }
                    let (x, given) = cells.split_at(family.sources[0].len());
                    factor.observe(s, x, given, share);
                }
            }
        });
    }

    /// Into `solution` the means of the reals before anything is observed; returns the deviations about their lines.
    pub(crate) fn means(
        &self,
        graph: &Graph,
        (state, row): (usize, &[f64]),
        scratch: &mut Integration,
        solution: &mut [f64],
    ) -> Result<Vec<f64>, GraphError> {
        digits(state, &self.shape, &mut scratch.digits);
        let Integration { cells, digits, .. } = scratch;
        let mut deviations = vec![0.0; self.reals.len()];
        for family in &self.families {
            let Some(child) = family.child() else { continue };
            family.fill(row, digits, cells);
            for &(index, place) in &family.places {
                cells[place] = solution[family.reals[index]];
            }
            let line = self.line(graph, family, &cells[1..])?;
            solution[child] = line.at(&cells[1..]);
            deviations[child] = line.standard_deviation;
        }
        Ok(deviations)
    }

    fn line(&self, graph: &Graph, family: &RealFamily, given: &[f64]) -> Result<RegressionLine, GraphError> {
        graph.factor(family.node).linear_gaussian(given).ok_or_else(|| {
            let node = graph.name(self.reals[family.reals[0]]);
            GraphError::NotLinearGaussian { node, child: graph.name(family.node) }
        })
    }
}

impl RealFamily {
    /// Its coefficients and its residual among those of the component.
    fn of<'a>(&self, rows: &'a [f64]) -> (&'a [f64], f64) {
        let count = self.reals.len();
        (&rows[self.row..][..count], rows[self.row + count])
    }
}

impl Step {
    /// L of (neighbours, real): above that of the neighbours, below it (−g L / r, 1 / r), the row being (r, g).
    fn root(&self, solution: &[f64], parent: Option<&[f64]>, turned: &mut Vec<f64>, root: &mut Vec<f64>) {
        let (size, last) = (self.scope.len(), self.scope.len() - 1);
        let mut above = Vec::new();
        if let Some(parent) = parent {
            rows_of(parent, parent.len().isqrt(), &self.into, turned, &mut above);
        }
        root.clear();
        root.resize(size * size, 0.0);
        let (of_real, row) = (size * last, &solution[self.row..]);
        for (i, of_neighbour) in above.chunks_exact(last.max(1)).enumerate() {
            let slope = -row[last - i] / row[0];
            for (j, l) in of_neighbour.iter().enumerate().take(i + 1) {
                root[i * size + j] = *l;
                root[of_real + j] += slope * l;
            }
        }
        root[of_real + last] = 1.0 / row[0].abs();
    }
}

/// Of L, lower triangular and row-major with `size` columns, some rows, turned to a lower triangle with as many columns.
fn rows_of(root: &[f64], size: usize, wanted: &[usize], turned: &mut Vec<f64>, out: &mut Vec<f64>) {
    let count = wanted.len();
    out.clear();
    out.resize(count * count, 0.0);
    if count == size && wanted.iter().enumerate().all(|(i, &row)| i == row) {
        out.copy_from_slice(root);
        return;
    }
    // M Mᵀ = (Q T)ᵀ Q T, where Q T = Mᵀ.
    turned.clear();
    for column in 0..size {
        turned.extend(wanted.iter().map(|&row| root[row * size + column]));
    }
    triangularise(turned, count, count);
    for i in 0..count {
        for j in 0..=i {
            out[i * count + j] = turned[j * count + i];
        }
    }
}
