-- How much waits per kind, how old is the oldest, and how much came and went in the last minute?
with waiting as (
    select job_kind,
           sum(ready)::bigint         as ready,
           sum(scheduled)::bigint     as scheduled,
           sum(leased)::bigint        as leased,
           sum(running)::bigint       as running,
           sum(retry_waiting)::bigint as retry_waiting,
           sum(paused)::bigint        as paused,
           sum(dead_letter)::bigint   as dead_letter,
           min(oldest_ready_at)       as oldest_ready_at
    from queue.v_queue_health
    group by job_kind
),
arrived as (
    select job_kind, count(*) as jobs
    from queue.job_queue
    where created_at > queue.clock() - interval '1 minute'
    group by job_kind
),
finished as (
    select job_kind, count(*) as jobs
    from queue.job_queue
    where finished_at > queue.clock() - interval '1 minute'
    group by job_kind
)
select waiting.job_kind, waiting.ready, waiting.scheduled, waiting.leased, waiting.running, waiting.retry_waiting,
       waiting.paused, waiting.dead_letter, waiting.oldest_ready_at,
       coalesce(arrived.jobs, 0)  as arrived_per_minute,
       coalesce(finished.jobs, 0) as finished_per_minute
from waiting
left join arrived using (job_kind)
left join finished using (job_kind)
