//! Files: tables and models in and out, pictures.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod checkpoints;
mod csv;
mod csv_header;
mod model_file;
mod model_files_at_fault;
mod mutilated_files;
mod plot;
mod saved;
mod state_csv;
