//! Numbers that begin where a cache line does: no register's load touches two lines.
//!
//! The memory of a buffer is kept for the next ones of its thread: an allocator may give it back to the system, and a
//! page that is asked for anew costs as much as the work of a kernel on it.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

/// Bytes of a cache line, and of a register of AVX-512.
const LINE: usize = 64;

/// How many buffers a thread keeps, and how many numbers the largest of them holds.
const KEPT: usize = 16;
const LARGEST: usize = 1 << 17;

thread_local! {
    static SPARES: RefCell<Vec<Vec<f64>>> = const { RefCell::new(Vec::new()) };
}

/// A buffer of numbers that begins at a cache line.
#[derive(Debug)]
pub(crate) struct Aligned {
    values: Vec<f64>,
    first: usize,
    len: usize,
}

impl Aligned {
    /// So many zeros.
    pub(crate) fn zeros(len: usize) -> Self {
        if len == 0 {
            return Self { values: Vec::new(), first: 0, len };
        }
        let room = len + LINE / size_of::<f64>();
        let values = match spare(room) {
            Some(mut values) => {
                values.clear();
                values.resize(room, 0.0);
                values
            }
            None => vec![0.0; room],
        };
        // Where alignment cannot be told, any place is as good.
        let first = values.as_ptr().align_offset(LINE).min(room - len);
        Self { values, first, len }
    }
}

/// The smallest of this thread's spare buffers with so much room.
fn spare(room: usize) -> Option<Vec<f64>> {
    SPARES.with_borrow_mut(|spares| {
        let fitting = (0..spares.len()).filter(|&i| spares[i].capacity() >= room);
        fitting.min_by_key(|&i| spares[i].capacity()).map(|i| spares.swap_remove(i))
    })
}

impl Drop for Aligned {
    fn drop(&mut self) {
        if (1..=LARGEST).contains(&self.values.capacity()) {
            let values = std::mem::take(&mut self.values);
            // At the end of a thread there is nothing to keep it for.
            let _ = SPARES.try_with(|spares| {
                let spares = &mut spares.borrow_mut();
                if spares.len() < KEPT {
                    spares.push(values);
                }
            });
        }
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

    #[test]
    fn memory_that_serves_again_holds_zeros() {
        for len in [100, 30, 90, 100, 7] {
            let mut buffers = [Aligned::zeros(len), Aligned::zeros(2 * len)];
            assert!(buffers.iter().all(|buffer| buffer.iter().all(|x| x.to_bits() == 0)));
            buffers.iter_mut().for_each(|buffer| buffer.fill(f64::NAN));
        }
    }
}
