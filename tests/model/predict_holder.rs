//! What programs and people alike do with a job that they hold: keep it, give it back, read it.

use countersign::domain::{JobKind, Status};

use super::calls::{About, Answer, Asked, Call, NOT_REGISTERED, Reply};
use super::people::{Who, person};
use super::predict_executor::{holds, may_work_on};
use super::world::{JobNo, World};

/// How long an opening that was announced can be made.
const ANNOUNCEMENT_LASTS: i64 = 60;

pub fn reply(world: &mut World, asked: &Asked) -> Reply {
    let who = asked.who;
    if person(who).is_none() && !world.executors.contains_key(who) {
        return NOT_REGISTERED;
    }
    match &asked.call {
        Call::ExtendLease { job, token } => match job.filter(|job| is_theirs(world, who, *job)) {
            Some(job) if holds(world, who, job, *token) => {
                let until = world.now + world.rules(world.jobs[job].kind).lease;
                world.jobs[job].lease.as_mut().expect("a held job is leased").expires_at = until;
                "applied".into()
            }
            _ => "lease_lost".into(),
        },
        Call::ReleaseJob { job, token } => {
            if let Some(first) = world.first_answer(asked) {
                return first;
            }
            let Some(job) = job.filter(|job| is_theirs(world, who, *job)) else { return "not_found".into() };
            if !holds(world, who, job, *token) {
                return "lease_lost".into();
            }
            if world.jobs[job].status != Status::Leased {
                return "wrong_status".into();
            }
            world.let_go(job, Status::Queued);
            if !world.jobs[job].kind.is_for_people() {
                world.jobs[job].attempt -= 1;
            }
            "applied".into()
        }
        Call::OpenBody { job, token } => open(world, who, *job, *token),
        other => unreachable!("{other:?} is not a holder's"),
    }
}

/// Whether the login may still work on jobs like this one.
fn is_theirs(world: &World, who: Who, job: JobNo) -> bool {
    match person(who) {
        Some(me) => me.agency == Some(world.agency(job)) && world.jobs[job].target.is_some_and(|role| me.has(role)),
        None => world.executors.get(who).is_some_and(|me| may_work_on(world, me, job)),
    }
}

fn open(world: &mut World, who: Who, job: About, token: i64) -> Reply {
    let visible = |job: &JobNo| match person(who) {
        Some(me) => me.is_of(world.agency(*job)),
        None => may_work_on(world, &world.executors[who], *job),
    };
    let Some(job) = job.filter(visible) else { return "not_found".into() };
    let reader = person(who);
    match reader {
        Some(me) if me.agency.is_none() || !me.reviews() => return "not_authorised".into(),
        Some(_) => {}
        None if !holds(world, who, job, token) => return "lease_lost".into(),
        None if world.jobs[job].kind == JobKind::Send && world.jobs[job].status != Status::Running => {
            return "wrong_status".into();
        }
        None => {}
    }
    let is_holder = world.jobs[job].lease.as_ref().is_some_and(|lease| lease.owner == who);
    if !is_holder && !is_announced(world, who, job) {
        world.announced.push((who, job, world.now));
        return "announced".into();
    }
    let whole = reader.is_some() || world.jobs[job].kind == JobKind::Draft;
    let in_conversation =
        |conversation| world.messages.iter().filter(|known| known.conversation == conversation).count();
    let one = usize::from(world.draft_of(job).is_some());
    let messages = if whole { in_conversation(world.jobs[job].conversation) } else { one };
    let decides =
        reader.is_some() && world.jobs[job].kind == JobKind::Approve && holds(world, who, job, world.jobs[job].token);
    let pin = world.pin(job).filter(|_| decides);
    Answer { pin: Some(pin), messages: Some(messages), ..Answer::of("opened") }.into()
}

fn is_announced(world: &World, who: Who, job: JobNo) -> bool {
    world.announced.iter().any(|(by, about, at)| (*by, *about) == (who, job) && *at > world.now - ANNOUNCEMENT_LASTS)
}
