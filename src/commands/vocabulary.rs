//! `countersign vocabulary`: the registered codes.

use uuid::Uuid;

use super::Failure;
use super::output::{self, Table};
use super::review::applied;
use crate::cli::{VocabularyAction, VocabularyList};
use crate::session::Session;
use crate::store::administration::NewCode;

pub async fn run(session: &Session, action: &VocabularyAction) -> Result<String, Failure> {
    match action {
        VocabularyAction::List { list, json } => {
            let codes = session.store.vocabulary(list.map(VocabularyList::name)).await?;
            if *json {
                return output::json(&codes);
            }
            let mut table = Table::new(&["list", "code", "agency", "used by", "effect", "final"]);
            for code in codes {
                let used_by = Some(code.used_by.join(", ")).filter(|uses| !uses.is_empty());
                table.row([
                    code.list,
                    code.code,
                    output::or_dash(code.agency),
                    output::or_dash(used_by),
                    output::or_dash(code.effect),
                    output::or_dash(code.is_final.filter(|is_final| *is_final).map(|_| "final")),
                ]);
            }
            Ok(table.to_string())
        }
        VocabularyAction::Add { list, code, agency, effect, is_final, used_by } => {
            let registered = match agency {
                Some(agency) => {
                    refuse_unless_own_host(session, *list, agency)?;
                    session.store.register_agency_host(code, Uuid::now_v7()).await
                }
                None => {
                    let new = NewCode {
                        list: list.name().to_owned(),
                        code: code.clone(),
                        effect: effect.clone(),
                        is_final: *is_final,
                        used_by: used_by.clone(),
                    };
                    session.store.register_code(&new, Uuid::now_v7()).await
                }
            };
            applied(registered.map_err(|error| Failure::malformed(error, || needs(*list).to_owned()))?)?;
            let whose = agency.as_ref().map(|agency| format!(" of {}", output::safe_line(agency))).unwrap_or_default();
            Ok(format!("{} is a registered {}{whose}\n", output::safe_line(code), list.name()))
        }
    }
}

/// Only hosts are an agency's, and only one's own agency's. The database would take the login's agency, whichever was named.
fn refuse_unless_own_host(session: &Session, list: VocabularyList, agency: &str) -> Result<(), Failure> {
    if list != VocabularyList::Host {
        return Err(Failure::usage("--agency is for hosts; every other code is registered for all agencies"));
    }
    if session.identity.principal.agency.as_deref() != Some(agency) {
        let agency = output::safe_line(agency);
        return Err(Failure::refused(format!("only a workflow_admin of {agency} registers a host for {agency}")));
    }
    Ok(())
}

/// What a code of this list must look like.
fn needs(list: VocabularyList) -> &'static str {
    match list {
        VocabularyList::Language => "a language is a tag such as en, pt-BR or zh-Hant",
        VocabularyList::RoutingHint => "a routing hint is role:WORD or agency:WORD, in lowercase",
        VocabularyList::Reason => {
            "a reason is lowercase letters, digits and _, --for at least one of reject, escalate, skip, discard, cancel, hold, \
             retry"
        }
        VocabularyList::ErrorCode => {
            "an error code is lowercase letters, digits and _, with --effect none or --effect unknown"
        }
        VocabularyList::Host => {
            "a host is its name alone, in lowercase, such as track.acme.example: no https://, no path"
        }
        VocabularyList::Intent | VocabularyList::Channel => {
            "a code is lowercase letters, digits and _, such as card_arrival"
        }
    }
}

impl VocabularyList {
    /// The list's name in the database.
    pub fn name(self) -> &'static str {
        match self {
            VocabularyList::Language => "language",
            VocabularyList::Intent => "intent",
            VocabularyList::RoutingHint => "routing_hint",
            VocabularyList::Channel => "channel",
            VocabularyList::Host => "host",
            VocabularyList::Reason => "reason",
            VocabularyList::ErrorCode => "error_code",
        }
    }
}
