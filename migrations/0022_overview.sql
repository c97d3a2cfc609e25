-- What everybody watches, counted once for all who watch it, and how they learn that it changed.
--
-- `overview` answers everything that the Overview shows. What it takes to count is kept for a second, or until something
-- changed, so that two hundred dashboards cost what one costs. What is kept are numbers, times and the numbers of roles, and the
-- types say so: words cannot lie in them; they are added when it is read. It is lost with a crash and counted anew.
--
-- `await_change` answers when something changed. One of those who wait looks every few milliseconds whether a transaction ended,
-- which costs no table a read; the others wait for a lock that it holds and all come back when it lets go. Nobody who writes does
-- anything for it, and it needs no session: it works through a pool that lends a connection for one transaction.
set local role countersign_owner;

create type queue.kind_figures as (
    "position"         smallint,
    ready              bigint,
    scheduled          bigint,
    leased             bigint,
    running            bigint,
    retry_waiting      bigint,
    paused             bigint,
    dead_letter        bigint,
    oldest_ready_at    timestamptz,
    breached           bigint,
    lt_5m              bigint,
    lt_15m             bigint,
    lt_1h              bigint,
    later              bigint,
    "none"             bigint,
    next_deadline_at   timestamptz,
    next_job_id        bigint,
    -- Null: somebody is at it, or nothing has waited for that long.
    unattended_seconds integer,
    full_since         timestamptz,
    allowed_seconds    bigint,
    closes_at          timestamptz,
    remaining_seconds  bigint,
    -- How many are due when, as in `workload`.
    due_at             timestamptz[],
    due                bigint[],
    -- The flow of the last half hour and of the minute that runs, as in `history`.
    minutes            timestamptz[],
    came               bigint[],
    gone               bigint[],
    decided            bigint[],
    late               bigint[],
    -- The logins that worked on it lately, as the server numbers them.
    at_work            bigint[]);

create type queue.channel_figures as (
    -- Of its sends.
    lane           bigint,
    done           bigint,
    failed         bigint,
    since          timestamptz,
    -- The error code that leads, as a number.
    leading_error  bigint,
    suspected      boolean,
    ready          bigint,
    retry_waiting  bigint,
    under_way      bigint,
    held           bigint,
    is_held        boolean,
    oldest_at      timestamptz,
    window_seconds integer,
    least_attempts bigint,
    least_share    numeric);

create type queue.hold_figures as (hold_id bigint, paused bigint, moved bigint);
-- Of the roles in the order in which an escalation climbs.
create type queue.tier_figures as ("role" smallint, since timestamptz, open_jobs bigint, most bigint, stay bigint);
create type queue.breach_figures as (job_id bigint, "position" smallint, deadline_at timestamptz, lease_owner oid);

create unlogged table queue.overview_kept (
    -- An agency as a number.
    place    bigint constraint overview_kept_key primary key,
    -- How many changes it counts at least.
    changes  bigint      not null,
    taken_at timestamptz not null,
    -- The same for the same kinds: who has them already need not be told them again.
    stamp    bigint      not null,
    kinds    queue.kind_figures[]    not null,
    channels queue.channel_figures[] not null,
    holds    queue.hold_figures[]    not null,
    tiers    queue.tier_figures[]    not null,
    next     queue.breach_figures[]  not null
) with (fillfactor = 50);
alter table queue.overview_kept alter kinds set storage external;

-- Locked by who counts and by who looks for changes. Nothing stands in them, and no login can lock them.
create table queue.overview_turn ();
create table queue.change_watch ();

-- How many changes of jobs there have been. Equal numbers: nothing changed in between.
create function queue.changes() returns bigint
language sql volatile as $$
    select folded + (select count(*) from queue.job_change) from queue.fold_turn
$$;

-- How many jobs of an agency each hold keeps that is not over: and of the first thousand sends among them, how many whose customer
-- wrote since.
create function queue.held_back(of_agency text) returns table (hold_id bigint, paused bigint, moved bigint)
language sql stable as $$
    select placed.hold_id,
           (select count(*)
            from queue.job_queue as job
            where job.status = 'paused' and job.agency = of_agency
              and (placed.job_kind is null or job.job_kind = placed.job_kind)
              and (placed.channel_kind is null or job.channel_kind = placed.channel_kind)),
           (select count(*)
            from (select job.job_id, job.correlation_id
                  from queue.job_queue as job
                  where job.status = 'paused' and job.agency = of_agency and job.job_kind = 'customer_message_send'
                    and (placed.job_kind is null or job.job_kind = placed.job_kind)
                    and (placed.channel_kind is null or job.channel_kind = placed.channel_kind)
                  limit 1000) as send
            where exists (select from queue.job_queue as later
                          where later.correlation_id = send.correlation_id
                            and later.job_id > send.job_id
                            and later.job_kind = 'customer_message_inbound'))
    from queue.hold as placed
    where placed.drained_at is null and coalesce(placed.agency, of_agency) = of_agency
    order by placed.hold_id
$$;

-- Which roles of an agency take no more by themselves, how much they have, and how much therefore stays below them.
create function queue.full_tiers(of_agency text, right_now timestamptz)
returns table ("role" smallint, since timestamptz, open_jobs bigint, most bigint, stay bigint)
language sql stable as $$
    select tier.place::smallint, stop.since,
           (select count(*)
            from queue.job_queue as job
            where job.target_ref = stop.target_ref and job.job_kind = 'customer_message_escalate'
              and job.status in ('queued', 'leased', 'paused')),
           queue.setting('queue.customer.escalation_open_limit', of_agency)::bigint,
           (select count(*)
            from queue.escalation_route as route
            join queue.job_queue as job
              on job.target_ref = queue.target(of_agency, route.from_role)
             and job.job_kind = 'customer_message_approve' and job.status = 'queued' and job.deadline_at <= right_now
            where route.to_role = tier.name)
    from unnest(array['reviewer', 'senior_reviewer', 'team_lead']) with ordinality as tier (name, place)
    join queue.escalation_stop as stop on stop.target_ref = queue.target(of_agency, tier.name)
    order by tier.place
$$;

-- The three open jobs of each kind of an agency that breach next, and who has them.
create function queue.next_to_breach(of_agency text, right_now timestamptz)
returns table (job_id bigint, "position" smallint, deadline_at timestamptz, lease_owner oid)
language sql stable as $$
    select job.job_id, kind.position, job.deadline_at, to_regrole(quote_ident(job.lease_owner))::oid
    from queue.job_kind as kind
    cross join lateral (
        select waiting.job_id, waiting.deadline_at, waiting.lease_owner
        from queue.job_queue as waiting
        where waiting.agency = of_agency and waiting.job_kind = kind.job_kind
          and waiting.status in ('queued', 'leased', 'running', 'retry_waiting', 'paused', 'dead_letter')
          and waiting.deadline_at > right_now
        order by waiting.deadline_at, waiting.job_id
        limit 3) as job
    order by job.deadline_at, job.job_id
$$;

-- Counts what `overview` answers, for the agencies that the caller sees. The number of changes is read first, so that what is
-- counted after it has them all.
create function queue.count_overview() returns setof queue.overview_kept
language plpgsql volatile as $$
declare
    so_far    bigint := queue.changes();
    right_now timestamptz := queue.clock();
begin
    return query
    with place as materialized (
        select seen.agency from queue.visible_agencies() as seen (agency)
    ), flow as (
        select agency, job_kind, array_agg(minute) as minutes, array_agg(came) as came, array_agg(gone) as gone,
               array_agg(decided) as decided, array_agg(breached) as late
        from queue.history('31 minutes')
        group by agency, job_kind
    ), worker as (
        select me.agency, 'customer_message_approve' as job_kind, me.login
        from queue.staff as me
        where (select max(decision.decided_at) from queue.review_decision as decision where decision.decided_by = me.login)
              > right_now - interval '15 minutes'
        union
        select me.agency, 'customer_message_escalate', me.login
        from queue.staff as me
        where (select max(run.at) from queue.dot_iu_command_run as run
               where run.login = me.login and run.call = 'take_escalation') > right_now - interval '15 minutes'
        union
        select distinct held.agency, held.job_kind, held.lease_owner
        from queue.job_queue as held
        where held.status in ('leased', 'running') and held.lease_expires_at > right_now
    ), at_work as (
        select worker.agency, worker.job_kind, array_agg(role.oid::bigint) as at_work
        from worker
        join pg_roles as role on role.rolname = worker.login
        group by worker.agency, worker.job_kind
    ), kind as (
        select health.agency, array_agg(row(
                   known.position, health.ready, scheduled, leased, running, retry_waiting, paused, dead_letter,
                   health.oldest_ready_at, breached, lt_5m, lt_15m, lt_1h, later, "none", next_deadline_at, next_job_id,
                   case when leased + running = 0
                        then queue.unattended_after(health.agency, health.job_kind, health.oldest_ready_at, right_now) end,
                   full_since, allowed_seconds / 60 * 60, closes_at, remaining_seconds / 60 * 60, load.minutes, load.jobs,
                   flow.minutes, came, gone, decided, late, at_work)::queue.kind_figures order by known.position) as figures
        from queue.queue_health() as health
        join queue.job_kind as known using (job_kind)
        join queue.sla_pressure() using (agency, job_kind)
        join queue.workload() as load using (agency, job_kind)
        left join flow using (agency, job_kind)
        left join at_work using (agency, job_kind)
        group by health.agency
    ), channel as (
        select agency, array_agg(row(
                   queue.lane(agency, 'customer_message_send', channel_kind), done, failed, since,
                   hashtextextended(leading_error, 0), suspected, ready, retry_waiting, under_way, held, is_held, oldest_at,
                   window_seconds, least_attempts, least_share)::queue.channel_figures order by channel_kind) as figures
        from queue.channel_health()
        group by agency
    )
    select hashtextextended(place.agency, 0), so_far, right_now, hashtextextended(kind.figures::text, 0), kind.figures, coalesce(channel.figures, '{}'),
           array(select row(held.hold_id, held.paused, held.moved)::queue.hold_figures
                 from queue.held_back(place.agency) as held),
           array(select row(tier."role", tier.since, tier.open_jobs, tier.most, tier.stay)::queue.tier_figures
                 from queue.full_tiers(place.agency, right_now) as tier),
           array(select row(breach.job_id, breach.position, breach.deadline_at, breach.lease_owner)::queue.breach_figures
                 from queue.next_to_breach(place.agency, right_now) as breach)
    from place
    join kind using (agency)
    left join channel using (agency);
end
$$;

-- Whether what is kept may still be answered to who wants at least so many changes counted; null: all there have been.
create function queue.is_fresh(kept queue.overview_kept, at_least bigint, right_now timestamptz) returns boolean
language sql immutable as $$
    select coalesce(kept.changes >= at_least and kept.taken_at between right_now - interval '1 second' and right_now, false)
$$;

create function queue.overview_is_old(at_least bigint) returns boolean
language sql volatile as $$
    select exists (
        select from queue.visible_agencies() as place (agency)
        left join queue.overview_kept as kept on kept.place = hashtextextended(place.agency, 0)
        where not queue.is_fresh(kept, at_least, queue.clock()))
$$;

-- Everything that the Overview shows, per agency that the caller sees: no more than a second old, and with `at_least` so many
-- changes counted; without it, as of now. Who finds it too old counts for everybody, one at a time, and moves what waits to be
-- added to the tally. Monitors are told no jobs, no logins and no reasons. `known`: stamps of kinds that the caller has already;
-- then they are null.
create function queue.overview(at_least bigint default null, known bigint[] default '{}') returns jsonb
language plpgsql volatile security definer set search_path = queue, care, pg_temp as $$
declare
    sees_jobs boolean := exists (select from queue.staff where login = session_user);
    is_kept   boolean := true;
begin
    if queue.overview_is_old(at_least) then
        begin
            perform set_config('lock_timeout', '1s', true);
            lock table queue.overview_turn in exclusive mode;
        exception when lock_not_available then
            -- Whoever has the turn does not end it. Then each counts alone.
            is_kept := false;
        end;
        if is_kept and queue.overview_is_old(at_least) then
            perform queue.fold(2000);
            insert into queue.overview_kept
            select * from queue.count_overview()
            on conflict (place) do update
            set (changes, taken_at, stamp, kinds, channels, holds, tiers, next)
                = (excluded.changes, excluded.taken_at, excluded.stamp, excluded.kinds, excluded.channels, excluded.holds,
                   excluded.tiers, excluded.next);
        end if;
    end if;
    return (
        select coalesce(jsonb_agg(jsonb_build_object(
            'agency', here.agency, 'changes', kept.changes, 'taken_at', kept.taken_at, 'review_order', here.review_order,
            'time_zone', here.time_zone, 'zone_is_known', queue.knows_zone(here.time_zone),
            'has_hours', exists (select from queue.business_hours as hours where hours.agency = here.agency),
            'stamp', kept.stamp,
            'kinds', case when kept.stamp <> all (coalesce(known, '{}')) then (
                select jsonb_agg(jsonb_build_object('job_kind', kind.job_kind, 'escalates', kind.escalates) || to_jsonb(figures)
                                 || case when sees_jobs then '{}' else '{"at_work": null}' end::jsonb
                                 order by kind.position)
                from unnest(kept.kinds) as figures
                join queue.job_kind as kind on kind.position = figures.position) end,
            'channels', (
                select coalesce(jsonb_agg(
                    to_jsonb(figures)
                    || jsonb_build_object(
                        'channel_kind', channel.code,
                        'leading_error', (select error.code from queue.error_code as error
                                          where hashtextextended(error.code, 0) = figures.leading_error)) order by channel.code), '[]')
                from unnest(kept.channels) as figures
                join queue.channel on queue.lane(here.agency, 'customer_message_send', channel.code) = figures.lane),
            'holds', (
                select coalesce(jsonb_agg(to_jsonb(placed) || jsonb_build_object('paused', coalesce(figures.paused, 0),
                                                                               'moved', coalesce(figures.moved, 0))), '[]')
                from queue.hold as placed
                left join unnest(kept.holds) as figures on figures.hold_id = placed.hold_id
                where sees_jobs and placed.drained_at is null and coalesce(placed.agency, here.agency) = here.agency),
            'full_tiers', (
                select coalesce(jsonb_agg(
                    to_jsonb(figures)
                    || jsonb_build_object('agency', here.agency, 'role', (array['reviewer', 'senior_reviewer', 'team_lead'])[figures."role"])), '[]')
                from unnest(kept.tiers) as figures
                where sees_jobs),
            'next_to_breach', (
                select coalesce(jsonb_agg(
                    to_jsonb(figures)
                    || jsonb_build_object('job_kind', kind.job_kind, 'lease_owner', pg_get_userbyid(figures.lease_owner))), '[]')
                from unnest(kept.next) as figures
                join queue.job_kind as kind on kind.position = figures.position
                where sees_jobs)) order by here.agency), '[]')
        from queue.visible_agencies() as place (agency)
        join queue.agency as here on here.agency = place.agency
        join (select * from queue.overview_kept where is_kept
              union all
              select * from queue.count_overview() where not is_kept) as kept on kept.place = hashtextextended(place.agency, 0));
end
$$;

-- Waits until there have been other than `seen` changes, or `patience` seconds, at most two, are over; how many there have been.
-- Who comes late is told after a pause, longer the more there are: many who ask again at once cost the server no more than few.
create function queue.await_change(seen bigint, patience double precision default 1) returns bigint
language plpgsql volatile security definer set search_path = queue, care, pg_temp as $$
declare
    until  timestamptz := clock_timestamp() + make_interval(secs => least(greatest(patience, 0), 2));
    so_far bigint      := queue.changes();
    before text;
begin
    -- Stands in nobody's way, and is what they are counted by.
    lock table queue.change_watch in access share mode;
    if so_far <> seen then
        perform pg_sleep(0.005 * (select count(*) from pg_locks where relation = 'queue.change_watch'::regclass));
        return queue.changes();
    end if;
    -- One looks, the others wait until it has done. Then each finds what it found, and lets the next one in.
    loop
        begin
            -- Longer waits would look like trouble in the server's log. None at all would be for ever.
            perform set_config(
                'lock_timeout', least(900, 1 + ceil(1000 * extract(epoch from greatest(until - clock_timestamp(), '0'))))::text, true);
            lock table queue.change_watch in exclusive mode;
            exit;
        exception when lock_not_available then
            if clock_timestamp() >= until then
                return queue.changes();
            end if;
        end;
    end loop;
    loop
        before := pg_current_snapshot()::text;
        so_far := queue.changes();
        if so_far <> seen or clock_timestamp() >= until then
            return so_far;
        end if;
        -- A transaction that ends changes what a snapshot sees, and costs less to notice than the count.
        while pg_current_snapshot()::text = before and clock_timestamp() < until loop
            perform pg_sleep(0.005);
        end loop;
    end loop;
end
$$;

reset role;
