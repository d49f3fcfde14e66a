//! Rows of the values of one node and its parents, some of them hidden: what a kernel of p(x | y) in a graph sees.
//!
//! Hidden members are finite. Together they run over their joint states, counted row-major: x first, then the parents in
//! their order, the first of them the slowest.

use crate::data::Rows;

use super::{CaseRows, Value};

/// A node, or one of its parents, in a block of rows.
#[derive(Clone, Copy, Debug)]
pub enum Member<'a> {
    /// Its cells in each row, one row after the other, and how many there are in a row.
    Shown(&'a [f64], usize),
    /// One cell that is not observed, and how many states it has.
    Hidden(usize),
}

/// A node x with its parents y in N rows.
#[derive(Clone, Copy, Debug)]
pub struct FamilyRows<'a> {
    rows: usize,
    x: Member<'a>,
    parents: &'a [Member<'a>],
}

impl<'a> FamilyRows<'a> {
    /// N rows of a node and its parents.
    pub fn new(rows: usize, x: Member<'a>, parents: &'a [Member<'a>]) -> Self {
        Self { rows, x, parents }
    }

    /// N.
    pub fn len(self) -> usize {
        self.rows
    }

    /// Whether there is no row.
    pub fn is_empty(self) -> bool {
        self.rows == 0
    }

    /// How many joint states the hidden members have.
    pub fn states(self) -> usize {
        self.x.states() * self.parents.iter().map(|parent| parent.states()).product::<usize>()
    }

    /// x.
    pub fn node(self) -> Member<'a> {
        self.x
    }

    /// The parents, in their order.
    pub fn parents(self) -> &'a [Member<'a>] {
        self.parents
    }

    /// Shows (n, joint state, x, y) of every row and joint state whose cells hold an x and a y. What does not vary with
    /// the joint state is read once a row.
    pub fn each<X: Value + ?Sized, Y: Value + ?Sized>(self, mut see: impl FnMut(usize, usize, &X, &Y)) {
        let (mut x, mut y) = (Cells::new(&[]), Cells::new(self.parents));
        let of_x = [self.x];
        x.members = &of_x;
        for n in 0..self.rows {
            x.read(n);
            y.read(n);
            let (of_x, of_y) = (x.states(), y.states());
            if of_x == 1 && !self.x.is_hidden() {
                X::from_cells(&x.cells, |x| {
                    for state in 0..of_y {
                        y.set(state);
                        Y::from_cells(&y.cells, |y| see(n, state, x, y));
                    }
                });
            } else {
                for state in 0..of_y {
                    y.set(state);
                    Y::from_cells(&y.cells, |y| {
                        for own in 0..of_x {
                            x.set(own);
                            X::from_cells(&x.cells, |x| see(n, own * of_y + state, x, y));
                        }
                    });
                }
            }
        }
    }

    /// The values of x side by side; `None` if it is hidden, or some row holds no value.
    pub(super) fn values<'b, X: Value + ?Sized>(self, buffer: &'b mut X::Buffer) -> Option<X::Block<'b>>
    where
        'a: 'b,
    {
        match self.x {
            Member::Shown(cells, width) => X::block_from_cells(cells, (self.rows, width), buffer),
            Member::Hidden(_) => None,
        }
    }

    /// Shows the rows with the parents from the `first` on beside x; `None` if one of these is hidden.
    pub(super) fn with_cases<R>(self, first: usize, see: impl FnOnce(CaseRows<'_>) -> R) -> Option<R> {
        let members = self.parents.get(first..)?.iter().chain([&self.x]);
        let shown: Option<Vec<(&[f64], usize)>> = members
            .map(|member| match member {
                Member::Shown(cells, width) => Some((*cells, *width)),
                Member::Hidden(_) => None,
            })
            .collect();
        let (shown, width) = (shown?, self.x.width());
        let columns = shown.iter().map(|(_, width)| width).sum();
        let mut cells = Vec::with_capacity(self.rows * columns);
        for n in 0..self.rows {
            shown.iter().for_each(|(of_member, width)| cells.extend_from_slice(&of_member[n * width..][..*width]));
        }
        Some(see(CaseRows::new(Rows::new(&cells, columns).ok()?, columns - width, width)))
    }
}

impl Member<'_> {
    fn states(self) -> usize {
        match self {
            Self::Shown(..) => 1,
            Self::Hidden(states) => states,
        }
    }

    /// How many cells it has in a row.
    pub fn width(self) -> usize {
        match self {
            Self::Shown(_, width) => width,
            Self::Hidden(_) => 1,
        }
    }

    /// Whether it is hidden.
    pub fn is_hidden(self) -> bool {
        matches!(self, Self::Hidden(_))
    }
}

/// The cells of one row of some members at one joint state.
struct Cells<'a> {
    members: &'a [Member<'a>],
    cells: Vec<f64>,
}

impl<'a> Cells<'a> {
    fn new(members: &'a [Member<'a>]) -> Self {
        Self { members, cells: Vec::new() }
    }

    fn states(&self) -> usize {
        self.members.iter().map(|member| member.states()).product()
    }

    fn read(&mut self, n: usize) {
        self.cells.clear();
        for member in self.members {
            match member {
                Member::Shown(cells, width) => self.cells.extend_from_slice(&cells[n * width..][..*width]),
                Member::Hidden(_) => self.cells.push(0.0),
            }
        }
    }

    fn set(&mut self, mut state: usize) {
        let mut place = self.cells.len();
        for member in self.members.iter().rev() {
            match member {
                Member::Shown(_, width) => place -= width,
                Member::Hidden(states) => {
                    place -= 1;
                    self.cells[place] = (state % states) as f64;
                    state /= states;
                }
            }
        }
    }
}
