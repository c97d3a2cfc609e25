//! The two rows above the footer: what can be undone and why something is off, or the question being asked.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use super::editor;
use super::mine::{self, done};
use crate::app::Model;
use crate::app::confirm::{Confirm, Demand};
use crate::app::keymap::{Action, Availability};
use crate::app::model::Overlay;
use crate::app::review::{Change, Pane, Question, Verb, availability, lease};
use crate::app::sight::Sight;
use crate::text::{Remark, SafeLine};
use crate::ui::chrome;
use crate::ui::paint::{Painter, Part};
use crate::ui::theme::Tone;
use crate::ui::when;

/// Draws both rows.
pub fn draw(model: &Model, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    let first = Rect { height: 1, ..area };
    let second = Rect { y: area.y + 1, height: 1, ..area };
    if let Some(pane) = model.review.pane().filter(|_| model.overlay == Overlay::None)
        && let Question::Confirm { verb, reason, confirm } = &pane.question
    {
        confirm_line(model, pane, *verb, reason.as_deref(), confirm.demand(), paint, first);
        answers(model, pane, *verb, confirm, paint, second);
        return;
    }
    if let Some([above, below]) = editor::strips(model, now) {
        paint.spread(first, &above, &[]);
        paint.spread(second, &below, &[]);
        return;
    }
    let notice = chrome::notice(model, now).or_else(|| chrome::filter(model));
    let undo = undo(model, now);
    let Some(doubt) = doubt(model) else {
        if let Some(pane) = model.review.pane().filter(|pane| pane.away.is_some() || model.is_blank(now))
            && chrome::urgent(model, now).is_none()
        {
            away(model, pane, now, paint, area);
            return;
        }
        match notice.or_else(|| mark(model)) {
            Some(notice) => {
                let width: usize = notice.iter().chain(&undo).map(|(words, _)| paint.width(words)).sum();
                let fits = width < usize::from(area.width);
                paint.spread(first, &notice, &if fits { undo } else { shortly(model, now) });
            }
            None => {
                let (right, mut left) = (on_screen(model), undo);
                let lately = lately(model, now);
                let width: usize = left.iter().chain(&lately).chain(&right).map(|(words, _)| paint.width(words)).sum();
                left.extend(lately.filter(|_| width < usize::from(area.width)));
                paint.spread(first, &left, &right);
            }
        }
        let below = chrome::urgent(model, now).or_else(|| goes_back(model, now)).unwrap_or_else(|| why_off(model));
        paint.parts(second, &below);
        return;
    };
    // Nothing that is said meanwhile takes the place of what became of a decision.
    let width: usize = doubt.iter().chain(&undo).map(|(words, _)| paint.width(words)).sum();
    let fits = width < usize::from(area.width);
    paint.spread(first, &doubt, if fits { &undo } else { &[] });
    let below = chrome::urgent(model, now).or(chrome::notice(model, now)).unwrap_or_else(|| why_off(model));
    paint.parts(second, &below);
}

/// For how long nobody was there, what happened meanwhile, and how to go on.
fn away(model: &Model, pane: &Pane, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    let story = match &pane.away {
        Some(away) if !model.is_blank(now) => away.to_string(),
        _ => {
            let from = when::clock(model.active_at);
            let lease = if pane.pin().is_some() { " The lease goes back." } else { "" };
            let lease = if pane.pin().is_some() && !pane.is_mine() { " The lease went back." } else { lease };
            format!(
                "AWAY {} (since {from}).{lease} Any key shows the conversation.",
                when::short(now - model.active_at)
            )
        }
    };
    let is_over = matches!(pane.change, Some(Change::Ended(_)));
    let line = pane.window(model.size).start + 1;
    let go_on = match () {
        () if model.is_blank(now) => String::new(),
        () if is_over => " Esc goes to the list.".to_owned(),
        () => format!(" Enter takes it again at line {line}, Esc list."),
    };
    let room = usize::from(area.width.saturating_sub(2));
    let in_rows = |story: &str| SafeLine::label(format!("{story}{go_on}")).wrap(room);
    let mut rows = in_rows(&story);
    if rows.len() > 2
        && let Some(away) = &pane.away
    {
        rows = in_rows(&format!("{away:#}"));
    }
    let indent = |y: u16| Rect { x: area.x + 1, y: area.y + y, width: area.width.saturating_sub(2), height: 1 };
    if rows.len() <= 2 {
        for (y, row) in (0..).zip(&rows) {
            paint.line(indent(y), row, Tone::Warning);
        }
        return;
    }
    // How to go on is never what is cut.
    paint.line(indent(0), &rows[0], Tone::Warning);
    let rest = rows[1..].iter().map(ToString::to_string).collect::<String>().replace(&go_on, "");
    paint.spread(indent(1), &[(rest, Tone::Warning)], &[(go_on, Tone::Strong)]);
}

/// That the lease goes back soon, while nobody touches a key.
fn goes_back(model: &Model, now: DateTime<Utc>) -> Option<Vec<Part>> {
    let left = lease::goes_back_in(model, now)?;
    let words =
        format!(" nobody touched a key for a while: the lease goes back in {}, press any key", when::counted(left));
    Some(vec![(words, Tone::Warning)])
}

/// What the mark is about that is being looked at.
fn mark(model: &Model) -> Option<Vec<Part>> {
    let pane = model.review.pane().filter(|pane| pane.sheet.is_none())?;
    let (number, stop) = pane.tour.here()?;
    let words = &stop.words;
    let of = pane.tour.len();
    let left = pane.tour.unseen();
    let next = if left == 0 { "all seen".to_owned() } else { format!("{left} unseen, w") };
    let about = match stop.mark.remark {
        // The link stands in the line, and the mark names where it leads.
        Remark::DeceptiveLink { .. } => String::new(),
        _ => format!("{words}: "),
    };
    Some(vec![
        (format!(" mark {number} of {of}: "), Tone::Strong),
        (format!("{about}{} ", stop.mark.remark), Tone::Warning),
        (next, Tone::Dim),
    ])
}

/// What became of the decision before, where it is known for sure.
fn lately(model: &Model, now: DateTime<Utc>) -> Option<Part> {
    let undoable = model.review.undoable(now).map(|row| row.job_id);
    let row = model.review.mine().find(|row| Some(row.job_id) != undoable && !row.undone)?;
    Some((format!("  {} {}", row.job_id, mine::fate(model, row, now)), Tone::Dim))
}

/// For how long the open conversation was read.
fn on_screen(model: &Model) -> Vec<Part> {
    let pane = model.review.pane().filter(|pane| pane.is_mine());
    let words = pane.map(|pane| format!("on screen {} ", when::to_the_second(pane.on_screen())));
    words.map(|words| (words, Tone::Dim)).into_iter().collect()
}

/// What became of a decision whose answer was lost, until it was seen.
fn doubt(model: &Model) -> Option<Vec<Part>> {
    let (words, is_known) = model.review.doubt()?;
    let seen = if is_known { " (v: seen)" } else { "" };
    Some(vec![(format!(" {words}"), Tone::Alarm), (seen.to_owned(), Tone::Strong)])
}

/// Names everything that is about to happen: verb, job, reason, digest, channel, recipient, delay. Where there is no
/// room for all of it, it ends after the digest.
fn confirm_line(
    model: &Model,
    pane: &Pane,
    verb: Verb,
    reason: Option<&str>,
    demand: &Demand,
    paint: &mut Painter,
    area: Rect,
) {
    let digest = pane.pin().map(|pin| pin.short_digest()).unwrap_or_default();
    let conversation = &pane.conversation;
    let mut left: Vec<Part> = vec![(format!(" {} {}", verb.as_str().to_uppercase(), pane.job.job_id), Tone::Strong)];
    if let Some(reason) = reason {
        left.push((format!(" · {reason}"), Tone::Strong));
    }
    if verb == Verb::Reject && !pane.note.is_blank() {
        left.push((" · with a note".to_owned(), Tone::Strong));
    }
    left.push((format!(" · {digest}"), Tone::Plain));
    let named: usize = left.iter().map(|(words, _)| paint.width(words)).sum();
    left.push((format!(" · {} to {}", conversation.channel_kind, conversation.customer_ref), Tone::Plain));
    let delay = model.session.undo_seconds.get(&conversation.channel_kind).copied();
    let answer = if *demand == Demand::Yes { "y" } else { "the digest" };
    let (effect, tone) = match (verb, delay) {
        (Verb::Approve, Some(seconds)) => (format!("leaves {seconds} s after {answer} "), Tone::Strong),
        (Verb::Approve, None) => (format!("leaves after {answer} "), Tone::Strong),
        (Verb::Reject, _) => ("nothing leaves ".to_owned(), Tone::Plain),
        (Verb::Escalate, _) => ("goes one role up ".to_owned(), Tone::Plain),
        (Verb::Revise, _) => ("somebody else looks at it ".to_owned(), Tone::Plain),
    };
    if let Some((_, lines)) = pane.document.draft_rows(0..0).filter(|_| verb == Verb::Approve) {
        let lines = format!(" · {lines} {}", if lines == 1 { "line" } else { "lines" });
        let used: usize = left.iter().map(|(words, _)| paint.width(words)).sum();
        // It stands on the draft as well, so it gives way to what happens.
        if used + paint.width(&lines) + paint.width(&effect) < usize::from(area.width) {
            left.push((lines, Tone::Plain));
        }
    }
    let fits = named + paint.width(&effect) < usize::from(area.width);
    let right: Vec<Part> = fits.then_some((effect, tone)).into_iter().collect();
    paint.spread(area, &left, &right);
}

/// What is to be typed. It is lit from the moment on in which it is taken.
fn answers(model: &Model, pane: &Pane, verb: Verb, confirm: &Confirm, paint: &mut Painter, area: Rect) {
    let swallowed = confirm.swallowed.map(chrome::swallowed);
    let lit = if model.sight == Sight::Readable { Tone::Strong } else { Tone::Dim };
    match confirm.demand() {
        Demand::Yes => {
            let rest = "any other key: nothing happens, the key is swallowed";
            let rest = swallowed.unwrap_or_else(|| (rest.to_owned(), Tone::Dim));
            let answer = (format!(" {}     ", verb.as_str()), Tone::Plain);
            paint.parts(area, &[(" y".to_owned(), lit), answer, rest]);
        }
        Demand::Digits(digits) => {
            let (words, tone) = swallowed.unwrap_or_else(|| (format!("accepts {}", accepted(pane)), Tone::Warning));
            let typed = format!("{:_<width$}", confirm.typed(), width = digits.len());
            let demand = [(format!("type {digits} > "), Tone::Warning), (typed, lit)];
            let leave = "Esc: nothing happens ";
            let room = usize::from(area.width);
            let used = paint.width(&words) + demand.iter().map(|(words, _)| paint.width(words)).sum::<usize>() + 3;
            if used < room {
                let left: Vec<Part> = [(format!(" {words}: "), tone)].into_iter().chain(demand).collect();
                let fits = used + paint.width(leave) < room;
                paint.spread(area, &left, &[(if fits { leave } else { "" }.to_owned(), Tone::Plain)]);
            } else {
                // What is to be typed stands at the right edge then, where no finding, however long, pushes it out.
                let right: Vec<Part> = demand.into_iter().chain([(" ".to_owned(), Tone::Plain)]).collect();
                paint.spread(area, &[(format!(" {words}"), tone)], &right);
            }
        }
    }
}

/// What an approval accepts knowingly: everything in the draft that was marked.
fn accepted(pane: &Pane) -> String {
    let findings = pane.document.draft_findings(&pane.conversation);
    let facts = match pane.tour.facts_in_draft() {
        0 => None,
        1 => Some("1 fact not in thread".to_owned()),
        facts => Some(format!("{facts} facts not in thread")),
    };
    let findings = (!findings.is_empty()).then(|| findings.to_string().replace(" · ", ", "));
    findings.into_iter().chain(facts).collect::<Vec<_>>().join(", ")
}

/// What `u` takes back.
fn undo(model: &Model, now: DateTime<Utc>) -> Vec<Part> {
    let Some(decided) = model.review.undoable(now) else { return Vec::new() };
    let words = match decided.leaves_at.filter(|at| *at > now && decided.decision == "approve") {
        Some(at) => format!(" UNDO {} approved, leaves in {} (u) ", decided.job_id, when::counted(at - now)),
        None => {
            let fate = mine::fate(model, decided, now);
            let fate = if fate.is_empty() { fate } else { format!(", {fate}") };
            format!(" UNDO {} {}{fate} (u) ", decided.job_id, done(decided))
        }
    };
    vec![(words, Tone::Strong)]
}

/// The same beside words that need the room.
fn shortly(model: &Model, now: DateTime<Utc>) -> Vec<Part> {
    let Some(decided) = model.review.undoable(now) else { return Vec::new() };
    let left = decided.leaves_at.filter(|at| *at > now).map(|at| format!(" {}", when::counted(at - now)));
    vec![(format!(" {}{} (u) ", decided.job_id, left.unwrap_or_default()), Tone::Strong)]
}

/// Why a deciding key is off, in sight of the key. Keys with the same reason stand together.
fn why_off(model: &Model) -> Vec<Part> {
    let Some(pane) = model.review.pane() else { return Vec::new() };
    if let Question::Pending(verb) = pane.question {
        let in_doubt = model.review.in_flight.iter().any(|flight| flight.job_id == pane.job.job_id && flight.in_doubt);
        let doing = if in_doubt { "checking what became of".to_owned() } else { format!("{} sent for", verb.as_str()) };
        return vec![(format!(" {doing} {}", pane.job.job_id), Tone::Strong)];
    }
    let keys = [(Action::Approve, "A"), (Action::Reject, "R"), (Action::Escalate, "E"), (Action::TakeOver, "T")];
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for (action, key) in keys {
        if let Availability::Off(why) = availability(model, action) {
            match reasons.iter_mut().find(|(other, _)| *other == why) {
                Some((_, keys)) => keys.push(key),
                None => reasons.push((why, vec![key])),
            }
        }
    }
    let words: Vec<String> = reasons.iter().map(|(why, keys)| format!("{} off: {why}", keys.join(" and "))).collect();
    if words.is_empty() && availability(model, Action::TakeOver) == Availability::On {
        return vec![(" escalated: T takes it over, then it is yours to decide".to_owned(), Tone::Plain)];
    }
    vec![(format!(" {}", words.join("   ")), Tone::Warning)]
}
