-- May these messages come in, each with its job?
select queue.store_inbound(
    conversation_id => new.conversation_id, message_id => new.message_id, at => new.at, key_id => new.key_id,
    sealed_body => new.sealed_body, digest => new.digest, safe_payload => new.safe_payload,
    priority => new.priority, deadline_at => new.deadline_at, author_ref => new.author_ref,
    attachments => new.attachments, command_id => new.command_id)
from unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::bytea[], $7::text[], $8::integer[], $9::text[],
    $10::text[], $11::text[], $12::text[])
    as new (conversation_id, message_id, at, key_id, sealed_body, digest, safe_payload, priority, deadline_at,
            author_ref, attachments, command_id)
