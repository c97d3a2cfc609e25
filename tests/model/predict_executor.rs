//! Executors: claim, start, complete, fail. What they may touch is asked anew at every call.

use countersign::domain::{JobKind, Role, Status};
use uuid::Uuid;

use super::calls::{About, Answer, Asked, Call, NOT_REGISTERED, Reply};
use super::people::{Whitelist, Who};
use super::upkeep::Asking;
use super::world::{Codes, Job, JobNo, Message, NewJob, Payload, Right, Way, World};

pub fn reply(world: &mut World, asked: &Asked) -> Reply {
    let Some(me) = world.executors.get(asked.who).cloned() else { return NOT_REGISTERED };
    let who = asked.who;
    if let Call::ClaimJobs { kinds, limit } = &asked.call {
        return claim(world, who, &me, kinds, *limit);
    }
    if let Some(first) = world.first_answer(asked) {
        return first;
    }
    match &asked.call {
        Call::StartJob { job, token } => match under_lease(world, who, &me, *job, *token) {
            Ok(job) if world.jobs[job].status != Status::Leased => "wrong_status".into(),
            Ok(job) => start(world, job),
            Err(refusal) => refusal,
        },
        Call::PutDraft { job, token, draft } => {
            if job.is_some_and(|job| world.jobs[job].kind != JobKind::Draft) {
                return "not_found".into();
            }
            match under_lease(world, who, &me, *job, *token) {
                Ok(_) if world.message_with(*draft).is_some() => "exists".into(),
                Ok(job) => put_draft(world, who, job, *draft),
                Err(refusal) => refusal,
            }
        }
        Call::CompleteJob { job, token, found, draft, provider_ref } => match running(world, who, &me, *job, *token) {
            Ok(job) => complete(world, job, *found, *draft, *provider_ref),
            Err(refusal) => refusal,
        },
        Call::FailJob { job, token, code } => match running(world, who, &me, *job, *token) {
            Ok(_) if *code == "no_such_code" => Reply::Misuse(&["CS008"]),
            Ok(job) => {
                world.fail_attempt(job, code);
                "applied".into()
            }
            Err(refusal) => refusal,
        },
        other => unreachable!("{other:?} is not an executor's"),
    }
}

/// I12: whether the whitelist names the job's kind, channel and agency.
pub fn may_work_on(world: &World, me: &Whitelist, job: JobNo) -> bool {
    me.kinds.contains(&world.jobs[job].kind)
        && me.channels.contains(&world.channel(job))
        && me.agencies.contains(&world.agency(job))
}

/// I9: whether the lease is this login's, the newest, and has not run out.
pub fn holds(world: &World, who: Who, job: JobNo, token: i64) -> bool {
    let Job { token: newest, lease, .. } = &world.jobs[job];
    *newest == token && lease.as_ref().is_some_and(|lease| lease.owner == who && lease.expires_at > world.now)
}

fn under_lease(world: &World, who: Who, me: &Whitelist, job: About, token: i64) -> Result<JobNo, Reply> {
    let job = job.filter(|job| may_work_on(world, me, *job)).ok_or(Reply::from("not_found"))?;
    if holds(world, who, job, token) { Ok(job) } else { Err("lease_lost".into()) }
}

fn running(world: &World, who: Who, me: &Whitelist, job: About, token: i64) -> Result<JobNo, Reply> {
    let job = under_lease(world, who, me, job, token)?;
    if world.jobs[job].status == Status::Running { Ok(job) } else { Err("wrong_status".into()) }
}

fn claim(world: &mut World, who: Who, me: &Whitelist, kinds: &[JobKind], limit: usize) -> Reply {
    let wanted: Vec<JobKind> = kinds.iter().copied().filter(|kind| me.kinds.contains(kind)).collect();
    world.recover_leases(&wanted);
    let is_ready = |job: JobNo| {
        let Job { kind, status, process_after, .. } = &world.jobs[job];
        wanted.contains(kind)
            && matches!(status, Status::Queued | Status::RetryWaiting)
            && *process_after <= world.now
            && may_work_on(world, me, job)
            && !world.is_held(job)
    };
    let mut ready: Vec<JobNo> = (0..world.jobs.len()).filter(|job| is_ready(*job)).collect();
    ready.sort_by_key(|job| (world.jobs[*job].priority, world.jobs[*job].process_after, *job));
    ready.truncate(limit);
    let mut claimed = Vec::new();
    for job in ready {
        if world.jobs[job].kind == JobKind::Send
            && let Some(why) = world.no_longer_wanted(job)
        {
            world.stop_send(job, why);
            continue;
        }
        world.lease(job, who);
        world.jobs[job].attempt += 1;
        claimed.push((job, world.jobs[job].token));
    }
    let outcome = if claimed.is_empty() { "empty" } else { "claimed" };
    Answer { claimed: Some(claimed), ..Answer::of(outcome) }.into()
}

fn start(world: &mut World, job: JobNo) -> Reply {
    if world.is_held(job) {
        world.let_go(job, Status::Queued);
        world.jobs[job].attempt -= 1;
        return "held".into();
    }
    if world.jobs[job].kind == JobKind::Send {
        if let Some(why) = world.no_longer_wanted(job) {
            let question = world.stop_send(job, why);
            return Answer { created: Some(question), ..Answer::of(why) }.into();
        }
        let right = world.right_of(job).expect("what is wanted may be sent");
        // The first record stays when a send is tried again.
        world.evidence.entry(job).or_insert(right);
        if matches!(right, Right::Dispensation(_)) {
            world.emit("customer.message.dispensed");
        }
    }
    world.jobs[job].status = Status::Running;
    "applied".into()
}

fn put_draft(world: &mut World, who: Who, job: JobNo, draft: Uuid) -> Reply {
    let stored = world.store(Message {
        id: Some(draft),
        conversation: world.jobs[job].conversation,
        seq: 0,
        way: Way::Draft,
        revises: None,
        author: "drafter",
        stored_by: who,
        made_for: Some(job),
    });
    Answer::of("applied").with("seq", world.messages[stored].seq as usize).into()
}

fn complete(world: &mut World, job: JobNo, found: Codes, draft: Option<Uuid>, provider_ref: bool) -> Reply {
    let Job { kind, conversation, payload, codes, priority, .. } = world.jobs[job];
    let draft =
        draft.and_then(|id| world.message_with(id)).filter(|draft| world.messages[*draft].made_for == Some(job));
    let dispensation = world.dispensation(conversation).filter(|_| kind == JobKind::Draft);
    match kind {
        JobKind::Draft if draft.is_none() => return Reply::Misuse(&["CS002"]),
        JobKind::Send if !provider_ref => return Reply::Misuse(&["CS002"]),
        _ => {}
    }
    let successor = match kind {
        JobKind::Inbound => Some(JobKind::Classify),
        JobKind::Classify | JobKind::Followup => Some(JobKind::Draft),
        JobKind::Draft if dispensation.is_some() => Some(JobKind::Send),
        JobKind::Draft => Some(JobKind::Approve),
        _ => None,
    };
    if successor.is_some_and(|successor| !world.is_switched_on(successor)) {
        world.let_go(job, Status::RetryWaiting);
        world.jobs[job].attempt -= 1;
        world.jobs[job].process_after = world.now + world.rules(kind).retry_after;
        return "switched_off".into();
    }

    world.end(job, Status::Succeeded, "completed");
    world.jobs[job].last_error = None;
    let Some(successor) = successor else {
        depart(world, job);
        return Answer::creating(None).into();
    };
    let codes = codes.overlaid(found);
    let priority = found.priority.unwrap_or(priority);
    let due = world.promised(job);
    if successor == JobKind::Approve {
        let draft = draft.expect("looked at above");
        let (question, _) =
            world.ask_a_person(Asking { conversation, parent: Some(job), draft, codes, priority: Some(priority), due });
        let was_classified = world.jobs[job].parent.is_some_and(|parent| world.jobs[parent].kind == JobKind::Classify);
        let escalated = if was_classified { world.escalate_when_unsure(question) } else { None };
        return Answer::creating(Some(escalated.unwrap_or(question))).into();
    }
    let created = world.insert(NewJob {
        kind: successor,
        conversation,
        parent: Some(job),
        payload: match successor {
            JobKind::Classify => payload,
            JobKind::Send => Payload::Message(draft.expect("looked at above")),
            _ => Payload::Conversation,
        },
        codes,
        priority,
        not_before: (successor == JobKind::Send).then(|| world.now + world.undo_window(job)),
        due,
        is_promise: true,
        role: Role::Reviewer,
    });
    Answer::creating(Some(created)).into()
}

/// What left is written down in the conversation and announced.
pub fn depart(world: &mut World, send: JobNo) {
    world.store(Message {
        id: None,
        conversation: world.jobs[send].conversation,
        seq: 0,
        way: Way::Outbound,
        revises: world.draft_of(send),
        author: "program",
        stored_by: "program",
        made_for: None,
    });
    world.emit("customer.message.sent");
}
