//! The server's configuration, written anew before every start, so that it follows the program's version and the data
//! directory's place.

use std::path::Path;

/// How much a cluster's data matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Durability {
    /// Survives whatever PostgreSQL survives.
    Kept,
    /// For tests: fast, and gone with the process.
    Throwaway,
}

/// The name of the file that [`text`] is written to, in the cluster's data directory.
pub(super) const FILE: &str = "countersign.conf";

/// Who may connect: whoever gets into the socket's directory, as anyone.
pub(super) const HOST_BASED_AUTHENTICATION: &str = "\
# The socket's directory is private; there is no other way in.
local all all trust
";

/// The directory must be free of `\"`, `\\` and control characters.
pub(super) fn text(socket_dir: &Path, durability: Durability) -> String {
    let socket_dir = socket_dir.display().to_string().replace('\'', "''");
    let durability = match durability {
        Durability::Kept => KEPT,
        Durability::Throwaway => THROWAWAY,
    };
    format!(
        "# Written by countersign before every start.\n\
         unix_socket_directories = '\"{socket_dir}\"'\n{COMMON}{durability}"
    )
}

const COMMON: &str = "
# A socket in a private directory is the only way in.
listen_addresses = ''
port = 5432
unix_socket_permissions = 0700

# Clients are told why they were refused, the log is not: an error's text, detail, statement and parameters may repeat what
# someone wrote. In the order of `log_min_messages` errors stand below `log`, so starts, stops and fatal ones remain.
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_statement = none
log_min_duration_statement = -1
log_checkpoints = off
log_destination = stderr
logging_collector = off
log_timezone = UTC
lc_messages = 'C'

timezone = UTC
shared_buffers = 128MB
work_mem = 8MB
maintenance_work_mem = 64MB

# Compiling a plan takes longer than any statement here may: a second of processor time for one of two milliseconds.
jit = off
";

const KEPT: &str = "max_connections = 100
";

const THROWAWAY: &str = "max_connections = 450
fsync = off
full_page_writes = off
synchronous_commit = off
wal_level = minimal
max_wal_senders = 0
";
