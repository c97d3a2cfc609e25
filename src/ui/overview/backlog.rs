//! How much waits of each kind, what comes and goes, and whether it grows.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use super::{alarm, number, rate};
use crate::app::Model;
use crate::app::layout::below;
use crate::app::overview::{OverviewData, OverviewLayout, Row, Shape, countdown};
use crate::domain::forecast::WINDOW;
use crate::domain::{JobKind, KindBacklog};
use crate::ui::number::grouped;
use crate::ui::paint::{Painter, Part};
use crate::ui::table::{self, Column, dim, numbers, plain, rest, words};
use crate::ui::theme::Tone;
use crate::ui::when;

const PLAIN: &[Column] =
    &[words("kind", 8), numbers("ready", 5), numbers("late", 5), numbers("dead", 4), numbers("oldest", 6), rest("")];

const NARROW: &[Column] = &[
    words("kind", 9),
    numbers("ready", 5),
    numbers("lease", 5),
    numbers("run", 4),
    numbers("retry", 5),
    numbers("paused", 6),
    numbers("dead", 4),
    numbers("in/m", 6),
    numbers("out/m", 6),
    numbers("oldest", 6),
    rest(""),
];

/// Cells of the line that shows the last half hour, one a minute.
const LINE: u16 = 30;

const WIDE: &[Column] = &[
    words("kind", 9),
    numbers("ready", 7),
    numbers("leased", 6),
    numbers("running", 7),
    numbers("retry", 6),
    numbers("paused", 6),
    numbers("dead", 5),
    numbers("in/m", 6),
    numbers("out/m", 6),
    numbers("oldest", 6),
    words("waiting, last 30 min", LINE),
    rest(""),
];

pub fn draw(model: &Model, data: &OverviewData, now: DateTime<Utc>, paint: &mut Painter, layout: &OverviewLayout) {
    let area = layout.backlog_table();
    let columns = match layout.shape {
        Shape::Plain => PLAIN,
        Shape::Rules => NARROW,
        Shape::Boxes | Shape::Broad => WIDE,
    };
    table::head(paint, area, columns);
    for (row, kind) in below(area, 1).rows().zip(&data.backlog.kinds) {
        table::row(paint, row, columns, cells(kind, data, layout.shape, now));
        if model.overview.cursor.key() == Some(Row::Backlog(kind.job_kind)) {
            table::choose(paint, row);
        }
    }
    if layout.shape == Shape::Plain {
        next(data, now, paint, below(area, 1 + JobKind::ALL.len() as u16));
    }
}

fn next(data: &OverviewData, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    let breaches = data.next_breaches();
    let Some(first) = breaches.first() else { return };
    let left = when::short(countdown(first.deadline_at, now));
    paint.text(area, format!(" next {} {} in {left}", first.job_kind.short(), first.job_id), Tone::Plain);
}

fn cells(kind: &KindBacklog, data: &OverviewData, shape: Shape, now: DateTime<Utc>) -> Vec<Part> {
    let oldest = kind.oldest_ready_at.map_or_else(|| dim("-"), |at| plain(when::age(at, now)));
    let name = plain(kind.job_kind.short());
    if shape == Shape::Plain {
        let late = data.pressure_of(kind.job_kind).breached;
        return vec![
            name,
            number(kind.ready, 5, Tone::Plain),
            alarm(late, 5),
            number(kind.dead_letter, 4, Tone::Alarm),
            oldest,
            alert(kind, data).unwrap_or_else(|| dim("")),
        ];
    }
    let is_wide = shape != Shape::Rules;
    let widths = if is_wide { [7, 6, 7, 6, 6, 5] } else { [5, 5, 4, 5, 6, 4] };
    let counts = [kind.ready, kind.leased, kind.running, kind.retry_waiting, kind.paused, kind.dead_letter];
    let tones = [Tone::Plain, Tone::Plain, Tone::Plain, Tone::Plain, Tone::Warning, Tone::Alarm];
    let counts = counts.into_iter().zip(widths).zip(tones).map(|((many, width), tone)| number(many, width, tone));
    let rates = data.situation.history.rates(kind.job_kind, WINDOW);
    let rates = [rates.came_per_minute(), rates.gone_per_minute()].map(|per_minute| rate(per_minute, 6));
    let line = is_wide.then(|| plain(line(kind, data)));
    std::iter::once(name).chain(counts).chain(rates).chain([oldest]).chain(line).chain([word(kind, data)]).collect()
}

/// What somebody has to do something about.
fn alert(kind: &KindBacklog, data: &OverviewData) -> Option<Part> {
    if kind.job_kind == JobKind::Escalate && data.is_full() {
        return Some(("FULL".to_owned(), Tone::Alarm));
    }
    (kind.ready > 0 && data.situation.grows(kind.job_kind)).then(|| ("GROWS".to_owned(), Tone::Warning))
}

/// The alert, or what else will come.
fn word(kind: &KindBacklog, data: &OverviewData) -> Part {
    let approving = data.backlog.of(JobKind::Approve).map_or(0, |approve| approve.ready + approve.leased);
    let to_come = || {
        if kind.job_kind == JobKind::Send && approving > 0 {
            format!("+{} await", grouped(approving))
        } else if kind.scheduled > 0 {
            format!("+{} later", grouped(kind.scheduled))
        } else {
            String::new()
        }
    };
    alert(kind, data).unwrap_or_else(|| dim(to_come()))
}

/// How many waited or were worked on at the end of each of the last thirty minutes; the highest reaches the top.
fn line(kind: &KindBacklog, data: &OverviewData) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let waiting = kind.live() - kind.dead_letter;
    let levels = data.situation.history.of(kind.job_kind).map(|history| history.levels(waiting)).unwrap_or_default();
    let levels = &levels[levels.len().saturating_sub(usize::from(LINE))..];
    let highest = levels.iter().copied().max().unwrap_or(0);
    if highest == 0 {
        return String::new();
    }
    // What hardly changes is a flat line; of what does, the lowest minute is the ground, so that a trend can be seen.
    let lowest = levels.iter().copied().min().unwrap_or(0);
    let ground = if (highest - lowest) * 20 >= highest { lowest } else { 0 };
    let bar = |level: &i64| BARS[usize::try_from((level - ground) * 7 / (highest - ground).max(1)).unwrap_or(0).min(7)];
    levels.iter().map(bar).collect()
}
