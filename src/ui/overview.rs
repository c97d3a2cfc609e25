//! The Overview screen: backlog, deadlines, what comes next and, where there is room, the latest activity; and its two other
//! pages, the last day of a kind and the decisions of the teams.

mod backlog;
mod channels;
mod chart;
mod deadlines;
mod outlook;
mod teams;

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use super::number::count;
use super::paint::{Painter, Part};
use super::table::dim;
use super::theme::Tone;
use super::{activity, empty, when};
use crate::app::Model;
use crate::app::overview::{OverviewData, Page, Shape, filter_of, layout};

/// Draws the screen between header and strip.
pub fn draw(model: &Model, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    let Some(data) = model.overview.feed.data() else {
        empty::waiting(model, paint, area);
        return;
    };
    match model.overview.page {
        Page::Now => draw_now(model, data, now, paint, area),
        Page::Chart => chart::draw(model, data, now, paint, area),
        Page::Teams => teams::draw(model, now, paint, area),
    }
}

fn draw_now(model: &Model, data: &OverviewData, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    let layout = layout(model.size);
    let nothing = data.backlog.is_empty();
    if nothing && layout.shape == Shape::Plain {
        empty::queue(paint, area);
        return;
    }
    if layout.is_boxed() {
        let title = title(&format!("Backlog{}", when::stale(&model.overview.feed.load, now)));
        paint.boxed(layout.backlog, &title, &[]);
    }
    backlog::draw(model, data, now, paint, &layout);
    if let Some(area) = layout.deadlines {
        let opens = if nothing { Vec::new() } else { vec![dim(opens(model, data))] };
        let inside = paint.framed(area, layout.is_boxed(), &title(&deadlines::title(data, &layout)), &opens);
        if nothing {
            empty::queue(paint, inside);
        } else {
            deadlines::draw(model, data, now, paint, &layout);
        }
    }
    if let Some(area) = layout.outlook {
        let window: Vec<Part> = if nothing { Vec::new() } else { outlook::window(data).into_iter().collect() };
        let inside = paint.framed(area, layout.is_boxed(), &title("What comes next"), &window);
        if !nothing {
            outlook::draw(data, now, paint, inside);
        }
    }
    if nothing {
        return;
    }
    if let Some(area) = layout.channels {
        channels::draw(model, data, now, paint, area);
    }
    if let Some(area) = layout.activity {
        let inside = paint.framed(area, layout.is_boxed(), &title("Activity"), &[dim("4 opens it")]);
        activity::latest(model, now, paint, inside);
    }
}

/// What Enter would open.
fn opens(model: &Model, data: &OverviewData) -> String {
    model.overview.cursor.key().map(|row| format!("Enter {}", filter_of(&row, data))).unwrap_or_default()
}

fn title(words: &str) -> [Part; 1] {
    [(words.to_owned(), Tone::Strong)]
}

/// A count whose tone matters only when there is something.
fn number(many: i64, width: usize, tone: Tone) -> Part {
    (count(many, width), if many == 0 { Tone::Dim } else { tone })
}

/// A count that should be nothing, marked when it is not.
fn alarm(many: i64, width: usize) -> Part {
    match many {
        0 => dim(count(0, width)),
        many => (format!("{}!", count(many, width - 1)), Tone::Alarm),
    }
}

/// A rate by the minute, with a decimal as far as there is room.
fn rate(per_minute: f64, width: usize) -> Part {
    let words = format!("{per_minute:.1}");
    if per_minute < 0.05 {
        dim("0.0")
    } else if words.len() <= width {
        (words, Tone::Plain)
    } else {
        (count(per_minute.round() as i64, width), Tone::Plain)
    }
}
