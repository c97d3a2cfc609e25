//! On-call: dead letters, holds, jobs that someone must stop or hurry; and what happens by itself when anyone sweeps.

use countersign::domain::{JobKind, Status};

use super::calls::{About, Answer, Asked, Call, NOT_REGISTERED, Reply};
use super::people::{Person, person};
use super::predict_executor::depart;
use super::world::{Hold, JobNo, World};
use countersign::domain::Role;

pub fn reply(world: &mut World, asked: &Asked) -> Reply {
    if asked.call == Call::Sweep {
        let may_sweep = person(asked.who).is_some() || world.executors.contains_key(asked.who);
        return if may_sweep { sweep(world) } else { NOT_REGISTERED };
    }
    let Some(me) = person(asked.who) else { return NOT_REGISTERED };
    if let Some(first) = world.first_answer(asked) {
        return first;
    }
    let answered = match &asked.call {
        Call::RetryDeadLetter { job, may_have_left } => retry(world, me, *job, *may_have_left),
        Call::DiscardDeadLetter { job } => in_status(world, me, *job, &[Status::DeadLetter]).map(|job| {
            world.end(job, Status::Cancelled, "discarded");
            "applied".into()
        }),
        Call::ConfirmSent { job } => confirm_sent(world, me, *job),
        Call::RetryNow { job } => in_status(world, me, *job, &[Status::RetryWaiting]).map(|job| {
            world.jobs[job].status = Status::Queued;
            world.jobs[job].process_after = world.now;
            "applied".into()
        }),
        Call::Cancel { job } => in_status(world, me, *job, &[Status::Queued, Status::RetryWaiting, Status::Paused])
            .map(|job| {
                world.end(job, Status::Cancelled, "cancelled");
                "applied".into()
            }),
        Call::PlaceHold { kind, channel, agency } => {
            let covered = agency.or(me.agency);
            let is_own = me.agency.is_none() || covered == me.agency;
            if !me.has(Role::Oncall) || !is_own {
                return "not_authorised".into();
            }
            if kind.is_none() && channel.is_none() && agency.is_none() {
                return Reply::Misuse(&["CS002"]);
            }
            world.holds.push(Hold { kind: *kind, channel: *channel, agency: covered, is_standing: true });
            let paused = world.pause_what_is_held();
            return Answer::of("applied").with("paused", paused).into();
        }
        Call::Resume { hold, per_minute } => resume(world, me, *hold, *per_minute),
        other => unreachable!("{other:?} is not on-call's"),
    };
    answered.unwrap_or_else(|refusal| refusal)
}

fn in_status(world: &World, me: &Person, job: About, statuses: &[Status]) -> Result<JobNo, Reply> {
    let job = job.filter(|job| me.is_of(world.agency(*job))).ok_or(Reply::from("not_found"))?;
    if !me.has(Role::Oncall) {
        return Err("not_authorised".into());
    }
    if !statuses.contains(&world.jobs[job].status) {
        return Err("wrong_status".into());
    }
    Ok(job)
}

fn is_unknown(world: &World, job: JobNo) -> bool {
    world.jobs[job].outcome_code == Some("outcome_unknown")
}

/// With attempts enough that it can be claimed. I17: what may have left, only by who says so.
fn retry(world: &mut World, me: &Person, job: About, may_have_left: bool) -> Result<Reply, Reply> {
    let job = in_status(world, me, job, &[Status::DeadLetter])?;
    if is_unknown(world, job) && !may_have_left {
        return Err("may_have_left".into());
    }
    if world.jobs[job].retried_by_people >= 3 {
        return Err("reason_needed".into());
    }
    let default_attempts = world.rules(world.jobs[job].kind).attempts.expect("people's kinds have no dead letters");
    let now = world.now;
    let retried = &mut world.jobs[job];
    retried.status = Status::Queued;
    retried.process_after = now;
    retried.retried_by_people += 1;
    retried.outcome_code = None;
    retried.max_attempts = retried.max_attempts.max(Some(retried.attempt + default_attempts));
    Ok("applied".into())
}

fn confirm_sent(world: &mut World, me: &Person, job: About) -> Result<Reply, Reply> {
    let job = in_status(world, me, job, &[Status::DeadLetter])?;
    if !is_unknown(world, job) {
        return Err("wrong_status".into());
    }
    world.end(job, Status::Succeeded, "confirmed_sent");
    depart(world, job);
    Ok("applied".into())
}

/// What no other hold covers goes back, spaced out where a pace is given.
fn resume(world: &mut World, me: &Person, hold: Option<usize>, per_minute: Option<i64>) -> Result<Reply, Reply> {
    let is_seen = |hold: &usize| me.agency.is_none() || world.holds[*hold].agency == me.agency;
    let hold = hold.filter(is_seen).ok_or(Reply::from("not_found"))?;
    if !me.has(Role::Oncall) {
        return Err("not_authorised".into());
    }
    if !world.holds[hold].is_standing {
        return Err("already_decided".into());
    }
    if per_minute == Some(0) {
        return Ok(Reply::Misuse(&["CS002"]));
    }
    world.holds[hold].is_standing = false;
    let ended = world.holds[hold].clone();
    let goes_back =
        |job: &JobNo| world.jobs[*job].status == Status::Paused && world.covers(&ended, *job) && !world.is_held(*job);
    let mut released: Vec<JobNo> = (0..world.jobs.len()).filter(goes_back).collect();
    released.sort_by_key(|job| (world.jobs[*job].priority, world.jobs[*job].deadline_at, *job));
    for (position, job) in released.iter().enumerate() {
        let wait = per_minute.map_or(0, |pace| 60 * position as i64 / pace);
        let earliest = world.now + wait;
        let job = &mut world.jobs[*job];
        job.status = Status::Queued;
        job.process_after = job.process_after.max(earliest);
    }
    Ok(Answer::of("applied").with("resumed", released.len()).into())
}

fn sweep(world: &mut World) -> Reply {
    let recovered = world.recover_leases(&JobKind::ALL);
    let paused = world.pause_what_is_held();
    let escalated = world.escalate_what_is_late();
    Answer::of("swept").with("recovered", recovered).with("paused", paused).with("escalated", escalated).into()
}
