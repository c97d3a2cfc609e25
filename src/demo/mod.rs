//! Sample conversations and simulated traffic.
