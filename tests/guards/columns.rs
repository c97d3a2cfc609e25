//! I1 beyond `safe_payload`: no column of `queue` takes a word that is not registered, whoever writes it.
//!
//! What each column takes stands in the catalogue, as its comment: the wall writes it there from its one table. Here the
//! owner tries every one of them, on a row that is otherwise as it should be.

use std::collections::BTreeMap;

use countersign::store::holds::Scope;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::calls::sending;
use crate::support::{Database, command, database};

/// A name with an address, and a name that has the shape of a code: neither is a word that anybody registered.
const CANARIES: [&str; 2] = ["Jane Canary <jane@canary.example>", "jane_canary"];

/// A column that could carry text.
#[derive(sqlx::FromRow)]
struct Column {
    table: String,
    name: String,
    kind: String,
    /// What it takes, by the wall's table.
    takes: Option<String>,
}

async fn columns(db: &Database) -> Vec<Column> {
    sqlx::query_as(
        "with recursive col as (
             select attrelid, attnum, attname, atttypid, rel.relname
             from pg_attribute
             join pg_class as rel on rel.oid = attrelid
             where rel.relnamespace = 'queue'::regnamespace and rel.relkind in ('r', 'p', 'f', 'm')
               and attnum > 0 and not attisdropped
         ), part as (
             -- What a column consists of: the elements of an array, the attributes of a row, down to the last.
             select attrelid, attnum, atttypid as kind from col
             union
             select part.attrelid, part.attnum, coalesce(inside.atttypid, nullif(whole.typelem, 0))
             from part
             join pg_type as whole on whole.oid = part.kind and (whole.typcategory = 'A' or whole.typtype = 'c')
             left join pg_attribute as inside
               on inside.attrelid = whole.typrelid and inside.attnum > 0 and not inside.attisdropped
         )
         select col.relname::text as table, col.attname::text as name, format_type(col.atttypid, null) as kind,
                col_description(col.attrelid, col.attnum) as takes
         from col
         where exists (
             select from part
             join pg_type as least on least.oid = part.kind and least.typcategory <> 'A' and least.typtype <> 'c'
             where part.attrelid = col.attrelid and part.attnum = col.attnum
               and part.kind not in ('bigint'::regtype, 'integer'::regtype, 'smallint'::regtype, 'numeric'::regtype,
                                     'boolean'::regtype, 'uuid'::regtype, 'timestamptz'::regtype, 'interval'::regtype,
                                     'date'::regtype, 'time'::regtype, 'xid8'::regtype, 'oid'::regtype,
                                     -- Which of the numbers of jobs.
                                     'bit'::regtype,
                                     -- It names its own words and no other.
                                     'queue.counted'::regtype))
         order by col.relname, col.attnum",
    )
    .fetch_all(db.pool())
    .await
    .unwrap()
}

impl Column {
    /// A column whose words are the administrator's own is held by the shape of such words alone.
    fn registers_words(&self) -> bool {
        matches!(
            (self.table.as_str(), self.name.as_str()),
            ("agency", "agency")
                | ("intent" | "reason" | "error_code" | "channel" | "host" | "language" | "routing_hint", "code")
        ) || (self.table == "config_key" && self.name == "words")
    }

    /// The canary as JSON in every place where it could stand, for a row that is otherwise some row of the table.
    fn carrying(&self, canary: &str) -> Vec<String> {
        let quoted = format!("\"{canary}\"");
        match self.kind.as_str() {
            "text" => vec![quoted],
            "text[]" => vec![format!("[{quoted}]")],
            "bytea" => {
                vec![format!("\"\\\\x{}\"", canary.bytes().map(|byte| format!("{byte:02x}")).collect::<String>())]
            }
            "jsonb" => vec![
                format!("[{quoted}]"),
                format!("{{{quoted}: 1}}"),
                format!("{{\"language\": {quoted}}}"),
                format!("{{\"outcome\": {quoted}}}"),
                format!("{{\"outcome\": \"applied\", \"by\": {quoted}}}"),
                format!("{{\"outcome\": \"applied\", \"job_id\": {quoted}}}"),
                format!("{{\"outcome\": \"applied\", \"under_way\": [{quoted}]}}"),
                quoted,
            ],
            other => panic!("{}.{} is of type {other}: say here how it would carry text", self.table, self.name),
        }
    }

    /// Tries to write the canary, into a new row and into one that is there.
    async fn try_out(&self, hand: &mut PgConnection, value: &str) {
        let patch = format!("{{\"{}\": {value}}}", self.name);
        let Column { table, name, .. } = self;
        let inserted = format!(
            "insert into queue.{table} overriding system value
             select (jsonb_populate_record(row, $1::text::jsonb)).* from queue.{table} as row limit 1"
        );
        let updated = format!(
            "update queue.{table} as row set {name} = (jsonb_populate_record(row, $1::text::jsonb)).{name}
             where row.ctid = (select ctid from queue.{table} limit 1)"
        );
        for statement in [inserted, updated] {
            let what = format!("{statement} with {value}");
            let error = sqlx::query(AssertSqlSafe(statement)).bind(&patch).execute(&mut *hand).await.expect_err(&what);
            let sqlstate = error.as_database_error().unwrap().code().unwrap().into_owned();
            assert_eq!(sqlstate, "CS008", "{what}: {error:?}");
            let shown = format!("{error} {error:?}").to_lowercase();
            assert!(!shown.contains("canary") && !shown.contains("63616e617279"), "{what}: {shown}");
        }
    }
}

/// Gives every table a row.
async fn fill(db: &Database) {
    sending(db, &db.question().await).await;
    let scope = Scope { channel_kind: Some("sms".into()), ..Scope::default() };
    db.as_login("kim").await.place_hold(&scope, "incident", None, command()).await.unwrap();
    db.execute("insert into queue.business_hours values ('acme', 1, '09:00', '17:00')").await;
    db.execute("insert into queue.holiday values ('acme', '2026-12-25')").await;
    db.execute("insert into queue.host values ('track.acme.example')").await;
    db.execute("insert into queue.escalation_stop values ('agency:acme/role:team_lead', queue.clock())").await;
}

#[tokio::test]
async fn i1_a_text_inside_a_row_or_an_array_of_rows_is_found() {
    let db = database().await;
    db.execute(
        "create type queue.noted as (at timestamptz, note text);
         create type queue.counted_only as (at timestamptz, jobs bigint[]);
         create type queue.nested as (counts queue.counted_only[], notes queue.noted[]);
         create table queue.kept (of_counts queue.counted_only[], of_notes queue.noted, of_both queue.nested[])",
    )
    .await;
    let columns = columns(&db).await;
    let found: Vec<_> = columns.iter().filter(|column| column.table == "kept").map(|column| &*column.name).collect();
    assert_eq!(found, ["of_notes", "of_both"]);
    assert!(columns.iter().all(|column| column.table != "overview_kept"), "numbers, times and truths");
}

#[tokio::test]
async fn i1_no_column_of_the_queue_takes_a_word_that_nobody_registered() {
    let db = database().await;
    fill(&db).await;
    let columns = columns(&db).await;
    let mut by_rule: BTreeMap<&str, usize> = BTreeMap::new();
    for column in &columns {
        let takes = column.takes.as_deref();
        let takes = takes.unwrap_or_else(|| panic!("{}.{} is not in the wall's table", column.table, column.name));
        *by_rule.entry(takes).or_default() += 1;
    }
    assert!(columns.len() >= 80, "only {} columns were found", columns.len());

    let mut tries = 0;
    for role in ["countersign_owner", "none"] {
        let mut hand = db.pool().acquire().await.unwrap();
        sqlx::query(AssertSqlSafe(format!("set role {role}"))).execute(&mut *hand).await.unwrap();
        for column in &columns {
            let rows: i64 = db.value(&format!("select count(*) from queue.{}", column.table)).await;
            assert!(rows > 0, "{} has no row to try with", column.table);
            for canary in CANARIES.into_iter().take(if column.registers_words() { 1 } else { 2 }) {
                for value in column.carrying(canary) {
                    column.try_out(&mut hand, &value).await;
                    tries += 2;
                }
            }
        }
        sqlx::query("reset role").execute(&mut *hand).await.unwrap();
    }
    println!("I1: {} columns that could carry text, refused {tries} times; {by_rule:?}", columns.len());
}
