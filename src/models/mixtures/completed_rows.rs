//! Missing cells of rows, filled in by a Gaussian mixture: E[x_m | x_o], or draws from p(x_m | x_o).

use rand::Rng;

use crate::components::Gaussians;
use crate::data::{Dataset, Gathered, InMemory, Rows, Table};
use crate::distributions::{Distribution, MultivariateNormal, Patterns, draw_index};
use crate::error::Error;
use crate::latent::{FiniteLatent, Posterior};
use crate::numeric::Scalar;

use super::mixture::Mixture;

/// x̂ of each row under one component, row-major.
fn completions<F: Scalar>(normal: &MultivariateNormal<F>, rows: Rows<'_, F>) -> Vec<f64> {
    let mut values: Vec<f64> = rows.values().iter().map(|x| x.widen()).collect();
    normal.complete(&Patterns::of_block(rows), &mut values, |_, _| ());
    values
}

impl<F: Scalar> Mixture<Gaussians<F>> {
    /// The rows with the means of missing cells given the observed ones, E[x_m | x_o] = Σ_k p(k | x_o) E[x_m | x_o, k].
    ///
    /// Means vary less than the cells that they stand for: for anything but the cells themselves take
    /// [draws](Self::completed_at_random).
    ///
    /// # Errors
    /// As [`responsibilities`](Self::responsibilities): [`Error::NotFinite`] for NaN unless
    /// [missing cells are allowed](crate::models::GaussianMixture::missing_cells).
    pub fn completed<T: Dataset<[F]> + ?Sized>(&self, data: &T) -> Result<Table<F>, Error> {
        let columns = self.components()[0].dimension();
        let gathered = data.fold(&Gathered::default(), &|batch, out: &mut Gathered<F>| {
            let (block, (shares, _)) = (batch.block(), self.posterior(self, batch)?);
            let mut means = vec![0.0; block.values().len()];
            for (normal, shares) in self.components().iter().zip(shares.chunks_exact(block.len().max(1))) {
                let completed = completions(normal, block);
                let rows = means.chunks_exact_mut(columns).zip(completed.chunks_exact(columns)).zip(shares);
                rows.for_each(|((sums, row), r)| sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += r * x));
            }
            let cell = |(x, mean): (&F, &f64)| if x.is_nan() { F::nearest(*mean) } else { *x };
            out.0.extend(block.values().iter().zip(&means).map(cell));
            Ok(())
        })?;
        Table::from_values(gathered.0, columns)
    }

    /// The rows with draws from p(x_m | x_o) in place of missing cells: of a component k | x_o, then of x_m | x_o, k. Several
    /// of them are multiple imputations (Rubin 1987).
    ///
    /// # Errors
    /// As [`completed`](Self::completed).
    pub fn completed_at_random<T>(&self, data: &T, rng: &mut dyn Rng) -> Result<Table<F>, Error>
    where
        T: InMemory<[F]> + Sync + ?Sized,
    {
        let (rows, columns) = (data.block(), self.components()[0].dimension());
        let shares = Posterior::responsibilities(self, self, &rows)?;
        let mut values = rows.values().to_vec();
        for (n, row) in rows.iter().enumerate().filter(|(_, row)| row.iter().any(|x| x.is_nan())) {
            let normal = &self.components()[draw_index(shares.row(n), rng)];
            // What a draw differs by from its own completion has the conditional covariance, and mean 0.
            let drawn = normal.clone().over::<f64>().sample(rng);
            let masked: Vec<f64> =
                row.iter().zip(&drawn).map(|(x, y)| if x.is_nan() { f64::NAN } else { *y }).collect();
            let of_draw = completions(&normal.clone().over(), Rows::new(&masked, columns)?);
            let of_row = completions(normal, Rows::new(row, columns)?);
            for (j, x) in values[n * columns..][..columns].iter_mut().enumerate().filter(|(_, x)| x.is_nan()) {
                *x = F::nearest(of_row[j] + (drawn[j] - of_draw[j]));
            }
        }
        Table::from_values(values, columns)
    }
}
