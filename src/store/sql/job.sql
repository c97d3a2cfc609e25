-- What is this one job?
select job_id, job_kind, status, priority, agency, target_ref, channel_kind, correlation_id, parent_job_id, payload_ref,
       safe_payload, attempt, max_attempts, created_at, process_after, deadline_at, lease_owner, lease_expires_at,
       started_at, finished_at, outcome_code, last_error_code
from queue.job_queue
where job_id = $1
