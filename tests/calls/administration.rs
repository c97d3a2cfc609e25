//! Who may do what, which words exist, what is switched on.

use countersign::domain::{Filter, JobKind, Role};
use countersign::store::administration::NewCode;
use countersign::store::review::ListOrder;
use serde_json::json;

use crate::support::{command, database};

#[tokio::test]
async fn only_a_platform_admin_registers_and_configures() {
    let db = database().await;
    for who in ["ada", "kim", "wad"] {
        let store = db.as_login(who).await;
        let code = NewCode { list: "intent".into(), code: "complaint".into(), ..NewCode::default() };
        let answers = [
            store.register_agency("initech", "UTC", "deadline_first", command()).await.unwrap(),
            store.register_staff(&db.login("nobody"), Some("acme"), &[Role::Reviewer], command()).await.unwrap(),
            store
                .register_executor(&db.login("nobody"), &[JobKind::Send], &["sms"], &["acme"], command())
                .await
                .unwrap(),
            store.register_producer(&db.login("nobody"), &["acme"], &["sms"], command()).await.unwrap(),
            store.register_monitor(&db.login("nobody"), command()).await.unwrap(),
            store.revoke_login(&db.login("bo"), command()).await.unwrap(),
            store.register_code(&code, command()).await.unwrap(),
            store.ratify_event_type("customer.message.sent", command()).await.unwrap(),
            store.register_key(&"0a".repeat(16), "acme", command()).await.unwrap(),
            store.set_config("queue.customer.enabled", &json!(false), None, command()).await.unwrap(),
        ];
        for outcome in answers {
            assert_eq!(outcome.outcome, "not_authorised", "{who}");
        }
    }
}

#[tokio::test]
async fn a_revoked_login_loses_its_rights_at_once_in_its_open_session() {
    let db = database().await;
    let ada = db.as_login("ada").await;
    ada.waiting(1, &ListOrder::default()).await.unwrap();
    let pad = db.as_login("pad").await;
    assert!(pad.revoke_login(&db.login("ada"), command()).await.unwrap().is_applied());
    assert!(ada.claim_review(None).await.is_err());
    assert!(pad.access().await.unwrap().iter().all(|row| row.login != db.login("ada")));
    assert_eq!(pad.revoke_login(&db.login("ada"), command()).await.unwrap().outcome, "not_found");
    // The role is the server's, and other tests use it: give it back what this database took away.
    let reviewer = [Role::Reviewer];
    assert!(pad.register_staff(&db.login("ada"), Some("acme"), &reviewer, command()).await.unwrap().is_applied());
}

#[tokio::test]
async fn a_login_is_exactly_one_of_staff_executor_producer_monitor() {
    let db = database().await;
    let pad = db.as_login("pad").await;
    let error = pad.register_producer(&db.login("ada"), &["acme"], &["email"], command()).await.unwrap_err();
    assert_eq!(error.sqlstate(), Some("CS004"));
    let error = pad.register_staff("no_such_login", Some("acme"), &[Role::Reviewer], command()).await.unwrap_err();
    assert_eq!(error.sqlstate(), Some("CS002"));
}

#[tokio::test]
async fn a_platform_admin_has_no_other_role_and_a_reviewer_has_an_agency() {
    let db = database().await;
    let pad = db.as_login("pad").await;
    let cases: [(Option<&str>, &[Role]); 4] = [
        (None, &[Role::Reviewer]),
        (Some("acme"), &[Role::PlatformAdmin]),
        (None, &[Role::PlatformAdmin, Role::Oncall]),
        (Some("acme"), &[]),
    ];
    for (agency, roles) in cases {
        let error = pad.register_staff(&db.login("nobody"), agency, roles, command()).await.unwrap_err();
        assert_eq!(error.sqlstate(), Some("CS002"), "{agency:?} {roles:?}");
    }
}

#[tokio::test]
async fn settings_take_their_own_type_and_range_only() {
    let db = database().await;
    let pad = db.as_login("pad").await;
    let cases = [
        ("queue.customer.enabled", json!("yes")),
        ("queue.customer.confidence_threshold", json!(1.01)),
        ("queue.customer.undo_seconds.sms", json!(-1)),
        ("queue.customer.undo_seconds.sms", json!(1.5)),
        ("queue.environment", json!("somewhere")),
        ("queue.no_such_key", json!(true)),
    ];
    for (key, value) in cases {
        let error = pad.set_config(key, &value, None, command()).await.unwrap_err();
        assert_eq!(error.sqlstate(), Some("CS002"), "{key} = {value}");
    }
}

#[tokio::test]
async fn sending_without_approval_needs_the_councils_reference() {
    let db = database().await;
    let pad = db.as_login("pad").await;
    let key = "queue.customer.send_without_approve.enabled";
    assert!(pad.set_config(key, &json!(true), None, command()).await.is_err());
    assert!(pad.set_config(key, &json!(true), Some("because"), command()).await.is_err());
    assert!(pad.set_config(key, &json!(true), Some("COUNCIL-17"), command()).await.unwrap().is_applied());
}

#[tokio::test]
async fn an_agencys_setting_goes_before_everyones() {
    let db = database().await;
    let key = "queue.customer.undo_seconds.email";
    let (wad, pad) = (db.as_login("wad").await, db.as_login("pad").await);
    assert!(pad.set_config(key, &json!(100), None, command()).await.unwrap().is_applied());
    assert!(wad.set_agency_config(key, &json!(200), command()).await.unwrap().is_applied());
    let undo_time = async |agency: &str, who: &str| {
        let question = db.question_of(agency, "email").await;
        let pin = db.read(who, question.job).await;
        let store = db.as_login(who).await;
        let outcome = store.approve(question.job, &pin, Default::default(), command()).await.unwrap();
        let send = db.job(outcome.created_job_id.unwrap()).await;
        (send.process_after - send.created_at).as_seconds_f64().round()
    };
    assert_eq!(undo_time("acme", "ada").await, 200.0);
    assert_eq!(undo_time("globex", "gus").await, 100.0);
    let platforms = wad.set_agency_config("queue.customer.enabled", &json!(false), command()).await.unwrap_err();
    assert_eq!(platforms.sqlstate(), Some("CS002"));
}

#[tokio::test]
async fn a_workflow_admin_signs_off_customers_of_the_own_agency_only() {
    let db = database().await;
    let own = db.conversation().await;
    let foreign = db.conversation_of("globex", "email").await;
    let until = chrono::Utc::now() + chrono::TimeDelta::days(1);
    let wad = db.as_login("wad").await;
    assert!(wad.sign_off_customer(&own.customer_ref, until, command()).await.unwrap().is_applied());
    assert_eq!(wad.sign_off_customer(&foreign.customer_ref, until, command()).await.unwrap().outcome, "not_found");
    assert_eq!(wad.revoke_sign_off(&foreign.customer_ref, command()).await.unwrap().outcome.outcome, "not_found");
    let past = chrono::Utc::now() - chrono::TimeDelta::days(1);
    assert!(wad.sign_off_customer(&own.customer_ref, past, command()).await.is_err());
    let pad = db.as_login("pad").await;
    assert_eq!(pad.sign_off_customer(&own.customer_ref, until, command()).await.unwrap().outcome, "not_authorised");
}

#[tokio::test]
async fn codes_of_every_list_can_be_registered_and_then_used() {
    let db = database().await;
    let pad = db.as_login("pad").await;
    let code = |list: &str, code: &str| NewCode { list: list.into(), code: code.into(), ..NewCode::default() };
    let codes = [
        code("language", "pt-BR"),
        code("intent", "complaint"),
        code("routing_hint", "role:night_shift"),
        code("channel", "fax"),
        code("host", "track.acme.example"),
        NewCode { used_by: vec!["reject".into()], ..code("reason", "too_cheerful") },
        NewCode { effect: Some("unknown".into()), is_final: true, ..code("error_code", "paper_jam") },
    ];
    for code in &codes {
        assert!(pad.register_code(code, command()).await.unwrap().is_applied(), "{code:?}");
        let listed = pad.vocabulary(Some(&code.list)).await.unwrap();
        let found = listed.iter().find(|row| row.code == code.code).unwrap();
        assert_eq!((&found.used_by, &found.effect), (&code.used_by, &code.effect));
    }
    let malformed = [
        code("intent", "jane.doe@example.org"),
        code("host", "https://acme.example"),
        code("host", "Acme.example"),
        code("host", "localhost"),
        code("host", &format!("{}.example", "a.".repeat(130))),
    ];
    for code in malformed {
        let error = pad.register_code(&code, command()).await.unwrap_err();
        assert_eq!(error.sqlstate(), Some("CS002"), "{code:?}");
    }
    assert_eq!(db.as_login("ada").await.known_hosts().await.unwrap(), ["track.acme.example"]);
}

#[tokio::test]
async fn a_host_is_trusted_by_the_agency_that_registered_it_or_by_all() {
    let db = database().await;
    let (wad, pad) = (db.as_login("wad").await, db.as_login("pad").await);
    for _ in 0..2 {
        assert!(wad.register_agency_host("help.acme.example", command()).await.unwrap().is_applied());
    }
    let platforms = pad.register_agency_host("track.carrier.example", command()).await.unwrap();
    assert_eq!(platforms.outcome, "not_authorised");
    let everybodys = NewCode { list: "host".into(), code: "track.carrier.example".into(), ..NewCode::default() };
    assert!(pad.register_code(&everybodys, command()).await.unwrap().is_applied());
    assert_eq!(wad.register_code(&everybodys, command()).await.unwrap().outcome, "not_authorised");
    let known = async |who: &str| db.as_login(who).await.known_hosts().await.unwrap();
    assert_eq!(known("ada").await, ["help.acme.example", "track.carrier.example"]);
    assert_eq!(known("gus").await, ["track.carrier.example"]);
    let error = wad.register_agency_host("https://acme.example", command()).await.unwrap_err();
    assert_eq!(error.sqlstate(), Some("CS002"));
}

#[tokio::test]
async fn a_sealing_key_belongs_to_one_agency() {
    let db = database().await;
    let pad = db.as_login("pad").await;
    let key_id = "0b".repeat(16);
    assert!(pad.register_key(&key_id, "acme", command()).await.unwrap().is_applied());
    let error = pad.register_key(&key_id, "globex", command()).await.unwrap_err();
    assert_eq!(error.sqlstate(), Some("CS002"));
}

#[tokio::test]
async fn every_act_of_an_administrator_is_audited() {
    let db = database().await;
    let pad = db.as_login("pad").await;
    pad.set_config("queue.customer.enabled", &json!(true), None, command()).await.unwrap();
    let newest = &pad.activity(&Filter::default(), 0, 1).await.unwrap()[0];
    let seen = (newest.call.as_str(), newest.outcome.as_str(), newest.login.as_str());
    assert_eq!(seen, ("set_config", "applied", db.login("pad").as_str()));
}
