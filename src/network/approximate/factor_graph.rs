//! Tables, their variables, and a message from each table to each of its variables, as logarithms.
//!
//! What a variable sends back is the sum of all that it is sent but the table's own; the sum is kept, with the number of
//! messages that say 0 apart, so that an update costs the same whatever the number of neighbours.

use crate::network::exact::problem::Problem;

/// ln of the least product of numbers up to 1 that is made as it is; what could be smaller is made of logarithms.
const LEAST: f64 = -600.0;

pub(crate) struct FactorGraph<'a> {
    problem: &'a Problem,
    /// The tables in the order in which they are updated.
    order: Vec<usize>,
    /// ln m of each table to each of its variables, the largest 0.
    messages: Vec<Vec<Vec<f64>>>,
    /// Σ of what each variable is sent for each of its states.
    sums: Vec<Vec<LogSum>>,
    /// ln of the least positive entry of each table, −∞ if 64-bit numbers do not hold them all.
    least: Vec<f64>,
}

/// What the variables of a table send to it.
struct Incoming {
    /// The logarithms, the largest of each variable 0.
    logs: Vec<Vec<f64>>,
    /// Σ of the logarithms that were taken out for that.
    scale: f64,
}

/// Numbers whose logarithms are all that is known: e^largest · sum.
#[derive(Clone, Copy)]
struct SumOfExponentials {
    largest: f64,
    sum: f64,
}

impl SumOfExponentials {
    const EMPTY: Self = Self { largest: f64::NEG_INFINITY, sum: 0.0 };

    fn add(&mut self, log: f64) {
        if log > self.largest {
            self.sum = self.sum * (self.largest - log).exp() + 1.0;
            self.largest = log;
        } else if log > f64::NEG_INFINITY {
            self.sum += (log - self.largest).exp();
        }
    }

    fn ln(self) -> f64 {
        self.largest + self.sum.ln()
    }
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
    pub(crate) fn new(problem: &'a Problem, order: &[usize]) -> Self {
        let message = |&v: &usize| vec![0.0; problem.states[v]];
        let messages = problem.scopes.iter().map(|scope| scope.iter().map(message).collect()).collect();
        let order = order.iter().copied().filter(|&table| !problem.scopes[table].is_empty()).collect();
        let sums = problem.states.iter().map(|&states| vec![LogSum::default(); states]).collect();
        let least = |table: usize| match problem.logarithms.get(&table) {
            Some(_) => f64::NEG_INFINITY,
            None => problem.tables[table].iter().filter(|p| **p > 0.0).fold(1.0, |least: f64, p| least.min(*p)).ln(),
        };
        let least = (0..problem.tables.len()).map(least).collect();
        Self { problem, order, messages, sums, least }
    }

    /// Updates all tables there and back: the largest change of an entry, or nothing if a message became empty.
    pub(crate) fn sweep(&mut self, damping: f64) -> Option<f64> {
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

    fn incoming(&self, table: usize) -> Incoming {
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
            logs
        };
        let logs = self.problem.scopes[table].iter().zip(&self.messages[table]).map(of).collect();
        Incoming { logs, scale }
    }

    /// Whether no product of an entry of the table and of what comes in can underflow.
    fn is_held(&self, table: usize, incoming: &Incoming) -> bool {
        let least = |logs: &Vec<f64>| logs.iter().filter(|l| **l > f64::NEG_INFINITY).fold(0.0, |a: f64, l| a.min(*l));
        self.least[table] + incoming.logs.iter().map(least).sum::<f64>() >= LEAST
    }

    /// Each message of a table, its sum 1, and its logarithms; nothing if one is empty.
    fn outgoing(&self, table: usize) -> Option<Vec<[Vec<f64>; 2]>> {
        let incoming = self.incoming(table);
        if self.is_held(table, &incoming) {
            let normalise = |mut message: Vec<f64>| {
                let sum = message.iter().sum::<f64>();
                message.iter_mut().for_each(|entry| *entry /= sum);
                let logs = message.iter().map(|entry| entry.ln()).collect();
                (sum > 0.0).then_some([message, logs])
            };
            return self.products(table, &incoming.logs).into_iter().map(normalise).collect();
        }
        let normalise = |mut logs: Vec<f64>| {
            let sum = log_sum(&logs);
            logs.iter_mut().for_each(|log| *log -= sum);
            (sum > f64::NEG_INFINITY).then(|| [logs.iter().map(|log| log.exp()).collect(), logs])
        };
        self.sums_of_logarithms(table, &incoming.logs).into_iter().map(normalise).collect()
    }

    fn products(&self, table: usize, incoming: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let incoming: Vec<Vec<f64>> = incoming.iter().map(|logs| logs.iter().map(|log| log.exp()).collect()).collect();
        let mut outgoing: Vec<Vec<f64>> = incoming.iter().map(|message| vec![0.0; message.len()]).collect();
        let mut before = vec![1.0; incoming.len() + 1];
        each_cell(&incoming, &self.problem.tables[table], |digits, entry| {
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
        });
        outgoing
    }

    fn sums_of_logarithms(&self, table: usize, incoming: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let empty = |message: &Vec<f64>| vec![SumOfExponentials::EMPTY; message.len()];
        let mut outgoing: Vec<Vec<SumOfExponentials>> = incoming.iter().map(empty).collect();
        let mut before = vec![0.0; incoming.len() + 1];
        each_cell(incoming, &self.logarithms(table), |digits, log| {
            for (place, &digit) in digits.iter().enumerate() {
                before[place + 1] = before[place] + incoming[place][digit];
            }
            let mut after = log;
            for (place, &digit) in digits.iter().enumerate().rev() {
                outgoing[place][digit].add(before[place] + after);
                after += incoming[place][digit];
            }
        });
        outgoing.into_iter().map(|message| message.into_iter().map(SumOfExponentials::ln).collect()).collect()
    }

    /// ln of the entries of a table.
    fn logarithms(&self, table: usize) -> Vec<f64> {
        let of_entries = || self.problem.tables[table].iter().map(|p| p.ln()).collect();
        self.problem.logarithms.get(&table).cloned().unwrap_or_else(of_entries)
    }

    fn update(&mut self, table: usize, damping: f64) -> Option<f64> {
        let outgoing = self.outgoing(table)?;
        let mut change = 0.0f64;
        for ((&v, [after, mut new]), old) in
            self.problem.scopes[table].iter().zip(outgoing).zip(&mut self.messages[table])
        {
            let before: Vec<f64> = old.iter().map(|log| log.exp()).collect();
            let sum = before.iter().sum::<f64>();
            for (state, new) in new.iter_mut().enumerate() {
                let (before, log_before) = (before[state] / sum, old[state] - sum.ln());
                change = change.max((after[state] - before).abs());
                if damping > 0.0 {
                    *new = log_sum(&[*new + (1.0 - damping).ln(), log_before + damping.ln()]);
                }
            }
            let peak = largest(&new);
            for ((new, old), sum) in new.into_iter().zip(old).zip(&mut self.sums[v]) {
                sum.remove(*old);
                *old = new - peak;
                sum.add(*old);
            }
        }
        Some(change)
    }

    /// The normalised product of all that a variable is sent.
    pub(crate) fn belief(&self, v: usize) -> Vec<f64> {
        let logs: Vec<f64> = self.sums[v].iter().map(|sum| sum.value()).collect();
        let largest = largest(&logs);
        let weights: Vec<f64> = logs.iter().map(|log| (log - largest).exp()).collect();
        let sum: f64 = weights.iter().sum();
        weights.into_iter().map(|weight| weight / sum).collect()
    }

    /// Bethe's approximation of ln Σ Π tables: Σ_f ln Z_f + Σ_v ln Z_v − Σ_(f, v) ln Z_fv, where Z_f = Σ f Π n,
    /// Z_v = Σ Π m and Z_fv = Σ m n; exact on a tree once the messages have settled.
    pub(crate) fn log_bethe(&mut self) -> f64 {
        self.add_up();
        let of_variables: Vec<f64> = (0..self.sums.len()).map(|v| self.log_variable(v)).collect();
        if of_variables.contains(&f64::NEG_INFINITY) {
            return f64::NEG_INFINITY;
        }
        let mut log = of_variables.iter().sum::<f64>();
        for (table, entries) in self.problem.tables.iter().enumerate() {
            let incoming = self.incoming(table);
            let mut of_table = SumOfExponentials::EMPTY;
            if self.is_held(table, &incoming) {
                let messages: Vec<Vec<f64>> =
                    incoming.logs.iter().map(|logs| logs.iter().map(|log| log.exp()).collect()).collect();
                let mut sum = 0.0;
                each_cell(&messages, entries, |digits, entry| {
                    sum +=
                        digits.iter().zip(&messages).fold(entry, |product, (&digit, message)| product * message[digit]);
                });
                of_table.add(f64::ln(sum));
            } else {
                each_cell(&incoming.logs, &self.logarithms(table), |digits, log| {
                    of_table.add(digits.iter().zip(&incoming.logs).fold(log, |sum, (&digit, logs)| sum + logs[digit]));
                });
            }
            log += of_table.ln() + incoming.scale;
            // Σ m n is the same sum as that of the variable, whatever the table.
            log -= self.problem.scopes[table].iter().map(|&v| of_variables[v]).sum::<f64>();
        }
        log
    }

    fn log_variable(&self, v: usize) -> f64 {
        let logs: Vec<f64> = self.sums[v].iter().map(|sum| sum.value()).collect();
        log_sum(&logs)
    }
}

/// `see(the state of each variable, entry)` for each entry of a table, the last variable the fastest.
fn each_cell(messages: &[Vec<f64>], entries: &[f64], mut see: impl FnMut(&[usize], f64)) {
    let mut digits = vec![0; messages.len()];
    for &entry in entries {
        see(&digits, entry);
        for (digit, message) in digits.iter_mut().zip(messages).rev() {
            *digit += 1;
            if *digit < message.len() {
                break;
            }
            *digit = 0;
        }
    }
}

/// ln Σ exp; −∞ if all are.
fn log_sum(logs: &[f64]) -> f64 {
    let largest = largest(logs);
    if largest == f64::NEG_INFINITY {
        largest
    } else {
        largest + logs.iter().map(|log| (log - largest).exp()).sum::<f64>().ln()
    }
}

fn largest(logs: &[f64]) -> f64 {
    logs.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}
