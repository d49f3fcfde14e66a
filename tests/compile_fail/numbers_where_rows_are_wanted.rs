use marginal::distributions::Normal;
use marginal::em::Em;
use marginal::graph::Graph;

fn main() {
    let mut g = Graph::builder();
    g.node("x", (), Normal::standard());
    let model = g.build().unwrap().hide(()).unwrap();
    let _ = Em::default().fit(&model, &vec![1.0, 2.0]);
}
