//! Many small jobs side by side, their results in the order of the jobs.

/// What `job` makes of 0, 1, …, count − 1; the same whatever the number of threads.
pub(crate) fn side_by_side<T: Send>(count: usize, job: impl Fn(usize) -> T + Send + Sync) -> Vec<T> {
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        (0..count).into_par_iter().map(job).collect()
    }
    #[cfg(not(feature = "parallel"))]
    (0..count).map(job).collect()
}
