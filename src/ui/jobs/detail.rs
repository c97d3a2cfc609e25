//! One job: its facts, what keeps it from going on, its relatives and its history.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use super::{came_of_it, due, status};
use crate::app::Model;
use crate::app::jobs::{Fact, JobDetail, Line, detail_areas, is_boxed, lines};
use crate::app::layout::inside;
use crate::domain::{Job, JobId};
use crate::ui::paint::{Painter, Part};
use crate::ui::table::{dim, plain};
use crate::ui::theme::Tone;
use crate::ui::{activity, empty, when};

/// Draws the open job over the whole screen.
pub fn draw(model: &Model, job_id: JobId, now: DateTime<Utc>, paint: &mut Painter) {
    let (facts_area, lines_area) = detail_areas(model.size);
    let boxed = is_boxed(model.size);
    let Some(detail) = model.jobs.detail.data() else {
        let title = [(format!("Job {job_id}"), Tone::Strong)];
        let inside = paint.framed(facts_area.map_or(lines_area, |facts| facts.union(lines_area)), boxed, &title, &[]);
        empty::waiting(model, paint, inside);
        return;
    };
    let stale = when::stale(&model.jobs.detail.load, now);
    let title = vec![(format!("Job {job_id}{stale}"), Tone::Strong)];
    let keys = [dim("Enter lists its conversation   h back")];
    match facts_area {
        Some(area) => {
            let rows = paint.framed(area, boxed, &title, &[]);
            for (row, fact) in rows.rows().zip(Fact::ALL) {
                draw_fact(paint, row, detail, fact, now);
            }
            paint.framed(lines_area, boxed, &[], &keys);
        }
        None => {
            paint.framed(lines_area, boxed, &title, &keys);
        }
    }
    let lines = lines(model);
    let rows = inside(lines_area, boxed);
    let top = model.jobs.top.min(lines.len().saturating_sub(usize::from(rows.height)));
    for (row, line) in rows.rows().zip(&lines[top..]) {
        draw_line(paint, row, detail, line, now);
    }
}

fn draw_line(paint: &mut Painter, row: Rect, detail: &JobDetail, line: &Line, now: DateTime<Utc>) {
    let words = Rect { x: row.x + 1, width: row.width.saturating_sub(1), ..row };
    match line {
        Line::Blank => {}
        Line::Title(title) => {
            paint.text(words, title, Tone::Strong);
        }
        Line::Nothing(why) => {
            paint.text(words, format!("  {why}"), Tone::Dim);
        }
        Line::Blocked(code) => {
            paint.text(words, format!("  {code}"), Tone::Warning);
        }
        Line::Fact(fact) => draw_fact(paint, row, detail, *fact, now),
        Line::Relative { job, depth, is_self } => {
            paint.parts(words, &relative(job, *depth, *is_self, now));
        }
        Line::Run(run) => activity::history(paint, words, run, now),
    }
}

fn relative(job: &Job, depth: usize, is_self: bool, now: DateTime<Utc>) -> Vec<Part> {
    let lead = format!("  {}{} {} ", "  ".repeat(depth), job.job_id, job.job_kind.short());
    let age = format!(" · {} · {}", when::ago(job.created_at, now), came_of_it(job));
    let tone = if is_self { Tone::Strong } else { Tone::Plain };
    let here = if is_self { dim("(this one) ") } else { plain("") };
    vec![(lead, tone), here, status(job.status), plain(age.trim_end_matches([' ', '·']))]
}

/// Cells for the name of a fact.
const NAME: u16 = 13;

fn draw_fact(paint: &mut Painter, row: Rect, detail: &JobDetail, fact: Fact, now: DateTime<Utc>) {
    let (name, value) = described(&detail.job, fact, now);
    let indent = 1 + NAME;
    paint.text(Rect { x: row.x + 1, width: NAME.min(row.width), ..row }, name, Tone::Dim);
    let place = Rect { x: row.x + indent, width: row.width.saturating_sub(indent), ..row };
    paint.parts(place, &[value.unwrap_or_else(|| dim("-"))]);
}

fn described(job: &Job, fact: Fact, now: DateTime<Utc>) -> (&'static str, Option<Part>) {
    let word = |word: &Option<String>| word.as_deref().map(plain);
    let past = |at: Option<DateTime<Utc>>| at.map(|at| plain(format!("{}  {}", when::ago(at, now), when::exact(at))));
    match fact {
        Fact::Kind => ("kind", Some(plain(job.job_kind.as_str()))),
        Fact::Status => ("status", Some(status(job.status))),
        Fact::Outcome => ("outcome", word(&job.outcome_code)),
        Fact::Error => ("last error", word(&job.last_error_code)),
        Fact::Agency => ("agency", Some(plain(&*job.agency))),
        Fact::Channel => ("channel", Some(plain(&*job.channel_kind))),
        Fact::Language => ("language", word(&job.codes.language)),
        Fact::Intent => ("intent", word(&job.codes.intent_code)),
        Fact::Confidence => ("confidence", job.codes.confidence.map(|confidence| plain(format!("{confidence:.3}")))),
        Fact::Routing => ("routing hint", word(&job.codes.routing_hint)),
        Fact::Target => ("waits for", word(&job.target_ref)),
        Fact::Priority => ("priority", Some(plain(format!("{} of 0 to 9, 0 first", job.priority)))),
        Fact::Attempts => ("attempts", Some(plain(attempts(job)))),
        Fact::Holder => ("held by", holder(job, now)),
        Fact::Created => ("created", past(Some(job.created_at))),
        Fact::Starts => ("not before", Some(plain(when::both(job.process_after, now)))),
        Fact::Due => ("due", job.deadline_at.map(|at| (when::both(at, now), due(job, now).1))),
        Fact::Started => ("started", past(job.started_at)),
        Fact::Finished => ("finished", past(job.finished_at)),
        Fact::Conversation => ("conversation", Some(plain(job.correlation_id.to_string()))),
        Fact::Parent => ("parent", job.parent_job_id.map(|parent| plain(parent.to_string()))),
        Fact::Payload => ("payload", Some(plain(job.payload_ref.to_string()))),
    }
}

fn attempts(job: &Job) -> String {
    match job.max_attempts {
        Some(max) => format!("{} of {max}", job.attempt),
        None => "a person's job, without attempts".to_owned(),
    }
}

fn holder(job: &Job, now: DateTime<Utc>) -> Option<Part> {
    let owner = job.lease_owner.as_deref()?;
    Some(match job.lease_expires_at {
        Some(at) if at <= now => (format!("{owner}, expired {}", when::ago(at, now)), Tone::Warning),
        Some(at) => plain(format!("{owner}, for another {}", when::short(at - now))),
        None => plain(owner),
    })
}
