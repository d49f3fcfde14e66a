//! A structure in the compact protocol of Thrift, walked before the decoder reads it: no collection may announce more
//! elements than there are bytes left, for the decoder loops over what is announced, and some elements need no byte.

/// No page header is longer: 16 MiB.
pub(super) const LONGEST: usize = 1 << 24;

/// So deep may structures be nested.
const DEPTH: usize = 32;

/// Why a structure cannot be walked to its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Stopped {
    /// It goes on beyond the bytes.
    Cut,
    Corrupt,
}

/// An integer in the structure, by the numbers of the fields that lead to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Integer {
    pub(super) field: [i64; 2],
    pub(super) value: i64,
}

/// A structure that was walked to its end.
#[derive(Debug, PartialEq)]
pub(super) struct Walked {
    /// Its bytes.
    pub(super) length: usize,
    /// The integers in it and in the structures that are its fields.
    pub(super) integers: Vec<Integer>,
}

/// Walks the structure that begins these bytes. `whole` says that no byte is to come: then a collection longer than the
/// bytes is corrupt.
pub(super) fn walk(bytes: &[u8], whole: bool) -> Result<Walked, Stopped> {
    let mut walk = Walk { bytes, at: 0, whole, found: Vec::new() };
    walk.structure(&[])?;
    Ok(Walked { length: walk.at, integers: walk.found })
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    whole: bool,
    found: Vec<Integer>,
}

impl Walk<'_> {
    fn byte(&mut self) -> Result<u8, Stopped> {
        let byte = *self.bytes.get(self.at).ok_or(Stopped::Cut)?;
        self.at += 1;
        Ok(byte)
    }

    fn unsigned(&mut self) -> Result<u64, Stopped> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Stopped::Corrupt)
    }

    fn signed(&mut self) -> Result<i64, Stopped> {
        let value = self.unsigned()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    /// How many elements of at least one byte may follow.
    fn count(&self, announced: u64) -> Result<u64, Stopped> {
        // Even if more bytes are to come, no collection of a page's header is longer.
        let room = if self.whole { self.bytes.len() - self.at } else { LONGEST };
        if announced <= room as u64 { Ok(announced) } else { Err(Stopped::Corrupt) }
    }

    fn structure(&mut self, path: &[i64]) -> Result<(), Stopped> {
        if path.len() > DEPTH {
            return Err(Stopped::Corrupt);
        }
        let mut path = path.to_vec();
        path.push(0);
        let last = path.len() - 1;
        loop {
            let head = self.byte()?;
            let (kind, step) = (head & 0xF, i64::from(head >> 4));
            if kind == 0 {
                return Ok(());
            }
            path[last] = if step == 0 { self.signed()? } else { path[last].wrapping_add(step) };
            // A truth value is in the kind of its field.
            if !matches!(kind, 1 | 2) {
                self.value(kind, &path)?;
            }
        }
    }

    fn value(&mut self, kind: u8, path: &[i64]) -> Result<(), Stopped> {
        match kind {
            1..=3 => _ = self.byte()?,
            4..=6 => {
                let value = self.signed()?;
                if let [field] | [field, _] = path {
                    let field = [*field, path.get(1).copied().unwrap_or(0)];
                    self.found.push(Integer { field, value });
                }
            }
            7 => self.skip(8)?,
            8 => {
                let length = self.unsigned()?;
                self.skip(length)?;
            }
            9 | 10 => {
                let head = self.byte()?;
                let announced = if head >> 4 == 15 { self.unsigned()? } else { u64::from(head >> 4) };
                let inner = deeper(path)?;
                for _ in 0..self.count(announced)? {
                    self.value(head & 0xF, &inner)?;
                }
            }
            11 => {
                let announced = self.unsigned()?;
                let kinds = if announced > 0 { self.byte()? } else { 0 };
                let inner = deeper(path)?;
                for _ in 0..self.count(announced)? {
                    self.value(kinds >> 4, &inner)?;
                    self.value(kinds & 0xF, &inner)?;
                }
            }
            12 => self.structure(path)?,
            13 => self.skip(16)?,
            _ => return Err(Stopped::Corrupt),
        }
        Ok(())
    }

    fn skip(&mut self, length: u64) -> Result<(), Stopped> {
        let left = self.bytes.len() - self.at;
        match usize::try_from(length) {
            Ok(length) if length <= left => {
                self.at += length;
                Ok(())
            }
            Ok(length) if length <= LONGEST && !self.whole => Err(Stopped::Cut),
            _ => Err(if self.whole { Stopped::Cut } else { Stopped::Corrupt }),
        }
    }
}

/// A path of one step more, which no integer that is asked for has.
fn deeper(path: &[i64]) -> Result<Vec<i64>, Stopped> {
    if path.len() > DEPTH {
        return Err(Stopped::Corrupt);
    }
    Ok([path, &[-1, -1]].concat())
}

#[cfg(test)]
mod tests {
    use super::{Integer, Stopped, walk};

    #[test]
    fn a_page_header_is_walked() {
        // Fields 1, 2 and 3, and 1 within 5.
        let header = [0x15, 0x00, 0x15, 0x20, 0x15, 0x22, 0x2C, 0x15, 0x14, 0x00, 0x00];
        let found = walk(&header, true).unwrap();
        let of = |a: i64, b: i64, value| Integer { field: [a, b], value };
        assert_eq!(found.length, header.len());
        assert_eq!(found.integers, [of(1, 0, 0), of(2, 0, 16), of(3, 0, 17), of(5, 1, 10)]);
        for end in 0..header.len() {
            assert_eq!(walk(&header[..end], false), Err(Stopped::Cut), "{end}");
        }
    }

    #[test]
    fn elements_that_need_no_byte_are_not_believed() {
        // A list of 2³¹ − 1 truth values.
        let list = [0x19, 0xF1, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0x00];
        assert_eq!(walk(&list, true), Err(Stopped::Corrupt));
        assert_eq!(walk(&list, false), Err(Stopped::Corrupt));
    }

    #[test]
    fn nesting_has_a_limit() {
        assert_eq!(walk(&[0x1C; 1000], true), Err(Stopped::Corrupt));
        assert_eq!(walk(&[0x19; 1000], true), Err(Stopped::Corrupt));
    }
}
