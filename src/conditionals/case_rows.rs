//! Rows of cells in which x and its parents y lie side by side: what a kernel of p(x | y) sees.

use crate::data::Rows;

use super::Value;

/// N rows of cells; those of x begin at the column `response`, the others, in their order, are y's.
#[derive(Clone, Copy, Debug)]
pub struct CaseRows<'a> {
    rows: Rows<'a, f64>,
    response: usize,
    width: usize,
}

impl<'a> CaseRows<'a> {
    /// Rows in which x fills `width` cells from the column `response` on.
    pub fn new(rows: Rows<'a, f64>, response: usize, width: usize) -> Self {
        Self { rows, response, width }
    }

    /// N.
    pub fn len(self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(self) -> bool {
        self.rows.is_empty()
    }

    /// The number of cells of a row.
    pub fn columns(self) -> usize {
        self.rows.columns()
    }

    /// Shows some of the rows alone.
    pub(super) fn of_rows(self, numbers: &[usize], see: impl FnOnce(CaseRows<'_>)) {
        let values: Vec<f64> = numbers.iter().flat_map(|&n| self.rows.row(n)).copied().collect();
        if let Ok(rows) = Rows::new(&values, self.columns()) {
            see(CaseRows { rows, response: self.response, width: self.width });
        }
    }

    /// f of x and y of the n-th row; `None` if its cells hold no such values.
    pub fn read<X: Value + ?Sized, Y: Value + ?Sized, R>(self, n: usize, f: impl FnOnce(&X, &Y) -> R) -> Option<R> {
        let (before, rest) = self.rows.row(n).split_at_checked(self.response)?;
        let (x, after) = rest.split_at_checked(self.width)?;
        let read = |y: &[f64]| Y::from_cells(y, |y| X::from_cells(x, |x| f(x, y))).flatten();
        match (before, after) {
            (y, []) | ([], y) => read(y),
            _ => read(&[before, after].concat()),
        }
    }

    /// The values row-major, those of x last.
    pub(super) fn response_last(self) -> std::borrow::Cow<'a, [f64]> {
        let values = self.rows.values();
        if self.response + self.width == self.columns() {
            return values.into();
        }
        let mut last = Vec::with_capacity(values.len());
        for row in self.rows.iter() {
            let (before, rest) = row.split_at(self.response.min(row.len()));
            let (x, after) = rest.split_at(self.width.min(rest.len()));
            [before, after, x].iter().for_each(|part| last.extend_from_slice(part));
        }
        last.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_response_may_stand_anywhere() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        for (response, x, y) in [(0, 4.0, [5.0, 6.0]), (1, 5.0, [4.0, 6.0]), (2, 6.0, [4.0, 5.0])] {
            let rows = CaseRows::new(Rows::new(&values, 3).unwrap(), response, 1);
            let read = rows.read(1, |x: &f64, y: &[f64]| (*x, y.to_vec()));
            assert_eq!(read, Some((x, y.to_vec())));
            assert_eq!(rows.response_last()[3..], [y[0], y[1], x]);
        }
        let beyond = CaseRows::new(Rows::new(&values, 3).unwrap(), 3, 1);
        assert_eq!(beyond.read(0, |_: &f64, _: &[f64]| ()), None);
        let count = CaseRows::new(Rows::new(&[0.5, 1.5], 2).unwrap(), 1, 1);
        assert_eq!(count.read(0, |_: &u64, _: &f64| ()), None, "1.5 is no count");
    }
}
