//! The audit trail for an auditor: one JSON object a line, in the order in which it was written.

use std::io::{self, BufWriter, ErrorKind, Write};

use crate::cli;
use crate::commands::{Failure, output};
use crate::store::{self, Store};

/// Why the rows end before they end.
enum Stop {
    /// A reader that went away, such as `head`, has what it wanted.
    Enough,
    Failed(Failure),
}

impl From<store::Error> for Stop {
    fn from(error: store::Error) -> Self {
        Stop::Failed(error.into())
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        if error.kind() == ErrorKind::BrokenPipe { Stop::Enough } else { Stop::Failed(error.into()) }
    }
}

/// Writes every row that this login sees to standard output, one at a time, and says on standard error how many there were.
pub async fn run(store: &Store, range: &cli::Range) -> Result<String, Failure> {
    let cli::Range { from, until } = *range;
    if until <= from {
        return Err(Failure::usage("--until has to be later than --from"));
    }
    let mut out = BufWriter::new(io::stdout());
    let mut rows = 0_u64;
    let written = store
        .each_audit_entry(from, until, |entry| {
            rows += 1;
            out.write_all(output::json(&entry).map_err(Stop::Failed)?.as_bytes()).map_err(Stop::from)
        })
        .await
        .and_then(|()| out.flush().map_err(Stop::from));
    match written {
        Ok(()) => eprintln!("countersign: {rows} rows from {} to before {}", output::time(from), output::time(until)),
        Err(Stop::Enough) => {}
        Err(Stop::Failed(failure)) => return Err(failure),
    }
    Ok(String::new())
}
