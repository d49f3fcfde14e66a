//! It rained or it did not; what follows, and how much of it can be learned if the rain was never written down?
//!
//! Four nodes of three types, p(x1) p(x2 | x1) p(x3 | x2) p(x4 | x2, x3): rain (x1), a wet path (x2), the slowing of
//! a walker in minutes (x3), and whether the walker is late (x4).

use marginal::conditionals::{ConditionalTable, LogisticRegression, given};
use marginal::data::Table;
use marginal::distributions::{Distribution, Normal};
use marginal::em::Em;
use marginal::graph::{DirectedGraph, Graph};
use marginal::rand::{SeedableRng, rngs::Xoshiro256PlusPlus};

fn main() -> Result<(), marginal::Error> {
    let slowing = |wet: bool| Normal::new(if wet { 3.0 } else { 0.0 }, 1.0).expect("σ > 0");

    // The whole model.
    let mut g = Graph::builder();
    let rain = g.node("rain", (), ConditionalTable::<(), bool>::new([[0.7, 0.3]])?);
    let wet = g.node("wet", rain, ConditionalTable::<bool, bool>::new([[0.9, 0.1], [0.2, 0.8]])?);
    let minutes = g.node("minutes", wet, given(move |&wet: &bool| slowing(wet)));
    let late = g.node("late", (wet, minutes), LogisticRegression::new(-2.0, &[0.5, 1.0])?);
    let joint = g.build()?;
    assert_eq!(joint.to_string(), "p(rain) p(wet | rain) p(minutes | wet) p(late | wet, minutes)");

    // The joint density is the product of four factors, as anybody can work out.
    let day = joint.assignment().with(rain, true).with(wet, true).with(minutes, 2.0).with(late, false);
    let by_hand = 0.3f64.ln() + 0.8f64.ln() + slowing(true).log_density(&2.0) - (1.0 + 0.5f64.exp()).ln();
    assert!((joint.log_joint(&day)? - by_hand).abs() < 1e-14);

    // The walker took two minutes longer and was late: did it rain? Summing over the path by hand:
    let weight = |wet: bool| {
        let odds = if wet { 0.5f64 } else { 0.0 }.exp();
        slowing(wet).density(&2.0) * odds / (1.0 + odds)
    };
    let rained = 0.3 * (0.2 * weight(false) + 0.8 * weight(true));
    let stayed_dry = 0.7 * (0.9 * weight(false) + 0.1 * weight(true));
    let posterior = joint.posterior(rain, &joint.evidence().with(minutes, 2.0).with(late, true))?;
    assert!((posterior.probability(&true) - rained / (rained + stayed_dry)).abs() < 1e-14);
    println!("p(rain | 2 minutes slower, late) = {:.4}", posterior.probability(&true));

    // What the arrows alone say: once the path is seen, the rain tells nothing more of the delay.
    assert!(joint.d_separated(rain, late, wet) && !joint.d_separated(rain, late, minutes));

    // A thousand days, without a word of the path. The rain, the slowing and the lateness are enough to learn it.
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(4);
    let days: Vec<f64> = (0..1000)
        .flat_map(|_| {
            let day = joint.sample(&mut rng);
            [day.cells()[rain.index()], day.cells()[minutes.index()], day.cells()[late.index()]]
        })
        .collect();
    let model = joint.hide(wet)?;
    let days = Table::new(model.columns(), days)?;
    let fit = Em::default().verify(true).fit(&model, &days)?;

    let learned: &ConditionalTable<bool, bool> = fit.parameters.conditional(wet).expect("the type it was built with");
    println!("{learned:?}\n{fit}");
    assert!((learned.probability(&true, &true) - 0.8).abs() < 0.1);
    assert!((learned.probability(&true, &false) - 0.1).abs() < 0.05);
    Ok(())
}
