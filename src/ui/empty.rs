//! What stands where rows would be: why there are none, and what to do about it.

use ratatui::layout::Rect;

use super::paint::Painter;
use super::theme::Tone;
use crate::app::Model;
use crate::app::model::Connection;

/// Before the first answer.
pub fn waiting(model: &Model, paint: &mut Painter, area: Rect) {
    match model.connection {
        Connection::Lost { .. } => lines(paint, area, &["No data yet: the database is away."]),
        _ => lines(paint, area, &["Asking the database."]),
    }
}

/// Nothing is in the queue at all.
pub fn queue(paint: &mut Painter, area: Rect) {
    let words = [
        "The queue is empty.",
        "",
        "Bring conversations in:",
        "  countersign import FILE",
        "Or try it with made-up traffic:",
        "  countersign demo",
    ];
    lines(paint, area, &words);
}

/// Nothing passes the filter.
pub fn filtered(paint: &mut Painter, area: Rect) {
    lines(paint, area, &["Nothing under this filter.", "h clears it, / changes it."]);
}

/// Words of ours, one a row.
pub fn lines(paint: &mut Painter, area: Rect, words: &[&str]) {
    for (row, words) in area.rows().zip(words) {
        paint.text(Rect { x: row.x + 1, width: row.width.saturating_sub(1), ..row }, words, Tone::Plain);
    }
}
