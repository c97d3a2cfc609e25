//! Sample conversations and simulated traffic.

pub mod conversations;
