use marginal::conditionals::given;
use marginal::distributions::Normal;
use marginal::graph::Graph;

fn main() {
    let mut g = Graph::builder();
    let x = g.node("x", (), Normal::standard());
    // x is real; this wants a bool.
    g.node("y", x, given(|&x: &bool| Normal::new(f64::from(u8::from(x)), 1.0).unwrap()));
}
