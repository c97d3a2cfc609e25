//! Everyone who takes part in the demo, each in a task under a login of their own, through the public calls only.

pub mod channels;
pub mod desk;
pub mod executors;
pub mod producers;
pub mod reviewers;
pub mod worker;

use std::sync::Arc;

use tokio::task::JoinSet;

use self::channels::{Outage, Provider, Weather};
use self::desk::{Desk, Office};
use self::executors::{Classifier, Drafter, Sender, Sweeper};
use self::producers::Customers;
use self::reviewers::Reviewer;
use self::worker::{Stop, StopSender, Worker, work};
use super::cast;
use super::chance::Chance;
use super::conversations::Channel;
use super::stage::Demo;
use crate::session::Result;

/// Traffic that flows until it is stopped. Dropping it stops it too, without waiting.
pub struct Traffic {
    stop: StopSender,
    tasks: JoinSet<()>,
}

/// Deals the samples so that every decision is asked for early on.
pub(super) const CUSTOMERS: u64 = 26;

/// So many drafts are written at a time.
const DRAFTERS: u64 = 3;

impl Traffic {
    /// Lets everyone begin: customers, programs, and as reviewers those who have these logins.
    pub(super) async fn start(demo: &Demo, office: &Arc<Office>, reviewers: &[&str]) -> Result<Traffic> {
        Traffic::start_under(demo, office, reviewers, None).await
    }

    /// The same, where `steered` alone says when SMS is out of order, and nothing else fails at any provider.
    pub(super) async fn start_under(
        demo: &Demo,
        office: &Arc<Office>,
        reviewers: &[&str],
        steered: Option<Outage>,
    ) -> Result<Traffic> {
        let (sender, stop) = StopSender::new();
        let mut traffic = Traffic { stop: sender, tasks: JoinSet::new() };
        let pace = &office.pace;

        let intake = demo.desk(cast::INTAKE, office, &stop).await?;
        traffic.add(Customers::new(intake, Chance::new(CUSTOMERS)), &stop);

        let classifier = demo.desk(cast::CLASSIFIER, office, &stop).await?;
        traffic.add(Sweeper { desk: classifier.clone() }, &stop);
        traffic.add(Classifier { desk: classifier, chance: Chance::new(2) }, &stop);

        let drafter = demo.desk(cast::DRAFTER, office, &stop).await?;
        for seed in 0..DRAFTERS {
            traffic.add(Drafter { desk: drafter.clone(), chance: Chance::new(10 + seed) }, &stop);
        }

        let outage = steered.clone().unwrap_or_default();
        if steered.is_none() {
            let weather = (pace.outage_every.clone(), pace.outage_lasts.clone());
            traffic.add(Weather::new(outage.clone(), weather.0, weather.1, Chance::new(3)), &stop);
        }
        for (channel, login) in cast::SENDERS {
            let desk = demo.desk(login, office, &stop).await?;
            let sender = sender_of(desk, channel, &outage);
            let sender = if steered.is_none() { sender } else { sender.steady() };
            traffic.add(sender, &stop);
        }

        for (seed, login) in (30..).zip(reviewers) {
            let desk = demo.desk(login, office, &stop).await?;
            traffic.add(Reviewer::new(desk, Chance::new(seed)), &stop);
        }
        Ok(traffic)
    }

    /// Lets everyone finish the piece of work in hand, without its pauses, and waits for them.
    pub async fn stop(mut self) {
        self.stop.stop();
        while self.tasks.join_next().await.is_some() {}
    }

    fn add(&mut self, worker: impl Worker, stop: &Stop) {
        self.tasks.spawn(work(worker, stop.clone()));
    }
}

fn sender_of(desk: Desk, channel: Channel, outage: &Outage) -> Sender {
    let seed = 20 + channel as u64;
    let provider = Provider::new(channel, outage.clone(), Chance::new(seed));
    Sender { desk, chance: Chance::new(seed), provider }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::catalogue::Catalogue;
    use crate::demo::conversations::Verdict;

    #[test]
    fn the_first_conversations_ask_for_every_decision_on_every_channel() {
        let mut deck = Catalogue::new().deck(&mut Chance::new(CUSTOMERS));
        let first = deck.split_off(deck.len() - 20);
        for verdict in [Verdict::Approve, Verdict::Reject, Verdict::Escalate] {
            let asking = first.iter().filter(|sample| sample.verdict == verdict).count();
            assert!(asking >= 4, "{asking} of the first ask for {verdict:?}");
        }
        for (channel, _) in cast::SENDERS {
            assert!(first.iter().filter(|sample| sample.channel_kind == channel).count() >= 4);
        }
    }
}
