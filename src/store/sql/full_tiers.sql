-- Which roles take no more by themselves, how much do they have, and how much therefore stays below them?
with time as materialized (
    select queue.clock() as right_now
), stop as (
    select stop.target_ref, stop.since, split_part(stop.target_ref, '/role:', 2) as role,
           split_part(substring(stop.target_ref from 8), '/', 1) as agency
    from queue.escalation_stop as stop
)
select stop.agency, stop.role, stop.since,
       (select count(*)
        from queue.job_queue as job
        where job.target_ref = stop.target_ref and job.job_kind = 'customer_message_escalate'
          and job.status in ('queued', 'leased', 'paused')) as open_jobs,
       (select coalesce(own.value, for_all.value, rule.default_value)::text::bigint
        from queue.config_key as rule
        left join queue.dot_config as own on own.key = rule.key and own.agency = stop.agency
        left join queue.dot_config as for_all on for_all.key = rule.key and for_all.agency is null
        where rule.key = 'queue.customer.escalation_open_limit') as most,
       (select count(*)
        from queue.escalation_route as route
        join queue.job_queue as job
          on job.target_ref = 'agency:' || stop.agency || '/role:' || route.from_role
         and job.job_kind = 'customer_message_approve' and job.status = 'queued' and job.deadline_at <= time.right_now
        where route.to_role = stop.role) as stay
from stop
cross join time
order by stop.agency, stop.role
