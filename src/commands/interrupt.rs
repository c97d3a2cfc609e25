//! Ctrl-C and what stops a service, for commands that take a while: ending in order leaves no private server running behind.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// From its making on, neither ends the process by itself.
pub struct Interrupt {
    interrupted: Signal,
    terminated: Signal,
}

impl Interrupt {
    pub fn listen() -> io::Result<Interrupt> {
        Ok(Interrupt { interrupted: signal(SignalKind::interrupt())?, terminated: signal(SignalKind::terminate())? })
    }

    /// Waits for either. One that came since the making is heard as well.
    pub async fn heard(&mut self) {
        tokio::select! {
            _ = self.interrupted.recv() => {}
            _ = self.terminated.recv() => {}
        }
    }
}
