use marginal::conditionals::LinearGaussian;
use marginal::distributions::Normal;
use marginal::graph::Graph;

fn main() {
    let mut g = Graph::builder();
    let _ = g.node("x", (), Normal::standard());
    // A parent is named by its handle.
    g.node("y", "x", LinearGaussian::<f64>::new(0.0, &[1.0], 1.0).unwrap());
}
