//! How sends do on each channel.

use super::statement::sql;
use super::{Result, Store};
use crate::domain::ChannelHealth;

impl Store {
    /// By the agency's rule of what makes an outage; a row for each agency that this login sees and each channel.
    pub async fn channel_health(&self) -> Result<Vec<ChannelHealth>> {
        self.statement(sql!("channel_health")).rows().await
    }
}
