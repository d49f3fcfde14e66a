use marginal::conditionals::ConditionalTable;
use marginal::distributions::Normal;
use marginal::graph::{Graph, Node};

fn main() {
    let mut g = Graph::builder();
    let x = g.node("x", (), Normal::standard());
    let _: Node<bool> = g.node("y", x, ConditionalTable::new([[0.9, 0.1], [0.2, 0.8]]).unwrap());
}
