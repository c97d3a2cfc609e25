//! Who uses the cluster, told by two locked files.
//!
//! Everyone who initialises, starts, stops, joins or leaves holds `start.lock` alone while doing so; everyone who uses the
//! cluster holds `users.lock` together with the others. The kernel drops both with the process, however it ends, so a
//! killed program leaves no user behind. Whoever holds `start.lock` and gets `users.lock` alone knows that nobody else is
//! there and that nobody can come.

use std::fs::{File, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::error::{Error, Result, could_not};
use super::layout::Layout;

/// Longer than a first start takes on a slow disk.
const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(10);

/// The right to change whether the server runs.
#[derive(Debug)]
pub(super) struct Starter {
    lock: File,
}

impl Starter {
    /// Waits for whoever has it.
    pub(super) fn take(layout: &Layout) -> Result<Starter> {
        let path = layout.start_lock();
        let lock = open(&path)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(Starter { lock }),
                Err(TryLockError::Error(error)) => return Err(could_not("lock", &path)(error)),
                Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                    return Err(Error::Busy { seconds: PATIENCE.as_secs() });
                }
                Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            }
        }
    }

    /// Becomes a user.
    pub(super) fn join(&self, layout: &Layout) -> Result<User> {
        let path = layout.users_lock();
        let lock = open(&path)?;
        // Only a `Starter` locks it alone, so this never waits.
        lock.lock_shared().map_err(could_not("lock", &path))?;
        Ok(User { lock })
    }

    /// Whether nobody uses the cluster. True until this `Starter` is gone.
    pub(super) fn is_alone(&self, layout: &Layout) -> Result<bool> {
        let path = layout.users_lock();
        let lock = open(&path)?;
        let answer = match lock.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(could_not("lock", &path)(error)),
        };
        release(&lock);
        answer
    }
}

impl Drop for Starter {
    fn drop(&mut self) {
        release(&self.lock);
    }
}

/// One user of the cluster, until dropped.
#[derive(Debug)]
pub(super) struct User {
    lock: File,
}

impl Drop for User {
    fn drop(&mut self) {
        release(&self.lock);
    }
}

/// Closing alone would not do: a child that another thread is just forking holds the file open until it executes.
fn release(lock: &File) {
    if let Err(error) = lock.unlock() {
        tracing::warn!(%error, "a lock of the private cluster was not released");
    }
}

fn open(path: &Path) -> Result<File> {
    File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(could_not("open", path))
}
