//! What waits for me, and what I did lately.

use chrono::{DateTime, Utc};

use crate::app::Model;
use crate::app::layout::ReviewLayout;
use crate::ui::paint::Painter;

/// Draws both lists.
pub fn draw(_model: &Model, _now: DateTime<Utc>, _paint: &mut Painter, _layout: &ReviewLayout) {}
