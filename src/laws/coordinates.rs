//! What the kit can do to an observation of a type that it knows: nudge it, shift it, count with it.

use std::any::Any;
use std::borrow::Borrow;

use crate::data::Observation;

/// Observations whose type lives for ever, which is all that the laws ask of them.
///
/// Nobody implements it. Numbers (`f64`, `f32`), rows of them and pairs have real coordinates; `u64`, `u32`, `usize` and `bool` are
/// counts; any other type has neither, and laws that need them do not apply to it.
pub trait Coordinates: Observation {
    /// Its real coordinates.
    fn coordinates(&self) -> Option<Vec<f64>>;
    /// The observation with these coordinates.
    fn at(coordinates: &[f64]) -> Option<Self::Owned>;
    /// The observation that is the k-th count.
    fn counted(k: u64) -> Option<Self::Owned>;
    /// Which count it is.
    fn count(&self) -> Option<u64>;
}

impl<O: Observation + ?Sized> Coordinates for O
where
    O::Owned: 'static,
{
    fn coordinates(&self) -> Option<Vec<f64>> {
        let owned = self.to_owned();
        let x: &dyn Any = &owned;
        x.downcast_ref::<f64>()
            .map(|x| vec![*x])
            .or_else(|| x.downcast_ref::<f32>().map(|x| vec![f64::from(*x)]))
            .or_else(|| x.downcast_ref::<(f64, f64)>().map(|x| vec![x.0, x.1]))
            .or_else(|| x.downcast_ref::<Vec<f32>>().map(|x| x.iter().map(|x| f64::from(*x)).collect()))
            .or_else(|| x.downcast_ref::<Vec<f64>>().cloned())
    }

    fn at(coordinates: &[f64]) -> Option<O::Owned> {
        match *coordinates {
            [x] => owned(x).or_else(|| owned(x as f32)),
            [x, y] => owned((x, y)),
            _ => None,
        }
        .or_else(|| owned(coordinates.to_vec()))
        .or_else(|| owned(coordinates.iter().map(|x| *x as f32).collect::<Vec<f32>>()))
    }

    fn counted(k: u64) -> Option<O::Owned> {
        owned(k)
            .or_else(|| u32::try_from(k).ok().and_then(owned))
            .or_else(|| usize::try_from(k).ok().and_then(owned))
            .or_else(|| if k < 2 { owned(k == 1) } else { None })
    }

    fn count(&self) -> Option<u64> {
        let owned = self.to_owned();
        let x: &dyn Any = &owned;
        x.downcast_ref::<u64>()
            .copied()
            .or_else(|| x.downcast_ref::<u32>().map(|k| u64::from(*k)))
            .or_else(|| x.downcast_ref::<usize>().map(|k| *k as u64))
            .or_else(|| x.downcast_ref::<bool>().map(|k| u64::from(*k)))
    }
}

/// The value as `T`, if that is its type.
fn owned<T: 'static>(x: impl Any) -> Option<T> {
    let x: Box<dyn Any> = Box::new(x);
    x.downcast::<T>().ok().map(|x| *x)
}

/// f of the observation with these coordinates.
pub(super) fn of_point<O: Coordinates + ?Sized, R>(coordinates: &[f64], f: impl FnOnce(&O) -> R) -> Option<R> {
    O::at(coordinates).map(|x| f(x.borrow()))
}

/// f of the observation that is the k-th count.
pub(super) fn of_count<O: Coordinates + ?Sized, R>(k: u64, f: impl FnOnce(&O) -> R) -> Option<R> {
    O::counted(k).map(|x| f(x.borrow()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_types_are_taken_apart_and_put_together() {
        assert_eq!(2.5f64.coordinates(), Some(vec![2.5]));
        assert_eq!([1.0f64, 2.0][..].coordinates(), Some(vec![1.0, 2.0]));
        assert_eq!(<[f64]>::at(&[1.0, 2.0]), Some(vec![1.0, 2.0]));
        assert_eq!(<[f64]>::at(&[1.0]), Some(vec![1.0]));
        assert_eq!(<(f64, f64)>::at(&[1.0, 2.0]), Some((1.0, 2.0)));
        assert_eq!((bool::counted(1), bool::counted(2), u64::counted(7)), (Some(true), None, Some(7)));
        assert_eq!((usize::at(&[1.0]), 3usize.count(), "a".to_owned().count()), (None, Some(3), None));
    }
}
