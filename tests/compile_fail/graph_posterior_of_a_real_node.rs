use marginal::distributions::Normal;
use marginal::graph::Graph;

fn main() {
    let mut g = Graph::builder();
    let x = g.node("x", (), Normal::standard());
    let joint = g.build().unwrap();
    let _ = joint.posterior(x, &joint.evidence());
}
