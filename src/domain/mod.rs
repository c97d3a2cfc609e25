//! The words and rules of review: jobs, statuses, deadlines, decisions.
//!
//! Plain values and the rules between them. Knows nothing of screens, SQL, keys or the clock: time comes in as an
//! argument. The database enforces the rules; what is mirrored here is only what has to be shown.

pub mod activity;
pub mod alerts;
pub mod audit;
pub mod backlog;
pub mod channel;
pub mod conversation;
pub mod dead_letter;
pub mod duration;
pub mod filter;
pub mod forecast;
pub mod handover;
pub mod history;
pub mod hold;
pub mod hours;
pub mod job;
pub mod lesson;
pub mod payload_ref;
pub mod review;
pub mod role;
pub mod situation;
pub mod sla;
pub mod status;
pub mod zone;

pub use activity::Activity;
pub use alerts::Alerts;
pub use audit::AuditEntry;
pub use backlog::{Backlog, KindBacklog};
pub use channel::{ChannelHealth, OutageRule, Unattended};
pub use conversation::{Direction, Message, OpenedConversation};
pub use dead_letter::{DeadLetter, DeadLetterCell};
pub use filter::{Filter, Limit};
pub use forecast::{Forecast, KindForecast, Outlook};
pub use history::{Flow, History, Rates, TeamHour};
pub use hold::{Hold, HoldForecast, ResumeForecast, Scope, Trial};
pub use hours::BusinessHours;
pub use job::{Job, JobId, JobKind};
pub use payload_ref::PayloadRef;
pub use review::{Outcome, Pin, Waiting};
pub use role::{Principal, Role};
pub use situation::Situation;
pub use sla::{KindPressure, Pressure};
pub use status::Status;
