-- A crowd for the Overview: jobs of every kind, status, channel, role and agency, and what a full count finds among them.

-- Half a minute of the one that runs is over. Whatever looks like a reply that waits, and is none, was approved before all that do.
create function world.crowd() returns void
language sql as $$
    update queue.test_clock set ahead = ahead + make_interval(secs => 90 - extract(second from queue.clock())::float8);
    select world.without_triggers('{queue.job_queue}', $any$
        alter table queue.job_queue enable always trigger count_births;
        with job as (
            select place.agency, kind.job_kind, kind.done_by = 'person' as is_for_people, channel, status, role,
                   row_number() over (order by role, status, channel, kind.position, place.agency) as number
            from queue.agency as place
            cross join queue.job_kind as kind
            cross join unnest('{email,sms}'::text[]) as channel
            cross join unnest('{queued,leased,running,retry_waiting,paused,succeeded,failed,dead_letter,cancelled}'::text[]) as status
            cross join unnest('{reviewer,senior_reviewer,team_lead}'::text[]) as role
            where case when kind.done_by = 'person' then status not in ('running', 'retry_waiting', 'dead_letter')
                       else role = 'reviewer' or (kind.job_kind = 'customer_message_send' and status = 'queued') end
        )
        insert into queue.job_queue (
            job_id, job_kind, status, agency, target_ref, channel_kind, correlation_id, parent_job_id, payload_ref, safe_payload,
            max_attempts, created_at, process_after, deadline_at, lease_owner, lease_expires_at, finished_at)
        overriding system value
        select 20000 + number, job_kind, status, agency, case when is_for_people then queue.target(agency, role) end, channel,
               gen_random_uuid(), case job_kind when 'customer_message_send' then 20000 + number end,
               case when job_kind in ('customer_message_draft', 'customer_message_followup') then 'conversation:' else 'message:' end
               || gen_random_uuid(),
               '{}', case when not is_for_people then 3 end,
               queue.clock() - case when job_kind <> 'customer_message_send' then interval '4 hours'
                                    when status not in ('queued', 'retry_waiting', 'paused') then interval '3 hours'
                                    when status = 'queued' and number % 3 > 0 then interval '2 hours'
                                    else interval '1 hour' end - number * interval '1 second',
               queue.clock() + (array['-20 seconds', '15 seconds', '75 seconds']::interval[])[1 + number % 3],
               queue.clock() + (array['-1 hour', '-20 seconds', '15 seconds', '2 minutes', '6 minutes', '20 minutes',
                                      '2 hours']::interval[])[1 + number % 7] + number * interval '1 millisecond',
               case when status not in ('leased', 'running') then null
                    when is_for_people then (array['{lee}', '{opa}'])[1 + number % 2]
                    else (array['{exe}', '{sms_exe}'])[1 + number % 2] end,
               case when status in ('leased', 'running')
                    then queue.clock() + (array['1 minute', '-1 minute']::interval[])[1 + number % 2] end,
               case when status in ('succeeded', 'failed', 'cancelled', 'dead_letter') then queue.clock() end
        from job;
        -- Of the replies that are held, some were written to since, some before, and about some there was other work since.
        insert into queue.job_queue (
            job_id, job_kind, status, agency, channel_kind, correlation_id, payload_ref, safe_payload, max_attempts, created_at,
            process_after, finished_at)
        overriding system value
        select send.job_id + beside.further, beside.job_kind, 'succeeded', send.agency, send.channel_kind, send.correlation_id,
               'message:' || gen_random_uuid(), '{}', 3, queue.clock(), queue.clock(), queue.clock()
        from (select *, row_number() over (partition by agency, job_kind order by job_id) as number
              from queue.job_queue where status = 'paused' and job_id > 20000) as send
        join (values (1, 10000, 'customer_message_inbound'), (1, 20000, 'customer_message_inbound'),
                     (0, -10000, 'customer_message_inbound'), (0, 10000, 'customer_message_classify')
             ) as beside (number, further, job_kind) on beside.number = send.number % 2$any$);
    insert into queue.hold (job_kind, channel_kind, agency, reason, placed_by, placed_at, resumed_by, resumed_at, drained_at)
    select placed.job_kind, placed.channel_kind, placed.agency, 'incident', '{kim}', queue.clock(),
           case when placed.ended then '{kim}' end, case when placed.ended then queue.clock() end,
           case when placed.drained then queue.clock() end
    from (values ('customer_message_send', null, 'acme', false, false), (null, 'email', 'acme', false, false),
                 (null, null, 'acme', false, false), ('customer_message_draft', 'sms', 'acme', false, false),
                 ('customer_message_inbound', null, 'acme', true, false), (null, 'sms', 'acme', true, true),
                 ('customer_message_send', 'sms', null, false, false), (null, 'email', 'globex', false, false)
         ) as placed (job_kind, channel_kind, agency, ended, drained);
    insert into queue.escalation_stop (target_ref, since)
    select queue.target(place.agency, role), queue.clock() - interval '1 minute' * length(role)
    from queue.agency as place, unnest('{senior_reviewer,team_lead}'::text[]) as role;
    insert into queue.dot_iu_command_run (at, login, call, agency, outcome)
    values (queue.clock() - interval '14 minutes', '{sen}', 'take_escalation', 'acme', 'applied'),
           (queue.clock() - interval '16 minutes', '{wad}', 'take_escalation', 'acme', 'applied'),
           (queue.clock() - interval '1 minute', '{wad}', 'sweep', 'acme', 'applied');
$$;

-- What the Overview has to show of an agency beside what `full_count` finds.
create function world.full_overview(of_agency text) returns jsonb
language sql volatile security definer set search_path = queue, care, pg_temp as $$
    with time as materialized (
        select queue.clock() as right_now
    ), open as (
        select * from job_queue where agency = of_agency and status not in ('succeeded', 'failed', 'cancelled')
    ), worker as (
        select 'customer_message_approve' as job_kind, decided_by as login
        from time, review_decision join staff on staff.login = decided_by
        where staff.agency = of_agency and decided_at > right_now - interval '15 minutes'
        union
        select 'customer_message_escalate', run.login
        from time, dot_iu_command_run as run join staff using (login)
        where staff.agency = of_agency and call = 'take_escalation' and at > right_now - interval '15 minutes'
        union
        select job_kind, lease_owner from time, open where lease_expires_at > right_now
    ), next as (
        select job_id, job_kind, deadline_at, lease_owner,
               row_number() over (partition by job_kind order by deadline_at, job_id) as number
        from time, open where deadline_at > right_now
    )
    select jsonb_build_object(
        'at_work', (
            select jsonb_object_agg(job_kind, logins)
            from (select job_kind, jsonb_agg(login order by login) as logins from worker group by job_kind) as team),
        'holds', (
            select jsonb_agg(jsonb_build_array(
                hold_id,
                (select count(*) from open where status = 'paused' and covers(hold, open.job_kind, open.channel_kind, open.agency)),
                (select count(*) from open
                 where status = 'paused' and covers(hold, open.job_kind, open.channel_kind, open.agency)
                   and open.job_kind = 'customer_message_send'
                   and (select max(job_id) from job_queue as message
                        where message.correlation_id = open.correlation_id
                          and message.job_kind = 'customer_message_inbound') > open.job_id)) order by hold_id)
            from hold
            where drained_at is null and (agency = of_agency or agency is null)),
        'full_tiers', (
            select jsonb_agg(jsonb_build_array(
                stop.role, since,
                (select count(*) from open
                 where job_kind = 'customer_message_escalate' and target_ref = 'agency:' || of_agency || '/role:' || stop.role),
                40,
                (select count(*) from time, open
                 where job_kind = 'customer_message_approve' and status = 'queued' and deadline_at <= right_now
                   and target_ref = 'agency:' || of_agency || '/role:' || stop.below)) order by stop.role)
            from (values ('senior_reviewer', 'reviewer'), ('team_lead', 'senior_reviewer')) as stop (role, below)
            join escalation_stop on target_ref = 'agency:' || of_agency || '/role:' || stop.role),
        'next', (
            select jsonb_agg(jsonb_build_array(job_id, job_kind, deadline_at, lease_owner) order by deadline_at, job_id)
            from next where number <= 3))
$$;

-- The same as the Overview shows it.
create function world.shown(place jsonb) returns jsonb
language sql volatile as $$
    select jsonb_build_object(
        'at_work', (
            select jsonb_object_agg(kind ->> 'job_kind', (
                select jsonb_agg(login order by login)
                from (select pg_get_userbyid(number::oid)::text as login
                      from jsonb_array_elements_text(kind -> 'at_work') as number) as working))
            from jsonb_array_elements(place -> 'kinds') as kind where kind ->> 'at_work' is not null),
        'holds', (
            select jsonb_agg(jsonb_build_array(hold -> 'hold_id', hold -> 'paused', hold -> 'moved') order by (hold ->> 'hold_id')::bigint)
            from jsonb_array_elements(place -> 'holds') as hold),
        'full_tiers', (
            select jsonb_agg(jsonb_build_array(tier -> 'role', tier -> 'since', tier -> 'open_jobs', tier -> 'most', tier -> 'stay')
                             order by tier ->> 'role')
            from jsonb_array_elements(place -> 'full_tiers') as tier),
        'next', (
            select jsonb_agg(jsonb_build_array(next -> 'job_id', next -> 'job_kind', next -> 'deadline_at', next -> 'lease_owner')
                             order by (next ->> 'deadline_at')::timestamptz, (next ->> 'job_id')::bigint)
            from jsonb_array_elements(place -> 'next_to_breach') as next))
$$;

create function world.is_overview_true() returns boolean
language sql volatile as $$
    select bool_and(world.shown(place) = world.full_overview(place ->> 'agency'))
    from jsonb_array_elements(queue.overview()) as place
$$;
