//! Parts of the data folded side by side, their statistics merged in the order of the parts as soon as it is their turn.
//!
//! So the sum does not depend on who folds what, few statistics exist at a time, and their memory serves again.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::Error;

use super::statistics::Statistics;

/// Each thread that asks gets some neighbouring parts: this fraction of its share of those left, so that the last ones
/// are single and all threads end together.
const CLAIMS: usize = 8;

/// Folds the parts 0, 1, …, each into statistics of its own, and merges these in order into `empty`.
///
/// # Errors
/// The first error of `fold`, in the order of the parts.
pub(super) fn fold_in_order<S: Statistics, R>(
    parts: usize,
    empty: &S,
    open: &(dyn Fn() -> R + Sync),
    fold: &(dyn Fn(&mut R, usize, &mut S) -> Result<(), Error> + Sync),
) -> Result<S, Error> {
    let threads = threads().min(parts);
    let sum = Sum::new(parts, empty.clone());
    side_by_side(threads, &|| {
        let mut reader = open();
        while let Some(claim) = sum.claim(CLAIMS * threads) {
            for part in claim {
                let mut s = match sum.spare() {
                    Some(mut spare) => {
                        spare.reset(empty);
                        spare
                    }
                    None => empty.clone(),
                };
                sum.add(part, fold(&mut reader, part, &mut s).map(|()| s));
            }
        }
    });
    sum.end()
}

#[cfg(feature = "parallel")]
fn threads() -> usize {
    rayon::current_num_threads()
}

#[cfg(not(feature = "parallel"))]
fn threads() -> usize {
    1
}

/// Does the work once on each thread, or by and by where threads are busy. The work has no type, so that what shares it out
/// is compiled once, not for each model.
fn side_by_side(threads: usize, work: &(dyn Fn() + Sync)) {
    #[cfg(feature = "parallel")]
    if threads > 1 {
        use rayon::prelude::*;
        return (0..threads).into_par_iter().with_max_len(1).for_each(|_| work());
    }
    if threads > 0 {
        work();
    }
}

/// A sum of parts that come in any order.
struct Sum<S>(Mutex<State<S>>);

struct State<S> {
    /// The parts that nobody has claimed.
    unclaimed: Range<usize>,
    /// The first parts, merged; absent while somebody merges the next.
    total: Option<S>,
    /// How many parts it holds.
    merged: usize,
    /// What came before its turn.
    early: BTreeMap<usize, S>,
    /// The first error so far and its part.
    failure: Option<(usize, Error)>,
    /// Statistics whose turn is over.
    spares: Vec<S>,
}

impl<S: Statistics> Sum<S> {
    fn new(parts: usize, total: S) -> Self {
        let (early, spares) = (BTreeMap::new(), Vec::new());
        Self(Mutex::new(State { unclaimed: 0..parts, total: Some(total), merged: 0, early, failure: None, spares }))
    }

    /// Nothing of the caller's runs under the lock, so no panic can leave a state half changed.
    fn lock(&self) -> MutexGuard<'_, State<S>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next parts, one of so many shares of those left.
    fn claim(&self, shares: usize) -> Option<Range<usize>> {
        let unclaimed = &mut self.lock().unclaimed;
        let first = unclaimed.start;
        unclaimed.start += unclaimed.len().div_ceil(shares);
        (first < unclaimed.start).then_some(first..unclaimed.start)
    }

    fn spare(&self) -> Option<S> {
        self.lock().spares.pop()
    }

    /// Merges all whose turn it is, unless another thread is merging, which will then see to this part too.
    fn add(&self, part: usize, s: Result<S, Error>) {
        let mut state = self.lock();
        match s {
            Ok(s) => drop(state.early.insert(part, s)),
            Err(error) => state.fail(part, error),
        }
        while let Some((mut total, s)) = state.turn() {
            drop(state);
            total.merge(&s);
            state = self.lock();
            state.merged += 1;
            state.total = Some(total);
            state.spares.push(s);
        }
    }

    fn end(self) -> Result<S, Error> {
        let state = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        match state.failure {
            Some((_, error)) => Err(error),
            None => Ok(state.total.expect("every part was merged")),
        }
    }
}

impl<S> State<S> {
    /// The total and what is to be merged into it next.
    fn turn(&mut self) -> Option<(S, S)> {
        self.total.as_ref()?;
        let s = self.early.remove(&self.merged)?;
        self.total.take().zip(Some(s))
    }

    /// Keeps the first error, and claims no part after it.
    fn fail(&mut self, part: usize, error: Error) {
        self.unclaimed.end = self.unclaimed.start;
        if self.failure.as_ref().is_none_or(|(first, _)| part < *first) {
            self.failure = Some((part, error));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::Gathered;

    /// Every part says its number, unless it is one of those that fail.
    fn numbers(parts: usize, failing: &[usize]) -> Result<Vec<usize>, Error> {
        let fold = |read: &mut usize, part: usize, s: &mut Gathered<usize>| {
            *read += 1;
            // Of unequal length, so that later parts come first.
            std::thread::sleep(std::time::Duration::from_micros((part % 5 * 20) as u64));
            s.0.push(part);
            if failing.contains(&part) { Err(Error::NoWeight { weight: part as f64 }) } else { Ok(()) }
        };
        fold_in_order(parts, &Gathered::default(), &|| 0, &fold).map(|gathered| gathered.0)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn parts_are_merged_once_each_and_in_order(parts in 0usize..80, threads in 1usize..5) {
            let found = on(threads, || numbers(parts, &[]));
            prop_assert_eq!(found.unwrap(), (0..parts).collect::<Vec<_>>());
        }

        #[test]
        fn the_first_error_in_the_order_of_the_parts_is_told(
            failing in prop::collection::vec(0usize..64, 1..5),
            threads in 1usize..5,
        ) {
            let first = *failing.iter().min().unwrap() as f64;
            let error = on(threads, || numbers(64, &failing)).unwrap_err();
            prop_assert!(matches!(error, Error::NoWeight { weight } if weight == first), "{error}");
        }
    }

    #[test]
    fn statistics_whose_turn_is_over_serve_again() {
        let made = std::sync::atomic::AtomicUsize::new(0);
        on(1, || fold_in_order(64, &Counted(&made), &|| (), &|(), _, _| Ok(())).map(|_| ())).unwrap();
        assert_eq!(made.into_inner(), 2, "the total, and those of all parts in turn");
    }

    /// Counts how many of it were made.
    struct Counted<'a>(&'a std::sync::atomic::AtomicUsize);

    impl Clone for Counted<'_> {
        fn clone(&self) -> Self {
            self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Self(self.0)
        }
    }

    impl Statistics for Counted<'_> {
        fn merge(&mut self, _: &Self) {}
        fn scale(&mut self, _: f64) {}
        fn reset(&mut self, _: &Self) {}
    }

    #[cfg(feature = "parallel")]
    fn on<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
    }

    #[cfg(not(feature = "parallel"))]
    fn on<T>(_: usize, work: impl FnOnce() -> T) -> T {
        work()
    }
}
