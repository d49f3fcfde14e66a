//! Angles are radians: degrees are a question, and what lies beyond a turn is told.

use super::refusals::{assert_says, refusal};
use super::{file, printed};

fn angles(name: &str, of: impl Fn(f64) -> f64) -> String {
    let rows = (0..60).map(|n| f64::from(n * 7 % 60) / 60.0 * if n % 2 == 0 { 0.1 } else { 1.0 });
    file(name, rows.fold("wind\n".to_owned(), |text, turn| text + &format!("{}\n", of(turn))))
}

fn fit<'a>(kind: &[&'a str], data: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["fit", kind[0], data], &kind[1..], &["--family", "von-mises", "--restarts", "1"], more].concat()
}

#[test]
fn degrees_are_a_question_and_not_a_fit() {
    let fits: [&[&str]; 2] = [&["mixture", "-k", "1"], &["hmm", "-k", "1"]];
    for kind in fits {
        for data in [
            angles("degrees.csv", |turn| (360.0 * turn).round()),
            angles("signed_degrees.csv", |turn| 360.0 * turn - 180.0),
            angles("hours.csv", |turn| 24.0 * turn),
        ] {
            let told = refusal(1, &fit(kind, &data, &[]));
            assert_says(
                &told,
                &["column `wind` runs from", "more than a turn", "multiply degrees by π/180", "--radians"],
            );
            printed(&fit(kind, &data, &["--radians"]));
        }
        for data in [
            angles("turns.csv", |turn| 6.25 * turn),
            angles("signed.csv", |turn| 6.25 * (turn - 0.5)),
            angles("rounded.csv", |turn| (6.2 * turn * 10.0).round() / 10.0),
        ] {
            assert!(!printed(&fit(kind, &data, &[])).contains("taken for radians"));
        }
        let narrow = printed(&fit(kind, &angles("narrow.csv", |turn| 88.0 + 5.0 * turn), &[]));
        assert_says(&narrow, &["column `wind` runs from 88 to", "beyond [−π, π] and [0, 2π]: it is taken for radians"]);
    }
    let other = refusal(1, &["fit", "mixture", "data/faithful.csv", "-k", "1", "--family", "normal", "--radians"]);
    assert_says(&other, &["--radians is for columns of the family von-mises"]);
}

#[test]
fn the_mass_of_angles_is_that_of_one_turn() {
    let data = angles("turns.csv", |turn| turn);
    let model = super::path("turns.json");
    printed(&fit(&["mixture", "-k", "2"], &data, &["--save", model.to_str().unwrap()]));
    assert!(printed(&["verify", model.to_str().unwrap(), &data]).contains("the_joint_is_normalised"));
}
