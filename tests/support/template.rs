//! The template database: migrated, peopled, with a clock that tests can set forward. Built once per run.

use std::fs;

use countersign::domain::{JobKind, Role};
use countersign::store::administration::NewCode;
use countersign::store::{ConnectOptions, Store};
use countersign::vault::Keyring;
use serde_json::json;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::run::{self, login};
use super::server::{self, Server};

pub const AGENCIES: [&str; 2] = ["acme", "globex"];
pub const CHANNELS: [&str; 3] = ["email", "sms", "webchat"];

pub struct Template {
    pub database: String,
    pub keyring: Keyring,
    /// A key file for `acme`, as an administrator hands it over.
    pub key_file: Vec<u8>,
}

pub async fn get() -> (&'static Server, &'static Template) {
    static TEMPLATE: OnceCell<Template> = OnceCell::const_new();
    let server = server::get().await;
    (server, TEMPLATE.get_or_init(|| build(server)).await)
}

async fn build(server: &Server) -> Template {
    let database = run::database("template");
    let (keyring, key_file) = keyring();
    let administrator = Store::connect(&server.administrator()).await.unwrap();
    assert!(administrator.create_database(&database).await.unwrap(), "{database} is left from another run");
    for who in ["ada", "bo", "sen", "lee", "kim", "opa", "wad", "pad", "gus", "prod", "exe", "sms_exe", "mon", "nobody"]
    {
        administrator.create_login(&login(who)).await.unwrap();
    }
    administrator.close().await;

    let options = server.administrator().database(&database);
    let administrator = Store::connect(&options).await.unwrap();
    administrator.migrate().await.unwrap();
    administrator.appoint_platform_admin(&login("pad")).await.unwrap();
    administrator.close().await;
    set_the_clock_free(&options).await;

    let admin = Store::connect(&options.login(login("pad"))).await.unwrap();
    register(&admin, &keyring).await;
    // A database can be cloned only while nobody is connected to it.
    admin.close().await;
    Template { database, keyring, key_file }
}

async fn register(admin: &Store, keyring: &Keyring) {
    for agency in AGENCIES {
        applied(admin.register_agency(agency, "UTC", "deadline_first", Uuid::new_v4()).await);
        for key_id in keyring.key_ids(agency).unwrap() {
            applied(admin.register_key(&key_id, agency, Uuid::new_v4()).await);
        }
    }
    let people = [
        ("ada", Some("acme"), Role::Reviewer),
        ("bo", Some("acme"), Role::Reviewer),
        ("sen", Some("acme"), Role::SeniorReviewer),
        ("lee", Some("acme"), Role::TeamLead),
        ("kim", Some("acme"), Role::Oncall),
        ("opa", Some("acme"), Role::Operator),
        ("wad", Some("acme"), Role::WorkflowAdmin),
        ("gus", Some("globex"), Role::Reviewer),
    ];
    for (who, agency, role) in people {
        applied(admin.register_staff(&login(who), agency, &[role], Uuid::new_v4()).await);
    }
    let programs = JobKind::ALL.into_iter().filter(|kind| !kind.is_for_people()).collect::<Vec<_>>();
    applied(admin.register_executor(&login("exe"), &programs, &CHANNELS, &AGENCIES, Uuid::new_v4()).await);
    applied(admin.register_executor(&login("sms_exe"), &[JobKind::Send], &["sms"], &["acme"], Uuid::new_v4()).await);
    applied(admin.register_producer(&login("prod"), &AGENCIES, &CHANNELS, Uuid::new_v4()).await);
    applied(admin.register_monitor(&login("mon"), Uuid::new_v4()).await);
    for intent in ["card_arrival", "refund"] {
        let code = NewCode { list: "intent".into(), code: intent.into(), ..NewCode::default() };
        applied(admin.register_code(&code, Uuid::new_v4()).await);
    }
    for event_type in admin.event_types().await.unwrap() {
        applied(admin.ratify_event_type(&event_type.event_type, Uuid::new_v4()).await);
    }
    applied(admin.set_config("queue.environment", &json!("test"), None, Uuid::new_v4()).await);
}

/// Replaces the database's clock by one that [`super::Database::advance`] sets forward. Only here: the contract allows
/// it to test databases.
async fn set_the_clock_free(options: &ConnectOptions) {
    let pool = super::database::pool(options).await;
    sqlx::raw_sql(
        "create table queue.test_clock (ahead interval not null);
         insert into queue.test_clock values ('0');
         alter table queue.test_clock owner to countersign_owner;
         create or replace function queue.clock() returns timestamptz
         language sql volatile security definer set search_path = queue, care, pg_temp
         as $$ select clock_timestamp() + ahead from queue.test_clock $$;",
    )
    .execute(&pool)
    .await
    .unwrap();
    pool.close().await;
}

/// Keys of all agencies in memory only; the files they went through are gone when this returns.
fn keyring() -> (Keyring, Vec<u8>) {
    let directory = tempfile::tempdir().unwrap();
    let ring = Keyring::administrator(&directory.path().join("ring")).unwrap();
    let granted = directory.path().join("granted");
    fs::create_dir(&granted).unwrap();
    for agency in AGENCIES {
        ring.ensure_agency(agency).unwrap();
        ring.grant("tests", agency, &granted.join(format!("{agency}.key"))).unwrap();
    }
    (Keyring::load(&granted).unwrap(), fs::read(granted.join("acme.key")).unwrap())
}

fn applied(answer: countersign::store::Result<countersign::domain::Outcome>) {
    let outcome = answer.unwrap();
    assert!(outcome.is_applied(), "{outcome:?}");
}
