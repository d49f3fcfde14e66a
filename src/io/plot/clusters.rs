//! Rows coloured by their nearest centre, with the centres.

use kuva::plot::ScatterPlot;
use kuva::plot::scatter::MarkerShape;
use kuva::render::plots::Plot;

use crate::data::{Dataset, InMemory};
use crate::error::Error;
use crate::models::Centroids;

use super::Picture;
use super::density;
use super::panels::{Drawing, POINTS, check_names};
use super::picture::INK;

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
    let k = centroids.centres().len();
    let sample = data.subsample(POINTS, 0)?;
    let crosses = |at: &dyn Fn(&[f64]) -> (f64, f64)| {
        let cross = ScatterPlot::new().with_data(centroids.centres().iter().map(at)).with_color(INK).with_size(8.0);
        Plot::Scatter(cross.with_marker(MarkerShape::Cross).with_marker_stroke_width(2.5).with_legend("centre"))
    };
    let diagonal = |d: usize| {
        let mut plots = density::panel(data, d, &[], false);
        // A little above the axis, which would hide their lower halves.
        let height = 0.03 * density::tallest(data, d);
        plots.push(crosses(&|centre| (centre[d], height)));
        (plots, density::quantity(false))
    };
    let drawing = Drawing {
        labels: centroids.labels(&sample)?,
        parts: (0..k).map(|k| format!("cluster {k}")).collect(),
        note: "; crosses are the centres",
        title: format!("K-means with {k} cluster{}", if k == 1 { "" } else { "s" }),
        overlay: &|i, j| vec![crosses(&|centre| (centre[i], centre[j]))],
        diagonal: &diagonal,
        sample,
        names,
        rows: data.block().len(),
    };
    Ok(drawing.render())
}
