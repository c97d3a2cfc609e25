//! What I did lately, with what became of it, and how much I left to others.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::review::Stage;
use crate::domain::review::Decided;
use crate::ui::paint::Painter;
use crate::ui::theme::Tone;
use crate::ui::when;

/// Draws the title, the latest acts, and in the last row what was skipped.
pub fn draw(model: &Model, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    if area.height == 0 {
        return;
    }
    paint.text(Rect { height: 1, ..area }, " mine, last 15 min", Tone::Dim);
    let skipped = model.review.skipped();
    let rows = Rect { y: area.y + 1, height: area.height - 1 - u16::from(skipped > 0), ..area };
    for (row, decided) in rows.rows().zip(model.review.mine()) {
        let (done, fate) = (done(decided), fate(model, decided, now));
        let whole = format!(" {} {done:<9} {fate}", decided.job_id);
        let fits = fate.is_empty() || paint.width(&whole) <= usize::from(row.width);
        let words = if fits { whole } else { format!(" {} {fate}", decided.job_id) };
        paint.text(row, words, if is_bad(decided) { Tone::Warning } else { Tone::Plain });
    }
    let nothing = model.review.mine().next().is_none();
    if nothing && rows.height > 0 && !matches!(model.review.stage, Stage::Opening { .. }) {
        paint.text(Rect { height: 1, ..rows }, " nothing yet", Tone::Dim);
    }
    if skipped > 0 && area.height > 1 {
        let key = if model.review.only_skipped { "S lists all" } else { "S lists" };
        let last = Rect { y: area.bottom() - 1, height: 1, ..area };
        paint.text(last, format!(" skipped by you: {skipped} ({key})"), Tone::Dim);
    }
}

/// The act as a past participle.
pub fn done(decided: &Decided) -> &str {
    match decided.decision.as_str() {
        "approve" => "approved",
        "reject" => "rejected",
        "escalate" => "escalated",
        "revise" => "edited",
        other => other,
    }
}

/// What became of it, or will: never more than is known.
pub fn fate(model: &Model, decided: &Decided, now: DateTime<Utc>) -> String {
    if decided.undone {
        return "undone".to_owned();
    }
    match decided.decision.as_str() {
        "approve" => of_a_reply(model, decided, now),
        "revise" => of_an_edit(decided),
        _ => {
            let next = match (decided.decision.as_str(), decided.created_status.as_deref()) {
                ("reject", Some("queued" | "retry_waiting")) => Some("redraft waits"),
                ("reject", Some("leased" | "running")) => Some("being redrafted"),
                ("reject", Some("succeeded")) => Some("redrafted"),
                ("reject", Some("dead_letter")) => Some("NOT redrafted"),
                ("escalate", Some("queued" | "leased")) => Some("waits there"),
                ("escalate", Some("succeeded")) => Some("taken over"),
                (_, Some("paused")) => Some("held"),
                _ => None,
            };
            decided.reason.as_deref().into_iter().chain(next).collect::<Vec<_>>().join(", ")
        }
    }
}

fn of_a_reply(model: &Model, decided: &Decided, now: DateTime<Utc>) -> String {
    let outcome = || decided.created_outcome.as_deref().unwrap_or("cancelled");
    let at = || decided.created_finished_at.map(|at| format!(" {}", when::clock(at))).unwrap_or_default();
    if let Some(leaves_at) = decided.leaves_at.filter(|at| *at > now) {
        let is_next = model.review.undoable(now).is_some_and(|next| next.job_id == decided.job_id);
        let key = if is_next { " (u)" } else { "" };
        return format!("leaves in {}{key}", when::counted(leaves_at - now));
    }
    match decided.created_status.as_deref() {
        None => "leaves now".to_owned(),
        Some("queued") => "queued, no sender yet".to_owned(),
        Some("leased" | "running") => "being sent".to_owned(),
        Some("retry_waiting") => "not sent yet, tried again".to_owned(),
        Some("paused") => "held, not sent yet".to_owned(),
        Some("succeeded") => format!("sent{}", at()),
        Some("dead_letter") => format!("NOT SENT: {}", outcome()),
        Some("cancelled") => format!("not sent: {}", outcome()),
        Some(other) => other.to_owned(),
    }
}

fn of_an_edit(decided: &Decided) -> String {
    match decided.created_status.as_deref() {
        Some("queued" | "leased") => "waits for 2nd look".to_owned(),
        Some("paused") => "held".to_owned(),
        Some("succeeded") => "approved".to_owned(),
        Some("failed") => "rejected".to_owned(),
        _ => decided.created_outcome.clone().unwrap_or_default(),
    }
}

fn is_bad(decided: &Decided) -> bool {
    !decided.undone
        && decided.decision == "approve"
        && matches!(decided.created_status.as_deref(), Some("dead_letter" | "cancelled"))
}
