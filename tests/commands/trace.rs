use serde_json::Value;
use uuid::Uuid;

use super::home::{Home, drafted, word_after};
use super::vault::forge;

/// Imports a conversation with a draft that was approved, and returns its id.
fn approved(home: &Home, customer: &str) -> String {
    assert_eq!(home.import(&format!("{customer}.jsonl"), &[drafted(customer, "Where is it?", "On its way.")]).code, 0);
    let job = home.job("approve", customer);
    let pin = word_after(&home.ok(&["review", "open", &job]), "--pin ");
    home.ok(&["review", "approve", &job, "--pin", &pin]);
    home.json(&["show", &job, "--json"])["job"]["correlation_id"].as_str().unwrap().to_owned()
}

/// Exit code, and of each message direction, verdict and why.
fn verified(home: &Home, arguments: &[&str]) -> (i32, Vec<(String, String, String)>) {
    let run = home.run(&[arguments, &["--verify", "--json"]].concat());
    let events: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stderr));
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let messages = events.as_array().unwrap().iter().filter(|event| !event["message_id"].is_null());
    let rows = messages.map(|event| (word(&event["direction"]), word(&event["verdict"]), word(&event["why"])));
    (run.code, rows.collect())
}

fn row(direction: &str, verdict: &str, why: &str) -> (String, String, String) {
    (direction.to_owned(), verdict.to_owned(), why.to_owned())
}

/// Changes the stored draft of a conversation as only the owner of the database can.
fn alter_draft(home: &Home, conversation: &str, change: &str) {
    forge(
        home,
        &format!(
            "alter table care.customer_message disable trigger keep_messages;
             update care.customer_message as message set {change}
             where conversation_id = '{conversation}' and direction = 'draft';
             alter table care.customer_message enable always trigger keep_messages"
        ),
    );
}

#[test]
fn bodies_are_verified_against_their_digests_and_each_conversation_is_opened_on_record() {
    let home = Home::shared();
    let conversation = approved(home, "verify-1");
    assert_eq!(
        verified(home, &["trace", "verify-1"]),
        (0, vec![row("inbound", "verified", "-"), row("draft", "verified", "-")])
    );
    let text = home.ok(&["trace", "verify-1", "--verify"]);
    assert!(text.contains("2 verified, 0 whose digest differs, 0 that do not open"), "{text}");
    assert!(!text.contains("Where is it?") && !text.contains("On its way."), "{text}");

    // Without the flag the output is what it always was, and nothing is opened.
    let openings = |events: &Value| {
        events
            .as_array()
            .unwrap()
            .iter()
            .filter(|event| event["what"] == "open_body" && event["outcome"] == "opened")
            .count()
    };
    let before = home.json(&["trace", &conversation, "--json"]);
    assert!(before[0].get("verdict").is_none());
    assert_eq!(openings(&home.json(&["trace", &conversation, "--json"])), openings(&before));
    home.ok(&["trace", &conversation, "--verify"]);
    assert_eq!(openings(&home.json(&["trace", &conversation, "--json"])), openings(&before) + 1);
}

#[test]
fn i16_a_trace_finds_what_the_owner_of_the_database_altered_or_moved() {
    let home = Home::shared();
    let cases = [
        ("verify-2", "digest = decode(repeat('00', 32), 'hex')", "digest_differs", "stored_digest"),
        (
            "verify-3",
            "sealed_body = set_byte(sealed_body, 50, get_byte(sealed_body, 50) # 4)",
            "does_not_open",
            "altered_or_moved",
        ),
        (
            "verify-4",
            "(sealed_body, key_id, digest) =
                (select other.sealed_body, other.key_id, other.digest from care.customer_message as other
                 where other.conversation_id = message.conversation_id and other.direction = 'inbound')",
            "does_not_open",
            "altered_or_moved",
        ),
    ];
    for (customer, change, verdict, why) in cases {
        let conversation = approved(home, customer);
        alter_draft(home, &conversation, change);
        let found = verified(home, &["trace", customer]);
        assert_eq!(found, (1, vec![row("inbound", "verified", "-"), row("draft", verdict, why)]), "{customer}");
        let run = home.run(&["trace", customer, "--verify"]);
        assert!(run.code == 1 && run.stderr.contains("1 body is not what was stored or decided on"), "{}", run.stderr);
    }
}

#[test]
fn a_decision_that_pinned_something_else_is_told() {
    let home = Home::shared();
    let conversation = approved(home, "verify-5");
    forge(
        home,
        &format!(
            "alter table queue.review_decision disable trigger keep_decisions;
             update queue.review_decision as decision set draft_digest = decode(repeat('00', 32), 'hex')
             from queue.job_queue as job
             where job.job_id = decision.job_id and job.correlation_id = '{conversation}';
             alter table queue.review_decision enable always trigger keep_decisions"
        ),
    );
    let expected = vec![row("inbound", "verified", "-"), row("draft", "digest_differs", "pinned_digest")];
    assert_eq!(verified(home, &["trace", "verify-5"]), (1, expected));
}

/// The row of a draft is deleted behind the guards: what somebody approved cannot be shown to anybody any more.
#[test]
fn a_decision_whose_draft_is_gone_is_told() {
    let home = Home::shared();
    let conversation = approved(home, "verify-8");
    let before = home.json(&["trace", "verify-8", "--verify", "--json"]);
    assert!(before.as_array().unwrap().iter().all(|event| event["why"].is_null()), "{before}");
    forge(
        home,
        &format!(
            "alter table care.customer_message disable trigger keep_conversations;
             delete from care.customer_message where conversation_id = '{conversation}' and direction = 'draft';
             alter table care.customer_message enable always trigger keep_conversations"
        ),
    );
    let run = home.run(&["trace", "verify-8", "--verify", "--json"]);
    assert!(run.code == 1 && run.stderr.contains("1 body is not what was stored or decided on"), "{}", run.stderr);
    let events: Value = serde_json::from_str(&run.stdout).unwrap();
    let gone: Vec<&Value> = events.as_array().unwrap().iter().filter(|event| event["why"] == "row_gone").collect();
    assert_eq!(gone.len(), 1, "{gone:?}");
    assert_eq!((&gone[0]["what"], &gone[0]["verdict"]), (&"review_approve".into(), &"does_not_open".into()));
    let text = home.run(&["trace", "verify-8", "--verify"]).stdout;
    assert!(text.contains("does not open (row gone)"), "{text}");
}

#[test]
fn what_cannot_be_opened_is_told_and_is_no_difference() {
    let home = Home::shared();
    let conversation = approved(home, "verify-6");
    let other = tempfile::tempdir().unwrap();
    let ring = other.path().join("other");
    countersign::vault::Keyring::administrator(&ring).unwrap().ensure_agency("local").unwrap();
    let closed = |why: &str| (0, vec![row("inbound", "does_not_open", why), row("draft", "does_not_open", why)]);
    let ring = ring.to_str().unwrap();
    assert_eq!(verified(home, &["--keys", ring, "trace", "verify-6"]), closed("no_key"));

    home.ok(&["erase", "verify-6", "--yes"]);
    assert_eq!(verified(home, &["trace", &conversation]), closed("erased"));

    let keyless = home.run(&["--keys", "nowhere", "trace", &conversation, "--verify"]);
    assert!(keyless.code == 1 && keyless.stderr.contains("no keys at"), "{}", keyless.stderr);
    let unknown = home.run(&["trace", &Uuid::from_u128(9).to_string(), "--verify"]);
    assert_eq!(unknown.code, 1);
}

#[test]
fn who_opens_no_bodies_verifies_none() {
    let home = Home::shared();
    approved(home, "verify-7");
    home.ok(&["access", "add", "verify_oncall", "staff", "--agency", "local", "--role", "oncall", "--as", "platform"]);
    let refused = home.run(&["--as", "verify_oncall", "trace", "verify-7", "--verify"]);
    assert!(refused.code == 1 && refused.stderr.contains("opens no bodies"), "{}", refused.stderr);
}
