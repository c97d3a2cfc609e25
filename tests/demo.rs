//! The demo without a dashboard, as its user runs it.

use std::collections::HashMap;
use std::process::{Command, Output};

use countersign::cluster::{Cluster, Programs};
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

/// A place where nobody ran anything yet.
struct Home {
    directory: TempDir,
}

/// The summary: what stands before the number, and the number.
type Counts = HashMap<String, u64>;

impl Home {
    fn new() -> Self {
        Home { directory: tempfile::tempdir().unwrap() }
    }

    fn play(&self, span: &str) -> Output {
        self.demo(&["--for", span])
    }

    fn demo(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_countersign"))
            .args(["demo", "--headless"])
            .args(arguments)
            .arg("--data-dir")
            .arg(self.directory.path().join("data"))
            .env("HOME", self.directory.path())
            .env("XDG_STATE_HOME", self.directory.path().join("state"))
            .env("XDG_CONFIG_HOME", self.directory.path().join("config"))
            // The demo has a database of its own, whatever is configured.
            .env("DATABASE_URL", "postgres://nobody@localhost:1/nowhere")
            .output()
            .unwrap()
    }

    /// Changes the demo's database behind its guards.
    async fn forge(&self, statement: &'static str) {
        let data = self.directory.path().join("data");
        let cluster =
            tokio::task::spawn_blocking(move || Cluster::open(&Programs::find(None, &data).unwrap(), &data).unwrap());
        let cluster = cluster.await.unwrap();
        let url = cluster.url("postgres", "countersign_demo");
        let mut superuser = PgConnection::connect(&url).await.unwrap();
        sqlx::raw_sql(statement).execute(&mut superuser).await.unwrap();
        superuser.close().await.unwrap();
        tokio::task::spawn_blocking(move || drop(cluster)).await.unwrap();
    }
}

fn counts(output: &Output) -> Counts {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let count = |line: &str| {
        let (name, number) = line.rsplit_once(' ').unwrap();
        (name.trim().to_owned(), number.parse().unwrap())
    };
    text.lines().map(count).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_a_dashboard_goes_the_whole_way_and_notices_a_broken_promise() {
    let home = Home::new();
    let output = home.play("6s");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let counts_of_first = counts(&output);
    let of = |name: &str| counts_of_first[name];
    for name in ["classified", "drafted", "approved", "rejected", "escalated", "sent", "jobs still open"] {
        assert!(of(name) > 0, "nothing was {name}: {counts_of_first:?}");
    }
    assert_eq!(of("invariants broken"), 0);
    assert!(of("conversations in") >= of("drafts in"));
    assert!(of("messages in") >= of("classified"), "{counts_of_first:?}");
    // What leaves was approved, and stayed approved.
    assert!(of("approved") >= of("sent"), "{counts_of_first:?}");
    // Nobody decides on what nobody drafted: a decision that was taken back, or stopped, is made again.
    assert!(of("drafted") + of("drafts in") + of("revised") >= of("sent") + of("rejected"), "{counts_of_first:?}");

    home.forge(
        "alter table queue.send_evidence disable trigger all;
         delete from queue.send_evidence
         where job_id = (select min(job_id) from queue.job_queue
                         where job_kind = 'customer_message_send' and status = 'succeeded')",
    )
    .await;
    let output = home.play("1s");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("I4 sends that left without recorded evidence (1 times)"), "{stderr}");
    assert!(counts(&output)["invariants broken"] >= 1);
}

/// Somebody on call goes through an outage from its first failure to the last reply that was kept.
#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_named_held_resumed_and_drained_and_every_promise_holds() {
    let home = Home::new();
    assert_eq!(home.play("1s").status.code(), Some(0));
    // A provider is tried again after half a minute; nobody wants to wait for that here.
    home.forge("update queue.job_kind set retry_after = '1 second' where job_kind = 'customer_message_send'").await;
    let output = home.demo(&["--scenario", "outage"]);
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{stdout}{stderr}");
    let figure = |name: &str| {
        let line = stdout.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name}: {stdout}"));
        line.split_whitespace().rev().find_map(|word| word.parse::<f64>().ok()).unwrap()
    };
    assert!(figure("named after") <= 30.0, "{stdout}");
    assert!(figure("kept when it was mended") > 0.0 && figure("left") > 0.0, "{stdout}");
    assert_eq!(stdout.lines().filter(|line| line.starts_with("held")).count(), 12, "{stdout}");
    assert!(figure("customers who wrote again") > 0.0 && figure("back to Review") > 0.0, "{stdout}");
    println!("{stdout}");
}
