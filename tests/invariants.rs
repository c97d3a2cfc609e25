//! What looks afterwards whether the promises held does see it when they did not.

use countersign::store::invariants::Invariant;

use crate::support::{self, Database};

/// A sentence that a customer could have written.
const WORDS: &str = "my card has not arrived";

/// What gets a row past the guards, and which promise it breaks.
const FORGERIES: [(&str, &str); 25] = [
    ("delete from queue.dot_iu_command_run where job_id = $job", "I14 jobs that nothing"),
    (
        "alter table queue.job_queue drop constraint job_safe_payload_is_a_signal;
         update queue.job_queue set safe_payload = '{\"note\": 1}' where job_id = $job",
        "I1 keys in safe_payload",
    ),
    (
        "insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status)
         values (now(), 'forger', 'none', $job, 'acme', 'applied', 'queued', 'succeeded')",
        "I3 moves",
    ),
    (
        "insert into queue.job_queue (job_kind, status, agency, channel_kind, correlation_id, parent_job_id, payload_ref,
                                      max_attempts, created_at, process_after, finished_at)
         select 'customer_message_send', 'succeeded', agency, channel_kind, correlation_id, job_id, payload_ref,
                1, now(), now(), now()
         from queue.job_queue where job_id = $job",
        "I4 sends that left without",
    ),
    (
        "update queue.job_queue set status = 'succeeded', finished_at = now() where job_id = $job",
        "I4 approve jobs that succeeded without",
    ),
    (
        "insert into queue.review_decision (job_id, agency, decision, decided_by, decided_at, draft_id, draft_digest,
                                            newest_inbound_seq, lease_token)
         select $job, 'acme', 'approve', 'forger', now() + interval '1 hour', message_id, digest, 0, 0
         from care.customer_message where message_id = '$draft'",
        "I6 decisions after a message",
    ),
    (
        "update queue.review_decision set draft_digest = decode(repeat('00', 32), 'hex')",
        "I6 decisions on a digest",
    ),
    (
        "update queue.review_decision
         set decided_by = (select stored_by from care.customer_message where message_id = '$draft')",
        "I7 approvals by who had a hand",
    ),
    (
        "insert into queue.send_evidence (job_id, decision_id, recorded_at)
         select job.job_id, decision_id, now()
         from queue.job_queue as job, queue.review_decision
         where job.job_kind = 'customer_message_send';
         update queue.review_decision set undone_by = 'forger', undone_at = now()",
        "I4 sends on a decision that was not an approval",
    ),
    (
        "alter table queue.review_decision drop constraint decision_once cascade;
         insert into queue.review_decision (job_id, agency, decision, reason, decided_by, decided_at, draft_id, draft_digest,
                                            newest_inbound_seq, lease_token)
         select job_id, agency, 'reject', 'policy', decided_by, decided_at, draft_id, draft_digest, newest_inbound_seq, 0
         from queue.review_decision",
        "I8 jobs decided twice",
    ),
    (
        "update queue.review_decision set draft_id = gen_random_uuid() where decision = 'approve'",
        "I4 sends of another draft",
    ),
    (
        "drop index queue.one_send_per_approval;
         insert into queue.job_queue (job_kind, status, agency, channel_kind, correlation_id, parent_job_id, payload_ref,
                                      max_attempts, created_at, process_after, finished_at)
         select job_kind, status, agency, channel_kind, correlation_id, parent_job_id, payload_ref,
                1, now(), now(), now()
         from queue.job_queue where job_kind = 'customer_message_send'",
        "I4 approvals that let more than one",
    ),
    (
        "insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status)
         values (now(), 'forger', 'none', $job, 'acme', 'applied', 'queued', 'paused')",
        "I14 jobs whose last audited status",
    ),
    (
        "update care.customer_message
         set key_id = foreign_key.key_id,
             sealed_body = overlay(sealed_body placing decode(foreign_key.key_id, 'hex') from 2 for 16)
         from care.sealing_key as foreign_key where foreign_key.agency = 'globex' and sealed_body is not null",
        "I16 bodies sealed under",
    ),
    (
        "alter table care.customer_message drop constraint message_envelope_well_formed;
         update care.customer_message set sealed_body = 'plain'",
        "I16 messages whose envelope",
    ),
    ("update queue.event_type_registry set ratified_at = null", "I13 events"),
    ("update care.customer_conversation set channel_kind = 'sms'", "I15 jobs of another"),
    (
        "drop index queue.one_open_question_per_conversation;
         insert into queue.job_queue (job_kind, status, agency, target_ref, channel_kind, correlation_id, payload_ref,
                                      created_at, process_after)
         select 'customer_message_approve', 'queued', agency, target_ref, channel_kind, correlation_id, payload_ref,
                now(), now()
         from queue.job_queue as job, generate_series(1, 2) where job_id = $job",
        "one open question",
    ),
    (
        "alter table queue.job_queue drop constraint job_lease_whole;
         update queue.job_queue set status = 'leased', lease_owner = null, finished_at = null where job_id = $job",
        "I9 leases",
    ),
    (
        "update queue.review_decision set lease_token = lease_token + 1",
        "I9 decisions under a lease",
    ),
    (
        "update queue.review_decision
         set undone_by = 'forger', undone_at = now(),
             created_job_id = (select max(job_id) from queue.job_queue where status <> 'cancelled')",
        "I8 decisions undone",
    ),
    (
        "insert into queue.job_queue (job_kind, status, agency, target_ref, channel_kind, correlation_id, parent_job_id,
                                      payload_ref, created_at, process_after, finished_at)
         select 'customer_message_escalate', 'cancelled', agency, 'agency:' || agency || '/role:team_lead', channel_kind,
                correlation_id, job_id, payload_ref, now(), now(), now()
         from queue.job_queue where job_id = $job",
        "I10 escalations to another tier",
    ),
    (
        "update queue.job_queue set correlation_id = gen_random_uuid() where job_id = $job",
        "I15 jobs that came from",
    ),
    (
        "insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status)
         select now(), 'forger', 'start_job', job_id, 'acme', 'applied', 'leased', 'running'
         from queue.job_queue, generate_series(1, 2) where job_kind = 'customer_message_send'",
        "I17 sends that were tried again",
    ),
    (
        "insert into care.customer_signoff (agency, customer_id, signed_by, signed_at, expires_at)
         select agency, customer_id, 'forger', now() + interval '1 day', now() + interval '2 days' from care.customer limit 1;
         delete from queue.send_evidence;
         insert into queue.send_evidence (job_id, signoff_id, recorded_at)
         select job.job_id, signoff_id, now()
         from queue.job_queue as job, care.customer_signoff
         where job.job_kind = 'customer_message_send' limit 1",
        "I5 sends by a sign-off",
    ),
];

async fn broken(db: &Database) -> Vec<String> {
    let promises = db.admin().invariants().await.unwrap();
    promises.into_iter().filter(|promise| promise.broken > 0).map(|promise| promise.invariant).collect()
}

/// Takes the guards away that stand even before the superuser.
async fn disarm(db: &Database) {
    let tables = [
        "queue.job_queue",
        "queue.dot_iu_command_run",
        "queue.review_decision",
        "queue.send_evidence",
        "care.customer_message",
        "care.customer_conversation",
    ];
    for table in tables {
        db.execute(&format!("alter table {table} disable trigger all")).await;
    }
}

#[tokio::test]
async fn each_broken_promise_is_named() {
    let db = support::database().await;
    let question = db.question().await;
    assert_eq!(broken(&db).await, Vec::<String>::new());
    disarm(&db).await;
    for (forgery, promise) in FORGERIES {
        let before = broken(&db).await;
        assert!(!before.iter().any(|name| name.starts_with(promise)), "{promise} is broken already: {before:?}");
        let draft = question.draft_id.to_string();
        db.execute(&forgery.replace("$job", &question.job.0.to_string()).replace("$draft", &draft)).await;
        let after = broken(&db).await;
        assert!(after.iter().any(|name| name.starts_with(promise)), "{promise} is not noticed: {after:?}");
    }
}

#[tokio::test]
async fn words_in_the_clear_are_found_wherever_they_stand() {
    let db = support::database().await;
    let conversation = db.conversation().await;
    db.inbound(&conversation, WORDS).await;
    let reference = conversation.customer_ref.clone();
    let found = async || -> Vec<i64> {
        let (bodies, references) = ([WORDS.to_owned()], [reference.clone()]);
        let promises: Vec<Invariant> = db.admin().words_in_the_clear(&bodies, &references).await.unwrap();
        promises.iter().map(|promise| promise.broken).collect()
    };
    assert_eq!(found().await, [0, 0]);

    disarm(&db).await;
    let run = |code: &str| {
        format!(
            "insert into queue.dot_iu_command_run (at, login, call, outcome, code) values (now(), 'x', 'x', 'applied', '{code}')"
        )
    };
    db.execute(&run(&format!("it says {reference}"))).await;
    assert_eq!(found().await, [1, 0]);
    db.execute(&run(WORDS)).await;
    assert_eq!(found().await, [2, 0]);
    db.execute(&format!("update care.customer_message set sealed_body = sealed_body || convert_to('{WORDS}', 'utf8')"))
        .await;
    assert_eq!(found().await, [2, 1]);
}
