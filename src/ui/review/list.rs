//! What waits for me, and what I did lately.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use crate::app::feed::Load;
use crate::app::layout::ReviewLayout;
use crate::app::model::Connection;
use crate::app::review::{self, Stage};
use crate::app::{Model, Screen};
use crate::domain::review::Decided;
use crate::domain::{JobKind, Waiting};
use crate::ui::paint::{Painter, Part};
use crate::ui::theme::Tone;
use crate::ui::when;

/// Below this the confidence of the program that classified is worth a look.
pub const LOW_CONFIDENCE: f64 = 0.6;

/// Draws both lists.
pub fn draw(model: &Model, now: DateTime<Utc>, paint: &mut Painter, layout: &ReviewLayout) {
    let inside = layout.inside_list();
    let title = vec![(title(model, now), Tone::Strong)];
    if layout.wide {
        paint.boxed(layout.list, &title, &[]);
    } else {
        paint.rule(Rect { height: 1, ..inside }, &title, &[]);
    }
    let area = layout.waiting();
    if model.review.waiting.is_empty() {
        empty(model, paint, area);
    } else {
        let columns = Columns::new(area.width);
        let head = Rect { y: area.y - 1, height: 1, ..area };
        columns.head(paint, head);
        rows(model, now, paint, area, &columns);
    }
    mine(model, now, paint, layout.mine());
}

fn title(model: &Model, now: DateTime<Utc>) -> String {
    let count = model.review.count().map(|count| format!(" {count}")).unwrap_or_default();
    match &model.review.feed.load {
        Load::Stale { at, .. } => format!("Waiting{count} · as of {}", when::ago(*at, now)),
        _ => format!("Waiting{count}"),
    }
}

/// Why there is no row, and what to do about it.
fn empty(model: &Model, paint: &mut Painter, area: Rect) {
    let queue_is_empty = model.overview.feed.data().is_some_and(|data| data.backlog.is_empty());
    let lines: &[&str] = match (&model.review.feed.load, &model.connection) {
        (Load::Never, Connection::Lost { .. }) => &["No data yet: the database is away."],
        (Load::Never, _) => &["Asking the database."],
        _ if !model.review.filter.is_empty() && model.review.is_cut() => &[
            "Nothing under this filter among the first that wait.",
            "More wait than are listed; 5 Jobs looks at all of them.",
            "h clears it, / changes it.",
        ],
        _ if !model.review.filter.is_empty() => &["Nothing under this filter.", "h clears it, / changes it."],
        _ if queue_is_empty => &[
            "The queue is empty.",
            "",
            "Bring conversations in:",
            "  countersign import FILE",
            "Or try it with made-up traffic:",
            "  countersign demo",
        ],
        _ => &["Nothing waits for you."],
    };
    for (row, words) in area.rows().zip(lines) {
        paint.text(Rect { x: row.x + 1, width: row.width.saturating_sub(1), ..row }, words, Tone::Plain);
    }
}

/// Where the columns begin.
struct Columns {
    width: u16,
    /// Room for the intent only where the list has the terminal to itself.
    intent: bool,
}

const DUE: u16 = 1;
const JOB: u16 = 8;
const CHANNEL: u16 = 16;
const LANGUAGE: u16 = 21;
const CONFIDENCE: u16 = 24;
const REST: u16 = 30;
const INTENT_WIDTH: u16 = 24;

impl Columns {
    fn new(width: u16) -> Columns {
        Columns { width, intent: width >= REST + INTENT_WIDTH + 20 }
    }

    fn cell(row: Rect, from: u16, to: u16) -> Rect {
        let from = from.min(row.width);
        Rect { x: row.x + from, width: to.min(row.width).saturating_sub(from), ..row }
    }

    fn head(&self, paint: &mut Painter, row: Rect) {
        let heads = [(DUE, "due"), (JOB, "job"), (CHANNEL, "ch"), (LANGUAGE, "la"), (CONFIDENCE, "conf")];
        for (from, words) in heads {
            paint.text(Self::cell(row, from, self.width), words, Tone::Dim);
        }
        if self.intent {
            paint.text(Self::cell(row, REST, REST + INTENT_WIDTH), "intent", Tone::Dim);
        }
        paint.spread(Self::cell(row, CONFIDENCE + 5, self.width), &[], &[("who".to_owned(), Tone::Dim)]);
    }

    fn row(&self, paint: &mut Painter, row: Rect, job: &Waiting, who: Vec<Part>, now: DateTime<Utc>) {
        let late = job.deadline_at.is_some_and(|deadline| deadline <= now);
        let due = when::due(job.deadline_at, now);
        let words = if late { format!("!{due}") } else { format!(" {due}") };
        paint.text(Self::cell(row, DUE, JOB), words, if late { Tone::Alarm } else { Tone::Plain });
        paint.text(Self::cell(row, JOB, CHANNEL), job.job_id.0, Tone::Plain);
        paint.text(Self::cell(row, CHANNEL, LANGUAGE - 1), channel(&job.channel_kind), Tone::Plain);
        let language = job.codes.language.as_deref().unwrap_or("-");
        paint.text(Self::cell(row, LANGUAGE, CONFIDENCE - 1), language, Tone::Plain);
        if let Some(confidence) = job.codes.confidence.filter(|confidence| *confidence < LOW_CONFIDENCE) {
            paint.text(Self::cell(row, CONFIDENCE, REST), format!("{confidence:.2}!"), Tone::Warning);
        }
        if self.intent {
            let intent = job.codes.intent_code.as_deref().unwrap_or("-");
            paint.text(Self::cell(row, REST, REST + INTENT_WIDTH), intent, Tone::Plain);
        }
        let rest = if self.intent { REST + INTENT_WIDTH } else { REST };
        paint.spread(Self::cell(row, rest, self.width), &[], &who);
    }
}

fn rows(model: &Model, now: DateTime<Utc>, paint: &mut Painter, area: Rect, columns: &Columns) {
    let waiting = &model.review.waiting;
    let window = model.review.cursor.window(usize::from(area.height), waiting.len());
    let open = model.review.pane().map(|pane| pane.job.job_id);
    for (row, at) in area.rows().zip(window) {
        let job = &waiting[at];
        let chosen = at == model.review.cursor.index() && model.screen == Screen::Review;
        columns.row(paint, row, job, who(model, job), now);
        if open == Some(job.job_id) || (open.is_none() && chosen) {
            paint.text(Rect { width: 1, ..row }, ">", Tone::Strong);
        }
        if chosen && open.is_none() {
            paint.tint(row, Tone::Chosen);
        }
    }
}

fn who(model: &Model, job: &Waiting) -> Vec<Part> {
    let flags = [
        (job.job_kind == JobKind::Escalate).then_some((" ESC", Tone::Warning)),
        job.second_look.then_some((" 2nd", Tone::Plain)),
        job.held.then_some((" HELD", Tone::Warning)),
    ];
    let mut parts: Vec<Part> = flags.into_iter().flatten().map(|(words, tone)| (words.to_owned(), tone)).collect();
    let open = model.review.pane().filter(|pane| pane.job.job_id == job.job_id);
    let mine = job.lease_owner.as_deref() == Some(&model.session.principal.login);
    if open.map_or(mine, |pane| pane.pin().is_some()) {
        parts.push((" you".to_owned(), Tone::Strong));
    } else if let Some(holder) = review::list::holder(model, job) {
        parts.push((format!(" {holder}"), Tone::Dim));
    }
    parts
}

/// Short names for the shipped channels; any other is cut.
fn channel(kind: &str) -> &str {
    match kind {
        "email" => "mail",
        "webchat" => "chat",
        other => other,
    }
}

fn mine(model: &Model, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    if area.height == 0 {
        return;
    }
    paint.text(Rect { height: 1, ..area }, " mine, last 15 min", Tone::Dim);
    for (row, decided) in area.rows().skip(1).zip(model.review.mine()) {
        let words = format!(" {} {}  {}", decided.job_id, done(decided), fate(decided, now));
        paint.text(row, words, Tone::Plain);
    }
    let nothing = model.review.mine().next().is_none();
    if nothing && area.height > 1 && !matches!(model.review.stage, Stage::Opening { .. }) {
        paint.text(Rect { y: area.y + 1, height: 1, ..area }, " nothing yet", Tone::Dim);
    }
}

/// The decision as a past participle.
pub fn done(decided: &Decided) -> &str {
    match decided.decision.as_str() {
        "approve" => "approved",
        "reject" => "rejected",
        "escalate" => "escalated",
        other => other,
    }
}

/// What became of it, or will.
fn fate(decided: &Decided, now: DateTime<Utc>) -> String {
    if decided.undone {
        return "undone".to_owned();
    }
    let ahead = decided.leaves_at.filter(|at| *at > now);
    match (decided.decision.as_str(), ahead, decided.created_status.as_deref()) {
        ("approve", Some(at), _) => format!("leaves in {} (u)", when::short(at - now)),
        ("approve", None, Some("succeeded")) => "sent".to_owned(),
        ("approve", None, Some(status)) => format!("its send is {status}"),
        _ => decided.reason.clone().unwrap_or_default(),
    }
}
