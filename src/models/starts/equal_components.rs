//! Components that no row tells apart: EM gives them the same share of every row, and so leaves them equal for ever.

use crate::data::{Batch, Dataset, Observation, Statistics};
use crate::em::e_step;
use crate::error::Error;
use crate::latent::LatentModel;

/// Log-densities count as equal up to this, and a few roundings.
const SAME: f64 = 1e-9;

/// Random starts that are looked at, the steps that each makes, and the observations that it sees.
const DRAWS: usize = 10;
const STEPS: usize = 5;
const SAMPLE: usize = 10_000;

/// For each pair of K components how many rows told them apart, and how many rows both may have produced.
#[derive(Clone, Debug)]
pub(crate) struct Pairs {
    k: usize,
    /// `[pair]`.
    apart: Vec<f64>,
    seen: Vec<f64>,
}

impl Pairs {
    pub(crate) fn new(k: usize) -> Self {
        let pairs = vec![0.0; k * k.saturating_sub(1) / 2];
        Self { k, apart: pairs.clone(), seen: pairs }
    }

    fn each(k: usize) -> impl Iterator<Item = (usize, usize)> {
        (1..k).flat_map(|b| (0..b).map(move |a| (a, b)))
    }

    /// Whether every pair was told apart.
    pub(crate) fn all_apart(&self) -> bool {
        self.apart.iter().all(|rows| *rows > 0.0)
    }

    /// Whether no pair was told apart, though there are some.
    pub(crate) fn none_apart(&self) -> bool {
        !self.apart.is_empty() && self.equal().count() == self.apart.len()
    }

    /// Sees the log-densities of one observation under the K components.
    pub(crate) fn see(&mut self, logs: &[f64]) {
        for ((a, b), (apart, seen)) in Self::each(self.k).zip(self.apart.iter_mut().zip(&mut self.seen)) {
            let (one, other) = (logs[a], logs[b]);
            // NaN is for the E-step to tell.
            let same = one == other || (one - other).abs() <= SAME + 64.0 * f64::EPSILON * one.abs();
            *apart += f64::from(u8::from(!same));
            *seen += f64::from(u8::from(one > f64::NEG_INFINITY));
        }
    }

    /// The pairs that some observation had a density under, and none told apart.
    pub(crate) fn equal(&self) -> impl Iterator<Item = (usize, usize)> {
        let counts = self.apart.iter().zip(&self.seen);
        Self::each(self.k).zip(counts).filter(|(_, (apart, seen))| **apart == 0.0 && **seen > 0.0).map(|(pair, _)| pair)
    }
}

impl Statistics for Pairs {
    fn merge(&mut self, other: &Self) {
        self.apart.merge(&other.apart);
        self.seen.merge(&other.seen);
    }
    fn scale(&mut self, factor: f64) {
        self.apart.scale(factor);
        self.seen.scale(factor);
    }
}

/// The first two of K components that have the same density in every row.
pub(crate) fn equal_components<O, T>(
    data: &T,
    k: usize,
    log_densities: impl Fn(&O, &mut [f64]) + Sync,
) -> Result<Option<(usize, usize)>, Error>
where
    O: Observation + ?Sized,
    T: Dataset<O> + ?Sized,
{
    if k < 2 {
        return Ok(None);
    }
    let pairs = data.fold(&Pairs::new(k), &|batch: Batch<'_, O>, pairs: &mut Pairs| {
        let mut logs = vec![0.0; k];
        for (x, weight) in batch.iter() {
            if pairs.all_apart() {
                break;
            }
            if weight > 0.0 {
                log_densities(x, &mut logs);
                pairs.see(&logs);
            }
        }
        Ok(())
    })?;
    Ok(pairs.equal().next())
}

/// The start as given, if that is wanted and no two of its components are equal; else a random one in which no two are.
///
/// In place of one that was given it is the best of a few, each after a few steps: what climbs above equal components
/// never falls back to them, while one that begins near them may not leave in time.
///
/// # Errors
/// [`Error::EqualComponents`], and those of the random starts, if none is of use.
pub(crate) fn start_apart<M, T>(
    as_given: bool,
    given: &M,
    data: &T,
    equal: impl Fn(&M) -> Result<Option<(usize, usize)>, Error>,
    mut random: impl FnMut() -> Result<M, Error>,
) -> Result<M, Error>
where
    M: LatentModel<Parameters = M> + Clone,
    T: Dataset<M::Observation> + ?Sized,
{
    if as_given && equal(given)?.is_none() {
        return Ok(given.clone());
    }
    let (mut best, mut failure) = (None::<(f64, M)>, None);
    let sample = if as_given { Some(data.subsample(SAMPLE, 0)?) } else { None };
    for _ in 0..DRAWS {
        let start = random().and_then(|start| match equal(&start)? {
            None => Ok(start),
            Some((first, second)) => Err(Error::EqualComponents { first, second }),
        });
        match start
            .and_then(|start| sample.as_ref().map_or(Ok((0.0, start.clone())), |data| climbed(given, data, start)))
        {
            Ok((objective, start)) if best.as_ref().is_none_or(|(most, _)| objective > *most) => {
                best = Some((objective, start));
            }
            Ok(_) => {}
            Err(error) => _ = failure.get_or_insert(error),
        }
        if best.is_some() && !as_given {
            break;
        }
    }
    best.map(|(_, start)| start).ok_or_else(|| failure.expect("a draw that is no start is a failure"))
}

/// A few steps of EM: the objective, and where they lead.
fn climbed<M, T>(model: &M, data: &T, mut theta: M) -> Result<(f64, M), Error>
where
    M: LatentModel<Parameters = M>,
    T: Dataset<M::Observation> + ?Sized,
{
    for _ in 0..STEPS {
        theta = model.m_step(&theta, &e_step(model, data, &theta)?.1)?;
    }
    let (evidence, _) = e_step(model, data, &theta)?;
    Ok((evidence.value() + model.log_prior(&theta), theta))
}
