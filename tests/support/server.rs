//! The server that the tests run against, found or started once.

use std::env;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{self, Command};
use std::sync::OnceLock;
use std::{fs, thread};

use countersign::cluster::{Cluster, Programs};
use countersign::store::ConnectOptions;

use super::run;

const URL: &str = "COUNTERSIGN_TEST_DATABASE_URL";

pub struct Server {
    administrator: String,
    /// Keeps the throwaway cluster; its keeper removes it when this process is gone.
    cluster: Option<Cluster>,
}

impl Server {
    /// As the administrator, to the database that is always there.
    pub fn administrator(&self) -> ConnectOptions {
        ConnectOptions::new(&self.administrator).max_connections(2)
    }

    /// The cluster, where the server is ours.
    #[allow(dead_code, reason = "only a bench changes the server")]
    pub fn cluster(&self) -> Option<&Cluster> {
        self.cluster.as_ref()
    }

    /// The server's log so far, where the server is ours.
    pub fn log(&self) -> Option<String> {
        let log = self.cluster.as_ref()?.log_file();
        Some(String::from_utf8_lossy(&fs::read(log).unwrap()).into_owned())
    }

    /// A dump of one of its databases.
    pub fn dump(&self, database: &str) -> String {
        let (address, settings) = self.administrator.split_once('?').unwrap_or((&self.administrator, ""));
        let (server, _) = address.rsplit_once('/').expect("the address of a server names a database");
        let programs = Programs::find(None, Path::new("/")).unwrap();
        let output = Command::new(programs.bin().join("pg_dump"))
            .arg(format!("--dbname={server}/{database}?{settings}"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

/// Blocks while the cluster starts; call it from a thread that may.
fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| match env::var(URL) {
        Ok(url) => {
            let server = Server { administrator: url, cluster: None };
            run::take_place_of_the_dead(&server.administrator());
            server
        }
        Err(_) => start(),
    })
}

/// Without blocking the runtime, so that a test with a timeout keeps it.
pub async fn get() -> &'static Server {
    tokio::task::spawn_blocking(server).await.unwrap()
}

fn start() -> Server {
    let directory = env::temp_dir().join(format!("cs-tests-{}", process::id()));
    fs::create_dir_all(&directory).unwrap();
    // Open for the unprivileged user who runs the server where the tests run as root.
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o711)).unwrap();
    // The line that the program itself prints: what to install, and that there is a setting for another server.
    let cluster = started(&directory).unwrap_or_else(|error| panic!("{error}"));
    Server { administrator: cluster.url("postgres", "postgres"), cluster: Some(cluster) }
}

fn started(directory: &Path) -> countersign::cluster::Result<Cluster> {
    let programs = Programs::find(None, directory)?;
    Cluster::throwaway(&programs, directory)
}

/// Runs something asynchronous to its end outside of any runtime that may be ending.
pub fn to_its_end<F>(work: impl FnOnce() -> F + Send + 'static)
where
    F: Future<Output = ()>,
{
    let done = thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work());
    });
    // A failure to tidy up must not hide the failure that the test is about.
    let _ = done.join();
}
