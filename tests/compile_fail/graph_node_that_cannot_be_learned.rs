use marginal::conditionals::ConditionalDistribution;
use marginal::distributions::Normal;
use marginal::graph::Graph;
use rand::Rng;

// No `EstimateConditional`, and not frozen by `FixedConditional`.
#[derive(Clone, Debug)]
struct Echo;

impl ConditionalDistribution for Echo {
    type Given = f64;
    type Value = f64;
    fn log_density(&self, x: &f64, given: &f64) -> f64 {
        if x == given { 0.0 } else { f64::NEG_INFINITY }
    }
    fn sample(&self, given: &f64, _: &mut dyn Rng) -> f64 {
        *given
    }
}

fn main() {
    let mut g = Graph::builder();
    let x = g.node("x", (), Normal::standard());
    g.node("y", x, Echo);
}
