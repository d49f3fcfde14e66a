//! A shadow on the X-ray of somebody who has just been to Asia: tuberculosis or lung cancer?
//!
//! The network of Lauritzen & Spiegelhalter (1988), read from a file and asked as one finding comes after the other.
use marginal::network::{JunctionTree, Network};
use marginal::prelude::*;

fn main() -> Result<(), Error> {
    let asia = Network::read_bif("data/networks/asia.bif")?;
    println!("{asia}\n{}\n", asia.plan());
    println!("{:<28}{:>8}{:>8}", "p(yes)", "tub", "lung");

    let mut tree = asia.junction_tree()?;
    let anybody = show("anybody", &mut tree)?;
    tree.observe("xray", "yes")?;
    let shadow = show("a shadow on the X-ray", &mut tree)?;
    tree.observe("asia", "yes")?;
    let visitor = show("… and a visit to Asia", &mut tree)?;

    assert!((anybody[0] - 0.0104).abs() < 1e-12 && (anybody[1] - 0.055).abs() < 1e-12);
    // The visit explains the shadow away: tuberculosis is likelier, and so cancer less likely.
    assert!(visitor[0] > shadow[0] && visitor[1] < shadow[1]);

    let best = tree.most_probable()?;
    println!("\nmost probable altogether: {}", asia.names(&best.states)?.join(", "));
    Ok(())
}

/// The probabilities of the two diseases.
fn show(known: &str, tree: &mut JunctionTree) -> Result<[f64; 2], Error> {
    let posteriors = tree.posteriors()?;
    let [tuberculosis, cancer] = [posteriors.of("tub")?[0], posteriors.of("lung")?[0]];
    println!("{known:<28}{tuberculosis:>8.4}{cancer:>8.4}");
    Ok([tuberculosis, cancer])
}
