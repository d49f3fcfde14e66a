//! In which rows of a block a node is shown.

use crate::numeric::tables::shown_cells::see_shown;

/// In which rows something holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Presence {
    All,
    None,
    Some(Vec<bool>),
}

impl Presence {
    pub(crate) fn of(rows: Vec<bool>) -> Self {
        match rows.iter().filter(|row| **row).count() {
            count if count == rows.len() => Self::All,
            0 => Self::None,
            _ => Self::Some(rows),
        }
    }

    /// In which rows of so many cells not all are NaN.
    pub(crate) fn of_rows(cells: &[f64], width: usize) -> Self {
        let mut shown = vec![false; cells.len()];
        see_shown(cells, &mut shown);
        Self::of(if width == 1 {
            shown
        } else {
            shown.chunks_exact(width.max(1)).map(|own| own.contains(&true)).collect()
        })
    }

    pub(crate) fn get(&self, n: usize) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Some(rows) => rows[n],
        }
    }

    pub(crate) fn or(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::None, some) | (some, Self::None) => some.clone(),
            (Self::Some(a), Self::Some(b)) => Self::of(a.iter().zip(b).map(|(a, b)| *a || *b).collect()),
        }
    }

    pub(crate) fn not(&self) -> Self {
        match self {
            Self::All => Self::None,
            Self::None => Self::All,
            Self::Some(rows) => Self::Some(rows.iter().map(|row| !row).collect()),
        }
    }

    pub(crate) fn and(&self, other: &Self) -> Self {
        self.not().or(&other.not()).not()
    }
}
