//! Sample conversations and simulated traffic: everything can be tried without a customer, a provider or a colleague.
//!
//! The demo has a database, a key ring and logins of its own in the private cluster. Those who take part (see [`cast`])
//! go through the public calls under their own logins, so that what the dashboard shows is what real programs would
//! make. [`prepare`] gets the database ready, [`Demo::start_traffic`] lets a day begin beside a dashboard, and
//! [`headless`](headless::run) plays without one, counts, and looks whether the promises of the contract held.

pub mod cast;
pub mod catalogue;
pub mod chance;
pub mod conversations;
pub mod headless;
mod opening;
pub mod outage;
pub mod pace;
mod practice;
mod promises;
mod stage;
pub mod tally;
pub mod traffic;

pub use stage::{Demo, prepare, prepare_practice};
pub use traffic::Traffic;

use self::pace::Pace;
use self::traffic::worker::StopSender;
use crate::session::Result;

impl Demo {
    /// Sets the scene, then lets the traffic flow until it is stopped. Two colleagues decide some of what waits and
    /// leave the rest.
    pub async fn start_traffic(&self) -> Result<Traffic> {
        let (_sender, stop) = StopSender::new();
        opening::open(self, &self.office(Pace::AT_ONCE), &stop).await?;
        Traffic::start(self, &self.office(Pace::LIVE), &[cast::ADA, cast::BO]).await
    }
}
