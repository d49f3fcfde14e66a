//! Numbers found against the numbers sought: on the diagonal where they agree.

use kuva::plot::{LinePlot, ScatterPlot};
use kuva::render::plots::Plot;

use super::Picture;
use super::picture::{GREY, PANEL, colour, layout, marker, with_room};

/// Each group a name and its pairs (sought, found), in a colour of its own; pairs that are not finite are left out.
pub fn agreement(title: &str, [sought, found]: [&str; 2], groups: &[(&str, Vec<(f64, f64)>)]) -> Picture {
    let finite = |pairs: &[(f64, f64)]| -> Vec<(f64, f64)> {
        pairs.iter().copied().filter(|(x, y)| x.is_finite() && y.is_finite()).collect()
    };
    let all = groups.iter().flat_map(|(_, pairs)| finite(pairs)).flat_map(|(x, y)| [x, y]);
    let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    let ends = if low <= high { [(low, low), (high, high)] } else { [(0.0, 0.0), (1.0, 1.0)] };
    let mut plots = vec![Plot::Line(LinePlot::new().with_data(ends).with_color(GREY).with_stroke_width(1.5))];
    for (number, (name, pairs)) in groups.iter().enumerate() {
        let points = ScatterPlot::new().with_data(finite(pairs)).with_color(colour(number)).with_size(3.5);
        plots.push(Plot::Scatter(points.with_marker(marker(number)).with_legend(*name)));
    }
    let layout = with_room(layout(&plots, sought, found, PANEL)).with_title(title);
    Picture::of_panel(plots, layout)
}
