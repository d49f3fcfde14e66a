//! The joint states of finite parents, counted row-major: the first parent is the slowest.

use crate::error::Error;

use crate::conditionals::{Domain, Finite, Value};

/// Parents of finitely many joint states: nothing, one [`Finite`] value, a tuple of them, or labels `[usize]`.
#[diagnostic::on_unimplemented(
    message = "parents of type `{Self}` do not take finitely many values",
    label = "these parents are not finite",
    note = "a table or a switch needs parents that are bool, usize, a `Finite` type of yours, or a tuple of them",
    note = "for real parents use `LinearGaussian`, `LogisticRegression` or `given(|x: &f64| …)`"
)]
pub trait FiniteParents: Value {
    /// The number of states of each parent, where its type says it; `None` if not even their number is known.
    fn states_of_each() -> Option<Vec<Option<usize>>>;
}

impl FiniteParents for () {
    fn states_of_each() -> Option<Vec<Option<usize>>> {
        Some(Vec::new())
    }
}

impl<T: Finite> FiniteParents for T {
    fn states_of_each() -> Option<Vec<Option<usize>>> {
        Some(vec![T::STATES])
    }
}

impl FiniteParents for [usize] {
    fn states_of_each() -> Option<Vec<Option<usize>>> {
        None
    }
}

macro_rules! tuples {
    ($($name:ident),+) => {
        impl<$($name: Finite),+> FiniteParents for ($($name,)+) {
            fn states_of_each() -> Option<Vec<Option<usize>>> {
                Some(vec![$($name::STATES),+])
            }
        }
    };
}
tuples!(A);
tuples!(A, B);
tuples!(A, B, C);
tuples!(A, B, C, D);
tuples!(A, B, C, D, E);
tuples!(A, B, C, D, E, F);

/// How many states each parent has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Configurations {
    states: Vec<usize>,
}

impl Configurations {
    /// Given the number of states of each parent, checked against what their types say and against the rows.
    pub(crate) fn new<G: FiniteParents + ?Sized>(states: &[usize], rows: usize) -> Result<Self, Error> {
        let mismatch = |what, expected, found| Err(Error::Dimension { what, expected, found });
        if let Some(known) = G::states_of_each() {
            if known.len() != states.len() {
                return mismatch("the list of parents' states", known.len(), states.len());
            }
            for (&found, expected) in states.iter().zip(known) {
                if expected.is_some_and(|expected| expected != found) {
                    return mismatch("a parent's list of states", expected.unwrap_or(0), found);
                }
            }
        }
        let count = states.iter().try_fold(1usize, |product, &k| product.checked_mul(k)).unwrap_or(usize::MAX);
        if rows != count || rows == 0 {
            return mismatch("the list of rows, one for each joint state of the parents,", count.max(1), rows);
        }
        Ok(Self { states: states.to_vec() })
    }

    /// The numbers of states that the types leave open, from the number of rows.
    pub(crate) fn inferred<G: FiniteParents + ?Sized>(rows: usize) -> Result<Self, Error> {
        let what = "the list of parents' states (give it with `over`)";
        let Some(known) = G::states_of_each() else {
            return Err(Error::Dimension { what, expected: 1, found: 0 });
        };
        if known.iter().filter(|states| states.is_none()).count() > 1 {
            return Err(Error::Dimension { what, expected: known.len(), found: 0 });
        }
        let product: usize = known.iter().flatten().product();
        let states: Vec<usize> = known.iter().map(|states| states.unwrap_or(rows / product.max(1))).collect();
        Self::new::<G>(&states, rows)
    }

    /// Which row belongs to these parents; `None` if a parent lies outside its states.
    pub(crate) fn row<G: FiniteParents + ?Sized>(&self, given: &G) -> Option<usize> {
        given.with_cells(|cells| {
            if cells.len() != self.states.len() {
                return None;
            }
            cells.iter().zip(&self.states).try_fold(0, |row, (&cell, &states)| {
                let state = cell as usize;
                (state < states).then_some(row * states + state)
            })
        })
    }

    /// How many states each has.
    pub(crate) fn states(&self) -> &[usize] {
        &self.states
    }

    /// How many joint states there are.
    pub(crate) fn count(&self) -> usize {
        self.states.iter().product()
    }

    /// How many parents there are.
    pub(crate) fn parents(&self) -> usize {
        self.states.len()
    }

    /// Whether a graph's parents have these numbers of states.
    pub(crate) fn admits(&self, parents: &[Domain]) -> Result<(), Error> {
        if parents.len() != self.states.len() {
            let (expected, found) = (parents.len(), self.states.len());
            return Err(Error::Dimension { what: "the list of parents' states", expected, found });
        }
        for (parent, &found) in parents.iter().zip(&self.states) {
            if let Some(expected) = parent.states.filter(|&expected| expected != found) {
                return Err(Error::Dimension { what: "the list of rows for one parent", expected, found });
            }
        }
        Ok(())
    }
}
