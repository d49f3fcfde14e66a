//! What the kit can do to an observation: nudge and shift its real numbers, enumerate its counts.

use num_traits::ToPrimitive;

use crate::components::Label;
use crate::data::{Observation, Table};

/// The numbers in an observation, each kind in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// Real numbers: they have a density, and round-off.
    pub reals: Vec<f64>,
    /// Counts and categories: they have a mass, and are exact.
    pub counts: Vec<u64>,
}

impl Parts {
    /// The numbers in `x`.
    pub fn of<O: Coordinates + ?Sized>(x: &O) -> Self {
        let mut parts = Self::default();
        x.give(&mut parts);
        parts
    }

    /// The observation made of exactly these numbers.
    pub fn assemble<O: Coordinates + ?Sized>(&self) -> Option<O::Owned> {
        let mut rest = Rest { reals: &self.reals, counts: &self.counts };
        O::take(&mut rest).filter(|_| rest.is_empty())
    }

    /// The same, of the kind of `x`.
    pub(super) fn assemble_like<O: Coordinates + ?Sized>(&self, x: &O) -> Option<O::Owned> {
        let mut rest = Rest { reals: &self.reals, counts: &self.counts };
        x.like(&mut rest).filter(|_| rest.is_empty())
    }
}

/// The parts of an observation that are still to be put together.
#[derive(Clone, Copy, Debug)]
pub struct Rest<'a> {
    reals: &'a [f64],
    counts: &'a [u64],
}

impl Rest<'_> {
    fn real(&mut self) -> Option<f64> {
        let (first, rest) = self.reals.split_first()?;
        self.reals = rest;
        Some(*first)
    }

    fn count(&mut self) -> Option<u64> {
        let (first, rest) = self.counts.split_first()?;
        self.counts = rest;
        Some(*first)
    }

    fn is_empty(&self) -> bool {
        self.reals.is_empty() && self.counts.is_empty()
    }
}

/// An observation whose numbers the kit can take out and put back.
///
/// Numbers, truth values, rows, tables, arrays, options and tuples of them have it. For a type of your own an empty
/// implementation is enough: then no law can move its observations, and those that must do not apply. With both methods
/// every law can:
/// ```
/// use marginal::laws::{Coordinates, Parts, Rest};
///
/// #[derive(Clone, Debug, PartialEq)]
/// struct Lifetime { years: f64, censored: bool }
///
/// impl Coordinates for Lifetime {
///     fn give(&self, parts: &mut Parts) {
///         self.years.give(parts);
///         self.censored.give(parts);
///     }
///     fn take(rest: &mut Rest<'_>) -> Option<Self> {
///         Some(Self { years: f64::take(rest)?, censored: bool::take(rest)? })
///     }
/// }
/// let lifetime = Lifetime { years: 2.5, censored: true };
/// assert_eq!(Parts::of(&lifetime), Parts { reals: vec![2.5], counts: vec![1] });
/// assert_eq!(Parts::of(&lifetime).assemble::<Lifetime>(), Some(lifetime));
/// ```
#[diagnostic::on_unimplemented(
    message = "the kit of laws does not know the observations of type `{Self}`",
    note = "`impl marginal::laws::Coordinates for {Self} {{}}` is enough; its two methods let more laws apply"
)]
pub trait Coordinates: Observation {
    /// Appends the numbers in it.
    fn give(&self, _parts: &mut Parts) {}

    /// An observation of the next numbers, in the order in which [`give`](Self::give) appends them; `None` if they are
    /// too few or no such observation exists.
    fn take(_rest: &mut Rest<'_>) -> Option<Self::Owned> {
        None
    }

    /// The same of an observation of the kind of this one, where the type does not tell of what kind it is.
    fn like(&self, rest: &mut Rest<'_>) -> Option<Self::Owned> {
        Self::take(rest)
    }
}

macro_rules! real {
    ($($number:ty),+) => {$(
        impl Coordinates for $number {
            fn give(&self, parts: &mut Parts) {
                parts.reals.push(f64::from(*self));
            }
            fn take(rest: &mut Rest<'_>) -> Option<Self> {
                rest.real().map(|x| x as Self)
            }
        }
    )+};
}
real!(f64, f32);

macro_rules! count {
    ($($number:ty),+) => {$(
        impl Coordinates for $number {
            fn give(&self, parts: &mut Parts) {
                parts.counts.extend(self.to_u64());
            }
            fn take(rest: &mut Rest<'_>) -> Option<Self> {
                rest.count().and_then(|k| Self::try_from(k).ok())
            }
        }
    )+};
}
count!(u8, u16, u32, u64, usize);

impl Coordinates for bool {
    fn give(&self, parts: &mut Parts) {
        u8::from(*self).give(parts);
    }
    fn take(rest: &mut Rest<'_>) -> Option<Self> {
        rest.count().filter(|k| *k < 2).map(|k| k == 1)
    }
}

impl Coordinates for () {
    fn take(_: &mut Rest<'_>) -> Option<Self> {
        Some(())
    }
}

/// Absence is the count 0, presence the count 1 and what follows.
impl<T: Coordinates + ToOwned<Owned = T> + Clone> Coordinates for Option<T> {
    fn give(&self, parts: &mut Parts) {
        self.is_some().give(parts);
        self.iter().for_each(|x| x.give(parts));
    }
    fn take(rest: &mut Rest<'_>) -> Option<Self> {
        if bool::take(rest)? { T::take(rest).map(Some) } else { Some(None) }
    }
}

/// As many as there are numbers left.
fn take_all<T: Coordinates + ToOwned<Owned = T>>(rest: &mut Rest<'_>) -> Option<Vec<T>> {
    let mut all = Vec::new();
    while !rest.is_empty() {
        all.push(T::take(rest)?);
    }
    Some(all)
}

impl<T: Coordinates + ToOwned<Owned = T> + Clone> Coordinates for [T] {
    fn give(&self, parts: &mut Parts) {
        self.iter().for_each(|x| x.give(parts));
    }
    fn take(rest: &mut Rest<'_>) -> Option<Vec<T>> {
        take_all(rest)
    }
}

impl<T: Coordinates + ToOwned<Owned = T> + Clone> Coordinates for Vec<T> {
    fn give(&self, parts: &mut Parts) {
        self.iter().for_each(|x| x.give(parts));
    }
    fn take(rest: &mut Rest<'_>) -> Option<Self> {
        take_all(rest)
    }
}

impl<T: Coordinates + ToOwned<Owned = T> + Clone, const N: usize> Coordinates for [T; N] {
    fn give(&self, parts: &mut Parts) {
        self.iter().for_each(|x| x.give(parts));
    }
    fn take(rest: &mut Rest<'_>) -> Option<Self> {
        (0..N).map(|_| T::take(rest)).collect::<Option<Vec<T>>>()?.try_into().ok()
    }
}

/// The count of its columns, and what its rows hold; the columns that are put together have no names of their own.
impl<T: Coordinates + ToOwned<Owned = T> + Clone> Coordinates for Table<T> {
    fn give(&self, parts: &mut Parts) {
        self.columns().give(parts);
        self.rows().values().give(parts);
    }
    fn take(rest: &mut Rest<'_>) -> Option<Self> {
        match usize::take(rest)? {
            0 => rest.is_empty().then(Self::default),
            columns => Self::from_values(take_all(rest)?, columns).ok(),
        }
    }
}

/// What is known is no number: no law moves it.
impl Coordinates for Label {}

macro_rules! tuples {
    ($($name:ident $index:tt),+) => {
        impl<$($name: Coordinates + ToOwned<Owned = $name> + Clone),+> Coordinates for ($($name,)+) {
            fn give(&self, parts: &mut Parts) {
                $(self.$index.give(parts);)+
            }
            fn take(rest: &mut Rest<'_>) -> Option<Self> {
                Some(($($name::take(rest)?,)+))
            }
        }
    };
}
tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn observations_are_taken_apart_and_put_together() {
        fn both_ways<O: Coordinates<Owned: PartialEq> + ?Sized>(x: &O, reals: &[f64], counts: &[u64]) {
            let parts = Parts { reals: reals.to_vec(), counts: counts.to_vec() };
            assert_eq!(Parts::of(x), parts);
            assert!(parts.assemble::<O>() == Some(x.to_owned()));
        }
        both_ways(&2.5f64, &[2.5], &[]);
        both_ways(&[1.0f32, 2.0][..], &[1.0, 2.0], &[]);
        both_ways(&(1.5f64, 7u64, true), &[1.5], &[7, 1]);
        both_ways(&[3u64, 0, 4][..], &[], &[3, 0, 4]);
        both_ways(&(Some(0.5f64), None::<f64>), &[0.5], &[1, 0]);
        both_ways(&[[1.0f64, 2.0], [3.0, 4.0]], &[1.0, 2.0, 3.0, 4.0], &[]);
        both_ways(&Table::from_values(vec![1.0, 2.0, 3.0, 4.0], 2).unwrap(), &[1.0, 2.0, 3.0, 4.0], &[2]);
        both_ways(&Table::<f64>::default(), &[], &[0]);
    }

    #[test]
    fn numbers_too_few_or_too_many_or_of_the_wrong_kind_make_nothing() {
        let parts = |reals: &[f64], counts: &[u64]| Parts { reals: reals.to_vec(), counts: counts.to_vec() };
        assert_eq!(parts(&[1.0, 2.0], &[]).assemble::<f64>(), None);
        assert_eq!(parts(&[], &[1]).assemble::<f64>(), None);
        assert_eq!(parts(&[], &[2]).assemble::<bool>(), None);
        assert_eq!(parts(&[1.0], &[]).assemble::<(f64, f64)>(), None);
    }
}
