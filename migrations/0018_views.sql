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

-- Since when the oldest lease of each kind is held, program's or person's, which only the audit trail knows. As many rows
-- are looked at as people and programs are at work.
create function queue.oldest_leases() returns table (agency text, job_kind text, oldest_lease_at timestamptz)
language sql stable security definer set search_path = queue, pg_temp as $$
    select place.agency, kind.job_kind, min(claim.at)
    from queue.visible_agencies() as place (agency)
    cross join queue.job_kind as kind
    left join queue.job_queue as job
      on job.agency = place.agency
     and job.job_kind = kind.job_kind
     and job.status in ('leased', 'running')
    left join lateral (
        select run.at
        from queue.dot_iu_command_run as run
        where run.job_id = job.job_id and run.to_status = 'leased' and run.from_status <> 'leased'
        order by run.run_id desc
        limit 1
    ) as claim on true
    group by place.agency, kind.job_kind
$$;

-- Whether a person revised this draft: somebody else must look at it then.
create function queue.is_by_a_person(draft care.customer_message) returns boolean
language sql stable set search_path = queue, pg_temp as $$
    select draft.revises is not null
       and exists (select from queue.login where login = draft.stored_by and class = 'staff')
$$;

-- Whether a job waits for a second look. False for what this login cannot see.
create function queue.is_second_look(job_id bigint) returns boolean
language sql stable security definer set search_path = queue, care, pg_temp as $$
    select exists (
        select from queue.job_queue as job
        join care.customer_message as draft on draft.message_id = split_part(job.payload_ref, ':', 2)::uuid
        where job.job_id = is_second_look.job_id
          and job.job_kind = 'customer_message_approve'
          and job.status in ('queued', 'leased')
          and queue.is_by_a_person(draft)
          and job.agency in (select queue.visible_agencies()))
$$;

-- What waits for the roles of this login, first things first: no more than `at_most`, and never more than 1000. Without
-- `savable_first` in the agency's order; `reads` as in `claim_review`. `held`: what is approved will wait for a hold.
-- `held_since`: from when on its reader has it. `skipped_because`: why this login gave it back the last time.
create function queue.waiting_questions(at_most integer, savable_first boolean default null, reads text[] default null)
returns table (
    job_id bigint, job_kind text, agency text, channel_kind text, safe_payload jsonb, priority smallint, target_role text,
    deadline_at timestamptz, created_at timestamptz, lease_owner text, lease_expires_at timestamptz, held_since timestamptz,
    skipped_because text, second_look boolean, held boolean)
language sql volatile security definer set search_path = queue, care, pg_temp as $$
    with question as (
        select asked.*, row_number() over () as place
        from queue.staff as me
        join queue.agency using (agency)
        cross join lateral queue.questions_in_order(
            me, waiting_questions.reads, coalesce(waiting_questions.savable_first, review_order = 'savable_first'),
            null, least(greatest(at_most, 1), 1000), queue.clock()) as asked
        where me.login = session_user
    )
    select question.job_id, question.job_kind, question.agency, question.channel_kind, question.safe_payload,
           question.priority, queue.role_of(question.target_ref), question.deadline_at, question.created_at,
           question.lease_owner, question.lease_expires_at,
           case when question.status = 'leased' then
               (select run.at from queue.dot_iu_command_run as run
                where run.job_id = question.job_id and run.to_status = 'leased' and run.from_status <> 'leased'
                order by run.run_id desc limit 1)
           end,
           case when question.lease_token > 0 then
               (select run.code from queue.dot_iu_command_run as run
                where run.job_id = question.job_id and run.call = 'skip_review' and run.outcome = 'applied'
                  and run.login = session_user
                order by run.run_id desc limit 1)
           end,
           coalesce(queue.is_by_a_person(draft) and question.job_kind = 'customer_message_approve', false),
           queue.is_held('customer_message_send', question.channel_kind, question.agency)
    from question
    left join care.customer_message as draft on draft.message_id = split_part(question.payload_ref, ':', 2)::uuid
    order by question.place
$$;

reset role;
