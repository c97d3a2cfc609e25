//! The private PostgreSQL: find, initialise, start, stop.
//!
//! A [`Cluster`] is a real PostgreSQL server for one user of one machine, below that user's data directory, reached
//! through a Unix socket in a private directory and in no other way. Several processes share it; the last to leave stops
//! it, unless it was pinned. Nobody has to leave in order: a killed program no longer counts, and a killed server is
//! started again.
//!
//! ```no_run
//! # fn main() -> Result<(), countersign::cluster::Error> {
//! # let data_dir = std::path::Path::new("data");
//! use countersign::cluster::{Cluster, Programs};
//!
//! let programs = Programs::find(None, data_dir)?;
//! let cluster = Cluster::open(&programs, data_dir)?;
//! let superuser = cluster.url("postgres", "postgres");
//! # Ok(())
//! # }
//! ```
//!
//! Everything here blocks: call it before an asynchronous runtime, or from a thread that may wait. It knows nothing of
//! what is stored.

mod error;
mod find;
mod identity;
mod initialise;
mod keeper;
mod layout;
mod platform;
mod postmaster;
mod server;
mod settings;
mod socket;
mod users;

use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

pub use error::{Error, Result};
pub use find::Programs;

use error::could_not;
use keeper::Keeper;
use layout::Layout;
use postmaster::Status;
use server::Server;
use settings::Durability;
use users::{Starter, User};

/// A running private PostgreSQL that this value uses. Dropping the last user's value stops the server; a process that ends
/// without dropping it (`std::process::exit`, a signal) leaves the server to the next user.
#[derive(Debug)]
pub struct Cluster {
    server: Server,
    socket_dir: PathBuf,
    user: Option<User>,
    keeper: Option<Keeper>,
}

/// What there is below a data directory, as [`state`] found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The major version that initialised the cluster; `None` when there is none.
    pub made_by: Option<u32>,
    pub running: bool,
    /// Whether it outlives its users.
    pub pinned: bool,
}

/// What [`Cluster::stop`] came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// It runs no more.
    Now,
    /// It did not run.
    NotRunning,
    /// Others are using it: it is no longer pinned and stops with the last of them.
    WithLastUser,
}

impl Cluster {
    /// Joins the cluster below `data_dir`; initialises and starts it first where that is needed. Creates `data_dir`. Waits
    /// for others who are just starting or stopping it.
    ///
    /// # Errors
    /// Each variant of [`Error`] but those of finding programs; all mean that there is no database.
    pub fn open(programs: &Programs, data_dir: &Path) -> Result<Cluster> {
        let layout = Layout::create(data_dir)?;
        Cluster::join(programs, layout, Durability::Kept, None)
    }

    /// A cluster for tests in `directory`, which must be empty or not exist: fast instead of durable, for 200 connections.
    /// It stops and removes `directory` when dropped and when the process ends, however it ends.
    pub fn throwaway(programs: &Programs, directory: &Path) -> Result<Cluster> {
        take_over(directory)?;
        let layout = Layout::create(directory)?;
        let keeper = Keeper::watch(&layout).map_err(could_not("run", Path::new("/bin/sh")))?;
        Cluster::join(programs, layout, Durability::Throwaway, Some(keeper))
    }

    /// The URL for `login` and `database`, for libpq and sqlx alike. No password: whoever may enter the socket's directory
    /// may be anyone, `postgres` included, who is the superuser.
    pub fn url(&self, login: &str, database: &str) -> String {
        socket::url(&self.socket_dir, login, database)
    }

    /// Starts the server again if it died. Costs one connection when it did not. The URLs stay the same.
    pub fn ensure_running(&self) -> Result<()> {
        if self.server.ready().is_none() {
            let _starter = Starter::take(&self.server.layout)?;
            self.server.start()?;
        }
        Ok(())
    }

    /// Lets the server outlive its users until [`Cluster::stop`].
    pub fn pin(&self) -> Result<()> {
        let pinned = self.server.layout.pinned();
        File::create(&pinned).map_err(could_not("create", &pinned))?;
        Ok(())
    }

    /// The server's log: starts, stops and fatal errors, nothing of what clients sent.
    pub fn log_file(&self) -> PathBuf {
        self.server.layout.log()
    }

    /// Takes the pin away, and stops the server unless others use it.
    pub fn stop(programs: &Programs, data_dir: &Path) -> Result<Stopped> {
        let layout = Layout::under(data_dir)?;
        if layout.made_by().is_none() {
            return Ok(Stopped::NotRunning);
        }
        let starter = Starter::take(&layout)?;
        layout::remove(&layout.pinned())?;
        if Status::of(&layout.pgdata()) == Status::Down {
            return Ok(Stopped::NotRunning);
        }
        if !starter.is_alone(&layout)? {
            return Ok(Stopped::WithLastUser);
        }
        Server::new(programs, layout, Durability::Kept)?.stop()?;
        Ok(Stopped::Now)
    }

    /// Stops the server and removes the cluster with everything in it.
    ///
    /// # Errors
    /// [`Error::InUse`] while anyone uses it; a pin alone does not count.
    pub fn reset(programs: &Programs, data_dir: &Path) -> Result<()> {
        let layout = Layout::under(data_dir)?;
        if !layout.cluster.exists() {
            return Ok(());
        }
        let starter = Starter::take(&layout)?;
        if !starter.is_alone(&layout)? {
            return Err(Error::InUse { data_dir: layout.data_dir });
        }
        let server = Server::new(programs, layout.clone(), Durability::Kept)?;
        server.stop()?;
        if let Some(socket_dir) = socket::recorded(&layout) {
            layout::remove(&socket_dir)?;
        }
        layout::remove(&layout.socket_record())?;
        layout::remove(&layout.pinned())?;
        // The two locks stay: one that is removed while someone waits for it guards nothing.
        layout::remove(&layout.server())
    }

    fn join(programs: &Programs, layout: Layout, durability: Durability, keeper: Option<Keeper>) -> Result<Cluster> {
        let starter = Starter::take(&layout)?;
        let server = Server::new(programs, layout, durability)?;
        layout::private_dir(&server.layout.server(), &server.identity)?;
        initialise::initialise(programs, &server.layout, &server.identity, durability)?;
        let socket_dir = server.start()?;
        let user = starter.join(&server.layout)?;
        Ok(Cluster { server, socket_dir, user: Some(user), keeper })
    }

    /// Stops being a user, and stops the server if nobody else is one.
    fn leave(&mut self) -> Result<()> {
        let layout = &self.server.layout;
        let starter = Starter::take(layout)?;
        drop(self.user.take());
        if starter.is_alone(layout)? && !layout.pinned().exists() {
            self.server.stop()?;
        }
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The keeper stops and removes a throwaway cluster by itself.
        if self.keeper.is_none()
            && let Err(error) = self.leave()
        {
            tracing::warn!(%error, "the private PostgreSQL may still run");
        }
    }
}

/// Looks at the cluster below `data_dir` without starting, joining or changing anything.
pub fn state(data_dir: &Path) -> Result<State> {
    let layout = Layout::under(data_dir)?;
    Ok(State {
        made_by: layout.made_by(),
        running: Status::of(&layout.pgdata()) != Status::Down,
        pinned: layout.pinned().exists(),
    })
}

/// The major version of the cluster below `data_dir`, for the search of programs that fit.
fn made_by(data_dir: &Path) -> Option<u32> {
    Layout::under(data_dir).ok()?.made_by()
}

/// Makes `directory` an empty one of ours that another user's server may pass through.
fn take_over(directory: &Path) -> Result<()> {
    DirBuilder::new().recursive(true).mode(0o711).create(directory).map_err(could_not("create", directory))?;
    let mut entries = fs::read_dir(directory).map_err(could_not("read", directory))?;
    if entries.next().is_some() {
        return Err(Error::NotEmpty { dir: directory.to_owned() });
    }
    fs::set_permissions(directory, fs::Permissions::from_mode(0o711))
        .map_err(could_not("open the way through", directory))
}
