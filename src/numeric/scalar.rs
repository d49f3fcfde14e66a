//! What data are made of: f32 or f64. Whatever is computed from them is f64.

use std::fmt::{Debug, Display};

/// A data scalar, `f32` or `f64`; sealed, so that kernels may be written for both.
pub trait Scalar: num_traits::Float + Debug + Display + Default + Send + Sync + sealed::Sealed + 'static {
    /// The value as f64, exactly.
    fn widen(self) -> f64;
    /// The value nearest to x.
    fn nearest(x: f64) -> Self;
    /// The values as f64: themselves, or copied into the buffer.
    fn widened<'a>(values: &'a [Self], buffer: &'a mut Vec<f64>) -> &'a [f64];
}

impl Scalar for f64 {
    fn widen(self) -> f64 {
        self
    }
    fn nearest(x: f64) -> Self {
        x
    }
    fn widened<'a>(values: &'a [f64], _: &'a mut Vec<f64>) -> &'a [f64] {
        values
    }
}

impl Scalar for f32 {
    fn widen(self) -> f64 {
        f64::from(self)
    }
    fn nearest(x: f64) -> Self {
        x as Self
    }
    fn widened<'a>(values: &'a [f32], buffer: &'a mut Vec<f64>) -> &'a [f64] {
        buffer.clear();
        buffer.extend(values.iter().map(|x| f64::from(*x)));
        buffer
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}
