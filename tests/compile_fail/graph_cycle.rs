use marginal::conditionals::LinearGaussian;
use marginal::graph::Graph;

fn main() {
    let mut g = Graph::builder();
    // x would need y, and y needs x: the handle does not exist yet.
    let x = g.node("x", y, LinearGaussian::<f64>::new(0.0, &[1.0], 1.0).unwrap());
    let y = g.node("y", x, LinearGaussian::<f64>::new(0.0, &[1.0], 1.0).unwrap());
}
