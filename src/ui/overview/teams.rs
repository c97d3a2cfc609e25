//! What the teams decided, hour by hour. Teams, not persons.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use super::{number, title};
use crate::app::Model;
use crate::app::layout::below;
use crate::app::overview::TEAM_HOURS;
use crate::domain::TeamHour;
use crate::ui::paint::{Painter, Part};
use crate::ui::table::{self, Column, dim, numbers, plain, rest, times, words};
use crate::ui::theme::Tone;
use crate::ui::{empty, when};

const COLUMNS: &[Column] = &[
    times("", 8),
    words("team", 15),
    numbers("approved", 8),
    numbers("rejected", 8),
    numbers("escalated", 9),
    numbers("median", 10),
    rest(""),
];

/// For a telephone.
const PLAIN: &[Column] = &[times("", 8), words("team", 12), numbers("decided", 7), numbers("median", 9), rest("")];

pub fn draw(model: &Model, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    let head = format!("Decisions by team, last {TEAM_HOURS} h");
    let inside = paint.framed(area, false, &title(&head), &[dim("t closes")]);
    let Some(teams) = model.overview.teams.data() else {
        empty::waiting(model, paint, inside);
        return;
    };
    if teams.is_empty() {
        empty::lines(paint, inside, &["Nobody has decided anything in this time."]);
        return;
    }
    let columns = if inside.width < 60 { PLAIN } else { COLUMNS };
    table::head_at(paint, inside, columns, now);
    for (row, team) in below(inside, 1).rows().zip(teams) {
        table::row(paint, row, columns, cells(team, columns.len() == PLAIN.len()));
    }
}

fn cells(team: &TeamHour, is_plain: bool) -> Vec<Part> {
    let seconds = team.median_seconds.map(|seconds| chrono::Duration::seconds(seconds.round() as i64));
    let median = seconds.map_or_else(|| dim("-"), |median| plain(when::to_the_second(median)));
    let lead = [dim(when::clock(team.hour)), plain(team.role.replace('_', " "))];
    let counts = if is_plain {
        vec![number(team.decisions(), 7, Tone::Plain)]
    } else {
        vec![
            number(team.approved, 8, Tone::Plain),
            number(team.rejected, 8, Tone::Plain),
            number(team.escalated, 9, Tone::Plain),
        ]
    };
    lead.into_iter().chain(counts).chain([median]).collect()
}
