//! Below the list: the question before an act, what came of the last one, or why the keys are off.

use super::place;
use crate::app::Model;
use crate::app::confirm::{Confirm, Demand};
use crate::app::dead_letters::DeadLettersLayout;
use crate::app::dead_letters::acts::{self, How, Question, REASONS, Report, Step, Verb};
use crate::app::holds::pace_words;
use crate::app::layout::below;
use crate::domain::{DeadLetter, JobId};
use crate::ui::chrome;
use crate::ui::number::grouped;
use crate::ui::paint::{Painter, Part};
use crate::ui::theme::Tone;
use crate::ui::{choice, when};

/// Draws what belongs there now.
pub fn draw(model: &Model, paint: &mut Painter, layout: &DeadLettersLayout) {
    let screen = &model.dead_letters;
    let (area, plain) = (layout.foot, layout.plain);
    let rows = match (&screen.question, &screen.report) {
        (Some(question), _) => {
            if let Step::Why(choice) | Step::Pace { choice, .. } = &question.step {
                choice::draw(choice, paint, below(area, 2));
            }
            question_rows(question, plain)
        }
        (None, Some(report)) => report_rows(report, plain),
        (None, None) => {
            let reason = acts::standing_reason(model);
            reason.map(|why| vec![(format!(" R D C x off: {why}"), Tone::Warning)]).into_iter().collect()
        }
    };
    for (row, parts) in area.rows().zip(rows) {
        paint.parts(row, &parts);
    }
}

/// What is asked about, what it means, why, and the answers; the codes to choose from stand below the first two.
fn question_rows(question: &Question, plain: bool) -> Vec<Vec<Part>> {
    let mut rows = vec![subject(question), consequence(question)];
    match &question.step {
        Step::Why(_) => rows[1].push((why(question), Tone::Strong)),
        Step::Pace { .. } => rows[1].push((" How fast?".to_owned(), Tone::Strong)),
        Step::References(references) => {
            let (at, many) = (references.at(), question.jobs.len());
            if many > 1
                && let Some(job) = question.jobs.get(at)
            {
                rows.push(vec![(format!(" {} of {many}: {}", at + 1, told_apart(job)), Tone::Strong)]);
            }
            let mut typed = vec![
                (" provider's number > ".to_owned(), Tone::Warning),
                (format!("{}▌", references.text()), Tone::Strong),
            ];
            if let Some(other) = references.taken_by.and_then(|at| question.jobs.get(at)) {
                typed.push((format!("  is {}'s", other.job_id), Tone::Warning));
            } else if many > 1 && references.text().is_empty() {
                typed.push(("  empty: left out".to_owned(), Tone::Dim));
            }
            rows.push(typed);
        }
        Step::Sure { how, confirm } => {
            rows.extend(said(how).map(|said| vec![(said, Tone::Strong)]));
            rows.push(answers(question.verb, confirm, plain));
        }
    }
    rows
}

/// What somebody needs to find the message at the provider.
fn told_apart(job: &DeadLetter) -> String {
    let by = job.workers.first().map(|worker| format!(" by {worker}")).unwrap_or_default();
    format!("{} · {} · {}{by}", job.job_id, place(job.job_kind, &job.channel_kind), when::day_and_time(job.finished_at))
}

/// What was chosen before.
fn said(how: &How) -> Option<String> {
    let because = |reason: &String| format!(" because: {reason}");
    match how {
        How::Retry { reason, per_minute } => {
            let pace = per_minute.map(|pace| format!(" at {}", pace_words(Some(pace))));
            let said: String = reason.as_ref().map(because).into_iter().chain(pace).collect();
            (!said.is_empty()).then_some(said)
        }
        How::Discard { reason } => Some(because(reason)),
        How::ConfirmSent { references } => Some(match &references[..] {
            [only] => format!(" as: {only}"),
            [first, .., last] => format!(" each under its own number: {first} to {last}"),
            [] => String::new(),
        }),
    }
}

fn why(question: &Question) -> String {
    match (question.verb, question.retried_often()) {
        (Verb::Retry, often) if often > 0 => {
            format!(" {} retried 3 times: why again?", grouped(often as i64))
        }
        _ => " Why?".to_owned(),
    }
}

/// Verb, count, and for a single job everything that tells it from others.
fn subject(question: &Question) -> Vec<Part> {
    let verb = question.verb.as_str().to_uppercase();
    match &question.jobs[..] {
        [job] => {
            let place = place(job.job_kind, &job.channel_kind);
            let again = match job.retried_by_people {
                0 => String::new(),
                1 => " · retried once before".to_owned(),
                many => format!(" · retried {many} times before"),
            };
            let rest = format!(" · {place} · {}{again}", job.error_code);
            vec![(format!(" {verb} {}", job.job_id), Tone::Strong), (rest, Tone::Plain)]
        }
        jobs => vec![(format!(" {verb} {} dead letters", grouped(jobs.len() as i64)), Tone::Strong)],
    }
}

/// What it means for the customers.
fn consequence(question: &Question) -> Vec<Part> {
    let (all, left) = (question.jobs.len(), question.may_have_left());
    let (words, tone) = match (question.verb, all, left) {
        (Verb::Discard, _, _) => (no_reply(question), Tone::Alarm),
        (Verb::ConfirmSent, _, _) => ("written down as sent; nothing leaves again".to_owned(), Tone::Plain),
        (Verb::Retry, _, 0) => ("back into the queue with fresh attempts".to_owned(), Tone::Plain),
        (Verb::Retry, 1, _) => ("MAY HAVE LEFT: it may arrive twice".to_owned(), Tone::Alarm),
        (Verb::Retry, _, left) => (format!("{} MAY HAVE LEFT: may arrive twice", grouped(left as i64)), Tone::Alarm),
    };
    vec![(format!(" {words}"), tone)]
}

/// Who waits in vain when this is given up.
fn no_reply(question: &Question) -> String {
    match (question.jobs.len(), question.without_reply()) {
        (1, 1) => "1 customer gets NO reply, nothing else is open for this conversation.".to_owned(),
        (1, _) => "Something else is under way for this conversation, this reply is given up.".to_owned(),
        (_, 1) => "1 customer gets NO reply, nothing else is open for the conversation.".to_owned(),
        (_, many) => format!("{} customers get NO reply, nothing else is open for them.", grouped(many as i64)),
    }
}

/// The keys that answer, and what became of the last one. Where there is little room, the footer names the keys.
fn answers(verb: Verb, confirm: &Confirm, plain: bool) -> Vec<Part> {
    let mut parts: Vec<Part> = match confirm.demand() {
        Demand::Yes => vec![(" y".to_owned(), Tone::Strong), (format!(" {}   ", verb.as_str()), Tone::Plain)],
        Demand::Digits(digits) => {
            let typed = format!("{:_<width$}", confirm.typed(), width = digits.len());
            vec![(format!(" type {digits} > "), Tone::Warning), (format!("{typed}   "), Tone::Strong)]
        }
    };
    if !plain {
        parts.extend([("n".to_owned(), Tone::Strong), (" leave it   ".to_owned(), Tone::Plain)]);
    }
    let last = match confirm.swallowed {
        None if plain => ("n leave it".to_owned(), Tone::Plain),
        None => ("any other key: nothing happens".to_owned(), Tone::Dim),
        Some(why) => chrome::swallowed(why),
    };
    parts.push(last);
    parts
}

/// The counts, then the refused jobs by reason.
fn report_rows(report: &Report, plain: bool) -> Vec<Vec<Part>> {
    let counts = [
        (report.applied, "applied", Tone::Good),
        (report.refused.len(), "refused", Tone::Warning),
        (report.pending.len(), "under way", Tone::Plain),
    ];
    let verb = report.verb.as_str().to_uppercase();
    let mut head: Vec<Part> = vec![(format!(" {verb} {}:", grouped(report.asked as i64)), Tone::Strong)];
    for (many, word, tone) in counts.into_iter().filter(|(many, ..)| *many > 0) {
        head.push((format!("  {} {word}", grouped(many as i64)), tone));
    }
    if report.is_complete() {
        head.push(("   h clears this".to_owned(), Tone::Dim));
    }
    let reasons = report.reasons();
    let unnamed = reasons.len().saturating_sub(REASONS);
    let mut rows = vec![head];
    for (at, (reason, jobs)) in reasons.iter().take(REASONS).enumerate() {
        let more = if at + 1 == REASONS && unnamed > 0 { format!("; {unnamed} more reasons") } else { String::new() };
        let jobs = if plain { jobs.len().to_string() } else { format!("  {}", named(jobs)) };
        rows.push(vec![(format!(" {jobs}: {reason}{more}"), Tone::Warning)]);
    }
    rows
}

/// The first ids, and how many more.
fn named(jobs: &[JobId]) -> String {
    const NAMED: usize = 3;
    let names: Vec<String> = jobs.iter().take(NAMED).map(ToString::to_string).collect();
    match jobs.len().saturating_sub(NAMED) {
        0 => names.join(" "),
        more => format!("{} and {more} more", names.join(" ")),
    }
}
