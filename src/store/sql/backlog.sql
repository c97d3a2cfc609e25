-- How much waits per kind, and how old is the oldest that could be worked on?
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
