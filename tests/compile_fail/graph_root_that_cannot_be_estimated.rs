use marginal::distributions::Distribution;
use marginal::graph::Graph;
use rand::Rng;

// A distribution without `Estimate`, and not frozen by `Fixed`.
#[derive(Clone, Debug)]
struct Point(f64);

impl Distribution for Point {
    type Value = f64;
    fn log_density(&self, x: &f64) -> f64 {
        if *x == self.0 { 0.0 } else { f64::NEG_INFINITY }
    }
    fn sample(&self, _: &mut dyn Rng) -> f64 {
        self.0
    }
}

fn main() {
    let mut g = Graph::builder();
    g.node("x", (), Point(0.0));
}
