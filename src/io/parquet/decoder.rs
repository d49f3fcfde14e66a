//! Calls of the decoder: its errors, and its panics on corrupt files, become reasons.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ::parquet::errors::ParquetError;

/// What a call of the decoder gives. Arithmetic on what a corrupt file claims can panic in there; what such a call
/// has left behind is not used again.
pub(super) fn decoded<T>(call: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(format!("cannot be read: {error}")),
        Err(_) => Err("cannot be read: the file is corrupt".into()),
    }
}
