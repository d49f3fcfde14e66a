//! Tables, their variables, and a message from each table to each of its variables, as logarithms.
//!
//! What a variable sends back is the sum of all that it is sent but the table's own; the sum is kept, with the number of
//! messages that say 0 apart, so that an update costs the same whatever the number of neighbours.

use super::problem::Problem;

pub(super) struct FactorGraph<'a> {
    problem: &'a Problem,
    /// The tables in the order in which they are updated.
    order: Vec<usize>,
    /// ln m of each table to each of its variables, the largest 0.
    messages: Vec<Vec<Vec<f64>>>,
    /// Σ of what each variable is sent for each of its states.
    sums: Vec<Vec<LogSum>>,
}

/// A sum of logarithms, some of which may be −∞.
#[derive(Clone, Copy, Default)]
struct LogSum {
    finite: f64,
    zeros: u32,
}

impl LogSum {
    fn add(&mut self, log: f64) {
        if log == f64::NEG_INFINITY { self.zeros += 1 } else { self.finite += log }
    }

    fn remove(&mut self, log: f64) {
        if log == f64::NEG_INFINITY { self.zeros -= 1 } else { self.finite -= log }
    }

    fn value(self) -> f64 {
        if self.zeros > 0 { f64::NEG_INFINITY } else { self.finite }
    }
}

impl<'a> FactorGraph<'a> {
    /// All messages say nothing; `order` is that of the updates.
    pub(super) fn new(problem: &'a Problem, order: &[usize]) -> Self {
        let message = |&v: &usize| vec![0.0; problem.states[v]];
        let messages = problem.scopes.iter().map(|scope| scope.iter().map(message).collect()).collect();
        let order = order.iter().copied().filter(|&table| !problem.scopes[table].is_empty()).collect();
        let sums = problem.states.iter().map(|&states| vec![LogSum::default(); states]).collect();
        Self { problem, order, messages, sums }
    }

    /// Updates all tables there and back: the largest change of an entry, or nothing if a message became empty.
    pub(super) fn sweep(&mut self, damping: f64) -> Option<f64> {
        self.add_up();
        let mut change = 0.0f64;
        for position in (0..self.order.len()).chain((0..self.order.len()).rev()) {
            change = change.max(self.update(self.order[position], damping)?);
        }
        Some(change)
    }

    /// Sums anew, so that rounding does not pile up.
    fn add_up(&mut self) {
        self.sums.iter_mut().flatten().for_each(|sum| *sum = LogSum::default());
        for (scope, messages) in self.problem.scopes.iter().zip(&self.messages) {
            for (&v, message) in scope.iter().zip(messages) {
                self.sums[v].iter_mut().zip(message).for_each(|(sum, log)| sum.add(*log));
            }
        }
    }

    /// What the variables of a table send to it, the largest 1, and the logarithms of what that was.
    fn incoming(&self, table: usize) -> (Vec<Vec<f64>>, f64) {
        let mut scale = 0.0;
        let of = |(&v, own): (&usize, &Vec<f64>)| {
            let without = |(sum, own): (&LogSum, &f64)| {
                let mut sum = *sum;
                sum.remove(*own);
                sum.value()
            };
            let mut logs: Vec<f64> = self.sums[v].iter().zip(own).map(without).collect();
            let largest = largest(&logs);
            if largest > f64::NEG_INFINITY {
                logs.iter_mut().for_each(|log| *log -= largest);
            }
            scale += largest;
            logs.iter().map(|log| log.exp()).collect()
        };
        let incoming = self.problem.scopes[table].iter().zip(&self.messages[table]).map(of).collect();
        (incoming, scale)
    }

    fn update(&mut self, table: usize, damping: f64) -> Option<f64> {
        let (incoming, _) = self.incoming(table);
        let scope = &self.problem.scopes[table];
        let mut outgoing: Vec<Vec<f64>> = incoming.iter().map(|message| vec![0.0; message.len()]).collect();
        let (mut digits, mut before) = (vec![0; scope.len()], vec![1.0; scope.len() + 1]);
        for &entry in &self.problem.tables[table] {
            if entry > 0.0 {
                for (place, &digit) in digits.iter().enumerate() {
                    before[place + 1] = before[place] * incoming[place][digit];
                }
                let mut after = entry;
                for (place, &digit) in digits.iter().enumerate().rev() {
                    outgoing[place][digit] += before[place] * after;
                    after *= incoming[place][digit];
                }
            }
            for (digit, message) in digits.iter_mut().zip(&incoming).rev() {
                *digit += 1;
                if *digit < message.len() {
                    break;
                }
                *digit = 0;
            }
        }
        let mut change = 0.0f64;
        for ((&v, new), old) in scope.iter().zip(outgoing).zip(&mut self.messages[table]) {
            let (sum, old_sum) = (new.iter().sum::<f64>(), old.iter().map(|log| log.exp()).sum::<f64>());
            if !(sum > 0.0) {
                return None;
            }
            let mut mixed = new;
            for (entry, old) in mixed.iter_mut().zip(old.iter()) {
                let before = old.exp() / old_sum;
                let after = *entry / sum;
                change = change.max((after - before).abs());
                *entry = damping * before + (1.0 - damping) * after;
            }
            let peak = mixed.iter().copied().fold(0.0, f64::max);
            for ((entry, old), sum) in mixed.into_iter().zip(old).zip(&mut self.sums[v]) {
                sum.remove(*old);
                *old = (entry / peak).ln();
                sum.add(*old);
            }
        }
        Some(change)
    }

    /// The normalised product of all that a variable is sent.
    pub(super) fn belief(&self, v: usize) -> Vec<f64> {
        let logs: Vec<f64> = self.sums[v].iter().map(|sum| sum.value()).collect();
        let largest = largest(&logs);
        let weights: Vec<f64> = logs.iter().map(|log| (log - largest).exp()).collect();
        let sum: f64 = weights.iter().sum();
        weights.into_iter().map(|weight| weight / sum).collect()
    }

    /// Bethe's approximation of ln Σ Π tables: Σ_f ln Z_f + Σ_v ln Z_v − Σ_(f, v) ln Z_fv, where Z_f = Σ f Π n,
    /// Z_v = Σ Π m and Z_fv = Σ m n; exact on a tree once the messages have settled.
    pub(super) fn log_bethe(&mut self) -> f64 {
        self.add_up();
        let of_variables: Vec<f64> = (0..self.sums.len()).map(|v| self.log_variable(v)).collect();
        if of_variables.contains(&f64::NEG_INFINITY) {
            return f64::NEG_INFINITY;
        }
        let mut log = of_variables.iter().sum::<f64>();
        for (table, entries) in self.problem.tables.iter().enumerate() {
            let (incoming, scale) = self.incoming(table);
            let product = |(cell, entry): (usize, &f64)| {
                let (mut rest, mut product) = (cell, *entry);
                for message in incoming.iter().rev() {
                    product *= message[rest % message.len()];
                    rest /= message.len();
                }
                product
            };
            let of_table: f64 = entries.iter().enumerate().map(product).sum();
            log += of_table.ln() + scale;
            // Σ m n is the same sum as that of the variable, whatever the table.
            log -= self.problem.scopes[table].iter().map(|&v| of_variables[v]).sum::<f64>();
        }
        log
    }

    fn log_variable(&self, v: usize) -> f64 {
        let logs: Vec<f64> = self.sums[v].iter().map(|sum| sum.value()).collect();
        let largest = largest(&logs);
        if largest == f64::NEG_INFINITY {
            largest
        } else {
            largest + logs.iter().map(|log| (log - largest).exp()).sum::<f64>().ln()
        }
    }
}

fn largest(logs: &[f64]) -> f64 {
    logs.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}
