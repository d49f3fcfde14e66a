//! Rows coloured by their most probable component; of Gaussian components the ellipses
//! {x : (x − μ)ᵀ Σ⁻¹ (x − μ) = r²} at r = 1 and 2. One column is drawn as a density.

use std::ops::Deref;

use kuva::plot::LinePlot;
use kuva::render::plots::Plot;

use crate::components::Components;
use crate::data::{Dataset, InMemory};
use crate::distributions::{Column, Distribution, Independent, MultivariateNormal};
use crate::error::Error;
use crate::models::Mixture;

use super::Picture;
use super::density::{self, Component};
use super::panels::{Drawing, POINTS, check_names};
use super::picture::colour;

/// Points along an ellipse.
const STEPS: usize = 120;

/// The rows coloured by their most probable component, with the components' ellipses at 1 and 2 standard deviations;
/// for one column the histogram and the densities.
///
/// # Errors
/// [`Error::Dimension`] unless there is a name for each column and the columns are the mixture's; those of
/// [`Mixture::labels`].
pub fn gaussian_mixture<T, C>(names: &[String], data: &T, mixture: &Mixture<C>) -> Result<Picture, Error>
where
    T: InMemory<[f64]> + Sync,
    C: Components<Value = [f64]> + Deref<Target = [MultivariateNormal]>,
{
    check_names(names, data.block().columns(), mixture.components()[0].dimension())?;
    let margin = |component: &MultivariateNormal, d: usize| {
        let variance = component.covariance()[d * component.dimension() + d];
        let normal = MultivariateNormal::spherical(vec![component.mean()[d]], variance)?;
        Ok(Margin { counts: false, density: Box::new(move |x| normal.density(&[x])) })
    };
    let ellipses = |i: usize, j: usize| {
        mixture.components().iter().enumerate().flat_map(|(k, component)| ellipses(k, component, i, j)).collect()
    };
    draw(names, data, mixture, "Gaussian mixture", &margin, ("; ellipses at 1 and 2 standard deviations", &ellipses))
}

/// The rows coloured by their most probable component; for one column the histogram and the densities, or of whole
/// numbers the shares and the probabilities.
///
/// # Errors
/// As [`gaussian_mixture`].
pub fn column_mixture<T>(
    names: &[String],
    data: &T,
    mixture: &Mixture<Vec<Independent<Column>>>,
) -> Result<Picture, Error>
where
    T: InMemory<[f64]> + Sync,
{
    check_names(names, data.block().columns(), mixture.components()[0].parts().len())?;
    let margin = |component: &Independent<Column>, d: usize| {
        let part = component.parts()[d].clone();
        Ok(Margin { counts: part.is_discrete(), density: Box::new(move |x| part.density(&x)) })
    };
    draw(names, data, mixture, "Mixture", &margin, ("", &|_, _| Vec::new()))
}

/// The distribution of one column under one component.
struct Margin {
    counts: bool,
    density: Box<dyn Fn(f64) -> f64>,
}

fn draw<T, C, D>(
    names: &[String],
    data: &T,
    mixture: &Mixture<C>,
    kind: &str,
    margin: &dyn Fn(&D, usize) -> Result<Margin, Error>,
    (note, overlay): (&'static str, &dyn Fn(usize, usize) -> Vec<Plot>),
) -> Result<Picture, Error>
where
    T: InMemory<[f64]> + Sync,
    C: Components<Value = [f64]> + Deref<Target = [D]>,
{
    let margins = |d| mixture.components().iter().map(|component| margin(component, d)).collect();
    let margins: Vec<Vec<Margin>> = (0..names.len()).map(margins).collect::<Result<_, _>>()?;
    let components = |d: usize| -> Vec<Component<'_>> {
        let parts = mixture.proportions().iter().zip(&margins[d]);
        parts.map(|(&proportion, margin)| Component { proportion, density: &*margin.density }).collect()
    };
    let counts = |d: usize| margins[d][0].counts;
    if let [name] = names {
        return Ok(density::density(name, data, &components(0), counts(0)));
    }
    let sample = data.subsample(POINTS, 0)?;
    let proportion = |(k, p): (usize, &f64)| format!("component {k} ({:.0} %)", 100.0 * p);
    let k = mixture.components().len();
    let drawing = Drawing {
        labels: mixture.labels(&sample)?,
        parts: mixture.proportions().iter().enumerate().map(proportion).collect(),
        note,
        title: format!("{kind} of {k} component{}", if k == 1 { "" } else { "s" }),
        overlay,
        diagonal: &|d| (density::panel(data, d, &components(d), counts(d)), density::quantity(counts(d))),
        sample,
        names,
        rows: data.block().len(),
    };
    Ok(drawing.render())
}

/// The ellipses of a component in the plane of columns i and j.
fn ellipses(k: usize, component: &MultivariateNormal, i: usize, j: usize) -> Vec<Plot> {
    let (d, mean, s) = (component.dimension(), component.mean(), component.covariance());
    // The Cholesky factor of the 2 × 2 block: it maps the unit circle onto the ellipse at r = 1.
    let a = s[i * d + i].sqrt();
    let b = s[j * d + i] / a;
    let c = (s[j * d + j] - b * b).max(0.0).sqrt();
    let ellipse = |radius: f64| -> Vec<(f64, f64)> {
        let angles = (0..=STEPS).map(|step| std::f64::consts::TAU * step as f64 / STEPS as f64);
        let point = |(sin, cos): (f64, f64)| (mean[i] + radius * a * cos, mean[j] + radius * (b * cos + c * sin));
        angles.map(f64::sin_cos).map(point).collect()
    };
    let line = |radius| LinePlot::new().with_data(ellipse(radius)).with_color(colour(k));
    vec![Plot::Line(line(1.0).with_stroke_width(2.0)), Plot::Line(line(2.0).with_stroke_width(1.2))]
}
