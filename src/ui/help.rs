//! The help, from the key table.

use ratatui::layout::Rect;

use super::paint::Painter;
use super::theme::Tone;
use crate::app::Model;
use crate::app::keymap::{self, Mode};
use crate::app::layout::shrink;

/// Lists the keys of the screen under the help, from row `top` on.
pub fn draw(model: &Model, top: usize, paint: &mut Painter, area: Rect) {
    paint.clear(area);
    let title = format!("Keys of {}", model.screen.title());
    paint.boxed(area, &[(title, Tone::Strong)], &[]);
    let inside = shrink(area);
    let rows: Vec<_> = keymap::of_mode(Mode::below_help(model)).collect();
    let top = top.min(rows.len().saturating_sub(usize::from(inside.height)));
    for (row, binding) in inside.rows().zip(&rows[top..]) {
        let keys: Vec<String> = binding.keys.iter().map(ToString::to_string).collect();
        paint.text(Rect { x: row.x + 1, width: 18.min(row.width), ..row }, keys.join(" "), Tone::Strong);
        paint.text(Rect { x: row.x + 20, width: row.width.saturating_sub(20), ..row }, binding.help, Tone::Plain);
    }
}
