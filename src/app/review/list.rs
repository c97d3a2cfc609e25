//! The list of what waits, and which job comes next.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use crate::app::cursor::LIST_LIMIT;
use crate::app::effect::{Effect, Query};
use crate::app::feed::Renewed;
use crate::app::keymap::Action;
use crate::app::layout::{self, ListParts, ListRows};
use crate::app::model::{Connection, Model, Screen};
use crate::app::review::{Stage, leave};
use crate::domain::review::ReviewOrder;
use crate::domain::{Filter, JobId, JobKind, Waiting};

/// What is asked for while the screen is shown. What is sifted here is looked for in all that is listed at most, and where the
/// late come last, they are to be seen.
pub fn question(model: &mut Model) -> Query {
    let is_sifted = !model.review.filter.is_empty() || model.review.only_skipped;
    let rows = match order(model) {
        ReviewOrder::DeadlineFirst if !is_sifted => model.review.cursor.reach(usize::from(model.size.height)),
        _ => LIST_LIMIT,
    };
    Query::Review(model.review.order, model.review.feed.want(rows))
}

/// The list was renewed. It is shown at once, unless a job is open: then it waits until that is closed.
pub fn loaded(model: &mut Model) {
    if let Some(list) = model.review.feed.data() {
        let known = model.review.latest.as_ref().map(|latest| latest.job_id);
        if list.mine.iter().any(|row| Some(row.job_id) == known) {
            model.review.latest = None;
        }
    }
    if !matches!(model.review.stage, Stage::Reading(_)) {
        thaw(model);
    }
}

/// Shows the list as it is now. What I decided is gone, although the latest answer may be older than the decision.
pub fn thaw(model: &mut Model) {
    let (now, me) = (model.now, &model.session.principal.login);
    let review = &mut model.review;
    let decided: HashSet<JobId> = review.mine().map(|row| row.job_id).collect();
    let admitted = |row: &&Waiting| {
        admits(&review.filter, row, now, me)
            && (!review.only_skipped || row.skipped_because.is_some())
            && !decided.contains(&row.job_id)
    };
    review.waiting =
        review.feed.data().map_or_else(Vec::new, |list| list.waiting.iter().filter(admitted).cloned().collect());
    if let Some(order) = review.order {
        sort(&mut review.waiting, order, now);
    }
    let keys = keys(&review.waiting);
    review.cursor.follow(&keys);
    reveal(model);
}

/// As the database sorts, by the clock of the model.
fn sort(rows: &mut [Waiting], order: ReviewOrder, now: DateTime<Utc>) {
    let is_lost = |row: &Waiting| order == ReviewOrder::SavableFirst && is_late(row, now);
    rows.sort_by_key(|row| {
        let due = (row.deadline_at.is_none(), row.deadline_at);
        (is_lost(row), due, row.priority, row.created_at, row.job_id)
    });
}

/// In which order the list is shown.
pub fn order(model: &Model) -> ReviewOrder {
    model.review.order.unwrap_or(model.session.review_order)
}

/// Looks at the list in the other order. Nobody else's list changes, and the next job is the agency's next.
pub fn turn_around(model: &mut Model) {
    let wanted = order(model).other();
    model.review.order = Some(wanted).filter(|order| *order != model.session.review_order);
    model.review.feed.hurry();
    thaw(model);
    let view = match wanted {
        ReviewOrder::DeadlineFirst => "what is due first stands first",
        ReviewOrder::SavableFirst => "what is late stands last",
    };
    let whose = if model.review.order.is_none() { ", as the agency has it" } else { ", in your view only" };
    model.say(format!("{view}{whose}"));
}

/// Shows what I gave back with a reason, and nothing else; or everything again.
pub fn show_skipped(model: &mut Model) {
    model.review.only_skipped = !model.review.only_skipped;
    thaw(model);
}

/// Whether the deadline has passed.
pub fn is_late(row: &Waiting, now: DateTime<Utc>) -> bool {
    row.deadline_at.is_some_and(|deadline| deadline <= now)
}

/// Moves the cursor.
pub fn step(model: &mut Model, action: Action) {
    let keys = keys(&model.review.waiting);
    let half = height(model).div_ceil(2).max(1) as isize;
    let cursor = &mut model.review.cursor;
    match action {
        Action::Down => cursor.step(1, &keys),
        Action::Up => cursor.step(-1, &keys),
        Action::HalfPageDown => cursor.step(half, &keys),
        Action::HalfPageUp => cursor.step(-half, &keys),
        Action::Top => cursor.choose(0, &keys),
        Action::Bottom => cursor.go_to_end(&keys),
        _ => {}
    }
    reveal(model);
}

/// Chooses the row that was clicked.
pub fn choose(model: &mut Model, row: usize) {
    let clicked = lines(model, height(model)).get(row).copied();
    if let Some(Line::Job(at) | Line::Facts(at)) = clicked {
        let keys = keys(&model.review.waiting);
        model.review.cursor.choose(at, &keys);
    }
}

/// One row of the list as it is shown. Numbers are indices into the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    Job(usize),
    /// More about the job above, which is the chosen one.
    Facts(usize),
    /// So many jobs more, for which there is no room.
    More(usize),
    /// Below are so many that cannot make their deadline any more.
    Late(usize),
}

/// Below this there is no room for more than the jobs.
const ROOM_FOR_FACTS: usize = 6;

/// Below this there is no room for what is late beside what is not.
const ROOM_FOR_LATE: usize = 4;

/// The rows that `height` has room for: always the chosen one, and where the list is longer, how much of it is missing. What is
/// late stays in sight below what can still be saved.
pub fn lines(model: &Model, height: usize) -> Vec<Line> {
    let rows = &model.review.waiting;
    let chosen = model.review.cursor.index();
    let late = match order(model) {
        ReviewOrder::SavableFirst => rows.iter().rev().take_while(|row| is_late(row, model.now)).count(),
        ReviewOrder::DeadlineFirst => 0,
    };
    let savable = rows.len() - late;
    let job = |at: usize| {
        let facts = (at == chosen && height >= ROOM_FOR_FACTS).then_some(Line::Facts(at));
        std::iter::once(Line::Job(at)).chain(facts)
    };
    let mut above: Vec<Line> = (0..savable).flat_map(job).collect();
    let mut below: Vec<Line> = Vec::new();
    if late > 0 {
        below.push(Line::Late(late));
        below.extend((savable..rows.len()).flat_map(job));
    }
    if above.len() + below.len() <= height {
        above.extend(below);
        return above;
    }
    let top = model.review.cursor.window(height, rows.len()).start;
    if chosen >= savable || savable == 0 {
        above.extend(below);
        return cut(&above, chosen, top, height);
    }
    below.truncate(if height < ROOM_FOR_LATE { 0 } else { 1 + height / 4 });
    let room = height.saturating_sub(below.len());
    let mut shown = if above.len() <= room { above } else { cut(&above, chosen, top, room) };
    shown.extend(below);
    shown
}

/// As many lines as there is room for: from the job at `top` on, but so that the chosen one is among them, and in the last row
/// how many jobs follow.
fn cut(lines: &[Line], chosen: usize, top: usize, room: usize) -> Vec<Line> {
    let at = |wanted: usize| lines.iter().position(|line| *line == Line::Job(wanted)).unwrap_or(0);
    let here = at(chosen);
    let last = here + usize::from(lines.get(here + 1) == Some(&Line::Facts(chosen)));
    let room_for_jobs = room.saturating_sub(1).max(1);
    let mut from = at(top).clamp((last + 1).saturating_sub(room_for_jobs), here);
    if lines.len() - from <= room {
        from = lines.len() - room;
        return lines[from..].to_vec();
    }
    let to = from + room_for_jobs;
    let hidden = lines[to..].iter().filter(|line| matches!(line, Line::Job(_))).count();
    let mut shown = lines[from..to].to_vec();
    if room > 1 {
        shown.push(Line::More(hidden));
    }
    shown
}

/// Opens the row under the cursor.
pub fn open_chosen(model: &mut Model) -> Vec<Effect> {
    if !can_open(model) {
        return Vec::new();
    }
    let chosen = model.review.cursor.key();
    match model.review.waiting.iter().find(|row| Some(row.job_id) == chosen).cloned() {
        Some(row) => open(model, &row),
        None => Vec::new(),
    }
}

/// Opens the job `by` rows further that nobody else holds; from the list, the next one in the agency's order.
pub fn open_neighbour(model: &mut Model, by: isize) -> Vec<Effect> {
    let Some(pane) = model.review.pane() else { return open_next(model, None) };
    if model.connection != Connection::Live {
        model.warn("the database is away; what is open stays open");
        return Vec::new();
    }
    let here = pane.job.job_id;
    let rows = &model.review.waiting;
    let at = rows.iter().position(|row| row.job_id == here);
    let neighbour = match at {
        None => rows.iter().find(|row| is_free(model, row)),
        Some(at) if by < 0 => rows[..at].iter().rev().find(|row| is_free(model, row)),
        Some(at) => rows[at + 1..].iter().find(|row| is_free(model, row)),
    };
    let Some(neighbour) = neighbour.cloned() else {
        model.say("nothing further in this list; Esc or h goes back to it");
        return Vec::new();
    };
    let mut effects = leave::leave(model);
    effects.extend(open(model, &neighbour));
    effects
}

/// Opens what comes next: what my undo put back, then the next in the agency's order; under a filter, the first free job
/// that it lets through. Never `just_left`, which the list may still show as mine.
pub fn open_next(model: &mut Model, just_left: Option<JobId>) -> Vec<Effect> {
    if !can_open(model) {
        return Vec::new();
    }
    if let Some(why) = model.frozen() {
        model.warn(why);
        return Vec::new();
    }
    let filtered = !model.review.filter.is_empty();
    let me = Some(model.session.principal.login.as_str());
    let fits = |row: &&Waiting| {
        let mine = row.lease_owner.as_deref() == me && row.lease_expires_at.is_some_and(|until| until > model.now);
        // Any other lease of mine may be that of a second window, which would lose its job.
        let put_back = mine && model.review.put_back.contains_key(&row.job_id);
        (filtered || put_back) && Some(row.job_id) != just_left && is_free(model, row)
    };
    // The order of the view is mine alone; what was put back comes first all the same.
    match model.review.waiting.iter().find(fits).cloned() {
        Some(row) => open(model, &row),
        None if filtered => {
            let of = model.review.cut_after().map_or_else(String::new, |rows| format!("of the first {rows} "));
            model.say(format!("nothing {of}is free under this filter"));
            Vec::new()
        }
        None => {
            let ticket = model.review.next_ticket();
            model.review.stage = Stage::Opening { job_id: None };
            vec![Effect::OpenForReview { ticket, job_id: None, reads: model.settings.reads.clone() }]
        }
    }
}

/// One thing is opened at a time, and only where the database answers.
fn can_open(model: &mut Model) -> bool {
    if model.connection != Connection::Live {
        model.warn("the database is away, nothing can be opened");
        return false;
    }
    !matches!(model.review.stage, Stage::Opening { .. })
}

/// Opens one job: under my lease where it can be, to look at where somebody else holds it or it has to be taken over.
fn open(model: &mut Model, row: &Waiting) -> Vec<Effect> {
    let job_id = row.job_id;
    let look = model.session.read_only || row.job_kind == JobKind::Escalate || holder(model, row).is_some();
    let ticket = model.review.next_ticket();
    model.review.stage = Stage::Opening { job_id: Some(job_id) };
    let keys = keys(&model.review.waiting);
    if let Some(at) = keys.iter().position(|key| *key == job_id) {
        model.review.cursor.choose(at, &keys);
        reveal(model);
    }
    if look {
        vec![Effect::Look { ticket, job_id }]
    } else {
        vec![Effect::OpenForReview { ticket, job_id: Some(job_id), reads: Vec::new() }]
    }
}

/// Opens the job that an undo put back under my lease, when nothing else is open.
pub fn open_fresh(model: &mut Model, job_id: JobId) -> Vec<Effect> {
    if !matches!(model.review.stage, Stage::List) || model.screen != Screen::Review {
        return Vec::new();
    }
    let ticket = model.review.next_ticket();
    model.review.stage = Stage::Opening { job_id: Some(job_id) };
    vec![Effect::OpenForReview { ticket, job_id: Some(job_id), reads: Vec::new() }]
}

/// What the rows of this list can be filtered by.
const JUDGES: &str =
    "here there are id: kind: channel: lang: intent: conf: due: holder: to: mine; the rest in Jobs (5)";

/// Why this list cannot be filtered like that: its rows do not tell everything that the filter asks.
pub fn unusable(filter: &Filter) -> Option<String> {
    let asks_more = !filter.statuses.is_empty()
        || filter.error.is_some()
        || filter.conversation.is_some()
        || filter.customer.is_some()
        || filter.edited_by.is_some()
        || filter.skipped_by.is_some();
    asks_more.then(|| JUDGES.to_owned())
}

/// Whether the filter lets a row through.
fn admits(filter: &Filter, row: &Waiting, now: DateTime<Utc>, me: &str) -> bool {
    let holder = row.lease_owner.as_deref();
    let is = |wanted: &Option<String>, found: Option<&str>| wanted.as_deref().is_none_or(|word| found == Some(word));
    let left = row.deadline_at.map(|deadline| (deadline - now).to_std().unwrap_or_default());
    let due = filter.due.is_none_or(|limit| left.is_some_and(|left| limit.holds(left)));
    let confidence = filter.confidence;
    filter.job_id.is_none_or(|id| id == row.job_id)
        && (filter.kinds.is_empty() || filter.kinds.contains(&row.job_kind))
        && is(&filter.channel, Some(&row.channel_kind))
        && is(&filter.language, row.codes.language.as_deref())
        && is(&filter.intent, row.codes.intent_code.as_deref())
        && confidence.is_none_or(|limit| row.codes.confidence.is_some_and(|found| limit.holds(found)))
        && due
        && is(&filter.holder, holder)
        && is(&filter.to_role, Some(&row.target_role))
        && (!filter.mine || holder == Some(me))
}

/// Who else holds the job now.
pub fn holder<'a>(model: &Model, row: &'a Waiting) -> Option<&'a str> {
    let expired = row.lease_expires_at.is_some_and(|at| at <= model.now);
    row.lease_owner.as_deref().filter(|owner| !expired && *owner != model.session.principal.login)
}

/// Copies the id of the open or chosen job, and prints it.
pub fn copy_id(model: &mut Model) -> Vec<Effect> {
    let Some(job_id) = model.review.pane().map(|pane| pane.job.job_id).or(model.review.cursor.key()) else {
        return Vec::new();
    };
    model.say(format!("copied {}", job_id.0));
    vec![Effect::Copy(job_id.0.to_string())]
}

fn is_free(model: &Model, row: &Waiting) -> bool {
    let decided = model.review.is_under_way(row.job_id) || model.review.mine().any(|mine| mine.job_id == row.job_id);
    !decided && row.job_kind == JobKind::Approve && holder(model, row).is_none() && is_read(model, row)
}

/// How many jobs are listed in languages that the person does not read: `n` passes them by.
pub fn passed_by(model: &Model) -> usize {
    model.review.waiting.iter().filter(|row| !is_read(model, row)).count()
}

/// Whether the person reads the language of the job. What has none is for everybody.
pub fn is_read(model: &Model, row: &Waiting) -> bool {
    let reads = &model.settings.reads;
    reads.is_empty() || row.codes.language.as_ref().is_none_or(|language| reads.contains(language))
}

fn keys(rows: &[Waiting]) -> Vec<JobId> {
    rows.iter().map(|row| row.job_id).collect()
}

/// Where the jobs stand and what I decided lately; none where the terminal is too small for either.
pub fn parts(model: &Model) -> Option<ListParts> {
    let skipped = usize::from(model.review.skipped() > 0);
    let rows =
        ListRows { waiting: lines(model, usize::MAX).len(), mine: 1 + model.review.mine().count().max(1) + skipped };
    Some(layout::review(model.size)?.list_parts(rows))
}

fn height(model: &Model) -> usize {
    parts(model).map_or(1, |parts| usize::from(parts.waiting.height))
}

fn reveal(model: &mut Model) {
    let height = height(model);
    let rows = model.review.waiting.len();
    model.review.cursor.reveal(height, rows);
}
