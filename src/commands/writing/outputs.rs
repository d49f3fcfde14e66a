//! Files that a command writes: looked at before the work, and replaced as a whole after it.

use std::path::{Path, PathBuf};

use marginal::io::{check_replaceable, is_same_file, replace_file};

use crate::commands::failure::Failure;

/// Refuses, before a long fit, what cannot be written after it, and what would overwrite an input or another output.
pub(crate) fn check(inputs: &[&Path], outputs: &[PathBuf]) -> Result<(), Failure> {
    for (n, output) in outputs.iter().enumerate() {
        if output == Path::new("-") {
            return Err(Failure::because(
                "- stands for standard input: write to /dev/stdout, or to ./- for a file of that name",
            ));
        }
        check_replaceable(output).map_err(|e| unwritable(output, &e))?;
        let shown = output.display();
        if let Some(input) = inputs.iter().find(|input| is_same_file(input, output)) {
            let input = input.display();
            return Err(Failure::Because(format!("{shown}: would overwrite the input {input}: choose another name")));
        }
        if let Some(other) = outputs[..n].iter().find(|other| is_same_file(other, output)) {
            let other = other.display();
            return Err(Failure::Because(format!("{shown}: would overwrite the output {other}: choose another name")));
        }
    }
    Ok(())
}

pub(crate) fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    replace_file(path, content).map_err(|e| unwritable(path, &e))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Because(format!("{}: cannot be written: {error}", path.display()))
}
