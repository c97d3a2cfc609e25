-- What did this job come from, and what came of it?
with recursive above as (
    select job_id, parent_job_id
    from queue.job_queue
    where job_id = $1
    union
    select parent.job_id, parent.parent_job_id
    from queue.job_queue as parent
    join above on above.parent_job_id = parent.job_id
),
below as (
    select job_id
    from queue.job_queue
    where job_id = $1
    union
    select child.job_id
    from queue.job_queue as child
    join below on below.job_id = child.parent_job_id
)
select job_id, job_kind, status, priority, agency, target_ref, channel_kind, correlation_id, parent_job_id, payload_ref,
       safe_payload, attempt, max_attempts, created_at, process_after, deadline_at, lease_owner, lease_expires_at,
       started_at, finished_at, outcome_code, last_error_code
from queue.job_queue
where job_id in (select job_id from above union select job_id from below)
order by job_id
