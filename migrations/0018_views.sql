-- What may be known without any right on jobs: functions that run as the owner and filter by the login. The counts themselves
-- stand in 0021, behind what counts.
set local role countersign_owner;

-- The agencies whose counts a login may see: staff their own or, registered without one, all; monitors all.
-- In PL/pgSQL, which keeps the plan for the session: every count asks.
create function queue.visible_agencies() returns setof text
language plpgsql stable security definer rows 10 set search_path = queue, care, pg_temp as $$
begin
    return query
    select known.agency
    from queue.agency as known
    where exists (select from queue.monitor where login = session_user)
       or exists (select from queue.staff as me
                  where me.login = session_user and (me.agency is null or me.agency = known.agency));
end
$$;

-- Since when the oldest lease of each kind is held, program's or person's, which only the audit trail knows. As many rows
-- are looked at as people and programs are at work.
create function queue.oldest_leases() returns table (agency text, job_kind text, oldest_lease_at timestamptz)
language sql stable security definer set search_path = queue, care, pg_temp as $$
    with held as materialized (
        select job_id, agency, job_kind from queue.job_queue where status in ('leased', 'running')
    )
    select place.agency, kind.job_kind, min(claim.at)
    from queue.visible_agencies() as place (agency)
    cross join queue.job_kind as kind
    left join held as job on job.agency = place.agency and job.job_kind = kind.job_kind
    left join lateral (
        select run.at
        from queue.dot_iu_command_run as run
        where run.job_id = job.job_id and run.to_status = 'leased' and run.from_status <> 'leased'
        order by run.run_id desc
        limit 1
    ) as claim on true
    group by place.agency, kind.job_kind
$$;

-- Attempts of sends that failed after one moment and up to another. Without settings of its own, so that the server writes
-- it into the statements that ask.
create function queue.failed_sends(after timestamptz, until timestamptz)
returns table (agency text, channel_kind text, at timestamptz, code text)
language sql stable as $$
    select send.agency, send.channel_kind, ended.at, ended.code
    from queue.dot_iu_command_run as ended
    join queue.job_queue as send on send.job_id = ended.job_id
    where ended.from_status = 'running'
      and ended.to_status in ('retry_waiting', 'dead_letter')
      and ended.at > after
      and ended.at <= until
      and send.job_kind = 'customer_message_send'
$$;

-- How many replies left by a channel.
create function queue.count_sent(of_agency text, channel text, after timestamptz, until timestamptz) returns bigint
language sql stable as $$
    select count(*)
    from queue.job_queue as sent
    where sent.agency = of_agency
      and sent.channel_kind = channel
      and sent.job_kind = 'customer_message_send'
      and sent.outcome_code = 'completed'
      and sent.finished_at > after
      and sent.finished_at <= until
$$;

-- Since when a channel fails: the first failure of as many spans in a row, back from now and a day at most, as failed by
-- this share each. Null where the last one did not. Of each span no more failures are looked at than make the share.
create function queue.failing_since(of_agency text, channel text, span interval, least_share numeric, right_now timestamptz)
returns timestamptz
language plpgsql stable as $$
declare
    ends   timestamptz := right_now;
    since  timestamptz;
    done   bigint;
    needed bigint;
    failed record;
begin
    while ends > right_now - interval '1 day' loop
        done := queue.count_sent(of_agency, channel, ends - span, ends);
        exit when done > 0 and least_share >= 1;
        needed := case when done = 0 then 1 else ceil(least_share * done / (1 - least_share)) end;
        select count(*) as many, min(early.at) as first_at into failed
        from (select attempt.at
              from queue.failed_sends(ends - span, ends) as attempt
              where attempt.agency = of_agency and attempt.channel_kind = channel
              order by attempt.at
              limit needed) as early;
        exit when failed.many < needed;
        since := failed.first_at;
        ends := ends - span;
    end loop;
    return since;
end
$$;

-- Attempts of sends of an agency that failed since then, by channel. Planned anew each time, because only then the server knows how
-- short that is.
create function queue.failures_since(of_agency text, after timestamptz, until timestamptz)
returns table (channel_kind text, failed bigint, first_at timestamptz, leading_error text)
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
begin
    return query
    select attempt.channel_kind, count(*), min(attempt.at), mode() within group (order by attempt.code)
    from queue.failed_sends(after, until) as attempt
    where attempt.agency = of_agency
    group by attempt.channel_kind;
end
$$;

-- How the sends of each channel do, by the agency's rule of what makes an outage: attempts that ended within the window,
-- however long they took, and what waits now. `since`: when the failures began that go on. `oldest_at`: when the reply that
-- waits longest was approved.
create function queue.channel_health() returns table (
    agency text, channel_kind text, done bigint, failed bigint, share numeric, since timestamptz, leading_error text,
    suspected boolean, ready bigint, retry_waiting bigint, under_way bigint, held bigint, is_held boolean, oldest_at timestamptz,
    window_seconds integer, least_attempts bigint, least_share numeric)
language plpgsql volatile security definer set search_path = queue, care, pg_temp as $$
#variable_conflict use_column
declare
    right_now   timestamptz := queue.clock();
    this_minute timestamptz := queue.minute_of(right_now);
begin
    return query
    with rule as materialized (
        select place.agency,
               make_interval(secs => queue.setting('queue.customer.outage_window', place.agency)::double precision) as lasts,
               queue.setting('queue.customer.outage_attempts', place.agency)::bigint as attempts,
               queue.setting('queue.customer.outage_share', place.agency)::numeric as share
        from queue.visible_agencies() as place (agency)
    ), failures as (
        select rule.agency, attempt.*
        from rule
        cross join lateral queue.failures_since(rule.agency, right_now - rule.lasts, right_now) as attempt
    ), whole as (
        select place.agency, place.channel_kind,
               sum(counted.jobs) filter (where counted.what = 'queued' and counted.minute <= this_minute) as begun,
               sum(counted.jobs) filter (where counted.what = 'retry_waiting') as retry_waiting,
               sum(counted.jobs) filter (where counted.what in ('leased', 'running')) as under_way,
               sum(counted.jobs) filter (where counted.what = 'paused') as held
        from queue.tally_now as counted
        join queue.visible_lanes() as place on place.lane = counted.lane
        where counted.what <= 'paused' and place.channel_kind is not null
        group by place.agency, place.channel_kind
    ), soon as (
        select rule.agency, job.channel_kind, count(*) as jobs
        from rule
        cross join lateral (
            select near.channel_kind
            from queue.job_queue as near
            where near.agency = rule.agency and near.job_kind = 'customer_message_send' and near.status = 'queued'
              and near.process_after > right_now and near.process_after < this_minute + interval '1 minute'
            -- In the order of the index in which they lie together.
            order by near.process_after) as job
        group by rule.agency, job.channel_kind
    ), tried as (
        select rule.agency, channel.code as channel_kind, rule.lasts, rule.attempts, rule.share,
               coalesce(failed, 0) as failed, first_at, leading_error,
               queue.count_sent(rule.agency, channel.code, right_now - rule.lasts, right_now) as done
        from rule
        cross join queue.channel
        left join failures on (failures.agency, failures.channel_kind) = (rule.agency, channel.code)
    )
    select agency, channel_kind, done, failed, round(failed::numeric / nullif(done + failed, 0), 3),
           case when failed > 0
               then coalesce(queue.failing_since(agency, channel_kind, tried.lasts, tried.share, right_now), first_at) end,
           leading_error, done + failed >= tried.attempts and failed >= tried.share * (done + failed),
           (coalesce(begun, 0) - coalesce(soon.jobs, 0))::bigint, coalesce(whole.retry_waiting, 0)::bigint,
           coalesce(under_way, 0)::bigint, coalesce(held, 0)::bigint,
           queue.is_held('customer_message_send', channel_kind, agency), oldest.created_at,
           extract(epoch from tried.lasts)::integer, tried.attempts, tried.share
    from tried
    left join whole using (agency, channel_kind)
    left join soon using (agency, channel_kind)
    left join lateral (
        select waiting.created_at
        from queue.job_queue as waiting
        where (waiting.agency, waiting.channel_kind, waiting.job_kind) = (tried.agency, tried.channel_kind, 'customer_message_send')
          and waiting.status in ('queued', 'retry_waiting', 'paused')
          and (waiting.status <> 'queued' or waiting.process_after <= right_now)
        order by waiting.created_at
        limit 1
    ) as oldest on true
    order by agency, channel_kind;
end
$$;

-- The holds that stand over what a login counts: over what, how many, and since when. Nothing of who placed them and why.
create function queue.standing_holds() returns table (
    agency text, job_kind text, channel_kind text, holds bigint, oldest_placed_at timestamptz)
language sql stable security definer set search_path = queue, care, pg_temp as $$
    select place.agency, placed.job_kind, placed.channel_kind, count(*), min(placed.placed_at)
    from queue.visible_agencies() as place (agency)
    join queue.hold as placed on coalesce(placed.agency, place.agency) = place.agency
    where placed.resumed_at is null
    group by place.agency, placed.job_kind, placed.channel_kind
    order by place.agency, placed.job_kind, placed.channel_kind
$$;

-- The seconds after which ready work is unattended that nobody leases or runs: where the oldest of it has waited for as long and
-- none was claimed in that time. Null: it is not.
create function queue.unattended_after(of_agency text, of_kind text, waits_since timestamptz, right_now timestamptz) returns integer
language plpgsql stable as $$
declare
    lasts interval := make_interval(secs => queue.setting('queue.customer.unattended_after', of_agency)::double precision);
begin
    if waits_since <= right_now - lasts and not exists (
        select from queue.dot_iu_command_run as claimed
        where claimed.to_status = 'leased' and claimed.at > right_now - lasts
          -- Looked up for each claim: a join may begin with all the jobs of the kind.
          and (select (job.agency, job.job_kind) = (of_agency, of_kind)
               from queue.job_queue as job where job.job_id = claimed.job_id))
    then
        return extract(epoch from lasts)::integer;
    end if;
    return null;
end
$$;

create function queue.is_staff(who text) returns boolean
language sql stable as $$
    select exists (select from queue.login where login = who and class = 'staff')
$$;

-- Whether a person revised this draft: somebody else must look at it then. Few drafts revise another, and only of those the server
-- asks who it was.
create function queue.is_by_a_person(draft care.customer_message) returns boolean
language sql stable as $$
    select draft.revises is not null and queue.is_staff(draft.stored_by)
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
language plpgsql volatile security definer
set plan_cache_mode = force_generic_plan set search_path = queue, care, pg_temp as $$
#variable_conflict use_column
declare
    me           queue.staff;
    agency_order boolean;
    held_up      text[];
begin
    select * into me from queue.staff where login = session_user;
    agency_order := (select review_order = 'savable_first' from queue.agency where agency.agency = me.agency);
    held_up := array(select code from queue.channel where queue.is_held('customer_message_send', code, me.agency));
    return query
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
           question.channel_kind = any (held_up)
    from queue.questions_in_order(
        me, waiting_questions.reads, coalesce(waiting_questions.savable_first, agency_order), null,
        least(greatest(at_most, 1), 1000), queue.clock()) with ordinality as question
    left join care.customer_message as draft on draft.message_id = split_part(question.payload_ref, ':', 2)::uuid
    order by question.ordinality;
end
$$;

reset role;
