//! What everybody should know whatever they look at: channels that fail, holds that stand, work that nobody takes.

use serde::{Deserialize, Serialize};

use super::{ChannelHealth, Hold, Unattended};

/// As the login sees it, all agencies together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Alerts {
    pub channels: Vec<ChannelHealth>,
    /// The newest first.
    pub holds: Vec<Hold>,
    pub unattended: Vec<Unattended>,
}

impl Alerts {
    /// Channels that are suspected to be out, the most failures first. What is held already is no news.
    pub fn outages(&self) -> Vec<&ChannelHealth> {
        let mut outages: Vec<_> =
            self.channels.iter().filter(|channel| channel.suspected && !channel.is_held).collect();
        outages.sort_by_key(|channel| std::cmp::Reverse(channel.failed));
        outages
    }
}
