//! What the database answered about opening, deciding, undoing.

use chrono::{DateTime, Utc};

use super::{
    Body, Change, Fetch, Opened, Pane, Question, Stage, Standing, Ticket, Verb, Verdict, away, editor, list, news,
};
use crate::app::effect::Effect;
use crate::app::input::quit;
use crate::app::lesson;
use crate::app::model::{Connection, Model, Screen};
use crate::app::msg::Failure;
use crate::domain::review::Decided;
use crate::domain::{JobId, OpenedConversation, Outcome, Pin};

/// A conversation was opened, or not.
pub fn opened(model: &mut Model, ticket: Ticket, result: Result<Box<Opened>, Failure>) -> Vec<Effect> {
    if ticket != model.review.ticket {
        // Nobody waits for it any more, but a lease may have been taken: it goes back, unless it is the open job's.
        let Ok(opened) = result else { return Vec::new() };
        let is_open = model.review.pane().is_some_and(|pane| pane.job.job_id == opened.job.job_id);
        return match opened.conversation.pin {
            Some(pin) if !is_open => {
                vec![Effect::Release { job_id: opened.job.job_id, lease_token: pin.lease_token }]
            }
            _ => Vec::new(),
        };
    }
    match result {
        Ok(opened) => show(model, *opened),
        Err(failure) => not_opened(model, failure),
    }
}

/// Shows what was opened. Long texts are read while others still look them through.
fn show(model: &mut Model, opened: Opened) -> Vec<Effect> {
    let mut pane = Pane::new(opened, model.size, model.now);
    if let Stage::Reading(before) = &model.review.stage
        && before.conversation.conversation_id == pane.conversation.conversation_id
    {
        pane.keep_place(before, model.size);
    }
    let is_looked_through = pane.document.is_looked_through(&pane.conversation);
    let look_through = (!is_looked_through).then(|| Effect::LookThrough(Box::new(pane.conversation.clone())));
    model.review.put_back.remove(&pane.job.job_id);
    if let Some(languages) = &pane.languages {
        model.review.languages.insert(pane.job.job_id, languages.clone());
    }
    // Who may not approve is told who can.
    let job_id = pane.job.job_id;
    let others = (pane.is_mine() && pane.conversation.needs_another).then_some(Effect::CountOthers { job_id });
    model.review.stage = Stage::Reading(Box::new(pane));
    look_through.into_iter().chain(others).collect()
}

/// The texts of a long conversation were looked through.
pub fn looked_through(model: &mut Model, found: OpenedConversation<Body>) {
    let Some(pane) = model.review.pane_mut() else { return };
    for message in &mut pane.conversation.messages {
        // Under the same id there is the same text.
        if let Some(found) = found.messages.iter().find(|found| found.message_id == message.message_id)
            && found.body.text().is_some_and(|text| text.survey().is_some())
        {
            message.body = found.body.clone();
        }
    }
}

fn not_opened(model: &mut Model, failure: Failure) -> Vec<Effect> {
    match model.review.pane_mut() {
        // What was only to be renewed stays as it was, banner and all.
        Some(pane) => {
            pane.awaiting = false;
            pane.news.fetch = Fetch::None;
        }
        None => close(model),
    }
    match failure {
        Failure::Refused(outcome) if outcome.outcome == "empty" => match model.settings.reads.join(", ") {
            reads if reads.is_empty() => model.say("nothing waits for you"),
            reads => model.say(format!("nothing waits in a language that you read ({reads}); Enter opens any other")),
        },
        Failure::Refused(outcome) => model.warn(format!("not opened: {outcome}")),
        other => model.warn(format!("not opened: {other}")),
    }
    Vec::new()
}

/// A decision was answered.
pub fn decided(
    model: &mut Model,
    job_id: JobId,
    verb: Verb,
    result: Result<Outcome, Failure>,
    now: DateTime<Utc>,
) -> Vec<Effect> {
    let flight = model.review.in_flight.iter().find(|flight| flight.job_id == job_id).copied();
    model.review.in_flight.retain(|flight| flight.job_id != job_id);
    let lease = flight.map(|flight| flight.lease_token);
    let then_quit = verb == Verb::Revise && editor::answered(model, job_id, &result);
    let in_doubt = flight.is_some_and(|flight| flight.in_doubt);
    // Where a text is that did not take the draft's place, one has to know for longer than a notice stands.
    let is_kept = matches!(&result, Ok(outcome) if outcome.kept);
    if in_doubt || is_kept {
        model.review.verdicts.push(Verdict { job_id, verb, result: result.clone() });
    }
    let is_applied = matches!(&result, Ok(outcome) if outcome.is_applied());
    // Review shows the verdict by itself.
    let is_told = (in_doubt || is_kept) && model.screen == Screen::Review;
    if !is_applied && !is_told {
        let why = result.as_ref().map_or_else(ToString::to_string, ToString::to_string);
        model.warn(format!("{job_id} not {}: {why}", verb.done()));
    }
    let is_open = model.review.pane().is_some_and(|pane| pane.job.job_id == job_id);
    if is_open && let Some(pane) = model.review.pane_mut() {
        pane.question = Question::None;
    }
    let is_away = matches!(result, Err(Failure::Away(_)));
    let lease_is_gone = match result {
        Ok(outcome) if outcome.is_applied() && then_quit => {
            close(model);
            return quit(model);
        }
        Ok(outcome) if outcome.is_applied() => return applied(model, job_id, verb, &outcome, now, is_open),
        Ok(outcome) => {
            if is_open {
                refused(model, &outcome);
            }
            ends_the_lease(&outcome)
        }
        Err(_) => {
            if is_open && is_away {
                // Nobody knows what happened around a broken connection.
                away::database_came_back(model, now);
            } else if is_open {
                news::changed(&mut model.review, Change::Away);
            }
            false
        }
    };
    // Who left the pane meanwhile kept the lease only for the decision.
    let left_over = lease.filter(|_| !is_open && !lease_is_gone);
    left_over.map(|lease_token| Effect::Release { job_id, lease_token }).into_iter().collect()
}

fn applied(
    model: &mut Model,
    job_id: JobId,
    verb: Verb,
    outcome: &Outcome,
    now: DateTime<Utc>,
    is_open: bool,
) -> Vec<Effect> {
    model.review.latest = Some(Decided {
        job_id,
        decision: verb.as_str().to_owned(),
        reason: None,
        decided_at: now,
        created_job_id: outcome.created_job_id,
        created_status: None,
        created_finished_at: None,
        created_outcome: None,
        leaves_at: outcome.leaves_at,
        undone: false,
    });
    if !is_open {
        return Vec::new();
    }
    let conversation = model.review.pane().map(|pane| pane.conversation.conversation_id);
    close(model);
    if conversation.is_some_and(|conversation| lesson::tell(model, conversation, job_id, verb)) {
        return Vec::new();
    }
    go_on(model, job_id)
}

/// Opens the next job by itself, but only for somebody who sees it.
pub fn go_on(model: &mut Model, just_left: JobId) -> Vec<Effect> {
    let goes_on = model.settings.auto_advance && model.screen == Screen::Review && !model.quitting;
    if goes_on && model.connection == Connection::Live { list::open_next(model, Some(just_left)) } else { Vec::new() }
}

/// An expected refusal of the open job: what it means for the pane.
fn refused(model: &mut Model, outcome: &Outcome) {
    match outcome.outcome.as_str() {
        "conversation_moved" => news::changed(&mut model.review, Change::ConversationMoved),
        "draft_changed" => news::changed(&mut model.review, Change::DraftChanged),
        "lease_lost" => news::changed(&mut model.review, Change::LeaseLost { by: outcome.by.clone() }),
        _ if ends_the_lease(outcome) => close(model),
        _ => {}
    }
}

/// Whether a refusal says that the lease is not mine any more.
fn ends_the_lease(outcome: &Outcome) -> bool {
    matches!(outcome.outcome.as_str(), "lease_lost" | "already_decided" | "payload_missing" | "not_found")
}

/// The job is no longer mine to hold: the pane closes without giving anything back.
fn close(model: &mut Model) {
    model.review.stage = Stage::List;
    list::thaw(model);
}

/// The connection broke around a decision; its fate is being asked for.
pub fn in_doubt(model: &mut Model, job_id: JobId) {
    for flight in model.review.in_flight.iter_mut().filter(|flight| flight.job_id == job_id) {
        flight.in_doubt = true;
    }
    // Review says so by itself for as long as it lasts.
    if model.screen != Screen::Review {
        model.warn(format!("checking what became of {job_id}"));
    }
}

/// How a job that is only looked at stands now.
pub fn stands(model: &mut Model, job_id: JobId, standing: Standing) {
    let looked_at = |pane: &&mut Pane| pane.job.job_id == job_id && pane.pin().is_none() && !pane.awaiting;
    if let Some(pane) = model.review.pane_mut().filter(looked_at) {
        pane.standing = standing;
    }
}

/// An undo was answered.
pub fn undone(model: &mut Model, job_id: JobId, result: Result<Outcome, Failure>) -> Vec<Effect> {
    model.review.undoing = None;
    match result {
        Ok(outcome) if outcome.is_applied() => {
            let listed = model.review.feed.load.data_mut().into_iter().flat_map(|list| &mut list.mine);
            for row in model.review.latest.iter_mut().chain(listed).filter(|row| row.job_id == job_id) {
                row.undone = true;
            }
            match outcome.created_job_id {
                Some(fresh) => {
                    model.say(format!("{job_id} undone; {fresh} took its place and waits for you"));
                    if let Some(lease_token) = outcome.lease_token {
                        model.review.put_back.insert(fresh, lease_token);
                        return list::open_fresh(model, fresh);
                    }
                }
                None => model.say(format!("{job_id} undone")),
            }
        }
        Ok(outcome) => {
            model.review.settled.insert(job_id);
            model.warn(format!("{job_id} not undone: {outcome}"));
        }
        Err(failure) => model.warn(format!("{job_id} not undone: {failure}")),
    }
    Vec::new()
}

/// A skip was answered.
pub fn skipped(model: &mut Model, job_id: JobId, result: Result<Outcome, Failure>) -> Vec<Effect> {
    let is_open = model.review.pane().is_some_and(|pane| pane.job.job_id == job_id);
    if is_open && let Some(pane) = model.review.pane_mut() {
        pane.awaiting = false;
    }
    match result {
        Ok(outcome) if outcome.is_applied() => {
            model.say(format!("{job_id} left to others"));
            if is_open {
                close(model);
                return go_on(model, job_id);
            }
        }
        Ok(outcome) => {
            model.warn(format!("{job_id} not skipped: {outcome}"));
            if is_open {
                refused(model, &outcome);
            }
        }
        Err(failure) => model.warn(format!("{job_id} not skipped: {failure}")),
    }
    Vec::new()
}

/// Something came to light about a job; it matters when that job is open. What differs from a pin that has moved since is
/// news no more: the fresh look that moved it has shown what is there. A new message and a new draft are fetched at once, so
/// that the person can read them; to have seen them they say themselves. Not under an editor: its text is tied to the lease
/// that a fetch would renew.
pub fn changed(model: &mut Model, job_id: JobId, pin: &Pin, change: Change) -> Vec<Effect> {
    let concerns = |pane: &Pane| pane.job.job_id == job_id && pane.pin() == Some(pin) && !pane.awaiting;
    if !model.review.pane().is_some_and(concerns) {
        return Vec::new();
    }
    let is_there = matches!(change, Change::ConversationMoved | Change::DraftChanged);
    news::changed(&mut model.review, change.clone());
    let fetches = is_there && model.frozen().is_none() && !model.is_blank(model.now) && model.review.editor.is_none();
    let Some(pane) = model.review.pane_mut().filter(|pane| fetches && pane.change == Some(change)) else {
        return Vec::new();
    };
    pane.news.fetch = Fetch::Asked;
    news::reopen(model)
}
