//! Statistics: sums over independent observations, T̄ = Σ_n w_n T(x_n). They merge, and they scale.

/// A sum over independent observations: what an E-step fills and an M-step reads.
///
/// Laws: merging is associative and commutative up to round-off, the empty statistics change nothing on either side,
/// and scaling by c is what observing with weights c·w would have given. Numbers, arrays, vectors and tuples of
/// statistics are statistics, so most models need no type of their own:
///
/// ```
/// use marginal::data::Statistics;
/// let mut a = (2.0, [1.0, 3.0]);
/// a.merge(&(1.0, [0.5, 0.5]));
/// assert_eq!(a, (3.0, [1.5, 3.5]));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not `Statistics`: it must say how two of them merge and how one scales",
    note = "f64, [f64; N], Vec<S> and tuples of statistics are ready made; otherwise implement `merge` and `scale`"
)]
pub trait Statistics: Clone + Send + Sync {
    /// Adds what another part of the data gave.
    fn merge(&mut self, other: &Self);
    /// Multiplies every weight that went in by `factor`.
    fn scale(&mut self, factor: f64);
    /// Whether the sums are linear in weights of either sign: S scaled by −1 and merged takes away what S added, as far
    /// as weights stay positive in the end. Then [`Em`](crate::em::Em) may
    /// [extrapolate](crate::em::Acceleration::Extrapolation) them. Numbers and sums of numbers are. Rows that are kept,
    /// extremes and roots are not, and must say so.
    fn extrapolates(&self) -> bool {
        true
    }
    /// Becomes `empty`, statistics of the same shape; to keep its memory spares the allocation of large ones.
    fn reset(&mut self, empty: &Self) {
        self.clone_from(empty);
    }
}

impl Statistics for f64 {
    fn merge(&mut self, other: &Self) {
        *self += other;
    }
    fn scale(&mut self, factor: f64) {
        *self *= factor;
    }
}

impl<S: Statistics, const N: usize> Statistics for [S; N] {
    fn merge(&mut self, other: &Self) {
        self.iter_mut().zip(other).for_each(|(a, b)| a.merge(b));
    }
    fn scale(&mut self, factor: f64) {
        self.iter_mut().for_each(|a| a.scale(factor));
    }
    fn extrapolates(&self) -> bool {
        self.iter().all(S::extrapolates)
    }
    fn reset(&mut self, empty: &Self) {
        self.iter_mut().zip(empty).for_each(|(a, b)| a.reset(b));
    }
}

/// One after the other; both sides must have the same length.
impl<S: Statistics> Statistics for Vec<S> {
    fn merge(&mut self, other: &Self) {
        debug_assert_eq!(self.len(), other.len(), "statistics of different shapes were merged");
        self.iter_mut().zip(other).for_each(|(a, b)| a.merge(b));
    }
    fn scale(&mut self, factor: f64) {
        self.iter_mut().for_each(|a| a.scale(factor));
    }
    fn extrapolates(&self) -> bool {
        self.iter().all(S::extrapolates)
    }
    fn reset(&mut self, empty: &Self) {
        debug_assert_eq!(self.len(), empty.len(), "statistics of another shape were reset");
        self.iter_mut().zip(empty).for_each(|(a, b)| a.reset(b));
    }
}

macro_rules! tuples {
    ($($name:ident $index:tt),+) => {
        impl<$($name: Statistics),+> Statistics for ($($name,)+) {
            fn merge(&mut self, other: &Self) {
                $(self.$index.merge(&other.$index);)+
            }
            fn scale(&mut self, factor: f64) {
                $(self.$index.scale(factor);)+
            }
            fn extrapolates(&self) -> bool {
                $(self.$index.extrapolates())&&+
            }
            fn reset(&mut self, empty: &Self) {
                $(self.$index.reset(&empty.$index);)+
            }
        }
    };
}
tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);
tuples!(A 0, B 1, C 2, D 3, E 4);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5);

/// The observations themselves with their weights: the statistics of a model that has no finite ones.
///
/// Merging appends; its size grows with the data.
#[derive(Clone, Debug, PartialEq)]
pub struct Bag<T>(pub Vec<(T, f64)>);

impl<T> Default for Bag<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Clone + Send + Sync> Statistics for Bag<T> {
    fn merge(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }
    fn scale(&mut self, factor: f64) {
        self.0.iter_mut().for_each(|(_, w)| *w *= factor);
    }
    fn extrapolates(&self) -> bool {
        false
    }
}

/// What was found row by row, in the order of the rows: merging appends, weights play no part.
#[derive(Clone, Debug, PartialEq)]
pub struct Gathered<T>(pub Vec<T>);

impl<T> Default for Gathered<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Clone + Send + Sync> Statistics for Gathered<T> {
    fn merge(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }
    fn scale(&mut self, _: f64) {}
    fn extrapolates(&self) -> bool {
        false
    }
}
