-- Calls of on-call: dead letters, holds, and jobs that someone must stop or hurry.
set local role countersign_owner;

-- The job, locked, and the refusal that every call here shares: unknown, not theirs, not on call.
create function queue.refuse_oncall(me queue.staff, job queue.job_queue) returns jsonb
language sql immutable as $$
    select case
        when job.job_id is null or not queue.is_of_agency(me, job.agency) then '{"outcome": "not_found"}'::jsonb
        when not queue.has_role(me, 'oncall') then jsonb_build_object('outcome', 'not_authorised', 'job_id', job.job_id)
    end
$$;

-- How often people put a job back already.
create function queue.retried_by_people(about bigint) returns bigint
language sql stable as $$
    select count(*)
    from queue.dot_iu_command_run as run
    where (run.job_id, run.call, run.outcome) = (about, 'dead_letter_retry', 'applied')
$$;

-- Puts a dead letter back, with attempts enough that it can really be claimed, `after_seconds` from now. A send that may
-- have left is repeated only by someone who says so, and what people put back three times already only by someone who
-- says why it should end otherwise this time.
create function queue.dead_letter_retry(
    job_id bigint, may_have_left boolean default false, reason text default null, after_seconds integer default 0,
    command_id text default null
) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.staff := queue.require_staff();
    why     text  := case when reason is not null then queue.as_reason(reason, 'retry') end;
    later   interval := make_interval(secs => coalesce(queue.as_count(after_seconds, 'after_seconds'), 0));
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('dead_letter_retry', jsonb_build_array(job_id, may_have_left, why, later));
    job     queue.job_queue := queue.lock_job(dead_letter_retry.job_id);
    answer  jsonb := queue.first_answer(command, asked);
begin
    if answer is not null then
        return answer;
    end if;
    answer := coalesce(queue.refuse_oncall(me, job), case
        when job.status <> 'dead_letter' then jsonb_build_object('outcome', 'wrong_status', 'job_id', job.job_id)
        when job.outcome_code = 'outcome_unknown' and not coalesce(may_have_left, false)
            then jsonb_build_object('outcome', 'may_have_left', 'job_id', job.job_id)
        when why is null and queue.retried_by_people(job.job_id) >= 3
            then jsonb_build_object('outcome', 'reason_needed', 'job_id', job.job_id)
    end);
    if answer is not null then
        return queue.answer_about('dead_letter_retry', job, command, asked, answer);
    end if;
    update queue.job_queue as retried
    set status = 'queued', process_after = queue.clock() + later, finished_at = null, outcome_code = null,
        max_attempts = greatest(max_attempts, attempt + (select default_attempts from queue.job_kind where job_kind = retried.job_kind))
    where retried.job_id = job.job_id;
    return queue.answer_about('dead_letter_retry', job, command, asked,
        jsonb_build_object('outcome', 'applied', 'job_id', job.job_id), 'queued',
        coalesce(why, case when job.outcome_code = 'outcome_unknown' then 'may_have_left' end));
end
$$;

-- Gives a dead letter up: nothing more happens for it.
create function queue.dead_letter_discard(job_id bigint, reason text, command_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.staff := queue.require_staff();
    why     text  := queue.as_reason(reason, 'discard');
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('dead_letter_discard', jsonb_build_array(job_id, why));
    job     queue.job_queue := queue.lock_job(dead_letter_discard.job_id);
    answer  jsonb := queue.first_answer(command, asked);
begin
    if answer is not null then
        return answer;
    end if;
    answer := coalesce(queue.refuse_oncall(me, job), case
        when job.status <> 'dead_letter' then jsonb_build_object('outcome', 'wrong_status', 'job_id', job.job_id)
    end);
    if answer is not null then
        return queue.answer_about('dead_letter_discard', job, command, asked, answer);
    end if;
    update queue.job_queue as discarded
    set status = 'cancelled', outcome_code = 'discarded', finished_at = queue.clock()
    where discarded.job_id = job.job_id;
    return queue.answer_about('dead_letter_discard', job, command, asked,
        jsonb_build_object('outcome', 'applied', 'job_id', job.job_id), 'cancelled', why);
end
$$;

-- A person found that a send of unknown effect did leave. A number of the provider names one message: whoever gives it for
-- a second one of the same agency and channel is mistaken about one of the two. What programs report is not judged by it.
create function queue.confirm_sent(job_id bigint, provider_ref text, command_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me        queue.staff := queue.require_staff();
    reference text  := queue.as_bounded(provider_ref, 256, 'provider_ref');
    command   uuid  := queue.as_uuid(command_id, 'command_id');
    asked     bytea := queue.fingerprint('confirm_sent', jsonb_build_array(job_id, reference));
    job       queue.job_queue := queue.lock_job(confirm_sent.job_id);
    answer    jsonb := queue.first_answer(command, asked);
    withheld  boolean;
begin
    if answer is not null then
        return answer;
    end if;
    answer := coalesce(queue.refuse_oncall(me, job), case
        when job.status <> 'dead_letter' or job.outcome_code is distinct from 'outcome_unknown'
            then jsonb_build_object('outcome', 'wrong_status', 'job_id', job.job_id)
    end);
    if answer is null then
        -- Whoever confirms at the same time waits here, and then sees this one.
        perform from queue.agency where agency.agency = job.agency for no key update;
        answer := case
            when exists (select from care.customer_message as departure
                         join care.customer_conversation as conversation using (conversation_id)
                         where departure.provider_ref = reference
                           and conversation.agency = job.agency
                           and conversation.channel_kind = job.channel_kind)
                then jsonb_build_object('outcome', 'reference_taken', 'job_id', job.job_id)
        end;
    end if;
    if answer is not null then
        return queue.answer_about('confirm_sent', job, command, asked, answer);
    end if;
    update queue.job_queue as confirmed
    set status = 'succeeded', outcome_code = 'confirmed_sent', finished_at = queue.clock()
    where confirmed.job_id = job.job_id;
    perform queue.record_departure(job, reference);
    withheld := queue.emit('customer.message.sent', job.agency, job.job_id, job.correlation_id, job.safe_payload);
    return queue.answer_about('confirm_sent', job, command, asked,
        jsonb_build_object('outcome', 'applied', 'job_id', job.job_id), 'succeeded', null, withheld);
end
$$;

-- Does not wait for the next attempt's time.
create function queue.retry_now(job_id bigint, command_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.staff := queue.require_staff();
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('retry_now', jsonb_build_array(job_id));
    job     queue.job_queue := queue.lock_job(retry_now.job_id);
    answer  jsonb := queue.first_answer(command, asked);
begin
    if answer is not null then
        return answer;
    end if;
    answer := coalesce(queue.refuse_oncall(me, job), case
        when job.status <> 'retry_waiting' then jsonb_build_object('outcome', 'wrong_status', 'job_id', job.job_id)
    end);
    if answer is not null then
        return queue.answer_about('retry_now', job, command, asked, answer);
    end if;
    update queue.job_queue as hurried
    set status = 'queued', process_after = queue.clock()
    where hurried.job_id = job.job_id;
    return queue.answer_about('retry_now', job, command, asked,
        jsonb_build_object('outcome', 'applied', 'job_id', job.job_id), 'queued');
end
$$;

-- Stops a job that waits. What is being worked on is not stopped.
create function queue.cancel_job(job_id bigint, reason text, command_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.staff := queue.require_staff();
    why     text  := queue.as_reason(reason, 'cancel');
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('cancel_job', jsonb_build_array(job_id, why));
    job     queue.job_queue := queue.lock_job(cancel_job.job_id);
    answer  jsonb := queue.first_answer(command, asked);
begin
    if answer is not null then
        return answer;
    end if;
    answer := coalesce(queue.refuse_oncall(me, job), case
        when job.status not in ('queued', 'retry_waiting', 'paused')
            then jsonb_build_object('outcome', 'wrong_status', 'job_id', job.job_id)
    end);
    if answer is not null then
        return queue.answer_about('cancel_job', job, command, asked, answer);
    end if;
    update queue.job_queue as stopped
    set status = 'cancelled', outcome_code = 'cancelled', finished_at = queue.clock()
    where stopped.job_id = job.job_id;
    return queue.answer_about('cancel_job', job, command, asked,
        jsonb_build_object('outcome', 'applied', 'job_id', job.job_id), 'cancelled', why);
end
$$;

-- Pauses what standing holds cover, in batches that wait for nobody. Claims look at the hold itself, so nothing covered
-- is claimed in between.
create function queue.pause_covered(at_most integer) returns integer
language plpgsql volatile as $$
declare
    paused integer;
begin
    if not exists (select from queue.hold where resumed_at is null) then
        return 0;
    end if;
    with covered as (
        select waiting.job_id, waiting.agency, waiting.status
        from queue.job_queue as waiting
        where waiting.status in ('queued', 'retry_waiting')
          and exists (select from queue.hold as placed
                          where placed.resumed_at is null
                            and queue.holds_back(placed, waiting))
        limit at_most
        for update of waiting skip locked
    ), stopped as (
        update queue.job_queue as job set status = 'paused' from covered where job.job_id = covered.job_id
    )
    select count(*) into paused
    from covered, queue.audit('hold', covered.job_id, covered.agency, 'applied', covered.status, 'paused');
    return paused;
end
$$;

-- Puts back what was paused and no standing hold covers any more, the most urgent first: what one ended hold had covered,
-- spaced out by its pace from where it had got to; or (null) whatever no ended hold will give back either. Waits for nobody:
-- what is locked, and what another session paused just as its hold ended, goes back with the next sweep.
create function queue.release_uncovered(ended queue.hold, at_most integer, command uuid default null) returns integer
language plpgsql volatile as $$
declare
    first_turn timestamptz := greatest(queue.clock(), ended.next_turn_at);
    pace       interval := coalesce(make_interval(secs => 60.0 / ended.per_minute), interval '0');
    released   integer;
begin
    with free as (
        select paused.job_id, paused.agency, paused.priority, paused.deadline_at, paused.process_after
        from queue.job_queue as paused
        where paused.status = 'paused'
          and queue.covers(ended, paused.job_kind, paused.channel_kind, paused.agency)
          and not exists (select from queue.hold as placed
                              where (placed.resumed_at is null or (ended.hold_id is null and placed.drained_at is null))
                                and queue.covers(placed, paused.job_kind, paused.channel_kind, paused.agency))
        order by paused.priority, paused.deadline_at, paused.job_id
        limit at_most
        for update of paused skip locked
    ), paced as (
        select free.job_id, free.agency,
               greatest(free.process_after,
                        first_turn + pace * (row_number() over (order by priority, deadline_at, job_id) - 1)) as turn
        from free
    ), queued as (
        update queue.job_queue as job set status = 'queued', process_after = paced.turn from paced where job.job_id = paced.job_id
    )
    select count(*) into released
    from paced, queue.audit('resume', paced.job_id, paced.agency, 'applied', 'paused', 'queued', null, command);
    update queue.hold as placed
    set next_turn_at = first_turn + pace * released, drained_at = case when released < at_most then queue.clock() end
    where placed.hold_id = ended.hold_id;
    return released;
end
$$;

-- A standing order that stops what it covers from being claimed, at once. Null means any; at least one must be named. What it
-- covers is paused for everybody to see: a batch here, and with `more` the rest by and by with every sweep, so that no call
-- takes long.
create function queue.hold(
    job_kind text, channel_kind text, agency text, reason text, ticket text default null, command_id text default null
) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.staff := queue.require_staff();
    why     text  := queue.as_reason(reason, 'hold');
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('hold', jsonb_build_array(job_kind, channel_kind, agency, why, ticket));
    answer  jsonb := queue.first_answer(command, asked);
    covered text  := coalesce(hold.agency, me.agency);
    new_id  bigint;
    paused  integer;
begin
    if answer is not null then
        return answer;
    end if;
    if not queue.has_role(me, 'oncall') or (me.agency is not null and covered is distinct from me.agency) then
        perform queue.audit('hold', null, me.agency, 'not_authorised', command => command);
        return queue.remember_answer(command, asked, '{"outcome": "not_authorised"}');
    end if;
    if num_nonnulls(hold.job_kind, hold.channel_kind, hold.agency) = 0
       or (hold.job_kind is not null and not exists (select from queue.job_kind as known where known.job_kind = hold.job_kind))
       or (hold.channel_kind is not null and not exists (select from queue.channel where code = hold.channel_kind))
       or (hold.agency is not null and not exists (select from queue.agency as known where known.agency = hold.agency))
       or ticket !~ '^[A-Z]{1,10}-[0-9]{1,7}$' collate "C" then
        raise exception using errcode = 'CS002', message = 'a hold names a known kind, channel or agency, and a ticket as in INC-2291';
    end if;
    insert into queue.hold (job_kind, channel_kind, agency, reason, ticket, placed_by, placed_at)
    values (hold.job_kind, hold.channel_kind, covered, why, hold.ticket, session_user, queue.clock())
    returning hold_id into new_id;
    perform queue.audit('hold', null, covered, 'applied', code => why, command => command);
    paused := queue.pause_covered(500);
    return queue.remember_answer(command, asked, jsonb_build_object(
        'outcome', 'applied', 'hold_id', new_id, 'paused', paused, 'more', paused = 500));
end
$$;

-- The refusal that the calls about a standing hold share: unknown, not theirs, not on call, ended already.
create function queue.refuse_hold(me queue.staff, standing queue.hold) returns jsonb
language sql immutable as $$
    select case
        when standing.hold_id is null or (me.agency is not null and standing.agency is distinct from me.agency)
            then '{"outcome": "not_found"}'::jsonb
        when not queue.has_role(me, 'oncall') then '{"outcome": "not_authorised"}'::jsonb
        when standing.resumed_at is not null
            then jsonb_build_object('outcome', 'already_decided', 'by', standing.resumed_by, 'at', standing.resumed_at)
    end
$$;

-- Lets a few sends go ahead of what else a hold keeps, the most urgent first, at once. The hold stands meanwhile: what is
-- tried and fails is covered again, and so is what nobody claimed of those tried before. None (0) takes these back and tries
-- nothing.
create function queue.try_resume(hold_id bigint, sends integer default 5, command_id text default null) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me       queue.staff := queue.require_staff();
    command  uuid  := queue.as_uuid(command_id, 'command_id');
    asked    bytea := queue.fingerprint('try_resume', jsonb_build_array(hold_id, sends));
    at_most  integer := least(coalesce(queue.as_count(sends, 'sends'), 5), 100);
    answer   jsonb := queue.first_answer(command, asked);
    standing queue.hold;
    tried    integer;
begin
    if answer is not null then
        return answer;
    end if;
    select * into standing from queue.hold as placed where placed.hold_id = try_resume.hold_id for update;
    answer := queue.refuse_hold(me, standing);
    if answer is not null then
        perform queue.audit('try_resume', null, me.agency, answer ->> 'outcome', command => command);
        return queue.remember_answer(command, asked, answer);
    end if;
    update queue.job_queue as waiting set let_through = null
    where (waiting.status, waiting.let_through) = ('queued', standing.hold_id);
    if at_most = 0 then
        perform queue.pause_covered(100);
    else
        -- What an earlier trial left behind is not of this one.
        update queue.job_queue as paused set let_through = null
        where (paused.status, paused.let_through) = ('paused', standing.hold_id);
        update queue.hold as placed set trial_at = queue.clock() where placed.hold_id = standing.hold_id
        returning * into standing;
    end if;
    with few as (
        select paused.job_id, paused.agency
        from queue.job_queue as paused
        where (paused.status, paused.job_kind) = ('paused', 'customer_message_send')
          and queue.covers(standing, paused.job_kind, paused.channel_kind, paused.agency)
          and not exists (select from queue.hold as placed
                              where placed.resumed_at is null
                                and placed.hold_id <> standing.hold_id
                                and queue.covers(placed, paused.job_kind, paused.channel_kind, paused.agency))
        order by paused.priority, paused.deadline_at, paused.job_id
        limit at_most
        for update of paused skip locked
    ), queued as (
        update queue.job_queue as job
        set status = 'queued', process_after = standing.trial_at, let_through = standing.hold_id
        from few where job.job_id = few.job_id
    )
    select count(*) into tried
    from few, queue.audit('try_resume', few.job_id, few.agency, 'applied', 'paused', 'queued', null, command);
    perform queue.audit('try_resume', null, standing.agency, 'applied', command => command);
    return queue.remember_answer(command, asked,
        jsonb_build_object('outcome', 'applied', 'hold_id', standing.hold_id, 'resumed', tried));
end
$$;

-- Ends a hold. What no other hold covers goes back, spaced out where a pace is given: the first at once, and with `more`
-- the rest by and by with every sweep, so that no call takes long.
create function queue.resume(hold_id bigint, per_minute integer default null, command_id text default null) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me       queue.staff := queue.require_staff();
    command  uuid  := queue.as_uuid(command_id, 'command_id');
    asked    bytea := queue.fingerprint('resume', jsonb_build_array(hold_id, per_minute));
    answer   jsonb := queue.first_answer(command, asked);
    standing queue.hold;
    resumed  integer;
begin
    if answer is not null then
        return answer;
    end if;
    select * into standing from queue.hold as placed where placed.hold_id = resume.hold_id for update;
    answer := queue.refuse_hold(me, standing);
    if answer is not null then
        perform queue.audit('resume', null, me.agency, answer ->> 'outcome', command => command);
        return queue.remember_answer(command, asked, answer);
    end if;
    if per_minute < 1 then
        raise exception using errcode = 'CS002', message = 'per_minute is at least 1';
    end if;
    update queue.hold as placed
    set resumed_by = session_user, resumed_at = queue.clock(), per_minute = resume.per_minute
    where placed.hold_id = standing.hold_id
    returning * into standing;
    resumed := queue.release_uncovered(standing, 500, command);
    perform queue.audit('resume', null, standing.agency, 'applied', command => command);
    return queue.remember_answer(command, asked, jsonb_build_object(
        'outcome', 'applied', 'hold_id', standing.hold_id, 'resumed', resumed, 'more', resumed = 500));
end
$$;

-- Questions whose deadline passed while they waited, and the role that they go up to; part of the statements that ask.
create function queue.late_questions(right_now timestamptz)
returns table (job_id bigint, agency text, to_role text, deadline_at timestamptz)
language sql stable as $$
    select waiting.job_id, waiting.agency, route.to_role, waiting.deadline_at
    from queue.job_queue as waiting
    join queue.job_kind as rules on rules.job_kind = waiting.job_kind and rules.escalates
    join queue.escalation_route as route on route.from_role = queue.role_of(waiting.target_ref)
    where waiting.job_kind in ('customer_message_approve', 'customer_message_escalate')
      and waiting.status = 'queued'
      and waiting.deadline_at <= right_now
$$;

-- When those who sweep in turn did so last. Locked by whoever is at it.
create table queue.sweep_turn (
    swept_at timestamptz not null
);
insert into queue.sweep_turn values ('-infinity');

-- What must happen by itself: the counting of what happened, leases that ran out, holds over what arrived later or gone from
-- over what they paused, deadlines that passed. Safe from many places at once, because each row is taken by whoever gets it
-- and passed over by the others. A call takes a batch and holds it for a moment only, so that people's work goes on beside
-- it; whoever finds `more` calls again. `in_turn`: only where nobody did so for four seconds, so that two hundred who sweep all the
-- time cost what one costs. What is late goes up tier by tier, a share of the batch each, so that neither a full
-- tier nor a long one keeps another waiting.
create function queue.sweep(in_turn boolean default false) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    escalates constant integer := 25;
    recovers  constant integer := 50;
    moves     constant integer := 100;
    recovered integer;
    paused    integer;
    released  integer;
    escalated bigint := 0;
    stopped   bigint := 0;
    more      boolean;
    done      bigint;
    is_full   boolean;
    tier      record;
    question  record;
    stop      record;
    ended     queue.hold;
    job       queue.job_queue;
    right_now timestamptz;
begin
    perform queue.begin_call();
    if not exists (select from queue.login where login = session_user and class in ('staff', 'executor')) then
        raise exception using errcode = 'CS004', message = 'this login is registered neither as staff nor as an executor';
    end if;
    if in_turn then
        perform from queue.sweep_turn
        where swept_at not between queue.clock() - interval '4 seconds' and queue.clock()
        for update skip locked;
        if not found then
            return '{"outcome": "swept"}';
        end if;
        update queue.sweep_turn set swept_at = queue.clock();
    end if;
    perform queue.fold();
    perform queue.draw_bitmaps();
    recovered := queue.recover_leases(array(select job_kind from queue.job_kind), recovers);
    paused := queue.pause_covered(moves);
    more := recovered = recovers or paused = moves;
    for ended in
        select * from queue.hold as placed
        where placed.drained_at is null and placed.resumed_at is not null
        for no key update skip locked
    loop
        released := queue.release_uncovered(ended, moves);
        more := more or released = moves;
    end loop;
    released := queue.release_uncovered(null, moves);
    more := more or released = moves;
    right_now := queue.clock();
    -- In no order, so that many sweeps at once spread over the tiers. Where somebody else fills one at this moment, it is left
    -- to them: a sweep holds many rows, so it waits for none.
    for tier in
        select late.agency, late.to_role, count(*) as waiting, greatest(escalates / count(*) over (), 1) as share
        from queue.late_questions(right_now) as late
        group by late.agency, late.to_role
        order by random()
    loop
        perform from queue.agency where agency.agency = tier.agency for no key update skip locked;
        continue when not found;
        done := 0;
        is_full := not queue.is_switched_on('customer_message_escalate');
        if not is_full then
            for question in
                select late.job_id
                from queue.late_questions(right_now) as late
                where late.agency = tier.agency and late.to_role = tier.to_role
                order by late.deadline_at, late.job_id
                limit tier.share
            loop
                is_full := queue.tier_is_full(tier.agency, tier.to_role);
                exit when is_full;
                job := queue.try_lock_job(question.job_id);
                if job.status = 'queued' and job.deadline_at <= right_now and queue.covering_hold(job) is null then
                    perform queue.escalate('sweep', job, 'deadline_passed');
                    done := done + 1;
                end if;
            end loop;
        end if;
        escalated := escalated + done;
        if is_full then
            stopped := stopped + tier.waiting - done;
        else
            -- Where nothing could be taken, asking again at once would not help.
            more := more or (done > 0 and tier.waiting > tier.share);
        end if;
    end loop;
    -- A tier where there is room again says so, even when nobody else wants in.
    for stop in
        select agency.agency, queue.role_of(escalation_stop.target_ref) as role
        from queue.escalation_stop
        join queue.agency on starts_with(escalation_stop.target_ref, 'agency:' || agency.agency || '/')
        for no key update of agency skip locked
    loop
        perform queue.tier_is_full(stop.agency, stop.role);
    end loop;
    return jsonb_build_object('outcome', 'swept', 'recovered', recovered, 'paused', paused, 'escalated', escalated,
                              'stopped_full', stopped, 'more', more);
end
$$;

reset role;
