//! Nobody else gets in, and nothing that clients wrote gets out.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use countersign::cluster::{Cluster, Error};

use super::*;

#[test]
fn socket_in_a_private_directory_is_the_only_way_in() {
    let home = Home::new();
    let cluster = home.open();
    let socket_dir = home.server().join("socket");
    assert_eq!(home.query(&cluster, "show listen_addresses"), "");
    assert_eq!(
        home.query(&cluster, "show unix_socket_directories"),
        format!("\"{}\"", socket_dir.canonicalize().unwrap().display())
    );
    assert_eq!(
        home.query(&cluster, "select string_agg(type || ' ' || auth_method, ',') from pg_hba_file_rules"),
        "local trust"
    );
    let pid_file = fs::read_to_string(home.server().join("pgdata/postmaster.pid")).unwrap();
    assert_eq!(pid_file.lines().nth(5), Some(""), "the first TCP address it listens on");
    for private in ["", "socket", "pgdata"] {
        assert_eq!(mode(&home.server().join(private)), 0o700, "{private}");
    }
    assert_eq!(mode(&socket_dir.join(".s.PGSQL.5432")), 0o700);
    assert_eq!(mode(&cluster.log_file()), 0o600);
}

#[test]
fn server_runs_as_an_unprivileged_user() {
    let home = Home::new();
    let _cluster = home.open();
    let own = rustix::process::geteuid();
    let runs_as = user_of(home.postmaster_pid());
    assert_eq!(runs_as, fs::metadata(home.server()).unwrap().uid());
    if own.is_root() {
        assert_ne!(runs_as, 0);
    } else {
        assert_eq!(runs_as, own.as_raw());
    }
}

#[test]
#[cfg(target_os = "linux")]
fn server_keeps_none_of_roots_groups() {
    let home = Home::new();
    let _cluster = home.open();
    let pid = home.postmaster_pid().as_raw_nonzero();
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = |key| status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
    let groups: Vec<&str> = line("Gid:").split_whitespace().chain(line("Groups:").split_whitespace()).collect();
    let is_root = rustix::process::geteuid().is_root();
    assert!(!is_root || !groups.contains(&"0"), "{groups:?}");
}

#[test]
fn directory_closed_to_the_servers_user_is_named() {
    let home = Home::new();
    let closed = home.dir.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    let opened = Cluster::open(&home.programs, &closed.join("data"));
    if rustix::process::geteuid().is_root() {
        let Err(Error::Unreachable { blocked, .. }) = opened else {
            panic!("{opened:?}");
        };
        assert_eq!(blocked, closed.canonicalize().unwrap());
    } else {
        assert_eq!(home.query(&opened.unwrap(), "select 1"), "1");
    }
}

#[test]
fn refused_statements_leave_nothing_in_the_log() {
    let home = Home::new();
    let cluster = home.open();
    home.query(&cluster, "create table wall (body text check (length(body) < 10), number int)");
    for refused in [
        "insert into wall values ('Dear Anna Karenina', 1)",
        "select 'Dear Anna'::int",
        "do $$ begin raise exception 'Dear Anna' using detail = 'Dear Anna'; end $$",
        "do $$ begin raise warning 'Dear Anna'; end $$; select 1/0",
        "select no_such_function('Dear Anna')",
    ] {
        let output = psql(&home.programs, &cluster, refused).output().unwrap();
        assert!(!output.status.success());
        assert!(String::from_utf8_lossy(&output.stderr).contains("ERROR"), "clients are still told");
    }
    let log = fs::read_to_string(cluster.log_file()).unwrap();
    assert!(log.contains("ready to accept connections"), "{log}");
    assert!(!log.contains("Anna"), "{log}");
}

#[test]
fn server_inherits_nothing_of_the_programs_environment() {
    if let Some(data) = held() {
        let programs = Programs::find(None, &data).unwrap();
        return hold(Cluster::open(&programs, &data).unwrap());
    }
    let home = Home::new();
    let mut command =
        SecondProcess::command("cluster::privacy::server_inherits_nothing_of_the_programs_environment", &home.data());
    command
        .env("PGPORT", "1")
        .env("PGDATA", "/nowhere")
        .env("PGTZ", "Asia/Tokyo")
        .env("COUNTERSIGN_KEY", "a-key-that-stays-here");
    let mut starter = SecondProcess::spawn(command);
    starter.wait_until_it_holds();

    if cfg!(target_os = "linux") {
        let pid = home.postmaster_pid().as_raw_nonzero();
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap();
        let environment = String::from_utf8_lossy(&environment);
        assert!(environment.contains("LC_ALL=C"), "{environment}");
        assert!(!environment.contains("a-key-that-stays-here"));
    }
    let cluster = home.open();
    assert_eq!(home.query(&cluster, "show timezone"), "UTC");
    drop(cluster);
    starter.finish();
}

/// `ps` is not everywhere where `/proc` is, nor the other way round.
fn user_of(pid: Pid) -> u32 {
    let pid = pid.as_raw_nonzero();
    if let Ok(process) = fs::metadata(format!("/proc/{pid}")) {
        return process.uid();
    }
    let output = Command::new("ps").args(["-o", "uid=", "-p", &pid.to_string()]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}
