-- How many counts by kind and status are not what a full count says?
with counted as (
    select job_kind, state.status, state.jobs
    from queue.v_queue_health
    cross join lateral (values ('queued', ready + scheduled), ('leased', leased), ('running', running),
                               ('retry_waiting', retry_waiting), ('paused', paused), ('dead_letter', dead_letter))
        as state (status, jobs)
    where agency = 'acme'
), pressed as (
    select job_kind, breached + lt_5m + lt_15m + lt_1h + later + "none" as jobs
    from queue.v_customer_sla_pressure
    where agency = 'acme'
), truth as (
    select job_kind, status, count(*) as jobs
    from queue.job_queue
    where status not in ('succeeded', 'failed', 'cancelled')
    group by job_kind, status
)
select (select count(*)
        from counted full join truth using (job_kind, status)
        where coalesce(counted.jobs, 0) <> coalesce(truth.jobs, 0))
     + (select count(*)
        from pressed
        left join (select job_kind, sum(jobs) as jobs from truth group by job_kind) as open using (job_kind)
        where pressed.jobs <> coalesce(open.jobs, 0))
