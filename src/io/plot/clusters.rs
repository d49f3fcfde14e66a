//! Rows coloured by component, with ellipses {x : (x − μ)ᵀ Σ⁻¹ (x − μ) = r²} at r = 1 and 2, or with centres.
//!
//! One column is drawn as a density, two as one panel, more as a matrix of panels for every pair.

use kuva::plot::legend::{LegendEntry, LegendShape};
use kuva::plot::scatter::MarkerShape;
use kuva::plot::{LinePlot, ScatterPlot};
use kuva::render::figure::Figure;
use kuva::render::layout::Layout;
use kuva::render::plots::Plot;

use crate::data::{Dataset, InMemory, Sample};
use crate::distributions::{Distribution, MultivariateNormal};
use crate::error::Error;
use crate::models::{Centroids, Mixture};

use super::Picture;
use super::density::{self, Component};
use super::picture::{INK, colour, layout, marker};

/// More points than this hide each other: of larger data a sample is drawn.
const POINTS: usize = 4000;
/// More panels than 6 × 6 cannot be read.
const COLUMNS: usize = 6;
/// Points along an ellipse.
const STEPS: usize = 120;

/// The rows coloured by their most probable component, with the components' ellipses at 1 and 2 standard deviations;
/// for one column the histogram and the densities.
///
/// # Errors
/// [`Error::Dimension`] unless there is a name for each column and the columns are the mixture's; those of
/// [`Mixture::labels`].
pub fn gaussian_mixture<T>(names: &[String], data: &T, mixture: &Mixture<MultivariateNormal>) -> Result<Picture, Error>
where
    T: InMemory<[f64]> + Sync,
{
    check_names(names, data.block().columns(), mixture.components()[0].dimension())?;
    let margins: Vec<Vec<MultivariateNormal>> =
        (0..names.len()).map(|d| margins_of(mixture, d)).collect::<Result<_, _>>()?;
    if let [name] = names {
        return Ok(with_components(mixture, &margins[0], |c| density::density(name, data, c, false)));
    }
    let sample = data.subsample(POINTS, 0)?;
    let proportion = |(k, p): (usize, &f64)| format!("component {k} ({:.0} %)", 100.0 * p);
    let drawing = Drawing {
        labels: mixture.labels(&sample)?,
        parts: mixture.proportions().iter().enumerate().map(proportion).collect(),
        note: "ellipses at 1 and 2 standard deviations",
        title: format!("Gaussian mixture of {} components", mixture.components().len()),
        overlay: &|i, j| mixture.components().iter().enumerate().flat_map(|(k, c)| ellipses(k, c, i, j)).collect(),
        diagonal: &|d| with_components(mixture, &margins[d], |c| density::panel(data, d, c, false)),
        sample,
        names,
        rows: data.block().len(),
    };
    Ok(drawing.render())
}

/// The rows coloured by their nearest centre, with the centres.
///
/// # Errors
/// [`Error::Dimension`] unless there is a name for each column and the columns are the centres'; those of
/// [`Centroids::labels`].
pub fn k_means<T>(names: &[String], data: &T, centroids: &Centroids) -> Result<Picture, Error>
where
    T: InMemory<[f64]> + Sync,
{
    check_names(names, data.block().columns(), centroids.centres().columns())?;
    let sample = data.subsample(POINTS, 0)?;
    let centres = |i: usize, j: usize| {
        let points: Vec<(f64, f64)> = centroids.centres().iter().map(|c| (c[i], c[j])).collect();
        let cross = ScatterPlot::new().with_data(points).with_color(INK).with_size(8.0);
        vec![Plot::Scatter(cross.with_marker(MarkerShape::Cross).with_marker_stroke_width(2.5).with_legend("centre"))]
    };
    let drawing = Drawing {
        labels: centroids.labels(&sample)?,
        parts: (0..centroids.centres().len()).map(|k| format!("cluster {k}")).collect(),
        note: "crosses are the centres",
        title: format!("K-means with {} clusters", centroids.centres().len()),
        overlay: &centres,
        diagonal: &|d| density::panel(data, d, &[], false),
        sample,
        names,
        rows: data.block().len(),
    };
    Ok(drawing.render())
}

/// What the panels share.
struct Drawing<'a> {
    sample: Sample<[f64]>,
    labels: Vec<usize>,
    names: &'a [String],
    /// The names of the components or clusters.
    parts: Vec<String>,
    note: &'static str,
    title: String,
    rows: usize,
    /// What lies over the points of columns i and j.
    overlay: &'a dyn Fn(usize, usize) -> Vec<Plot>,
    /// What column d shows against itself.
    diagonal: &'a dyn Fn(usize) -> Vec<Plot>,
}

impl Drawing<'_> {
    fn render(self) -> Picture {
        match self.names {
            [name] => {
                let plots = (self.diagonal)(0);
                let layout = layout(&plots, name, "density").with_title(&self.title);
                Picture::of_panel(plots, layout)
            }
            [x, y] => {
                let plots = self.panel(0, 1);
                let layout = layout(&plots, x, y).with_title(&self.title).with_subtitle(self.subtitle());
                Picture::of_panel(plots, layout)
            }
            _ => self.matrix(),
        }
    }

    fn panel(&self, i: usize, j: usize) -> Vec<Plot> {
        let rows = InMemory::<[f64]>::block(&self.sample);
        let size = if rows.len() > 1000 { 2.0 } else { 3.0 };
        let mut plots = Vec::new();
        for (k, part) in self.parts.iter().enumerate() {
            let own = rows.iter().zip(&self.labels).filter(|(_, label)| **label == k);
            let points: Vec<(f64, f64)> = own.map(|(row, _)| (row[i], row[j])).collect();
            let scatter = ScatterPlot::new().with_data(points).with_color(colour(k)).with_marker(marker(k));
            let scatter = scatter.with_size(size).with_marker_opacity(0.55);
            plots.push(Plot::Scatter(scatter.with_legend(part)));
        }
        plots.extend((self.overlay)(i, j));
        plots
    }

    fn matrix(&self) -> Picture {
        let columns = self.names.len().min(COLUMNS);
        let (mut panels, mut layouts): (Vec<Vec<Plot>>, Vec<Layout>) = (Vec::new(), Vec::new());
        for i in 0..columns {
            for j in 0..columns {
                let plots = if i == j { (self.diagonal)(i) } else { self.panel(j, i) };
                let y = if i == j { "density" } else { &self.names[i] };
                layouts.push(layout(&plots, &self.names[j], y).with_ticks(4));
                panels.push(plots);
            }
        }
        let entry = |(k, part): (usize, &String)| LegendEntry {
            label: part.clone(),
            color: colour(k).into(),
            shape: LegendShape::Marker(marker(k)),
            dasharray: None,
        };
        let figure = Figure::new(columns, columns)
            .with_title(format!("{} ({})", self.title, self.subtitle()))
            .with_plots(panels)
            .with_layouts(layouts)
            .with_cell_size(300.0, 240.0)
            .with_shared_legend()
            .with_shared_legend_entries(self.parts.iter().enumerate().map(entry).collect());
        Picture::new(figure.render())
    }

    fn subtitle(&self) -> String {
        let drawn = self.labels.len();
        let rows = if drawn < self.rows { format!("{drawn} of {} rows", self.rows) } else { format!("{drawn} rows") };
        let columns = if self.names.len() > COLUMNS {
            format!(", the first {COLUMNS} of {} columns", self.names.len())
        } else {
            String::new()
        };
        format!("{rows}{columns}; {}", self.note)
    }
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

/// The components' marginal distributions of column d.
fn margins_of(mixture: &Mixture<MultivariateNormal>, d: usize) -> Result<Vec<MultivariateNormal>, Error> {
    let margin = |c: &MultivariateNormal| {
        MultivariateNormal::spherical(vec![c.mean()[d]], c.covariance()[d * c.dimension() + d])
    };
    mixture.components().iter().map(margin).collect()
}

fn with_components<R>(
    mixture: &Mixture<MultivariateNormal>,
    margins: &[MultivariateNormal],
    draw: impl FnOnce(&[Component<'_>]) -> R,
) -> R {
    let densities: Vec<_> = margins.iter().map(|margin| move |x: f64| margin.density(&[x])).collect();
    let parts = mixture.proportions().iter().zip(&densities);
    draw(&parts.map(|(&proportion, density)| Component { proportion, density }).collect::<Vec<_>>())
}

fn check_names(names: &[String], columns: usize, dimension: usize) -> Result<(), Error> {
    for (what, found) in [("the names of the columns", names.len()), ("a row", columns)] {
        if found != dimension {
            return Err(Error::Dimension { what, expected: dimension, found });
        }
    }
    Ok(())
}
