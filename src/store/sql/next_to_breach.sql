-- Which open jobs of each kind breach next, and who holds them?
with time as materialized (
    select queue.clock() as right_now
), near as (
    select job.job_id, job.job_kind, job.deadline_at, job.lease_owner,
           row_number() over (partition by job.job_kind order by job.deadline_at, job.job_id) as place
    from time
    cross join queue.agency as place
    cross join queue.job_kind as kind
    cross join lateral (
        select waiting.job_id, waiting.job_kind, waiting.deadline_at, waiting.lease_owner
        from queue.job_queue as waiting
        where waiting.agency = place.agency and waiting.job_kind = kind.job_kind
          and waiting.status in ('queued', 'leased', 'running', 'retry_waiting', 'paused', 'dead_letter')
          and waiting.deadline_at > time.right_now
        order by waiting.deadline_at, waiting.job_id
        limit $1) as job
)
select job_id, job_kind, deadline_at, lease_owner
from near
where place <= $1
order by deadline_at, job_id
