//! What `kill -9` leaves, of the program and of the server.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use countersign::cluster::Cluster;

use super::*;

#[test]
fn killed_programs_server_is_adopted_and_stopped_by_the_next_user() {
    if let Some(data) = held() {
        let programs = Programs::find(None, &data).unwrap();
        return hold(Cluster::open(&programs, &data).unwrap());
    }
    let home = Home::new();
    let mut killed = SecondProcess::spawn(SecondProcess::command(
        "cluster::recovery::killed_programs_server_is_adopted_and_stopped_by_the_next_user",
        &home.data(),
    ));
    killed.wait_until_it_holds();
    killed.kill();
    assert!(home.is_running());
    let pid = home.postmaster_pid();

    let cluster = home.open();
    assert_eq!(home.postmaster_pid(), pid);
    assert_eq!(home.query(&cluster, "select 1"), "1");
    drop(cluster);
    assert!(!home.is_running());
}

#[test]
fn killed_server_is_started_again_with_what_was_committed() {
    let home = Home::new();
    let cluster = home.open();
    home.query(&cluster, "create table kept as select 42 as answer");
    let killed = home.postmaster_pid();
    cluster.ensure_running().unwrap();
    assert_eq!(home.postmaster_pid(), killed, "a server that runs is left alone");

    // A session that is busy outlives its server for a while, and holds on to its memory.
    let mut busy = psql(&home.programs, &cluster, "select count(*) from generate_series(1, 20000000)")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let at_work =
        "select count(*) from pg_stat_activity where query like '%generate_series%' and pid <> pg_backend_pid()";
    wait_until("the session works", || home.query(&cluster, at_work) == "1");
    kill_9(killed);
    wait_until("the server is dead", || is_gone(killed));

    cluster.ensure_running().unwrap();
    assert_ne!(home.postmaster_pid(), killed);
    assert_eq!(home.query(&cluster, "select answer from kept"), "42");
    busy.wait().unwrap();
    drop(cluster);
    assert!(!home.is_running());
}

#[test]
fn process_number_of_a_killed_server_may_belong_to_another_process() {
    let home = Home::new();
    drop(home.open());
    let pgdata = home.server().join("pgdata");
    // PostgreSQL itself would take any living process of its own user for a running server.
    let owner = fs::metadata(&pgdata).unwrap();
    let mut command = Command::new("cat");
    command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::null());
    if rustix::process::geteuid().is_root() {
        command.uid(owner.uid()).gid(owner.gid());
    }
    let mut innocent = command.spawn().unwrap();
    let stale = format!("{}\n{}\n1700000000\n5432\n/nowhere\n\n1 1\nready   \n", innocent.id(), pgdata.display());
    fs::write(pgdata.join("postmaster.pid"), stale).unwrap();
    fs::write(home.server().join("socket/.s.PGSQL.5432.lock"), format!("{}\n", innocent.id())).unwrap();
    assert!(!home.is_running());

    let cluster = home.open();
    assert_eq!(home.query(&cluster, "select 1"), "1");
    drop(cluster);
    assert_eq!(innocent.try_wait().unwrap(), None, "it must not be harmed");
    innocent.kill().unwrap();
    innocent.wait().unwrap();
}

#[test]
fn socket_that_somebody_removed_is_made_again() {
    let home = Home::new();
    let cluster = home.open();
    fs::remove_file(home.server().join("socket/.s.PGSQL.5432")).unwrap();
    cluster.ensure_running().unwrap();
    assert_eq!(home.query(&cluster, "select 1"), "1");
}

#[test]
fn interrupted_initialisation_is_done_again() {
    if let Some(data) = held() {
        let programs = Programs::find(None, &data).unwrap();
        return hold(Cluster::open(&programs, &data).unwrap());
    }
    let home = Home::new();
    let interrupted = SecondProcess::spawn(SecondProcess::command(
        "cluster::recovery::interrupted_initialisation_is_done_again",
        &home.data(),
    ));
    wait_until("it initialises", || !unfinished(&home).is_empty());
    interrupted.kill();
    assert!(!home.server().join("pgdata").exists());

    let cluster = home.open();
    assert_eq!(home.query(&cluster, "select 1"), "1");
    drop(cluster);
    wait_until("the remains are cleared away", || {
        drop(home.open());
        unfinished(&home).is_empty()
    });
}

fn unfinished(home: &Home) -> Vec<String> {
    let entries = fs::read_dir(home.server()).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("pgdata."))
        .collect()
}

#[test]
fn throwaway_cluster_goes_with_its_killed_process() {
    if let Some(data) = held() {
        let programs = Programs::find(None, &data).unwrap();
        return hold(Cluster::throwaway(&programs, &data).unwrap());
    }
    let home = Home::new();
    let mut command =
        SecondProcess::command("cluster::recovery::throwaway_cluster_goes_with_its_killed_process", &home.data());
    // Everything in its group dies at once, as when a terminal or a continuous integration job ends.
    command.process_group(0);
    let mut killed = SecondProcess::spawn(command);
    killed.wait_until_it_holds();
    let server = home.postmaster_pid();
    killed.kill_group();
    wait_until("the server is gone", || is_gone(server));
    wait_until("its directory is gone", || !home.data().exists());
}

#[test]
fn server_that_cannot_start_says_why_and_names_its_log() {
    let home = Home::new();
    drop(home.open());
    let mistaken = home.server().join("pgdata/postgresql.auto.conf");
    fs::write(mistaken, "max_connections = plenty\n").unwrap();
    let error = Cluster::open(&home.programs, &home.data()).unwrap_err().to_string();
    let log = home.server().join("server.log");
    assert!(error.contains("FATAL:  configuration file"), "{error}");
    assert!(error.ends_with(&format!("its log is {}", log.display())), "{error}");
    assert_eq!(error.lines().count(), 1);
}
