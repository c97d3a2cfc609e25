//! From nothing to a server and back to nothing.

use std::fs;
use std::path::Path;

use countersign::cluster::{self, Cluster, Error, State, Stopped};

use super::*;

#[test]
fn first_start_initialises_a_cluster_that_psql_and_sqlx_reach() {
    let home = Home::new();
    assert_eq!(cluster::state(&home.data()).unwrap(), State { made_by: None, running: false, pinned: false });

    let cluster = home.open();
    let major = home.programs.major();
    assert_eq!(cluster::state(&home.data()).unwrap(), State { made_by: Some(major), running: true, pinned: false });
    let facts = "select concat_ws(' ', current_user, current_setting('server_encoding'), current_setting('TimeZone'), \
                 current_setting('data_checksums'), current_setting('fsync'), current_setting('max_connections'), \
                 'Z' < 'a' collate \"default\")";
    let expected = "postgres UTF8 UTC on on 100 t";
    assert_eq!(home.query(&cluster, facts), expected);
    assert_eq!(query_with_sqlx(&cluster.url("postgres", "postgres"), facts), expected);

    home.query(&cluster, "create role \"o'brien @/%\" login");
    home.query(&cluster, "create database \"a b?c&d=e/ü\"");
    let odd = cluster.url("o'brien @/%", "a b?c&d=e/ü");
    let who_and_where = "select current_user || ' in ' || current_database()";
    assert_eq!(query_with_sqlx(&odd, who_and_where), "o'brien @/% in a b?c&d=e/ü");
    let mut by_psql = psql(&home.programs, &cluster, who_and_where);
    let output = by_psql.args(["--dbname", &odd]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), "o'brien @/% in a b?c&d=e/ü");

    drop(cluster);
    assert!(!home.is_running());
}

#[test]
fn data_survives_stop_and_start() {
    let home = Home::new();
    let cluster = home.open();
    home.query(&cluster, "create table kept as select 42 as answer");
    drop(cluster);
    assert_eq!(home.query(&home.open(), "select answer from kept"), "42");
}

#[test]
fn pinned_server_outlives_its_users_until_it_is_stopped() {
    let home = Home::new();
    let cluster = home.open();
    cluster.pin().unwrap();
    drop(cluster);
    assert!(home.is_running());

    let user = home.open();
    let stop = || Cluster::stop(&home.programs, &home.data()).unwrap();
    assert_eq!(stop(), Stopped::WithLastUser);
    assert!(home.is_running());
    drop(user);
    assert!(!home.is_running());

    home.open().pin().unwrap();
    assert_eq!(stop(), Stopped::Now);
    assert!(!home.is_running());
    assert_eq!(stop(), Stopped::NotRunning);
}

#[test]
fn reset_refuses_while_in_use_and_keeps_nothing() {
    let home = Home::new();
    let cluster = home.open();
    home.query(&cluster, "create table kept ()");
    let reset = || Cluster::reset(&home.programs, &home.data());
    assert!(matches!(reset(), Err(Error::InUse { .. })));
    home.query(&cluster, "table kept");

    cluster.pin().unwrap();
    drop(cluster);
    let pid = home.postmaster_pid();
    reset().unwrap();
    assert!(is_gone(pid));
    assert!(!home.server().exists());
    assert_eq!(cluster::state(&home.data()).unwrap(), State { made_by: None, running: false, pinned: false });

    let tables = "select count(*) from pg_tables where tablename = 'kept'";
    assert_eq!(home.query(&home.open(), tables), "0");
}

#[test]
fn path_too_long_for_a_socket_is_no_obstacle() {
    let home = Home::new();
    let data = home.dir.path().join("long ".repeat(30)).join("it's data");
    let cluster = Cluster::open(&home.programs, &data).unwrap();
    let socket_dir = home.query(&cluster, "show unix_socket_directories");
    let socket_dir = Path::new(socket_dir.trim_matches('"'));
    assert!(!socket_dir.starts_with(&data));
    assert_eq!(mode(socket_dir), 0o700);

    let joined = Cluster::open(&home.programs, &data).unwrap();
    assert_eq!(joined.url("a", "b"), cluster.url("a", "b"));
    drop((cluster, joined));
    Cluster::reset(&home.programs, &data).unwrap();
    assert!(!socket_dir.exists());
}

#[test]
fn path_that_a_shell_would_interpret_is_refused() {
    let home = Home::new();
    let data = home.dir.path().join("$(touch here)");
    let refused = Cluster::open(&home.programs, &data).map(drop);
    assert!(matches!(refused, Err(Error::Path { .. })), "{refused:?}");
}

#[test]
fn cluster_of_another_version_is_left_alone() {
    let home = Home::new();
    drop(home.open());
    let version = home.server().join("pgdata/PG_VERSION");
    fs::write(&version, "14\n").unwrap();
    let refused = Cluster::open(&home.programs, &home.data()).map(drop);
    assert!(matches!(refused, Err(Error::OtherVersion { made_by: 14, .. })), "{refused:?}");
}

#[test]
fn throwaway_cluster_is_fast_and_leaves_nothing() {
    let home = Home::new();
    let directory = home.data();
    let cluster = Cluster::throwaway(&home.programs, &directory).unwrap();
    let settings = "select concat_ws(' ', current_setting('fsync'), current_setting('full_page_writes'), \
                    current_setting('synchronous_commit'), current_setting('max_connections'))";
    assert_eq!(home.query(&cluster, settings), "off off off 450");
    let pid = home.postmaster_pid();
    drop(cluster);
    assert!(is_gone(pid));
    assert!(!directory.exists());
}

#[test]
fn throwaway_cluster_takes_over_no_directory_with_something_in_it() {
    let home = Home::new();
    fs::create_dir(home.data()).unwrap();
    fs::write(home.data().join("precious"), "").unwrap();
    let refused = Cluster::throwaway(&home.programs, &home.data()).map(drop);
    assert!(matches!(refused, Err(Error::NotEmpty { .. })), "{refused:?}");
    assert!(home.data().join("precious").exists());
}

fn query_with_sqlx(url: &str, sql: &'static str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        use sqlx::{Connection, PgConnection};
        let mut connection = PgConnection::connect(url).await.unwrap();
        sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
    })
}
