//! Which line of a file a row came from, and what was assumed where the file leaves it open.

/// The line of each row. Row n stands in line n + c; kept are the rows where c changes, after blank lines and line breaks
/// within cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    runs: Vec<(usize, u64)>,
    rows: usize,
    assumed: Vec<String>,
}

impl Lines {
    /// Appends the line of the next row.
    pub(crate) fn push(&mut self, line: u64) {
        if self.rows == 0 || self.of(self.rows) != line {
            self.runs.push((self.rows, line));
        }
        self.rows += 1;
    }

    /// The line of a row, both as people count them: rows from 0, lines from 1.
    pub fn of(&self, row: usize) -> u64 {
        let run = self.runs.partition_point(|(first, _)| *first <= row).saturating_sub(1);
        self.runs.get(run).map_or(row as u64 + 1, |(first, line)| line + (row - first) as u64)
    }

    /// What the reader assumed where the file leaves it open, such as that its first row is no header: a sentence each,
    /// with the option that says otherwise.
    pub fn assumed(&self) -> &[String] {
        &self.assumed
    }

    pub(crate) fn assume(&mut self, sentence: String) {
        self.assumed.push(sentence);
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn blank_lines_shift_the_rows_after_them() {
        let mut lines = Lines::default();
        [2, 3, 6, 7, 9].into_iter().for_each(|line| lines.push(line));
        assert_eq!((0..5).map(|row| lines.of(row)).collect::<Vec<_>>(), [2, 3, 6, 7, 9]);
        assert_eq!(lines.runs.len(), 3);
    }
}
