-- The counts, readable without any right on jobs: views over functions that run as the owner and filter by the login.
set local role countersign_owner;

-- The agencies whose counts a login may see: staff their own or, registered without one, all; monitors all.
create function queue.visible_agencies() returns setof text
language sql stable security definer set search_path = queue, pg_temp as $$
    select agency.agency
    from queue.agency
    where exists (select from queue.monitor where login = session_user)
       or exists (select from queue.staff as me
                  where me.login = session_user and (me.agency is null or me.agency = agency.agency))
$$;

create function queue.queue_health() returns table (
    agency text, job_kind text, ready bigint, scheduled bigint, leased bigint, running bigint,
    retry_waiting bigint, paused bigint, dead_letter bigint, oldest_ready_at timestamptz)
language sql volatile security definer set search_path = queue, pg_temp as $$
    with time as materialized (select queue.clock() as right_now)
    select place.agency, kind.job_kind,
           count(*) filter (where job.status = 'queued' and job.process_after <= time.right_now),
           count(*) filter (where job.status = 'queued' and job.process_after > time.right_now),
           count(*) filter (where job.status = 'leased'),
           count(*) filter (where job.status = 'running'),
           count(*) filter (where job.status = 'retry_waiting'),
           count(*) filter (where job.status = 'paused'),
           count(*) filter (where job.status = 'dead_letter'),
           min(job.process_after) filter (where job.status = 'queued' and job.process_after <= time.right_now)
    from queue.visible_agencies() as place (agency)
    cross join queue.job_kind as kind
    cross join time
    left join queue.job_queue as job
      on job.agency = place.agency
     and job.job_kind = kind.job_kind
     and job.status in ('queued', 'leased', 'running', 'retry_waiting', 'paused', 'dead_letter')
    group by place.agency, kind.job_kind, kind.position
    order by place.agency, kind.position
$$;

create view queue.v_queue_health as
    select agency, job_kind, ready, scheduled, leased, running, retry_waiting, paused, dead_letter, oldest_ready_at
    from queue.queue_health();

-- What is open and can be late: everything that has not ended, dead letters too, because their customers wait as well.
create function queue.sla_pressure() returns table (
    agency text, job_kind text, breached bigint, lt_5m bigint, lt_15m bigint, lt_1h bigint, later bigint, "none" bigint,
    next_deadline_at timestamptz, next_job_id bigint)
language sql volatile security definer set search_path = queue, pg_temp as $$
    with time as materialized (select queue.clock() as right_now)
    select place.agency, kind.job_kind,
           count(job.job_id) filter (where job.deadline_at <= time.right_now),
           count(job.job_id) filter (where job.deadline_at > time.right_now
                                       and job.deadline_at < time.right_now + interval '5 minutes'),
           count(job.job_id) filter (where job.deadline_at >= time.right_now + interval '5 minutes'
                                       and job.deadline_at < time.right_now + interval '15 minutes'),
           count(job.job_id) filter (where job.deadline_at >= time.right_now + interval '15 minutes'
                                       and job.deadline_at < time.right_now + interval '1 hour'),
           count(job.job_id) filter (where job.deadline_at >= time.right_now + interval '1 hour'),
           count(job.job_id) filter (where job.deadline_at is null),
           min(job.deadline_at) filter (where job.deadline_at > time.right_now),
           (array_agg(job.job_id order by job.deadline_at, job.job_id) filter (where job.deadline_at > time.right_now))[1]
    from queue.visible_agencies() as place (agency)
    cross join queue.job_kind as kind
    cross join time
    left join queue.job_queue as job
      on job.agency = place.agency
     and job.job_kind = kind.job_kind
     and job.status in ('queued', 'leased', 'running', 'retry_waiting', 'paused', 'dead_letter')
    group by place.agency, kind.job_kind, kind.position
    order by place.agency, kind.position
$$;

create view queue.v_customer_sla_pressure as
    select agency, job_kind, breached, lt_5m, lt_15m, lt_1h, later, "none", next_deadline_at, next_job_id
    from queue.sla_pressure();

-- Which waiting questions carry a draft that a person revised: somebody else must look at those.
create function queue.second_looks() returns setof bigint
language sql stable security definer set search_path = queue, care, pg_temp as $$
    select job.job_id
    from queue.job_queue as job
    join care.customer_message as draft on draft.message_id = split_part(job.payload_ref, ':', 2)::uuid
    where job.job_kind = 'customer_message_approve'
      and job.status in ('queued', 'leased')
      and draft.revises is not null
      and exists (select from queue.login where login = draft.stored_by and class = 'staff')
      and job.agency in (select queue.visible_agencies())
$$;

-- The same of one job, for lists that show a few of many.
create function queue.is_second_look(wanted bigint) returns boolean
language sql stable security definer set search_path = queue, care, pg_temp as $$
    select exists (
        select from queue.job_queue as job
        join care.customer_message as draft on draft.message_id = split_part(job.payload_ref, ':', 2)::uuid
        where job.job_id = is_second_look.wanted
          and job.job_kind = 'customer_message_approve'
          and job.status in ('queued', 'leased')
          and draft.revises is not null
          and exists (select from queue.login where login = draft.stored_by and class = 'staff')
          and job.agency in (select queue.visible_agencies()))
$$;

create view queue.v_second_look as select second_looks as job_id from queue.second_looks();

reset role;
