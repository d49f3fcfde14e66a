//! A progress bar on long work, for people only: nothing is drawn unless stderr is a terminal.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use marginal::em::Em;

use super::grid::decimals;

/// Work shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_millis(700);

/// One bar for all runs of all numbers of components.
#[derive(Debug)]
pub(crate) struct Bar {
    bar: ProgressBar,
    begun: Instant,
    restarts: u64,
    done: u64,
}

impl Bar {
    pub(crate) fn new(candidates: usize, restarts: usize) -> Self {
        let style = ProgressStyle::with_template("{bar:24} run {pos} of {len}: {msg}").expect("the template is valid");
        let bar = ProgressBar::with_draw_target(
            Some((candidates as u64).saturating_mul(restarts as u64)),
            ProgressDrawTarget::hidden(),
        );
        Self { bar: bar.with_style(style), begun: Instant::now(), restarts: restarts as u64, done: 0 }
    }

    /// A bar for this many pieces of work, and what to call after each.
    pub(crate) fn counting(what: &str, count: usize) -> (Self, impl Fn() + Send + Sync + 'static) {
        let all = Self::new(count, 1);
        let style = ProgressStyle::with_template("{bar:24} {msg} {pos} of {len}").expect("the template is valid");
        all.bar.set_style(style);
        all.bar.set_message(what.to_owned());
        let (bar, begun) = (all.bar.clone(), all.begun);
        let done = move || {
            if bar.is_hidden() && begun.elapsed() > PATIENCE {
                bar.set_draw_target(ProgressDrawTarget::stderr());
            }
            bar.inc(1);
        };
        (all, done)
    }

    /// The driver, telling the bar where it is while it fits K components.
    pub(crate) fn watch(&self, em: Em, k: usize) -> Em {
        let (bar, begun, done) = (self.bar.clone(), self.begun, self.done);
        em.observer(move |at| {
            if bar.is_hidden() && begun.elapsed() > PATIENCE {
                bar.set_draw_target(ProgressDrawTarget::stderr());
            }
            // Runs that paused go on later.
            bar.set_position(bar.position().max(done + at.restart as u64));
            let objective = decimals(at.objective, 6);
            bar.set_message(format!("K = {k}, iteration {}, objective {objective}", at.iteration));
            ControlFlow::Continue(())
        })
    }

    /// One number of components is done.
    pub(crate) fn next(&mut self) {
        self.done = self.done.saturating_add(self.restarts);
        self.bar.set_position(self.done);
    }

    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
