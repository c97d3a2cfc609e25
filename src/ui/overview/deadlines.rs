//! How near the deadlines are, and what breaches next.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use super::{alarm, number};
use crate::app::Model;
use crate::app::layout::{below, shrink};
use crate::app::overview::{OverviewData, OverviewLayout, Row, Shape, countdown};
use crate::domain::JobKind;
use crate::domain::situation::NextBreach;
use crate::ui::paint::{Painter, Part};
use crate::ui::table::{self, Column, dim, numbers, plain, rest, words};
use crate::ui::theme::Tone;
use crate::ui::when;

const COLUMNS: &[Column] = &[
    words("kind", 9),
    numbers("breached", 8),
    numbers("<5m", 5),
    numbers("<15m", 5),
    numbers("<1h", 5),
    numbers("later", 6),
    numbers("none", 6),
    rest(" next to breach"),
];

/// What the table is headed by, where no line beneath it says the same.
pub fn title(data: &OverviewData, layout: &OverviewLayout) -> String {
    let situation = &data.situation;
    if situation.through_the_night.is_empty() || layout.shape == Shape::Boxes {
        return "Deadlines".to_owned();
    }
    match situation.unknown_zones.first() {
        Some(zone) => format!("Deadlines: nights count, no {zone}"),
        None => "Deadlines run through the night".to_owned(),
    }
}

pub fn draw(model: &Model, data: &OverviewData, now: DateTime<Utc>, paint: &mut Painter, layout: &OverviewLayout) {
    let (Some(table), Some(frame)) = (layout.deadlines_table(), layout.deadlines) else { return };
    let beneath = layout.shape == Shape::Boxes;
    let columns = if beneath { &COLUMNS[..COLUMNS.len() - 1] } else { COLUMNS };
    table::head(paint, table, columns);
    for (area, kind) in below(table, 1).rows().zip(layout.kinds(Some(data))) {
        table::row(paint, area, columns, cells(kind, data, now));
        if model.overview.cursor.key() == Some(Row::Deadlines(kind)) {
            table::choose(paint, area);
        }
    }
    if beneath {
        let inside = shrink(frame);
        if !data.situation.through_the_night.is_empty() {
            let line = Rect { y: inside.bottom() - 3, height: 1, ..inside };
            let (words, tone) = night(data);
            paint.text(line, &words, tone);
        }
        next(data, now, paint, Rect { y: inside.bottom() - 2, height: 2, ..inside });
    }
}

fn cells(kind: JobKind, data: &OverviewData, now: DateTime<Utc>) -> Vec<Part> {
    let pressure = data.pressure_of(kind);
    let next = data.next_of(kind).map(|next| {
        let left = when::short(countdown(next.deadline_at, now));
        let holder = next.lease_owner.map(|holder| format!(" {holder}")).unwrap_or_default();
        format!(" in {left} {}{holder}", next.job_id)
    });
    vec![
        plain(kind.short()),
        alarm(pressure.breached, 8),
        number(pressure.lt_5m, 5, Tone::Warning),
        number(pressure.lt_15m, 5, Tone::Plain),
        number(pressure.lt_1h, 5, Tone::Plain),
        number(pressure.later, 6, Tone::Plain),
        number(pressure.none, 6, Tone::Plain),
        plain(next.unwrap_or_default()),
    ]
}

/// Why deadlines run through the night, in the room of a box.
fn night(data: &OverviewData) -> Part {
    match data.situation.unknown_zones.first() {
        Some(zone) => (format!(" {zone} unknown to the server, nights count"), Tone::Warning),
        None => dim(" no hours are set: deadlines run through the night"),
    }
}

/// The next two to breach, of whatever kind.
fn next(data: &OverviewData, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    let next = data.next_breaches();
    if next.is_empty() {
        paint.text(area, " no deadline ahead", Tone::Dim);
        return;
    }
    for ((row, breach), place) in area.rows().zip(&next).zip(0..) {
        let (lead, tone) = if place == 0 { (" next ", Tone::Strong) } else { (" then ", Tone::Plain) };
        let left = when::to_the_minute(countdown(breach.deadline_at, now));
        let words = format!("{} {} in {left}", breach.job_id, breach.job_kind.short());
        paint.parts(row, &[dim(lead), (words, tone), dim(holder(breach))]);
    }
}

fn holder(breach: &NextBreach) -> String {
    match &breach.lease_owner {
        Some(holder) if breach.job_kind.is_for_people() => format!(" · {holder} reads it"),
        Some(holder) => format!(" · {holder} has it"),
        None => " · free".to_owned(),
    }
}
