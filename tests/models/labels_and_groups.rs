//! Components that are known in part, and rows that share one, against an EM written in another language.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::components::{Components, Gaussians, Grouped, Label, PartlyLabelled};
use marginal::prelude::*;

fn near(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance, "{a} {b}");
}

fn iris() -> Table {
    Table::read_csv("data/iris.csv").unwrap()
}

fn three_normals() -> Gaussians {
    Gaussians::new(vec![MultivariateNormal::standard(4); 3]).unwrap()
}

/// Five flowers of each kind by name, and one that is not of the first.
fn some_kinds() -> Vec<Label> {
    let known = |n: usize| if n % 50 < 5 { Label::Is(n / 50) } else { Label::Unknown };
    let mut labels: Vec<Label> = (0..150).map(known).collect();
    labels[149] = Label::NoneOf(vec![0]);
    labels
}

const STARTS: [StartKind; 4] =
    [StartKind::Clusters, StartKind::RandomRows, StartKind::TightSeeds, StartKind::RandomShares];

/// ln L, π and the second mean by numpy, from the true partition and 20 random ones.
#[test]
fn iris_with_a_few_known_kinds_has_the_optimum_of_an_independent_program() {
    let bank = PartlyLabelled::new(three_normals());
    let flowers = bank.label(&iris(), &some_kinds()).unwrap();
    let em = Em::default().starts(STARTS).restarts(12).tolerance(1e-13).verify(true);
    let fit = em.fit(&Mixture::of(bank).unwrap(), &flowers).unwrap();
    near(fit.log_likelihood, -180.28730847413217, 1e-7);
    let expected = [0.33333333, 0.30057759, 0.36608908];
    fit.parameters.proportions().iter().zip(expected).for_each(|(p, e)| near(*p, e, 1e-6));
    let second = fit.parameters.components().members()[1].mean();
    second.iter().zip([5.91553381, 2.7771737, 4.20273679, 1.29755702]).for_each(|(m, e)| near(*m, e, 1e-5));
    let kinds = fit.parameters.labels(&flowers).unwrap();
    assert_eq!((0..150).filter(|&n| kinds[n] != n / 50).count(), 5);
    assert!((0..150).all(|n| some_kinds()[n].allows(kinds[n])));
}

#[test]
fn every_kind_of_start_numbers_the_components_as_the_labels_do() {
    let bank = PartlyLabelled::new(three_normals());
    let flowers = bank.label(&iris(), &some_kinds()).unwrap();
    for kind in STARTS.into_iter().chain([StartKind::AsGiven, StartKind::Seeds]) {
        let fit = Em::default().starts([kind]).fit(&Mixture::of(bank.clone()).unwrap(), &flowers).unwrap();
        let [stalks, leaves] = [0, 2].map(|z| fit.parameters.components().members()[z].mean()[2]);
        assert!(stalks < 1.6 && leaves > 4.8, "{kind}: {stalks} {leaves}");
    }
}

#[test]
fn labels_that_say_nothing_change_nothing() {
    let start = Mixture::of(Gaussians::new((0..3).map(|z| iris_normal(50 * z)).collect()).unwrap()).unwrap();
    let plain = Em::default().max_iterations(5).tolerance(-1.0).fit(&start, &iris()).unwrap();
    let bank = PartlyLabelled::new(start.components().clone());
    let any = Label::OneOf(vec![2, 0, 1]);
    let rows = bank.label(&iris(), &[vec![Label::Unknown; 100], vec![any; 50]].concat()).unwrap();
    let labelled = Em::default().max_iterations(5).tolerance(-1.0).fit(&Mixture::of(bank).unwrap(), &rows).unwrap();
    plain.history.iter().zip(&labelled.history).for_each(|(a, b)| near(*a, *b, 1e-9));
}

fn iris_normal(first: usize) -> MultivariateNormal {
    MultivariateNormal::spherical(iris().row(first).to_vec(), 0.5).unwrap()
}

/// With every state known a chain is estimated by counting.
#[test]
fn a_chain_of_known_states_is_counted() {
    let bank = PartlyLabelled::new(vec![Poisson::new(1.0).unwrap(), Poisson::new(2.0).unwrap()]);
    let (x, z) = (vec![0u64, 1, 4, 6, 1, 2, 5, 0], [0, 0, 1, 1, 0, 1, 1, 0]);
    let sequence = bank.label(&x, &z.map(Label::Is)).unwrap();
    let fit =
        Em::default().fit(&HiddenMarkovModel::of(bank.clone()).unwrap(), std::slice::from_ref(&sequence)).unwrap();
    let chain = &fit.parameters;
    near(chain.emissions().members()[0].rate(), 0.5, 1e-12);
    near(chain.emissions().members()[1].rate(), 17.0 / 4.0, 1e-12);
    near(chain.transitions().row(0)[1], 2.0 / 3.0, 1e-12);
    near(chain.transitions().row(1)[0], 0.5, 1e-12);
    assert_eq!(chain.initial(), [1.0, 0.0]);
    assert_eq!(chain.most_probable(&sequence).unwrap().states, z);
    // State 1 first has probability 0 now.
    let impossible = bank.label(&[3u64, 1], &[Label::Is(1), Label::Unknown]).unwrap();
    assert!(matches!(chain.log_density(&impossible), Err(Error::Impossible { row: 0, .. })));
    let of_rows = Em::default().fit_from(chain, &[sequence, impossible], chain.clone()).unwrap_err();
    assert!(matches!(of_rows.cause, Error::AtRow { row: 1, .. }), "{of_rows}");
}

#[test]
fn labels_at_fault_are_named() {
    let bank = PartlyLabelled::new(vec![Normal::new(0.0, 1.0).unwrap(), Normal::new(3.0, 1.0).unwrap()]);
    let label = |labels: &[Label]| bank.label(&[0.0, 1.0], labels).unwrap_err().to_string();
    let unknown = Label::Unknown;
    assert_eq!(label(&[unknown.clone(), Label::Is(2)]), "row 1: label 2 is not in {0, …, 1}: there are 2 states");
    let none = label(&[Label::NoneOf(vec![0, 1]), unknown.clone()]);
    assert!(none.starts_with("row 0: its label allows none of the 2 states"), "{none}");
    assert!(label(std::slice::from_ref(&unknown)).starts_with("the labels: length 1, expected 2"));
    // Data that were put together by hand are checked by the E-step.
    let model = Mixture::of(bank).unwrap();
    let fit = |label: Label| Em::default().fit(&model, &[(0.0, Label::Unknown), (1.0, label)]).unwrap_err().cause;
    assert!(matches!(fit(Label::Is(5)), Error::Label { row: 1, label: Some(5), states: 2 }));
    assert!(matches!(fit(Label::NoneOf(vec![7])), Error::Label { row: 1, label: Some(7), states: 2 }));
    assert!(matches!(fit(Label::OneOf(vec![])), Error::Label { row: 1, label: None, states: 2 }));
    let rows = Mixture::of(PartlyLabelled::new(three_normals())).unwrap();
    let ragged = vec![(vec![0.0; 4], Label::Is(0)), (vec![0.0; 3], Label::Is(1)), (vec![1.0; 4], Label::Is(2))];
    let failed = Em::default().fit_from(&rows, &ragged, rows.clone()).unwrap_err();
    assert!(matches!(failed.cause, Error::AtRow { row: 1, .. }), "{failed}");
}

/// Five flowers of one kind in each group; ln L by numpy, the best of 60 random starts.
#[test]
fn groups_of_flowers_have_the_optimum_of_an_independent_program() {
    let flowers = iris();
    let rows = flowers.rows().values();
    let groups: Vec<Table> = rows.chunks(20).map(|rows| Table::from_values(rows.to_vec(), 4).unwrap()).collect();
    let model = Mixture::of(Grouped::new(three_normals())).unwrap();
    let fit = Em::default().starts(STARTS).tolerance(1e-13).verify(true).fit(&model, &groups).unwrap();
    near(fit.log_likelihood, -56.54208026025384, 1e-8);
    assert_eq!((fit.observations, fit.draws), (30, 150.0));
    let labels = fit.parameters.labels(&groups).unwrap();
    assert!((0..30).all(|g| labels[g] == labels[g / 10 * 10]));
    let twice = Em::default().fit_from(&model, &Weighted::new(&groups, &[2.0; 30]).unwrap(), fit.parameters).unwrap();
    near(twice.log_likelihood, 2.0 * fit.log_likelihood, 1e-7);
}

#[test]
fn groups_of_one_row_are_rows_and_the_size_of_a_group_does_not_matter() {
    let normals = vec![Normal::new(0.0, 1.0).unwrap(), Normal::new(4.0, 2.0).unwrap()];
    let bank = Grouped::new(normals.clone());
    let rows: Vec<f64> = (0..2000).map(|n| f64::from(n * 7919 % 1000) / 200.0).collect();
    // Sizes on both sides of where groups are no longer put side by side, and of a piece.
    let sizes = [1, 127, 128, 129, 513, 2, 0, 1100];
    let mut first = 0;
    let mut group = |size: usize| {
        first += size;
        rows[first - size..first].to_vec()
    };
    let groups: Vec<Vec<f64>> = sizes.into_iter().map(&mut group).collect();
    let mut tile = vec![0.0; 2 * groups.len()];
    bank.log_density_tile(&groups, &mut tile);
    let weights: Vec<f64> = (0..tile.len()).map(|i| 0.25 * (i % 5) as f64).collect();
    let (mut of_tile, mut one_by_one) = (bank.empty_statistics(), bank.empty_statistics());
    bank.observe_tile(&mut of_tile, &groups, &weights);
    for z in 0..2 {
        for (n, group) in groups.iter().enumerate() {
            let sum: f64 = group.iter().map(|x| normals[z].log_density(x)).sum();
            near(tile[z * groups.len() + n], sum, 1e-9 * (1.0 + sum.abs()));
            let weight = weights[z * groups.len() + n];
            group.iter().filter(|_| weight > 0.0).for_each(|x| normals.observe_given(&mut one_by_one, x, z, weight));
        }
    }
    let (a, b) = (bank.expected_log_densities(&of_tile), bank.expected_log_densities(&one_by_one));
    near(a, b, 1e-9 * b.abs());
}

#[test]
fn groups_of_other_rows_are_refused() {
    let model = Mixture::of(Grouped::new(three_normals())).unwrap();
    let groups = [Table::from_values(vec![0.0; 8], 4).unwrap(), Table::from_values(vec![0.0; 6], 3).unwrap()];
    let failed = Em::default().fit_from(&model, &groups, model.clone()).unwrap_err();
    assert!(failed.to_string().contains("row 1: a row of the group: length 3, expected 4"), "{failed}");
}
