use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use super::home::{Home, Run};
use super::vault::forge;

/// An agency of its own, so that nobody else's deadlines wait for the morning.
fn agency(name: &str) -> &'static Home {
    let home = Home::shared();
    home.ok(&["access", "agency", name, "--as", "platform"]);
    home
}

/// What `config hours` says of an agency as JSON.
fn known(home: &Home, agency: &str) -> Value {
    let all = home.json(&["config", "hours", "show", "--json", "--as", "platform"]);
    all.as_array().unwrap().iter().find(|known| known["agency"] == agency).unwrap().clone()
}

/// What `doctor` says of the time zones that a login sees.
fn doctor(home: &Home, arguments: &[&str]) -> Vec<Value> {
    let run = home.run(&[&["doctor", "--json"], arguments].concat());
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let checks = report["checks"].as_array().unwrap().iter();
    checks.filter(|check| check["what"] == "time zones").cloned().collect()
}

#[test]
fn hours_are_set_shown_and_taken_away() {
    let home = agency("hours-shown");
    let hours = |arguments: &[&str]| {
        home.run(&[&["config", "hours"], arguments, &["--agency", "hours-shown", "--as", "platform"]].concat())
    };
    let row = |run: &Run| {
        assert_eq!(run.code, 0, "{}", run.stderr);
        let row = run.stdout.lines().find(|line| line.starts_with("hours-shown ")).unwrap();
        row.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    };
    let berlin = ["set", "mon-thu", "09:00-12:00,13:00-17:00", "fri", "09:00-15:00", "--time-zone", "Europe/Berlin"];
    assert_eq!(row(&hours(&berlin)), "Europe/Berlin mon-thu 09:00-12:00,13:00-17:00, fri 09:00-15:00 -");
    assert_eq!(row(&hours(&["set", "sat", "22:00-24:00"])), "Europe/Berlin sat 22:00-24:00 -", "the clock stays");
    for (words, code, said) in [
        (&["moon", "09:00-17:00"][..], 2, "moon is no day"),
        (&["mon", "17:00-09:00"], 2, "17:00-09:00 are no hours"),
        (&["mon", "09:00-09:30"], 1, "for an hour a week at least"),
        (&["mon", "09:00-17:00", "--time-zone", "Nowhere"], 1, "a time zone such as Europe/Berlin"),
        // Which would know no summer.
        (&["mon", "09:00-17:00", "--time-zone", "CET"], 1, "a time zone such as Europe/Berlin"),
    ] {
        let refused = hours(&[&["set"], words].concat());
        assert_eq!(refused.code, code, "{words:?}: {}", refused.stderr);
        assert!(refused.stderr.contains(said), "{words:?}: {}", refused.stderr);
    }
    assert_eq!(known(home, "hours-shown")["hours"], json!(["sat 22:00-24:00"]), "what is refused changes nothing");
    assert_eq!(row(&hours(&["unset"])), "Europe/Berlin none: deadlines run through the night -");

    // The agency that is meant is one's own, and another's hours are not one's to set.
    let foreign = home.run(&["config", "hours", "set", "mon", "09:00-17:00", "--agency", "hours-shown"]);
    assert!(foreign.code == 1 && foreign.stderr.contains("roles do not allow"), "{}", foreign.stderr);
    assert!(!home.ok(&["config", "hours"]).contains("hours-shown"));
    let nobodys = home.run(&["config", "hours", "unset", "--as", "platform"]);
    assert!(nobodys.code == 2 && nobodys.stderr.contains("--agency"), "{}", nobodys.stderr);
}

#[test]
fn holidays_come_by_name_from_a_file_or_through_a_pipe() {
    let home = agency("hours-closed");
    let of = ["--agency", "hours-closed", "--as", "platform"];
    let command = |arguments: &[&str]| home.command(&[&["config", "hours"], arguments, &of].concat());
    let run = |arguments: &[&str]| Run::of(command(arguments).output().unwrap());
    let closed = || known(home, "hours-closed")["holidays"].clone();

    let file = home.write("holidays.txt", "# 2026\n2026-12-26 the day after\n2026-12-25 Christmas\n");
    assert_eq!(run(&["close", "2027-01-01", "--from", file.to_str().unwrap()]).code, 0);
    let mut piped = command(&["close", "--from", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    piped.stdin.take().unwrap().write_all(b"2026-05-01\n").unwrap();
    let piped = Run::of(piped.wait_with_output().unwrap());
    assert_eq!(piped.code, 0);
    assert!(piped.stdout.contains("2026-05-01 2026-12-25 2026-12-26 2027-01-01"), "{}", piped.stdout);

    let mistaken = home.write("mistaken.txt", "2026-10-03\n3.10.2026\n");
    for (arguments, code, said) in [
        (&["--from", mistaken.to_str().unwrap()][..], 1, "line 2 does not begin with a date"),
        (&["--from", "/nonexistent"], 1, "cannot read /nonexistent"),
        (&["2026-02-30"], 2, "2026-02-30"),
        (&[], 2, "DAY"),
    ] {
        let refused = run(&[&["close"], arguments].concat());
        assert_eq!(refused.code, code, "{arguments:?}: {}", refused.stderr);
        assert!(refused.stderr.contains(said), "{arguments:?}: {}", refused.stderr);
    }
    assert_eq!(run(&["reopen", "2026-05-01", "2027-01-01"]).code, 0);
    assert_eq!(closed(), json!(["2026-12-25", "2026-12-26"]));
}

#[test]
fn a_time_zone_that_the_server_lost_is_named_with_what_to_do_and_that_helps() {
    let home = agency("hours-lost");
    home.ok(&["config", "hours", "set", "mon-fri", "09:00-17:00", "--agency", "hours-lost", "--as", "platform"]);
    assert_eq!(doctor(home, &["--as", "platform"])[0]["state"], "fine");
    forge(
        home,
        "alter table queue.agency disable trigger code_wall;
         update queue.agency set time_zone = 'Mars/Olympus' where agency = 'hours-lost';
         alter table queue.agency enable always trigger code_wall;",
    );
    let found = doctor(home, &["--as", "platform"]);
    assert_eq!((found.len(), &found[0]["state"]), (1, &json!("attention")), "{found:?}");
    let (what, remedy) = (found[0]["found"].as_str().unwrap(), found[0]["remedy"].as_str().unwrap());
    assert!(what.contains("hours-lost") && what.contains("Mars/Olympus"), "{what}");
    let table = home.ok(&["config", "hours", "--as", "platform"]);
    assert!(table.contains("Mars/Olympus: unknown to the server  mon-fri 09:00-17:00"), "{table}");
    // Who does not see that agency has nothing to do about it.
    assert_eq!(doctor(home, &[])[0]["state"], "fine");

    assert!(remedy.contains("`countersign access agency hours-lost --time-zone ZONE`"), "{remedy}");
    home.ok(&["access", "agency", "hours-lost", "--time-zone", "Europe/Berlin", "--as", "platform"]);
    assert_eq!(doctor(home, &["--as", "platform"])[0]["state"], "fine");
}
