//! p(z | x_n, θ) and ln p(x_n | θ) of every observation of a data set.

use crate::data::{Dataset, Gathered, Table};
use crate::error::Error;
use crate::numeric::argmax;

use super::FiniteLatent;

/// What a [`FiniteLatent`] model says of each observation once θ is known: every such model has it.
///
/// ```
/// use marginal::{data::Table, em::Em, latent::Posterior, models::GaussianMixture};
/// let table = Table::from_values(vec![1.0, 1.2, 0.7, 5.0, 5.3, 4.6], 1)?;
/// let model = GaussianMixture::new(2);
/// let fit = Em::default().fit(&model, &table)?;
/// let labels = Posterior::labels(&model, &fit.parameters, &table)?;
/// assert!(labels[0] == labels[2] && labels[0] != labels[3]);
/// let entropy = model.classification_entropy(&fit.parameters, &table)?;
/// assert!(fit.icl(entropy) >= fit.bic());
/// # Ok::<(), marginal::Error>(())
/// ```
pub trait Posterior: FiniteLatent {
    /// p(z = k | x_n), N × K.
    ///
    /// # Errors
    /// Those of [`FiniteLatent::posterior`].
    fn responsibilities<T>(&self, theta: &Self::Parameters, data: &T) -> Result<Table, Error>
    where
        T: Dataset<Self::Observation> + ?Sized,
    {
        let names = (0..self.states()).map(|z| format!("state {z}")).collect();
        Table::new(names, by_row(self, theta, data, |shares, _, out| out.extend_from_slice(shares))?)
    }

    /// argmax_k p(z = k | x_n) of each observation; the first of equals.
    ///
    /// # Errors
    /// As [`responsibilities`](Self::responsibilities).
    fn labels<T>(&self, theta: &Self::Parameters, data: &T) -> Result<Vec<usize>, Error>
    where
        T: Dataset<Self::Observation> + ?Sized,
    {
        by_row(self, theta, data, |shares, _, out| out.push(argmax(shares)))
    }

    /// ln p(x_n | θ) of each observation, in nats.
    ///
    /// # Errors
    /// As [`responsibilities`](Self::responsibilities).
    fn log_densities_of<T>(&self, theta: &Self::Parameters, data: &T) -> Result<Vec<f64>, Error>
    where
        T: Dataset<Self::Observation> + ?Sized,
    {
        by_row(self, theta, data, |_, log_density, out| out.push(log_density))
    }

    /// −Σ_n w_n Σ_k r_nk ln r_nk, in nats: 0 if every observation surely is of one state. See
    /// [`Fit::icl`](crate::em::Fit::icl).
    ///
    /// # Errors
    /// As [`responsibilities`](Self::responsibilities).
    fn classification_entropy<T>(&self, theta: &Self::Parameters, data: &T) -> Result<f64, Error>
    where
        T: Dataset<Self::Observation> + ?Sized,
    {
        data.fold(&0.0, &|batch, entropy| {
            let (tile, _) = self.posterior(theta, batch)?;
            for (i, &r) in tile.iter().enumerate().filter(|(_, r)| **r > 0.0) {
                *entropy -= batch.weight(i % batch.len()) * r * r.ln();
            }
            Ok(())
        })
    }
}

impl<M: FiniteLatent + ?Sized> Posterior for M {}

/// Hands each observation's responsibilities and ln p(x_n) to `of_row`, which appends what it makes of them.
fn by_row<M, T, R>(
    model: &M,
    theta: &M::Parameters,
    data: &T,
    of_row: impl Fn(&[f64], f64, &mut Vec<R>) + Sync,
) -> Result<Vec<R>, Error>
where
    M: FiniteLatent + ?Sized,
    T: Dataset<M::Observation> + ?Sized,
    R: Clone + Send + Sync,
{
    let gathered = data.fold(&Gathered::default(), &|batch, out: &mut Gathered<R>| {
        let (tile, log_densities) = model.posterior(theta, batch)?;
        let mut shares = vec![0.0; model.states()];
        for (n, &log_density) in log_densities.iter().enumerate() {
            shares.iter_mut().zip(tile.iter().skip(n).step_by(batch.len())).for_each(|(s, r)| *s = *r);
            of_row(&shares, log_density, &mut out.0);
        }
        Ok(())
    })?;
    Ok(gathered.0)
}
