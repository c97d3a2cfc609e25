//! Codes to choose from, one a row.

use ratatui::layout::Rect;

use super::paint::Painter;
use super::theme::Tone;
use crate::app::choice::Choice;

/// Draws as many codes as the area has rows, the one under the cursor among them.
pub fn draw(choice: &Choice, paint: &mut Painter, area: Rect) {
    for (row, at) in area.rows().zip(choice.window(usize::from(area.height))) {
        let number = if at < 9 { (at + 1).to_string() } else { " ".to_owned() };
        let mark = if at == choice.chosen() { '>' } else { ' ' };
        paint.text(row, format!(" {mark} {number} {}", choice.codes()[at]), Tone::Plain);
        if at == choice.chosen() {
            paint.tint(row, Tone::Chosen);
        }
    }
}
