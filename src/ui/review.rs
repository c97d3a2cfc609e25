//! The Review screen: the list, the pane, and the strips beneath them.

mod editor;
mod head;
mod list;
mod message;
mod mine;
mod pane;
mod sheet;
mod strips;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use super::paint::Painter;
use super::theme::Tone;
use crate::app::layout::{self, REVIEW_MIN};
use crate::app::{Model, review};

/// Draws list, pane and strips.
pub fn draw(model: &Model, now: DateTime<Utc>, paint: &mut Painter) {
    let Some(layout) = layout::review(model.size) else {
        too_small(model, paint);
        return;
    };
    let glance = model.review.pane().is_some_and(|pane| pane.glance);
    let reading = model.review.posture() == review::Posture::Pane;
    if layout.wide || !reading || glance {
        list::draw(model, now, paint, &layout);
    }
    match model.review.pane() {
        _ if model.review.editor.is_some() => editor::draw(model, now, paint, &layout),
        Some(pane) if layout.wide || !glance => pane::draw(model, pane, now, paint, &layout),
        _ if layout.wide => pane::draw_empty(model, paint, &layout),
        _ => {}
    }
    strips::draw(model, now, paint, layout.strips);
}

fn too_small(model: &Model, paint: &mut Painter) {
    let area = layout::body(model.size);
    let lines = [
        "A message is shown whole or not at all.".to_owned(),
        format!("Review needs {} x {} cells,", REVIEW_MIN.width, REVIEW_MIN.height),
        format!("this terminal has {} x {}.", model.size.width, model.size.height),
        "1 Overview and 3 Dead letters work.".to_owned(),
    ];
    for (row, words) in area.rows().zip(lines) {
        paint.text(Rect { x: row.x + 1, width: row.width.saturating_sub(1), ..row }, words, Tone::Plain);
    }
}
