//! `marginal`: fit latent models to CSV and Parquet files and use what was fitted.

mod commands;

use std::process::ExitCode;

fn main() -> ExitCode {
    commands::main()
}
