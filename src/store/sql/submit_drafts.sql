-- May people be asked about these drafts?
select queue.submit_draft(
    conversation_id => new.conversation_id, draft_id => new.draft_id, author_ref => new.author_ref,
    key_id => new.key_id, sealed_body => new.sealed_body, digest => new.digest, safe_payload => new.safe_payload,
    priority => new.priority, deadline_at => new.deadline_at, revises => new.revises, command_id => new.command_id)
from unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::bytea[], $7::text[], $8::integer[], $9::text[],
    $10::text[], $11::text[])
    as new (conversation_id, draft_id, author_ref, key_id, sealed_body, digest, safe_payload, priority, deadline_at,
            revises, command_id)
