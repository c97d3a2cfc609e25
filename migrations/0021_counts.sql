-- The counts, readable without any right on jobs: views over functions that run as the owner and filter by the login.
--
-- Their cost does not grow with the jobs. What lies in whole minutes is a sum of the tally; of the minute in which a moment lies,
-- the jobs behind the moment are found in an index and taken off, because that is where the fewest lie: what is new is due
-- at once, and what is given an hour is due within it. Both are read in one statement, hence as of one moment.
--
-- In PL/pgSQL, which keeps the plans for the session: planning would take longer than counting.
set local role countersign_owner;

create function queue.queue_health() returns table (
    agency text, job_kind text, ready bigint, scheduled bigint, leased bigint, running bigint,
    retry_waiting bigint, paused bigint, dead_letter bigint, oldest_ready_at timestamptz)
language plpgsql stable security definer set search_path = queue, care, pg_temp as $$
declare
    right_now   timestamptz := queue.clock();
    this_minute timestamptz := queue.minute_of(right_now);
begin
    return query
    with counted as (
        select counted.lane,
               sum(counted.jobs) filter (where counted.what = 'queued' and counted.minute <= this_minute) as begun,
               sum(counted.jobs) filter (where counted.what = 'queued' and counted.minute > this_minute) as to_begin,
               min(counted.minute) filter (where counted.what = 'queued') as oldest,
               sum(counted.jobs) filter (where counted.what = 'leased') as leased,
               sum(counted.jobs) filter (where counted.what = 'running') as running,
               sum(counted.jobs) filter (where counted.what = 'retry_waiting') as retry_waiting,
               sum(counted.jobs) filter (where counted.what = 'paused') as paused,
               sum(counted.jobs) filter (where counted.what = 'dead_letter') as dead_letter
        from queue.tally_now as counted
        where counted.what <= 'dead_letter'
        group by counted.lane
    ), whole as (
        select place.agency, place.job_kind, coalesce(sum(counted.begun), 0) as begun, coalesce(sum(counted.to_begin), 0) as to_begin,
               min(counted.oldest) as oldest, coalesce(sum(counted.leased), 0) as leased, coalesce(sum(counted.running), 0) as running,
               coalesce(sum(counted.retry_waiting), 0) as retry_waiting, coalesce(sum(counted.paused), 0) as paused,
               coalesce(sum(counted.dead_letter), 0) as dead_letter
        from queue.visible_lanes() as place
        left join counted on counted.lane = place.lane
        group by place.agency, place.job_kind
    )
    select place.agency, kind.job_kind, (whole.begun - soon.jobs)::bigint, (whole.to_begin + soon.jobs)::bigint,
           whole.leased::bigint, whole.running::bigint, whole.retry_waiting::bigint, whole.paused::bigint, whole.dead_letter::bigint,
           case when oldest.process_after <= right_now then oldest.process_after end
    from queue.visible_agencies() as place (agency)
    cross join queue.job_kind as kind
    join whole on (whole.agency, whole.job_kind) = (place.agency, kind.job_kind)
    cross join lateral (
        select count(*) as jobs
        from queue.job_queue as job
        where job.agency = place.agency and job.job_kind = kind.job_kind and job.status = 'queued'
          and job.process_after > right_now and job.process_after < this_minute + interval '1 minute'
    ) as soon
    left join lateral (
        -- From the minute on in which there is one: before it the index holds those of long ago, until a vacuum.
        select job.process_after
        from queue.job_queue as job
        where job.agency = place.agency and job.job_kind = kind.job_kind and job.status = 'queued'
          and job.process_after >= whole.oldest
        order by job.process_after
        limit 1
    ) as oldest on true
    order by place.agency, kind.position;
end
$$;

create view queue.v_queue_health as
    select agency, job_kind, ready, scheduled, leased, running, retry_waiting, paused, dead_letter, oldest_ready_at
    from queue.queue_health();

-- What is open and can be late: everything that has not ended, dead letters too, because their customers wait as well.
create function queue.sla_pressure() returns table (
    agency text, job_kind text, breached bigint, lt_5m bigint, lt_15m bigint, lt_1h bigint, later bigint, "none" bigint,
    next_deadline_at timestamptz, next_job_id bigint)
language plpgsql stable security definer set search_path = queue, care, pg_temp as $$
declare
    right_now   timestamptz := queue.clock();
    this_minute timestamptz := queue.minute_of(right_now);
    -- What is due now is late; what is due in five minutes has five minutes.
    late        timestamptz := right_now + interval '1 microsecond';
    in_5m       timestamptz := right_now + interval '5 minutes';
    in_15m      timestamptz := right_now + interval '15 minutes';
    in_1h       timestamptz := right_now + interval '1 hour';
begin
    return query
    with near as (
        select counted.lane,
               sum(counted.jobs) filter (where counted.minute <= late) as by_now,
               sum(counted.jobs) filter (where counted.minute <= in_5m) as by_5m,
               sum(counted.jobs) filter (where counted.minute <= in_15m) as by_15m,
               sum(counted.jobs) filter (where counted.minute <= in_1h) as by_1h,
               sum(counted.jobs) filter (where counted.minute = 'infinity') as without,
               min(counted.minute) filter (where counted.minute >= this_minute and counted.minute < 'infinity') as next
        from queue.tally_now as counted
        where counted.what = 'due' and (counted.minute <= in_1h or counted.minute = 'infinity')
        group by counted.lane
    ), open as (
        -- The rest is due later: there are more minutes ahead than statuses.
        select counted.lane, sum(counted.jobs) as jobs
        from queue.tally_now as counted
        where counted.what <= 'dead_letter'
        group by counted.lane
    ), whole as (
        select place.agency, place.job_kind, coalesce(sum(near.by_now), 0) as by_now, coalesce(sum(near.by_5m), 0) as by_5m,
               coalesce(sum(near.by_15m), 0) as by_15m, coalesce(sum(near.by_1h), 0) as by_1h,
               coalesce(sum(near.without), 0) as without, coalesce(sum(open.jobs), 0) as open, min(near.next) as next
        from queue.visible_lanes() as place
        left join near on near.lane = place.lane
        left join open on open.lane = place.lane
        group by place.agency, place.job_kind
    ), due as (
        select place.agency, kind.job_kind, kind.position,
               whole.by_now - behind.by_now as by_now, whole.by_5m - behind.by_5m as by_5m,
               whole.by_15m - behind.by_15m as by_15m, whole.by_1h - behind.by_1h as by_1h,
               whole.open - whole.without as by_any, whole.without, coalesce(whole.next, in_1h) as next
        from queue.visible_agencies() as place (agency)
        cross join queue.job_kind as kind
        join whole on (whole.agency, whole.job_kind) = (place.agency, kind.job_kind)
        cross join lateral (
            select count(*) filter (where span.number = 1) as by_now, count(*) filter (where span.number = 2) as by_5m,
                   count(*) filter (where span.number = 3) as by_15m, count(*) filter (where span.number = 4) as by_1h
            from unnest(array[late, in_5m, in_15m, in_1h]) with ordinality as span (ends_at, number)
            join queue.job_queue as job
              on job.agency = place.agency and job.job_kind = kind.job_kind
             and job.status in ('queued', 'leased', 'running', 'retry_waiting', 'paused', 'dead_letter')
             and job.deadline_at >= span.ends_at and job.deadline_at < queue.minute_of(span.ends_at) + interval '1 minute'
        ) as behind
    )
    select due.agency, due.job_kind,
           due.by_now::bigint, (due.by_5m - due.by_now)::bigint, (due.by_15m - due.by_5m)::bigint,
           (due.by_1h - due.by_15m)::bigint, (due.by_any - due.by_1h)::bigint, due.without::bigint,
           next.deadline_at, next.job_id
    from due
    left join lateral (
        select job.deadline_at, job.job_id
        from queue.job_queue as job
        where job.agency = due.agency and job.job_kind = due.job_kind
          and job.status in ('queued', 'leased', 'running', 'retry_waiting', 'paused', 'dead_letter')
          and job.deadline_at > right_now and job.deadline_at >= due.next
        order by job.deadline_at, job.job_id
        limit 1
    ) as next on true
    order by due.agency, due.position;
end
$$;

create view queue.v_customer_sla_pressure as
    select agency, job_kind, breached, lt_5m, lt_15m, lt_1h, later, "none", next_deadline_at, next_job_id
    from queue.sla_pressure();

reset role;
