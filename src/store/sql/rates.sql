-- How many jobs of each kind were born and how many ended in the last minute?
with clock as materialized (
    select queue.clock() - interval '1 minute' as since
)
select job_kind, sum(arrived)::bigint as arrived, sum(finished)::bigint as finished
from (
    select job_kind, 1 as arrived, 0 as finished
    from queue.job_queue, clock
    where created_at > since
    union all
    select job_kind, 0, 1
    from queue.job_queue, clock
    where finished_at > since
) as job
group by job_kind
