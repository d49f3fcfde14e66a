//! How long are naps and nights, if every sleep is seen once and forgotten?
//!
//! Observations come one batch after the other. `cargo run --release --example endless_stream 100000000`
//! sees as many as are asked for, in the same memory.
use marginal::em::Stepwise;
use marginal::prelude::*;
use marginal::rand::rngs::Xoshiro256PlusPlus;

const BATCH: usize = 10_000;

fn main() -> Result<(), Error> {
    let observations = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    // Naps and nights, in hours.
    let truth = Mixture::new(vec![0.3, 0.7], vec![Normal::new(1.5, 0.5)?, Normal::new(7.5, 1.2)?])?;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut stream = std::iter::repeat_with(|| truth.sample(&mut rng));

    let start = Mixture::of(vec![Normal::new(2.0, 2.0)?, Normal::new(4.0, 2.0)?])?;
    let mut em = Stepwise::new(start.clone(), start).average_after(10);
    let mut batch = Vec::with_capacity(BATCH);
    for _ in 0..observations / BATCH {
        batch.clear();
        batch.extend(stream.by_ref().take(BATCH));
        em.step(&batch)?;
    }

    let fitted = em.averaged()?;
    println!("after {} observations in {} steps\n{fitted}", em.weight(), em.steps());
    let [naps, nights] = [0, 1].map(|k| fitted.components()[k].mean());
    assert!((naps - 1.5).abs() < 0.02 && (nights - 7.5).abs() < 0.02);
    assert!((fitted.proportions()[0] - 0.3).abs() < 0.01);
    Ok(())
}
