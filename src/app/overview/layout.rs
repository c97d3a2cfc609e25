//! Where the parts of the Overview lie, by the room that there is.

use ratatui::layout::{Position, Rect, Size};

use super::{OverviewData, Row};
use crate::app::layout::{self, WIDE, below, first};
use crate::domain::{ChannelHealth, JobKind};

/// How the parts lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One short table, for a telephone.
    Plain,
    /// One below the other, parted by rules.
    Rules,
    /// In boxes, deadlines beside what comes next.
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
    /// What comes next.
    pub outlook: Option<Rect>,
    /// How channels do, beside the activity.
    pub channels: Option<Rect>,
    pub activity: Option<Rect>,
}

/// One row for each kind.
const KINDS: u16 = JobKind::ALL.len() as u16;

/// A head above the kinds.
const TABLE: u16 = KINDS + 1;

/// A table in its box.
const BOX: u16 = TABLE + 2;

/// What the deadlines need beside what comes next.
const DEADLINES_WIDTH: u16 = 56;

/// Beneath the deadlines in their box: an empty row and the two that breach next.
const NEXT: u16 = 3;

/// A rule, a head and three kinds.
const FEW_DEADLINES: u16 = 5;

/// A rule and what there is to say, where room is scarce.
const OUTLOOK: u16 = 8;

/// From this width on, backlog and deadlines have room for each other.
const BROAD: u16 = 180;

/// What the backlog needs beside the deadlines.
const BACKLOG_WIDTH: u16 = 118;

/// What the channels need.
const CHANNELS_WIDTH: u16 = 56;

/// A head and a few channels with what there is to say of them, with the frame.
const FEW_CHANNELS: u16 = 8;

/// With less beside it, the activity says nothing.
const ACTIVITY_WIDTH: u16 = 56;

/// Where things are in a terminal of this size.
pub fn layout(size: Size) -> OverviewLayout {
    let body = layout::body(size);
    if body.width < 76 || body.height < TABLE + FEW_DEADLINES + 4 {
        let (deadlines, outlook, channels, activity) = (None, None, None, None);
        return OverviewLayout { shape: Shape::Plain, backlog: body, deadlines, outlook, channels, activity };
    }
    match body.width {
        width if width < WIDE || body.height < 2 * BOX => rules(body),
        width if width < BROAD => boxes(body),
        _ => broad(body),
    }
}

fn rules(body: Rect) -> OverviewLayout {
    let rest = below(body, TABLE);
    let deadlines = first(rest, rest.height.saturating_sub(OUTLOOK).clamp(FEW_DEADLINES, TABLE + 1));
    let rest = below(rest, deadlines.height);
    let outlook = first(rest, OUTLOOK);
    let rest = below(rest, outlook.height);
    OverviewLayout {
        shape: Shape::Rules,
        backlog: first(body, TABLE),
        deadlines: Some(deadlines),
        outlook: Some(outlook),
        channels: None,
        activity: (rest.height > 2).then_some(rest),
    }
}

fn boxes(body: Rect) -> OverviewLayout {
    let (top, rest) = (first(body, BOX), below(body, BOX));
    let middle = first(rest, BOX + NEXT);
    // A few rows of activity say less than the same rows of deadlines.
    let middle = if rest.height < middle.height + BOX { rest } else { middle };
    let rest = below(rest, middle.height);
    let (deadlines, outlook) = side_by_side(middle, DEADLINES_WIDTH);
    OverviewLayout {
        shape: Shape::Boxes,
        backlog: top,
        deadlines: Some(deadlines),
        outlook: Some(outlook),
        channels: channels(rest),
        activity: activity(rest),
    }
}

fn broad(body: Rect) -> OverviewLayout {
    let (top, rest) = (first(body, BOX), below(body, BOX));
    let (backlog, deadlines) = side_by_side(top, BACKLOG_WIDTH);
    let outlook = first(rest, BOX + 4);
    let rest = below(rest, outlook.height);
    OverviewLayout {
        shape: Shape::Broad,
        backlog,
        deadlines: Some(deadlines),
        outlook: Some(outlook),
        channels: channels(rest),
        activity: activity(rest),
    }
}

/// The left part of what is left, where that has room for two boxes.
fn channels(rest: Rect) -> Option<Rect> {
    let has_room = rest.width >= CHANNELS_WIDTH + ACTIVITY_WIDTH && rest.height >= FEW_CHANNELS;
    has_room.then(|| side_by_side(rest, CHANNELS_WIDTH).0)
}

/// What the channels leave.
fn activity(rest: Rect) -> Option<Rect> {
    let area = if channels(rest).is_some() { side_by_side(rest, CHANNELS_WIDTH).1 } else { rest };
    (area.height > 2).then_some(area)
}

fn side_by_side(area: Rect, left: u16) -> (Rect, Rect) {
    (Rect { width: left, ..area }, Rect { x: area.x + left, width: area.width - left, ..area })
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
        let inside = self.deadlines.map(|area| layout::inside(area, self.is_boxed()))?;
        let below = if self.shape == Shape::Boxes { NEXT } else { 0 };
        Some(first(inside, inside.height.saturating_sub(below).min(TABLE)))
    }

    /// The kinds whose deadlines are shown: all, or those that press most where there is no room for all.
    pub fn kinds(&self, data: Option<&OverviewData>) -> Vec<JobKind> {
        let room = usize::from(self.deadlines_table().map_or(0, |table| table.height.saturating_sub(1)));
        let mut kinds = JobKind::ALL.to_vec();
        if let Some(data) = data.filter(|_| room < kinds.len()) {
            // What is late counts most, then what will be soon.
            let pressing = |kind: &JobKind| {
                let pressure = data.pressure_of(*kind);
                let counts = [pressure.breached, pressure.lt_5m, pressure.lt_15m, pressure.lt_1h, pressure.later];
                std::cmp::Reverse(counts)
            };
            kinds.sort_by_key(pressing);
        }
        kinds.truncate(room);
        kinds
    }

    /// The channels' table with its head.
    pub fn channels_table(&self) -> Option<Rect> {
        self.channels.map(layout::shrink)
    }

    /// The channels that are shown: those of which there is anything to say, as far as there is room.
    pub fn channels<'d>(&self, data: Option<&'d OverviewData>) -> Vec<&'d ChannelHealth> {
        let room = usize::from(self.channels_table().map_or(0, |table| table.height.saturating_sub(1)));
        let used = data.into_iter().flat_map(|data| &data.alerts.channels).filter(|channel| channel.is_used());
        used.take(room).collect()
    }

    /// The rows that the cursor can be on, from above.
    pub fn rows(&self, data: Option<&OverviewData>) -> Vec<Row> {
        let backlog = JobKind::ALL.into_iter().map(Row::Backlog);
        let deadlines = self.kinds(data).into_iter().map(Row::Deadlines);
        backlog.chain(deadlines).chain(self.channels(data).into_iter().map(Row::of_channel)).collect()
    }

    /// The row under a click.
    pub fn row_at(&self, at: Position, data: Option<&OverviewData>) -> Option<Row> {
        let place = |table: Rect| {
            let rows = below(table, 1);
            rows.contains(at).then(|| usize::from(at.y - rows.y))
        };
        let backlog = place(self.backlog_table()).and_then(|at| JobKind::ALL.get(at).copied()).map(Row::Backlog);
        let deadlines = || self.deadlines_table().and_then(place).and_then(|at| self.kinds(data).get(at).copied());
        let channel = || self.channels_table().and_then(place).and_then(|at| self.channels(data).get(at).copied());
        backlog.or_else(|| deadlines().map(Row::Deadlines)).or_else(|| channel().map(Row::of_channel))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: [(u16, u16); 10] =
        [(40, 12), (76, 20), (80, 24), (80, 40), (100, 22), (100, 23), (120, 40), (179, 60), (180, 23), (200, 60)];

    #[test]
    fn every_part_lies_inside_the_body_and_none_over_another() {
        for (width, height) in SIZES {
            let size = Size { width, height };
            let body = layout::body(size);
            let layout = layout(size);
            let rest = [layout.deadlines, layout.outlook, layout.channels, layout.activity];
            let parts: Vec<Rect> = [Some(layout.backlog)].into_iter().chain(rest).flatten().collect();
            for (at, part) in parts.iter().enumerate() {
                assert_eq!(part.intersection(body), *part, "{size}");
                assert!(parts[..at].iter().all(|other| !other.intersects(*part)), "{size}: {part}");
            }
            assert!(layout.backlog_table().height >= TABLE, "{size}");
            assert!(layout.deadlines_table().is_none_or(|table| table.height >= 4), "{size}");
            assert!(layout.outlook.is_none_or(|area| area.height >= 4), "{size}");
        }
    }

    #[test]
    fn every_row_can_be_clicked_where_it_is_drawn() {
        for (width, height) in SIZES {
            let layout = layout(Size { width, height });
            let rows = layout.rows(None);
            let table = layout.deadlines_table().unwrap_or_else(|| layout.backlog_table());
            let shown = if layout.deadlines.is_some() { layout.kinds(None).len() } else { JobKind::ALL.len() };
            let last = Position::new(table.x + 3, table.y + shown as u16);
            assert_eq!(layout.row_at(last, None), rows.last().cloned());
            assert_eq!(layout.row_at(Position::new(table.x + 3, table.y), None), None);
        }
    }
}
