-- Which notes come next that are sealed under this key?
select decision_id, job_id, conversation_id, sealed_body
from queue.notes_to_reseal(old_key_id => $1, after => $2, at_most => $3)
