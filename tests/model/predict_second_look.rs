//! What comes after a decision: undoing it, and taking over what was escalated.

use countersign::domain::{JobKind, Role, Status};

use super::calls::{About, Answer, Asked, Call, NOT_REGISTERED, Reply};
use super::people::{Person, person};
use super::predict_review::about;
use super::world::{Job, JobNo, NewJob, Verb, World};

pub fn reply(world: &mut World, asked: &Asked) -> Reply {
    let Some(me) = person(asked.who) else { return NOT_REGISTERED };
    if let Some(first) = world.first_answer(asked) {
        return first;
    }
    let answered = match &asked.call {
        Call::Undo { job } => undo(world, me, *job),
        Call::TakeEscalation { job } => take_over(world, me, *job),
        other => unreachable!("{other:?} is no second look"),
    };
    answered.unwrap_or_else(|refusal| refusal)
}

fn undo(world: &mut World, me: &Person, job: About) -> Result<Reply, Reply> {
    let is_seen = |job: &JobNo| me.agency == Some(world.agency(*job)) && world.decisions.contains_key(job);
    let job = job.filter(is_seen).ok_or(Reply::from("not_found"))?;
    let decision = world.decisions[&job].clone();
    if !me.reviews() || (decision.by != me.who && !me.is_senior()) {
        return Err("not_authorised".into());
    }
    if let Some(by) = decision.undone_by {
        return Err(Answer { by: Some(by), ..Answer::of("already_decided") }.into());
    }
    let is_too_late = match decision.created {
        // Nothing was created that could be taken, so the same time is given.
        None => decision.at + world.undo_window(job) <= world.now,
        Some(created) => {
            let Job { token, status, .. } = world.jobs[created];
            token > 0 || !matches!(status, Status::Queued | Status::Paused)
        }
    };
    if is_too_late {
        return Err("too_late".into());
    }
    world.decisions.get_mut(&job).expect("seen above").undone_by = Some(me.who);
    if let Some(created) = decision.created {
        world.end(created, Status::Cancelled, "undone");
    }
    let role = world.jobs[job].target.expect("only people's jobs are decided");
    let jobs_before = world.jobs.len();
    // A draft that came in meanwhile is what the escalate job asked about last.
    let escalated = decision.created.filter(|created| world.jobs[*created].kind == JobKind::Escalate);
    let Job { payload, codes, .. } = world.jobs[escalated.unwrap_or(job)];
    let question = world.ask_again(job, payload, codes, role);
    let is_fresh = world.jobs.len() > jobs_before;
    let mut lease_token = None;
    if is_fresh && me.has(role) && !world.is_held(question) {
        world.lease(question, me.who);
        lease_token = Some(1);
    }
    world.emit("customer.message.undone");
    Ok(Answer { lease_token, ..Answer::creating(Some(question)) }.into())
}

fn take_over(world: &mut World, me: &Person, job: About) -> Result<Reply, Reply> {
    let escalated_it = |job: JobNo| {
        world.jobs[job].kind == JobKind::Escalate
            && world.jobs[job]
                .parent
                .and_then(|parent| world.decisions.get(&parent))
                .is_some_and(|decision| decision.verb == Verb::Escalate && decision.by == me.who)
    };
    let job = match (about(world, me, job), job) {
        (Err(refusal), _) if refusal == "not_found".into() || refusal == "not_authorised".into() => {
            return Err(refusal);
        }
        (_, Some(job)) if escalated_it(job) => return Err("not_authorised".into()),
        (answer, _) => answer?,
    };
    let Job { kind, status, process_after, .. } = world.jobs[job];
    if kind != JobKind::Escalate {
        return Err("wrong_kind".into());
    }
    if status == Status::Paused || world.is_held(job) || world.would_be_held(job, JobKind::Approve) {
        return Err("held".into());
    }
    if process_after > world.now {
        return Err("not_due".into());
    }
    if !world.is_switched_on(JobKind::Approve) {
        return Err("switched_off".into());
    }
    let role: Role = world.jobs[job].target.expect("an escalate job has a target");
    world.jobs[job].token += 1;
    world.end(job, Status::Succeeded, "taken_over");
    let Job { conversation, payload, codes, priority, deadline_at, is_promised, .. } = world.jobs[job];
    let question = world.insert(NewJob {
        kind: JobKind::Approve,
        conversation,
        parent: Some(job),
        payload,
        codes,
        priority,
        not_before: None,
        due: Some(deadline_at),
        is_promise: is_promised,
        role,
    });
    world.lease(question, me.who);
    Ok(Answer { lease_token: Some(1), ..Answer::creating(Some(question)) }.into())
}
