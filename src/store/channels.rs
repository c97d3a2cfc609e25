//! How sends do on each channel, holds over them, and work that nobody takes.

use super::statement::sql;
use super::{Error, Result, Store};
use crate::domain::{Alerts, ChannelHealth, Unattended};

impl Store {
    /// By the agency's rule of what makes an outage; a row for each agency that this login sees and each channel.
    pub async fn channel_health(&self) -> Result<Vec<ChannelHealth>> {
        self.statement(sql!("channel_health")).rows().await
    }

    /// Kinds with ready work that nobody claimed for a while.
    pub async fn unattended(&self) -> Result<Vec<Unattended>> {
        self.statement(sql!("unattended")).rows().await
    }

    /// What everybody should know. A monitor counts and sees no holds.
    pub async fn alerts(&self) -> Result<Alerts> {
        let (channels, unattended, holds) = tokio::join!(self.channel_health(), self.unattended(), self.holds());
        let holds = match holds {
            Err(Error::NotAllowed { .. }) => Vec::new(),
            holds => holds?,
        };
        Ok(Alerts { channels: channels?, holds, unattended: unattended? })
    }
}
