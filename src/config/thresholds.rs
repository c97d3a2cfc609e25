//! From when on `status` warns. Shipped values suit one small team.

use std::time::Duration;

use serde::{Deserialize, Deserializer};

use crate::domain::duration;

/// Reaching a number is enough.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// Open jobs past their deadline.
    pub breached_warning: i64,
    pub breached_critical: i64,
    pub dead_letters_warning: i64,
    pub dead_letters_critical: i64,
    /// How long the oldest job that could be worked on has waited.
    #[serde(deserialize_with = "span")]
    pub oldest_ready_warning: Duration,
    #[serde(deserialize_with = "span")]
    pub oldest_ready_critical: Duration,
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds {
            breached_warning: 1,
            breached_critical: 10,
            dead_letters_warning: 1,
            dead_letters_critical: 20,
            oldest_ready_warning: Duration::from_secs(60 * 60),
            oldest_ready_critical: Duration::from_secs(4 * 60 * 60),
        }
    }
}

fn span<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    duration::parse(&text).map_err(serde::de::Error::custom)
}
