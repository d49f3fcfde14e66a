//! How many kinds of eruption has Old Faithful? A Gaussian mixture of durations and waiting times.

use marginal::prelude::*;

fn main() -> Result<(), Error> {
    let eruptions = Table::read_csv("data/faithful.csv")?;
    let fit = Em::default().restarts(10).seed(1).fit(&GaussianMixture::new(2), &eruptions)?;
    println!("{fit}");
    assert!((fit.log_likelihood - -1130.263_960_18).abs() < 1e-6);

    let responsibilities = fit.parameters.responsibilities(&eruptions)?; // N × K
    let unsure = responsibilities.rows().iter().filter(|r| r.iter().all(|p| *p < 0.99)).count();
    println!("{unsure} of {} eruptions belong to either kind with less than 99 %", eruptions.len());
    assert_eq!(unsure, 2);
    Ok(())
}
