-- May these conversations begin?
select queue.open_conversation(
    conversation_id => new.conversation_id, agency => new.agency, customer_ref => new.customer_ref,
    channel_kind => new.channel_kind, command_id => new.command_id)
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
    as new (conversation_id, agency, customer_ref, channel_kind, command_id)
