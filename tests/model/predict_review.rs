//! People who review: claim, decide, revise, give back. The refusals come in the contract's order.

use countersign::domain::{JobKind, Role, Status};
use uuid::Uuid;

use super::calls::{About, Answer, Asked, Call, NOT_REGISTERED, Pin, Reply};
use super::people::{Person, person};
use super::predict_executor::holds;
use super::settings::Setting;
use super::world::{Decision, Job, JobNo, Message, NewJob, Payload, Verb, Way, World};

pub fn reply(world: &mut World, asked: &Asked) -> Reply {
    let Some(me) = person(asked.who) else { return NOT_REGISTERED };
    if let Call::ClaimReview { job } = &asked.call {
        return claim(world, me, *job);
    }
    if let Some(first) = world.first_answer(asked) {
        return first;
    }
    let answered = match &asked.call {
        Call::Approve { job, pin } => approve(world, me, *job, pin),
        Call::Reject { job, pin, reason } => reject(world, me, *job, pin, reason),
        Call::Escalate { job, pin } => escalate(world, me, *job, pin),
        Call::Revise { job, pin, revision } => revise(world, me, *job, pin, *revision),
        Call::Skip { job, token } => under_lease(world, me, *job, *token).map(|job| {
            world.let_go(job, Status::Queued);
            world.skipped.push((me.who, job));
            "applied".into()
        }),
        Call::ForceRelease { job } => force_release(world, me, *job),
        other => unreachable!("{other:?} is not a reviewer's"),
    };
    answered.unwrap_or_else(|refusal| refusal)
}

/// The refusals up to `already_decided`, for a job that is named.
pub fn about(world: &World, me: &Person, job: About) -> Result<JobNo, Reply> {
    let is_seen = |job: &JobNo| me.is_of(world.agency(*job)) && world.jobs[*job].target.is_some();
    let job = job.filter(is_seen).ok_or(Reply::from("not_found"))?;
    if me.agency.is_none() || !world.jobs[job].target.is_some_and(|role| me.has(role)) {
        return Err("not_authorised".into());
    }
    already_decided(world, job).map_or(Ok(job), Err)
}

fn already_decided(world: &World, job: JobNo) -> Option<Reply> {
    let by = world.decisions.get(&job).map(|decision| decision.by);
    world.jobs[job].status.is_terminal().then(|| Answer { by, ..Answer::of("already_decided") }.into())
}

fn under_lease(world: &World, me: &Person, job: About, token: i64) -> Result<JobNo, Reply> {
    let job = about(world, me, job)?;
    let is_held = world.jobs[job].status == Status::Leased && holds(world, me.who, job, token);
    if is_held { Ok(job) } else { Err("lease_lost".into()) }
}

/// A question under the caller's lease, and its draft.
fn question(world: &World, me: &Person, job: About, pin: &Pin) -> Result<(JobNo, usize), Reply> {
    let job = under_lease(world, me, job, pin.token)?;
    if world.jobs[job].kind != JobKind::Approve {
        return Err("wrong_kind".into());
    }
    Ok((job, world.draft_of(job).expect("a question has a draft")))
}

/// I6: nothing is decided about another draft, other words, or with a message unseen.
fn check_pin(world: &World, job: JobNo, draft: usize, pin: &Pin) -> Result<(), Reply> {
    let id = world.messages[draft].id.expect("a draft has an id");
    if id != pin.draft || id != pin.digest_of {
        return Err("draft_changed".into());
    }
    if world.conversations[world.jobs[job].conversation].newest_inbound != pin.newest_inbound {
        return Err("conversation_moved".into());
    }
    Ok(())
}

fn claim(world: &mut World, me: &Person, named: Option<About>) -> Reply {
    world.recover_leases(&[JobKind::Approve, JobKind::Escalate]);
    let job = match named {
        None => next_in_order(world, me).ok_or(Reply::from("empty")),
        Some(job) => about(world, me, job).and_then(|job| claimable(world, me, job)),
    };
    let job = match job {
        Ok(job) => job,
        Err(refusal) => return refusal,
    };
    world.lease(job, me.who);
    Answer { claimed: Some(vec![(job, world.jobs[job].token)]), ..Answer::of("applied") }.into()
}

fn claimable(world: &World, me: &Person, job: JobNo) -> Result<JobNo, Reply> {
    let Job { kind, status, lease, .. } = &world.jobs[job];
    match (status, lease) {
        _ if *kind != JobKind::Approve => Err("wrong_kind".into()),
        (Status::Paused, _) => Err("held".into()),
        (Status::Queued, _) if world.is_held(job) => Err("held".into()),
        (_, Some(lease)) if lease.owner != me.who => {
            Err(Answer { by: Some(lease.owner), ..Answer::of("leased") }.into())
        }
        _ => Ok(job),
    }
}

fn next_in_order(world: &World, me: &Person) -> Option<JobNo> {
    let editor_may = me.agency.is_some_and(|agency| world.settings.get(Some(agency), Setting::EditorMayApprove) == 1);
    let is_ready = |job: &JobNo| {
        let Job { kind, status, process_after, target, .. } = &world.jobs[*job];
        *kind == JobKind::Approve
            && *status == Status::Queued
            && *process_after <= world.now
            && me.agency == Some(world.agency(*job))
            && target.is_some_and(|role| me.has(role))
            && !world.is_held(*job)
            && (editor_may || !world.edited.contains(&(me.who, *job)))
    };
    let savable_first = me.agency.is_some_and(|agency| world.savable_first.contains(&agency));
    (0..world.jobs.len()).filter(is_ready).min_by_key(|job| {
        let Job { deadline_at, priority, created_at, .. } = world.jobs[*job];
        let is_skipped = world.skipped.contains(&(me.who, *job));
        (is_skipped, savable_first && deadline_at <= world.now, deadline_at, priority, created_at, *job)
    })
}

fn approve(world: &mut World, me: &Person, job: About, pin: &Pin) -> Result<Reply, Reply> {
    let (job, draft) = question(world, me, job, pin)?;
    let editor_may = world.settings.get(Some(world.agency(job)), Setting::EditorMayApprove) == 1;
    if world.had_a_hand_in(me.who, draft) && !editor_may {
        return Err("self_approval".into());
    }
    check_pin(world, job, draft, pin)?;
    if !world.is_switched_on(JobKind::Send) {
        return Err("switched_off".into());
    }
    world.end(job, Status::Succeeded, "approved");
    let Job { conversation, payload, codes, priority, .. } = world.jobs[job];
    let created = world.insert(NewJob {
        kind: JobKind::Send,
        conversation,
        parent: Some(job),
        payload,
        codes,
        priority,
        not_before: Some(world.now + world.undo_window(job)),
        due: world.promised(job),
        is_promise: true,
        role: Role::Reviewer,
    });
    record(world, me, job, draft, Verb::Approve, Some(created));
    Ok(Answer::creating(Some(created)).into())
}

fn reject(world: &mut World, me: &Person, job: About, pin: &Pin, reason: &'static str) -> Result<Reply, Reply> {
    let (job, draft) = question(world, me, job, pin)?;
    check_pin(world, job, draft, pin)?;
    let draft_again = reason != "no_reply_needed";
    if draft_again && !world.is_switched_on(JobKind::Draft) {
        return Err("switched_off".into());
    }
    world.end(job, Status::Failed, "rejected");
    let created = draft_again.then(|| {
        let Job { conversation, codes, priority, deadline_at, is_promised, .. } = world.jobs[job];
        world.insert(NewJob {
            kind: JobKind::Draft,
            conversation,
            parent: Some(job),
            payload: Payload::Conversation,
            codes: super::world::Codes { confidence: None, retry_reason: Some(reason), ..codes },
            priority,
            not_before: Some(world.now + world.undo_window(job)),
            due: Some(deadline_at),
            is_promise: is_promised,
            role: Role::Reviewer,
        })
    });
    record(world, me, job, draft, Verb::Reject, created);
    Ok(Answer::creating(created).into())
}

/// Needs the lease and no unchanged draft: who is out of their depth may say so.
fn escalate(world: &mut World, me: &Person, job: About, pin: &Pin) -> Result<Reply, Reply> {
    let (job, draft) = question(world, me, job, pin)?;
    if world.tier_above(job).is_none() {
        return Err("top_tier".into());
    }
    if !world.is_switched_on(JobKind::Escalate) {
        return Err("switched_off".into());
    }
    let until = world.now + world.undo_window(job);
    let created = world.escalate(job, Some(until));
    record(world, me, job, draft, Verb::Escalate, created);
    Ok(Answer::creating(created).into())
}

fn record(world: &mut World, me: &Person, job: JobNo, draft: usize, verb: Verb, created: Option<JobNo>) {
    let newest_inbound = world.conversations[world.jobs[job].conversation].newest_inbound;
    let decision = Decision { verb, by: me.who, at: world.now, draft, newest_inbound, created, undone_by: None };
    world.decisions.insert(job, decision);
    world.emit("customer.message.decided");
}

/// I9: a revision under a lost lease, or of another draft, is kept and attached to nothing.
fn revise(world: &mut World, me: &Person, job: About, pin: &Pin, revision: Uuid) -> Result<Reply, Reply> {
    let refusal = match under_lease(world, me, job, pin.token) {
        Ok(_) => None,
        Err(refusal) if refusal == "not_found".into() || refusal == "not_authorised".into() => return Err(refusal),
        Err(refusal) => Some(refusal),
    };
    let job = job.expect("what is not found was refused");
    if world.message_with(revision).is_some() {
        return Err(refusal.unwrap_or("exists".into()));
    }
    let conversation = world.jobs[job].conversation;
    let current = world.draft_of(job).and_then(|draft| world.messages[draft].id);
    let refusal = refusal.or_else(|| (current != Some(pin.draft)).then(|| "draft_changed".into()));
    let revises = world.message_with(pin.draft).filter(|known| {
        world.messages[*known].conversation == conversation && world.messages[*known].way == Way::Draft
    });
    let stored = world.store(Message {
        id: Some(revision),
        conversation,
        seq: 0,
        way: Way::Draft,
        revises,
        author: me.who,
        stored_by: me.who,
        made_for: None,
    });
    if let Some(refusal) = refusal {
        return Err(refusal);
    }
    world.jobs[job].payload = Payload::Message(stored);
    world.let_go(job, Status::Queued);
    world.edited.push((me.who, job));
    Ok("applied".into())
}

fn force_release(world: &mut World, me: &Person, job: About) -> Result<Reply, Reply> {
    let is_seen = |job: &JobNo| me.agency == Some(world.agency(*job)) && world.jobs[*job].target.is_some();
    let job = job.filter(is_seen).ok_or(Reply::from("not_found"))?;
    if !me.is_senior() {
        return Err("not_authorised".into());
    }
    if let Some(refusal) = already_decided(world, job) {
        return Err(refusal);
    }
    let Some(lease) = world.jobs[job].lease.clone() else { return Err("wrong_status".into()) };
    world.let_go(job, Status::Queued);
    Ok(Answer { by: Some(lease.owner), ..Answer::of("applied") }.into())
}
