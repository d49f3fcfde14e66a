//! The commands: each reads its files, calls the library, and writes what it found.

mod arguments;
mod chains;
mod failure;
mod families;
mod fit;
mod fitted;
mod grid;
mod input;
mod network;
mod parameters;
mod predict;
mod progress;
mod sample;
mod score;
mod sequences;
mod summary;
mod verify;
mod weighing;

use std::io::Write;

pub(crate) use arguments::Arguments;
use arguments::Command;
pub(crate) use failure::Failure;

/// Carries out a command; its results go to `out`.
pub(crate) fn run(arguments: &Arguments, out: &mut (dyn Write + Send)) -> Result<(), Failure> {
    let mut command = || match &arguments.command {
        Command::Fit(model) => fit::run(model, out),
        Command::Network(question) => network::run(question, out),
        Command::Predict(predict) => predict::run(predict, out),
        Command::Sample(sample) => sample::run(sample, out),
        Command::Score(score) => score::run(score, out),
        Command::Verify(verify) => verify::run(verify, out),
    };
    match arguments.threads {
        None => command(),
        Some(threads) => {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build();
            let pool = pool.map_err(|e| Failure::Because(format!("cannot start {threads} threads: {e}")))?;
            pool.install(command)
        }
    }
}
