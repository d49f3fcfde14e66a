//! Values of several types, read from and written as f64 numbers.

use crate::numeric::whole_numbers;

/// A value of some type, read from and written as a number.
pub(crate) trait Number: Sized {
    /// `None` if the number is no value of this type: 1.5 or −1 as a count, 2 as a truth value.
    fn from_number(x: f64) -> Option<Self>;
    fn to_number(self) -> f64;

    /// The numbers of a block as values, if all of them are.
    fn from_numbers(block: &[f64]) -> Option<Vec<Self>> {
        block.iter().map(|x| Self::from_number(*x)).collect()
    }
}

impl Number for f64 {
    fn from_number(x: f64) -> Option<Self> {
        Some(x)
    }
    fn to_number(self) -> f64 {
        self
    }
}

impl Number for u64 {
    fn from_number(x: f64) -> Option<Self> {
        // What is negative, no number or not whole comes back as another number; 2⁶⁴ itself would saturate.
        let k = x as Self;
        (k as f64 == x && x < 2f64.powi(64)).then_some(k)
    }
    fn to_number(self) -> f64 {
        self as f64
    }
    fn from_numbers(block: &[f64]) -> Option<Vec<Self>> {
        small_numbers(block).or_else(|| block.iter().map(|x| Self::from_number(*x)).collect())
    }
}

impl Number for usize {
    fn from_number(x: f64) -> Option<Self> {
        u64::from_number(x).and_then(|k| Self::try_from(k).ok())
    }
    fn to_number(self) -> f64 {
        self as f64
    }
    fn from_numbers(block: &[f64]) -> Option<Vec<Self>> {
        u64::from_numbers(block)?.into_iter().map(|k| Self::try_from(k).ok()).collect()
    }
}

impl Number for bool {
    fn from_number(x: f64) -> Option<Self> {
        (x == 0.0 || x == 1.0).then_some(x == 1.0)
    }
    fn to_number(self) -> f64 {
        f64::from(u8::from(self))
    }
    fn from_numbers(block: &[f64]) -> Option<Vec<Self>> {
        let numbers = u64::from_numbers(block)?;
        numbers.iter().all(|k| *k < 2).then(|| numbers.iter().map(|k| *k == 1).collect())
    }
}

/// The numbers of a block, if all of them are whole and below 2³².
fn small_numbers(block: &[f64]) -> Option<Vec<u64>> {
    let (mut numbers, mut whole) = (vec![0; block.len()], true);
    whole_numbers(block, &mut numbers, &mut whole);
    whole.then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_its_numbers() {
        let few = [0.0, -0.0, 1.0, 3.0, 4_294_967_295.0];
        let many = [0.0, 4_294_967_296.0, 9e15, 2f64.powi(63)];
        for block in [&few[..], &many, &few[..2], &[], &[0.0, 1.0]] {
            fn one_by_one<T: Number>(block: &[f64]) -> Option<Vec<T>> {
                block.iter().map(|x| T::from_number(*x)).collect()
            }
            assert_eq!(u64::from_numbers(block), one_by_one(block));
            assert_eq!(usize::from_numbers(block), one_by_one(block));
            assert_eq!(bool::from_numbers(block), one_by_one(block));
        }
        assert_eq!(u64::from_numbers(&few), Some(vec![0, 0, 1, 3, 4_294_967_295]));
        for no_count in [0.5, -1.0, f64::NAN, f64::INFINITY, 2f64.powi(64), 2f64.powi(51) + 0.5] {
            assert_eq!(u64::from_numbers(&[1.0, no_count]), None, "{no_count}");
            assert_eq!(bool::from_numbers(&[1.0, no_count]), None, "{no_count}");
        }
    }
}
