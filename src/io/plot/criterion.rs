//! A criterion against the number of components, or of what else a model has K of.

use kuva::plot::{LinePlot, ScatterPlot};
use kuva::render::layout::TickFormat;
use kuva::render::plots::Plot;

use super::Picture;
use super::picture::{PANEL, colour, layout};

/// The criterion (smaller is better) of each number of parts (`"component"`, `"state"`), the best marked.
pub fn criterion_curve(name: &str, part: &str, values: &[(usize, f64)]) -> Picture {
    let points = || values.iter().map(|&(k, value)| (k as f64, value));
    let line = LinePlot::new().with_data(points()).with_color(colour(0)).with_stroke_width(1.5);
    let dots = ScatterPlot::new().with_data(points()).with_color(colour(0)).with_size(4.0);
    let mut plots = vec![Plot::Line(line), Plot::Scatter(dots)];
    if let Some(best) = points().min_by(|a, b| a.1.total_cmp(&b.1)) {
        let label = format!("best: {} {part}{}", best.0, if best.0 == 1.0 { "" } else { "s" });
        let mark = ScatterPlot::new().with_data([best]).with_color(colour(1)).with_size(7.0).with_legend(label);
        plots.push(Plot::Scatter(mark));
    }
    let layout = layout(&plots, &format!("{part}s"), name, PANEL)
        .with_title(format!("{name} by number of {part}s (smaller is better)"))
        .with_x_tick_step(1.0)
        .with_x_tick_format(TickFormat::Integer);
    Picture::of_panel(plots, layout)
}
