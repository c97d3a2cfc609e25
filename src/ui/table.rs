//! Rows in columns. The first cell of a row belongs to the cursor.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use super::paint::{Painter, Part};
use super::theme::Tone;
use crate::domain::zone;

/// One column: its head, its width in cells, and the side on which its words stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    head: &'static str,
    /// The head goes on with the name of the zone that times are told in.
    zone: bool,
    width: u16,
    right: bool,
}

/// A column of words.
pub const fn words(head: &'static str, width: u16) -> Column {
    Column { head, zone: false, width, right: false }
}

/// A column of times; the zone stands behind its head.
pub const fn times(head: &'static str, width: u16) -> Column {
    Column { zone: true, ..words(head, width) }
}

/// A column of numbers, against its right edge.
pub const fn numbers(head: &'static str, width: u16) -> Column {
    Column { right: true, ..words(head, width) }
}

/// The column that takes what is left of the row. Only the last one can.
pub const fn rest(head: &'static str) -> Column {
    words(head, u16::MAX)
}

/// Words without a tone.
pub fn plain(words: impl Into<String>) -> Part {
    (words.into(), Tone::Plain)
}

/// Words that are there for reference.
pub fn dim(words: impl Into<String>) -> Part {
    (words.into(), Tone::Dim)
}

/// Draws the heads.
pub fn head(paint: &mut Painter, area: Rect, columns: &[Column]) {
    row(paint, area, columns, columns.iter().map(|column| dim(column.head)));
}

/// Draws the heads where some columns hold times.
pub fn head_at(paint: &mut Painter, area: Rect, columns: &[Column], now: DateTime<Utc>) {
    let zone = zone::name(now);
    let head = |column: &Column| if column.zone { format!("{}{zone}", column.head) } else { column.head.to_owned() };
    row(paint, area, columns, columns.iter().map(|column| dim(head(column))));
}

/// Draws one row, with a cell of air between two columns. What does not fit into its column is cut there, and cells
/// without a column are left out.
pub fn row(paint: &mut Painter, area: Rect, columns: &[Column], cells: impl IntoIterator<Item = Part>) {
    if area.is_empty() {
        return;
    }
    let mut x = area.x + 1;
    for (column, cell) in columns.iter().zip(cells) {
        let width = column.width.min(area.right().saturating_sub(x));
        let place = Rect { x, width, height: 1, ..area };
        if column.right {
            paint.spread(place, &[], &[cell]);
        } else {
            paint.parts(place, &[cell]);
        }
        x = x.saturating_add(width).saturating_add(1).min(area.right());
    }
}

/// Marks the row under the cursor.
pub fn choose(paint: &mut Painter, area: Rect) {
    paint.text(Rect { width: area.width.min(1), ..area }, ">", Tone::Strong);
    paint.tint(Rect { height: 1, ..area }, Tone::Chosen);
}
