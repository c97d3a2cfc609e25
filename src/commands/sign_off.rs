//! `countersign sign-off`: the agency's half of a dispensation.

use uuid::Uuid;

use super::Failure;
use super::output::{self, Table};
use super::review::applied;
use crate::cli;
use crate::session::Session;
use crate::store::customers::{Revoked, SignOff};

pub async fn run(session: &Session, arguments: &cli::SignOff) -> Result<String, Failure> {
    let store = &session.store;
    match (&arguments.customer_ref, arguments.until, arguments.revoke) {
        (None, ..) => {
            let sign_offs = store.sign_offs().await?.map_err(|refused| Failure::refused(refused.to_string()))?;
            list(&sign_offs, arguments.json)
        }
        (Some(customer_ref), Some(until), _) => {
            applied(store.sign_off_customer(customer_ref, until, Uuid::now_v7()).await?)?;
            Ok(format!(
                "signed off until {}; it counts while queue.customer.send_without_approve.enabled is true\n",
                output::time(until)
            ))
        }
        (Some(customer_ref), None, true) => {
            let revoked = store.revoke_sign_off(customer_ref, Uuid::now_v7()).await?;
            applied(revoked.outcome.clone())?;
            Ok(settled(&revoked))
        }
        (Some(_), None, false) => Err(Failure::usage("say --until TIME to sign off, --revoke to take it back")),
    }
}

fn settled(revoked: &Revoked) -> String {
    if revoked.settled {
        return "taken back; no send starts by it any more\n".to_owned();
    }
    let who = output::safe_line(&revoked.under_way.join(", "));
    format!(
        "taken back; but {who} may have started a send by it that is not committed yet: see countersign jobs kind:send\n"
    )
}

fn list(sign_offs: &[SignOff], json: bool) -> Result<String, Failure> {
    if json {
        return output::json(&sign_offs);
    }
    if sign_offs.is_empty() {
        return Ok("nobody is answered without an approval\n".to_owned());
    }
    let mut table = Table::new(&["customer", "signed by", "at", "expires", "revoked"]);
    for signed in sign_offs {
        table.row([
            output::safe_line(&signed.customer_ref),
            output::safe_line(&signed.signed_by),
            output::time(signed.signed_at),
            output::time(signed.expires_at),
            output::optional_time(signed.revoked_at),
        ]);
    }
    Ok(table.to_string())
}
