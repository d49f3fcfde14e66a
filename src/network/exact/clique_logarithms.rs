//! Cells, messages and beliefs of one clique as logarithms, for where their products would underflow.
//!
//! ln φ = Σ ln of the factors; the message is ln Σ exp(ln φ) with its largest entry taken out, first within each entry
//! and then of all. So no number of factors underflows, and −∞ is a true 0 and nothing else. On the way down a belief is
//! a probability again: what underflows there is a posterior below 10⁻³⁰⁰, and no later step makes it larger.

use super::alignment::Alignment;
use super::clique_tree::{By, Clique};

/// Room for two blocks of a clique: entries repeated along its cells, and what is made on the way.
pub(crate) type Blocks<'a> = [&'a mut [f64]; 2];

/// cell ← cell + ln of the entry that belongs to it.
pub(crate) fn add_factor(
    clique: &Clique,
    alignment: &Alignment,
    cells: &mut [f64],
    logs: &[f64],
    [laid, scratch]: Blocks<'_>,
) {
    clique.each_block(|block, at| {
        let laid = &mut laid[..at.len()];
        alignment.assign(block, laid, logs, scratch);
        cells[at].iter_mut().zip(&*laid).for_each(|(cell, log)| *cell += log);
    });
}

/// The message of a clique, its largest entry 0, and what was taken out of it for that; −∞ if all is.
pub(crate) fn send(clique: &Clique, by: By, cells: &[f64], message: &mut [f64], [laid, scratch]: Blocks<'_>) -> f64 {
    message.fill(f64::NEG_INFINITY);
    clique.each_block(|block, at| clique.outward.largest(block, &cells[at], message, scratch));
    if by == By::Sum {
        let largest = message.to_vec();
        message.fill(0.0);
        clique.each_block(|block, at| {
            let laid = &mut laid[..at.len()];
            clique.outward.assign(block, laid, &largest, scratch);
            laid.iter_mut().zip(&cells[at]).for_each(|(laid, cell)| *laid = exp_of_difference(*cell, *laid));
            clique.outward.add(block, laid, message, scratch);
        });
        message.iter_mut().zip(&largest).for_each(|(sum, largest)| *sum = sum.ln() + largest);
    }
    let peak = message.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if peak > f64::NEG_INFINITY {
        message.iter_mut().for_each(|entry| *entry -= peak);
    }
    peak
}

/// exp(a − b), and 0 if a is −∞.
fn exp_of_difference(a: f64, b: f64) -> f64 {
    if a == f64::NEG_INFINITY { 0.0 } else { (a - b).exp() }
}

/// The belief in each cell of a block: exp(ln φ + what the parent sends back).
pub(crate) fn find_belief(
    clique: &Clique,
    block: usize,
    cells: &[f64],
    from_parent: &[f64],
    belief: &mut [f64],
    scratch: &mut [f64],
) {
    clique.outward.assign(block, belief, from_parent, scratch);
    belief.iter_mut().zip(cells).for_each(|(belief, cell)| *belief = (*belief + cell).exp());
}

/// What is sent back to a child: from the belief in each entry of its message to the logarithm of the ratio of both.
pub(crate) fn find_ratios(beliefs: &mut [f64], message: &[f64], peak: f64) {
    for (belief, entry) in beliefs.iter_mut().zip(message) {
        *belief = if *entry > f64::NEG_INFINITY { belief.ln() - (entry + peak) } else { f64::NEG_INFINITY };
    }
}

/// exp(l − the largest) of each, so that the choice between them stays what it was.
pub(crate) fn relative(logs: &mut [f64]) {
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    logs.iter_mut().for_each(|log| *log = exp_of_difference(*log, largest));
}
