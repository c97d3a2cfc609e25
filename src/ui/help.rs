//! The help, from the key table.

use ratatui::layout::Rect;

use super::paint::Painter;
use super::theme::Tone;
use crate::app::Model;
use crate::app::help::{self, KEYS_WIDTH};

/// Lists the keys of the screen under the help, from entry `top` on.
pub fn draw(model: &Model, top: usize, paint: &mut Painter, area: Rect) {
    paint.clear(area);
    let title = format!("Keys of {}", model.screen.title());
    paint.boxed(area, &[(title, Tone::Strong)], &[]);
    let (inside, beside) = (help::area(model.size), help::is_beside(model.size));
    let indent = if beside { KEYS_WIDTH } else { 3 };
    let mut rows = inside.rows();
    for entry in &help::entries(model)[top.min(help::last_top(model))..] {
        let Some(first) = rows.next() else { return };
        paint.text(from(first, 1), &entry.keys, Tone::Strong);
        let mut words = entry.lines.iter();
        if beside && let Some(line) = words.next() {
            paint.line(from(first, indent), line, Tone::Plain);
        }
        for (line, row) in words.zip(&mut rows) {
            paint.line(from(row, indent), line, Tone::Plain);
        }
    }
}

fn from(row: Rect, x: u16) -> Rect {
    let x = x.min(row.width);
    Rect { x: row.x + x, width: row.width - x, ..row }
}
