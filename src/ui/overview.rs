//! The Overview screen.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use super::paint::Painter;
use crate::app::Model;

/// Draws the screen between header and strip.
pub fn draw(_model: &Model, _now: DateTime<Utc>, _paint: &mut Painter, _area: Rect) {}
