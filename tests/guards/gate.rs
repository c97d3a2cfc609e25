//! I4 and I5 as a truth table: by what right a send may go, against an oracle that knows the contract and no SQL.

use countersign::domain::{JobKind, Status};
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::refused;
use crate::support::{Conversation, Database, Figure, database, scaled};

const SWITCH: &str = "queue.customer.send_without_approve.enabled";

/// How the parent of a send stands to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Parent {
    kind: JobKind,
    status: Status,
    same_conversation: bool,
    same_agency: bool,
    draft: Draft,
    decision: Decision,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Draft {
    Same,
    /// The parent is about another one.
    OfAnother,
    /// The parent is about this one, the decision about another; or a draft job brought it that is not the parent.
    DecidedOnAnother,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    None,
    Approve,
    Undone,
    Reject,
    Escalate,
}

/// What stands instead of an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dispensation {
    None,
    SwitchOnly,
    SignOffOnly,
    Both,
    Expired,
    Revoked,
    OfAnotherCustomer,
    OfAnotherAgency,
    BothByOnePerson,
}

impl Draft {
    const ALL: [Draft; 3] = [Draft::Same, Draft::OfAnother, Draft::DecidedOnAnother];
}

impl Decision {
    const ALL: [Decision; 5] =
        [Decision::None, Decision::Approve, Decision::Undone, Decision::Reject, Decision::Escalate];
}

impl Dispensation {
    const ALL: [Dispensation; 9] = [
        Dispensation::None,
        Dispensation::SwitchOnly,
        Dispensation::SignOffOnly,
        Dispensation::Both,
        Dispensation::Expired,
        Dispensation::Revoked,
        Dispensation::OfAnotherCustomer,
        Dispensation::OfAnotherAgency,
        Dispensation::BothByOnePerson,
    ];
}

/// The contract's I4 and I5, read aloud.
fn may_be_sent(parent: Parent, dispensation: Dispensation) -> bool {
    let is_about_this = parent.same_conversation && parent.same_agency && parent.draft == Draft::Same;
    let is_approved = parent.kind == JobKind::Approve && parent.decision == Decision::Approve;
    let is_dispensed = parent.kind == JobKind::Draft && dispensation == Dispensation::Both;
    parent.status == Status::Succeeded && is_about_this && (is_approved || is_dispensed)
}

fn parents() -> Vec<Parent> {
    let mut parents = Vec::new();
    for kind in JobKind::ALL {
        for status in Status::ALL {
            for (same_conversation, same_agency) in [(true, true), (true, false), (false, true), (false, false)] {
                for draft in Draft::ALL {
                    for decision in Decision::ALL {
                        parents.push(Parent { kind, status, same_conversation, same_agency, draft, decision });
                    }
                }
            }
        }
    }
    parents
}

/// In how many ways two parents differ.
fn distance(one: Parent, other: Parent) -> usize {
    [
        one.kind != other.kind,
        one.status != other.status,
        one.same_conversation != other.same_conversation,
        one.same_agency != other.same_agency,
        one.draft != other.draft,
        one.decision != other.decision,
    ]
    .into_iter()
    .filter(|differs| *differs)
    .count()
}

/// The rows that a case is forged from.
struct Ground<'db> {
    db: &'db Database,
    conversation: Conversation,
    other: Conversation,
    foreign: Conversation,
    draft: Uuid,
    other_draft: Uuid,
}

impl<'db> Ground<'db> {
    async fn prepare(db: &'db Database) -> Ground<'db> {
        let (question, other) = (db.question().await, db.question().await);
        let foreign = db.conversation_of("globex", "email").await;
        db.execute("update queue.job_queue set status = 'cancelled', finished_at = queue.clock()").await;
        Ground {
            db,
            draft: question.draft_id,
            other_draft: other.draft_id,
            conversation: question.conversation,
            other: other.conversation,
            foreign,
        }
    }

    /// A parent in any state, however it may have got there; its job id.
    async fn forge_parent(&self, hand: &mut PgConnection, parent: Parent) -> i64 {
        let is_persons = matches!(parent.kind, JobKind::Approve | JobKind::Escalate);
        let is_about_a_conversation = matches!(parent.kind, JobKind::Draft | JobKind::Followup);
        let conversation = if parent.same_conversation { &self.conversation } else { &self.other };
        let about = if parent.draft == Draft::OfAnother { self.other_draft } else { self.draft };
        let agency = if parent.same_agency { "acme" } else { "globex" };
        let held = matches!(parent.status, Status::Leased | Status::Running);
        let over = parent.status.is_terminal() || parent.status == Status::DeadLetter;
        let statement = format!(
            "insert into queue.job_queue
                 (job_kind, status, agency, target_ref, channel_kind, correlation_id, parent_job_id, payload_ref, max_attempts,
                  created_at, process_after, lease_owner, lease_expires_at, finished_at)
             values ('{kind}', '{status}', '{agency}', case when {is_persons} then 'agency:{agency}/role:reviewer' end, 'email',
                     '{id}', case when '{kind}' = 'customer_message_send' then (select min(job_id) from queue.job_queue) end,
                     case when {is_about_a_conversation} then 'conversation:{id}' else 'message:{about}' end,
                     case when {is_persons} then null else 5 end, queue.clock(), queue.clock(),
                     case when {held} then session_user end, case when {held} then queue.clock() end,
                     case when {over} then queue.clock() end)
             returning job_id",
            kind = parent.kind,
            status = parent.status,
            id = conversation.id,
        );
        let job: i64 = sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(&mut *hand).await.unwrap();
        let decided_on = if parent.draft == Draft::Same { self.draft } else { self.other_draft };
        let verb = match parent.decision {
            Decision::None => return job,
            Decision::Approve | Decision::Undone => "approve",
            Decision::Reject => "reject",
            Decision::Escalate => "escalate",
        };
        let undone = parent.decision == Decision::Undone;
        self.run(
            hand,
            &format!(
                "insert into queue.review_decision
                     (job_id, agency, decision, reason, decided_by, decided_at, draft_id, draft_digest, newest_inbound_seq,
                      lease_token, undone_by, undone_at)
                 values ({job}, '{agency}', '{verb}', 'policy', '{ada}', queue.clock(), '{decided_on}', sha256(''), 1, 1,
                         case when {undone} then '{ada}' end, case when {undone} then queue.clock() end)",
                ada = self.db.login("ada"),
            ),
        )
        .await;
        job
    }

    /// Says for which job the draft was made, as storing it for that job would have.
    async fn forge_origin(&self, hand: &mut PgConnection, parent: Parent, job: i64) {
        if parent.kind == JobKind::Draft && parent.draft != Draft::DecidedOnAnother {
            let made = if parent.draft == Draft::Same { self.draft } else { self.other_draft };
            let made = format!("update care.customer_message set made_for_job_id = {job} where message_id = '{made}'");
            self.run(hand, &made).await;
        }
    }

    async fn forge_dispensation(&self, hand: &mut PgConnection, dispensation: Dispensation) {
        use Dispensation as D;
        let switched = !matches!(dispensation, D::None | D::SignOffOnly);
        let signed = !matches!(dispensation, D::None | D::SwitchOnly);
        let (pad, wad) = (self.db.login("pad"), self.db.login("wad"));
        if switched {
            let set_by = if dispensation == D::BothByOnePerson { &wad } else { &pad };
            self.run(
                hand,
                &format!(
                    "insert into queue.dot_config (agency, key, value, set_by, set_at, council_reference)
                     values (null, '{SWITCH}', 'true', '{set_by}', queue.clock(), 'COUNCIL-17')"
                ),
            )
            .await;
        }
        if signed {
            let of = match dispensation {
                D::OfAnotherCustomer => &self.other,
                D::OfAnotherAgency => &self.foreign,
                _ => &self.conversation,
            };
            let lasts = if dispensation == D::Expired { "-1 hour" } else { "1 hour" };
            let revoked = dispensation == D::Revoked;
            self.run(
                hand,
                &format!(
                    "insert into care.customer_signoff (agency, customer_id, signed_by, signed_at, expires_at, revoked_by, revoked_at)
                     select agency, customer_id, '{wad}', queue.clock() - interval '1 day', queue.clock() + interval '{lasts}',
                            case when {revoked} then '{wad}' end, case when {revoked} then queue.clock() end
                     from care.customer_conversation where conversation_id = '{}'",
                    of.id
                ),
            )
            .await;
        }
    }

    /// A send born of this parent, in `queued` or, past the gate, in `leased`.
    async fn forge_send(&self, hand: &mut PgConnection, parent: i64, status: Status) -> i64 {
        let held = status == Status::Leased;
        let statement = format!(
            "insert into queue.job_queue
                 (job_kind, status, agency, channel_kind, correlation_id, parent_job_id, payload_ref, max_attempts, created_at,
                  process_after, lease_owner, lease_token, lease_expires_at)
             values ('customer_message_send', '{status}', 'acme', 'email', '{}', {parent}, 'message:{}', 5, queue.clock(),
                     queue.clock(), case when {held} then session_user end, {held}::integer,
                     case when {held} then queue.clock() end)
             returning job_id",
            self.conversation.id, self.draft
        );
        sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(&mut *hand).await.unwrap()
    }

    async fn run(&self, hand: &mut PgConnection, statement: &str) {
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(hand).await.unwrap();
    }
}

/// Rows that were rolled back are in the way of later ones until their transaction has ended.
const CASES_AT_A_TIME: usize = 200;

/// Takes away, until the end of the transaction, the guards that keep such rows from being there at all. The gate stays.
const DISARM: &str = "alter table queue.job_queue drop constraint job_people_do_not_run;
                      alter table queue.job_queue disable trigger machine;
                      alter table queue.job_queue disable trigger code_wall;
                      alter table queue.review_decision disable trigger pinned;
                      alter table queue.send_evidence disable trigger evidenced;
                      alter table care.customer_message disable trigger keep_messages";

#[tokio::test]
async fn i4_i5_a_send_goes_by_an_approval_or_a_dispensation_and_by_nothing_else() {
    let db = database().await;
    let ground = Ground::prepare(&db).await;
    let figure = Figure::begin("I4 and I5, cases of the truth table");
    let mut hand = db.pool().begin().await.unwrap();
    ground.run(&mut hand, DISARM).await;

    let parents = parents();
    let right: Vec<Parent> =
        parents.iter().copied().filter(|parent| Dispensation::ALL.iter().any(|d| may_be_sent(*parent, *d))).collect();
    let mut cases = 0;
    for (number, parent) in parents.into_iter().enumerate() {
        for (place, dispensation) in Dispensation::ALL.into_iter().enumerate() {
            // What differs in one thing from what is right is looked at always, of the rest some.
            let is_near = right.iter().any(|good| distance(*good, parent) <= 1);
            if !is_near && !(number * 9 + place).is_multiple_of(scaled(97, 1)) {
                continue;
            }
            cases += 1;
            if cases % CASES_AT_A_TIME == 0 {
                hand.rollback().await.unwrap();
                hand = db.pool().begin().await.unwrap();
                ground.run(&mut hand, DISARM).await;
            }
            let expected = (!may_be_sent(parent, dispensation)).then_some("CS007");
            let case = format!("{parent:?} {dispensation:?}");
            ground.run(&mut hand, "savepoint before").await;
            let job = ground.forge_parent(&mut hand, parent).await;
            ground.forge_origin(&mut hand, parent, job).await;
            ground.forge_dispensation(&mut hand, dispensation).await;

            ground.run(&mut hand, "savepoint forged").await;
            let send = ground.forge_send(&mut hand, job, Status::Queued).await;
            let lease = format!(
                "update queue.job_queue set status = 'leased', lease_owner = session_user, lease_token = 1,
                                            lease_expires_at = queue.clock() where job_id = {send}"
            );
            assert_eq!(refused(&mut *hand, &lease).await.as_deref(), expected, "leased: {case}");
            ground.run(&mut hand, "rollback to forged").await;

            let send = ground.forge_send(&mut hand, job, Status::Leased).await;
            let evidence = format!(
                "insert into care.customer_signoff (agency, customer_id, signed_by, signed_at, expires_at)
                 select agency, customer_id, 'someone', queue.clock() - interval '1 day', queue.clock() - interval '1 hour'
                 from care.customer_conversation where conversation_id = '{}';
                 insert into queue.send_evidence (job_id, signoff_id, recorded_at)
                 select {send}, max(signoff_id), queue.clock() from care.customer_signoff",
                ground.conversation.id
            );
            ground.run(&mut hand, &evidence).await;
            let run = format!("update queue.job_queue set status = 'running' where job_id = {send}");
            assert_eq!(refused(&mut *hand, &run).await.as_deref(), expected, "running: {case}");
            ground.run(&mut hand, "rollback to before").await;
        }
    }
    figure.end(cases);
}

/// The same by the call: a send without a right is never handed out, and holds nobody else up.
#[tokio::test]
async fn i4_i5_claims_pass_over_what_has_no_right_and_end_it() {
    let db = database().await;
    let ground = Ground::prepare(&db).await;
    let mut hand = db.pool().begin().await.unwrap();
    ground.run(&mut hand, DISARM).await;
    let good = Parent {
        kind: JobKind::Approve,
        status: Status::Succeeded,
        same_conversation: true,
        same_agency: true,
        draft: Draft::Same,
        decision: Decision::Approve,
    };
    let near: Vec<Parent> = parents()
        .into_iter()
        .filter(|parent| {
            distance(good, *parent) <= 1
                || distance(Parent { kind: JobKind::Draft, decision: Decision::None, ..good }, *parent) <= 1
        })
        .collect();
    for parent in near {
        for dispensation in Dispensation::ALL {
            let case = format!("{parent:?} {dispensation:?}");
            ground.run(&mut hand, "savepoint before").await;
            let job = ground.forge_parent(&mut hand, parent).await;
            ground.forge_origin(&mut hand, parent, job).await;
            ground.forge_dispensation(&mut hand, dispensation).await;
            let send = ground.forge_send(&mut hand, job, Status::Queued).await;
            let claim = format!(
                "set local session authorization '{}';
                 select queue.claim_jobs(array['customer_message_send'], 1);
                 reset session authorization",
                db.login("exe")
            );
            ground.run(&mut hand, &claim).await;
            let status: String = sqlx::query_scalar(
                "select status || coalesce('/' || outcome_code, '') from queue.job_queue where job_id = $1",
            )
            .bind(send)
            .fetch_one(&mut *hand)
            .await
            .unwrap();
            let expected = if may_be_sent(parent, dispensation) { "leased" } else { "cancelled/dispensation_ended" };
            assert_eq!(status, expected, "{case}");
            ground.run(&mut hand, "rollback to before").await;
        }
    }
}
