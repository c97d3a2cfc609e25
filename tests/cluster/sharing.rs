//! Several users at once, in one process and in several.

use std::thread;

use countersign::cluster::Cluster;

use super::*;

#[test]
fn last_of_several_users_stops_the_server() {
    if let Some(data) = held() {
        let programs = Programs::find(None, &data).unwrap();
        return hold(Cluster::open(&programs, &data).unwrap());
    }
    let home = Home::new();
    let here = home.open();
    let also_here = home.open();
    let mut elsewhere = SecondProcess::spawn(SecondProcess::command(
        "cluster::sharing::last_of_several_users_stops_the_server",
        &home.data(),
    ));
    elsewhere.wait_until_it_holds();
    let pid = home.postmaster_pid();

    drop(here);
    assert_eq!(home.query(&also_here, "select 1"), "1");
    drop(also_here);
    assert!(home.is_running());
    assert_eq!(home.postmaster_pid(), pid);
    elsewhere.finish();
    assert!(!home.is_running());
}

#[test]
fn processes_that_start_at_the_same_instant_share_one_server() {
    if let Some(data) = held() {
        let programs = Programs::find(None, &data).unwrap();
        return hold(Cluster::open(&programs, &data).unwrap());
    }
    let home = Home::new();
    let name = "cluster::sharing::processes_that_start_at_the_same_instant_share_one_server";
    let mut others: Vec<SecondProcess> =
        (0..3).map(|_| SecondProcess::spawn(SecondProcess::command(name, &home.data()))).collect();
    let here = home.open();
    for other in &mut others {
        other.wait_until_it_holds();
    }
    let pid = home.postmaster_pid();
    assert_eq!(home.query(&here, "select 1"), "1");
    drop(here);
    for other in others {
        assert_eq!(home.postmaster_pid(), pid);
        other.finish();
    }
    assert!(!home.is_running());
}

#[test]
fn one_may_start_while_another_stops() {
    let home = Home::new();
    let mut leaving = home.open();
    for _ in 0..5 {
        let arriving = thread::scope(|scope| {
            let arriving = scope.spawn(|| home.open());
            drop(leaving);
            arriving.join().unwrap()
        });
        assert_eq!(home.query(&arriving, "select 1"), "1");
        leaving = arriving;
    }
    drop(leaving);
    assert!(!home.is_running());
}
