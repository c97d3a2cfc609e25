//! Administrators: dispensations, settings, and who may work at all.

use countersign::domain::Role;

use super::calls::{Asked, Call, NOT_REGISTERED, Reply};
use super::people::person;
use super::world::{SignOff, World};

pub fn reply(world: &mut World, asked: &Asked) -> Reply {
    let Some(me) = person(asked.who) else { return NOT_REGISTERED };
    if let Some(first) = world.first_answer(asked) {
        return first;
    }
    let wanted = match asked.call {
        Call::SignOff { .. } | Call::RevokeSignOff { .. } | Call::SetAgencyConfig { .. } => Role::WorkflowAdmin,
        _ => Role::PlatformAdmin,
    };
    if !me.has(wanted) {
        return "not_authorised".into();
    }
    let own = me.agency;
    match &asked.call {
        Call::SignOff { expires_at, .. } if *expires_at <= world.now => return Reply::Misuse(&["CS002"]),
        Call::SignOff { customer, expires_at } => {
            let agency = own.expect("a workflow_admin has an agency");
            let is_known =
                world.conversations.iter().any(|known| (known.agency, known.customer) == (agency, *customer));
            if !is_known {
                return "not_found".into();
            }
            let (customer, expires_at) = (*customer, *expires_at);
            world.sign_offs.push(SignOff { agency, customer, expires_at, is_revoked: false });
        }
        Call::RevokeSignOff { customer } => {
            let stands = |signed: &&mut SignOff| {
                Some(signed.agency) == own && signed.customer == *customer && !signed.is_revoked
            };
            let mut found = false;
            for signed in world.sign_offs.iter_mut().filter(stands) {
                signed.is_revoked = true;
                found = true;
            }
            if !found {
                return "not_found".into();
            }
        }
        Call::SetAgencyConfig { setting, .. } if !setting.is_per_agency() => return Reply::Misuse(&["CS002"]),
        Call::SetAgencyConfig { setting, value } => world.settings.put(own, *setting, *value),
        Call::SetConfig { setting, value } => world.settings.put(None, *setting, *value),
        Call::OrderOfReview { agency, savable_first } => {
            world.savable_first.retain(|known| known != agency);
            if *savable_first {
                world.savable_first.push(agency);
            }
        }
        Call::RegisterExecutor { login, whitelist } => {
            world.executors.insert(login, whitelist.clone());
        }
        Call::RevokeLogin { login } => {
            if world.executors.remove(login).is_none() {
                return "not_found".into();
            }
        }
        other => unreachable!("{other:?} is not an administrator's"),
    }
    "applied".into()
}
