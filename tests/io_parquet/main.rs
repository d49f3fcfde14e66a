//! Parquet files: the same bits as in memory, every kind of number, and what is refused with which words.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod broken;
mod numbers;
mod passes;
mod refusals;
mod writer;
