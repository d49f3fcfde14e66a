//! One column: its histogram, the density of a mixture, and each component's share π_k p_k(x).

use kuva::plot::{Histogram, LinePlot, ScatterPlot};
use kuva::render::layout::TickFormat;
use kuva::render::plots::Plot;

use crate::data::InMemory;

use super::Picture;
use super::picture::{GREY, INK, PANEL, colour, layout, literal, shortened};

/// Points along a curve.
const STEPS: usize = 400;
/// More probabilities than these are drawn as lines without dots.
const DOTS: usize = 60;
/// More bars than these are not seen apart.
const COUNT_BARS: f64 = 100.0;

/// A component of a mixture over one column.
#[derive(Clone, Copy)]
pub struct Component<'a> {
    /// π_k.
    pub proportion: f64,
    /// p_k(x).
    pub density: &'a dyn Fn(f64) -> f64,
}

impl std::fmt::Debug for Component<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Component").field("proportion", &self.proportion).finish_non_exhaustive()
    }
}

/// The histogram of a column under the density of a mixture and its components' shares. `counts` says that the
/// values are whole numbers: then bars have width 1 and the curves join the probabilities of whole numbers.
pub fn density<T>(name: &str, data: &T, components: &[Component<'_>], counts: bool) -> Picture
where
    T: InMemory<[f64]> + ?Sized,
{
    let plots = panel(data, 0, components, counts);
    let k = components.len();
    let title = format!("{}: mixture of {k} component{}", literal(&shortened(name, 40)), if k == 1 { "" } else { "s" });
    let mut layout = layout(&plots, name, quantity(counts), PANEL).with_title(title);
    if counts {
        let (edges, _) = histogram(data, 0, counts);
        let (low, high) = (edges[0], edges[edges.len() - 1]);
        layout = layout.with_x_axis_min(low).with_x_axis_max(high).with_x_tick_step(whole_step(high - low));
        layout = layout.with_x_tick_format(TickFormat::Integer);
    }
    Picture::of_panel(plots, layout)
}

/// 1, 2 or 5 times a power of ten, so that at most twelve ticks fit the range.
fn whole_step(range: f64) -> f64 {
    let steps = (0..).flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * 10f64.powi(power)));
    steps.take_while(|step| step.is_finite()).find(|step| range / step <= 12.0).unwrap_or(f64::MAX)
}

/// What is drawn against the values.
pub(super) fn quantity(counts: bool) -> &'static str {
    if counts { "probability" } else { "density" }
}

/// The plots of column d.
pub(super) fn panel<T>(data: &T, d: usize, components: &[Component<'_>], counts: bool) -> Vec<Plot>
where
    T: InMemory<[f64]> + ?Sized,
{
    let (edges, heights) = histogram(data, d, counts);
    let (low, high) = (edges[0], edges[edges.len() - 1]);
    let at = |i: usize| low + (high - low) * i as f64 / STEPS as f64;
    let abscissae: Vec<f64> = if !counts {
        (0..=STEPS).map(at).collect()
    } else if high - low <= STEPS as f64 {
        (0..(high - low).round() as usize).map(|i| (low + 0.5) + i as f64).collect()
    } else {
        (0..=STEPS).map(|i| at(i).round()).collect()
    };
    let share = |c: &Component<'_>, x: f64| c.proportion * (c.density)(x);
    let curve = |at: &dyn Fn(f64) -> f64| abscissae.iter().map(|&x| (x, at(x))).filter(|p| p.1.is_finite()).collect();
    let dots = counts && abscissae.len() <= DOTS;
    let mut plots = vec![Plot::Histogram(Histogram::from_bins(edges, heights).with_color(GREY).with_legend("data"))];
    if components.len() > 1 {
        let points: Vec<(f64, f64)> = curve(&|x| components.iter().map(|c| share(c, x)).sum());
        if dots {
            plots.push(Plot::Scatter(ScatterPlot::new().with_data(points.clone()).with_color(INK).with_size(4.0)));
        }
        let line = LinePlot::new().with_data(points).with_color(INK).with_stroke_width(2.5).with_legend("mixture");
        plots.push(Plot::Line(line));
    }
    for (k, component) in components.iter().enumerate() {
        let points: Vec<(f64, f64)> = curve(&|x| share(component, x));
        if dots {
            plots
                .push(Plot::Scatter(ScatterPlot::new().with_data(points.clone()).with_color(colour(k)).with_size(3.0)));
        }
        let line = LinePlot::new().with_data(points).with_color(colour(k)).with_stroke_width(1.5);
        plots.push(Plot::Line(line.with_legend(format!("component {k} ({:.0} %)", 100.0 * component.proportion))));
    }
    plots
}

/// The height of the highest bar of column d.
pub(super) fn tallest<T: InMemory<[f64]> + ?Sized>(data: &T, d: usize) -> f64 {
    histogram(data, d, false).1.into_iter().fold(0.0, f64::max)
}

/// The edges of the bars and the weight in each, as a density.
fn histogram<T: InMemory<[f64]> + ?Sized>(data: &T, d: usize, counts: bool) -> (Vec<f64>, Vec<f64>) {
    let block = data.block();
    let values = || block.iter().enumerate().map(|(n, row)| (row[d], data.weights().map_or(1.0, |w| w[n])));
    let (low, high) = values()
        .filter(|(_, weight)| *weight > 0.0)
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (x, _)| (low.min(x), high.max(x)));
    let margin = if high > low { 0.0 } else { low.abs().max(1.0) * 0.5 };
    // For smooth data the square root of N is the usual compromise; more bars than 60 are not seen apart. Bars of
    // counts hold a whole number of them each.
    let (low, width, bars) = if counts {
        let range = high - low + 1.0;
        let width = (range / COUNT_BARS).ceil();
        (low - 0.5, width, (range / width).ceil() as usize)
    } else {
        let bars = (block.len() as f64).sqrt().clamp(8.0, 60.0).round();
        (low - margin, (high - low + 2.0 * margin) / bars, bars as usize)
    };
    let mut weights = vec![0.0; bars];
    for (x, weight) in values().filter(|(_, weight)| *weight > 0.0) {
        weights[(((x - low) / width) as usize).min(bars - 1)] += weight;
    }
    let total: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|w| *w /= total * width);
    ((0..=bars).map(|i| low + width * i as f64).collect(), weights)
}
