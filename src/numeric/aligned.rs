//! Numbers that begin where a cache line does: no register's load touches two lines.

use std::ops::{Deref, DerefMut};

/// Bytes of a cache line, and of a register of AVX-512.
const LINE: usize = 64;

/// A buffer of numbers that begins at a cache line.
#[derive(Debug)]
pub struct Aligned {
    values: Vec<f64>,
    first: usize,
    len: usize,
}

impl Aligned {
    /// So many zeros.
    pub fn zeros(len: usize) -> Self {
        let values = if len == 0 { Vec::new() } else { vec![0.0f64; len + LINE / size_of::<f64>()] };
        // Where alignment cannot be told, any place is as good.
        let first = values.as_ptr().align_offset(LINE).min(values.len() - len);
        Self { values, first, len }
    }
}

impl Deref for Aligned {
    type Target = [f64];
    fn deref(&self) -> &[f64] {
        &self.values[self.first..][..self.len]
    }
}

impl DerefMut for Aligned {
    fn deref_mut(&mut self) -> &mut [f64] {
        &mut self.values[self.first..][..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_of_every_length_begin_at_a_line() {
        for len in [1, 7, 64, 1000, 100_000] {
            let mut buffer = Aligned::zeros(len);
            assert_eq!((buffer.len(), buffer.as_ptr() as usize % LINE), (len, 0));
            buffer.fill(1.0);
            assert_eq!(buffer.iter().sum::<f64>(), len as f64);
        }
    }
}
