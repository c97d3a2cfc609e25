-- What came and went, minute by minute, and how many jobs are where: counted as it happens, read as a sum.
--
-- Whoever changes a job adds one row to `job_change` and touches nothing that anybody else writes: no row is hot, no index is
-- kept, and nobody waits. `fold` moves those rows in batches into `tally`; one folder at a time, so its rows are not hot either.
-- What is true now is at any moment the sum of both, read in one statement: a row is in exactly one of the two.
--
-- `tally` holds sums of `jobs` by what is counted, by minute, and by lane (an agency and a kind; sends by channel too, since how
-- each channel does is asked all the time). What is counted:
--   `queued` … `dead_letter`   the jobs that have this status now; of `queued` by the minute of `process_after`
--   `due`                      the jobs that are open now, by the minute of their deadline; without one `infinity`
--   `came`, `gone`             began or ceased to wait or be worked on, in this minute: a dead letter has gone until its retry
--   `decided`                  of those gone: ended by whom they are for, a person's decision or a program's completion
--   `breached`                 open past the deadline of this minute, and ended since; those that are still open are in `due`
--   `completed` …              ended or died with this outcome code
-- The first two are exact for ever, since each change takes out what the one before put in; came, gone, decided and breached
-- go after a day. The first three of these, and the outcomes, are also counted since the beginning, under `-infinity`. What has
-- been queued for an hour, or due for a day, is no longer told apart by minutes and lies together under `epoch`, so that the
-- tally does not grow with the age of the queue. A count that is split at a moment within a minute (ready or scheduled, breached
-- or not) is the sum of the whole minutes and the jobs of that one minute, which an index of `job_queue` finds.
set local role countersign_owner;

create type queue.counted as enum (
    'queued', 'leased', 'running', 'retry_waiting', 'paused', 'dead_letter', 'due', 'came', 'gone', 'decided', 'breached',
    'completed', 'approved', 'rejected', 'escalated', 'taken_over', 'undone', 'cancelled', 'discarded', 'erased',
    'payload_missing', 'conversation_moved', 'approval_expired', 'dispensation_ended', 'attempts_used_up',
    'failed_for_good', 'outcome_unknown', 'confirmed_sent');

-- An agency, a kind and, of sends, a channel as one number, because a number carries no words and costs nothing to write. That
-- two of some thousands meet in 64 bits will not happen.
create function queue.lane(of_agency text, of_kind text, of_channel text) returns bigint
language sql immutable parallel safe as $$
    select hashtextextended(
        of_agency || ' ' || of_kind || case of_kind when 'customer_message_send' then ' ' || of_channel else '' end, 0)
$$;

-- The status of a job that is open; null: it has ended.
create function queue.open_status(status text) returns queue.counted
language sql stable parallel safe as $$
    select case when status not in ('succeeded', 'failed', 'cancelled') then status::queue.counted end
$$;

create function queue.minute_of(moment timestamptz) returns timestamptz
language sql immutable parallel safe as $$
    select date_bin('1 minute', moment, 'epoch')
$$;

create table queue.job_change (
    lane         bigint      not null,
    at           timestamptz not null,
    -- Null: it was not there, or has ended.
    was          queue.counted,
    was_due      timestamptz,
    was_deadline timestamptz,
    became       queue.counted,
    due          timestamptz,
    deadline     timestamptz,
    decided      boolean     not null,
    -- Null: it neither ended nor died now.
    outcome      queue.counted
);
-- Rows stay for seconds. They are found by reading it all, so what is dead has to go soon, and the end of the file with it: what
-- nobody folded for a night would be read through for ever.
alter table queue.job_change set (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_insert_threshold = -1);

create table queue.tally (
    what   queue.counted not null,
    minute timestamptz   not null,
    lane   bigint        not null,
    jobs   bigint        not null,
    constraint tally_key primary key (what, minute, lane)
) with (fillfactor = 70);

-- Whose turn it is to fold, by a lock on its one row; no login can take that lock. And how many changes were ever folded.
create table queue.fold_turn (
    cleaned_at timestamptz not null,
    folded     bigint      not null
);
insert into queue.fold_turn values ('-infinity', 0);

create function queue.count_change() returns trigger
language plpgsql as $$
begin
    insert into queue.job_change (lane, at, was, was_due, was_deadline, became, due, deadline, decided, outcome)
    values (queue.lane(new.agency, new.job_kind, new.channel_kind), queue.clock(),
            queue.open_status(old.status), old.process_after, old.deadline_at,
            queue.open_status(new.status), new.process_after, new.deadline_at,
            coalesce(old.status in ('leased', 'running')
                     and (new.status in ('succeeded', 'failed') or new.outcome_code = 'escalated'), false),
            case when new.status <> old.status and new.status in ('succeeded', 'failed', 'cancelled', 'dead_letter')
                 then new.outcome_code::queue.counted end);
    return null;
end
$$;
-- Only ended jobs are ever deleted, and they are counted nowhere.
create trigger count_births after insert on queue.job_queue for each row execute function queue.count_change();
create trigger count_changes after update on queue.job_queue
    for each row when (old.status <> new.status or old.process_after <> new.process_after
                       or old.deadline_at is distinct from new.deadline_at)
    execute function queue.count_change();
alter table queue.job_queue enable always trigger count_births;
alter table queue.job_queue enable always trigger count_changes;

-- What the changes add to the tally, part by part: who asks for one count reads nothing of the others.
create view queue.counted_change as
    select ctid as change, became as what, case became when 'queued' then queue.minute_of(due) else '-infinity' end as minute, lane, 1 as jobs
    from queue.job_change where became is not null
    union all
    select ctid, was, case was when 'queued' then queue.minute_of(was_due) else '-infinity' end, lane, -1
    from queue.job_change where was is not null
    union all
    select ctid, 'due'::queue.counted, coalesce(queue.minute_of(deadline), 'infinity'), lane, 1
    from queue.job_change where became is not null
    union all
    select ctid, 'due'::queue.counted, coalesce(queue.minute_of(was_deadline), 'infinity'), lane, -1
    from queue.job_change where was is not null
    union all
    select ctid, 'came'::queue.counted, counted.minute, lane, 1
    from queue.job_change, unnest(array[queue.minute_of(at), '-infinity']) as counted (minute)
    where coalesce(was, 'dead_letter') = 'dead_letter' and became <> 'dead_letter'
    union all
    select ctid, 'gone'::queue.counted, counted.minute, lane, 1
    from queue.job_change, unnest(array[queue.minute_of(at), '-infinity']) as counted (minute)
    where was <> 'dead_letter' and coalesce(became, 'dead_letter') = 'dead_letter'
    union all
    select ctid, 'decided'::queue.counted, counted.minute, lane, 1
    from queue.job_change, unnest(array[queue.minute_of(at), '-infinity']) as counted (minute)
    where decided
    union all
    select ctid, outcome, '-infinity', lane, 1
    from queue.job_change where outcome is not null
    union all
    select ctid, 'breached'::queue.counted, queue.minute_of(was_deadline), lane, 1
    from queue.job_change where became is null and was_deadline <= at;

-- The tally as it is true now, in parts that are to be summed.
create view queue.tally_now as
    select what, minute, lane, jobs from queue.tally
    union all
    select what, minute, lane, jobs from queue.counted_change;

-- The minute under which a count is kept: what has been queued for an hour, or due for a day, lies together.
create function queue.kept_minute(what queue.counted, minute timestamptz, right_now timestamptz) returns timestamptz
language sql immutable parallel safe as $$
    select case when minute < right_now - case what when 'queued' then interval '1 hour' when 'due' then interval '1 day' end
                then 'epoch' else minute end
$$;

-- Moves changes into the tally, at most so many; how many it moved. Where somebody else is at it, none. Once a minute what is
-- older than a day goes, and what has become nothing. However many changes wait, only those that it moves are read.
create function queue.fold(at_most integer default 10000) returns integer
language plpgsql volatile set enable_seqscan = off as $$
declare
    right_now timestamptz := queue.clock();
    cleaned   timestamptz;
    changes   tid[];
begin
    select cleaned_at into cleaned from queue.fold_turn for update skip locked;
    if not found then
        return 0;
    end if;
    -- Only who has the turn takes changes away, and nobody alters one.
    changes := array(select ctid from queue.job_change limit at_most);
    insert into queue.tally (what, minute, lane, jobs)
    select counted.what, queue.kept_minute(counted.what, counted.minute, right_now), counted.lane, sum(counted.jobs)
    from queue.counted_change as counted
    where counted.change = any (changes)
    group by 1, 2, 3
    having sum(counted.jobs) <> 0
    on conflict (what, minute, lane) do update set jobs = tally.jobs + excluded.jobs;
    delete from queue.job_change where ctid = any (changes);
    if changes <> '{}' then
        update queue.fold_turn set folded = folded + cardinality(changes);
    end if;
    if cleaned < queue.minute_of(right_now) then
        delete from queue.tally
        where what in ('came', 'gone', 'decided', 'breached') and minute < right_now - interval '1 day' and minute > '-infinity';
        with old as (
            delete from queue.tally where minute <> queue.kept_minute(what, minute, right_now) returning what, lane, jobs
        )
        insert into queue.tally (what, minute, lane, jobs)
        select old.what, 'epoch', old.lane, sum(old.jobs) from old group by old.what, old.lane
        on conflict (what, minute, lane) do update set jobs = tally.jobs + excluded.jobs;
        delete from queue.tally where jobs = 0;
        update queue.fold_turn set cleaned_at = right_now;
    end if;
    return cardinality(changes);
end
$$;

-- The lanes whose counts a login may see. Only sends have a channel.
create function queue.visible_lanes() returns table (agency text, job_kind text, channel_kind text, lane bigint)
language plpgsql stable rows 100 as $$
begin
    return query
    select place.agency, kind.job_kind, channel.code, queue.lane(place.agency, kind.job_kind, channel.code)
    from queue.visible_agencies() as place (agency)
    cross join queue.job_kind as kind
    left join queue.channel on kind.job_kind = 'customer_message_send';
end
$$;

-- The flow of the last `span`, at most a day, per agency, kind and `step`, oldest first; without the steps in which nothing
-- happened. The minute that still runs is counted so far; its deadlines are not among the breached before it has ended.
create function queue.history(span interval default '30 minutes', step interval default '1 minute') returns table (
    agency text, job_kind text, minute timestamptz, came bigint, gone bigint, decided bigint, breached bigint)
language plpgsql stable security definer set search_path = queue, care, pg_temp as $$
declare
    right_now   timestamptz := queue.clock();
    this_minute timestamptz := queue.minute_of(right_now);
begin
    return query
    with flow as (
        select place.agency, place.job_kind, date_bin(greatest(step, interval '1 minute'), counted.minute, 'epoch') as minute,
               coalesce(sum(counted.jobs) filter (where counted.what = 'came'), 0)::bigint as came,
               coalesce(sum(counted.jobs) filter (where counted.what = 'gone'), 0)::bigint as gone,
               coalesce(sum(counted.jobs) filter (where counted.what = 'decided'), 0)::bigint as decided,
               coalesce(sum(counted.jobs) filter (
                   where counted.what = 'breached' or (counted.what = 'due' and counted.minute < this_minute)), 0)::bigint as breached
        from queue.tally_now as counted
        join queue.visible_lanes() as place on place.lane = counted.lane
        where counted.what in ('came', 'gone', 'decided', 'breached', 'due')
          and counted.minute > right_now - least(span, interval '1 day')
          and counted.minute <= right_now
        group by 1, 2, 3
    )
    select flow.* from flow where (flow.came, flow.gone, flow.decided, flow.breached) <> (0, 0, 0, 0) order by 3, 1, 2;
end
$$;

-- How many came, went and were decided since the beginning, and how many ended or died with each outcome, per agency and kind:
-- counts that only grow. Without those that are nothing yet.
create function queue.totals() returns table (agency text, job_kind text, what text, jobs bigint)
language sql stable security definer set search_path = queue, care, pg_temp as $$
    select place.agency, place.job_kind, counted.what::text, sum(counted.jobs)::bigint
    from queue.tally_now as counted
    join queue.visible_lanes() as place on place.lane = counted.lane
    where counted.what = any (enum_range('came'::queue.counted, null)) and counted.minute = '-infinity'
    group by place.agency, place.job_kind, counted.what
    order by place.agency, place.job_kind, counted.what
$$;

-- What a forecast has to know of each agency and kind: the order of review, whether what is late goes up by itself and since
-- when it cannot because a tier is full, how long what comes now has until its deadline, nights and all, when the agency's day
-- ends and how much of its hours is left until then, and the deadlines of what is open: how many jobs in each minute that has
-- some, soonest first, from an hour on in each quarter of an hour, because no forecast is finer; those without a deadline under
-- null.
create function queue.workload() returns table (
    agency text, job_kind text, review_order text, escalates boolean, full_since timestamptz, allowed_seconds bigint,
    closes_at timestamptz, remaining_seconds bigint, minutes timestamptz[], jobs bigint[])
language plpgsql volatile security definer set search_path = queue, care, pg_temp as $$
declare
    right_now timestamptz := queue.clock();
begin
    return query
    with span as (
        select counted.lane,
               case when counted.minute <= right_now + interval '1 hour' or counted.minute = 'infinity' then counted.minute
                    else date_bin('15 minutes', counted.minute, 'epoch') end as begins_at,
               sum(counted.jobs) as jobs
        from queue.tally_now as counted
        where counted.what = 'due'
        group by 1, 2
    ), due as (
        select place.agency, place.job_kind, span.begins_at, sum(span.jobs)::bigint as jobs
        from span
        join queue.visible_lanes() as place on place.lane = span.lane
        group by place.agency, place.job_kind, span.begins_at
        having sum(span.jobs) <> 0
    ), line as (
        select due.agency, due.job_kind, array_agg(nullif(due.begins_at, 'infinity') order by due.begins_at) as minutes,
               array_agg(due.jobs order by due.begins_at) as jobs
        from due
        group by due.agency, due.job_kind
    )
    select place.agency, kind.job_kind, known.review_order, kind.escalates,
           (select min(stop.since) from queue.escalation_stop as stop
            where starts_with(stop.target_ref, 'agency:' || place.agency || '/')),
           extract(epoch from queue.deadline_after(place.agency, right_now, kind.sla) - right_now)::bigint,
           today.closes_at, extract(epoch from today.remaining)::bigint,
           coalesce(line.minutes, '{}'), coalesce(line.jobs, '{}')
    from queue.visible_agencies() as place (agency)
    join queue.agency as known on known.agency = place.agency
    cross join lateral queue.works_today(place.agency, right_now) as today
    cross join queue.job_kind as kind
    left join line on (line.agency, line.job_kind) = (place.agency, kind.job_kind)
    order by place.agency, kind.position;
end
$$;

-- Decisions that stand: of which team, and how many seconds the decider had the job.
create view queue.decision_taken with (security_invoker = true) as
    select decision.decision_id, decision.agency, split_part(job.target_ref, '/role:', 2) as role, decision.decision,
           decision.decided_at, extract(epoch from decision.decided_at - claim.at)::double precision as seconds
    from queue.review_decision as decision
    join queue.job_queue as job on job.job_id = decision.job_id
    left join lateral (
        select run.at
        from queue.dot_iu_command_run as run
        where run.job_id = decision.job_id and run.to_status = 'leased' and run.from_status <> 'leased'
          and run.at <= decision.decided_at
        order by run.run_id desc
        limit 1) as claim on true
    where decision.undone_at is null;

-- How many decisions each person of the own agency took in the last `hours`, and how long the middle one of them was. About
-- people, so it is answered only where the agency has switched that on, and to those who lead.
create function queue.reviewer_figures(hours integer default 24) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me    queue.staff := queue.require_staff();
    since timestamptz := queue.clock() - make_interval(hours => least(greatest(hours, 1), 8784));
begin
    if not queue.has_role(me, 'team_lead', 'operator', 'workflow_admin') then
        return '{"outcome": "not_authorised"}';
    end if;
    if queue.setting('queue.customer.reviewer_statistics', me.agency) is distinct from 'true' then
        return '{"outcome": "switched_off"}';
    end if;
    return jsonb_build_object('outcome', 'ok', 'since', since, 'people', (
        select coalesce(jsonb_agg(to_jsonb(person) order by person.login), '[]')
        from (select decision.decided_by as login, count(*) as decisions,
                     percentile_cont(0.5) within group (order by taken.seconds) as median_seconds
              from queue.decision_taken as taken
              join queue.review_decision as decision on decision.decision_id = taken.decision_id
              where taken.agency = me.agency and taken.decided_at > since
              group by decision.decided_by) as person));
end
$$;

-- Who decided lately, and who took an escalation.
create index ix_command_run_taken on queue.dot_iu_command_run (login, at) where call = 'take_escalation';
-- Written in the order of time, so that a summary per range of pages finds the last hours.
create index ix_decision_at on queue.review_decision using brin (decided_at) with (pages_per_range = 32, autosummarize = on);

reset role;
