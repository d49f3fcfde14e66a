//! The commands: each reads its files, calls the library, and writes what it found.

mod arguments;
mod candidate;
mod ending;
mod failure;
mod files;
mod fit;
mod fitted;
mod kinds;
mod known;
mod network;
mod predict;
mod reading;
mod sample;
mod score;
mod threads;
mod uncertainty;
mod verify;
mod writing;

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use writing::{outputs, terminal};

use clap::Parser;
use marginal::numeric::InstructionSet;

use arguments::options::{Arguments, Command};
use failure::Failure;
use reading::readable::Copies;
use writing::terminal::Plain;

/// Carries out what the command line says; its results go to stdout.
pub(crate) fn main() -> ExitCode {
    let mut arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(usage) => return usage_exit(&usage),
    };
    let out = io::BufWriter::new(io::stdout());
    let as_it_is = arguments.command.prints_data() && !io::stdout().is_terminal();
    let mut out: Box<dyn Write + Send> = if as_it_is { Box::new(out) } else { Box::new(Plain::new(out)) };
    let _copies = Copies;
    let done = run(&mut arguments, &mut out).and_then(|()| Ok(out.flush()?));
    let or_interrupted = |code| if ending::was_interrupted() { ExitCode::from(ending::INTERRUPTED) } else { code };
    match done {
        Ok(()) | Err(Failure::ClosedPipe) => or_interrupted(ExitCode::SUCCESS),
        Err(Failure::Because(reason)) => {
            // What was written before the failure stands before it.
            let _ = out.flush();
            terminal::error(&reason);
            or_interrupted(ExitCode::FAILURE)
        }
        Err(Failure::Usage(reason)) => {
            terminal::error(&reason);
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &mut Arguments, out: &mut (dyn Write + Send)) -> Result<(), Failure> {
    check_instruction_set()?;
    let threads = threads::count(arguments.threads)?;
    let outputs = arguments.command.outputs();
    let inputs = arguments.command.inputs();
    outputs::check(&inputs.iter().map(|(path, _)| path.as_path()).collect::<Vec<&Path>>(), &outputs)?;
    for (path, content) in inputs {
        Copies::make_readable(path, content)?;
    }
    threads::on(threads, || match &arguments.command {
        Command::Fit(model) => fit::run(model, out),
        Command::Network(question) => network::run(question, out),
        Command::Predict(predict) => predict::run(predict, out),
        Command::Sample(sample) => sample::run(sample, out),
        Command::Score(score) => score::run(score, out),
        Command::Verify(verify) => verify::run(verify, out),
    })
}

/// Tells of a value of `MARGINAL_SIMD` that means nothing, or more than the processor has.
fn check_instruction_set() -> Result<(), Failure> {
    let asked = InstructionSet::asked().map_err(|e| Failure::Usage(e.to_string()))?;
    let used = InstructionSet::current();
    if let Some(asked) = asked.filter(|asked| *asked != used) {
        terminal::note(&format!("this processor has no {asked}: {used} is used in place of it"));
    }
    Ok(())
}

/// Help and version as they are; wrong usage in one line and exit code 2.
fn usage_exit(usage: &clap::Error) -> ExitCode {
    if !usage.use_stderr() {
        let _ = usage.print();
        return ExitCode::SUCCESS;
    }
    let text = usage.to_string();
    let said: Vec<&str> = text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:")).collect();
    let said: Vec<&str> = said.into_iter().filter(|line| !line.is_empty() && !line.starts_with("For more")).collect();
    terminal::usage(&said.join(" "));
    ExitCode::from(2)
}
