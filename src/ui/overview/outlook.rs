//! What comes next: whether people hold what comes, what will be late, and what stands in the way.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use crate::app::overview::OverviewData;
use crate::domain::forecast::words;
use crate::domain::{Forecast, JobKind, KindForecast};
use crate::ui::paint::{Painter, Part};
use crate::ui::table::dim;
use crate::ui::theme::Tone;

/// Cells of the name in front.
const NAME: usize = 10;

/// What is said is measured over this window, which the title names.
pub fn window(data: &OverviewData) -> Option<Part> {
    let rates = data.situation.forecast(JobKind::Approve)?.rates;
    Some(dim(format!("last {} min: {} decided, {} came", rates.minutes, rates.decided, rates.came)))
}

pub fn draw(data: &OverviewData, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    let room = usize::from(area.width).saturating_sub(NAME + 2);
    let mut rows = Vec::new();
    let mut full = full(data, room);
    for kind in in_order(data) {
        let mut lines = toned(wrapped(&words::sentences(kind, now), room), tone(kind));
        if kind.job_kind == JobKind::Escalate {
            // What stands in the way comes first: where room is scarce, the last lines are not seen.
            full.append(&mut lines);
            std::mem::swap(&mut full, &mut lines);
        }
        rows.extend(named(kind.job_kind.short(), lines));
        if kind.job_kind == JobKind::Approve {
            let orders = data.situation.outlook(kind.job_kind).map(words::orders).unwrap_or_default();
            rows.extend(named("order", toned(wrapped(&orders, room), Tone::Plain)));
        }
    }
    rows.extend(named(JobKind::Escalate.short(), full));
    if rows.is_empty() {
        rows.push([dim(""), dim("nothing comes and nothing waits")]);
    }
    for (row, parts) in area.rows().zip(rows) {
        paint.parts(Rect { x: row.x + 1, width: row.width.saturating_sub(1), ..row }, &parts);
    }
}

fn full(data: &OverviewData, room: usize) -> Vec<Part> {
    let words: Vec<String> = data.situation.full_tiers.iter().map(words::full_tier).collect();
    toned(wrapped(&words, room), Tone::Alarm)
}

fn toned(lines: Vec<String>, tone: Tone) -> Vec<Part> {
    lines.into_iter().map(|line| (line, tone)).collect()
}

/// People's kinds first, then what will be late, then the others, those of which nothing can be said last.
fn in_order(data: &OverviewData) -> Vec<&KindForecast> {
    let mut kinds: Vec<&KindForecast> = data.situation.forecasts.iter().collect();
    kinds.sort_by_key(|kind| match &kind.forecast {
        _ if kind.job_kind.is_for_people() => 0,
        Forecast::Known(outlook) if outlook.course.will_breach > 0 => 1,
        Forecast::Known(_) => 2,
        Forecast::Thin { .. } => 3,
    });
    kinds
}

fn tone(kind: &KindForecast) -> Tone {
    match &kind.forecast {
        Forecast::Thin { .. } => Tone::Dim,
        Forecast::Known(outlook) if outlook.course.will_breach > 0 => Tone::Warning,
        Forecast::Known(_) => Tone::Plain,
    }
}

/// The name stands before the first line only.
fn named(name: &str, lines: Vec<Part>) -> impl Iterator<Item = [Part; 2]> {
    let name = name.to_owned();
    lines.into_iter().enumerate().map(move |(at, line)| {
        let name = if at == 0 { name.as_str() } else { "" };
        [(format!("{name:<NAME$}"), Tone::Plain), line]
    })
}

/// Sentences side by side as far as there is room, never one broken in two.
fn wrapped(sentences: &[String], room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for sentence in sentences {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 2 + sentence.chars().count() <= room => {
                line.push_str(". ");
                line.push_str(sentence);
            }
            _ => lines.push(sentence.clone()),
        }
    }
    lines
}
