use std::io::{BufRead, BufReader};
use std::process::Stdio;

use countersign::store::{ConnectOptions, Store};
use serde_json::Value;

use super::home::{Home, Run, drafted, mode, word_after};

#[test]
fn two_first_starts_at_once_both_succeed() {
    let home = Home::fresh();
    let start = || home.command(&["doctor"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    for child in [start(), start()] {
        let run = Run::of(child.wait_with_output().unwrap());
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        assert!(run.stdout.ends_with("nothing to do\n"), "{}", run.stdout);
    }
    assert_eq!(mode(&home.path("data/keyring")), 0o700);
    assert_eq!(mode(&home.path("state/countersign/countersign.log")), 0o600);

    home.ok(&["db", "start"]);
    assert!(home.ok(&["db", "url", "--as", "postgres"]).contains("user=postgres"));
    assert_eq!(home.run(&["db", "reset"]).code, 1);
    assert_eq!(home.ok(&["db", "stop"]), "stopped\n");
    home.ok(&["db", "reset", "--yes"]);
    assert!(!home.path("data/cluster/server").exists());
}

#[test]
fn what_doctor_finds_wrong_is_only_what_is_wrong() {
    let run = Home::shared().run(&["doctor", "--json"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let checks = report["checks"].as_array().unwrap();
    // A throwaway cluster does not keep commits through a crash, and doctor notices.
    let others: Vec<_> =
        checks.iter().filter(|check| check["state"] != "fine" && check["what"] != "settings").collect();
    assert!(others.is_empty(), "{others:?}");
    assert!(checks.iter().any(|check| check["what"] == "settings" && check["state"] == "attention"));
    assert!(checks.len() > 8, "{checks:?}");
}

#[test]
fn settings_are_the_platforms_to_change() {
    let home = Home::shared();
    let key = "queue.customer.escalation_open_limit";
    assert_eq!(home.ok(&["config", "get", key]), "40\n");
    let refused = home.run(&["config", "set", key, "41"]);
    assert_eq!((refused.code, refused.stderr.contains("roles do not allow")), (1, true), "{}", refused.stderr);
    assert_eq!(home.run(&["config", "set", key, "many", "--as", "platform"]).code, 1);
    home.ok(&["config", "set", key, "41", "--as", "platform"]);
    assert_eq!(home.ok(&["config", "get", key]), "41\n");
    assert_eq!(home.ok(&["config", "unset", key, "--as", "platform"]), format!("{key} = 40\n"));
    assert_eq!(home.ok(&["config", "get", key]), "40\n");
    assert_eq!(home.run(&["config", "unset", "no.such.key", "--as", "platform"]).code, 1);
    assert_eq!(home.run(&["config", "get", "no.such.key"]).code, 1);
}

#[test]
fn words_are_the_platforms_to_register() {
    let home = Home::shared();
    let add = ["vocabulary", "add", "reason", "wrong_customer", "--for", "reject"];
    assert_eq!(home.run(&add).code, 1);
    home.ok(&[&add[..], &["--as", "platform"]].concat());
    assert!(home.ok(&["vocabulary", "list", "reason"]).contains("wrong_customer"));
    let of_an_agency = [&add[..], &["--agency", "local"]].concat();
    assert_eq!(home.run(&of_an_agency).code, 2);
}

#[test]
fn a_host_is_the_agencys_or_the_platforms_to_register() {
    let home = Home::shared();
    let own = home.ok(&["vocabulary", "add", "host", "help.local.example", "--agency", "local"]);
    assert_eq!(own, "help.local.example is a registered host of local\n");
    home.ok(&["vocabulary", "add", "host", "track.carrier.example", "--as", "platform"]);
    let listed = home.json(&["vocabulary", "list", "host", "--json"]);
    let agency =
        |host: &str| listed.as_array().unwrap().iter().find(|row| row["code"] == host).unwrap()["agency"].clone();
    assert_eq!((agency("help.local.example"), agency("track.carrier.example")), ("local".into(), Value::Null));
}

#[test]
fn a_person_is_added_reads_with_a_key_file_and_is_removed() {
    let home = Home::shared();
    home.ok(&["access", "add", "setup_ada", "staff", "--agency", "local", "--role", "reviewer", "--as", "platform"]);
    assert!(home.ok(&["access"]).contains("setup_ada"));
    let key_file = home.path("setup_ada.key");
    let grant = ["vault", "grant", "setup_ada", "--agency", "local", "--out", key_file.to_str().unwrap()];
    home.ok(&grant);
    assert_eq!(mode(&key_file), 0o600);
    assert_eq!(home.run(&grant).code, 1, "a key file is never replaced");

    assert_eq!(home.import("setup.jsonl", &[drafted("setup-1", "Where is it?", "On its way.")]).code, 0);
    let job = home.job("approve", "setup-1");
    let keys = ["--as", "setup_ada", "--keys", key_file.to_str().unwrap()];
    let text = home.ok(&[&keys[..], &["review", "open", &job]].concat());
    let pin = word_after(&text, "--pin ");
    let other = home.run(&["review", "approve", &job, "--pin", &pin]);
    assert!(other.stderr.contains("setup_ada holds the job now"), "{}", other.stderr);
    home.ok(&[&keys[..], &["review", "approve", &job, "--pin", &pin]].concat());

    home.ok(&["access", "remove", "setup_ada", "--as", "platform"]);
    let stranger = home.run(&["access", "remove", "setup_nobody", "--as", "platform"]);
    assert!(stranger.stderr.contains("has no rights here"), "{}", stranger.stderr);
    let unmade = home.run(&["jobs", "--as", "setup_nobody"]);
    assert!(unmade.code == 1 && unmade.stderr.contains("access add"), "{}", unmade.stderr);
    let removed = home.run(&["jobs", "--as", "setup_ada"]);
    assert_eq!(removed.code, 1, "{}", removed.stderr);
    assert_eq!(home.run(&["access", "add", "setup_bo", "staff", "--as", "platform"]).code, 2);
}

#[test]
fn a_database_named_by_url_is_changed_by_migrate_alone() {
    let home = Home::shared();
    let superuser = home.ok(&["db", "url", "--as", "postgres"]).trim().to_owned();
    let created = async {
        let store = Store::connect(&ConnectOptions::new(&superuser)).await?;
        store.create_database("setup_by_url").await
    };
    assert_eq!(tokio::runtime::Runtime::new().unwrap().block_on(created), Ok(true));
    let url = superuser.replace("///countersign?", "///setup_by_url?");
    let url_of = |login: &str| url.replace("user=postgres", &format!("user={login}"));

    for arguments in [["jobs"], ["status"], ["doctor"]] {
        let run = home.run(&[&["--database-url", &url][..], &arguments].concat());
        assert!(run.code != 0 && (run.stderr + &run.stdout).contains("countersign migrate"), "{arguments:?}");
    }
    let missing = url.replace("setup_by_url", "setup_nowhere");
    assert_eq!(home.run(&["jobs", "--database-url", &missing]).code, 3);

    assert!(home.ok(&["migrate", "--database-url", &url]).ends_with("migrations applied\n"));
    assert!(home.ok(&["migrate", "--database-url", &url]).starts_with("nothing to do"));
    let unregistered = home.run(&["jobs", "--database-url", &url]);
    assert!(unregistered.code == 1 && unregistered.stderr.contains("access add"), "{}", unregistered.stderr);
    assert_eq!(home.run(&["jobs", "--database-url", &url, "--as", "platform"]).code, 2);

    let appoint = ["access", "add", "setup_boss", "staff", "--role", "platform_admin", "--admin-url", &url];
    home.ok(&[&appoint[..], &["--database-url", &url_of("setup_boss")]].concat());
    let boss = ["--database-url", &url_of("setup_boss")];
    assert!(home.ok(&[&boss[..], &["access"]].concat()).contains("setup_boss"));
    // An agency comes before everybody in it, and keeps its time zone when it is named again.
    let feed = ["access", "add", "setup_feed", "producer", "--agency", "acme", "--channel", "email"];
    let early = home.run(&[&boss[..], &feed, &["--admin-url", &url]].concat());
    assert!(early.stderr.contains("countersign access agency acme"), "{}", early.stderr);
    home.ok(&[&boss[..], &["access", "agency", "acme", "--time-zone", "Europe/Berlin"]].concat());
    assert!(home.ok(&[&boss[..], &["access", "agency", "acme"]].concat()).contains("Europe/Berlin"));
    let nowhere = home.run(&[&boss[..], &["access", "agency", "acme", "--time-zone", "Nowhere"]].concat());
    assert!(nowhere.stderr.contains("time zone"), "{}", nowhere.stderr);
    let unmade = home.run(&[&boss[..], &feed].concat());
    assert!(unmade.stderr.contains("the login must exist"), "{}", unmade.stderr);
    home.ok(&[&boss[..], &feed, &["--admin-url", &url]].concat());

    // Made and registered in one go where both rights are at hand.
    let watch = ["access", "add", "setup_watch", "monitor", "--admin-url", &url];
    home.ok(&[&boss[..], &watch].concat());
    let status = home.run(&["status", "--database-url", &url_of("setup_watch")]);
    assert_eq!(status.code, 0, "{}{}", status.stdout, status.stderr);
}

#[test]
fn a_sweep_that_is_stopped_leaves_no_server_behind() {
    let home = Home::fresh();
    let mut late = drafted("setup-late", "Where is it?", "On its way.");
    late["sla"] = "1s".into();
    assert_eq!(home.import("late.jsonl", &[late]).code, 0);
    let mut sweep = home.command(&["sweep", "--every", "1h"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(sweep.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("escalated 1"), "{line}");

    rustix::process::kill_process(rustix::process::Pid::from_child(&sweep), rustix::process::Signal::TERM).unwrap();
    assert_eq!(sweep.wait().unwrap().code(), Some(0));
    assert_eq!(home.ok(&["db", "stop"]), "it was not running\n");
}

/// The private server dies under it; nobody else is there to start it again.
#[test]
fn a_sweep_that_loses_its_server_says_so_starts_it_again_and_goes_on() {
    let home = Home::fresh();
    let overdue = |customer: &str| {
        let mut late = drafted(customer, "Where is it?", "On its way.");
        late["sla"] = "1s".into();
        assert_eq!(home.import(&format!("{customer}.jsonl"), &[late]).code, 0);
    };
    overdue("before-it");
    let sweep = home.command(&["sweep", "--every", "1s"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut sweep = sweep.unwrap();
    let mut done = BufReader::new(sweep.stdout.take().unwrap()).lines();
    let mut said = BufReader::new(sweep.stderr.take().unwrap()).lines();
    assert!(done.next().unwrap().unwrap().contains("escalated 1"));

    let told = std::fs::read_to_string(home.path("data/cluster/server/pgdata/postmaster.pid")).unwrap();
    let server = rustix::process::Pid::from_raw(told.lines().next().unwrap().parse().unwrap()).unwrap();
    rustix::process::kill_process(server, rustix::process::Signal::KILL).unwrap();
    let away = said.next().unwrap().unwrap();
    assert!(away.contains("nothing is swept") && away.contains("trying again every 1s"), "{away}");
    let back = said.next().unwrap().unwrap();
    assert!(back.contains("the database is back"), "{back}");
    overdue("after-it");
    assert!(done.next().unwrap().unwrap().contains("escalated 1"));

    rustix::process::kill_process(rustix::process::Pid::from_child(&sweep), rustix::process::Signal::INT).unwrap();
    assert_eq!(sweep.wait().unwrap().code(), Some(0));
    assert_eq!(said.count(), 0, "each is said once");
    assert_eq!(home.ok(&["db", "stop"]), "it was not running\n");
}

#[test]
fn the_demo_plays_in_no_database_that_was_named() {
    let home = Home::fresh();
    for named in [["--database-url", "postgres://db.example/care"], ["--as", "ada"]] {
        let run = home.run(&[&named[..], &["demo", "--headless", "--for", "1s"]].concat());
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(!home.path("data").exists());
    }
}

#[test]
fn the_sql_for_an_administrator_needs_no_database() {
    let home = Home::fresh();
    let arguments = ["access", "sql", "mailer", "executor", "--agency", "acme", "--kind", "send", "--channel", "sms"];
    let text = home.ok(&arguments);
    assert!(text.contains("create role \"mailer\" login;") && text.contains("queue.register_executor("), "{text}");
    assert!(!home.path("data").exists());
}
