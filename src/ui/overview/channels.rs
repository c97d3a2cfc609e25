//! The Channels box: how the sends of each channel do, by which rule an outage is named, what is held, who works, and what
//! nobody works on.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::layout::below;
use crate::app::overview::{OverviewData, Row, layout};
use crate::domain::ChannelHealth;
use crate::domain::situation::Working;
use crate::ui::number::{count, grouped};
use crate::ui::paint::{Painter, Part};
use crate::ui::table::{self, Column, dim, numbers, plain, rest, words};
use crate::ui::theme::Tone;
use crate::ui::{alerts, when};

const COLUMNS: &[Column] = &[
    words("send to", 13),
    numbers("done", 5),
    numbers("failed", 6),
    numbers("share", 5),
    numbers("held", 5),
    numbers("oldest", 6),
    rest("state"),
];

/// Draws the box.
pub fn draw(model: &Model, data: &OverviewData, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    let many_agencies = model.session.principal.agency.is_none();
    let rule = data.alerts.channels.first().map(|channel| channel.rule);
    let title = rule.map_or_else(|| "Channels".to_owned(), |rule| format!("Channels, last {}", rule.window()));
    let inside = paint.framed(area, true, &[(title, Tone::Strong)], &[]);
    table::head(paint, inside, COLUMNS);
    let used = layout(model.size).channels(Some(data));
    let rows = below(inside, 1);
    for (row, channel) in rows.rows().zip(&used) {
        table::row(paint, row, COLUMNS, cells(channel, many_agencies, now));
        if model.overview.cursor.key() == Some(Row::of_channel(channel)) {
            table::choose(paint, row);
        }
    }
    let notes = below(rows, used.len() as u16);
    for (row, parts) in notes.rows().zip(said(data, many_agencies, now)) {
        paint.parts(row, &parts);
    }
}

fn cells(channel: &ChannelHealth, many_agencies: bool, now: DateTime<Utc>) -> Vec<Part> {
    let ChannelHealth { agency, channel_kind, share, oldest_at, .. } = channel;
    let name = if many_agencies { format!("{channel_kind} {agency}") } else { channel_kind.clone() };
    let number = |many: i64, width, tone| (count(many, width), if many == 0 { Tone::Dim } else { tone });
    let share = share.map_or_else(|| "-".to_owned(), |share| format!("{:.0}%", share * 100.0));
    let oldest = oldest_at.map_or_else(|| "-".to_owned(), |at| when::age(at, now));
    let state = match channel {
        _ if channel.is_held => ("HOLD".to_owned(), Tone::Warning),
        _ if channel.suspected => ("OUTAGE?".to_owned(), Tone::Alarm),
        _ if channel.tried() == 0 => dim("-"),
        _ => ("fine".to_owned(), Tone::Good),
    };
    vec![
        plain(name),
        number(channel.done, 5, Tone::Plain),
        number(channel.failed, 6, Tone::Warning),
        plain(share),
        number(channel.held, 5, Tone::Warning),
        plain(oldest),
        state,
    ]
}

/// The rule, the holds, who works, and the kinds that nobody works on.
fn said(data: &OverviewData, many_agencies: bool, now: DateTime<Utc>) -> Vec<Vec<Part>> {
    let (known, Working { reviewers, programs }) = (&data.alerts, data.situation.working);
    let mut rows = Vec::new();
    if let Some(channel) = known.channels.first() {
        rows.push(vec![dim(format!(" named at {}", channel.rule.as_words()))]);
    }
    for hold in known.holds.iter().filter(|hold| hold.stands()) {
        let ticket = hold.ticket.as_ref().map(|ticket| format!(", {ticket}")).unwrap_or_default();
        let words = format!(
            " HOLD {} by {} {}{ticket}",
            alerts::name(hold, many_agencies),
            hold.placed_by,
            when::clock(hold.placed_at)
        );
        rows.push(vec![(words, Tone::Warning)]);
        match hold.moved {
            0 => {}
            1 => rows.push(vec![plain("   1 customer wrote since: back to Review")]),
            many => rows.push(vec![plain(format!("   {} customers wrote since: back to Review", grouped(many)))]),
        }
    }
    let named = |many, one: &str| format!("{many} {one}{}", if many == 1 { "" } else { "s" });
    rows.push(vec![plain(format!(" working now: {}, {}", named(reviewers, "reviewer"), named(programs, "program")))]);
    for kind in &known.unattended {
        let waits = when::age(kind.oldest_ready_at, now);
        let words = format!(" nobody works on: {} ({} wait, {waits})", kind.job_kind.short(), grouped(kind.ready));
        rows.push(vec![(words, Tone::Warning)]);
    }
    rows
}
