//! How much memory tables may take.

use marginal::network::MEMORY;

use crate::commands::failure::Failure;

const MEBIBYTE: f64 = 1024.0 * 1024.0;

/// In bytes: what is asked for in MiB, at most what the machine has where that is known.
pub(super) fn limit(asked: Option<f64>) -> Result<f64, Failure> {
    let Some(asked) = asked else { return Ok(MEMORY) };
    match machine() {
        Some(most) if asked > most => Err(Failure::Because(format!(
            "--memory {asked} is more than the {most:.0} MiB that this machine has: lower it, or approximate with --engine"
        ))),
        _ => Ok(asked * MEBIBYTE),
    }
}

/// The memory of the machine in MiB.
fn machine() -> Option<f64> {
    let known = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = known.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()? / 1024.0)
}
