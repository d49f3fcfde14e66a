//! How a value lies in a row of f64 cells, so that nodes of many types share one table.

use std::fmt::Debug;

use crate::data::{Observation, Rows, Table};
use crate::numeric::{all_finite, whole_numbers};

/// A value that a node of a graph can take, as one or several cells of a row of numbers; NaN marks a missing value.
///
/// `f64`, `u64`, rows `[f64]`, tuples and every [`Finite`] type are values: a type of yours needs [`Finite`] only.
/// Law: what [`with_cells`](Self::with_cells) writes [`from_cells`](Self::from_cells) reads back.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of a node",
    note = "bool, usize, u64, f64, [f64] and tuples of them can; for an enum implement `Finite` (three lines)"
)]
pub trait Value: Observation + 'static {
    /// How many states the type has; `None` if it does not say.
    const STATES: Option<usize> = None;
    /// How many cells it fills; `None` for rows, whose length the distribution knows.
    const CELLS: Option<usize> = Some(1);
    /// Whether any cells without NaN, as many as there must be, hold a value: what a kernel need not look at.
    const ANY_NUMBERS: bool = false;

    /// Shows the value as cells.
    fn with_cells<R>(&self, read: impl FnOnce(&[f64]) -> R) -> R;

    /// Reads a value from cells; `None` if no value lies there.
    fn from_cells<R>(cells: &[f64], read: impl FnOnce(&Self) -> R) -> Option<R>;

    /// The values of N rows of so many cells side by side; `None` if some row holds no value.
    fn block_from_cells<'a>(
        cells: &'a [f64],
        (rows, width): (usize, usize),
        buffer: &'a mut Self::Buffer,
    ) -> Option<Self::Block<'a>> {
        *buffer = Self::Buffer::default();
        for n in 0..rows {
            Self::from_cells(&cells[n * width..][..width], |x| Self::push(buffer, x))?;
        }
        Some(Self::block(buffer))
    }
}

/// A type of finitely many values, numbered 0, 1, …; the number is its cell.
///
/// ```
/// use marginal::conditionals::{ConditionalTable, Finite};
///
/// #[derive(Clone, Copy, Debug, PartialEq)]
/// enum Weather { Sun, Cloud, Rain }
///
/// impl Finite for Weather {
///     const STATES: Option<usize> = Some(3);
///     fn index(&self) -> usize { *self as usize }
///     fn from_index(index: usize) -> Option<Self> { [Self::Sun, Self::Cloud, Self::Rain].get(index).copied() }
/// }
/// let tomorrow: ConditionalTable<Weather, Weather> =
///     ConditionalTable::new([[0.7, 0.2, 0.1], [0.3, 0.4, 0.3], [0.2, 0.4, 0.4]])?;
/// assert_eq!(tomorrow.probability(&Weather::Rain, &Weather::Cloud), 0.3);
/// # Ok::<(), marginal::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not take finitely many values",
    label = "not finite",
    note = "bool and usize do; for an enum of yours implement `Finite`: its number of states, and value ⇄ index",
    note = "below a real parent use `LinearGaussian`, `LogisticRegression` or `given(|x: &f64| …)`"
)]
pub trait Finite: Clone + Debug + Send + Sync + 'static {
    /// How many values there are; `None` if it depends on the distribution, as for `usize`.
    const STATES: Option<usize>;
    /// The value's number, below the number of states.
    fn index(&self) -> usize;
    /// The value of that number.
    fn from_index(index: usize) -> Option<Self>;
}

/// What a node's values are: how many cells they fill, and how many states they have if these are finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Domain {
    /// Cells of one value.
    pub cells: usize,
    /// States, if finite.
    pub states: Option<usize>,
}

impl Finite for bool {
    const STATES: Option<usize> = Some(2);
    fn index(&self) -> usize {
        usize::from(*self)
    }
    fn from_index(index: usize) -> Option<Self> {
        [false, true].get(index).copied()
    }
}

impl Finite for usize {
    const STATES: Option<usize> = None;
    fn index(&self) -> usize {
        *self
    }
    fn from_index(index: usize) -> Option<Self> {
        Some(index)
    }
}

/// Integers below this are f64 exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A cell that holds a number 0, 1, 2, …
fn whole(cells: &[f64]) -> Option<u64> {
    match cells {
        &[cell] if (0.0..EXACT).contains(&cell) && cell.fract() == 0.0 => Some(cell as u64),
        _ => None,
    }
}

impl<T: Finite> Value for T {
    const STATES: Option<usize> = T::STATES;

    fn with_cells<R>(&self, read: impl FnOnce(&[f64]) -> R) -> R {
        read(&[self.index() as f64])
    }
    fn from_cells<R>(cells: &[f64], read: impl FnOnce(&Self) -> R) -> Option<R> {
        T::from_index(whole(cells)? as usize).map(|x| read(&x))
    }
}

impl Value for u64 {
    fn with_cells<R>(&self, read: impl FnOnce(&[f64]) -> R) -> R {
        read(&[*self as f64])
    }
    fn from_cells<R>(cells: &[f64], read: impl FnOnce(&Self) -> R) -> Option<R> {
        whole(cells).map(|x| read(&x))
    }

    fn block_from_cells<'a>(
        cells: &'a [f64],
        (rows, width): (usize, usize),
        buffer: &'a mut Vec<u64>,
    ) -> Option<&'a [u64]> {
        if width != 1 {
            return None;
        }
        buffer.resize(rows, 0);
        let mut all_small = true;
        whole_numbers(&cells[..rows], buffer, &mut all_small);
        if !all_small {
            for (count, cell) in buffer.iter_mut().zip(cells.chunks(1)) {
                *count = whole(cell)?;
            }
        }
        Some(buffer)
    }
}

impl Value for f64 {
    const ANY_NUMBERS: bool = true;

    fn with_cells<R>(&self, read: impl FnOnce(&[f64]) -> R) -> R {
        read(&[*self])
    }
    fn from_cells<R>(cells: &[f64], read: impl FnOnce(&Self) -> R) -> Option<R> {
        match cells {
            [x] if !x.is_nan() => Some(read(x)),
            _ => None,
        }
    }

    fn block_from_cells<'a>(cells: &'a [f64], (rows, width): (usize, usize), _: &'a mut Vec<f64>) -> Option<&'a [f64]> {
        (width == 1 && !any_nan(&cells[..rows])).then(|| &cells[..rows])
    }
}

impl Value for [f64] {
    const CELLS: Option<usize> = None;
    const ANY_NUMBERS: bool = true;

    fn with_cells<R>(&self, read: impl FnOnce(&[f64]) -> R) -> R {
        read(self)
    }
    fn from_cells<R>(cells: &[f64], read: impl FnOnce(&Self) -> R) -> Option<R> {
        (!cells.iter().any(|x| x.is_nan())).then(|| read(cells))
    }

    fn block_from_cells<'a>(
        cells: &'a [f64],
        (rows, width): (usize, usize),
        _: &'a mut Table<f64>,
    ) -> Option<Rows<'a, f64>> {
        let cells = &cells[..rows * width];
        Rows::new(cells, width).ok().filter(|_| !any_nan(cells))
    }
}

fn any_nan(cells: &[f64]) -> bool {
    !all_finite(cells) && cells.iter().any(|x| x.is_nan())
}

/// The labels of several parents of one type, as many as the graph says.
impl Value for [usize] {
    const CELLS: Option<usize> = None;

    fn with_cells<R>(&self, read: impl FnOnce(&[f64]) -> R) -> R {
        let mut cells = Buffer::default();
        self.iter().for_each(|&label| cells.push(label as f64));
        read(cells.as_slice())
    }
    fn from_cells<R>(cells: &[f64], read: impl FnOnce(&Self) -> R) -> Option<R> {
        let mut labels = Buffer::default();
        for cell in cells {
            labels.push(whole(std::slice::from_ref(cell))? as usize);
        }
        Some(read(labels.as_slice()))
    }
}

/// No parents.
impl Value for () {
    const CELLS: Option<usize> = Some(0);

    fn with_cells<R>(&self, read: impl FnOnce(&[f64]) -> R) -> R {
        read(&[])
    }
    fn from_cells<R>(cells: &[f64], read: impl FnOnce(&Self) -> R) -> Option<R> {
        cells.is_empty().then(|| read(&()))
    }
}

/// A few numbers on the stack; a row that is longer goes to the heap.
#[derive(Default)]
struct Buffer<T> {
    few: [T; 8],
    len: usize,
    many: Vec<T>,
}

impl<T: Copy + Default> Buffer<T> {
    fn push(&mut self, x: T) {
        if self.len < self.few.len() {
            self.few[self.len] = x;
        } else {
            if self.many.is_empty() {
                self.many.extend_from_slice(&self.few);
            }
            self.many.push(x);
        }
        self.len += 1;
    }

    fn as_slice(&self) -> &[T] {
        if self.many.is_empty() { &self.few[..self.len] } else { &self.many }
    }
}

macro_rules! tuples {
    ($($name:ident $index:tt),+) => {
        impl<$($name: Value + Clone),+> Value for ($($name,)+) {
            const CELLS: Option<usize> = Some(0 $(+ width::<$name>())+);
            const ANY_NUMBERS: bool = true $(&& $name::ANY_NUMBERS)+;

            fn with_cells<R>(&self, read: impl FnOnce(&[f64]) -> R) -> R {
                let mut cells = Buffer::default();
                $(self.$index.with_cells(|part| part.iter().for_each(|&cell| cells.push(cell)));)+
                read(cells.as_slice())
            }
            fn from_cells<R>(cells: &[f64], read: impl FnOnce(&Self) -> R) -> Option<R> {
                let mut rest = cells;
                let value = ($({
                    let (part, after) = rest.split_at_checked(width::<$name>())?;
                    rest = after;
                    $name::from_cells(part, Clone::clone)?
                },)+);
                rest.is_empty().then(|| read(&value))
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

/// The cells of a part of a tuple; parts are sized, so their type says it.
const fn width<T: Value>() -> usize {
    match T::CELLS {
        Some(cells) => cells,
        None => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back<T: Value + ?Sized>(x: &T) -> Option<T::Owned> {
        x.with_cells(|cells| T::from_cells(cells, ToOwned::to_owned))
    }

    #[test]
    fn what_is_written_is_read_back() {
        assert_eq!(there_and_back(&true), Some(true));
        assert_eq!(there_and_back(&7usize), Some(7));
        assert_eq!(there_and_back(&-0.5), Some(-0.5));
        assert_eq!(there_and_back(&[1.0, 2.0][..]), Some(vec![1.0, 2.0]));
        assert_eq!(there_and_back(&(3u64, false, 2.5)), Some((3, false, 2.5)));
        let labels: Vec<usize> = (0..20).collect();
        assert_eq!(there_and_back(&labels[..]), Some(labels.clone()));
    }

    #[test]
    fn cells_that_hold_no_value_are_refused() {
        for cell in [0.5, 2.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(bool::from_cells(&[cell], |x| *x), None, "{cell}");
        }
        assert_eq!(u64::from_cells(&[1e300], |x| *x), None);
        assert_eq!(f64::from_cells(&[f64::NAN], |x| *x), None);
        assert_eq!(<(bool, f64)>::from_cells(&[1.0, 2.0, 3.0], |x| *x), None);
    }
}
