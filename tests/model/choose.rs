//! Makes an act definite: who calls what, about which job, with which pin or token.

use uuid::Uuid;

use super::acts::{Act, Pick, pick};
use super::calls::{Asked, Call};
use super::choose_any::any_call;
use super::choose_onward::moves;
use super::people::{Who, everybody};
use super::world::{JobNo, Moment, World};

#[derive(Debug, Clone)]
pub enum Step {
    Ask(Asked),
    /// Until then nothing happens.
    WaitUntil(Moment),
}

/// How the conversations of a history differ: their number decides agency, channel and customer.
pub const CONVERSATIONS: [(&str, &str, u8); 5] =
    [("acme", "email", 1), ("acme", "sms", 2), ("globex", "email", 1), ("acme", "email", 2), ("globex", "sms", 3)];

pub fn conversation_id(number: usize) -> Uuid {
    Uuid::from_u64_pair(0xC0, number as u64)
}

/// Two conversations are open before anything is left to chance.
pub fn beginning(world: &mut World) -> Vec<Step> {
    (0..2).map(|number| ask(world, "prod", open_conversation(number))).collect()
}

pub fn open_conversation(number: usize) -> Call {
    let (agency, channel, customer) = CONVERSATIONS[number];
    Call::OpenConversation { conversation: conversation_id(number), agency, customer, channel }
}

pub fn choose(world: &mut World, act: Act) -> Step {
    match act {
        Act::Onward { which, twist } => {
            let moves = moves(world, twist);
            pick(&moves, which)
        }
        Act::Any { verb, who, about, twist } => {
            let (who, call) = any_call(world, verb, who, about, twist);
            ask(world, who, call)
        }
        Act::Again { which, twist } => again(world, which, twist),
        Act::LetTimePass { how } => Step::WaitUntil(later(world, how)),
    }
}

pub fn ask(world: &mut World, who: Who, call: Call) -> Step {
    Step::Ask(Asked { who, command: world.fresh_id(), call })
}

fn again(world: &mut World, which: Pick, twist: Pick) -> Step {
    if world.answers.is_empty() {
        return Step::WaitUntil(world.now + 1);
    }
    let earlier = pick(&world.answers, which).0;
    match twist % 5 {
        0 => {
            let (_, call) = any_call(world, twist / 5, which, which, twist);
            Step::Ask(Asked { call, ..earlier })
        }
        1 => Step::Ask(Asked { who: pick(&everybody().collect::<Vec<_>>(), twist / 5), ..earlier }),
        _ => Step::Ask(earlier),
    }
}

/// Some time, or until something falls due: to the second, because that is where mistakes live.
fn later(world: &World, how: Pick) -> Moment {
    let next = |moments: Vec<Moment>| moments.into_iter().filter(|at| *at > world.now).min().unwrap_or(world.now + 7);
    let jobs = || world.jobs.iter().filter(|job| !job.status.is_terminal());
    let exactly = match how % 16 {
        0..=2 => return world.now + pick(&[1, 5, 15, 30], how / 16),
        3 => return world.now + 5 * 60,
        4 => return world.now + pick(&[60 * 60, 2 * 60 * 60], how / 16),
        5..=8 => next(jobs().filter_map(|job| job.lease.as_ref().map(|lease| lease.expires_at)).collect()),
        9..=12 => next(jobs().map(|job| job.process_after).collect()),
        _ => next(jobs().map(|job| job.deadline_at).collect()),
    };
    let early = i64::from((how / 16).is_multiple_of(4));
    (exactly - early).max(world.now)
}

/// A job among those that fit, mostly; sometimes any, and sometimes one that is not there.
pub fn job_like(world: &World, about: Pick, fits: impl Fn(JobNo) -> bool) -> Option<JobNo> {
    let fitting: Vec<JobNo> = (0..world.jobs.len()).filter(|job| fits(*job)).collect();
    match about % 16 {
        15 if about % 64 == 63 || world.jobs.is_empty() => None,
        15 => Some(usize::from(about / 16) % world.jobs.len()),
        _ if !fitting.is_empty() => Some(pick(&fitting, about / 16)),
        _ if world.jobs.is_empty() => None,
        _ => Some(usize::from(about / 16) % world.jobs.len()),
    }
}
