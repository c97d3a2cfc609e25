//! What stands below the header of every screen while it is so: suspected outages in one row, holds in another.
//!
//! The rows are taken from the height of the terminal, so a screen lies below them as in a lower terminal.

use ratatui::crossterm::event::MouseEvent;
use ratatui::layout::Size;

use super::layout::least;
use super::model::Model;
use crate::domain::Alerts;

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    Outages,
    Holds,
}

/// What is known of channels, holds and neglected work; none before the first answer.
pub fn known(model: &Model) -> Option<&Alerts> {
    model.overview.feed.data().map(|data| &data.alerts)
}

/// The rows that there is reason for, the most urgent first.
pub fn wanted(model: &Model) -> Vec<Row> {
    let Some(alerts) = known(model) else { return Vec::new() };
    let outages = (!alerts.outages().is_empty()).then_some(Row::Outages);
    let holds = (!alerts.holds.is_empty()).then_some(Row::Holds);
    outages.into_iter().chain(holds).collect()
}

/// The rows that are shown below the header. The others have no room there, and take turns with what the strip says.
pub fn shown(model: &Model) -> Vec<Row> {
    let mut rows = wanted(model);
    let room = model.terminal.height.saturating_sub(least(model.screen).height);
    rows.truncate(usize::from(room));
    rows
}

/// The first row for which there was no room.
pub fn left_out(model: &Model) -> Option<Row> {
    wanted(model).get(shown(model).len()).copied()
}

/// What is left of the terminal for header, screen and footer.
pub fn size_below(model: &Model) -> Size {
    Size { height: model.terminal.height - shown(model).len() as u16, ..model.terminal }
}

/// How many rows are taken now.
pub fn rows(model: &Model) -> u16 {
    model.terminal.height.saturating_sub(model.size.height)
}

/// Where the mouse is on the screen below these rows; none when it is on one of them.
pub fn below(model: &Model, event: MouseEvent) -> Option<MouseEvent> {
    match (event.row, rows(model)) {
        (0, _) => Some(event),
        (row, taken) if row > taken => Some(MouseEvent { row: row - taken, ..event }),
        _ => None,
    }
}
