//! What waits and how near its deadline is.

use super::statement::sql;
use super::{Result, Store};
use crate::domain::{Backlog, KindPressure};

impl Store {
    /// All seven kinds, summed over the agencies that this login sees.
    pub async fn backlog(&self) -> Result<Backlog> {
        Ok(Backlog::complete(self.statement(sql!("backlog")).rows().await?))
    }

    /// The kinds in the order in which a message passes through them.
    pub async fn pressure(&self) -> Result<Vec<KindPressure>> {
        self.statement(sql!("pressure")).rows().await
    }
}
