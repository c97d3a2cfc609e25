//! What waits for me, with what is known of it. Never a subject or a name.

use chrono::{DateTime, Duration, Utc};
use ratatui::layout::Rect;

use super::mine;
use crate::app::feed::Load;
use crate::app::layout::{ListParts, ReviewLayout};
use crate::app::model::Connection;
use crate::app::review;
use crate::app::review::list::Line;
use crate::app::{Model, Screen};
use crate::domain::{JobKind, Waiting};
use crate::text::SafeLine;
use crate::ui::paint::{Painter, Part};
use crate::ui::theme::Tone;
use crate::ui::when;

/// Below this the confidence of the program that classified is worth a look.
pub const LOW_CONFIDENCE: f64 = 0.6;

/// Draws both lists.
pub fn draw(model: &Model, now: DateTime<Utc>, paint: &mut Painter, layout: &ReviewLayout) {
    let inside = layout.inside_list();
    let title = [(title(model, now), Tone::Strong)];
    if layout.wide {
        paint.boxed(layout.list, &title, &[]);
    } else {
        paint.rule(Rect { height: 1, ..inside }, &title, &[]);
    }
    let Some(ListParts { waiting: area, mine }) = review::list::parts(model) else { return };
    if model.review.waiting.is_empty() {
        empty(model, paint, area);
    } else {
        let columns = Columns::new(area.width, &model.review.waiting);
        let head = Rect { y: area.y - 1, height: 1, ..area };
        columns.head(paint, head);
        rows(model, now, paint, area, &columns);
    }
    mine::draw(model, now, paint, mine);
}

fn title(model: &Model, now: DateTime<Utc>) -> String {
    let count = model.review.count().map(|count| format!(" {count}")).unwrap_or_default();
    let mut title = match model.review.only_skipped {
        true => format!("Skipped by you {}", model.review.skipped()),
        false => format!("Waiting{count}"),
    };
    if !model.settings.reads.is_empty() {
        title += &format!(" · reads {}", model.settings.reads.join(","));
        match review::list::passed_by(model) {
            0 => {}
            others => title += &format!(" · n passes {others} by"),
        }
    }
    if let Load::Stale { at, .. } = &model.review.feed.load {
        title += &format!(" · as of {}", when::counted_ago(*at, now));
    }
    title
}

/// Why there is no row, and what to do about it.
fn empty(model: &Model, paint: &mut Painter, area: Rect) {
    let queue_is_empty = model.overview.feed.data().is_some_and(|data| data.backlog.is_empty());
    let lines: &[&str] = match (&model.review.feed.load, &model.connection) {
        (Load::Never, Connection::Lost { .. }) => &["No data yet: the database is away."],
        (Load::Never, _) => &["Asking the database."],
        _ if !model.review.filter.is_empty() && model.review.cut_after().is_some() => &[
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
    /// The longest number of a job decides where the columns behind it begin.
    channel: u16,
    /// Room for the intent only where the list has the terminal to itself.
    intent: bool,
}

const DUE: u16 = 1;
const JOB: u16 = 7;
const LEAST_JOB_WIDTH: usize = 5;
const CHANNEL_WIDTH: u16 = 5;
const LANGUAGE_WIDTH: u16 = 7;
const CONFIDENCE_WIDTH: u16 = 6;
const INTENT_WIDTH: u16 = 24;

impl Columns {
    fn new(width: u16, rows: &[Waiting]) -> Columns {
        let longest = rows.iter().map(|row| row.job_id.0.to_string().len()).max().unwrap_or_default();
        let channel = JOB + 1 + longest.max(LEAST_JOB_WIDTH) as u16;
        let columns = Columns { width, channel, intent: false };
        Columns { intent: width >= columns.intent_from() + INTENT_WIDTH + 20, ..columns }
    }

    fn language(&self) -> u16 {
        self.channel + CHANNEL_WIDTH
    }

    fn confidence(&self) -> u16 {
        self.language() + LANGUAGE_WIDTH
    }

    fn intent_from(&self) -> u16 {
        self.confidence() + CONFIDENCE_WIDTH
    }

    fn who(&self) -> u16 {
        self.intent_from() + if self.intent { INTENT_WIDTH } else { 0 }
    }

    fn cell(row: Rect, from: u16, to: u16) -> Rect {
        let from = from.min(row.width);
        Rect { x: row.x + from, width: to.min(row.width).saturating_sub(from), ..row }
    }

    fn head(&self, paint: &mut Painter, row: Rect) {
        let heads =
            [(DUE, "due"), (JOB, "job"), (self.channel, "ch"), (self.language(), "lang"), (self.confidence(), "conf")];
        for (from, words) in heads {
            paint.text(Self::cell(row, from, self.width), words, Tone::Dim);
        }
        if self.intent {
            paint.text(Self::cell(row, self.intent_from(), self.who()), "intent", Tone::Dim);
        }
        paint.spread(Self::cell(row, self.who(), self.width), &[], &[("who".to_owned(), Tone::Dim)]);
    }

    fn row(&self, paint: &mut Painter, row: Rect, job: &Waiting, is_read: bool, who: &[Part], now: DateTime<Utc>) {
        let late = review::list::is_late(job, now);
        let plain = if is_read { Tone::Plain } else { Tone::Dim };
        if late {
            paint.text(Rect { width: 1, ..row }, "!", Tone::Alarm);
        }
        let due = when::due(job.deadline_at, now);
        paint.text(Self::cell(row, DUE, JOB - 1), due, if late { Tone::Alarm } else { plain });
        paint.text(Self::cell(row, JOB, self.channel - 1), job.job_id.0, plain);
        paint.text(Self::cell(row, self.channel, self.language() - 1), channel(&job.channel_kind), plain);
        let language = job.codes.language.as_deref().unwrap_or("-");
        let language = if is_read { language.to_owned() } else { format!("({language})") };
        paint.text(Self::cell(row, self.language(), self.confidence() - 1), language, plain);
        if let Some(confidence) = job.codes.confidence.filter(|confidence| *confidence < LOW_CONFIDENCE) {
            paint.text(
                Self::cell(row, self.confidence(), self.intent_from()),
                format!("{confidence:.2}!"),
                Tone::Warning,
            );
        }
        if self.intent {
            let intent = job.codes.intent_code.as_deref().unwrap_or("-");
            paint.text(Self::cell(row, self.intent_from(), self.who() - 1), intent, plain);
        }
        paint.spread(Self::cell(row, self.who(), self.width), &[], who);
    }
}

fn rows(model: &Model, now: DateTime<Utc>, paint: &mut Painter, area: Rect, columns: &Columns) {
    let waiting = &model.review.waiting;
    let open = model.review.pane().map(|pane| pane.job.job_id);
    let room = usize::from(area.width.saturating_sub(columns.who()));
    for (row, line) in area.rows().zip(review::list::lines(model, usize::from(area.height))) {
        match line {
            Line::Job(at) => {
                let job = &waiting[at];
                let chosen = at == model.review.cursor.index() && model.screen == Screen::Review;
                columns.row(paint, row, job, review::list::is_read(model, job), &who(model, job, now, room), now);
                // Which language the draft has is known once it was opened.
                if let Some(languages) = model.review.languages.get(&job.job_id) {
                    let tone = if languages.ends_with('!') { Tone::Warning } else { Tone::Plain };
                    paint.text(Columns::cell(row, columns.language(), columns.confidence() - 1), languages, tone);
                }
                if open == Some(job.job_id) || (open.is_none() && chosen) {
                    paint.text(Rect { width: 1, ..row }, ">", Tone::Strong);
                }
                if chosen && open.is_none() {
                    paint.tint(row, Tone::Chosen);
                }
            }
            Line::Facts(at) => {
                let words = facts(&waiting[at], columns.intent, now);
                paint.text(Columns::cell(row, 3, area.width), words, Tone::Dim);
            }
            Line::More(jobs) => {
                paint.text(Columns::cell(row, DUE, area.width), format!("{jobs} more, G to the end"), Tone::Dim);
            }
            Line::Late(jobs) => {
                let words = format!("{jobs} LATE, after those still savable (o)");
                paint.text(Columns::cell(row, DUE, area.width), words, Tone::Alarm);
            }
        }
    }
}

/// The priority of what nobody made more or less urgent.
const ORDINARY: i16 = 5;

/// What else is known of the chosen job. Never a subject, never a name.
fn facts(job: &Waiting, names_intent: bool, now: DateTime<Utc>) -> String {
    let intent = job.codes.intent_code.clone().filter(|_| !names_intent);
    let facts = [
        job.skipped_because.as_ref().map(|reason| format!("you skipped it: {reason}")),
        intent,
        (job.priority != ORDINARY).then(|| format!("priority {}", job.priority)),
        Some(format!("waits {}", when::age(job.created_at, now))),
        (job.target_role != "reviewer").then(|| job.target_role.clone()),
    ];
    facts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn who(model: &Model, job: &Waiting, now: DateTime<Utc>, room: usize) -> Vec<Part> {
    let flags = [
        (job.job_kind == JobKind::Escalate).then_some((" ESC", Tone::Warning)),
        job.second_look.then_some((" 2nd", Tone::Plain)),
        job.held.then_some((" HELD", Tone::Warning)),
    ];
    let mut parts: Vec<Part> = flags.into_iter().flatten().map(|(words, tone)| (words.to_owned(), tone)).collect();
    let open = model.review.pane().filter(|pane| pane.job.job_id == job.job_id);
    let mine = job.lease_owner.as_deref() == Some(&model.session.principal.login)
        && job.lease_expires_at.is_some_and(|until| until > now);
    if open.map_or(mine, |pane| pane.is_mine()) {
        let since = open.map_or(job.held_since, |pane| Some(pane.opened_at()));
        parts.push((format!(" you{}", held_for(since, now)), Tone::Strong));
    } else if let Some(holder) = review::list::holder(model, job) {
        let held = held_for(job.held_since, now);
        let used: usize = parts.iter().map(|(words, _)| words.chars().count()).sum();
        // For how long says more than the end of a login.
        let holder = SafeLine::label(holder).fit(room.saturating_sub(used + held.chars().count() + 2).max(3));
        parts.push((format!(" {holder}{held}"), Tone::Dim));
    }
    parts
}

/// Nothing in the first minute: who has just taken it, has it.
fn held_for(since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> String {
    let held = since.map(|since| now - since).filter(|held| *held >= Duration::minutes(1));
    held.map(|held| format!(" {}", when::tight(held))).unwrap_or_default()
}

/// Short names for the shipped channels; any other is cut.
fn channel(kind: &str) -> &str {
    match kind {
        "email" => "mail",
        "webchat" => "chat",
        other => other,
    }
}
