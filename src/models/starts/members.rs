//! A start: the values of a sample are shared among the members of a bank, which are then estimated.

use rand::Rng;

use crate::components::{Components, observe_shares};
use crate::data::{InMemory, Observation, Sample, Table};
use crate::distributions::uniform_on_simplex;
use crate::error::Error;
use crate::latent::StartKind;
use crate::models::clustering::clusters::{Settle, clusters, nearest_to_seeds};

use super::equal_components::Pairs;
use super::positions::positions;

/// The part of the weight that all members share alike, where a member cannot be estimated from what is its own, or would
/// give probability 0 to a row.
const ALIKE: f64 = 0.25;

/// Values whose log-densities are asked for together.
const ROWS: usize = 256;

/// N_z of each member, and the members.
pub(crate) type Members<C> = (Vec<f64>, C);

/// The estimate of members from their statistics and N_z.
type Estimated<'a, C> = dyn Fn(&<C as Components>::Statistics, &[f64]) -> Result<C, Error> + 'a;

/// A sample that is shared among the members of a bank, and how these are then estimated.
pub(crate) struct Sharing<'a, C: Components> {
    bank: &'a C,
    sample: &'a Sample<C::Value>,
    estimate: Box<Estimated<'a, C>>,
}

impl<'a, C: Components> Sharing<'a, C> {
    pub(crate) fn new(
        bank: &'a C,
        sample: &'a Sample<C::Value>,
        estimate: impl Fn(&C::Statistics, &[f64]) -> Result<C, Error> + 'a,
    ) -> Self {
        Self { bank, sample, estimate: Box::new(estimate) }
    }

    pub(crate) fn bank(&self) -> &C {
        self.bank
    }

    pub(crate) fn block(&self) -> <C::Value as Observation>::Block<'_> {
        self.sample.block()
    }

    /// A start of one of the kinds that share rows.
    ///
    /// # Errors
    /// [`Error::TooFewRows`]; those of the estimate.
    pub(crate) fn members(&self, kind: StartKind, rng: &mut dyn Rng) -> Result<Members<C>, Error> {
        let (k, rows) = (self.bank.count(), self.weights().len());
        match kind {
            StartKind::Clusters | StartKind::Seeds => {
                let settle = if kind == StartKind::Clusters { Settle::Lloyd } else { Settle::Nothing };
                let labels = clusters(&self.positions(rng)?, self.weights(), k, settle, rng)?;
                let of_cluster = self.members_of(k, |n| Some(labels[n]));
                self.shared(rows, |n, shares| shares[of_cluster[labels[n]]] = 1.0)
            }
            StartKind::TightSeeds => {
                let positions = self.positions(rng)?;
                // A covariance takes more rows than there are columns; up to twice as many, to be no line.
                let each = (2 * (positions.columns() + 1)).max(4).min(rows / k.max(1)).max(1);
                let owners = nearest_to_seeds(&positions, self.weights(), (k, each), rng)?;
                let of_seed = self.members_of(k, |n| owners[n]);
                self.shared(each * k, |n, shares| owners[n].into_iter().for_each(|seed| shares[of_seed[seed]] = 1.0))
            }
            StartKind::RandomShares => {
                let drawn: Vec<f64> = (0..rows).flat_map(|_| mostly_one(k, rng)).collect();
                self.shared(rows, |n, shares| shares.copy_from_slice(&drawn[n * k..][..k]))
            }
            _ => self.bank.random_members(self.sample, rng),
        }
    }

    /// The member that takes each cluster: where rows have labels, the one that most of the cluster's labels allow, the
    /// greatest agreement first; else that of the same number.
    fn members_of(&self, k: usize, cluster_of: impl Fn(usize) -> Option<usize>) -> Vec<usize> {
        // `[cluster][member]`.
        let mut agreement = vec![0.0; k * k];
        for (n, weight) in self.weights().iter().enumerate() {
            let label = self.bank.label_of(C::Value::get(self.block(), n));
            if let (Some(cluster), Some(label)) = (cluster_of(n), label) {
                (0..k).filter(|z| label.allows(*z)).for_each(|z| agreement[cluster * k + z] += weight);
            }
        }
        let mut members: Vec<Option<usize>> = vec![None; k];
        let mut pairs: Vec<usize> = (0..k * k).filter(|pair| agreement[*pair] > 0.0).collect();
        pairs.sort_by(|a, b| agreement[*b].total_cmp(&agreement[*a]).then(a.cmp(b)));
        for (cluster, member) in pairs.into_iter().map(|pair| (pair / k, pair % k)) {
            if members[cluster].is_none() && !members.contains(&Some(member)) {
                members[cluster] = Some(member);
            }
        }
        let mut taken = vec![false; k];
        members.iter().flatten().for_each(|z| taken[*z] = true);
        for (cluster, member) in members.iter_mut().enumerate().filter(|(_, member)| member.is_none()) {
            let free = if taken[cluster] { taken.iter().position(|taken| !taken) } else { Some(cluster) };
            free.into_iter().for_each(|z| taken[z] = true);
            *member = free;
        }
        members.into_iter().enumerate().map(|(cluster, member)| member.unwrap_or(cluster)).collect()
    }

    pub(crate) fn positions(&self, rng: &mut dyn Rng) -> Result<Table, Error> {
        positions(self.bank, self.sample, rng)
    }

    pub(crate) fn weights(&self) -> &[f64] {
        self.sample.weights().unwrap_or_default()
    }

    /// Members from the shares that are filled in for each row: sums of `owned` in all, 0 where nothing is filled in. If
    /// these do not do, all members take a part of all rows alike.
    pub(crate) fn shared(&self, owned: usize, fill: impl Fn(usize, &mut [f64])) -> Result<Members<C>, Error> {
        let (k, rows) = (self.bank.count(), self.weights().len());
        let estimate = |alike: f64| {
            let (mut s, mut counts) = (self.bank.empty_statistics(), vec![0.0; k]);
            let of_all = alike * owned as f64 / (rows * k) as f64;
            observe_shares(self.bank, (self.block(), self.weights()), (&mut s, &mut counts), |n, shares| {
                shares.fill(0.0);
                fill(n, shares);
                shares.iter_mut().for_each(|share| *share = (1.0 - alike) * *share + of_all);
            });
            (self.estimate)(&s, &counts).map(|members| (counts, members))
        };
        let own = match estimate(0.0) {
            Ok(own) if !self.leaves_out(&own.1) => return Ok(own),
            Err(error) if !error.is_degenerate() => return Err(error),
            own => own,
        };
        match (own, estimate(ALIKE)) {
            (Ok(own), Err(_)) => Ok(own),
            // What has an end where its rows end, as a uniform distribution has, would end alike for all.
            (Ok(own), Ok(alike)) if self.has_equal(&alike.1) => Ok(own),
            (_, alike) => alike,
        }
    }

    /// Whether a member gives density 0 to a row that its family may have produced.
    fn leaves_out(&self, members: &C) -> bool {
        let k = members.count();
        (0..self.weights().len()).step_by(ROWS).any(|first| {
            let rows = ROWS.min(self.weights().len() - first);
            let mut tile = vec![0.0; k * rows];
            members.log_density_tile(C::Value::slice(self.block(), first..first + rows), &mut tile);
            tile.iter().enumerate().any(|(i, log)| {
                let x = C::Value::get(self.block(), first + i % rows);
                *log == f64::NEG_INFINITY && members.may_produce(x, i / rows)
            })
        })
    }

    /// Whether two members have the same density in every row.
    fn has_equal(&self, members: &C) -> bool {
        let mut pairs = Pairs::new(members.count());
        for n in 0..self.weights().len() {
            let x = C::Value::get(self.block(), n);
            pairs.see(&(0..members.count()).map(|z| members.log_density_given(x, z)).collect::<Vec<_>>());
            if pairs.all_apart() {
                return false;
            }
        }
        pairs.equal().next().is_some()
    }
}

/// Random shares of K members, of which mostly one has most: cubes of what is uniform on the simplex.
pub(crate) fn mostly_one(k: usize, rng: &mut dyn Rng) -> Vec<f64> {
    let mut shares: Vec<f64> = uniform_on_simplex(k, rng).into_iter().map(|share| share.powi(3)).collect();
    let total: f64 = shares.iter().sum();
    shares.iter_mut().for_each(|share| *share /= total);
    shares
}
