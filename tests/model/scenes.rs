//! How a history may begin: a few calls that lead where promises are easily broken, so that chance has a short way. They are
//! predicted and compared like all others.

use countersign::domain::JobKind;

use super::calls::Call;
use super::choose::{Step, ask, conversation_id};
use super::choose_onward::read;
use super::people::{Who, executors};
use super::settings::Setting;
use super::world::{Codes, JobNo, Way, World};

type Move = fn(&mut World) -> Step;

/// Every scene, the empty one too.
pub const SCENES: &[&[Move]] = &[
    &[],
    // A send waits until its approval cannot be undone any more.
    &[submit, take, approve],
    // A send runs.
    &[submit, take, approve, wait, claim, start],
    // The customer writes again before a claim, before a start; the program is taken off the list in between.
    &[submit, take, approve, write, wait, claim],
    &[submit, take, approve, wait, claim, write, start],
    &[submit, take, approve, wait, claim, take_off_acme, start],
    // A send comes to its second try; or is held before.
    &[submit, take, approve, wait, claim, start, lose_touch, wait, claim],
    &[submit, take, approve, wait, claim, start, lose_touch, hold_channel],
    // A send loses one worker after the other.
    &[submit, take, approve, wait, claim, vanish, sweep, wait, claim, vanish, sweep],
    // A send may have left.
    &[submit, take, approve, wait, claim, start, lose_the_provider],
    // A send waits by a dispensation and nobody's approval.
    &[switch_on, sign_off, follow_up, claim, start, complete, claim, start, put, complete],
    // Somebody asked the next tier.
    &[submit, take, escalate, wait],
    // Who asked the next tier belongs to it.
    &[submit, let_max_take, escalate, wait, let_max_take_over],
    // Another draft came in after that.
    &[submit, take, escalate, submit],
    // Who edited a draft has it before them again.
    &[submit, take, revise, take],
    // Who edited a draft passes it on.
    &[submit, take, revise, let_bo_take],
    // The next tier takes no more.
    &[one_at_a_time, submit_in_doubt, submit_in_doubt_elsewhere],
    // An approval soon grows old.
    &[impatient, submit, take, approve, wait],
    // What would be enqueued is switched off.
    &[questions_off, submit],
    &[submit, take, sends_off, approve],
    // Who gave a question back asks for the next one.
    &[submit, submit_elsewhere, let_bo_take, give_back, let_bo_take],
    // Two holds cover a question.
    &[submit, hold_channel, hold_kind],
    // A question that is read is pointed at another draft, or the customer writes again.
    &[submit, take, submit],
    &[submit, take, inbound],
];

fn newest(world: &World) -> JobNo {
    world.jobs.len().saturating_sub(1)
}

fn holder(world: &World) -> Who {
    world.jobs.last().and_then(|job| job.lease.as_ref()).map_or("exe", |lease| lease.owner)
}

fn token(world: &World) -> i64 {
    world.jobs.last().map_or(1, |job| job.token)
}

fn submit_with(world: &mut World, conversation: usize, confidence: Option<i64>) -> Step {
    let draft = world.fresh_id();
    let submit = Call::SubmitDraft {
        conversation: conversation_id(conversation),
        draft,
        author: "drafter",
        codes: Codes { confidence, ..Codes::default() },
        priority: None,
        due: None,
        revises: None,
    };
    ask(world, "prod", submit)
}

fn submit(world: &mut World) -> Step {
    submit_with(world, 0, None)
}

fn submit_elsewhere(world: &mut World) -> Step {
    submit_with(world, 1, None)
}

fn submit_in_doubt(world: &mut World) -> Step {
    submit_with(world, 0, Some(200))
}

fn submit_in_doubt_elsewhere(world: &mut World) -> Step {
    submit_with(world, 1, Some(200))
}

fn inbound(world: &mut World) -> Step {
    let (conversation, message) = (conversation_id(0), world.fresh_id());
    let inbound = Call::StoreInbound { conversation, message, codes: Codes::default(), priority: None, due: None };
    ask(world, "prod", inbound)
}

/// Without a job of its own.
fn write(world: &mut World) -> Step {
    let (conversation, message) = (conversation_id(0), world.fresh_id());
    ask(world, "prod", Call::StoreHistory { conversation, message, way: Way::Inbound })
}

/// The executor is registered for another agency only.
fn take_off_acme(world: &mut World) -> Step {
    let mut whitelist = executors()["exe"].clone();
    whitelist.agencies = vec!["globex"];
    ask(world, "pad", Call::RegisterExecutor { login: "exe", whitelist })
}

fn follow_up(world: &mut World) -> Step {
    let not_before = world.now;
    let follow_up = Call::ScheduleFollowup { conversation: conversation_id(0), not_before, priority: None };
    ask(world, "prod", follow_up)
}

fn take(world: &mut World) -> Step {
    let job = newest(world);
    ask(world, "ada", Call::ClaimReview { job: Some(Some(job)) })
}

fn let_bo_take(world: &mut World) -> Step {
    ask(world, "bo", Call::ClaimReview { job: None })
}

fn give_back(world: &mut World) -> Step {
    let taken = world.readings.last().map(|reading| (reading.job, reading.pin.token));
    let (job, token) = taken.unwrap_or((newest(world), 1));
    ask(world, "bo", Call::Skip { job: Some(job), token })
}

fn let_max_take(world: &mut World) -> Step {
    ask(world, "max", Call::ClaimReview { job: None })
}

fn let_max_take_over(world: &mut World) -> Step {
    let job = Some(newest(world));
    ask(world, "max", Call::TakeEscalation { job })
}

fn approve(world: &mut World) -> Step {
    let (job, who) = (newest(world), holder(world));
    let pin = read(world, who, job);
    ask(world, who, Call::Approve { job: Some(job), pin })
}

fn escalate(world: &mut World) -> Step {
    let (job, who) = (newest(world), holder(world));
    let pin = read(world, who, job);
    ask(world, who, Call::Escalate { job: Some(job), pin })
}

fn revise(world: &mut World) -> Step {
    let (job, who) = (newest(world), holder(world));
    let (pin, revision) = (read(world, who, job), world.fresh_id());
    ask(world, who, Call::Revise { job: Some(job), pin, revision })
}

/// Until the newest job is due.
fn wait(world: &mut World) -> Step {
    Step::WaitUntil(world.jobs[newest(world)].process_after)
}

fn claim(world: &mut World) -> Step {
    let kinds = vec![world.jobs[newest(world)].kind];
    ask(world, "exe", Call::ClaimJobs { kinds, limit: 1 })
}

fn start(world: &mut World) -> Step {
    let (job, token) = (Some(newest(world)), token(world));
    ask(world, "exe", Call::StartJob { job, token })
}

fn put(world: &mut World) -> Step {
    let (job, token, draft) = (Some(newest(world)), token(world), world.fresh_id());
    ask(world, "exe", Call::PutDraft { job, token, draft })
}

fn complete(world: &mut World) -> Step {
    let (job, token) = (newest(world), token(world));
    let made_for_it = world.messages.iter().find(|message| message.made_for == Some(job));
    let draft = made_for_it.and_then(|message| message.id);
    let found = Codes::default();
    let who = holder(world);
    ask(world, who, Call::CompleteJob { job: Some(job), token, found, draft, provider_ref: true })
}

fn vanish(world: &mut World) -> Step {
    let lease = world.jobs.last().and_then(|job| job.lease.as_ref());
    Step::WaitUntil(lease.map_or(world.now, |lease| lease.expires_at))
}

fn sweep(world: &mut World) -> Step {
    ask(world, "kai", Call::Sweep)
}

/// Nothing left.
fn lose_touch(world: &mut World) -> Step {
    let (job, token) = (Some(newest(world)), token(world));
    ask(world, "exe", Call::FailJob { job, token, code: "provider_unreachable" })
}

/// Perhaps it left.
fn lose_the_provider(world: &mut World) -> Step {
    let (job, token) = (Some(newest(world)), token(world));
    ask(world, "exe", Call::FailJob { job, token, code: "provider_timeout" })
}

fn switch_on(world: &mut World) -> Step {
    ask(world, "pad", Call::SetConfig { setting: Setting::SendWithoutApprove, value: 1 })
}

fn questions_off(world: &mut World) -> Step {
    ask(world, "pad", Call::SetConfig { setting: Setting::KindEnabled(JobKind::Approve), value: 0 })
}

fn sends_off(world: &mut World) -> Step {
    ask(world, "pad", Call::SetConfig { setting: Setting::KindEnabled(JobKind::Send), value: 0 })
}

fn sign_off(world: &mut World) -> Step {
    let expires_at = world.now + 20 * 60;
    ask(world, "wad", Call::SignOff { customer: 1, expires_at })
}

fn one_at_a_time(world: &mut World) -> Step {
    ask(world, "wad", Call::SetAgencyConfig { setting: Setting::EscalationOpenLimit, value: 1 })
}

fn impatient(world: &mut World) -> Step {
    ask(world, "wad", Call::SetAgencyConfig { setting: Setting::MaxApprovalAge, value: 60 })
}

fn hold_channel(world: &mut World) -> Step {
    ask(world, "kai", Call::PlaceHold { kind: None, channel: Some("email"), agency: None })
}

fn hold_kind(world: &mut World) -> Step {
    ask(world, "kim", Call::PlaceHold { kind: Some(JobKind::Approve), channel: None, agency: None })
}
