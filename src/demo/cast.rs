//! Who takes part in the demo, and with what rights.

use super::conversations::Channel;
use crate::domain::{JobKind, Role};
use crate::session::{Executor, Founding, Producer, Staff};

/// The organisation whose conversations these are.
pub const AGENCY: &str = "acme";

/// Where its pages are: a link to it is trusted, and one that only begins with it is not.
pub const HOST: &str = "acme-cards.example";

/// The person at the dashboard, with every role that opens a screen.
pub const REVIEWER: &str = "demo_reviewer";
/// A colleague.
pub const ADA: &str = "demo_ada";
/// A senior colleague, who takes what is handed up.
pub const BO: &str = "demo_bo";
/// Brings everything in.
pub const INTAKE: &str = "demo_intake";
pub const CLASSIFIER: &str = "demo_classifier";
pub const DRAFTER: &str = "demo_drafter";
/// One sender per channel.
pub const SENDERS: [(Channel, &str); 3] =
    [(Channel::Email, "demo_mailer"), (Channel::Webchat, "demo_chatter"), (Channel::Sms, "demo_texter")];

pub fn founding() -> Founding {
    let channels = SENDERS.map(|(channel, _)| channel);
    let senders = SENDERS.map(|(channel, login)| executor(login, &[JobKind::Send], &[channel]));
    let mut executors = vec![
        executor(CLASSIFIER, &[JobKind::Inbound, JobKind::Classify, JobKind::Followup], &channels),
        executor(DRAFTER, &[JobKind::Draft], &channels),
    ];
    executors.extend(senders);
    Founding {
        environment: "demo",
        agencies: vec![AGENCY.to_owned()],
        producers: vec![Producer { login: INTAKE.to_owned() }],
        executors,
        staff: vec![
            staff(ADA, &[Role::Reviewer]),
            staff(BO, &[Role::Reviewer, Role::SeniorReviewer, Role::TeamLead]),
            staff(
                REVIEWER,
                &[
                    Role::Reviewer,
                    Role::SeniorReviewer,
                    Role::TeamLead,
                    Role::Oncall,
                    Role::Operator,
                    Role::WorkflowAdmin,
                ],
            ),
        ],
    }
}

fn executor(login: &str, kinds: &[JobKind], channels: &[Channel]) -> Executor {
    let channels = channels.iter().map(|channel| channel.as_str().to_owned()).collect();
    Executor { login: login.to_owned(), kinds: kinds.to_vec(), channels }
}

fn staff(login: &str, roles: &[Role]) -> Staff {
    Staff { login: login.to_owned(), agency: Some(AGENCY.to_owned()), roles: roles.to_vec() }
}
