//! The cells of a clique that can be positive at all, as a list; the others are neither stored nor visited.
//!
//! A cell is listed by its place in its block, in two bytes; where it lies in a table is the offset of its block plus the
//! offset of its place, and both lists of offsets are short enough to stay in the nearest cache.

use std::ops::Range;

use super::blocks::before_block;

/// How far a table moves with the blocks of a clique, and with the places in a block.
#[derive(Clone, Debug)]
pub(crate) struct Offsets {
    high: Vec<u32>,
    low: Vec<u32>,
}

impl Offsets {
    /// `strides` says for each variable of the clique how far its next state is in the table; 0 outside it.
    pub(crate) fn new(shape: &[usize], strides: &[usize]) -> Self {
        let first = before_block(shape);
        Self { high: sums(&shape[..first], &strides[..first]), low: sums(&shape[first..], &strides[first..]) }
    }

    /// The entries of a table to which the cells of a block belong, if all are stored.
    #[inline]
    pub(crate) fn of_block(&self, block: usize) -> impl Iterator<Item = usize> {
        let high = self.high[block];
        self.low.iter().map(move |low| (high + low) as usize)
    }
}

/// Σ digit · stride for all digits, the last the fastest.
fn sums(shape: &[usize], strides: &[usize]) -> Vec<u32> {
    let with = |list: Vec<u32>, (&states, &stride): (&usize, &usize)| {
        list.iter().flat_map(|at| (0..states).map(move |state| at + (state * stride) as u32)).collect()
    };
    shape.iter().zip(strides).fold(vec![0], with)
}

/// The cells that are listed.
#[derive(Clone, Debug)]
pub(crate) struct Support {
    width: usize,
    /// Where the list of each block begins, and where the last ends.
    starts: Vec<usize>,
    places: Vec<u16>,
}

impl Support {
    /// The cells at which no table of flags, each with its offsets, says no.
    pub(crate) fn of(shape: &[usize], flags: &[(Offsets, &[bool])]) -> Self {
        let first = before_block(shape);
        let (blocks, width) = (shape[..first].iter().product::<usize>(), shape[first..].iter().product::<usize>());
        // A table that says yes everywhere needs no look, one without variables of the block just one a block.
        let asked = flags.iter().filter(|(_, flags)| flags.contains(&false));
        let (by_place, by_block): (Vec<_>, Vec<_>) = asked.partition(|(offsets, _)| offsets.low.iter().any(|&l| l > 0));
        let (mut starts, mut places) = (vec![0], Vec::new());
        let (mut open, mut listed) = (vec![true; width], vec![0u16; width]);
        for block in 0..blocks {
            if by_block.iter().all(|(offsets, flags)| flags[offsets.high[block] as usize]) {
                open.fill(true);
                for (offsets, flags) in &by_place {
                    let flags = &flags[offsets.high[block] as usize..];
                    open.iter_mut().zip(&offsets.low).for_each(|(open, &low)| *open &= flags[low as usize]);
                }
                let mut count = 0;
                for (place, &open) in open.iter().enumerate() {
                    listed[count] = place as u16;
                    count += usize::from(open);
                }
                places.extend_from_slice(&listed[..count]);
            }
            starts.push(places.len());
        }
        Self { width, starts, places }
    }

    /// How many cells are listed.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// The memory of the list.
    pub(crate) fn bytes(&self) -> f64 {
        2.0 * self.places.len() as f64 + 8.0 * self.starts.len() as f64
    }

    /// Strikes out the cells at which the flags say no.
    pub(crate) fn retain(&mut self, offsets: &Offsets, flags: &[bool]) {
        let mut kept = 0;
        for block in 0..self.starts.len() - 1 {
            let (start, end) = (self.starts[block], self.starts[block + 1]);
            self.starts[block] = kept;
            for number in start..end {
                let place = self.places[number];
                self.places[kept] = place;
                kept += usize::from(flags[(offsets.high[block] + offsets.low[usize::from(place)]) as usize]);
            }
        }
        if let Some(end) = self.starts.last_mut() {
            *end = kept;
        }
        self.places.truncate(kept);
        self.places.shrink_to_fit();
    }

    /// The entries of a table to which a listed cell belongs.
    pub(crate) fn mark(&self, offsets: &Offsets, flags: &mut [bool]) {
        (0..self.blocks()).for_each(|block| self.entries(offsets, block).for_each(|entry| flags[entry] = true));
    }

    /// The cells that are listed of a block.
    pub(crate) fn block(&self, block: usize) -> Range<usize> {
        self.starts[block]..self.starts[block + 1]
    }

    /// How many blocks there are.
    pub(crate) fn blocks(&self) -> usize {
        self.starts.len() - 1
    }

    /// The entries of a table to which the listed cells of a block belong, in order.
    #[inline]
    pub(crate) fn entries(&self, offsets: &Offsets, block: usize) -> impl Iterator<Item = usize> {
        let high = offsets.high[block];
        self.places[self.block(block)].iter().map(move |&place| (high + offsets.low[usize::from(place)]) as usize)
    }

    /// Which of the list lie in one of the equal parts, of so many cells each, into which the first variables cut all.
    pub(crate) fn part(&self, part: usize, cells: usize) -> Range<usize> {
        if cells >= self.width {
            let blocks = cells / self.width;
            return self.starts[part * blocks]..self.starts[(part + 1) * blocks];
        }
        let (block, first) = (part * cells / self.width, part * cells % self.width);
        let of_block = &self.places[self.starts[block]..self.starts[block + 1]];
        let before = |cell: usize| self.starts[block] + of_block.partition_point(|&place| usize::from(place) < cell);
        before(first)..before(first + cells)
    }

    /// Which cell of all this one of the list is.
    pub(crate) fn cell(&self, number: usize) -> usize {
        let block = self.starts.partition_point(|&start| start <= number) - 1;
        block * self.width + usize::from(self.places[number])
    }
}
