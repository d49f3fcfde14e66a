//! Sequences row by row, coloured by the states of their most probable paths; lines are the centres of the states.

use kuva::plot::legend::{LegendEntry, LegendShape};
use kuva::plot::{LinePlot, ScatterPlot};
use kuva::render::figure::Figure;
use kuva::render::layout::Layout;
use kuva::render::plots::Plot;

use crate::data::Table;
use crate::distributions::Estimate;
use crate::error::Error;
use crate::models::HiddenMarkovModel;

use super::Picture;
use super::panels::{POINTS, check_names};
use super::picture::{PANEL, colour, layout, marker, name_above, with_room};

/// More panels than these do not fit a page.
const COLUMNS: usize = 6;
/// The size of one panel of several.
const CELL: (f64, f64) = (820.0, 200.0);

/// Each column against the number of the row, the sequences one after the other; `centre` is where the line of a state
/// runs in each column.
///
/// # Errors
/// [`Error::Dimension`] unless there is a name for each column and the columns are the emissions'; those of
/// [`HiddenMarkovModel::most_probable`], in [`Error::AtRow`] with the sequence.
pub fn states<D: Estimate<Value = [f64]>>(
    names: &[String],
    sequences: &[Table],
    chain: &HiddenMarkovModel<Vec<D>>,
    centre: impl Fn(&D) -> Vec<f64>,
) -> Result<Picture, Error> {
    let centres: Vec<Vec<f64>> = chain.emissions().iter().map(centre).collect();
    let mut paths = Vec::new();
    for (row, sequence) in sequences.iter().enumerate() {
        check_names(names, sequence.columns(), centres[0].len())?;
        let at = |source| Error::AtRow { row, source: Box::new(source) };
        paths.push(chain.most_probable(sequence).map_err(at)?.states);
    }
    let drawing = Drawing { names, sequences, paths, centres };
    let k = chain.emissions().len();
    let title = format!("Hidden Markov model of {k} state{}", if k == 1 { "" } else { "s" });
    if let [_] = names {
        let (plots, layout) = drawing.panel(0, PANEL, true);
        let subtitle = format!("{}; lines are the centres of the states", drawing.subtitle());
        return Ok(Picture::of_panel(plots, layout.with_title(title).with_subtitle(subtitle)));
    }
    let panels = (0..names.len().min(COLUMNS)).map(|d| drawing.panel(d, CELL, false));
    let (panels, layouts): (Vec<Vec<Plot>>, Vec<Layout>) = panels.map(|(p, l)| (p, name_above(l))).unzip();
    let entry = |k: usize| LegendEntry {
        label: format!("state {k}"),
        color: colour(k).into(),
        shape: LegendShape::Marker(marker(k)),
        dasharray: None,
    };
    let figure = Figure::new(panels.len(), 1)
        .with_title(format!("{title} ({})", drawing.subtitle()))
        .with_plots(panels)
        .with_layouts(layouts)
        .with_cell_size(CELL.0, CELL.1)
        .with_shared_legend()
        .with_shared_legend_entries((0..k).map(entry).collect());
    Ok(Picture::new(figure.render()))
}

struct Drawing<'a> {
    names: &'a [String],
    sequences: &'a [Table],
    paths: Vec<Vec<usize>>,
    centres: Vec<Vec<f64>>,
}

impl Drawing<'_> {
    fn rows(&self) -> usize {
        self.paths.iter().map(Vec::len).sum()
    }

    /// The points of each state, and the line of its centre.
    fn panel(&self, d: usize, size: (f64, f64), legend: bool) -> (Vec<Plot>, Layout) {
        let step = self.rows().div_ceil(POINTS).max(1);
        let rows = self.sequences.iter().flat_map(|sequence| sequence.rows().iter());
        let mut points = vec![Vec::new(); self.centres.len()];
        for (n, (row, &z)) in rows.zip(self.paths.iter().flatten()).enumerate().step_by(step) {
            points[z].push((n as f64, row[d]));
        }
        let mut plots = Vec::new();
        for (k, centre) in self.centres.iter().enumerate() {
            let ends = [(0.0, centre[d]), (self.rows().saturating_sub(1) as f64, centre[d])];
            plots.push(Plot::Line(LinePlot::new().with_data(ends).with_color(colour(k)).with_stroke_width(1.0)));
        }
        for (k, points) in points.into_iter().enumerate() {
            let scatter = ScatterPlot::new().with_data(points).with_color(colour(k)).with_marker(marker(k));
            let scatter = scatter.with_size(3.0).with_marker_opacity(0.8);
            plots.push(Plot::Scatter(if legend { scatter.with_legend(format!("state {k}")) } else { scatter }));
        }
        let layout = with_room(layout(&plots, "row", &self.names[d], size));
        (plots, layout)
    }

    fn subtitle(&self) -> String {
        let (rows, sequences) = (self.rows(), self.sequences.len());
        let step = rows.div_ceil(POINTS);
        let drawn = if step > 1 { format!("every {step}th of {rows} rows") } else { format!("{rows} rows") };
        let several = if sequences > 1 { format!(" of {sequences} sequences") } else { String::new() };
        let columns = if self.names.len() > COLUMNS {
            format!(", the first {COLUMNS} of {} columns", self.names.len())
        } else {
            String::new()
        };
        format!("{drawn}{several}{columns}")
    }
}
