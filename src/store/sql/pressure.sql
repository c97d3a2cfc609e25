-- How much of the open work of each kind is late or soon will be, and what breaches next?
select job_kind,
       sum(breached)::bigint as breached,
       sum(lt_5m)::bigint    as lt_5m,
       sum(lt_15m)::bigint   as lt_15m,
       sum(lt_1h)::bigint    as lt_1h,
       sum(later)::bigint    as later,
       sum("none")::bigint   as "none",
       min(next_deadline_at) as next_deadline_at,
       (array_agg(next_job_id order by next_deadline_at nulls last, next_job_id))[1] as next_job_id
from queue.v_customer_sla_pressure
group by job_kind
