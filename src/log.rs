//! The program's log: a file, never the terminal. Messages and fields of ours only, never a payload.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Mutex;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Sends what is logged from here on to the end of this file, which only its owner can read.
///
/// What libraries log stays out: a driver may quote what the server says, and the server may quote a row.
pub fn to_file(path: &Path) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    let ours = Targets::new().with_target("countersign", LevelFilter::INFO);
    let lines = fmt().with_writer(Mutex::new(file)).with_ansi(false).with_max_level(LevelFilter::INFO).finish();
    lines.with(ours).try_init().map_err(io::Error::other)
}
