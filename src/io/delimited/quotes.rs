//! Quotation marks of a CSV file: a cell that opens one, goes over a line break, and goes on after closing it has swallowed
//! the end of its row, for the mark was meant to close long before.

/// Where a byte stands.
#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    CellStart,
    Bare,
    /// Within quotation marks, and whether a line break is in them.
    Quoted(bool),
    /// After a quotation mark within them: it closes, or the next one makes it a letter.
    Closed(bool),
}

/// Follows the cells of a file from buffer to buffer.
#[derive(Debug)]
pub(crate) struct Quotes {
    delimiter: u8,
    at: At,
    /// The lines before this one, and the line in which the last quotation mark opened.
    lines: u64,
    opened: u64,
}

impl Quotes {
    pub(crate) fn new(delimiter: u8, lines: u64) -> Self {
        Self { delimiter, at: At::CellStart, lines, opened: 0 }
    }

    /// Follows some bytes, or tells the line of a quotation mark that closes too late.
    pub(crate) fn follow(&mut self, bytes: &[u8]) -> Result<(), u64> {
        // Most files have no quotation mark.
        let outside = matches!(self.at, At::CellStart | At::Bare);
        if outside && !bytes.contains(&b'"') {
            #[allow(clippy::naive_bytecount, reason = "the compiler counts them many at a time")]
            let breaks = bytes.iter().filter(|b| **b == b'\n').count();
            self.lines += breaks as u64;
            if let Some(last) = bytes.last() {
                self.at = if *last == b'\n' || *last == self.delimiter { At::CellStart } else { At::Bare };
            }
            return Ok(());
        }
        for &byte in bytes {
            self.lines += u64::from(byte == b'\n');
            let ends = byte == b'\n' || byte == self.delimiter;
            self.at = match (self.at, byte) {
                (At::CellStart, b'"') => {
                    self.opened = self.lines + 1;
                    At::Quoted(false)
                }
                (At::Quoted(broken), b'"') => At::Closed(broken),
                (At::Quoted(broken), _) => At::Quoted(broken || byte == b'\n'),
                (At::Closed(broken), b'"') => At::Quoted(broken),
                (At::Closed(_) | At::CellStart | At::Bare, _) if ends => At::CellStart,
                (At::Closed(broken), b' ' | b'\r' | b'\t') => At::Closed(broken),
                (At::Closed(true), _) => return Err(self.opened),
                _ => At::Bare,
            };
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Quotes;

    #[test]
    fn a_mark_that_closes_in_another_row_is_told_with_its_line() {
        let of = |text: &str, piece: usize| {
            let mut quotes = Quotes::new(b',', 0);
            text.as_bytes().chunks(piece).try_for_each(|bytes| quotes.follow(bytes))
        };
        for piece in [1, 3, 100] {
            assert_eq!(of("a,b\n\"x,1\n\"y\",2\n", piece), Err(2));
            assert_eq!(of("a,b\n1,\"x\"\"\ny\" \n3,\"z\"w\nu,5\" pipe\n", piece), Ok(()));
        }
    }
}
