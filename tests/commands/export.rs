use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use countersign::domain::JobKind;
use countersign::store::{ConnectOptions, Store};
use prometheus_parse::{Scrape, Value};
use uuid::Uuid;

use super::home::{Home, asked, drafted, word_after};

/// The exporter, until dropped.
struct Exporter {
    child: Child,
    address: String,
}

impl Exporter {
    fn start(home: &Home, arguments: &[&str]) -> Exporter {
        let arguments = [&["export", "--listen", "127.0.0.1:0"], arguments].concat();
        let mut child = home.command(&arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().split_once("http://").unwrap().1.trim_end_matches("/metrics").to_owned();
        Exporter { child, address }
    }

    /// Head and body of the answer.
    fn ask(&self, method: &str, path: &str) -> (String, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }

    /// What is told as soon as this holds: what was told within the last second is told again.
    fn scrape_until(&self, holds: impl Fn(&Scrape) -> bool) -> Scrape {
        let begin = Instant::now();
        loop {
            let scrape = self.scrape();
            if holds(&scrape) {
                return scrape;
            }
            assert!(begin.elapsed() < Duration::from_secs(60), "{:?}", scrape.samples);
        }
    }

    fn scrape(&self) -> Scrape {
        let (head, body) = self.ask("GET", "/metrics");
        assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("application/openmetrics-text"), "{head}");
        assert!(body.ends_with("# EOF\n"), "{body}");
        Scrape::parse(body.lines().map(|line| Ok(line.to_owned()))).unwrap()
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The sum over what carries all these labels.
fn sum(scrape: &Scrape, metric: &str, labels: &[(&str, &str)]) -> f64 {
    let matching = scrape.samples.iter().filter(|sample| {
        sample.metric == metric && labels.iter().all(|(name, value)| sample.labels.get(name) == Some(value))
    });
    matching
        .map(|sample| match sample.value {
            Value::Counter(value) | Value::Gauge(value) | Value::Untyped(value) => value,
            ref other => panic!("{metric} is {other:?}"),
        })
        .sum()
}

/// A cluster of one's own with a question, an inbound message, and a monitor.
fn watched() -> Home {
    let home = Home::fresh();
    home.ok(&["db", "start"]);
    home.ok(&["migrate"]);
    let lines = [drafted("export-1", "Where is it?", "On its way."), asked("export-2", "And mine?")];
    assert_eq!(home.import("export.jsonl", &lines).code, 0);
    home.ok(&["access", "add", "export_monitor", "monitor", "--as", "platform"]);
    home
}

#[test]
fn a_monitor_exports_what_waits_and_says_when_the_database_is_away() {
    let home = watched();
    // As to any other database: who opens the private cluster keeps it running.
    let url = home.ok(&["db", "url", "--as", "export_monitor"]);
    let exporter = Exporter::start(&home, &["--database-url", url.trim()]);
    let scrape = exporter.scrape();
    assert_eq!(sum(&scrape, "countersign_database_up", &[]), 1.0);
    let of =
        |kind, status| sum(&scrape, "countersign_jobs", &[("agency", "local"), ("kind", kind), ("status", status)]);
    assert_eq!((of("approve", "ready"), of("inbound", "ready"), of("send", "ready")), (1.0, 1.0, 0.0));
    assert_eq!(sum(&scrape, "countersign_jobs", &[]), 2.0);
    assert_eq!(sum(&scrape, "countersign_jobs_due", &[("kind", "approve")]), 1.0);
    assert!(sum(&scrape, "countersign_oldest_ready_age_seconds", &[("kind", "approve")]) > 0.0);
    assert_eq!(sum(&scrape, "countersign_oldest_lease_age_seconds", &[]), 0.0, "nobody holds one");
    let ever =
        |scrape: &Scrape, what: &str, kind| sum(scrape, &format!("countersign_jobs_{what}_total"), &[("kind", kind)]);
    assert_eq!(["came", "gone", "decided"].map(|what| ever(&scrape, what, "approve")), [1.0, 0.0, 0.0]);
    assert_eq!(sum(&scrape, "countersign_channel_suspected", &[]), 0.0);
    assert_eq!(sum(&scrape, "countersign_holds", &[]), 0.0, "none stands");

    home.ok(&["review", "open", &home.job("approve", "export-1")]);
    let held = exporter.scrape_until(|scrape| sum(scrape, "countersign_jobs", &[("status", "leased")]) == 1.0);
    assert!(sum(&held, "countersign_oldest_lease_age_seconds", &[("kind", "approve")]) > 0.0);
    assert_eq!(sum(&held, "countersign_jobs", &[]), 2.0);

    home.ok(&["db", "stop"]);
    let away = exporter.scrape_until(|scrape| sum(scrape, "countersign_database_up", &[]) == 0.0);
    assert!(away.samples.iter().all(|sample| sample.metric != "countersign_jobs"), "nothing old is told as new");
}

#[test]
fn only_the_page_is_served_and_only_to_be_read() {
    let home = Home::shared();
    let exporter = Exporter::start(home, &[]);
    for (method, path, status) in
        [("GET", "/", "200"), ("HEAD", "/metrics", "200"), ("GET", "/jobs", "404"), ("POST", "/metrics", "405")]
    {
        let (head, _) = exporter.ask(method, path);
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{method} {path}: {head}");
    }
    let taken = home.run(&["export", "--listen", &exporter.address]);
    assert_eq!(taken.code, 1);
    assert!(taken.stderr.contains("--listen"), "{}", taken.stderr);
}

#[test]
fn the_audit_trail_is_one_object_a_line_in_order_within_its_range() {
    let home = Home::shared();
    assert_eq!(home.import("audited.jsonl", &[drafted("audited-1", "Where is it?", "On its way.")]).code, 0);
    let job = home.job("approve", "audited-1");
    home.ok(&["review", "open", &job]);
    let number: i64 = job.parse().unwrap();
    let export = |from: &str, until: &str| home.run(&["export", "--audit", "--from", from, "--until", until]);
    let all = export("2000-01-01", "2100-01-01");
    assert_eq!(all.code, 0, "{}", all.stderr);
    let rows: Vec<serde_json::Value> = all.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(rows.is_sorted_by_key(|row| row["run_id"].as_i64().unwrap()));
    let calls: Vec<&str> =
        rows.iter().filter(|row| row["job_id"] == number).map(|row| row["call"].as_str().unwrap()).collect();
    assert!(calls.starts_with(&["import_conversations", "claim_review"]), "{calls:?}");
    assert!(!all.stdout.contains("On its way"));

    let at = |row: &serde_json::Value| row["at"].as_str().unwrap().to_owned();
    let (first, last) = (at(&rows[0]), at(rows.last().unwrap()));
    let part = export(&first, &last);
    let kept = rows.iter().filter(|row| at(row) >= first && at(row) < last).count();
    assert_eq!(part.stdout.lines().count(), kept, "the begin belongs to it, the end does not");
    assert!(kept > 0 && kept < rows.len());
    assert_eq!(export("2100-01-01", "2100-01-02").stdout, "");
    assert_eq!(export("2026-11-02", "2026-11-01").code, 2);
}

/// Every word that begins like a metric of ours.
fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|it: char| !(it.is_ascii_alphanumeric() || it == '_'));
    words.filter(|word| word.starts_with("countersign_")).map(str::to_owned).collect()
}

/// One reply is approved and does not get through, one question is read, one message waits, and a hold stands.
fn busy() -> Home {
    let home = watched();
    let mut line = drafted("export-3", "Where is it?", "On its way.");
    line["channel_kind"] = "sms".into();
    assert_eq!(home.import("sms.jsonl", &[line]).code, 0);
    home.ok(&["config", "set", "queue.customer.undo_seconds.sms", "0", "--as", "platform"]);
    let asked = home.job("approve", "export-3");
    let pin = word_after(&home.ok(&["review", "open", &asked]), "--pin ");
    home.ok(&["review", "approve", &asked, "--pin", &pin]);
    let sender = ["access", "add", "export_sender", "executor", "--agency", "local", "--as", "platform"];
    home.ok(&[&sender[..], &["--kind", "send", "--channel", "sms"]].concat());
    let url = home.ok(&["db", "url", "--as", "export_sender"]);
    let failed = async {
        let store = Store::connect(&ConnectOptions::new(url.trim())).await?;
        let claimed = store.claim_jobs(&[JobKind::Send], 1).await?.remove(0);
        let (job, token) = (claimed.job_id, claimed.lease_token);
        assert!(store.start_job(job, token, Uuid::now_v7()).await?.is_applied());
        store.fail_job(job, token, "provider_unreachable", Uuid::now_v7()).await
    };
    assert!(tokio::runtime::Runtime::new().unwrap().block_on(failed).unwrap().outcome.is_applied());
    home.ok(&["review", "open", &home.job("approve", "export-1")]);
    home.ok(&["hold", "send", "--reason", "incident"]);
    home
}

#[test]
fn every_metric_that_the_rules_and_the_dashboard_name_is_exported() {
    let home = busy();
    let scrape = Exporter::start(&home, &["--as", "export_monitor"]).scrape();
    let of = |metric: &str, labels: &[_]| sum(&scrape, metric, &[&[("agency", "local")], labels].concat());
    let total = |what, kind| of(&format!("countersign_jobs_{what}_total"), &[("kind", kind)]);
    assert_eq!(["came", "gone", "decided"].map(|what| total(what, "approve")), [2.0, 1.0, 1.0]);
    assert_eq!(["came", "gone", "decided"].map(|what| total(what, "send")), [1.0, 0.0, 0.0], "it is tried again");
    assert_eq!(of("countersign_jobs_outcomes_total", &[("kind", "approve"), ("outcome", "approved")]), 1.0);
    assert_eq!(of("countersign_jobs_outcomes_total", &[]), 1.0);
    assert_eq!(of("countersign_channel_failed_ratio", &[("channel", "sms")]), 1.0);
    let attempts = |result| of("countersign_channel_attempts", &[("channel", "sms"), ("result", result)]);
    assert_eq!((attempts("done"), attempts("failed")), (0.0, 1.0));
    assert_eq!(of("countersign_channel_suspected", &[]), 0.0, "one is too few");
    let sends = [("kind", "send"), ("channel", "*")];
    assert_eq!((of("countersign_holds", &[]), of("countersign_holds", &sends)), (1.0, 1.0));
    assert!(of("countersign_oldest_hold_age_seconds", &sends) > 0.0);

    let exported: BTreeSet<String> = scrape.samples.iter().map(|sample| sample.metric.clone()).collect();
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/monitoring");
    let rules = fs::read_to_string(assets.join("alerts.yml")).unwrap();
    let dashboard = fs::read_to_string(assets.join("dashboard.json")).unwrap();
    serde_json::from_str::<serde_json::Value>(&dashboard).unwrap();
    let mut used = BTreeSet::new();
    for (text, least) in [(rules, 9), (dashboard, 14)] {
        let named = names(&text);
        assert!(named.len() >= least, "{named:?}");
        assert_eq!(named.difference(&exported).collect::<Vec<_>>(), Vec::<&String>::new());
        used.extend(named);
    }
    let unused: Vec<_> = exported.difference(&used).map(String::as_str).collect();
    assert_eq!(unused, ["countersign_build_info"], "what nobody looks at need not be exported");
}
