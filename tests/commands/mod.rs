//! The real binary on a private cluster: what it prints, what it leaves behind, and with which code it exits.

#[cfg(target_os = "linux")]
mod auditing;
mod executor;
mod export;
mod forgetting;
mod handover;
mod home;
mod hours;
mod import;
mod refusals;
mod review;
mod setup;
mod status;
mod trace;
mod vault;
