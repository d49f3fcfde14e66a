//! A drawing of the graph in the DOT language of Graphviz.

use std::fmt::Write;

use super::arrow_view::Arrows;

/// Nodes by their names, those of `shaded` filled, and an arrow from each parent to its child.
pub(crate) fn dot(graph: &Arrows<'_>, shaded: &[usize]) -> String {
    let mut text = String::from("digraph {\n");
    for node in 0..graph.len() {
        let style = if shaded.contains(&node) { " [style=filled, fillcolor=lightgrey]" } else { "" };
        let _ = writeln!(text, "  {}{style};", quoted(&graph.name(node)));
    }
    for node in 0..graph.len() {
        for &parent in graph.parents(node) {
            let _ = writeln!(text, "  {} -> {};", quoted(&graph.name(parent)), quoted(&graph.name(node)));
        }
    }
    text.push_str("}\n");
    text
}

/// In a quoted name DOT knows one escape, `\"`; a backslash is doubled so that none begins by accident.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
