//! The operating system's user, as a login of the private cluster.

use tokio::process::Command;

use super::{Error, IMPORTER, PLATFORM, Result};

/// Asks the system; variables such as USER survive `su` and may name somebody else.
pub async fn login() -> Result<String> {
    let output = Command::new("id").arg("-un").output().await.map_err(|_| Error::UnknownUser)?;
    let name = String::from_utf8(output.stdout).map_err(|_| Error::UnknownUser)?;
    let name = name.trim();
    if !output.status.success() || name.is_empty() {
        return Err(Error::UnknownUser);
    }
    Ok(login_for(name))
}

/// The name itself, unless it means something else in the cluster.
fn login_for(name: &str) -> String {
    let taken = [PLATFORM, IMPORTER, "postgres", "public", "none"];
    let is_reserved = taken.contains(&name) || name.starts_with("pg_") || name.starts_with("countersign_");
    if is_reserved { format!("user_{name}") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_becomes_the_superuser_by_being_called_so() {
        for (name, login) in
            [("ada", "ada"), ("postgres", "user_postgres"), ("pg_ada", "user_pg_ada"), ("platform", "user_platform")]
        {
            assert_eq!(login_for(name), login);
        }
    }
}
