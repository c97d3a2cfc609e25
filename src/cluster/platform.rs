//! Which command installs PostgreSQL here.

use std::fs;
use std::path::Path;

/// The command as a person would type it in backquotes, or advice in words where the platform is not known.
pub(super) fn install_command(root: &Path, os: &str) -> String {
    if os == "macos" {
        return "`brew install postgresql@17`".to_owned();
    }
    let release = fs::read_to_string(root.join("etc/os-release"))
        .or_else(|_| fs::read_to_string(root.join("usr/lib/os-release")))
        .unwrap_or_default();
    match identifiers(&release).find_map(command_for) {
        Some(command) => format!("`{command}`"),
        None => "package `postgresql`, version 15 or newer".to_owned(),
    }
}

/// The distribution's own name, then those it derives from, nearest first.
fn identifiers(release: &str) -> impl Iterator<Item = &str> {
    let value_of = |key: &'static str| {
        release
            .lines()
            .filter_map(move |line| line.strip_prefix(key))
            .flat_map(|value| value.trim().trim_matches(['"', '\'']).split_whitespace())
    };
    value_of("ID=").chain(value_of("ID_LIKE="))
}

fn command_for(distribution: &str) -> Option<&'static str> {
    Some(match distribution {
        "debian" | "ubuntu" => "sudo apt install postgresql",
        "fedora" | "rhel" | "centos" => "sudo dnf install postgresql-server",
        "arch" => "sudo pacman -S postgresql",
        "alpine" => "sudo apk add postgresql",
        "suse" | "opensuse" => "sudo zypper install postgresql-server",
        _ => return None,
    })
}
