//! What a hidden graph says of each row of a table once its parameters are known, block by block.

use crate::conditionals::Finite;
use crate::data::{Batch, Dataset, Gathered, Table};
use crate::error::{Error, GraphError};
use crate::graph::{DirectedGraph, Graph, Node, Nodes, Scratch};
use crate::latent::LatentModel;
use crate::numeric::argmax;

use super::hidden_graph::HiddenGraph;
use super::hidden_graph_blocks::{InferredBlock, Posteriors};
use super::hidden_graph_rows::{InRow, RowByRow, of_row};

/// θ is the graph that a fit returns, or the model's own.
impl HiddenGraph {
    /// p(node = state | row) of a finite node, N × states. A node that the row shows is certain.
    /// ```
    /// use marginal::{conditionals::{ConditionalTable, Switch}, data::Table, distributions::Normal, graph::{Graph, Node}};
    /// let mut g = Graph::builder();
    /// let z: Node<usize> = g.node("z", (), ConditionalTable::new([[0.5, 0.5]])?);
    /// let x = g.node("x", z, Switch::new(vec![Normal::new(50.0, 5.0)?, Normal::new(80.0, 5.0)?])?);
    /// let model = g.build()?.hide(z)?;
    ///
    /// let waiting = Table::from_values(vec![51.0, 65.0, f64::NAN, 80.0], 1)?;
    /// let shares = model.responsibilities(model.graph(), z, &waiting)?;
    /// assert!((shares.row(1)[0] - 0.5).abs() < 1e-15 && shares.row(2) == [0.5, 0.5]);
    /// assert_eq!(model.labels(model.graph(), z, &waiting)?, [0, 0, 0, 1]);
    /// let expected = model.expectations(model.graph(), x, &waiting)?;
    /// assert_eq!(expected.row(0), [51.0, 0.0]);
    /// assert!((expected.row(2)[0] - 65.0).abs() < 1e-12 && (expected.row(2)[1].powi(2) - 250.0).abs() < 1e-10);
    /// # Ok::<(), marginal::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`GraphError::ForeignHandle`]; [`GraphError::Infinite`] for a node without a number of states; those of the E-step.
    pub fn responsibilities<T, D>(&self, theta: &Graph, node: Node<T>, data: &D) -> Result<Table, Error>
    where
        T: Finite,
        D: Dataset<[f64]> + ?Sized,
    {
        let (node, states) = self.finite(node)?;
        let values = self.ask(theta, data, states, |batch, answers| {
            let mut asked = OfFinite { node, states, answers };
            self.each_block(theta, batch, Some(node), &mut asked)
        })?;
        let name = self.graph().name(node);
        Table::new((0..states).map(|state| format!("{name} = {state}")).collect(), values)
    }

    /// The state of largest probability of a finite node in each row, the first of equals.
    ///
    /// # Errors
    /// As [`responsibilities`](Self::responsibilities).
    pub fn labels<T, D>(&self, theta: &Graph, node: Node<T>, data: &D) -> Result<Vec<T>, Error>
    where
        T: Finite,
        D: Dataset<[f64]> + ?Sized,
    {
        let probabilities = self.responsibilities(theta, node, data)?;
        let labels: Option<Vec<T>> = probabilities.rows().iter().map(|row| T::from_index(argmax(row))).collect();
        let advice = "give each of its states a value";
        labels.ok_or_else(|| GraphError::NotFinite { node: self.graph().name(node.index()), advice }.into())
    }

    /// E[node | row] of a real node and the standard deviation of p(node | row), N × 2. A node that the row shows has
    /// its value, and deviation 0.
    ///
    /// # Errors
    /// [`GraphError::ForeignHandle`]; [`GraphError::NotFinite`] for a node that is not linear-Gaussian; those of the
    /// E-step.
    pub fn expectations<D>(&self, theta: &Graph, node: Node<f64>, data: &D) -> Result<Table, Error>
    where
        D: Dataset<[f64]> + ?Sized,
    {
        let node = self.own(node)?;
        let values = self.ask(theta, data, 2, |batch, answers| {
            let mut asked = OfReal { node, answers };
            self.each_block(theta, batch, Some(node), &mut asked)
        })?;
        Table::new(vec!["mean".to_owned(), "standard deviation".to_owned()], values)
    }

    /// ln p(row) of what each row shows, in nats.
    ///
    /// # Errors
    /// Those of the E-step.
    pub fn log_densities_of<D>(&self, theta: &Graph, data: &D) -> Result<Vec<f64>, Error>
    where
        D: Dataset<[f64]> + ?Sized,
    {
        self.ask(theta, data, 1, |batch, answers| self.each_block(theta, batch, None, &mut OfDensity { answers }))
    }

    /// Σ_n w_n H(z | row n), in nats: the entropy of the joint posterior of the finite nodes that each row hides and
    /// something observed depends on. See [`Fit::icl`](crate::em::Fit::icl).
    ///
    /// It is summed clique by clique, −Σ p(z, separator) ln p(z | separator): nothing cancels. Hidden reals are integrated
    /// out.
    ///
    /// # Errors
    /// Those of the E-step.
    pub fn classification_entropy<D>(&self, theta: &Graph, data: &D) -> Result<f64, Error>
    where
        D: Dataset<[f64]> + ?Sized,
    {
        data.fold(&0.0, &|batch, entropy| self.each_block(theta, batch, None, &mut OfEntropy { entropy }))
    }

    /// The rows with their missing cells filled in: a finite node by the state of largest probability given the row, the
    /// first of equals, a real one by its posterior mean. A node without an exact posterior stays missing.
    /// ```
    /// use marginal::{conditionals::LinearGaussian, data::Table, distributions::Normal, graph::Graph};
    /// let mut g = Graph::builder();
    /// let height = g.node("height", (), Normal::new(170.0, 10.0)?);
    /// let _ = g.node("weight", height, LinearGaussian::new(-60.0, &[0.75], 5.0)?);
    /// let model = g.build()?.hide(())?;
    /// let rows = Table::from_values(vec![180.0, f64::NAN, f64::NAN, 67.5], 2)?;
    /// let completed = model.completed(model.graph(), &rows)?;
    /// assert_eq!(completed.row(0), [180.0, 75.0]);
    /// assert!((completed.row(1)[0] - 170.0).abs() < 1e-12);
    /// # Ok::<(), marginal::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of the E-step.
    pub fn completed<D>(&self, theta: &Graph, data: &D) -> Result<Table, Error>
    where
        D: Dataset<[f64]> + ?Sized,
    {
        let columns = self.columns();
        let values = self.ask(theta, data, columns.len(), |batch, answers| {
            let mut rows = RowByRow::new(self, theta, None);
            for (n, answer) in answers.chunks_exact_mut(columns.len()).enumerate() {
                let mut full = rows.full(batch.block().row(n)).map_err(|e| of_row(e, batch.row(n)))?.to_vec();
                if full.iter().any(|cell| cell.is_nan()) {
                    theta.complete_row(&mut full).map_err(|e| of_row(e, batch.row(n)))?;
                }
                let cells = self.visible().flat_map(|node| theta.cells(node));
                answer.iter_mut().zip(cells).for_each(|(answer, cell)| *answer = full[cell]);
            }
            Ok(())
        })?;
        Table::new(columns, values)
    }

    fn own(&self, node: impl Nodes) -> Result<usize, GraphError> {
        self.graph().own(node)?.first().copied().ok_or(GraphError::ForeignHandle { index: 0 })
    }

    fn finite<T: Finite>(&self, node: Node<T>) -> Result<(usize, usize), GraphError> {
        let node = self.own(node)?;
        let advice = "let its distribution say how many, by `states`, or say it of a closure: given(…).of_states(…)";
        let states = self.graph().domain(node).states;
        states
            .map(|states| (node, states))
            .ok_or_else(|| GraphError::Infinite { node: self.graph().name(node), advice })
    }

    /// So many numbers for each row, also for those of weight 0.
    fn ask<D>(
        &self,
        theta: &Graph,
        data: &D,
        width: usize,
        answer: impl Fn(Batch<'_, [f64]>, &mut [f64]) -> Result<(), Error> + Sync,
    ) -> Result<Vec<f64>, Error>
    where
        D: Dataset<[f64]> + ?Sized,
    {
        self.check(theta)?;
        let gathered = data.fold(&Gathered::default(), &|batch, all: &mut Gathered<f64>| {
            let first = all.0.len();
            all.0.resize(first + width * batch.len(), f64::NAN);
            answer(Batch::new(batch.block(), None, batch.row(0)), &mut all.0[first..])
        })?;
        Ok(gathered.0)
    }
}

/// Rows × states.
struct OfFinite<'a> {
    node: usize,
    states: usize,
    answers: &'a mut [f64],
}

impl OfFinite<'_> {
    fn certain(&mut self, n: usize, state: f64) {
        let answer = &mut self.answers[n * self.states..][..self.states];
        answer.iter_mut().enumerate().for_each(|(k, p)| *p = f64::from(u8::from(k as f64 == state)));
    }
}

impl Posteriors for OfFinite<'_> {
    fn see_block(&mut self, at: &mut InferredBlock<'_>) {
        if at.columns.shown(self.node).get(0) {
            let cells = at.columns.of(self.node).0;
            at.rows.iter().zip(cells).for_each(|(&n, state)| self.certain(n, *state));
            return;
        }
        at.tiles.each_marginal(at.program, |node, marginal| {
            for (state, line) in marginal.chunks_exact(at.rows.len()).enumerate().filter(|_| node == self.node) {
                at.rows.iter().zip(line).for_each(|(&n, p)| self.answers[n * self.states + state] = *p);
            }
        });
    }

    fn see_row(&mut self, n: usize, at: &InRow<'_>, _: f64, theta: &Graph, scratch: &mut Scratch) {
        let found = at.plan.marginals(scratch).find(|(node, _)| *node == self.node);
        match found {
            Some((_, marginal)) => self.answers[n * self.states..][..self.states].copy_from_slice(&marginal),
            None => self.certain(n, at.full[theta.cells(self.node).start]),
        }
    }
}

/// Mean and standard deviation of each row.
struct OfReal<'a> {
    node: usize,
    answers: &'a mut [f64],
}

impl OfReal<'_> {
    /// Of a mixture of normals: weight, mean, standard deviation.
    fn set(&mut self, n: usize, parts: &[(f64, f64, f64)]) {
        let mean: f64 = parts.iter().map(|(p, mean, _)| p * mean).sum();
        let variance: f64 = parts.iter().map(|(p, m, s)| p * (s * s + (m - mean).powi(2))).sum();
        self.answers[2 * n..][..2].copy_from_slice(&[mean, variance.sqrt()]);
    }
}

impl Posteriors for OfReal<'_> {
    fn see_block(&mut self, at: &mut InferredBlock<'_>) {
        if at.columns.shown(self.node).get(0) {
            let cells = at.columns.of(self.node).0;
            at.rows.iter().zip(cells).for_each(|(&n, x)| self.set(n, &[(1.0, *x, 0.0)]));
            return;
        }
        let mut parts = vec![Vec::new(); at.rows.len()];
        at.tiles.each_normal(at.program, at.weights, |row, node, part| {
            if node == self.node {
                parts[row].push(part);
            }
        });
        at.rows.iter().zip(&parts).for_each(|(&n, parts)| self.set(n, parts));
    }

    fn see_row(&mut self, n: usize, at: &InRow<'_>, _: f64, theta: &Graph, scratch: &mut Scratch) {
        let mut parts = Vec::new();
        at.plan.each_normal(scratch, |node, part| {
            if node == self.node {
                parts.push(part);
            }
        });
        if parts.is_empty() {
            parts.push((1.0, at.full[theta.cells(self.node).start], 0.0));
        }
        self.set(n, &parts);
    }
}

struct OfDensity<'a> {
    answers: &'a mut [f64],
}

impl Posteriors for OfDensity<'_> {
    fn see_block(&mut self, at: &mut InferredBlock<'_>) {
        at.rows.iter().zip(&at.tiles.log_densities).for_each(|(&n, log)| self.answers[n] = *log);
    }

    fn see_row(&mut self, n: usize, _: &InRow<'_>, log_density: f64, _: &Graph, _: &mut Scratch) {
        self.answers[n] = log_density;
    }
}

struct OfEntropy<'a> {
    entropy: &'a mut f64,
}

impl Posteriors for OfEntropy<'_> {
    fn see_block(&mut self, at: &mut InferredBlock<'_>) {
        *self.entropy += at.tiles.entropy(at.program);
    }

    fn see_row(&mut self, _: usize, at: &InRow<'_>, _: f64, _: &Graph, scratch: &mut Scratch) {
        *self.entropy += at.weight * at.plan.entropy(scratch);
    }
}
