//! The providers behind the channels, as unreliable as real ones.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use uuid::Uuid;

use super::worker::Worker;
use crate::demo::chance::Chance;
use crate::demo::conversations::Channel;
use crate::domain::JobId;
use crate::session::Result;

/// What became of one attempt to deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    Delivered { provider_ref: String },
    Failed { error_code: &'static str },
}

/// Takes messages of one channel.
pub struct Provider {
    channel: Channel,
    chance: Chance,
    outage: Outage,
    /// It never fails but during an outage.
    is_steady: bool,
}

/// What providers say that they delivered, by the job that they did it for.
#[derive(Debug, Clone, Default)]
pub struct Deliveries(Arc<Mutex<HashMap<JobId, u32>>>);

impl Deliveries {
    pub fn note(&self, job: JobId) {
        *self.0.lock().expect("nobody breaks while they hold it").entry(job).or_default() += 1;
    }

    /// How often this job's message was delivered.
    pub fn of(&self, job: JobId) -> u32 {
        self.0.lock().expect("nobody breaks while they hold it").get(&job).copied().unwrap_or_default()
    }

    /// Messages that were delivered more than once.
    pub fn doubled(&self) -> usize {
        self.0.lock().expect("nobody breaks while they hold it").values().filter(|times| **times > 1).count()
    }
}

/// Whether the SMS provider is out of order.
#[derive(Debug, Clone, Default)]
pub struct Outage(Arc<AtomicBool>);

impl Outage {
    pub fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub fn set(&self, on: bool) {
        self.0.store(on, Ordering::Relaxed);
    }
}

/// How often in a hundred a provider fails, and how. A time-out leaves open whether the message left.
const USUALLY: [(Channel, &[(usize, &str)]); 3] = [
    (Channel::Email, &[(2, "rate_limited"), (1, "invalid_recipient")]),
    (Channel::Webchat, &[(1, "provider_unreachable")]),
    (Channel::Sms, &[(12, "provider_unreachable"), (4, "provider_timeout"), (2, "provider_rejected")]),
];
const DURING_AN_OUTAGE: &[(usize, &str)] = &[(90, "provider_unreachable"), (10, "provider_timeout")];

impl Provider {
    /// `outage` concerns SMS only.
    pub fn new(channel: Channel, outage: Outage, chance: Chance) -> Self {
        Provider { channel, chance, outage, is_steady: false }
    }

    /// The same, but for outages nothing fails.
    pub fn steady(self) -> Self {
        Provider { is_steady: true, ..self }
    }

    pub fn deliver(&mut self) -> Delivery {
        let failures = match self.channel {
            Channel::Sms if self.outage.is_on() => DURING_AN_OUTAGE,
            _ if self.is_steady => &[],
            channel => USUALLY.iter().find(|(of, _)| *of == channel).map_or(&[][..], |(_, failures)| failures),
        };
        let mut drawn = self.chance.below(100);
        for (share, error_code) in failures {
            if drawn < *share {
                return Delivery::Failed { error_code };
            }
            drawn -= share;
        }
        Delivery::Delivered { provider_ref: provider_ref(self.channel) }
    }
}

/// The provider's own number for a message, different every time.
pub fn provider_ref(channel: Channel) -> String {
    format!("{}-{}", channel.as_str(), Uuid::new_v4().simple())
}

/// Lets the SMS provider fail altogether for a while, now and then.
pub struct Weather {
    outage: Outage,
    every: Range<Duration>,
    lasts: Range<Duration>,
    chance: Chance,
    is_first: bool,
}

impl Weather {
    pub fn new(outage: Outage, every: Range<Duration>, lasts: Range<Duration>, chance: Chance) -> Self {
        Weather { outage, every, lasts, chance, is_first: true }
    }
}

impl Worker for Weather {
    fn name(&self) -> &'static str {
        "the SMS provider"
    }

    async fn turn(&mut self) -> Result<Duration> {
        let begins = !std::mem::take(&mut self.is_first) && !self.outage.is_on();
        self.outage.set(begins);
        Ok(self.chance.within(if begins { &self.lasts } else { &self.every }))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn failures_of_a_thousand(channel: Channel, outage: bool) -> BTreeMap<&'static str, usize> {
        let switch = Outage::default();
        switch.set(outage);
        let mut provider = Provider::new(channel, switch, Chance::new(1));
        let mut failures = BTreeMap::new();
        for _ in 0..1000 {
            if let Delivery::Failed { error_code } = provider.deliver() {
                *failures.entry(error_code).or_default() += 1;
            }
        }
        failures
    }

    #[test]
    fn sms_fails_now_and_then_and_sometimes_leaves_open_whether_it_left() {
        let failures = failures_of_a_thousand(Channel::Sms, false);
        assert!((50..300).contains(&failures.values().sum::<usize>()), "{failures:?}");
        assert!(failures["provider_unreachable"] > failures["provider_timeout"]);
    }

    #[test]
    fn an_outage_stops_sms_and_nothing_else() {
        assert_eq!(failures_of_a_thousand(Channel::Sms, true).values().sum::<usize>(), 1000);
        for channel in [Channel::Email, Channel::Webchat] {
            assert_eq!(failures_of_a_thousand(channel, true), failures_of_a_thousand(channel, false));
            assert!(failures_of_a_thousand(channel, true).values().sum::<usize>() < 100);
        }
    }

    #[test]
    fn no_two_messages_have_the_same_number() {
        assert_ne!(provider_ref(Channel::Sms), provider_ref(Channel::Sms));
    }

    #[tokio::test]
    async fn outages_come_and_go() {
        let outage = Outage::default();
        let second = Duration::from_secs(1)..Duration::from_secs(2);
        let minute = Duration::from_secs(60)..Duration::from_secs(90);
        let mut weather = Weather::new(outage.clone(), minute.clone(), second.clone(), Chance::new(2));
        for expected in [false, true, false, true] {
            let rest = weather.turn().await.unwrap();
            assert_eq!(outage.is_on(), expected);
            assert!(if expected { &second } else { &minute }.contains(&rest));
        }
    }
}
