//! Faults planted one by one in correct code: the laws must catch each, blame the right part, and leave the correct
//! code and its legal variants alone. A law that no fault has broken has not shown that it can fail.
#![cfg(feature = "laws")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "faults/a_logistic.rs"]
mod a_logistic;
#[path = "faults/a_known_slope.rs"]
mod a_known_slope;
#[path = "faults/a_normal.rs"]
mod a_normal;
#[path = "faults/banks.rs"]
mod banks;
mod banks_of_banks;
#[path = "faults/bayes.rs"]
mod bayes;
#[path = "faults/centres.rs"]
mod centres;
#[path = "faults/driver.rs"]
mod driver;
#[path = "faults/echo.rs"]
mod echo;
#[path = "faults/excess_zeros.rs"]
mod excess_zeros;
#[path = "faults/failures.rs"]
mod failures;
mod families;
#[path = "faults/hidden_node.rs"]
mod hidden_node;
#[path = "faults/left_to_right.rs"]
mod left_to_right;
#[path = "faults/lifetimes.rs"]
mod lifetimes;
#[path = "faults/plane_normals.rs"]
mod plane_normals;
#[path = "faults/poissons.rs"]
mod poissons;
#[path = "faults/smallest.rs"]
mod smallest;
#[path = "faults/subjects.rs"]
mod subjects;
#[path = "faults/two_normals.rs"]
mod two_normals;

use driver::{Row, cases, matrix, names, none_idle, settle};
use marginal::laws;
use marginal::laws::strategies::observed;
use smallest::rows_left;
use subjects::*;

/// Cases that a correct subject must pass.
const MANY: usize = 200;

#[test]
fn every_fault_in_a_mixture_is_caught_and_the_right_part_is_blamed() {
    settle(&TWO_NORMALS);
    none_idle(&[&TWO_NORMALS[..], &A_NORMAL[..]].concat(), &two_normals_suite());
}

#[test]
fn a_correct_mixture_and_its_legal_variants_break_no_law() {
    for fault in two_normals::LEGAL {
        let broken = names(&two_normals_suite(), &two_normals_cases(fault, MANY));
        assert!(broken.is_empty(), "{fault:?}: {broken:?}");
    }
}

#[test]
fn every_fault_in_a_mixture_of_the_plane_is_caught_and_the_right_part_is_blamed() {
    settle(&PLANE_NORMALS);
}

#[test]
fn a_correct_mixture_of_the_plane_and_its_legal_variants_break_no_law() {
    for fault in plane_normals::LEGAL {
        let broken = names(&plane_normals_suite(), &plane_normals_cases(fault, MANY));
        assert!(broken.is_empty(), "{fault:?}: {broken:?}");
    }
}

#[test]
fn every_fault_in_a_mixture_of_counts_is_caught_and_the_right_part_is_blamed() {
    settle(&POISSONS);
}

#[test]
fn a_correct_mixture_of_counts_and_its_legal_variants_break_no_law() {
    for fault in poissons::LEGAL {
        let broken = names(&poissons_suite(), &poissons_cases(fault, MANY));
        assert!(broken.is_empty(), "{fault:?}: {broken:?}");
    }
}

#[test]
fn every_fault_in_a_model_of_excess_zeros_is_caught_and_the_right_part_is_blamed() {
    settle(&EXCESS_ZEROS);
}

#[test]
fn a_correct_model_of_excess_zeros_and_its_legal_variants_break_no_law() {
    for fault in excess_zeros::LEGAL {
        let broken = names(&laws::finite_latent(), &cases(excess_zeros::any_case(fault), MANY));
        assert!(broken.is_empty(), "{fault:?}: {broken:?}");
    }
}

#[test]
fn every_fault_in_k_means_is_caught_and_the_right_part_is_blamed() {
    settle(&CENTRES);
}

#[test]
fn correct_k_means_and_its_legal_variants_break_no_law() {
    for fault in centres::LEGAL {
        let broken = names(&centres_suite(), &cases(centres::any_case(fault), MANY));
        assert!(broken.is_empty(), "{fault:?}: {broken:?}");
    }
}

#[test]
fn every_fault_in_a_model_of_lifetimes_is_caught_and_the_right_part_is_blamed() {
    settle(&LIFETIMES);
    let rows = [&LIFETIMES[..], &LEFT_TO_RIGHT[..]].concat();
    none_idle(&rows, &laws::latent_model::<lifetimes::Lifetimes>());
    assert!(names(&laws::latent_model(), &cases(lifetimes::any_case(lifetimes::Fault::None), MANY)).is_empty());
}

#[test]
fn every_fault_in_a_chain_is_caught_and_the_right_part_is_blamed() {
    settle(&LEFT_TO_RIGHT);
    for summed in [false, true] {
        let right = cases(left_to_right::any_case(left_to_right::Fault::None, summed), MANY);
        assert_eq!(names(&laws::latent_model(), &right), [""; 0], "{summed}");
    }
}

#[test]
fn every_fault_in_a_graph_with_a_hidden_node_is_caught_and_the_right_part_is_blamed() {
    settle(&HIDDEN_NODE);
    assert!(names(&laws::graph(), &cases(hidden_node::any_graph(echo::Fault::None), MANY)).is_empty());
    assert!(names(&laws::latent_model(), &cases(hidden_node::any_case(echo::Fault::None), MANY)).is_empty());
}

#[test]
fn every_fault_in_a_distribution_is_caught_and_the_right_part_is_blamed() {
    settle(&A_NORMAL);
    none_idle(&A_NORMAL, &laws::distribution::<a_normal::Normal>());
    none_idle(&A_NORMAL, &laws::exponential_family::<a_normal::Normal>());
    none_idle(&A_NORMAL, &estimate_suite());
}

#[test]
fn a_correct_distribution_breaks_no_law() {
    let normals = || a_normal::any_normal(a_normal::Fault::None);
    assert!(names(&laws::distribution(), &cases(normals(), 16)).is_empty());
    assert!(names(&laws::exponential_family(), &cases(normals(), 16)).is_empty());
    assert!(names(&estimate_suite(), &cases(observed(normals()), MANY)).is_empty());
}

#[test]
fn every_fault_in_a_distribution_function_or_a_summary_is_caught_and_the_right_part_is_blamed() {
    settle(&A_LOGISTIC);
    settle(&FAILURES);
    for rows in [&A_LOGISTIC, &FAILURES] {
        none_idle(rows, &laws::cumulative::<failures::Failures>());
        none_idle(rows, &laws::summary::<failures::Failures>());
    }
}

#[test]
fn correct_distribution_functions_and_summaries_break_no_law() {
    let logistics = cases(a_logistic::any_logistic(a_logistic::Fault::None), MANY);
    assert!(names(&laws::cumulative(), &logistics).is_empty());
    assert!(names(&laws::summary(), &logistics).is_empty());
    let failures = cases(failures::any_failures(failures::Fault::None), MANY);
    assert!(names(&laws::cumulative(), &failures).is_empty());
    assert!(names(&laws::summary(), &failures).is_empty());
}

#[test]
fn a_sampler_or_an_estimate_that_leads_away_from_the_truth_is_seen() {
    use a_normal::Fault::{DensityOfTheVariance, MergeKeepsTheLeft, None, SamplerAFifthTooWide, SamplerTwiceAsWide};
    let broken = |fault| names(&laws::recovery(), &cases(observed(a_normal::any_normal(fault)), MANY));
    assert!(broken(None).is_empty());
    for fault in [SamplerTwiceAsWide, SamplerAFifthTooWide, DensityOfTheVariance, MergeKeepsTheLeft] {
        assert_eq!(broken(fault), ["the_truth_is_hardly_beaten"], "{fault:?}");
    }
}

#[test]
fn a_forgotten_prior_and_a_held_slope_that_moves_are_caught_and_the_estimate_is_blamed() {
    settle(&A_KNOWN_SLOPE);
    let right = cases(a_known_slope::any_case(a_known_slope::Fault::None), MANY);
    assert_eq!(names(&a_known_slope::suite(), &right), [""; 0]);
}

/// Of the cases on which some law breaks, the share whose report blames this part first.
fn share_rightly_blamed<C>(suite: &[laws::Law<C>], cases: &[C], part: laws::Part) -> f64 {
    let blamed: Vec<laws::Part> = cases.iter().filter_map(|case| laws::check(suite, case).suspect()).collect();
    assert!(2 * blamed.len() >= cases.len(), "{} of {} cases break a law", blamed.len(), cases.len());
    blamed.iter().filter(|suspect| **suspect == part).count() as f64 / blamed.len() as f64
}

#[test]
fn on_single_cases_too_the_right_part_is_blamed() {
    use left_to_right::Fault::{FilteredForSmoothed, PairsOfTheFilter, PairsWithoutTheEmission};
    for fault in [PairsWithoutTheEmission, PairsOfTheFilter, FilteredForSmoothed] {
        let cases = cases(left_to_right::any_case(fault, false), 32);
        let share = share_rightly_blamed(&laws::latent_model(), &cases, laws::Part::EStep);
        assert!(share > 0.7, "{fault:?}: {share}");
    }
    let cases_of = |fault| cases(observed(a_normal::any_normal(fault)), 32);
    let share =
        share_rightly_blamed(&laws::estimate(), &cases_of(a_normal::Fault::SquaresNotSquared), laws::Part::Statistics);
    assert!(share > 0.85, "{share}");
    for (fault, part) in [(echo::Fault::Halved, laws::Part::Expected), (echo::Fault::Lenient, laws::Part::Statistics)] {
        let cases = cases(hidden_node::any_case(fault), 32);
        let blamed = cases.iter().map(|case| laws::check(&laws::latent_model(), case).suspects().to_vec());
        let told: Vec<Vec<laws::Part>> = blamed.filter(|suspects| !suspects.is_empty()).collect();
        let right = told.iter().filter(|suspects| suspects.contains(&part)).count();
        assert!(10 * right >= 7 * told.len() && told.len() > 16, "{fault:?}: {right} of {}: {told:?}", told.len());
    }
}

#[test]
fn at_most_five_rows_are_left_of_a_case_that_shows_a_fault() {
    let left = [
        rows_left(&excess_zeros::CATALOGUE, &EXCESS_ZEROS, &laws::finite_latent(), excess_zeros::any_case),
        rows_left(&centres::CATALOGUE, &CENTRES, &centres_suite(), centres::any_case),
        rows_left(&lifetimes::CATALOGUE, &LIFETIMES, &laws::latent_model(), lifetimes::any_case),
    ]
    .concat();
    let many: Vec<_> = left.iter().filter(|(_, rows)| *rows > 5).collect();
    assert!(20 * many.len() <= left.len(), "{many:#?}");
}

#[test]
fn every_fault_in_what_a_bank_hides_or_knows_is_caught_and_the_right_part_is_blamed() {
    let row = |(fault, part): &(banks::Fault, laws::Part)| match fault {
        _ if banks::OF_HOLES.contains(&(*fault, *part)) => {
            Row::of("missing cells", fault, *part, &laws::latent_model(), &cases(banks::any_holed(*fault), 40))
        }
        _ if banks::OF_LABELS.contains(&(*fault, *part)) => Row::of(
            "labels in part",
            fault,
            *part,
            &laws::finite_conditional(),
            &cases(banks::any_labelled(*fault), 40),
        ),
        _ => Row::of("groups", fault, *part, &laws::finite_latent(), &cases(banks::any_grouped(*fault), 40)),
    };
    let all = banks::OF_HOLES.iter().chain(&banks::OF_LABELS).chain(&banks::OF_GROUPS);
    settle(&all.map(row).collect::<Vec<_>>());
}

#[test]
fn correct_banks_of_missing_cells_labels_and_groups_break_no_law() {
    let none = banks::Fault::None;
    assert_eq!(names(&laws::latent_model(), &cases(banks::any_holed(none), MANY)), [""; 0]);
    assert_eq!(names(&laws::finite_conditional(), &cases(banks::any_labelled(none), MANY)), [""; 0]);
    assert_eq!(names(&laws::finite_latent(), &cases(banks::any_grouped(none), MANY)), [""; 0]);
}

fn all_rows() -> Vec<&'static Row> {
    let distributions = [&A_NORMAL, &A_LOGISTIC, &FAILURES, &A_KNOWN_SLOPE];
    let models =
        [&TWO_NORMALS, &PLANE_NORMALS, &POISSONS, &EXCESS_ZEROS, &CENTRES, &HIDDEN_NODE, &LIFETIMES, &LEFT_TO_RIGHT];
    distributions.into_iter().chain(models).flat_map(|rows| rows.iter()).collect()
}

const MATRIX: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/laws/matrix.md");

#[test]
fn the_matrix_of_the_documentation_is_that_of_the_catalogue() {
    let shown = std::fs::read_to_string(MATRIX).unwrap();
    let stale: Vec<String> = all_rows().iter().map(|row| row.head()).filter(|head| !shown.contains(head)).collect();
    let rows = shown.lines().filter(|line| line.contains("| `")).count();
    assert!(stale.is_empty() && rows == all_rows().len(), "write it anew, {rows} rows: {}", stale.join("\n"));
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let falls = shown.lines().filter(|line| line.ends_with("yes |")).count();
    let readme = readme.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(readme.contains(&format!("of {rows} faults planted")) && readme.contains(&format!("shows {falls}.")));
}

/// `cargo test --features laws --test planted_faults -- --ignored`
#[test]
#[ignore = "writes the matrix of faults and laws"]
fn write_the_matrix() {
    std::fs::write(MATRIX, matrix(&all_rows())).unwrap();
}
