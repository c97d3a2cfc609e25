//! How sends do on each channel, and work that nobody takes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::JobKind;

/// Sends of one agency on one channel: what was tried within the window, and what waits now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelHealth {
    pub agency: String,
    pub channel_kind: String,
    /// Attempts within the window that got through.
    pub done: i64,
    /// Attempts within the window that failed, whether they are tried again or not.
    pub failed: i64,
    /// `failed` of all, from 0 to 1; none where nothing was tried.
    pub share: Option<f64>,
    /// When the failures began that go on, a day back at most.
    pub since: Option<DateTime<Utc>>,
    /// The code that most of the failures carry.
    pub leading_error: Option<String>,
    /// The rule says so.
    pub suspected: bool,
    pub ready: i64,
    pub retry_waiting: i64,
    /// Leased or running.
    pub under_way: i64,
    /// Paused.
    pub held: i64,
    /// A standing hold covers the sends of this channel.
    pub is_held: bool,
    /// When the reply that waits longest was approved.
    pub oldest_at: Option<DateTime<Utc>>,
    pub rule: OutageRule,
}

/// When a channel is suspected to be out: of at least so many attempts within the window, at least this share failed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct OutageRule {
    pub window_seconds: i32,
    pub least_attempts: i64,
    /// From 0 to 1.
    pub least_share: f64,
}

impl ChannelHealth {
    /// Whether there is anything to be said about it.
    pub fn is_used(&self) -> bool {
        self.tried() + self.ready + self.retry_waiting + self.under_way + self.held > 0 || self.is_held
    }

    /// Attempts within the window.
    pub fn tried(&self) -> i64 {
        self.done + self.failed
    }

    /// `send/sms`.
    pub fn name(&self) -> String {
        format!("send/{}", self.channel_kind)
    }

    /// How much failed of how much, in which time: `11 of 12 failed in 5 m`.
    pub fn numbers(&self) -> String {
        format!("{} of {} failed in {}", self.failed, self.tried(), self.rule.window())
    }
}

impl OutageRule {
    /// `5 m`, `90 s`.
    pub fn window(&self) -> String {
        match self.window_seconds {
            seconds if seconds % 60 == 0 => format!("{} m", seconds / 60),
            seconds => format!("{seconds} s"),
        }
    }

    /// `50% of at least 10 in 5 m`.
    pub fn as_words(&self) -> String {
        let OutageRule { least_attempts, least_share, .. } = self;
        format!("{:.0}% of at least {least_attempts} in {}", least_share * 100.0, self.window())
    }
}

/// A kind with ready work that nobody takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unattended {
    pub agency: String,
    pub job_kind: JobKind,
    pub ready: i64,
    pub oldest_ready_at: DateTime<Utc>,
    /// None was claimed for so long at least.
    pub after_seconds: i32,
}

/// A channel that fails, for tests.
#[cfg(test)]
pub(crate) fn sms() -> ChannelHealth {
    ChannelHealth {
        agency: "acme".to_owned(),
        channel_kind: "sms".to_owned(),
        done: 1,
        failed: 11,
        share: Some(0.917),
        since: None,
        leading_error: Some("provider_unreachable".to_owned()),
        suspected: true,
        ready: 9,
        retry_waiting: 4,
        under_way: 2,
        held: 0,
        is_held: false,
        oldest_at: None,
        rule: OutageRule { window_seconds: 300, least_attempts: 10, least_share: 0.5 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_is_said_in_the_words_that_a_person_would_use() {
        let rule = OutageRule { window_seconds: 300, least_attempts: 10, least_share: 0.5 };
        assert_eq!(rule.as_words(), "50% of at least 10 in 5 m");
        assert_eq!(OutageRule { window_seconds: 90, ..rule }.window(), "90 s");
    }
}
