use countersign::vault::Keyring;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::home::{Home, drafted, word_after};

/// Changes a home's database behind its guards.
pub fn forge(home: &Home, statement: &str) {
    let url = home.ok(&["db", "url", "--as", "postgres"]);
    let changed = async {
        let mut superuser = PgConnection::connect(url.trim()).await?;
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut superuser).await?;
        superuser.close().await
    };
    tokio::runtime::Runtime::new().unwrap().block_on(changed).unwrap();
}

/// Somebody leaves: rotate, grant anew, reseal, retire. What was on a screen before is decided on after.
#[test]
fn keys_rotate_and_old_key_files_say_what_to_ask_for() {
    let home = Home::fresh();
    home.ok(&["db", "start"]);
    let agency = ["--agency", "local"];
    home.ok(&["access", "add", "ada", "staff", "--agency", "local", "--role", "reviewer", "--as", "platform"]);
    let old_file = home.path("ada-old.key");
    home.ok(&["vault", "grant", "ada", "--agency", "local", "--out", old_file.to_str().unwrap()]);
    let old = ["--as", "ada", "--keys", old_file.to_str().unwrap()];
    assert_eq!(home.import("before.jsonl", &[drafted("before", "Where is it?", "On its way.")]).code, 0);
    let before = home.job("approve", "before");

    let listed = home.json(&["vault", "keys", "--agency", "local", "--json"]);
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["messages"]), (1, &2.into()));
    let first = listed[0]["key_id"].as_str().unwrap()[..8].to_owned();
    let refused = home.run(&[&["vault", "retire", &first][..], &agency].concat());
    assert!(refused.code == 1 && refused.stderr.contains("the newest key"), "{}", refused.stderr);
    assert!(home.ok(&[&["vault", "rotate"][..], &agency].concat()).contains("vault grant LOGIN --agency local"));
    assert_eq!(home.import("after.jsonl", &[drafted("after", "And now?", "Tomorrow.")]).code, 0);
    let after = home.job("approve", "after");

    let unread = home.run(&[&old[..], &["review", "open", &after]].concat());
    assert!(
        unread.code == 1 && unread.stderr.contains("ask the administrator for a new key file"),
        "{}",
        unread.stderr
    );
    let pin = word_after(&home.ok(&[&old[..], &["review", "open", &before]].concat()), "--pin ");
    let resealed = home.ok(&[&["vault", "reseal"][..], &agency].concat());
    assert!(resealed.starts_with("2 bodies resealed") && resealed.contains("nothing lies under"), "{resealed}");
    assert!(home.ok(&[&["vault", "reseal"][..], &agency].concat()).starts_with("0 bodies resealed"));
    let lost = home.run(&[&old[..], &["review", "approve", &before, "--pin", &pin]].concat());
    assert!(lost.code == 1 && lost.stderr.contains("ask the administrator for a new key file"), "{}", lost.stderr);

    let new_file = home.path("ada-new.key");
    home.ok(&["vault", "grant", "ada", "--agency", "local", "--out", new_file.to_str().unwrap()]);
    let new = ["--as", "ada", "--keys", new_file.to_str().unwrap()];
    home.ok(&[&new[..], &["review", "approve", &before, "--pin", &pin]].concat());
    assert!(home.ok(&[&["vault", "keys"][..], &agency].concat()).contains("can be retired"));
    home.ok(&[&["vault", "retire", &first][..], &agency].concat());
    let kept = home.json(&["vault", "keys", "--agency", "local", "--json"]);
    assert_eq!(kept.as_array().unwrap().len(), 1);
    // The ring keeps the key for what lies in backups.
    let ring = Keyring::administrator(&home.path("data/keyring")).unwrap();
    assert_eq!(ring.key_ids("local").unwrap().len(), 2);
    home.ok(&["db", "stop"]);
}

/// The owner of the database alters what was read: the program recomputes, and neither shows nor approves it.
#[test]
fn i16_a_body_or_digest_that_the_database_altered_is_neither_shown_nor_approved() {
    let home = Home::shared();
    let flip = "sealed_body = set_byte(sealed_body, 50, get_byte(sealed_body, 50) # 4)";
    for (customer, forgery, expected) in [
        ("vault-1", "digest = decode(repeat('00', 32), 'hex')", "the stored digest does not belong to this body"),
        ("vault-2", flip, "the body does not open"),
    ] {
        assert_eq!(home.import(&format!("{customer}.jsonl"), &[drafted(customer, "Where?", "There.")]).code, 0);
        let job = home.job("approve", customer);
        let pin = word_after(&home.ok(&["review", "open", &job]), "--pin ");
        forge(
            home,
            &format!(
                "alter table care.customer_message disable trigger keep_messages;
                 update care.customer_message as message set {forgery}
                 from queue.job_queue as job
                 where job.job_id = {job} and message.conversation_id = job.correlation_id and direction = 'draft';
                 alter table care.customer_message enable always trigger keep_messages"
            ),
        );
        let approved = home.run(&["review", "approve", &job, "--pin", &pin]);
        assert!(approved.code == 1 && approved.stderr.contains(expected), "{}", approved.stderr);
        let shown = home.run(&["review", "open", &job]);
        assert_eq!((shown.code, shown.stdout.as_str()), (1, ""));
        assert!(shown.stderr.contains(expected), "{}", shown.stderr);
        assert_eq!(home.json(&["show", &job, "--json"])["job"]["status"], "queued");
    }
}
