-- What waits for my roles, in the agency's order of review or the one that is asked for?
select job_id, job_kind, agency, channel_kind, safe_payload, priority, target_role, deadline_at, created_at, lease_owner,
       lease_expires_at, held_since, skipped_because, second_look, held
from queue.waiting_questions(at_most => $1, savable_first => $2, reads => $3)
