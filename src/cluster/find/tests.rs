//! The search over made-up trees: a program's file holds what the program would print.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::*;

const BOOKWORM: &str = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n";

struct Tree {
    dir: TempDir,
    os: &'static str,
}

impl Tree {
    fn new(os: &'static str) -> Tree {
        let dir = TempDir::new().unwrap();
        Tree { dir, os }
    }

    fn root(&self) -> PathBuf {
        fs::canonicalize(self.dir.path()).unwrap()
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root().join(path.trim_start_matches('/'))
    }

    fn file(self, path: &str, content: &str) -> Tree {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    fn server(self, bin: &str, version: &str) -> Tree {
        self.file(&format!("{bin}/postgres"), &format!("postgres (PostgreSQL) {version}\n"))
            .file(&format!("{bin}/initdb"), "")
            .file(&format!("{bin}/pg_ctl"), "")
    }

    fn link(self, link: &str, target: &str) -> Tree {
        let link = self.path(link);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(self.path(target), link).unwrap();
        self
    }

    fn find(&self, path: &str, explicit: Option<&str>, preferred: Option<u32>) -> Result<Programs> {
        let explicit = explicit.map(|bin| self.path(bin));
        Search {
            root: &self.root(),
            path: Some(path.into()),
            os: self.os,
            ask: |program, _| fs::read_to_string(program).ok(),
        }
        .find(explicit.as_deref(), preferred)
    }

    #[track_caller]
    fn finds(&self, path: &str, bin: &str, major: u32) {
        let found = self.find(path, None, None).unwrap();
        assert_eq!((found.bin(), found.major()), (self.path(bin).as_path(), major));
    }

    fn complaint(&self, explicit: Option<&str>) -> String {
        let error = self.find("/usr/bin", explicit, None).unwrap_err();
        error.to_string().replace(self.root().to_str().unwrap(), "")
    }
}

#[test]
fn each_platforms_place_is_known() {
    for (os, bin) in [
        ("linux", "/usr/lib/postgresql/16/bin"),
        ("linux", "/usr/pgsql-16/bin"),
        ("linux", "/usr/bin"),
        ("linux", "/usr/lib/postgresql16/bin"),
        ("linux", "/usr/libexec/postgresql16"),
        ("linux", "/usr/local/pgsql/bin"),
        ("freebsd", "/usr/local/bin"),
        ("macos", "/opt/homebrew/opt/postgresql@16/bin"),
        ("macos", "/opt/homebrew/opt/postgresql/bin"),
        ("macos", "/usr/local/opt/postgresql@16/bin"),
        ("linux", "/home/linuxbrew/.linuxbrew/opt/postgresql@16/bin"),
        ("macos", "/Applications/Postgres.app/Contents/Versions/16/bin"),
    ] {
        Tree::new(os).server(bin, "16.3").finds("", bin, 16);
    }
}

#[test]
fn newest_version_of_a_place_wins() {
    for (place, suffix) in [
        ("/usr/lib/postgresql/", "/bin"),
        ("/usr/pgsql-", "/bin"),
        ("/opt/homebrew/opt/postgresql@", "/bin"),
        ("/Applications/Postgres.app/Contents/Versions/", "/bin"),
    ] {
        let mut tree = Tree::new("linux");
        for version in ["9.6", "15", "17", "16"] {
            tree = tree.server(&format!("{place}{version}{suffix}"), version);
        }
        tree.finds("", &format!("{place}17{suffix}"), 17);
    }
}

#[test]
fn pg_config_goes_before_path_and_path_before_known_places() {
    let tree = Tree::new("linux").server("/usr/lib/postgresql/17/bin", "17.2").server("/opt/own/bin", "16.1");
    tree.finds("/opt/own/bin", "/opt/own/bin", 16);
    let tree = tree.server("/srv/pg/bin", "15.4").file("/usr/bin/pg_config", "/srv/pg/bin\n");
    tree.finds("/opt/own/bin:/usr/bin", "/srv/pg/bin", 15);
}

#[test]
fn pg_config_of_a_client_package_does_not_end_the_search() {
    Tree::new("linux")
        .file("/usr/bin/pg_config", "/usr/lib/postgresql/17/bin\n")
        .file("/usr/lib/postgresql/17/bin/psql", "")
        .server("/usr/lib/postgresql/15/bin", "15.18")
        .finds("/usr/bin", "/usr/lib/postgresql/15/bin", 15);
}

#[test]
fn links_are_followed_to_where_the_server_really_lies() {
    Tree::new("linux")
        .server("/srv/postgresql-15/bin", "15.18")
        .link("/usr/local/bin/postgres", "/srv/postgresql-15/bin/postgres")
        .finds("/usr/local/bin", "/srv/postgresql-15/bin", 15);
}

#[test]
fn directory_with_half_a_server_is_passed_over() {
    Tree::new("linux").file("/opt/half/postgres", "postgres (PostgreSQL) 16.3\n").server("/usr/bin", "15.2").finds(
        "/opt/half",
        "/usr/bin",
        15,
    );
}

#[test]
fn version_that_made_the_cluster_is_preferred_where_it_is_installed() {
    let tree =
        Tree::new("linux").server("/usr/lib/postgresql/17/bin", "17.2").server("/usr/lib/postgresql/15/bin", "15.18");
    let major = |preferred| tree.find("", None, preferred).unwrap().major();
    assert_eq!(major(None), 17);
    assert_eq!(major(Some(15)), 15);
    assert_eq!(major(Some(16)), 17);
}

#[test]
fn explicit_directory_is_the_only_one_looked_at() {
    let tree =
        Tree::new("linux").server("/usr/lib/postgresql/17/bin", "17.2").server("/opt/own", "16beta1 (own build)");
    let found = tree.find("", Some("/opt/own"), Some(17)).unwrap();
    assert_eq!((found.bin(), found.major()), (tree.path("/opt/own").as_path(), 16));

    assert_eq!(
        tree.complaint(Some("/opt/none")),
        "/opt/none is not the directory of a PostgreSQL server's programs, postgres is not in it: \
         name another with `--postgres-bin`"
    );
}

#[test]
fn too_old_a_server_is_called_too_old() {
    let tree = Tree::new("linux")
        .file("/etc/os-release", BOOKWORM)
        .server("/usr/lib/postgresql/13/bin", "13.14 (Debian 13.14-1)");
    let expected = "PostgreSQL 13 in /usr/lib/postgresql/13/bin is too old, 15 or newer is needed: \
        install one (`sudo apt install postgresql`), or name a running one with `--database-url`";
    assert_eq!(tree.complaint(None), expected);
    assert_eq!(tree.complaint(Some("/usr/lib/postgresql/13/bin")), expected);

    tree.server("/usr/lib/postgresql/15/bin", "15.0").finds(
        "/usr/lib/postgresql/13/bin",
        "/usr/lib/postgresql/15/bin",
        15,
    );
}

#[test]
fn nothing_found_names_the_platforms_install_command() {
    for (os, release, install) in [
        ("linux", BOOKWORM, "`sudo apt install postgresql`"),
        ("linux", "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "`sudo apt install postgresql`"),
        ("linux", "NAME=\"Fedora Linux\"\nID=fedora\n", "`sudo dnf install postgresql-server`"),
        ("linux", "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "`sudo dnf install postgresql-server`"),
        ("linux", "ID=arch\n", "`sudo pacman -S postgresql`"),
        ("linux", "ID=alpine\nVERSION_ID=3.20.1\n", "`sudo apk add postgresql`"),
        ("linux", "ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n", "`sudo zypper install postgresql-server`"),
        ("linux", "ID=nixos\n", "package `postgresql`, version 15 or newer"),
        ("macos", "", "`brew install postgresql@17`"),
    ] {
        let tree = Tree::new(os).file("/etc/os-release", release);
        let complaint = tree.complaint(None);
        assert_eq!(
            complaint,
            format!("no PostgreSQL server found: install one ({install}), or name a running one with `--database-url`")
        );
    }
}

#[test]
fn this_machines_programs_can_be_asked() {
    let echo = ask(Path::new("/bin/echo"), "postgres (PostgreSQL) 15.18").unwrap();
    assert_eq!(major_version(&echo), Some(15));
    assert_eq!(ask(Path::new("/bin/sh"), "/nowhere"), None);
}
