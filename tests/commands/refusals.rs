//! What a refusal says: what was wrong with what this command was given, and what to do.

use super::home::Home;

/// Each line must be refused with words of its own, and with exit code 1.
fn check(home: &Home, cases: &[(&str, &str)]) {
    for (line, words) in cases {
        let arguments: Vec<&str> = line.split_whitespace().collect();
        let run = home.run(&arguments);
        assert_eq!(run.code, 1, "{line}: {}", run.stderr);
        assert!(run.stderr.contains(words), "{line}: {}", run.stderr);
    }
}

#[test]
fn what_is_not_there_is_named_as_what_it_is() {
    let home = Home::shared();
    check(
        home,
        &[
            ("resume 999999", "there is no hold 999999"),
            ("access remove never_registered --as platform", "never_registered has no rights here"),
            ("put-draft 1 --token 1 --author drafter-1 --file no-such-reply.txt", "no-such-reply.txt"),
            ("--as never_registered jobs", "login never_registered is not registered"),
            ("show 999999", "#999999"),
        ],
    );
    home.ok(&["hold", "--channel", "sms", "--kind", "followup", "--reason", "maintenance"]);
    let hold = home.json(&["holds", "--json"])[0]["hold_id"].to_string();
    home.ok(&["resume", &hold]);
    check(home, &[(&format!("resume {hold}"), "was ended already")]);
}

#[test]
fn a_value_that_does_not_fit_is_answered_with_what_does() {
    check(
        Home::shared(),
        &[
            ("hold --reason maintenance", "at least one of --kind"),
            ("hold --channel fax --reason maintenance", "vocabulary list channel"),
            ("hold --kind send --reason maintenance --ticket seven", "INC-2291"),
            ("config set queue.customer.confidence_threshold 7 --as platform", "number 0 to 1"),
            ("config set no.such.key 7 --as platform", "config list"),
            ("vocabulary add intent Card --as platform", "lowercase"),
            ("vocabulary add reason because --for fun --as platform", "--for at least one of reject"),
            ("vocabulary add error_code broken --as platform", "--effect"),
            ("vocabulary add language english --as platform", "pt-BR"),
            ("vocabulary add routing_hint north --as platform", "role:WORD"),
            ("vocabulary add host https://acme.example --agency local", "no https://"),
            ("vocabulary add host acme.example --agency globex", "only a workflow_admin of globex"),
            ("access add eve staff --agency nowhere --role reviewer --as platform", "agency nowhere is not registered"),
            ("access add local_import staff --agency local --role reviewer --as platform", "exactly one of staff"),
        ],
    );
}

#[test]
fn an_unknown_reference_is_refused_in_json_too() {
    let run = Home::shared().run(&["trace", "nobody-knows-this", "--json"]);
    assert_eq!((run.code, run.stdout.trim()), (1, "[]"));
    assert!(run.stderr.contains("nothing is known under this reference"), "{}", run.stderr);
}

#[test]
fn what_left_is_confirmed_job_by_job_each_under_its_own_number() {
    let home = Home::shared();
    let confirm = |sent: &[&str]| home.run(&[&["dead-letters", "confirm-sent"], sent].concat());
    let run = confirm(&["999998=m-1", "999999=m-2"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_eq!(run.stdout.lines().count(), 2, "{}", run.stdout);
    for sent in [&["999998", "999999", "--provider-ref", "m-1"][..], &["999998=m-1", "999999=m-1"], &["999998"]] {
        let run = confirm(sent);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{sent:?}");
    }
}

#[test]
fn an_address_of_another_database_is_wrong_usage() {
    let run = Home::shared().run(&["--database-url", "mysql://ada@localhost/countersign", "jobs"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("postgres://"), "{}", run.stderr);
}

#[test]
fn nobody_listening_on_standard_error_is_no_crash() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = Home::shared().command(&["show", "999999"]).stderr(writer).status().unwrap();
    assert_eq!(status.code(), Some(1));
}
