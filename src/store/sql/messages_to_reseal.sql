-- Which messages come next that are sealed under this key?
select message_id, conversation_id, direction, sealed_body, digest
from queue.messages_to_reseal(old_key_id => $1, after => $2, at_most => $3)
