//! The rows below the header: suspected outages, and holds that stand.

use chrono::{DateTime, Duration, Utc};
use ratatui::layout::Rect;

use super::number::grouped;
use super::paint::{Painter, Part};
use super::theme::Tone;
use super::when;
use crate::app::Model;
use crate::app::alerts::{Row, known, shown};
use crate::domain::{Alerts, ChannelHealth, Hold};

/// Draws the rows into the area that was left for them.
pub fn draw(model: &Model, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    for (place, row) in area.rows().zip(shown(model)) {
        let parts = row_parts(model, row, now, |words| paint.width(words), place.width);
        paint.parts(place, &parts);
    }
}

/// What a row says, as much of it as has room.
pub fn row_parts(model: &Model, row: Row, now: DateTime<Utc>, width: impl Fn(&str) -> usize, room: u16) -> Vec<Part> {
    let Some(alerts) = known(model) else { return Vec::new() };
    let (tone, pieces) = match row {
        Row::Outages => (Tone::Alarm, outages(alerts, has_many_agencies(model))),
        Row::Holds => (Tone::Warning, holds(alerts, now, has_many_agencies(model))),
    };
    let mut text = String::new();
    for piece in pieces {
        if width(&text) + width(&piece) <= usize::from(room) {
            text.push_str(&piece);
        }
    }
    vec![(text, tone)]
}

fn has_many_agencies(model: &Model) -> bool {
    model.session.principal.agency.is_none()
}

/// The worst one with its numbers and the rule that names it; how many others.
fn outages(alerts: &Alerts, many_agencies: bool) -> Vec<String> {
    let outages = alerts.outages();
    let Some(worst) = outages.first() else { return Vec::new() };
    let ChannelHealth { rule, leading_error, since, .. } = worst;
    let whose = if many_agencies { format!(" of {}", worst.agency) } else { String::new() };
    let named = format!(" ({:.0}% of {}+)", rule.least_share * 100.0, rule.least_attempts);
    let more = match outages.len() - 1 {
        0 => String::new(),
        others => format!(" +{others} more"),
    };
    vec![
        format!(" !! OUTAGE? {}{whose}", worst.name()),
        format!(" {} of {} failed", worst.failed, worst.tried()),
        format!(" in {}", rule.window()),
        leading_error.as_ref().map(|code| format!(", {code}")).unwrap_or_default(),
        more,
        named,
        since.map(|since| format!(", since {}", when::clock(since))).unwrap_or_default(),
    ]
}

/// The newest one: what, for how long, by whom, and what it keeps; how many others.
fn holds(alerts: &Alerts, now: DateTime<Utc>, many_agencies: bool) -> Vec<String> {
    let Some(newest) = alerts.holds.first() else { return Vec::new() };
    let what = name(newest, many_agencies);
    let age = when::to_the_minute((now - newest.placed_at).max(Duration::zero()));
    let ticket = newest.ticket.as_ref().map(|ticket| format!(", {ticket}")).unwrap_or_default();
    let more = match alerts.holds.len() - 1 {
        0 => String::new(),
        others => format!(" +{others} more"),
    };
    if !newest.stands() {
        let pace = newest.per_minute.map(|pace| format!(" {pace}/min")).unwrap_or_default();
        return vec![format!(" RESUMED {what}{pace}: {} still to go", grouped(newest.paused)), more];
    }
    let moved = match newest.moved {
        0 => String::new(),
        many => format!(", {} moved since", grouped(many)),
    };
    vec![
        format!(" HOLD {what} {age} by {}", newest.placed_by),
        ticket,
        format!(": {} wait", grouped(newest.paused)),
        moved,
        more,
    ]
}

/// `send/sms`, with the agency where somebody sees several.
pub fn name(hold: &Hold, many_agencies: bool) -> String {
    let mut scope = hold.scope();
    if !many_agencies && (scope.job_kind.is_some() || scope.channel_kind.is_some()) {
        scope.agency = None;
    }
    scope.as_words()
}
