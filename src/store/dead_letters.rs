//! Jobs that nobody tries again by themselves, and what a person does about them.

use uuid::Uuid;

use super::statement::sql;
use super::{Result, Store};
use crate::domain::{DeadLetter, DeadLetterCell, JobId, JobKind, Outcome};

/// Which dead letters to list: a cell of the grid, or all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    pub error_code: Option<String>,
    pub job_kind: Option<JobKind>,
    pub channel_kind: Option<String>,
}

/// How a dead letter is put back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Retry {
    /// The person knows that the reply did not reach the customer.
    pub may_have_left: bool,
    /// A registered code; needed from the fourth time on.
    pub reason: Option<String>,
    /// When its turn is, from now.
    pub after_seconds: i32,
}

impl Store {
    /// Newest first.
    pub async fn dead_letters(&self, cell: &Cell, limit: i64) -> Result<Vec<DeadLetter>> {
        self.statement(sql!("dead_letters"))
            .bind(&cell.error_code)
            .bind(cell.job_kind.map(JobKind::as_str))
            .bind(&cell.channel_kind)
            .bind(limit)
            .rows()
            .await
    }

    /// How many there are per error code, kind and channel, by age; the largest first.
    pub async fn dead_letter_grid(&self) -> Result<Vec<DeadLetterCell>> {
        self.statement(sql!("dead_letter_grid")).rows().await
    }

    /// Puts a job back. A send whose effect is unknown is put back only by who says that it has not left.
    pub async fn retry_dead_letter(&self, job: JobId, may_have_left: bool, command_id: Uuid) -> Result<Outcome> {
        self.retry_dead_letter_again(job, &Retry { may_have_left, ..Retry::default() }, command_id).await
    }

    /// The same, later than at once, or with the reason that the database asks for the fourth time.
    pub async fn retry_dead_letter_again(&self, job: JobId, how: &Retry, command_id: Uuid) -> Result<Outcome> {
        self.statement(sql!("dead_letter_retry"))
            .bind(job.0)
            .bind(how.may_have_left)
            .bind(&how.reason)
            .bind(how.after_seconds)
            .bind(command_id.to_string())
            .answer()
            .await
    }

    pub async fn discard_dead_letter(&self, job: JobId, reason: &str, command_id: Uuid) -> Result<Outcome> {
        self.statement(sql!("dead_letter_discard")).bind(job.0).bind(reason).bind(command_id.to_string()).answer().await
    }

    /// Records that a send whose effect was unknown did reach the customer.
    pub async fn confirm_sent(&self, job: JobId, provider_ref: &str, command_id: Uuid) -> Result<Outcome> {
        self.statement(sql!("confirm_sent")).bind(job.0).bind(provider_ref).bind(command_id.to_string()).answer().await
    }
}
