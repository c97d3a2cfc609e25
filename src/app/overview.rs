//! Overview: how much waits, what is late, and where it leads.

use chrono::{DateTime, Duration, Utc};
use ratatui::crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::cursor::Cursor;
use super::effect::Effect;
use super::feed::Feed;
use super::jobs;
use super::keymap::{Action, Availability};
use super::model::Model;
use crate::domain::situation::NextBreach;
use crate::domain::{
    Alerts, Backlog, ChannelHealth, Filter, History, JobKind, KindPressure, Limit, Situation, Status, TeamHour,
};

mod layout;

pub use layout::{OverviewLayout, Shape, layout};

/// What the Overview shows and where its cursor is.
#[derive(Debug, Default)]
pub struct OverviewScreen {
    pub feed: Feed<OverviewData>,
    pub cursor: Cursor<Row>,
    pub page: Page,
    /// The last day, for the chart.
    pub day: Feed<History>,
    /// What the teams decided in the last hours.
    pub teams: Feed<Vec<TeamHour>>,
}

/// What is shown of it all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Page {
    #[default]
    Now,
    /// The last day of the kind under the cursor.
    Chart,
    /// Decisions by team and hour.
    Teams,
}

/// A row that opens its jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    Backlog(JobKind),
    Deadlines(JobKind),
    Channel { agency: String, channel_kind: String },
}

impl Row {
    pub fn of_channel(channel: &ChannelHealth) -> Row {
        Row::Channel { agency: channel.agency.clone(), channel_kind: channel.channel_kind.clone() }
    }

    /// What leaves by a channel are sends.
    pub fn kind(&self) -> JobKind {
        match self {
            Row::Backlog(kind) | Row::Deadlines(kind) => *kind,
            Row::Channel { .. } => JobKind::Send,
        }
    }
}

/// The answer to [`super::Query::Overview`].
#[derive(Debug, Clone, PartialEq)]
pub struct OverviewData {
    pub backlog: Backlog,
    pub pressure: Vec<KindPressure>,
    pub alerts: Alerts,
    pub situation: Situation,
}

impl OverviewData {
    /// The pressure of a kind, also of one that has no open work.
    pub fn pressure_of(&self, kind: JobKind) -> KindPressure {
        self.pressure.iter().find(|row| row.job_kind == kind).cloned().unwrap_or_else(|| KindPressure::empty(kind))
    }

    /// The jobs that breach next, soonest first. A login that sees no jobs is still told the first of each kind.
    pub fn next_breaches(&self) -> Vec<NextBreach> {
        if !self.situation.next_to_breach.is_empty() {
            return self.situation.next_to_breach.clone();
        }
        let next = |row: &KindPressure| {
            let (deadline_at, job_id) = (row.next_deadline_at?, row.next_job_id?);
            Some(NextBreach { deadline_at, job_id, job_kind: row.job_kind, lease_owner: None })
        };
        let mut all: Vec<NextBreach> = self.pressure.iter().filter_map(next).collect();
        all.sort_by_key(|breach| (breach.deadline_at, breach.job_id));
        all
    }

    /// The next of one kind.
    pub fn next_of(&self, kind: JobKind) -> Option<NextBreach> {
        self.next_breaches().into_iter().find(|breach| breach.job_kind == kind)
    }

    /// Whether some tier takes no more, so that escalations do not move.
    pub fn is_full(&self) -> bool {
        !self.situation.full_tiers.is_empty()
    }
}

/// The chart's minutes in a step, and its steps: a day in a column of 76 cells.
pub const CHART_STEP: i32 = 20;
pub const CHART_STEPS: i32 = 72;

/// Hours that are shown of the teams.
pub const TEAM_HOURS: i32 = 24;

/// The jobs that a row counts; for deadlines, those that press most.
pub fn filter_of(row: &Row, data: &OverviewData) -> Filter {
    let open = |kind, due| Filter { kinds: vec![kind], statuses: Status::OPEN.to_vec(), due, ..Filter::default() };
    match row {
        Row::Backlog(kind) => open(*kind, None),
        Row::Channel { channel_kind, .. } => {
            Filter { channel: Some(channel_kind.clone()), ..open(JobKind::Send, None) }
        }
        Row::Deadlines(kind) => {
            let pressure = data.pressure_of(*kind);
            let minutes = [(pressure.breached, 0), (pressure.lt_5m, 5), (pressure.lt_15m, 15), (pressure.lt_1h, 60)];
            let pressing = minutes.into_iter().find(|(count, _)| *count > 0);
            open(*kind, pressing.map(|(_, minutes)| Limit::Below(std::time::Duration::from_secs(minutes * 60))))
        }
    }
}

/// New data arrived in the feed.
pub fn loaded(model: &mut Model) {
    let rows = rows(model);
    model.overview.cursor.follow(&rows);
}

/// The rows that the cursor can be on: the chart goes through the kinds alone.
fn rows(model: &Model) -> Vec<Row> {
    match model.overview.page {
        Page::Now => layout(model.size).rows(model.overview.feed.data()),
        Page::Chart | Page::Teams => JobKind::ALL.map(Row::Backlog).to_vec(),
    }
}

/// Whether an action would do something now.
pub fn availability(model: &Model, action: Action) -> Availability {
    match action {
        Action::Open | Action::Chart | Action::Teams if model.overview.feed.data().is_none() => Availability::Hidden,
        Action::Open if model.overview.page != Page::Now => Availability::Hidden,
        Action::Back if model.overview.page == Page::Now => Availability::Hidden,
        _ => Availability::On,
    }
}

/// What an action does on this screen.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Open if model.overview.page == Page::Now => open(model),
        Action::Open | Action::Back => turn(model, Page::Now),
        Action::Chart => turn(model, Page::Chart),
        Action::Teams => turn(model, Page::Teams),
        Action::CopyId => return copy_next(model),
        _ => {
            let rows = rows(model);
            model.overview.cursor.follow(&rows);
            model.overview.cursor.walk(action, rows.len(), &rows);
        }
    }
    Vec::new()
}

/// A click chooses, the wheel moves the cursor.
pub fn mouse(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    let rows = rows(model);
    let clicked = |at| match model.overview.page {
        Page::Now => layout(model.size).row_at(at, model.overview.feed.data()),
        Page::Chart | Page::Teams => None,
    };
    let clicked = clicked(Position::new(event.column, event.row));
    let cursor = &mut model.overview.cursor;
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => {
            if let Some(at) = clicked.and_then(|row| rows.iter().position(|other| *other == row)) {
                cursor.choose(at, &rows);
            }
        }
        MouseEventKind::ScrollDown => cursor.step(1, &rows),
        MouseEventKind::ScrollUp => cursor.step(-1, &rows),
        _ => {}
    }
    Vec::new()
}

/// Shows a page, or the first one again where it is shown already.
fn turn(model: &mut Model, page: Page) {
    model.overview.page = if model.overview.page == page { Page::Now } else { page };
    if let Some(row) = model.overview.cursor.key().filter(|_| model.overview.page != Page::Now) {
        let rows = rows(model);
        model.overview.cursor.choose(JobKind::ALL.iter().position(|kind| *kind == row.kind()).unwrap_or(0), &rows);
    }
}

fn open(model: &mut Model) {
    let (Some(row), Some(data)) = (model.overview.cursor.key(), model.overview.feed.data()) else { return };
    let filter = filter_of(&row, data);
    jobs::show(model, filter);
}

/// The row stands for many jobs; the one that it names is the next to breach.
fn copy_next(model: &mut Model) -> Vec<Effect> {
    let Some(row) = model.overview.cursor.key() else { return Vec::new() };
    let next = match row {
        Row::Backlog(kind) | Row::Deadlines(kind) => {
            model.overview.feed.data().and_then(|data| data.pressure_of(kind).next_job_id)
        }
        Row::Channel { .. } => None,
    };
    match next {
        Some(job_id) => jobs::copy_id(model, job_id),
        None => {
            model.say("no deadline ahead in this row, so it names no job");
            Vec::new()
        }
    }
}

/// The countdown to a deadline that lay ahead when the data was read.
pub fn countdown(at: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    (at - now).max(Duration::zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: JobKind = JobKind::Approve;

    fn filter_text(row: Row, pressure: KindPressure) -> String {
        let data = OverviewData {
            backlog: Backlog::complete(vec![]),
            pressure: vec![pressure],
            alerts: Alerts::default(),
            situation: Situation::unknown(DateTime::<Utc>::UNIX_EPOCH),
        };
        filter_of(&row, &data).to_string()
    }

    #[test]
    fn a_row_opens_the_jobs_that_press_most() {
        let empty = || KindPressure::empty(KIND);
        let late = KindPressure { breached: 2, lt_5m: 3, ..empty() };
        let cases = [
            (Row::Backlog(KIND), late.clone(), "kind:approve status:open"),
            (Row::Deadlines(KIND), late, "kind:approve status:open due:<0s"),
            (Row::Deadlines(KIND), KindPressure { lt_5m: 3, lt_1h: 1, ..empty() }, "kind:approve status:open due:<5m"),
            (Row::Deadlines(KIND), KindPressure { lt_15m: 1, ..empty() }, "kind:approve status:open due:<15m"),
            (Row::Deadlines(KIND), KindPressure { lt_1h: 1, ..empty() }, "kind:approve status:open due:<1h"),
            (Row::Deadlines(KIND), KindPressure { later: 9, none: 1, ..empty() }, "kind:approve status:open"),
        ];
        for (row, pressure, expected) in cases {
            assert_eq!(filter_text(row, pressure), expected);
        }
    }
}
