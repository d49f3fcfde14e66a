//! `marginal`: fit latent models to CSV and Parquet files and use what was fitted.

mod commands;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use commands::{Arguments, Failure};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(usage) => return usage_exit(&usage),
    };
    let mut out = io::BufWriter::new(io::stdout());
    let done = commands::run(&arguments, &mut out).and_then(|()| Ok(out.flush()?));
    match done {
        Ok(()) | Err(Failure::ClosedPipe) => ExitCode::SUCCESS,
        Err(Failure::Because(reason)) => {
            // What was written before the failure stands before it.
            let _ = out.flush();
            eprintln!("error: {reason}");
            ExitCode::FAILURE
        }
    }
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
    eprintln!("{} (see --help)", said.join(" "));
    ExitCode::from(2)
}
