//! `view`: a question asked of the model.
//!
//! | file | what it draws |
//! |---|---|
//! | [`paint`] | safe text into cells: the only file that touches the buffer |
//! | [`theme`] | what a tone looks like, and which characters frames are made of |
//! | [`when`], [`number`] | times, durations and counts as words |
//! | [`table`] | rows in columns |
//! | [`choice`] | codes to choose from |
//! | [`empty`] | what stands where rows would be |
//! | [`alerts`] | the rows below the header: outages and holds |
//! | [`chrome`] | header, footer, notices, the filter line |
//! | [`holds`] | the questions before a hold and before its end |
//! | [`help`] | the help, from the key table |
//! | [`lesson`] | what a practice set teaches |
//! | [`review`], [`overview`], [`dead_letters`], [`activity`], [`jobs`] | one screen each |
//!
//! Drawing changes nothing, waits for nothing and does not ask the time.

pub mod activity;
pub mod alerts;
pub mod choice;
pub mod chrome;
pub mod dead_letters;
pub mod empty;
pub mod help;
pub mod holds;
pub mod jobs;
pub mod lesson;
pub mod number;
pub mod overview;
pub mod paint;
pub mod review;
pub mod table;
pub mod theme;
pub mod when;

use chrono::{DateTime, Utc};
use ratatui::Frame;
use ratatui::layout::{Rect, Size};

use crate::app::alerts::rows as alerts_rows;
use crate::app::layout::PLAIN_MIN;
use crate::app::model::{Overlay, Screen};
use crate::app::{Model, layout};
use paint::Painter;
use theme::Theme;

/// Draws the whole screen as the model has it. `now` is the database's time, for countdowns and ages.
pub fn view(model: &Model, now: DateTime<Utc>, frame: &mut Frame) {
    let area = frame.area();
    let size = Size { width: area.width, height: area.height };
    let theme = Theme::new(&model.settings);
    if size != model.terminal {
        // The terminal changed between the message and the frame: the next message brings the new size.
        Painter::new(frame.buffer_mut(), theme).clear(area);
        return;
    }
    let taken = alerts_rows(model);
    let mut paint = Painter::new(frame.buffer_mut(), theme);
    paint.lowered(taken, |paint| screen(model, now, paint));
    alerts::draw(model, now, &mut paint, Rect { y: 1, height: taken, ..area });
}

/// Header, screen and footer, without the rows below the header.
fn screen(model: &Model, now: DateTime<Utc>, paint: &mut Painter) {
    let size = model.size;
    let area = Rect::new(0, 0, size.width, size.height);
    if size.width < PLAIN_MIN.width || size.height < PLAIN_MIN.height {
        let least = format!("{} x {} at least", PLAIN_MIN.width, PLAIN_MIN.height);
        empty::lines(paint, area, &["too small", &least, "q quits"]);
        return;
    }
    chrome::header(model, now, paint, layout::header(size));
    match model.screen {
        Screen::Overview => overview::draw(model, now, paint, layout::body(size)),
        Screen::Review => review::draw(model, now, paint),
        Screen::DeadLetters => dead_letters::draw(model, now, paint, layout::body(size)),
        Screen::Activity => activity::draw(model, now, paint, layout::body(size)),
        Screen::Jobs => jobs::draw(model, now, paint, layout::body(size)),
    }
    if model.screen != Screen::Review || !layout::fits(model.screen, size) {
        chrome::strip(model, now, paint, layout::strip(size));
    }
    if matches!(model.screen, Screen::Overview | Screen::DeadLetters) {
        holds::draw(model, paint, layout::body(size));
    }
    if let Overlay::Help { top } = &model.overlay {
        help::draw(model, *top, paint, layout::body(size));
    }
    if let Overlay::Lesson(told) = &model.overlay {
        lesson::draw(told, &model.review.score, paint, layout::body(size));
    }
    chrome::footer(model, paint, layout::footer(size));
}

#[cfg(test)]
mod tests;
