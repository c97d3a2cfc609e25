use super::home::{Home, drafted};

#[test]
fn a_customer_is_signed_off_and_forgotten_by_the_agencys_administrator() {
    let home = Home::shared();
    assert_eq!(home.import("forget.jsonl", &[drafted("forget-1", "Where is it?", "On its way.")]).code, 0);
    assert!(home.ok(&["sign-off", "forget-1", "--until", "2126-01-01T00:00:00Z"]).contains("signed off until"));
    assert!(home.ok(&["sign-off"]).contains("forget-1"));
    assert!(home.ok(&["sign-off", "forget-1", "--revoke"]).starts_with("taken back; no send starts by it"));
    assert_eq!(home.run(&["sign-off", "forget-1"]).code, 2, "neither --until nor --revoke");
    assert_eq!(home.run(&["sign-off", "nobody", "--until", "2126-01-01T00:00:00Z"]).code, 1);

    let unasked = home.run(&["erase", "forget-1"]);
    assert_eq!((unasked.code, unasked.stderr.contains("--yes")), (1, true), "{}", unasked.stderr);
    let erased: serde_json::Value = serde_json::from_str(&home.ok(&["erase", "forget-1", "--yes", "--json"])).unwrap();
    assert_eq!((&erased["messages"], &erased["cancelled"]), (&2.into(), &1.into()));
    let again = home.run(&["erase", "forget-1", "--yes"]);
    assert_eq!(again.code, 1);
    assert!(!again.stderr.contains("forget-1"), "a reference is not repeated: {}", again.stderr);
}

#[test]
fn retention_deletes_nothing_before_it_is_told_how_long() {
    let home = Home::fresh();
    assert!(home.ok(&["retention"]).lines().filter(|line| line.ends_with("ever")).count() == 4);
    let sweep = ["retention", "sweep", "--as", "platform"];
    let refused = home.run(&sweep);
    assert_eq!((refused.code, refused.stderr.contains("retention set")), (1, true), "{}", refused.stderr);
    let set = home.ok(&["retention", "set", "jobs=180d", "outbox=30d", "--as", "platform"]);
    assert!(set.contains("180d") && set.contains("30d"), "{set}");
    assert!(home.ok(&sweep).starts_with("deleted 0 jobs"));
    assert_eq!(home.run(&["retention", "set", "jobs=5s", "--as", "platform"]).code, 1, "below the range");
    assert_eq!(home.run(&["retention", "set", "mail=5d", "--as", "platform"]).code, 2);
    home.ok(&["retention", "set", "jobs=off", "outbox=off", "--as", "platform"]);
    assert_eq!(home.run(&sweep).code, 1);
}
