//! Calls beside plain statements that write the same rows into the same tables without any check: also those of the audit
//! trail, of the counts, and of the remembered answers, because a call leaves them behind.

use serde_json::json;

use crate::Arguments;
use crate::counting::decided;
use crate::data::Data;
use crate::pgbench::{self, CLIENTS, CONVERSATION, Done, Script};
use crate::report::{Bar, Report, median, spread};

/// One comparison.
struct Pair {
    what: &'static str,
    bar: Bar,
    who: &'static str,
    call: String,
    plain: String,
    /// What each of the two is counted by.
    counts: [&'static str; 2],
    /// How many rows of it a transaction is to write.
    at_once: f64,
}

/// What a transaction is to leave behind.
#[derive(Clone, Copy)]
struct Work {
    counted: &'static str,
    at_once: f64,
}

pub async fn measure(report: &mut Report, data: &Data, arguments: &Arguments) {
    let taken = [
        "select count(*) from queue.job_queue where job_kind = 'customer_message_inbound' and status = 'leased'",
        "select count(*) from plain.job_queue where job_kind = 'customer_message_inbound' and status = 'leased'",
    ];
    let decided = ["select count(*) from queue.review_decision", "select count(*) from plain.review_decision"];
    let stored = ["select count(*) from care.customer_message", "select count(*) from plain.customer_message"];
    let pairs = [
        Pair {
            what: "decisions, of a script of plain statements",
            bar: Bar::AtLeast(0.7),
            who: "ada",
            call: pgbench::decide(),
            plain: data.filled(&decision_by_statements()),
            counts: decided,
            at_once: 1.0,
        },
        Pair {
            what: "  of the same as one statement",
            bar: Bar::None,
            who: "ada",
            call: pgbench::decide(),
            plain: data.filled(&decision_at_once()),
            counts: decided,
            at_once: 1.0,
        },
        Pair {
            what: "store_inbound, of a plain insert of the same rows",
            bar: Bar::AtLeast(0.5),
            who: "prod",
            call: pgbench::enqueue(data),
            plain: data.filled(&plain_inbound(data)),
            counts: stored,
            at_once: 1.0,
        },
        Pair {
            what: "claim_jobs(1), of a plain skip-locked claim of the same rows",
            bar: Bar::AtLeast(0.65),
            who: "exe",
            call: pgbench::claim("customer_message_inbound", 1),
            plain: data.filled(&plain_claim(1)),
            counts: taken,
            at_once: 1.0,
        },
        Pair {
            what: "  of one that neither audits nor counts",
            bar: Bar::None,
            who: "exe",
            call: pgbench::claim("customer_message_inbound", 1),
            plain: data.filled(&bare_claim(1)),
            counts: taken,
            at_once: 1.0,
        },
        Pair {
            what: "claim_jobs(10), of a plain skip-locked claim of the same rows",
            bar: Bar::AtLeast(0.65),
            who: "exe",
            call: pgbench::claim("customer_message_inbound", 10),
            plain: data.filled(&plain_claim(10)),
            counts: taken,
            at_once: 10.0,
        },
        Pair {
            what: "  of one that neither audits nor counts",
            bar: Bar::None,
            who: "exe",
            call: pgbench::claim("customer_message_inbound", 10),
            plain: data.filled(&bare_claim(10)),
            counts: taken,
            at_once: 10.0,
        },
    ];
    for pair in pairs {
        compare(report, data, arguments, &pair).await;
    }
}

async fn compare(report: &mut Report, data: &Data, arguments: &Arguments, pair: &Pair) {
    let (mut ratios, mut call, mut plain) = (Vec::new(), Vec::new(), Vec::new());
    let [ours, theirs] = pair.counts.map(|counted| Work { counted, at_once: pair.at_once });
    for repetition in 0..arguments.repetitions {
        let (mut called, mut written) = (None, None);
        // Who comes second finds a busier disk.
        for calls in if repetition % 2 == 0 { [true, false] } else { [false, true] } {
            if calls {
                let script = Script { who: pair.who, text: &pair.call, rate: None };
                called = rate(data, script, arguments.seconds, decided(data).await, ours).await;
            } else {
                let script = Script { who: "postgres", text: &pair.plain, rate: None };
                written = rate(data, script, arguments.seconds, decided_plainly(data).await, theirs).await;
            }
        }
        let (Some(called), Some(written)) = (called, written) else {
            report.note(&format!("{}: the work was used up after {} repetitions", pair.what.trim(), ratios.len()));
            break;
        };
        call.push(called);
        plain.push(written);
        ratios.push(called / written);
    }
    if ratios.is_empty() {
        return;
    }
    let figures = json!({
        "ratios": ratios, "call_per_second": spread(&call), "plain_per_second": spread(&plain), "seconds": arguments.seconds,
        "clients": CLIENTS, "jobs": data.jobs,
    });
    let what = format!("{} ({:.0}/s)", pair.what, median(&call));
    report.add(&what, pair.bar, median(&ratios), "x", figures);
}

/// A second: what the statement counts. None: there was too little left to do, and who finds nothing is fast.
async fn rate(data: &Data, script: Script<'_>, seconds: u32, base: i64, work: Work) -> Option<f64> {
    let before = data.count(work.counted).await;
    let done: Done = pgbench::run(data, script, seconds, base).await;
    let written = data.count(work.counted).await - before;
    let each = written as f64 / done.transactions as f64;
    (each > 0.9 * work.at_once).then_some(each * done.per_second)
}

/// Where the questions begin that nobody has decided by plain statements.
async fn decided_plainly(data: &Data) -> i64 {
    data.count(
        "select coalesce(max(k), 0) from bench.work join plain.job_queue using (job_id) where status = 'succeeded'",
    )
    .await
}

const NEXT: &str = "\\set n :n + 1\n\\set k :base + :client_id + 16 * :n\n";

/// The rows that a decision writes, one statement each.
fn decision_by_statements() -> String {
    format!(
        "{NEXT}begin;
update plain.job_queue set status = 'succeeded', outcome_code = 'approved', finished_at = clock_timestamp(), lease_owner = null, lease_expires_at = null where job_id = (select job_id from bench.work where k = :k);
insert into plain.job_queue (job_kind, status, priority, agency, channel_kind, correlation_id, parent_job_id, payload_ref, safe_payload, max_attempts, created_at, process_after, deadline_at) select 'customer_message_send', 'queued', priority, agency, channel_kind, correlation_id, job_id, payload_ref, safe_payload, 5, clock_timestamp(), clock_timestamp() + interval '30 seconds', deadline_at from plain.job_queue where job_id = (select job_id from bench.work where k = :k) returning job_id as created \\gset
insert into plain.review_decision (job_id, agency, decision, decided_by, decided_at, draft_id, draft_digest, newest_inbound_seq, lease_token, created_job_id) select job_id, 'acme', 'approve', '{{reviewer}}', clock_timestamp(), draft_id, digest, 1, 1, :created from bench.work where k = :k;
insert into plain.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status, command_id) select clock_timestamp(), '{{reviewer}}', 'review_approve', job_id, 'acme', 'applied', 'leased', 'succeeded', gen_random_uuid() from bench.work where k = :k union all select clock_timestamp(), '{{reviewer}}', 'review_approve', :created, 'acme', 'applied', null, 'queued', null;
insert into plain.event_outbox (event_type, agency, job_id, correlation_id, codes, created_at) select 'customer.message.decided', agency, job_id, correlation_id, safe_payload, clock_timestamp() from plain.job_queue where job_id = (select job_id from bench.work where k = :k);
insert into plain.job_change (lane, at, was, became, decided, outcome) values (1, clock_timestamp(), 'leased', null, true, 'approved'), (2, clock_timestamp(), null, 'queued', false, null);
{answered};
commit;
",
        answered = answered("{reviewer}"),
    )
}

/// The same rows by one statement, so that no time goes by between them.
fn decision_at_once() -> String {
    format!(
        "{NEXT}with work as (select * from bench.work where k = :k), \
decided as (update plain.job_queue as job set status = 'succeeded', outcome_code = 'approved', finished_at = clock_timestamp(), lease_owner = null, lease_expires_at = null from work where job.job_id = work.job_id returning job.*), \
sent as (insert into plain.job_queue (job_kind, status, priority, agency, channel_kind, correlation_id, parent_job_id, payload_ref, safe_payload, max_attempts, created_at, process_after, deadline_at) select 'customer_message_send', 'queued', priority, agency, channel_kind, correlation_id, job_id, payload_ref, safe_payload, 5, clock_timestamp(), clock_timestamp() + interval '30 seconds', deadline_at from decided returning job_id), \
recorded as (insert into plain.review_decision (job_id, agency, decision, decided_by, decided_at, draft_id, draft_digest, newest_inbound_seq, lease_token, created_job_id) select work.job_id, 'acme', 'approve', '{{reviewer}}', clock_timestamp(), draft_id, digest, 1, 1, sent.job_id from work, sent), \
audited as (insert into plain.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status, command_id) select clock_timestamp(), '{{reviewer}}', 'review_approve', job_id, 'acme', 'applied', 'leased', 'succeeded', gen_random_uuid() from work union all select clock_timestamp(), '{{reviewer}}', 'review_approve', job_id, 'acme', 'applied', null, 'queued', null from sent), \
announced as (insert into plain.event_outbox (event_type, agency, job_id, correlation_id, codes, created_at) select 'customer.message.decided', agency, job_id, correlation_id, safe_payload, clock_timestamp() from decided), \
counted as (insert into plain.job_change (lane, at, was, became, decided, outcome) values (1, clock_timestamp(), 'leased', null, true, 'approved'), (2, clock_timestamp(), null, 'queued', false, null)) \
{answered};
",
        answered = answered("{reviewer}"),
    )
}

/// The answer that is kept for whoever asks again.
fn answered(login: &str) -> String {
    format!(
        "insert into plain.command_answer (login, command_id, asked, answer, at) values ('{login}', gen_random_uuid(), sha256('asked'), '{{\"outcome\":\"applied\",\"job_id\":123456,\"created_job_id\":1234567}}', clock_timestamp())"
    )
}

/// The rows that an inbound message writes, by one statement.
fn plain_inbound(data: &Data) -> String {
    format!(
        "{CONVERSATION}with numbered as (update plain.customer_conversation set last_seq = last_seq + 1, last_inbound_seq = last_seq + 1 where conversation_id = ('00000002-0000-4000-8000-' || lpad(to_hex(:conversation::bigint), 12, '0'))::uuid returning conversation_id, agency, channel_kind, last_seq), \
message as (insert into plain.customer_message (message_id, conversation_id, seq, direction, author_ref, stored_by, sealed_body, key_id, digest, at, stored_at) select gen_random_uuid(), conversation_id, last_seq, 'inbound', 'customer', '{{producer}}', {body}, '{{key}}', sha256('body'), clock_timestamp(), clock_timestamp() from numbered returning message_id, conversation_id), \
announced as (insert into plain.event_outbox (event_type, agency, correlation_id, codes, created_at) select 'customer.message.enqueued', 'acme', conversation_id, '{{\"language\":\"en\",\"intent_code\":\"card_arrival\"}}', clock_timestamp() from numbered), \
job as (insert into plain.job_queue (job_kind, status, priority, agency, channel_kind, correlation_id, payload_ref, safe_payload, max_attempts, created_at, process_after, deadline_at, idempotency_key) select 'customer_message_inbound', 'queued', 5, agency, channel_kind, conversation_id, 'message:' || message_id, '{{\"language\":\"en\",\"intent_code\":\"card_arrival\"}}', 5, clock_timestamp(), clock_timestamp(), clock_timestamp() + interval '5 minutes', gen_random_uuid() from numbered join message using (conversation_id) returning job_id), \
audited as (insert into plain.dot_iu_command_run (at, login, call, job_id, agency, outcome, to_status) select clock_timestamp(), '{{producer}}', 'store_inbound', job_id, 'acme', 'applied', 'queued' from job), \
counted as (insert into plain.job_change (lane, at, became, due, deadline, decided) values (1, clock_timestamp(), 'queued', clock_timestamp(), clock_timestamp() + interval '5 minutes', false)) \
{answered};
",
        body = pgbench::body(data),
        answered = answered("{producer}"),
    )
}

/// The rows that a claim writes, by one statement.
fn plain_claim(at_most: u32) -> String {
    format!(
        "with {ready}, \
leased as ({lease} returning job.*, ready.status as was), \
counted as (insert into plain.job_change (lane, at, was, became, decided) select 1, clock_timestamp(), 'queued', 'leased', false from leased), \
audited as (insert into plain.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status) select clock_timestamp(), '{{executor}}', 'claim_jobs', job_id, 'acme', 'applied', was, 'leased' from leased) \
select * from leased;
",
        ready = ready(at_most),
        lease = LEASE,
    )
}

/// No more than the lease: neither audited nor counted.
fn bare_claim(at_most: u32) -> String {
    format!("with {ready} {LEASE} returning job.*;\n", ready = ready(at_most))
}

fn ready(at_most: u32) -> String {
    format!(
        "ready as (select job_id, status from plain.job_queue where status in ('queued', 'retry_waiting') and job_kind = 'customer_message_inbound' and process_after <= now() order by priority, process_after, job_id limit {at_most} for update skip locked)"
    )
}

const LEASE: &str = "update plain.job_queue as job set status = 'leased', lease_owner = '{executor}', lease_token = lease_token + 1, lease_expires_at = clock_timestamp() + interval '1 day', attempt = attempt + 1 from ready where job.job_id = ready.job_id";
