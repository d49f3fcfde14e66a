//! Expected counts of families, E[n(x, parents)] given the states that rows show, and ln p of each row.
//!
//! A hidden variable of which nothing seen descends is barren: it sums to one, and neither it nor its table has a say. A
//! family all of whose members are seen is counted as it is. What is left falls into parts ([`Part`]), each summed in its
//! own small table or tree; a row costs what its parts cost, and a pass allocates nothing but plans of new parts.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::data::Batch;
use crate::error::{Error, NetworkError, listed};

use super::families::Families;
use super::family_counts::FamilyCounts;
use super::part::Part;
use super::part_sums::{LogProduct, Sums};
use crate::network::model::state_table::{check_row, of_row};
use crate::network::{MISSING, Network};

/// Plans that are kept may take so many numbers together; what comes later is planned anew in each row.
const KEPT: usize = 1 << 24;
/// Between the variables and the families of a key.
const BAR: u32 = u32::MAX;

/// The structure of a network, and the plans made for it so far.
pub(crate) struct Expectation {
    network: Network,
    families: Arc<Families>,
    parts: Mutex<Kept>,
    /// Workspaces that no batch uses just now.
    idle: Mutex<Vec<Workspace>>,
}

#[derive(Clone, Default)]
struct Kept {
    parts: HashMap<Box<[u32]>, Arc<Part>>,
    size: usize,
}

/// What one thread needs.
#[derive(Default)]
struct Workspace {
    numbers: HashMap<Box<[u32]>, usize>,
    parts: Vec<Arc<Part>>,
    cut: Cut,
    sums: Sums,
}

/// How a row falls into parts.
#[derive(Default)]
struct Cut {
    /// Seen, or above something seen.
    live: Vec<bool>,
    touched: Vec<bool>,
    found: Vec<bool>,
    variables: Vec<usize>,
    families: Vec<usize>,
    key: Vec<u32>,
}

impl Expectation {
    pub(crate) fn new(network: &Network) -> Self {
        let families = Arc::new(Families::of(network));
        Self { network: network.clone(), families, parts: Mutex::default(), idle: Mutex::default() }
    }

    pub(crate) fn counts(&self) -> FamilyCounts {
        FamilyCounts::empty(&self.families)
    }

    /// The variables that have this one as a parent.
    pub(crate) fn children(&self, v: usize) -> &[usize] {
        &self.families.children[v]
    }

    /// Adds the expected counts of a batch, and shows the weight and ln p of each row to `see`.
    ///
    /// # Errors
    /// [`Error::Impossible`] for a row of probability 0; in [`Error::AtRow`] what is wrong with a row, or
    /// [`NetworkError::TooLarge`].
    pub(crate) fn add(
        &self,
        theta: &Network,
        batch: Batch<'_, [usize]>,
        s: &mut FamilyCounts,
        mut see: impl FnMut(f64, f64),
    ) -> Result<(), Error> {
        let mut workspace = lock(&self.idle).pop().unwrap_or_default();
        workspace.sums.begin(theta);
        let tables: Vec<&[f64]> = theta.variables().iter().map(|variable| &variable.probabilities[..]).collect();
        for n in (0..batch.len()).filter(|&n| batch.weight(n) > 0.0) {
            let (row, weight) = (batch.block().row(n), batch.weight(n));
            check_row(&self.network, row).map_err(|e| of_row(e, batch.row(n)))?;
            let log_density =
                self.add_row(&mut workspace, &tables, row, weight, s).map_err(|e| of_row(e, batch.row(n)))?;
            if !log_density.is_finite() {
                return Err(Error::Impossible { row: batch.row(n), value: self.shown(row) });
            }
            see(weight, log_density);
        }
        lock(&self.idle).push(workspace);
        Ok(())
    }

    fn add_row(
        &self,
        workspace: &mut Workspace,
        tables: &[&[f64]],
        row: &[usize],
        weight: f64,
        s: &mut FamilyCounts,
    ) -> Result<f64, NetworkError> {
        let mut product = LogProduct::default();
        workspace.cut.begin(&self.families, self.network.order(), row);
        for &v in self.network.order() {
            if row[v] == MISSING && workspace.cut.live[v] && !workspace.cut.found[v] {
                workspace.cut.part_of(&self.families, row, v);
                let number = self.part(workspace)?;
                let (part, sums) = (&workspace.parts[number], &mut workspace.sums);
                sums.add(part, tables, row, weight, &mut s.counts, &self.families, &mut product);
            }
        }
        for (v, table) in tables.iter().enumerate() {
            if workspace.cut.live[v] && !workspace.cut.touched[v] {
                let cell: usize = self.families.members(v).iter().map(|m| row[m.variable] * m.stride).sum();
                product.times(table[cell]);
                s.counts[self.families.counts_of(v).start + cell] += weight;
            }
        }
        Ok(product.ln())
    }

    /// The number, in the workspace, of the plan of the part that was cut out last.
    fn part(&self, workspace: &mut Workspace) -> Result<usize, NetworkError> {
        let Workspace { numbers, parts, cut, .. } = workspace;
        if let Some(number) = numbers.get(&cut.key[..]) {
            return Ok(*number);
        }
        let known = lock(&self.parts).parts.get(&cut.key[..]).cloned();
        let part = match known {
            Some(part) => part,
            None => Arc::new(Part::new(&self.network, &self.families, &cut.variables, &cut.families)?),
        };
        // The one before, if it could not be kept, has been used.
        parts.truncate(numbers.len());
        let mut kept = lock(&self.parts);
        let is_kept = kept.parts.contains_key(&cut.key[..]);
        if is_kept || kept.size + part.size() <= KEPT {
            if !is_kept {
                kept.size += part.size();
                kept.parts.insert(cut.key[..].into(), Arc::clone(&part));
            }
            numbers.insert(cut.key[..].into(), parts.len());
        }
        parts.push(part);
        Ok(parts.len() - 1)
    }

    /// `x = s, y = t`: what is seen.
    fn shown(&self, row: &[usize]) -> String {
        let seen = self.network.variables().iter().zip(row).filter(|(_, state)| **state != MISSING);
        let seen = seen.map(|(variable, state)| format!("{} = {}", variable.name, variable.states[*state]));
        format!("[{}]", listed(seen.collect::<Vec<_>>().iter()))
    }
}

impl Cut {
    fn begin(&mut self, families: &Families, order: &[usize], row: &[usize]) {
        for marks in [&mut self.live, &mut self.touched, &mut self.found] {
            marks.clear();
            marks.resize(row.len(), false);
        }
        for &v in order.iter().rev() {
            self.live[v] = row[v] != MISSING || families.children[v].iter().any(|&child| self.live[child]);
        }
    }

    /// Cuts out the part of one hidden variable, and its key: the same key means the same plan.
    fn part_of(&mut self, families: &Families, row: &[usize], start: usize) {
        self.variables.clear();
        self.families.clear();
        self.found[start] = true;
        self.variables.push(start);
        let mut next = 0;
        while let Some(&v) = self.variables.get(next) {
            next += 1;
            for &f in [v].iter().chain(&families.children[v]) {
                if !self.live[f] || self.touched[f] {
                    continue;
                }
                self.touched[f] = true;
                self.families.push(f);
                for member in families.members(f) {
                    if row[member.variable] == MISSING && !self.found[member.variable] {
                        self.found[member.variable] = true;
                        self.variables.push(member.variable);
                    }
                }
            }
        }
        self.key.clear();
        self.key.extend(self.variables.iter().map(|&v| v as u32));
        self.key.push(BAR);
        self.key.extend(self.families.iter().map(|&f| f as u32));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A copy shares the plans made so far, but makes its own later.
impl Clone for Expectation {
    fn clone(&self) -> Self {
        Self {
            network: self.network.clone(),
            families: Arc::clone(&self.families),
            parts: Mutex::new(lock(&self.parts).clone()),
            idle: Mutex::default(),
        }
    }
}

impl fmt::Debug for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expectation({})", self.network)
    }
}
