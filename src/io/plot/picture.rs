//! A drawing, its look, and the file it goes to.

use std::path::Path;
use std::sync::Arc;

use kuva::backend::raster::RasterBackend;
use kuva::backend::svg::SvgBackend;
use kuva::plot::scatter::MarkerShape;
use kuva::render::layout::{ComputedLayout, Layout, TickFormat};
use kuva::render::plots::Plot;
use kuva::render::render::{Primitive, Scene, TextAnchor, render_multiple};
use kuva::render::theme::Theme;

use crate::error::Error;
use crate::io::replace_file;

/// Blue, vermilion, green, purple, orange, sky blue, black.
const COLOURS: [&str; 7] = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"];
/// For the first seven components, the next seven, and so on.
const MARKERS: [MarkerShape; 4] =
    [MarkerShape::Circle, MarkerShape::Triangle, MarkerShape::Square, MarkerShape::Diamond];
/// Histograms, and whatever belongs to no component.
pub(super) const GREY: &str = "#BBBBBB";
/// The whole of which the components are parts.
pub(super) const INK: &str = "#222222";
/// The size of a picture of one panel.
pub(super) const PANEL: (f64, f64) = (820.0, 560.0);
/// What the name of the vertical axis needs above it.
const NAME_HEIGHT: f64 = 16.0;
/// The width of a letter, more or less.
const LETTER: f64 = 8.5;
/// Pixels of a PNG to one unit of the drawing.
const PIXELS: f32 = 2.0;

/// A drawing that can be saved.
pub struct Picture {
    scene: Scene,
}

impl Picture {
    /// The names of vertical axes, which are placed above them, are set upright: turned text is hard to read, and
    /// comes out blurred in PNG.
    pub(super) fn new(mut scene: Scene) -> Self {
        for element in &mut scene.elements {
            if let Primitive::Text { rotate: rotate @ Some(-90.0), anchor, .. } = element {
                *rotate = None;
                *anchor = TextAnchor::Start;
            }
        }
        Self { scene }
    }

    /// One panel.
    pub(super) fn of_panel(plots: Vec<Plot>, layout: Layout) -> Self {
        Self::new(render_multiple(plots, name_above(layout)))
    }

    /// As the text of an SVG file.
    pub fn to_svg(&self) -> String {
        SvgBackend::new().render_scene(&self.scene)
    }

    /// As the bytes of a PNG file.
    ///
    /// # Errors
    /// [`Error::Model`] if the drawing cannot be encoded.
    pub fn to_png(&self) -> Result<Vec<u8>, Error> {
        RasterBackend::new().with_scale(PIXELS).render_scene(&self.scene).map_err(|e| Error::Model(e.into()))
    }

    /// Writes an SVG or PNG file, as the ending of its name says.
    ///
    /// # Errors
    /// [`Error::File`] if the ending is another, or the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        let failed = |reason: String| Error::File { path: path.display().to_string(), reason };
        let ending = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
        let bytes = match ending.as_deref() {
            Some("svg") => self.to_svg().into_bytes(),
            Some("png") => self.to_png().map_err(|e| failed(e.to_string()))?,
            _ => return Err(failed("a picture is an .svg or a .png file: name it so".into())),
        };
        replace_file(path, &bytes).map_err(|e| failed(format!("cannot be written: {e}")))
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Picture").finish_non_exhaustive()
    }
}

/// A panel of some size with light grid lines around these plots.
pub(super) fn layout(plots: &[Plot], x: &str, y: &str, (width, height): (f64, f64)) -> Layout {
    let theme = Theme {
        grid_color: "#E6E6E6".into(),
        axis_color: "#444444".into(),
        tick_color: "#444444".into(),
        text_color: INK.into(),
        legend_border: "#DDDDDD".into(),
        ..Theme::light()
    };
    let letters = (0.7 * width / LETTER) as usize;
    let mut layout = Layout::auto_from_plots(plots)
        .with_theme(theme)
        .with_width(width)
        .with_height(height)
        .with_x_label(literal(&shortened(x, letters)))
        .with_y_label(literal(&shortened(y, letters)));
    // Ticks at round numbers, not at the edges of a histogram's bars.
    layout.x_bin_width = None;
    let format = |(low, high): (f64, f64)| TickFormat::Custom(Arc::new(move |x| tick(x, high - low)));
    let (x_format, y_format) = (format(layout.x_range), format(layout.y_range));
    layout.with_x_tick_format(x_format).with_y_tick_format(y_format)
}

/// A number on an axis: as many digits as tell a thousandth of the range apart, with an exponent if that is shorter.
fn tick(x: f64, range: f64) -> String {
    if x.abs() < 1e-6 * range {
        return "0".into();
    }
    let digits = (x.abs() / range).log10().ceil().clamp(0.0, 12.0) as usize + 3;
    let rounded: f64 = format!("{x:.digits$e}").parse().unwrap_or(x);
    let (plain, exponent) = (rounded.to_string(), format!("{rounded:e}"));
    if plain.len() > 5 && exponent.len() < plain.len() { exponent } else { plain }
}

/// The same layout with room at the borders that points touch, so that none is cut in half.
pub(super) fn with_room(layout: Layout) -> Layout {
    let computed = ComputedLayout::from_layout(&layout);
    let widened = |(low, high): (f64, f64), (least, greatest): (f64, f64)| {
        let room = 0.02 * (high - low);
        let low = if least < low + room { low - room } else { low };
        (low, if greatest > high - room { high + room } else { high })
    };
    let (left, right) = widened(computed.x_range, layout.x_range);
    let (bottom, top) = widened(computed.y_range, layout.y_range);
    layout.with_x_axis_min(left).with_x_axis_max(right).with_y_axis_min(bottom).with_y_axis_max(top)
}

/// The same layout with room above the vertical axis, and the axis' name there.
pub(super) fn name_above(layout: Layout) -> Layout {
    let computed = ComputedLayout::from_layout(&layout);
    let layout = layout.with_force_margins_y(computed.margin_top + NAME_HEIGHT, computed.margin_bottom);
    let height = ComputedLayout::from_layout(&layout).plot_height();
    layout.with_y_label_offset(-0.5 * f64::from(computed.label_size), -0.5 * height - 0.6 * NAME_HEIGHT)
}

/// At most so many letters, the last of them an ellipsis if some are left out.
pub(super) fn shortened(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.into();
    }
    text.chars().take(letters.saturating_sub(1)).chain(['…']).collect()
}

/// A text in which a dollar sign is a dollar sign, not the beginning of a formula, and no character commands.
pub(super) fn literal(text: &str) -> String {
    text.replace(char::is_control, "\u{FFFD}").replace('$', "\\$")
}

pub(super) fn colour(component: usize) -> &'static str {
    COLOURS[component % COLOURS.len()]
}

pub(super) fn marker(component: usize) -> MarkerShape {
    MARKERS[component / COLOURS.len() % MARKERS.len()]
}
