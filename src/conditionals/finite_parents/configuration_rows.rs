//! Rows grouped by the joint state of those finite parents that are shown; the others run over their states.

use std::borrow::Cow;

use super::configurations::Configurations;
use crate::conditionals::{FamilyRows, Member};

/// Rows in which the shown parents have the same states.
pub(crate) struct ConfigurationRows {
    /// Their numbers; `None` if they are all rows.
    pub(crate) rows: Option<Vec<usize>>,
    /// The configuration of all parents for each joint state of the hidden ones.
    pub(crate) configurations: Vec<usize>,
}

impl Configurations {
    /// The rows, grouped by the first so many parents; `None` if these are not this switch's, or have unknown states.
    pub(crate) fn groups(&self, rows: FamilyRows<'_>) -> Option<Vec<ConfigurationRows>> {
        let parents = rows.parents().get(..self.parents())?;
        let mut strides = vec![1; parents.len()];
        for v in (1..parents.len()).rev() {
            strides[v - 1] = strides[v] * self.states()[v];
        }
        let (mut hidden, mut shown) = (vec![0], None::<Vec<usize>>);
        for ((parent, &stride), &states) in parents.iter().zip(&strides).zip(self.states()) {
            match *parent {
                Member::Hidden(found) if found == states => {
                    hidden = hidden.iter().flat_map(|first| (0..states).map(move |z| first + z * stride)).collect();
                }
                Member::Shown(cells, 1) => {
                    let of_rows = shown.get_or_insert_with(|| vec![0; rows.len()]);
                    for (configuration, cell) in of_rows.iter_mut().zip(cells) {
                        let state = *cell as usize;
                        if state >= states || state as f64 != *cell {
                            return None;
                        }
                        *configuration += state * stride;
                    }
                }
                _ => return None,
            }
        }
        let Some(shown) = shown else { return Some(vec![ConfigurationRows { rows: None, configurations: hidden }]) };
        let mut numbers: Vec<usize> = (0..rows.len()).collect();
        numbers.sort_by_key(|&n| shown[n]);
        let group = |numbers: &[usize]| ConfigurationRows {
            rows: Some(numbers.to_vec()),
            configurations: hidden.iter().map(|z| z + shown[numbers[0]]).collect(),
        };
        Some(numbers.chunk_by(|&a, &b| shown[a] == shown[b]).map(group).collect())
    }
}

impl ConfigurationRows {
    /// The cells of these rows, so many to a row, one row after the other.
    pub(crate) fn gather(&self, cells: &[f64], width: usize) -> Option<Vec<f64>> {
        let rows = self.rows.as_ref()?;
        Some(rows.iter().flat_map(|&n| &cells[n * width..][..width]).copied().collect())
    }

    /// Fills the places of these rows in a tile `[configuration][row]` of all by what fills a tile of these alone.
    pub(crate) fn fill(&self, tile: &mut [f64], fill: impl FnOnce(&mut [f64])) {
        let Some(rows) = &self.rows else { return fill(tile) };
        let mut own = vec![0.0; self.configurations.len() * rows.len()];
        fill(&mut own);
        let all = tile.len() / self.configurations.len();
        for (own, line) in own.chunks_exact(rows.len()).zip(tile.chunks_exact_mut(all)) {
            rows.iter().zip(own).for_each(|(&n, l)| line[n] = *l);
        }
    }

    /// These rows of a tile.
    pub(crate) fn of_tile<'a>(&self, tile: &'a [f64]) -> Cow<'a, [f64]> {
        let Some(rows) = &self.rows else { return tile.into() };
        let lines = tile.chunks_exact(tile.len() / self.configurations.len());
        lines.flat_map(|line| rows.iter().map(|&n| line[n])).collect()
    }
}
