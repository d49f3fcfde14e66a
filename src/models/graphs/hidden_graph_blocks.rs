//! The rows of a hidden graph in blocks that hide the same nodes.
//!
//! A missing node below which nothing is observed sums to one. So it makes no pattern of its own: it stays among the
//! observed, and in its rows its factor is 1. A pattern is the nodes that are summed or integrated over, and those that are
//! left out because an integrated real is above them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::data::Batch;
use crate::error::Error;
use crate::graph::{Constants, DirectedGraph, Graph, NodeColumns, Presence, Program, Scratch, Tiles};
use crate::latent::LatentModel;
use crate::numeric::all_finite;

use super::hidden_graph::HiddenGraph;
use super::hidden_graph_rows::{InRow, RowByRow, of_row};

/// Rows whose posteriors are known.
pub(crate) struct InferredBlock<'a> {
    pub(crate) program: &'a Program,
    pub(crate) theta: &'a Graph,
    pub(crate) tiles: &'a mut Tiles,
    pub(crate) columns: &'a NodeColumns<'a>,
    /// Which rows of the batch these are.
    pub(crate) rows: &'a [usize],
    /// The weights, with which the posteriors are multiplied; 0 for a row that is seen alone instead.
    pub(crate) weights: &'a [f64],
}

/// What is made of posteriors.
pub(crate) trait Posteriors {
    /// Some rows at once.
    fn see_block(&mut self, at: &mut InferredBlock<'_>);
    /// The end of the blocks of one program.
    fn end(&mut self, _program: &Program, _theta: &Graph, _tiles: &mut Tiles) {}
    /// A row alone, its posteriors in the scratch.
    fn see_row(&mut self, n: usize, at: &InRow<'_>, log_density: f64, theta: &Graph, scratch: &mut Scratch);
}

impl HiddenGraph {
    /// Shows the posteriors of all rows of positive weight, each once, in an order of its own; also that of the wanted
    /// node, where a row says nothing of it.
    ///
    /// # Errors
    /// The first in the order of the rows.
    pub(crate) fn each_block(
        &self,
        theta: &Graph,
        batch: Batch<'_, [f64]>,
        wanted: Option<usize>,
        see: &mut impl Posteriors,
    ) -> Result<(), Error> {
        self.check(theta)?;
        let kept: Vec<usize> = match batch.weights() {
            None => (0..batch.len()).collect(),
            Some(weights) => (0..batch.len()).filter(|&n| weights[n] > 0.0).collect(),
        };
        let Some(&first) = kept.first() else { return Ok(()) };
        let block = batch.block();
        self.check_length(block.columns()).map_err(|e| of_row(e, batch.row(first)))?;
        let of_kept;
        let values = if kept.len() == batch.len() {
            block.values()
        } else {
            of_kept = kept.iter().flat_map(|&n| block.row(n)).copied().collect::<Vec<f64>>();
            &of_kept
        };
        let (columns, refused) = NodeColumns::new(theta, self.hidden(), values, block.columns());
        let mut wrong = refused.map(|(n, error)| (n, of_row(error, batch.row(kept[n]))));
        self.with_tiles(|tiles| {
            let mut blocks = Blocks { model: self, theta, batch, kept: &kept, wanted, tiles, rows: None };
            for (pattern, rows) in patterns(theta, &columns, wanted) {
                if let Err((n, error)) = blocks.infer(&columns, &pattern, &rows, see)
                    && wrong.as_ref().is_none_or(|(first, _)| n < *first)
                {
                    wrong = Some((n, error));
                }
            }
        });
        wrong.map_or(Ok(()), |(_, error)| Err(error))
    }
}

/// Which nodes are summed and which left out, as two sets of bits, then which is wanted; and the rows.
type Pattern = (Box<[u64]>, Vec<usize>);

/// The patterns of the rows, each with its rows, in the order of their first rows.
fn patterns(theta: &Graph, columns: &NodeColumns<'_>, wanted: Option<usize>) -> Vec<Pattern> {
    let count = theta.len();
    let mut below = vec![Presence::None; count];
    wanted.iter().for_each(|&node| below[node] = Presence::All);
    for node in (0..count).rev() {
        let live = columns.shown(node).or(&below[node]);
        for &parent in theta.parents(node) {
            below[parent] = below[parent].or(&live);
        }
    }
    let summed: Vec<Presence> = (0..count).map(|node| columns.shown(node).not().and(&below[node])).collect();
    let mut apart: Vec<Presence> = Vec::with_capacity(count);
    for (node, below) in below.iter().enumerate() {
        let barren = columns.shown(node).or(below).not();
        let is_real = |parent: usize| theta.domain(parent).states.is_none();
        let under = theta.parents(node).iter().fold(Presence::None, |under, &parent| {
            let under = under.or(&apart[parent]);
            if is_real(parent) { under.or(&summed[parent]) } else { under }
        });
        let never_shown = *columns.shown(node) == Presence::None;
        apart.push(if never_shown { barren } else { barren.and(&under) });
    }
    let words = count.div_ceil(64);
    let mut pattern = vec![0u64; 2 * words + 1];
    pattern[2 * words] = wanted.map_or(0, |node| node as u64 + 1);
    let mut varying = Vec::new();
    for (kind, of_nodes) in [&summed, &apart].into_iter().enumerate() {
        for (node, rows) in of_nodes.iter().enumerate() {
            let (word, bit) = (kind * words + node / 64, 1 << (node % 64));
            match rows {
                Presence::All => pattern[word] |= bit,
                Presence::None => (),
                Presence::Some(rows) => varying.push((word, bit, rows)),
            }
        }
    }
    if varying.is_empty() {
        return vec![(pattern.into(), (0..columns.len()).collect())];
    }
    let mut groups: Vec<Pattern> = Vec::new();
    let mut numbers = HashMap::<Box<[u64]>, usize>::new();
    for n in 0..columns.len() {
        for (word, bit, rows) in &varying {
            pattern[*word] = if rows[n] { pattern[*word] | bit } else { pattern[*word] & !bit };
        }
        if let Some(&group) = numbers.get(&pattern[..]) {
            groups[group].1.push(n);
        } else {
            numbers.insert(pattern.clone().into(), groups.len());
            groups.push((pattern.clone().into(), vec![n]));
        }
    }
    groups
}

/// The blocks of one batch.
struct Blocks<'a, 'b> {
    model: &'a HiddenGraph,
    theta: &'a Graph,
    batch: Batch<'b, [f64]>,
    /// Which rows of the batch count.
    kept: &'a [usize],
    wanted: Option<usize>,
    tiles: &'a mut Tiles,
    rows: Option<RowByRow<'a>>,
}

impl Blocks<'_, '_> {
    /// The rows of one pattern; the first row that is refused, with the reason.
    fn infer(
        &mut self,
        columns: &NodeColumns<'_>,
        pattern: &[u64],
        rows: &[usize],
        see: &mut impl Posteriors,
    ) -> Result<(), (usize, Error)> {
        let program: Option<Arc<Program>> = self.model.program(self.theta, pattern);
        let ready = program.and_then(|program| Constants::new(&program, self.theta).map(|c| (program, c)));
        let Some((program, constants)) = ready else {
            return rows.iter().try_for_each(|&n| self.infer_row(n, see).map_err(|e| (n, e)));
        };
        self.tiles.begin(&program, self.theta, (columns, rows.len()));
        let mut weights = Vec::new();
        for rows in rows.chunks(program.chunk_rows()) {
            let columns = columns.take(rows);
            self.tiles.collect(&program, self.theta, &columns, &constants);
            let known = all_finite(&self.tiles.log_densities);
            weights.clear();
            if known && self.batch.weights().is_none() {
                weights.resize(rows.len(), 1.0);
            } else {
                let logs = rows.iter().zip(&self.tiles.log_densities);
                let weight =
                    |(&n, log): (&usize, &f64)| if log.is_nan() { 0.0 } else { self.batch.weight(self.kept[n]) };
                weights.extend(logs.map(weight));
            }
            self.tiles.distribute(&program, &weights);
            let of_batch: Vec<usize> = rows.iter().map(|&n| self.kept[n]).collect();
            see.see_block(&mut InferredBlock {
                program: &program,
                theta: self.theta,
                tiles: self.tiles,
                columns: &columns,
                rows: &of_batch,
                weights: &weights,
            });
            if known {
                continue;
            }
            for (&n, _) in rows.iter().zip(&weights).filter(|(_, weight)| **weight == 0.0) {
                self.infer_row(n, see).map_err(|e| (n, e))?;
            }
        }
        see.end(&program, self.theta, self.tiles);
        Ok(())
    }

    /// A row alone, in logarithms.
    fn infer_row(&mut self, n: usize, see: &mut impl Posteriors) -> Result<(), Error> {
        let (n, theta) = (self.kept[n], self.theta);
        let rows = self.rows.get_or_insert_with(|| RowByRow::new(self.model, theta, self.wanted));
        rows.see((self.batch.row(n), self.batch.block().row(n), self.batch.weight(n)), |at, scratch| {
            let log_density = at.infer(theta, scratch)?;
            see.see_row(n, at, log_density, theta, scratch);
            Ok(())
        })
    }
}
