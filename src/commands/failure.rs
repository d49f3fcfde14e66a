//! Why a command failed, in one line.

use std::io;

use marginal::Error;

/// What ends a command early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The reader of the output has gone, as `head` does: nothing is wrong.
    ClosedPipe,
    /// The reason, and what to do.
    Because(String),
    /// What was wrong with the command line or the environment.
    Usage(String),
}

impl Failure {
    pub(super) fn because(reason: impl Into<String>) -> Self {
        Self::Because(reason.into())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Because(error.to_string())
    }
}

impl From<marginal::error::NetworkError> for Failure {
    fn from(error: marginal::error::NetworkError) -> Self {
        Self::Because(error.to_string())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::Because(format!("the output cannot be written: {error}")),
        }
    }
}

impl From<csv::Error> for Failure {
    fn from(error: csv::Error) -> Self {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => error.into(),
            other => Self::Because(format!("the output cannot be written: {other:?}")),
        }
    }
}
