use super::home::{Home, asked};

/// A configuration in which only the oldest ready job counts.
fn configuration(home: &Home, name: &str, warning: &str, critical: &str) -> String {
    let text = format!(
        "[status]\nbreached_warning = 1000000\nbreached_critical = 1000000\ndead_letters_warning = 1000000\n\
         dead_letters_critical = 1000000\noldest_ready_warning = '{warning}'\noldest_ready_critical = '{critical}'\n"
    );
    home.write(name, &text).to_str().unwrap().to_owned()
}

#[test]
fn the_exit_code_says_how_bad_it_is() {
    let home = Home::shared();
    assert_eq!(home.import("status.jsonl", &[asked("status-1", "Question")]).code, 0);
    let cases = [("9999d", "9999d", 0, "OK"), ("0s", "9999d", 1, "WARNING"), ("0s", "0s", 2, "CRITICAL")];
    for (warning, critical, code, word) in cases {
        let file = configuration(home, &format!("status-{code}.toml"), warning, critical);
        let run = home.run(&["--config", &file, "status"]);
        assert_eq!(run.code, code, "{}{}", run.stdout, run.stderr);
        assert!(run.stdout.starts_with(&format!("COUNTERSIGN {word} - ")), "{}", run.stdout);
        let json = home.run(&["--config", &file, "status", "--json"]);
        assert_eq!(json.code, code);
        let report: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
        assert_eq!(report["backlog"]["kinds"].as_array().unwrap().len(), 7);
    }
}

#[test]
fn to_a_monitoring_system_every_failure_is_unknown() {
    let home = Home::fresh();
    let nowhere = "postgres://nobody@127.0.0.1:1/nothing";
    let mistaken = home.write("mistaken.toml", "no_such_field = 1");
    let cases: [&[&str]; 4] = [
        &["status", "--database-url", nowhere],
        &["status", "--nonsense"],
        &["status", "--postgres-bin", "/nonexistent"],
        &["--config", mistaken.to_str().unwrap(), "status"],
    ];
    for arguments in cases {
        assert_eq!(home.run(arguments).code, 3, "{arguments:?}");
    }
}

#[test]
fn without_a_database_the_code_is_three_and_with_wrong_usage_two() {
    let home = Home::fresh();
    let mistaken = home.write("mistaken.toml", "databse_url = 'postgres://secret@x/y'");
    let cases: [(&[&str], i32, &str); 7] = [
        (&["jobs", "--database-url", "postgres://nobody@127.0.0.1:1/nothing"], 3, "--database-url"),
        (&["jobs", "--postgres-bin", "/nonexistent"], 3, "--postgres-bin"),
        (&["doctor", "--postgres-bin", "/nonexistent"], 3, ""),
        (&["db", "url"], 3, "db start"),
        (&["jobs", "--database-url", "no address"], 2, "not understood"),
        (&["nonsense"], 2, "Usage"),
        (&["jobs", "--config", mistaken.to_str().unwrap()], 2, "databse_url"),
    ];
    for (arguments, code, said) in cases {
        let run = home.run(arguments);
        assert_eq!(run.code, code, "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{arguments:?}: {}", run.stderr);
        assert!(!run.stderr.contains("secret"), "{}", run.stderr);
    }
    assert!(!home.path("data").join("keyring").exists());
}

#[test]
fn the_report_tells_rates_flow_and_forecast_beside_the_counts() {
    let home = Home::shared();
    assert_eq!(home.import("status-2.jsonl", &[asked("status-2", "Question")]).code, 0);
    let run = home.run(&["status", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let kinds = |of: &serde_json::Value| of.as_array().unwrap().len();
    assert_eq!((kinds(&report["pressure"]), kinds(&report["rates"]), kinds(&report["history"]["kinds"])), (7, 7, 7));
    let inbound = &report["history"]["kinds"][0];
    assert_eq!(inbound["job_kind"], "customer_message_inbound");
    let came = inbound["flows"].as_array().unwrap().iter().filter_map(|flow| flow["came"].as_i64()).sum::<i64>();
    assert!(came >= 1, "{inbound}");
    let forecasts = report["forecasts"].as_array().unwrap();
    let forecast = forecasts.iter().find(|kind| kind["job_kind"] == inbound["job_kind"]).unwrap();
    assert_eq!(
        (&forecast["forecast"], forecast["needed"].as_i64()),
        (&"thin".into(), Some(20)),
        "too few were decided"
    );
    assert!(home.run(&["status"]).stdout.contains("inbound   no forecast: "));
}
