use marginal::conditionals::LinearGaussian;
use marginal::distributions::Categorical;
use marginal::graph::Graph;

fn main() {
    let mut g = Graph::builder();
    let colour = g.node("colour", (), Categorical::uniform(3));
    // The label 2 is not twice the label 1.
    g.node("length", colour, LinearGaussian::new(0.0, &[1.0], 1.0).unwrap());
}
