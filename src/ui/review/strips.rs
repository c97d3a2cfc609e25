//! The two rows above the footer: what can be undone and why something is off, or the question being asked.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use crate::app::Model;
use crate::ui::paint::Painter;

/// Draws both rows.
pub fn draw(_model: &Model, _now: DateTime<Utc>, _paint: &mut Painter, _area: Rect) {}
