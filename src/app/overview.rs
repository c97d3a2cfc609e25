//! Overview: how much waits, and what is late.

use chrono::{DateTime, Duration, Utc};
use ratatui::crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect, Size};

use super::cursor::Cursor;
use super::effect::Effect;
use super::feed::Feed;
use super::jobs;
use super::keymap::{Action, Availability};
use super::layout::{self, WIDE, below, first};
use super::model::Model;
use crate::domain::{Alerts, Backlog, Filter, JobId, JobKind, KindPressure, Limit, Status};

/// What the Overview shows and where its cursor is.
#[derive(Debug, Default)]
pub struct OverviewScreen {
    pub feed: Feed<OverviewData>,
    pub cursor: Cursor<Row>,
}

/// A row that opens its jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    Backlog(JobKind),
    Deadlines(JobKind),
}

/// The answer to [`super::Query::Overview`].
#[derive(Debug, Clone, PartialEq)]
pub struct OverviewData {
    pub backlog: Backlog,
    pub pressure: Vec<KindPressure>,
    pub alerts: Alerts,
}

/// What breaches next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextBreach {
    pub at: DateTime<Utc>,
    pub job_id: JobId,
    pub job_kind: JobKind,
}

impl OverviewData {
    /// The pressure of a kind, also of one that has no open work.
    pub fn pressure_of(&self, kind: JobKind) -> KindPressure {
        self.pressure.iter().find(|row| row.job_kind == kind).cloned().unwrap_or_else(|| KindPressure::empty(kind))
    }

    /// The next job of each kind to breach, soonest first.
    pub fn next_breaches(&self) -> Vec<NextBreach> {
        let next = |row: &KindPressure| {
            Some(NextBreach { at: row.next_deadline_at?, job_id: row.next_job_id?, job_kind: row.job_kind })
        };
        let mut all: Vec<NextBreach> = self.pressure.iter().filter_map(next).collect();
        all.sort_by_key(|breach| (breach.at, breach.job_id));
        all
    }
}

/// How the parts lie, by the room that there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One short table, for a telephone.
    Plain,
    /// One below the other, parted by rules.
    Rules,
    /// In boxes, deadlines beside activity.
    Boxes,
    /// In boxes, deadlines beside the backlog.
    Broad,
}

/// The parts of the screen, each with its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverviewLayout {
    pub shape: Shape,
    pub backlog: Rect,
    pub deadlines: Option<Rect>,
    pub activity: Option<Rect>,
}

/// One row for each kind.
const KINDS: u16 = JobKind::ALL.len() as u16;

/// A head above the kinds.
const TABLE: u16 = KINDS + 1;

/// A table in its box.
const BOX: u16 = TABLE + 2;

/// What the deadlines need beside the activity.
const DEADLINES_WIDTH: u16 = 56;

/// From this width on, backlog and deadlines have room for each other.
const BROAD: u16 = 180;

/// Where things are in a terminal of this size.
pub fn layout(size: Size) -> OverviewLayout {
    let body = layout::body(size);
    let nothing = OverviewLayout { shape: Shape::Plain, backlog: body, deadlines: None, activity: None };
    if body.width < 76 || body.height < 2 * TABLE + 1 {
        return nothing;
    }
    if body.width < WIDE || body.height < 2 * BOX {
        let left_over = below(body, 2 * TABLE + 1);
        return OverviewLayout {
            shape: Shape::Rules,
            backlog: first(body, TABLE),
            deadlines: Some(first(below(body, TABLE), TABLE + 1)),
            activity: (left_over.height > 2).then_some(left_over),
        };
    }
    let (top, rest) = (first(body, BOX), below(body, BOX));
    let left = |area: Rect, width: u16| Rect { width, ..area };
    let right = |area: Rect, from: u16| Rect { x: area.x + from, width: area.width - from, ..area };
    if body.width < BROAD {
        return OverviewLayout {
            shape: Shape::Boxes,
            backlog: top,
            deadlines: Some(left(rest, DEADLINES_WIDTH)),
            activity: Some(right(rest, DEADLINES_WIDTH)),
        };
    }
    let half = body.width / 2;
    OverviewLayout {
        shape: Shape::Broad,
        backlog: left(top, half),
        deadlines: Some(right(top, half)),
        activity: Some(rest),
    }
}

impl OverviewLayout {
    /// Whether frames are boxes; else they are rules.
    pub fn is_boxed(&self) -> bool {
        matches!(self.shape, Shape::Boxes | Shape::Broad)
    }

    /// The backlog's table with its head.
    pub fn backlog_table(&self) -> Rect {
        if self.is_boxed() { layout::shrink(self.backlog) } else { self.backlog }
    }

    /// The deadlines' table with its head.
    pub fn deadlines_table(&self) -> Option<Rect> {
        self.deadlines.map(|area| layout::inside(area, self.is_boxed()))
    }

    /// The rows that the cursor can be on, from above.
    pub fn rows(&self) -> Vec<Row> {
        let backlog = JobKind::ALL.map(Row::Backlog);
        let deadlines = JobKind::ALL.map(Row::Deadlines);
        if self.deadlines.is_some() { [backlog, deadlines].concat() } else { backlog.to_vec() }
    }

    fn row_at(&self, at: Position) -> Option<Row> {
        let kind = |table: Rect| {
            let rows = first(below(table, 1), KINDS);
            rows.contains(at).then(|| JobKind::ALL[usize::from(at.y - rows.y)])
        };
        let backlog = kind(self.backlog_table()).map(Row::Backlog);
        backlog.or_else(|| self.deadlines_table().and_then(kind).map(Row::Deadlines))
    }
}

/// The jobs that a row counts; for deadlines, those that press most.
pub fn filter_of(row: Row, data: &OverviewData) -> Filter {
    let open = |kind, due| Filter { kinds: vec![kind], statuses: Status::OPEN.to_vec(), due, ..Filter::default() };
    match row {
        Row::Backlog(kind) => open(kind, None),
        Row::Deadlines(kind) => {
            let pressure = data.pressure_of(kind);
            let minutes = [(pressure.breached, 0), (pressure.lt_5m, 5), (pressure.lt_15m, 15), (pressure.lt_1h, 60)];
            let pressing = minutes.into_iter().find(|(count, _)| *count > 0);
            open(kind, pressing.map(|(_, minutes)| Limit::Below(std::time::Duration::from_secs(minutes * 60))))
        }
    }
}

/// New data arrived in the feed.
pub fn loaded(model: &mut Model) {
    let rows = layout(model.size).rows();
    model.overview.cursor.follow(&rows);
}

/// Whether an action would do something now.
pub fn availability(model: &Model, action: Action) -> Availability {
    match action {
        Action::Open if model.overview.feed.data().is_none() => Availability::Hidden,
        _ => Availability::On,
    }
}

/// What an action does on this screen.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Open => open(model),
        Action::CopyId => return copy_next(model),
        _ => {
            let rows = layout(model.size).rows();
            model.overview.cursor.follow(&rows);
            model.overview.cursor.walk(action, rows.len(), &rows);
        }
    }
    Vec::new()
}

/// A click chooses, the wheel moves the cursor.
pub fn mouse(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    let layout = layout(model.size);
    let rows = layout.rows();
    let cursor = &mut model.overview.cursor;
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => {
            let clicked = layout.row_at(Position::new(event.column, event.row));
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

fn open(model: &mut Model) {
    let (Some(row), Some(data)) = (model.overview.cursor.key(), model.overview.feed.data()) else { return };
    let filter = filter_of(row, data);
    jobs::show(model, filter);
}

/// The row stands for many jobs; the one that it names is the next to breach.
fn copy_next(model: &mut Model) -> Vec<Effect> {
    let Some(Row::Backlog(kind) | Row::Deadlines(kind)) = model.overview.cursor.key() else { return Vec::new() };
    let next = model.overview.feed.data().and_then(|data| data.pressure_of(kind).next_job_id);
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
        let backlog = Backlog::complete(vec![]);
        filter_of(row, &OverviewData { backlog, pressure: vec![pressure], alerts: Alerts::default() }).to_string()
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

    #[test]
    fn every_part_lies_inside_the_body_and_none_over_another() {
        for (width, height) in [(40, 12), (76, 20), (80, 24), (100, 22), (100, 23), (120, 40), (179, 60), (200, 60)] {
            let size = Size { width, height };
            let body = layout::body(size);
            let layout = layout(size);
            let parts: Vec<Rect> =
                [Some(layout.backlog), layout.deadlines, layout.activity].into_iter().flatten().collect();
            for (at, part) in parts.iter().enumerate() {
                assert_eq!(part.intersection(body), *part, "{size}");
                assert!(parts[..at].iter().all(|other| !other.intersects(*part)), "{size}: {part}");
            }
            assert!(layout.backlog_table().height >= TABLE, "{size}");
            assert!(layout.deadlines_table().is_none_or(|table| table.height >= TABLE), "{size}");
        }
    }

    #[test]
    fn every_row_can_be_clicked_where_it_is_drawn() {
        for (width, height) in [(40, 12), (80, 24), (120, 40), (200, 60)] {
            let layout = layout(Size { width, height });
            let table = layout.deadlines_table().unwrap_or_else(|| layout.backlog_table());
            let last = Position::new(table.x + 3, table.y + KINDS);
            assert_eq!(layout.row_at(last), layout.rows().last().copied());
            assert_eq!(layout.row_at(Position::new(table.x + 3, table.y)), None);
        }
    }
}
