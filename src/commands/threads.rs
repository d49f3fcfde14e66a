//! How many threads compute.

use std::num::NonZeroUsize;

use super::failure::Failure;
use crate::commands::writing::terminal::note;

/// The variable by which rayon is told too.
const VARIABLE: &str = "RAYON_NUM_THREADS";
/// More threads a core than these only wait for one another.
const PER_CORE: usize = 4;
/// As many may be asked for on any machine.
const ANYWHERE: usize = 16;

/// What is asked for by the option or the variable, but no more than are of use; `None` for one a core.
pub(super) fn count(asked: Option<NonZeroUsize>) -> Result<Option<usize>, Failure> {
    let of_variable = || match std::env::var(VARIABLE) {
        Ok(text) if !text.is_empty() => {
            let needed = || Failure::Usage(format!("{VARIABLE}={text}: a whole number is needed"));
            text.trim().parse::<usize>().map(NonZeroUsize::new).map_err(|_| needed())
        }
        _ => Ok(None),
    };
    let Some(asked) = asked.map_or_else(of_variable, |asked| Ok(Some(asked)))? else { return Ok(None) };
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let most = (PER_CORE * cores).max(ANYWHERE);
    if asked.get() > most {
        note(&format!("{asked} threads would wait for one another: {most} are used, the results are the same"));
    }
    Ok(Some(asked.get().min(most)))
}

/// Does the work on so many threads.
pub(super) fn on<T: Send>(
    threads: Option<usize>,
    work: impl FnOnce() -> Result<T, Failure> + Send,
) -> Result<T, Failure> {
    let Some(threads) = threads else { return work() };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|e| Failure::Because(format!("cannot start {threads} threads: {e}")))?.install(work)
}
