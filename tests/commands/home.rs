//! A user's directories, and the binary that runs in them.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use countersign::cluster::{Cluster, Programs};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Where one user keeps data, configuration and state.
pub struct Home {
    directory: PathBuf,
    /// Removes the directory of a home that is not shared.
    _own: Option<TempDir>,
}

/// What a run of the binary came to.
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Home {
    /// The one whose cluster runs as long as the tests do.
    pub fn shared() -> &'static Home {
        static SHARED: OnceLock<(Home, Cluster)> = OnceLock::new();
        let (home, _) = SHARED.get_or_init(|| {
            let directory = tempfile::tempdir().unwrap().keep();
            std::fs::set_permissions(&directory, Permissions::from_mode(0o711)).unwrap();
            let data = directory.join("data");
            // Its keeper removes the data when the tests end, however they end.
            let cluster = Cluster::throwaway(&Programs::find(None, &data).unwrap(), &data).unwrap();
            let home = Home { directory, _own: None };
            assert_eq!(home.run(&["migrate"]).code, 0);
            (home, cluster)
        });
        home
    }

    /// One where nobody has been yet.
    pub fn fresh() -> Home {
        let own = tempfile::tempdir().unwrap();
        // The server of root's cluster runs as another user, who must pass through.
        std::fs::set_permissions(own.path(), Permissions::from_mode(0o711)).unwrap();
        Home { directory: own.path().to_owned(), _own: Some(own) }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Writes a file into the home.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        let variables = ["COUNTERSIGN_DATABASE_URL", "DATABASE_URL", "COUNTERSIGN_KEYS", "COUNTERSIGN_CONFIG"];
        for name in variables {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .env("COUNTERSIGN_DATA_DIR", self.path("data"))
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("XDG_STATE_HOME", self.path("state"))
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }

    /// Runs what must succeed, and returns what it printed.
    pub fn ok(&self, arguments: &[&str]) -> String {
        let run = self.run(arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {}", run.stderr);
        run.stdout
    }

    pub fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.ok(arguments)).unwrap()
    }

    /// Imports these lines.
    pub fn import(&self, name: &str, lines: &[Value]) -> Run {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        self.run(&["import", self.write(name, &text).to_str().unwrap()])
    }

    /// The only job of a kind that a customer's conversation has.
    pub fn job(&self, kind: &str, customer: &str) -> String {
        let filters = [format!("kind:{kind}"), format!("cust:{customer}")];
        let jobs = self.json(&["jobs", &filters[0], &filters[1], "status:queued,leased,running", "--json"]);
        let jobs = jobs.as_array().unwrap();
        assert_eq!(jobs.len(), 1, "{jobs:?}");
        jobs[0]["job_id"].to_string()
    }
}

impl Run {
    pub fn of(output: Output) -> Run {
        Run {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A conversation in the import format, with a draft.
pub fn drafted(customer: &str, body: &str, draft: &str) -> Value {
    let mut line = asked(customer, body);
    line["draft"] = json!({"author": "drafter-1", "body": draft});
    line
}

/// A conversation in the import format that waits to be classified.
pub fn asked(customer: &str, body: &str) -> Value {
    json!({
        "agency": "local", "customer_ref": customer, "channel_kind": "email", "language": "en", "confidence": 0.9,
        "messages": [{"direction": "inbound", "at": "2026-11-20T09:12:00Z", "body": body}]
    })
}

/// What follows a word in a text, up to the next blank.
pub fn word_after(text: &str, word: &str) -> String {
    let (_, rest) = text.split_once(word).unwrap_or_else(|| panic!("no {word:?} in {text:?}"));
    rest.split_whitespace().next().unwrap().to_owned()
}

pub fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
