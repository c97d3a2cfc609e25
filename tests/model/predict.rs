//! What a call must answer and change, by the contract. One file per kind of caller; this one keeps what all share: the
//! first answer to a command is the answer for ever.

use super::calls::{Asked, Call, Reply};
use super::world::World;

/// Changes the world as the call must and says what it must answer.
pub fn predict(world: &mut World, asked: &Asked) -> Reply {
    world.events.clear();
    let reply = reply(world, asked);
    if let Reply::Answered(answer) = &reply
        && asked.call.has_command()
    {
        world.answers.push((asked.clone(), (**answer).clone()));
    }
    reply
}

fn reply(world: &mut World, asked: &Asked) -> Reply {
    match &asked.call {
        Call::OpenConversation { .. }
        | Call::StoreInbound { .. }
        | Call::StoreHistory { .. }
        | Call::SubmitDraft { .. }
        | Call::ScheduleFollowup { .. } => super::predict_producer::reply(world, asked),
        Call::ClaimJobs { .. }
        | Call::StartJob { .. }
        | Call::PutDraft { .. }
        | Call::CompleteJob { .. }
        | Call::FailJob { .. } => super::predict_executor::reply(world, asked),
        Call::ExtendLease { .. } | Call::ReleaseJob { .. } | Call::OpenBody { .. } => {
            super::predict_holder::reply(world, asked)
        }
        Call::ClaimReview { .. }
        | Call::Approve { .. }
        | Call::Reject { .. }
        | Call::Escalate { .. }
        | Call::Revise { .. }
        | Call::Skip { .. }
        | Call::ForceRelease { .. } => super::predict_review::reply(world, asked),
        Call::Undo { .. } | Call::TakeEscalation { .. } => super::predict_second_look::reply(world, asked),
        Call::RetryDeadLetter { .. }
        | Call::DiscardDeadLetter { .. }
        | Call::ConfirmSent { .. }
        | Call::RetryNow { .. }
        | Call::Cancel { .. }
        | Call::PlaceHold { .. }
        | Call::Resume { .. }
        | Call::Sweep => super::predict_oncall::reply(world, asked),
        Call::SignOff { .. }
        | Call::RevokeSignOff { .. }
        | Call::SetAgencyConfig { .. }
        | Call::SetConfig { .. }
        | Call::OrderOfReview { .. }
        | Call::RegisterExecutor { .. }
        | Call::RevokeLogin { .. } => super::predict_admin::reply(world, asked),
    }
}
