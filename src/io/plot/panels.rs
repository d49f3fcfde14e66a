//! Rows coloured by component or cluster: two columns as one panel, more as a matrix of panels for every pair.

use kuva::plot::ScatterPlot;
use kuva::plot::legend::{LegendEntry, LegendShape};
use kuva::render::figure::Figure;
use kuva::render::layout::Layout;
use kuva::render::plots::Plot;

use crate::data::{InMemory, Sample};
use crate::error::Error;

use super::Picture;
use super::picture::{PANEL, colour, layout, marker, name_above, with_room};

/// More points than this hide each other: of larger data a sample is drawn.
pub(super) const POINTS: usize = 4000;
/// More panels than 6 × 6 cannot be read.
const COLUMNS: usize = 6;
/// The size of one panel of several.
const CELL: (f64, f64) = (300.0, 240.0);

/// What the panels share.
pub(super) struct Drawing<'a> {
    /// The rows that are drawn.
    pub(super) sample: Sample<[f64]>,
    /// The component or cluster of each.
    pub(super) labels: Vec<usize>,
    pub(super) names: &'a [String],
    /// The names of the components or clusters.
    pub(super) parts: Vec<String>,
    pub(super) note: &'static str,
    pub(super) title: String,
    pub(super) rows: usize,
    /// What lies over the points of columns i and j.
    pub(super) overlay: &'a dyn Fn(usize, usize) -> Vec<Plot>,
    /// What column d shows against itself, and on what scale.
    pub(super) diagonal: &'a dyn Fn(usize) -> (Vec<Plot>, &'static str),
}

impl Drawing<'_> {
    pub(super) fn render(self) -> Picture {
        match self.names {
            [name] => {
                let (plots, y) = (self.diagonal)(0);
                let layout = layout(&plots, name, y, PANEL).with_title(&self.title);
                Picture::of_panel(plots, layout)
            }
            [x, y] => {
                let plots = self.panel(0, 1);
                let layout = with_room(layout(&plots, x, y, PANEL));
                let layout = layout.with_title(&self.title).with_subtitle(self.subtitle());
                Picture::of_panel(plots, layout)
            }
            _ => self.matrix(),
        }
    }

    fn panel(&self, i: usize, j: usize) -> Vec<Plot> {
        let rows = InMemory::<[f64]>::block(&self.sample);
        let size = if rows.len() > 1000 { 2.0 } else { 3.0 };
        // Many points must not hide the lines over them.
        let opacity = (0.55 * (500.0 / rows.len() as f64).sqrt()).min(0.55);
        let mut plots = Vec::new();
        for (k, part) in self.parts.iter().enumerate() {
            let own = rows.iter().zip(&self.labels).filter(|(_, label)| **label == k);
            let points: Vec<(f64, f64)> = own.map(|(row, _)| (row[i], row[j])).collect();
            let scatter = ScatterPlot::new().with_data(points).with_color(colour(k)).with_marker(marker(k));
            let scatter = scatter.with_size(size).with_marker_opacity(opacity);
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
                let (plots, layout) = if i == j {
                    let (plots, y) = (self.diagonal)(i);
                    let layout = layout(&plots, &self.names[i], y, CELL).with_ticks(4);
                    (plots, layout)
                } else {
                    let plots = self.panel(j, i);
                    let layout = layout(&plots, &self.names[j], &self.names[i], CELL).with_ticks(4);
                    (plots, with_room(layout))
                };
                layouts.push(name_above(layout));
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
            .with_cell_size(CELL.0, CELL.1)
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
        format!("{rows}{columns}{}", self.note)
    }
}

/// One name a column, and as many columns as the model has.
pub(super) fn check_names(names: &[String], columns: usize, dimension: usize) -> Result<(), Error> {
    for (what, found) in [("the names of the columns", names.len()), ("a row", columns)] {
        if found != dimension {
            return Err(Error::Dimension { what, expected: dimension, found });
        }
    }
    Ok(())
}
