//! What would bring the work of the moment further, and who would do it. What is likelier stands in the list more often.

use countersign::domain::{JobKind, Role, Status};

use super::acts::{Pick, pick};
use super::calls::{Call, Pin};
use super::choose::{CONVERSATIONS, Step, ask, conversation_id, open_conversation};
use super::people::{STAFF, Who};
use super::settings::Setting;
use super::world::{Codes, JobNo, Lease, Right, SignOff, World};

pub fn moves(world: &mut World, twist: Pick) -> Vec<Step> {
    let mut moves = Vec::new();
    for job in 0..world.jobs.len() {
        match world.jobs[job].kind {
            JobKind::Approve | JobKind::Escalate => questions(world, job, twist, &mut moves),
            // The last leg is where most promises are.
            JobKind::Send => {
                programs(world, job, twist, &mut moves);
                programs(world, job, twist, &mut moves);
                ending_rights(world, job, twist, &mut moves);
            }
            _ => programs(world, job, twist, &mut moves),
        }
    }
    undoing(world, twist, &mut moves);
    put_right(world, &mut moves);
    new_work(world, twist, &mut moves);
    moves
}

fn questions(world: &mut World, job: JobNo, twist: Pick, moves: &mut Vec<Step>) {
    let about = Some(job);
    let Some(role) = world.jobs[job].target else { return };
    let agency = world.agency(job);
    let deciders: Vec<Who> =
        STAFF.iter().filter(|me| me.agency == Some(agency) && me.has(role)).map(|me| me.who).collect();
    let Some(who) = (!deciders.is_empty()).then(|| pick(&deciders, twist)) else { return };
    let status = world.jobs[job].status;
    match (world.jobs[job].kind, status, world.jobs[job].lease.clone()) {
        (JobKind::Escalate, Status::Queued, _) if world.jobs[job].process_after > world.now => {
            moves.push(Step::WaitUntil(world.jobs[job].process_after));
        }
        (JobKind::Escalate, Status::Queued, _) => moves.push(ask(world, who, Call::TakeEscalation { job: about })),
        (JobKind::Approve, Status::Queued, _) => {
            let named = if twist.is_multiple_of(4) { None } else { Some(about) };
            for _ in 0..2 {
                moves.push(ask(world, who, Call::ClaimReview { job: named }));
            }
        }
        (_, Status::Leased, Some(Lease { owner, .. })) => {
            let pin = read(world, owner, job);
            let revision = world.fresh_id();
            let token = pin.token;
            let reason = pick(&["policy", "wrong_fact", "no_reply_needed"], twist);
            for call in [
                Call::Approve { job: about, pin },
                Call::Approve { job: about, pin },
                Call::Approve { job: about, pin },
                Call::Reject { job: about, pin, reason },
                Call::Escalate { job: about, pin },
                Call::Skip { job: about, token },
                Call::Revise { job: about, pin, revision },
                Call::OpenBody { job: about, token },
            ] {
                moves.push(ask(world, owner, call));
            }
        }
        (_, Status::Paused, _) => resume(world, twist, moves),
        _ => {}
    }
}

/// What was on the screen of the reader when they took the job, which may have changed since.
pub fn read(world: &World, who: Who, job: JobNo) -> Pin {
    let reading = world.readings.iter().rev().find(|reading| (reading.who, reading.job) == (who, job));
    reading.map(|reading| reading.pin).or_else(|| world.pin(job)).unwrap_or(Pin {
        draft: conversation_id(0),
        digest_of: conversation_id(0),
        newest_inbound: 0,
        token: world.jobs[job].token,
    })
}

fn programs(world: &mut World, job: JobNo, twist: Pick, moves: &mut Vec<Step>) {
    let about = Some(job);
    let (kind, status, token) = (world.jobs[job].kind, world.jobs[job].status, world.jobs[job].token);
    let owner = world.jobs[job].lease.as_ref().map(|lease| lease.owner);
    let expires_at = world.jobs[job].lease.as_ref().map(|lease| lease.expires_at);
    match (status, owner) {
        (Status::Queued | Status::RetryWaiting, _) if world.jobs[job].process_after > world.now => {
            moves.push(Step::WaitUntil(world.jobs[job].process_after));
            if status == Status::RetryWaiting {
                moves.push(ask(world, "kai", Call::RetryNow { job: about }));
            }
        }
        (Status::Queued | Status::RetryWaiting, _) => {
            let program = match kind {
                JobKind::Send if twist.is_multiple_of(3) => "sms_exe",
                JobKind::Draft | JobKind::Classify if twist.is_multiple_of(3) => "pen",
                _ => "exe",
            };
            let call = Call::ClaimJobs { kinds: vec![kind], limit: usize::from(twist % 3 + 1) };
            for _ in 0..2 {
                moves.push(ask(world, program, call.clone()));
            }
        }
        (Status::Leased, Some(owner)) => {
            // The worker vanishes.
            moves.extend(expires_at.map(Step::WaitUntil));
            for _ in 0..3 {
                moves.push(ask(world, owner, Call::StartJob { job: about, token }));
            }
        }
        (Status::Running, Some(owner)) => {
            moves.extend(expires_at.map(Step::WaitUntil));
            running(world, job, owner, twist, moves);
        }
        (Status::DeadLetter, _) => {
            let retry = Call::RetryDeadLetter { job: about, may_have_left: !twist.is_multiple_of(3) };
            let discard = Call::DiscardDeadLetter { job: about };
            let confirm = Call::ConfirmSent { job: about };
            for call in [retry.clone(), retry, confirm.clone(), confirm, discard] {
                moves.push(ask(world, "kai", call));
            }
        }
        (Status::Paused, _) => resume(world, twist, moves),
        _ => {}
    }
    if matches!(status, Status::Queued | Status::RetryWaiting | Status::Paused) {
        stopping(world, job, twist, moves);
    }
}

/// On-call has doubts.
fn stopping(world: &mut World, job: JobNo, twist: Pick, moves: &mut Vec<Step>) {
    if (twist / 3).is_multiple_of(5) {
        let agency = Some(world.agency(job)).filter(|_| twist.is_multiple_of(2));
        moves.push(ask(world, "kai", Call::PlaceHold { kind: Some(world.jobs[job].kind), channel: None, agency }));
    } else if (twist / 3) % 5 == 1 {
        moves.push(ask(world, "kai", Call::Cancel { job: Some(job) }));
    }
}

/// What a send goes by comes to an end before it went.
fn ending_rights(world: &mut World, job: JobNo, twist: Pick, moves: &mut Vec<Step>) {
    if !matches!(world.jobs[job].status, Status::Queued | Status::Leased) {
        return;
    }
    match world.right_of(job) {
        Some(Right::Approval(approve)) => {
            let lasts = world.settings.get(Some(world.agency(job)), Setting::MaxApprovalAge);
            moves.push(Step::WaitUntil(world.decisions[&approve].at + lasts + i64::from(twist % 2)));
        }
        Some(Right::Dispensation(sign_off)) => {
            let SignOff { agency, customer, expires_at, .. } = world.sign_offs[sign_off];
            let admin = if agency == "acme" { "wad" } else { "wag" };
            moves.push(Step::WaitUntil(expires_at));
            moves.push(ask(world, admin, Call::RevokeSignOff { customer }));
        }
        None => {}
    }
}

fn running(world: &mut World, job: JobNo, owner: Who, twist: Pick, moves: &mut Vec<Step>) {
    let about = Some(job);
    let token = world.jobs[job].token;
    let drafts = world.messages.iter().rev().find(|message| message.made_for == Some(job));
    let draft = drafts.and_then(|message| message.id);
    if world.jobs[job].kind == JobKind::Draft && draft.is_none() {
        let draft = world.fresh_id();
        for _ in 0..3 {
            moves.push(ask(world, owner, Call::PutDraft { job: about, token, draft }));
        }
        return;
    }
    let found = Codes { confidence: pick(&[None, Some(200), Some(900)], twist), ..Codes::default() };
    let complete = Call::CompleteJob { job: about, token, found, draft, provider_ref: true };
    let code = pick(&["provider_unreachable", "provider_timeout", "invalid_recipient"], twist);
    for call in [
        complete.clone(),
        complete.clone(),
        complete,
        Call::FailJob { job: about, token, code },
        Call::OpenBody { job: about, token },
    ] {
        moves.push(ask(world, owner, call));
    }
}

fn resume(world: &mut World, twist: Pick, moves: &mut Vec<Step>) {
    if let Some(hold) = world.holds.iter().position(|hold| hold.is_standing) {
        let per_minute = pick(&[None, None, Some(2), Some(60)], twist);
        moves.push(ask(world, "kai", Call::Resume { hold: Some(hold), per_minute }));
    }
}

fn undoing(world: &mut World, twist: Pick, moves: &mut Vec<Step>) {
    let can_be_undone = |world: &World, created: Option<JobNo>| {
        created.is_none_or(|created| world.jobs[created].token == 0 && !world.jobs[created].status.is_terminal())
    };
    let decisions: Vec<(JobNo, Who)> = world
        .decisions
        .iter()
        .filter(|(_, decision)| decision.undone_by.is_none() && can_be_undone(world, decision.created))
        .map(|(job, decision)| (*job, decision.by))
        .collect();
    for (job, by) in decisions {
        let who = if twist.is_multiple_of(3) { "sen" } else { by };
        moves.push(ask(world, who, Call::Undo { job: Some(job) }));
    }
}

/// What was switched off is switched on again, and who was taken off the list comes back.
fn put_right(world: &mut World, moves: &mut Vec<Step>) {
    let switches = [Setting::Enabled].into_iter().chain(JobKind::ALL.map(Setting::KindEnabled));
    let off: Vec<Setting> = switches.filter(|setting| world.settings.set(None, *setting) == Some(0)).collect();
    for setting in off {
        for _ in 0..3 {
            moves.push(ask(world, "pad", Call::SetConfig { setting, value: 1 }));
        }
    }
    for (login, whitelist) in super::people::executors() {
        if world.executors.get(login) != Some(&whitelist) {
            moves.push(ask(world, "pad", Call::RegisterExecutor { login, whitelist }));
        }
    }
}

fn new_work(world: &mut World, twist: Pick, moves: &mut Vec<Step>) {
    let next = world.conversations.len();
    if next < CONVERSATIONS.len() && twist.is_multiple_of(3) {
        moves.push(ask(world, "prod", open_conversation(next)));
    }
    let newest = world.conversations.len().saturating_sub(1);
    let number = if twist.is_multiple_of(2) { newest } else { usize::from(twist) % (newest + 1) };
    let conversation = conversation_id(number);
    let confidence = pick(&[None, None, Some(200), Some(400), Some(900)], twist / 2);
    let due = pick(&[None, None, Some(world.now + 5 * 60), Some(world.now + 60 * 60)], twist / 3);
    let codes = Codes { confidence, intent: Some("refund"), ..Codes::default() };
    let author = pick(&["drafter", "drafter", "ada", "sen"], twist / 5);
    let draft = world.fresh_id();
    let submit = Call::SubmitDraft { conversation, draft, author, codes, priority: None, due, revises: None };
    let message = world.fresh_id();
    let inbound = Call::StoreInbound { conversation, message, codes: Codes::default(), priority: Some(3), due };
    match twist % 4 {
        0 | 1 => moves.push(ask(world, "prod", submit)),
        2 => moves.push(ask(world, "prod", inbound)),
        _ => {}
    }
    if twist.is_multiple_of(4) || moves.is_empty() {
        let not_before = world.now + i64::from(twist % 60);
        moves.push(ask(world, "prod", Call::ScheduleFollowup { conversation, not_before, priority: None }));
    }
    dispense(world, twist, moves);
}

/// The two halves of a dispensation for some customer, one after the other.
fn dispense(world: &mut World, twist: Pick, moves: &mut Vec<Step>) {
    let (agency, _, customer) = CONVERSATIONS[usize::from(twist) % world.conversations.len().max(1)];
    if world.settings.get(None, Setting::SendWithoutApprove) == 0 {
        if twist.is_multiple_of(4) {
            let setting = Setting::SendWithoutApprove;
            moves.push(ask(world, "pad", Call::SetConfig { setting, value: 1 }));
        }
    } else {
        let admin = STAFF.iter().find(|me| me.agency == Some(agency) && me.has(Role::WorkflowAdmin));
        let expires_at = world.now + pick(&[60, 60 * 60, 24 * 60 * 60], twist / 7);
        let who = admin.map_or("wad", |admin| admin.who);
        moves.push(ask(world, who, Call::SignOff { customer, expires_at }));
    }
}
