//! The open conversation.

use chrono::{DateTime, Utc};

use crate::app::Model;
use crate::app::layout::ReviewLayout;
use crate::app::review::Pane;
use crate::ui::paint::Painter;

/// Draws the conversation, its head and its banner.
pub fn draw(_model: &Model, _pane: &Pane, _now: DateTime<Utc>, _paint: &mut Painter, _layout: &ReviewLayout) {}

/// Draws the place where a conversation would be.
pub fn draw_empty(_model: &Model, _paint: &mut Painter, _layout: &ReviewLayout) {}
