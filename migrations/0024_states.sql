-- Lists of jobs by the state that they are in, and by when they are due.
set local role countersign_owner;

-- The newest jobs below one that are in one of these states and match the rest, at most so many: fewer than that are all there
-- are. Each state of each kind stands in an order of its own in the index, so that what is in another state is not passed by. It is
-- read in steps of ids, each twice as long as the one before, because most pages are full after the first few. What has a lease is as
-- much as people and programs work on, and looked through whole. Where the first step finds hardly any that are due, those that
-- are lie in the order of their deadlines, unless thousands do: then they are soon found in the order of the list.
create function queue.jobs_in(
    states text[], kinds text[] default null, channel text default null, language text default null, intent text default null,
    role text default null, below_confidence double precision default null, above_confidence double precision default null,
    due_before timestamptz default null, due_after timestamptz default null, before bigint default null,
    at_most integer default 500) returns bigint[]
language plpgsql stable security definer set plan_cache_mode = force_generic_plan set search_path = queue, care, pg_temp as $$
declare
    thousands constant integer := 8000;
    hardly    constant integer := 16;
    agencies  text[] := array(select queue.visible_agencies());
    wanted    text[] := array(select known.job_kind from queue.job_kind as known where kinds is null or known.job_kind = any (kinds));
    below     bigint := least(before, (select max(job_id) + 1 from queue.job_queue));
    top       bigint := below;
    span      bigint := 4 * at_most;
    found     bigint[] := '{}';
    taken     bigint[];
    due       bigint[];
begin
    -- Whoever sees no agency sees what it holds.
    if cardinality(agencies) = 0 then
        return null;
    end if;
    while cardinality(found) < at_most loop
        -- What lies between is in other states.
        top := (
            select max(next.job_id) + 1
            from unnest(agencies) as place
            cross join unnest(states) as state
            cross join unnest(wanted) as kind
            cross join lateral (
                select job.job_id
                from queue.job_queue as job
                where job.agency = place and job.status = state and job.job_kind = kind
                  and job.status not in ('leased', 'running')
                  and - job.job_id > - top
                order by - job.job_id
                limit 1
            ) as next);
        exit when top is null;
        if num_nonnulls(due_before, due_after) > 0 and due is null and span > 4 * at_most and cardinality(found) < at_most / hardly then
            due := array(
                select soon.job_id
                from unnest(agencies) as place
                cross join unnest(wanted) as kind
                cross join lateral (
                    select job.job_id
                    from queue.job_queue as job
                    where job.agency = place and job.job_kind = kind
                      and job.status in ('queued', 'leased', 'running', 'retry_waiting', 'paused', 'dead_letter')
                      and job.deadline_at > coalesce(due_after, '-infinity') and job.deadline_at < coalesce(due_before, 'infinity')
                ) as soon
                limit thousands);
            if cardinality(due) < thousands then
                return array(
                    select soon.job_id
                    from (select job_id from unnest(due) as job_id where job_id < below order by job_id desc) as soon
                    join queue.job_queue as job using (job_id)
                    where job.status = any (states)
                      and queue.is_like(job, channel, jobs_in.language, jobs_in.intent, role, below_confidence, above_confidence)
                    order by soon.job_id desc
                    limit at_most);
            end if;
        end if;
        found := found || array(
            select standing.job_id
            from unnest(agencies) as place
            cross join unnest(states) as state
            cross join unnest(wanted) as kind
            cross join lateral (
                select job.job_id
                from queue.job_queue as job
                where job.agency = place and job.status = state and job.job_kind = kind
                  and job.status not in ('leased', 'running')
                  and - job.job_id > - top and - job.job_id <= span - top
                  and queue.is_like(job, channel, jobs_in.language, jobs_in.intent, role, below_confidence, above_confidence,
                                    due_before, due_after)
                order by - job.job_id
                limit at_most
            ) as standing
            order by standing.job_id desc
            limit at_most - cardinality(found));
        top := top - span;
        span := span * 2;
    end loop;
    taken := array(
        select job.job_id
        from queue.job_queue as job
        where job.status in ('leased', 'running') and job.status = any (states)
          and job.agency = any (agencies)
          and job.job_kind = any (wanted)
          and job.job_id < below
          and queue.is_like(job, channel, jobs_in.language, jobs_in.intent, role, below_confidence, above_confidence,
                            due_before, due_after));
    return array(select job_id from unnest(found || taken) as job_id order by job_id desc limit at_most);
end
$$;

reset role;
