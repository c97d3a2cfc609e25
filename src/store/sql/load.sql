-- How much waits per agency and kind, how near its deadline is it, and how long has somebody been at it?
select health.agency, health.job_kind, ready, scheduled, leased, running, retry_waiting, paused, dead_letter,
       oldest_ready_at, breached, lt_5m, lt_15m, lt_1h, later, "none", next_deadline_at, next_job_id,
       oldest_lease_at,
       queue.clock() as at
from queue.v_queue_health as health
join queue.v_customer_sla_pressure using (agency, job_kind)
join queue.oldest_leases() using (agency, job_kind)
order by health.agency, health.job_kind
