-- May these messages join their conversations, without a job?
select queue.store_history(
    conversation_id => new.conversation_id, message_id => new.message_id, direction => new.direction, at => new.at,
    key_id => new.key_id, sealed_body => new.sealed_body, digest => new.digest, author_ref => new.author_ref,
    command_id => new.command_id)
from unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::bytea[], $8::text[], $9::text[])
    as new (conversation_id, message_id, direction, at, key_id, sealed_body, digest, author_ref, command_id)
