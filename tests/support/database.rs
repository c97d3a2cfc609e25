//! One test's database.

use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{fs, mem};

use countersign::domain::{Direction, Job, JobId, Status};
use countersign::store::{ConnectOptions, NewBody, Store};
use countersign::vault::{Keyring, Place};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, PgPool, Postgres};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::run::{self, login};
use super::server;
use super::template::{self, Template};

pub struct Database {
    options: ConnectOptions,
    administrator: ConnectOptions,
    name: String,
    template: Option<&'static Template>,
    admin: Store,
    /// As the superuser, for arranging what no call can and for looking behind the wall.
    pool: PgPool,
    stores: Mutex<HashMap<String, Store>>,
}

/// A fresh command id.
pub fn command() -> Uuid {
    Uuid::new_v4()
}

pub(super) async fn clone_template() -> Database {
    let (server, template) = template::get().await;
    let administrator = server.administrator();
    let name = fresh_name();
    let pool = pool(&administrator).await;
    // Copying files is twice as fast as copying through the write-ahead log, for a template of a few megabytes.
    run(&pool, &format!("create database {name} template {} strategy file_copy", template.database)).await;
    // A setting of the migrated database that does not come with the copy.
    run(&pool, &format!("alter database {name} set jit = off")).await;
    pool.close().await;
    Database::connect(administrator, name, Some(template)).await
}

pub(super) async fn create_empty() -> Database {
    let administrator = server::get().await.administrator();
    let name = fresh_name();
    let pool = pool(&administrator).await;
    run(&pool, &format!("create database {name}")).await;
    pool.close().await;
    Database::connect(administrator, name, None).await
}

pub(super) async fn pool(options: &ConnectOptions) -> PgPool {
    let mut connect = PgConnectOptions::from_str(&options.url).unwrap();
    if let Some(database) = &options.database {
        connect = connect.database(database);
    }
    PgPoolOptions::new().max_connections(2).connect_with(connect).await.unwrap()
}

impl Database {
    async fn connect(administrator: ConnectOptions, name: String, template: Option<&'static Template>) -> Database {
        let options = administrator.clone().database(&name);
        let admin = Store::connect(&options).await.unwrap();
        let pool = pool(&options).await;
        Database { options, administrator, name, template, admin, pool, stores: Mutex::default() }
    }

    /// The store of one of the fixtures' logins.
    pub async fn as_login(&self, who: &str) -> Store {
        let mut stores = self.stores.lock().await;
        if let Some(store) = stores.get(who) {
            return store.clone();
        }
        let store = Store::connect(&self.options_of(who)).await.unwrap();
        stores.insert(who.to_owned(), store.clone());
        store
    }

    /// How to connect as one of the fixtures' logins.
    pub fn options_of(&self, who: &str) -> ConnectOptions {
        self.options.clone().login(login(who)).max_connections(2)
    }

    /// The address of this database for another program, as one of the fixtures' logins.
    pub fn url_of(&self, who: &str) -> String {
        let connect = PgConnectOptions::from_str(&self.options.url).unwrap();
        sqlx::ConnectOptions::to_url_lossy(&connect.database(&self.name).username(&login(who))).to_string()
    }

    /// The address of this database as its administrator.
    pub fn administrator_url(&self) -> String {
        let connect = PgConnectOptions::from_str(&self.options.url).unwrap();
        sqlx::ConnectOptions::to_url_lossy(&connect.database(&self.name)).to_string()
    }

    /// Writes a key file for `acme`, as private as the program wants it.
    pub fn grant_keys(&self, path: &Path) {
        let template = self.template.expect("only a database with fixtures has keys");
        fs::write(path, &template.key_file).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// The name that the database knows one of the fixtures by.
    pub fn login(&self, who: &str) -> String {
        login(who)
    }

    /// The store of the superuser.
    pub fn admin(&self) -> &Store {
        &self.admin
    }

    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// A pool of a fixture's login, for SQL that goes around the calls.
    pub async fn raw(&self, who: &str) -> PgPool {
        let connect = PgConnectOptions::from_str(&self.options.url).unwrap();
        let connect = connect.database(&self.name).username(&login(who));
        PgPoolOptions::new().max_connections(1).connect_with(connect).await.unwrap()
    }

    /// Runs a statement as the superuser.
    pub async fn execute(&self, statement: &str) {
        run(&self.pool, statement).await;
    }

    /// The one value that a statement returns, asked as the superuser.
    pub async fn value<T>(&self, statement: &str) -> T
    where
        T: for<'r> sqlx::Decode<'r, Postgres> + sqlx::Type<Postgres> + Send + Unpin,
    {
        sqlx::query_scalar(AssertSqlSafe(statement.to_owned())).fetch_one(&self.pool).await.unwrap()
    }

    /// Sets the database's clock forward: `40 seconds`, `2 hours`.
    pub async fn advance(&self, interval: &str) {
        sqlx::query("update queue.test_clock set ahead = ahead + $1::text::interval")
            .bind(interval)
            .execute(&self.pool)
            .await
            .unwrap();
    }

    /// Waits until the outbox may show everything that was written: a reader stops below the oldest transaction under
    /// way, and that may be another test's, because transactions are numbered for the whole server.
    pub async fn outbox_has_settled(&self) {
        let settled = "select coalesce(max(written_in) < pg_snapshot_xmin(pg_current_snapshot()), true)
                       from queue.event_outbox";
        while !self.value::<bool>(settled).await {
            tokio::task::yield_now().await;
        }
    }

    pub async fn job(&self, job: JobId) -> Job {
        self.admin.job(job).await.unwrap().unwrap()
    }

    pub async fn status(&self, job: JobId) -> Status {
        self.job(job).await.status
    }

    /// A dump of this database, as an administrator keeps it.
    pub async fn dump(&self) -> String {
        server::get().await.dump(&self.name)
    }

    /// What the server wrote into its log so far, about every database; none where the server is not ours.
    pub async fn server_log(&self) -> Option<String> {
        server::get().await.log()
    }

    /// The keys of the fixtures' agencies.
    pub fn keyring(&self) -> &'static Keyring {
        &self.template.expect("an empty database has no keys").keyring
    }

    /// A body sealed for its place, as the calls take it.
    pub fn seal(&self, agency: &str, conversation: Uuid, message: Uuid, direction: Direction, body: &str) -> NewBody {
        let place = Place { agency, conversation, message, direction };
        let sealed = self.keyring().seal(&place, body.as_bytes()).unwrap();
        NewBody { key_id: sealed.key_id, sealed: sealed.bytes, digest: sealed.digest.to_vec() }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let administrator = self.administrator.clone();
        let name = mem::take(&mut self.name);
        server::to_its_end(move || async move {
            if let Ok(store) = Store::connect(&administrator).await {
                let _ = store.drop_database(&name).await;
                store.close().await;
            }
        });
    }
}

fn fresh_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    run::database(&NEXT.fetch_add(1, Ordering::Relaxed).to_string())
}

async fn run(pool: &PgPool, statement: &str) {
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(pool).await.unwrap();
}
