//! The private PostgreSQL, started for real.

use countersign::cluster::{Cluster, Programs};

#[test]
fn throwaway_cluster_starts() {
    let dir = tempfile::tempdir().unwrap();
    let programs = Programs::find(None, dir.path()).unwrap();
    let cluster = Cluster::throwaway(&programs, &dir.path().join("t")).unwrap();
    println!("{}", cluster.url("postgres", "postgres"));
}
