//! What is arranged for one customer: sign-offs, and being forgotten.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::statement::sql;
use super::{Result, Store};
use crate::domain::Outcome;

/// One half of a dispensation: a customer who may be answered without an approval for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOff {
    pub customer_ref: String,
    pub signed_by: String,
    pub signed_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub revoked_by: Option<String>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A sign-off taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Whether nobody can still commit the start of a send by it.
    #[serde(default)]
    pub settled: bool,
    /// The logins of whoever could.
    #[serde(default)]
    pub under_way: Vec<String>,
}

/// What was forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    #[serde(flatten)]
    pub outcome: Outcome,
    #[serde(default)]
    pub conversations: i64,
    /// Messages whose bodies are gone.
    #[serde(default)]
    pub messages: i64,
    /// Jobs that waited and were cancelled.
    #[serde(default)]
    pub cancelled: i64,
}

impl Store {
    /// This customer may be answered without an approval until then, as long as the platform's switch allows it.
    pub async fn sign_off_customer(
        &self,
        customer_ref: &str,
        expires_at: DateTime<Utc>,
        command_id: Uuid,
    ) -> Result<Outcome> {
        self.statement(sql!("sign_off_customer"))
            .bind(customer_ref)
            .bind(expires_at.to_rfc3339_opts(SecondsFormat::Micros, true))
            .bind(command_id.to_string())
            .answer()
            .await
    }

    pub async fn revoke_sign_off(&self, customer_ref: &str, command_id: Uuid) -> Result<Revoked> {
        self.statement(sql!("revoke_sign_off")).bind(customer_ref).bind(command_id.to_string()).answer().await
    }

    /// The sign-offs of the own agency, the newest first. For a workflow_admin; refused with an outcome otherwise.
    pub async fn sign_offs(&self) -> Result<std::result::Result<Vec<SignOff>, Outcome>> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(flatten)]
            outcome: Outcome,
            sign_offs: Option<Vec<SignOff>>,
        }
        let answer: Answer = self.statement(sql!("sign_offs")).answer().await?;
        Ok(answer.sign_offs.ok_or(answer.outcome))
    }

    /// Empties every body and reference of a customer of the own agency, for good. Backups are out of reach.
    pub async fn erase_customer(&self, customer_ref: &str, command_id: Uuid) -> Result<Erased> {
        self.statement(sql!("erase_customer")).bind(customer_ref).bind(command_id.to_string()).answer().await
    }
}
