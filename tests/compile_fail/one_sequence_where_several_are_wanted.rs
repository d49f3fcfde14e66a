use marginal::distributions::Poisson;
use marginal::em::Em;
use marginal::models::HiddenMarkovModel;

fn main() {
    let model = HiddenMarkovModel::of(vec![Poisson::new(1.0).unwrap()]).unwrap();
    let calls: Vec<u64> = vec![1, 0, 2];
    let _ = Em::default().fit_from(&model, &calls, model.clone());
}
