//! Makes a new cluster.
//!
//! Under a name of its own first: `pgdata` appears complete or not at all, whenever we are killed.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::Path;

use super::error::{Error, Result, could_not};
use super::find::Programs;
use super::identity::Identity;
use super::layout::{self, Layout};
use super::settings::{self, Durability};

const UNFINISHED: &str = "pgdata.new-";

/// Initialises the cluster unless there is one. The caller holds the start lock.
///
/// # Errors
/// [`Error::OtherVersion`] when the cluster there was made by another major version.
pub(super) fn initialise(
    programs: &Programs,
    layout: &Layout,
    identity: &Identity,
    durability: Durability,
) -> Result<()> {
    remove_unfinished(&layout.server())?;
    let pgdata = layout.pgdata();
    if let Some(made_by) = layout.made_by() {
        return match made_by == programs.major() {
            true => Ok(()),
            false => Err(Error::OtherVersion { data: layout.data_dir.clone(), made_by, found: programs.major() }),
        };
    }
    identity.must_reach(&layout.server())?;
    identity.must_reach(programs.bin())?;

    // An initdb whose program was killed may still be writing: its name is never used again.
    let fresh = layout.server().join(format!("{UNFINISHED}{}", uuid::Uuid::now_v7().simple()));
    // PostgreSQL folds and compares as C everywhere; where the platform has it, upper and lower know all of Unicode.
    run_initdb(programs, &fresh, identity, durability, "C.UTF-8")
        .or_else(|_| run_initdb(programs, &fresh, identity, durability, "C"))?;
    configure(&fresh, identity)?;
    fs::rename(&fresh, &pgdata).map_err(could_not("move into place", &pgdata))?;
    File::open(layout.server()).and_then(|server| server.sync_all()).map_err(could_not("write", &layout.server()))?;
    tracing::info!(version = programs.major(), "initialised the private cluster");
    Ok(())
}

fn run_initdb(
    programs: &Programs,
    pgdata: &Path,
    identity: &Identity,
    durability: Durability,
    character_types: &str,
) -> Result<()> {
    let mut pgdata_option = OsString::from("--pgdata=");
    pgdata_option.push(pgdata);
    let initdb = programs.program("initdb");
    let mut command = identity.command(&initdb);
    command
        .arg(pgdata_option)
        .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
        .args(["--locale=C", &format!("--lc-ctype={character_types}")])
        .args(["--data-checksums", "--no-instructions"]);
    if durability == Durability::Throwaway {
        command.arg("--no-sync");
    }
    let output = command.output().map_err(could_not("run", &initdb))?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(Error::Initialise {
        reason: super::server::quote(&told, |line| line.contains("error: ") || line.contains("FATAL: "))
            .unwrap_or_else(|| format!("{} failed with {}", initdb.display(), output.status)),
    })
}

fn configure(pgdata: &Path, identity: &Identity) -> Result<()> {
    let path = pgdata.join("postgresql.conf");
    let shipped = fs::read_to_string(&path).map_err(could_not("read", &path))?;
    let file = settings::FILE;
    layout::write_whole(&path, &format!("{shipped}\ninclude = '{file}'\n"), identity)?;
    layout::write_whole(&pgdata.join("pg_hba.conf"), settings::HOST_BASED_AUTHENTICATION, identity)
}

/// Clears away what an interrupted start left. What an initdb that lost its program is still writing may resist; the next
/// start gets it.
fn remove_unfinished(server: &Path) -> Result<()> {
    for entry in fs::read_dir(server).map_err(could_not("read", server))? {
        let entry = entry.map_err(could_not("read", server))?;
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED)
            && let Err(error) = layout::remove(&entry.path())
        {
            tracing::debug!(%error, "an unfinished cluster stays until the next start");
        }
    }
    Ok(())
}
