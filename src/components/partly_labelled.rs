//! `PartlyLabelled`: p(x, label | z) = p(x | z) where the label allows z, else 0.

use std::borrow::Borrow;
use std::fmt::Debug;

use rand::{Rng, seq::index::sample as some_of};

use crate::data::{InMemory, Observation, Sample};
use crate::distributions::{Doubt, Guarantee, Parametric};
use crate::error::Error;

use super::bank::{OWN_ROWS, POOLED, check_count, observe_shares};
use super::{Components, Label, SampleGiven, Space};

/// A bank whose values come with a [`Label`]: which of the states each may be of.
///
/// A mixture or a chain of it climbs the likelihood of (x, z ∈ allowed): ℓ = Σ w ln Σ_{z allowed} p(x, z), so that a row of
/// a known component counts for that one alone, in the proportions (or transitions) too. Starts respect labels: what is
/// known seeds its components. So the number of a component is the one that its labels say.
///
/// Three kinds of iris, five flowers of each known by name, one more known not to be of the first kind:
/// ```
/// use marginal::components::{Gaussians, Label, PartlyLabelled};
/// use marginal::prelude::*;
///
/// let iris = Table::read_csv("data/iris.csv")?; // 50 of each kind, one after the other
/// let known = |n: usize| if n % 50 < 5 { Label::Is(n / 50) } else { Label::Unknown };
/// let mut labels: Vec<Label> = (0..150).map(known).collect();
/// labels[149] = Label::NoneOf(vec![0]);
/// let bank = PartlyLabelled::new(Gaussians::new(vec![MultivariateNormal::standard(4); 3])?);
/// let flowers = bank.label(&iris, &labels)?;
///
/// let model = Mixture::of(bank)?;
/// let fit = Em::default().restarts(10).starts([StartKind::Clusters, StartKind::Seeds]).fit(&model, &flowers)?;
/// let kinds = fit.parameters.labels(&flowers)?;
/// assert_eq!((0..150).filter(|&n| kinds[n] != n / 50).count(), 5); // numbered as the labels number them
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PartlyLabelled<C>(C);

/// A value as its owner holds it.
type Owned<C> = <<C as Components>::Value as ToOwned>::Owned;
/// Values side by side.
type Buffer<C> = <<C as Components>::Value as Observation>::Buffer;

impl<C: Components> PartlyLabelled<C> {
    /// The same members, of values with labels.
    pub fn new(members: C) -> Self {
        Self(members)
    }

    /// The members: a bank of values without labels.
    pub fn members(&self) -> &C {
        &self.0
    }

    /// The members, taken out.
    pub fn into_members(self) -> C {
        self.0
    }

    /// Data with one label each. [`Weighted`](crate::data::Weighted) adds weights to what is returned.
    ///
    /// # Errors
    /// [`Error::Dimension`] if there are not as many labels as data; [`Error::Label`] for a label
    /// that names no state, or leaves none.
    pub fn label<T>(&self, data: &T, labels: &[Label]) -> Result<Vec<(Owned<C>, Label)>, Error>
    where
        T: InMemory<C::Value> + ?Sized,
    {
        let (block, found) = (data.block(), labels.len());
        let expected = C::Value::len(block);
        if found != expected {
            return Err(Error::Dimension { what: "the labels", expected, found });
        }
        labels.iter().enumerate().try_for_each(|(row, label)| label.check(self.0.count(), row))?;
        Ok(labels.iter().enumerate().map(|(n, label)| (C::Value::get(block, n).to_owned(), label.clone())).collect())
    }

    /// The values without their labels, side by side; `None` if they are rows of several lengths, which have no place in
    /// one block.
    fn values(&self, block: &[(Owned<C>, Label)]) -> Option<Buffer<C>> {
        let expected = self.0.space().row_length.or_else(|| block.first()?.0.borrow().length());
        let mut buffer = Buffer::<C>::default();
        for (x, _) in block {
            let x: &C::Value = x.borrow();
            if x.length() != expected && x.length().is_some() {
                return None;
            }
            C::Value::push(&mut buffer, x);
        }
        Some(buffer)
    }

    /// Whether label and z go together; a label that is none goes with no z.
    fn allows(&self, label: &Label, z: usize) -> bool {
        *label == Label::Unknown || (label.allows(z) && label.check(self.0.count(), 0).is_ok())
    }
}

impl<C: Components> Components for PartlyLabelled<C>
where
    Owned<C>: Clone + Debug + Send + Sync,
{
    type Value = (Owned<C>, Label);
    type Statistics = C::Statistics;

    fn count(&self) -> usize {
        self.0.count()
    }

    fn log_density_given(&self, (x, label): &Self::Value, z: usize) -> f64 {
        if self.allows(label, z) { self.0.log_density_given(x.borrow(), z) } else { f64::NEG_INFINITY }
    }

    fn empty_statistics(&self) -> C::Statistics {
        self.0.empty_statistics()
    }

    fn observe_given(&self, s: &mut C::Statistics, (x, _): &Self::Value, z: usize, weight: f64) {
        self.0.observe_given(s, x.borrow(), z, weight);
    }

    fn estimate_together(&self, s: &C::Statistics, seen: &[bool]) -> Result<Self, Error> {
        self.0.estimate_together(s, seen).map(Self)
    }

    fn expected_log_densities(&self, s: &C::Statistics) -> f64 {
        self.0.expected_log_densities(s)
    }

    fn log_density_tile(&self, block: &[Self::Value], tile: &mut [f64]) {
        let rows = block.len().max(1);
        let Some(values) = self.values(block) else {
            for (i, log) in tile.iter_mut().enumerate() {
                *log = self.log_density_given(&block[i % rows], i / rows);
            }
            return;
        };
        self.0.log_density_tile(C::Value::block(&values), tile);
        for (n, (_, label)) in block.iter().enumerate().filter(|(_, (_, label))| *label != Label::Unknown) {
            let excluded = |z: &usize| !self.allows(label, *z);
            (0..self.0.count()).filter(excluded).for_each(|z| tile[z * rows + n] = f64::NEG_INFINITY);
        }
    }

    fn observe_tile(&self, s: &mut C::Statistics, block: &[Self::Value], weights: &[f64]) {
        if let Some(values) = self.values(block) {
            return self.0.observe_tile(s, C::Value::block(&values), weights);
        }
        for (i, weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
            self.observe_given(s, &block[i % block.len()], i / block.len(), *weight);
        }
    }

    fn log_prior_density(&self) -> Option<f64> {
        self.0.log_prior_density()
    }

    fn joint_guarantee(&self) -> Guarantee {
        self.0.joint_guarantee()
    }

    fn resolution_given(&self, z: usize) -> f64 {
        self.0.resolution_given(z)
    }

    fn doubts(&self, s: &C::Statistics, rows: &[f64]) -> Vec<Doubt> {
        self.0.doubts(s, rows)
    }

    fn degrees_of_freedom(&self) -> Option<usize> {
        self.0.degrees_of_freedom()
    }

    fn space(&self) -> Space {
        self.0.space()
    }

    fn numbers_of(&self, (x, _): &Self::Value) -> Option<Vec<f64>> {
        self.0.numbers_of(x.borrow())
    }

    fn may_produce(&self, (x, label): &Self::Value, z: usize) -> bool {
        self.allows(label, z) && self.0.may_produce(x.borrow(), z)
    }

    fn at_start(&self, sample: &Sample<Self::Value>) -> Result<Self, Error> {
        let mut values = Sample::default();
        for ((x, _), &weight) in sample.block().iter().zip(sample.weights().unwrap_or_default()) {
            let x: &C::Value = x.borrow();
            if x.length() == self.0.space().row_length || x.length().is_none() {
                values.push(x, weight);
            }
        }
        self.0.at_start(&values).map(Self)
    }

    fn label_of<'a>(&self, (_, label): &'a Self::Value) -> Option<&'a Label> {
        Some(label).filter(|label| **label != Label::Unknown)
    }

    fn draws_of(&self, (x, _): &Self::Value) -> usize {
        self.0.draws_of(x.borrow())
    }

    fn refusal_of(&self, (x, label): &Self::Value, row: usize) -> Option<Error> {
        if let Err(error) = label.check(self.0.count(), row) {
            return Some(error);
        }
        let x: &C::Value = x.borrow();
        match (self.0.space().row_length, x.length()) {
            (Some(expected), Some(found)) if expected != found => {
                let source = Box::new(Error::Dimension { what: "a row", expected, found });
                Some(Error::AtRow { row, source })
            }
            _ => self.0.refusal_of(x, row),
        }
    }

    fn check_start(&self, start: &Self) -> Result<(), Error> {
        check_count(self, start)?;
        self.0.check_start(&start.0)
    }

    /// A member with rows that are surely its own starts from these, any other from some random rows that it may have
    /// produced; all take an equal part of all rows beside.
    fn random_members(&self, sample: &Sample<Self::Value>, rng: &mut dyn Rng) -> Result<(Vec<f64>, Self), Error> {
        let (block, weights, k) = (sample.block(), sample.weights().unwrap_or_default(), self.count());
        let only = |n: usize| {
            let mut allowed = (0..k).filter(|z| self.may_produce(&block[n], *z));
            let first = self.label_of(&block[n]).and_then(|_| allowed.next())?;
            allowed.next().is_none().then_some(first)
        };
        let mut owners: Vec<Option<usize>> = (0..weights.len()).map(only).collect();
        let known: Vec<bool> = (0..k).map(|z| owners.contains(&Some(z))).collect();
        let mut left = vec![OWN_ROWS; k];
        for n in some_of(rng, weights.len(), weights.len()) {
            let wants = |z: &usize| !known[*z] && left[*z] > 0 && self.may_produce(&block[n], *z);
            if let Some(z) = (0..k).filter(wants).max_by_key(|z| left[*z]).filter(|_| owners[n].is_none()) {
                owners[n] = Some(z);
                left[z] -= 1;
            }
        }
        let own = owners.iter().flatten().count();
        let pooled = POOLED * own as f64 / (weights.len() * k) as f64;
        let (mut s, mut counts) = (self.empty_statistics(), vec![0.0; k]);
        observe_shares(self, (block, weights), (&mut s, &mut counts), |n, shares| {
            shares.fill(pooled);
            owners[n].into_iter().for_each(|z| shares[z] += 1.0);
        });
        Ok((counts, self.estimate_together(&s, &vec![true; k])?))
    }
}

/// A draw, and that it is of z.
impl<C: SampleGiven> SampleGiven for PartlyLabelled<C>
where
    Owned<C>: Clone + Debug + Send + Sync,
{
    fn sample_given(&self, z: usize, rng: &mut dyn Rng) -> Self::Value {
        (self.0.sample_given(z, rng), Label::Is(z))
    }
}

impl<'a, C> PartlyLabelled<C>
where
    C: 'a,
    &'a C: IntoIterator,
{
    /// The members, one by one.
    pub fn iter(&'a self) -> <&'a C as IntoIterator>::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, C> IntoIterator for &'a PartlyLabelled<C>
where
    C: 'a,
    &'a C: IntoIterator,
{
    type Item = <&'a C as IntoIterator>::Item;
    type IntoIter = <&'a C as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The coordinates of the members.
impl<C: Parametric> Parametric for PartlyLabelled<C> {
    fn to_vector(&self) -> Vec<f64> {
        self.0.to_vector()
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        self.0.from_vector(coordinates).map(Self)
    }
}
