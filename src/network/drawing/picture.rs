//! A picture of a network with its posteriors: a box for each variable, a bar for each state, an arrow for each parent.

use std::fmt::Write;

use super::layout::{Layout, layout};
use crate::network::model::findings::Finding;
use crate::network::{Posteriors, Variable};

/// All lengths in pixels.
const WIDTH: f64 = 196.0;
const GAP: f64 = 28.0;
const BETWEEN_ROWS: f64 = 48.0;
const LINE: f64 = 16.0;
const BAR_FROM: f64 = 90.0;
const BAR: f64 = 50.0;
/// Of more states than this the most probable ones are shown.
const SHOWN: usize = 8;
/// A longer name is cut.
const LETTERS: usize = 22;
const STATE_LETTERS: usize = 11;

impl Posteriors<'_> {
    /// The network as SVG: in each box the posterior probabilities of its variable's states; what is observed is shaded.
    pub fn to_svg(&self) -> String {
        let network = self.tree.network();
        let Layout { places, bends } = layout(network, network.order());
        let rows = places.iter().map(|(row, _)| row + 1).max().unwrap_or(0);
        let mut heights = vec![0.0f64; rows];
        for (variable, (row, _)) in network.variables().iter().zip(&places) {
            heights[*row] = heights[*row].max(height(variable));
        }
        let mut tops = Vec::with_capacity(rows);
        heights.iter().fold(GAP, |top, height| {
            tops.push(top);
            top + (height + BETWEEN_ROWS)
        });
        let corner = |v: usize| (places[v].1 * (WIDTH + GAP) - WIDTH / 2.0, tops[places[v].0]);
        let right = (0..places.len()).map(|v| corner(v).0 + WIDTH).fold(0.0, f64::max) + GAP;
        let bottom = tops.last().zip(heights.last()).map_or(0.0, |(top, height)| top + height) + GAP;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{right:.0}\" height=\"{bottom:.0}\" \
             viewBox=\"0 0 {right:.0} {bottom:.0}\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"11\">\n\
             <defs><marker id=\"tip\" markerWidth=\"9\" markerHeight=\"8\" refX=\"8\" refY=\"4\" orient=\"auto\">\
             <path d=\"M0 0 9 4 0 8z\" fill=\"#667\"/></marker></defs>\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
        );
        for (v, variable) in network.variables().iter().enumerate() {
            for (&parent, bends) in variable.parents().iter().zip(&bends[v]) {
                let mut from =
                    (corner(parent).0 + WIDTH / 2.0, corner(parent).1 + height(&network.variables()[parent]));
                let _ = write!(svg, "<path d=\"M{:.1} {:.1}", from.0, from.1);
                for (row, bend) in (places[parent].0 + 1..).zip(bends) {
                    let x = bend * (WIDTH + GAP);
                    write_curve(&mut svg, from, (x, tops[row]));
                    from = (x, tops[row] + heights[row]);
                    let _ = write!(svg, "V{:.1}", from.1);
                }
                write_curve(&mut svg, from, (corner(v).0 + WIDTH / 2.0, corner(v).1));
                svg.push_str("\" fill=\"none\" stroke=\"#99a\" marker-end=\"url(#tip)\"/>\n");
            }
        }
        for ((v, variable), p) in network.variables().iter().enumerate().zip(self.iter()) {
            let known = *self.tree.findings().of(v) != Finding::Nothing;
            write_box(&mut svg, variable, p, corner(v), known);
        }
        svg.push_str("</svg>\n");
        svg
    }
}

/// From one row to the next, upright at both ends.
fn write_curve(svg: &mut String, (x, y): (f64, f64), (to_x, to_y): (f64, f64)) {
    let bend = BETWEEN_ROWS.max((to_y - y) / 3.0);
    let _ = write!(svg, "C{x:.1} {:.1} {to_x:.1} {:.1} {to_x:.1} {to_y:.1}", y + bend, to_y - bend);
}

/// How many lines of states a box has.
fn lines(variable: &Variable) -> usize {
    variable.states().len().min(SHOWN)
}

fn height(variable: &Variable) -> f64 {
    LINE * (lines(variable) as f64 + 1.0) + 12.0
}

fn write_box(svg: &mut String, variable: &Variable, p: &[f64], (x, y): (f64, f64), known: bool) {
    let fill = if known { "#e3e3ea" } else { "#fff" };
    let _ = writeln!(
        svg,
        "<g transform=\"translate({x:.1} {y:.1})\"><title>{}</title>\
         <rect width=\"{WIDTH}\" height=\"{}\" rx=\"4\" fill=\"{fill}\" stroke=\"#667\"/>\
         <text x=\"{}\" y=\"15\" text-anchor=\"middle\" font-weight=\"bold\">{}</text>",
        escaped(variable.name()),
        height(variable),
        WIDTH / 2.0,
        escaped(&shortened(variable.name(), LETTERS))
    );
    let mut states: Vec<usize> = (0..p.len()).collect();
    if states.len() > SHOWN {
        states.sort_by(|&a, &b| p[b].total_cmp(&p[a]));
        states.truncate(SHOWN);
        states.sort_unstable();
    }
    for (line, state) in states.into_iter().enumerate() {
        let base = LINE * (line as f64 + 2.0);
        let (top, name) = (base - 9.0, escaped(&shortened(&variable.states()[state], STATE_LETTERS)));
        let _ = writeln!(
            svg,
            "<text x=\"8\" y=\"{base}\">{name}</text>\
             <rect x=\"{BAR_FROM}\" y=\"{top}\" width=\"{BAR}\" height=\"10\" fill=\"#eef\"/>\
             <rect x=\"{BAR_FROM}\" y=\"{top}\" width=\"{:.2}\" height=\"10\" fill=\"#4269d0\"/>\
             <text x=\"{}\" y=\"{base}\" text-anchor=\"end\">{:.1} %</text>",
            BAR * p[state],
            WIDTH - 4.0,
            100.0 * p[state]
        );
    }
    svg.push_str("</g>\n");
}

fn shortened(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        text.to_owned()
    } else {
        text.chars().take(letters - 1).chain(['…']).collect()
    }
}

fn escaped(text: &str) -> String {
    let plain = |c: char| if c.is_control() { '�' } else { c };
    let text: String = text.chars().map(plain).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
