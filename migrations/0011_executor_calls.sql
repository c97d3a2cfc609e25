-- Calls of executors: programs that do jobs. A program claims, starts, completes or fails; what it may claim is checked
-- at every call, so that a login taken off the list stops at once.
set local role countersign_owner;

create function queue.may_work_on(me queue.executor, job queue.job_queue) returns boolean
language sql immutable as $$
    select job.job_kind = any (me.kinds) and job.channel_kind = any (me.channels) and job.agency = any (me.agencies)
$$;

create function queue.as_claimed(job queue.job_queue) returns jsonb
language sql stable as $$
    select jsonb_build_object(
        'job_id', job.job_id, 'job_kind', job.job_kind, 'lease_token', job.lease_token,
        'lease_expires_at', job.lease_expires_at, 'agency', job.agency, 'channel_kind', job.channel_kind,
        'correlation_id', job.correlation_id, 'payload_ref', job.payload_ref, 'safe_payload', job.safe_payload,
        'attempt', job.attempt, 'max_attempts', job.max_attempts, 'deadline_at', job.deadline_at)
$$;

-- Ready jobs of these kinds, locked, up to so many: of each kind as many as it has among the most urgent of all. One kind at
-- a time, because only then the index gives them in their order and nothing has to be sorted: a plan made for any number
-- would rather read and sort all that waits. A kind whose share somebody else holds leaves the room to the others.
create function queue.lock_ready(me queue.executor, kinds text[], at_most integer, right_now timestamptz)
returns setof queue.job_queue
language plpgsql volatile
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
declare
    shared text[];
    shares bigint[];
    locked integer;
begin
    while at_most > 0 and cardinality(kinds) > 0 loop
        if cardinality(kinds) = 1 then
            shared := kinds;
            shares := array[at_most];
        else
            select array_agg(share.job_kind), array_agg(share.jobs)
            into shared, shares
            from (
                select ready.job_kind, count(*) as jobs
                from (
                    select first.job_kind
                    from unnest(kinds) as wanted (kind)
                    cross join lateral (
                        select *
                        from queue.job_queue as candidate
                        where candidate.status in ('queued', 'retry_waiting')
                          and candidate.job_kind = wanted.kind
                          and candidate.process_after <= right_now
                          and candidate.channel_kind = any (me.channels)
                          and candidate.agency = any (me.agencies)
                          and not exists (select from queue.hold as placed
                                              where placed.resumed_at is null
                                                and queue.holds_back(placed, candidate))
                        order by candidate.priority, candidate.process_after, candidate.job_id
                        limit at_most
                    ) as first
                    order by first.priority, first.process_after, first.job_id
                    limit at_most
                ) as ready
                group by ready.job_kind
            ) as share;
        end if;
        for i in 1..coalesce(cardinality(shared), 0) loop
            return query
                select *
                from queue.job_queue as candidate
                where candidate.status in ('queued', 'retry_waiting')
                  and candidate.job_kind = shared[i]
                  and candidate.process_after <= right_now
                  and candidate.channel_kind = any (me.channels)
                  and candidate.agency = any (me.agencies)
                  and not exists (select from queue.hold as placed
                                      where placed.resumed_at is null
                                        and queue.holds_back(placed, candidate))
                order by candidate.priority, candidate.process_after, candidate.job_id
                limit shares[i]
                for update of candidate skip locked;
            get diagnostics locked = row_count;
            at_most := at_most - locked;
            kinds := array_remove(kinds, shared[i]);
        end loop;
        exit when shared is null;
    end loop;
end
$$;

-- Leases up to `limit` ready jobs, most urgent first. Waits for nobody: what another session holds is passed over.
-- A send that is no longer wanted ends here instead of being claimed. One plan for all: for a few rows the server
-- would plan each time anew, which takes longer than what it plans.
create function queue.claim_jobs(kinds text[], "limit" integer default 1) returns jsonb
language plpgsql security definer set plan_cache_mode = force_generic_plan set search_path = queue, care, pg_temp as $$
declare
    me        queue.executor := queue.require_executor();
    at_most   integer := least(greatest(coalesce("limit", 1), 1), 100);
    wanted    text[]  := array(select unnest(claim_jobs.kinds) intersect select unnest(me.kinds));
    right_now timestamptz;
    job       queue.job_queue;
    taken     queue.job_queue[] := '{}';
    claimed   jsonb;
    why_not   text;
begin
    perform queue.recover_leases(wanted, 100);
    right_now := queue.clock();
    -- What holds cover whole is not looked through, unless one let some of it through.
    if exists (select from queue.hold as placed where placed.resumed_at is null) then
        wanted := array(
            select kind
            from unnest(wanted) as kind
            where exists (select from unnest(me.channels) as channel, unnest(me.agencies) as agency
                          where not queue.is_held(kind, channel, agency))
               or exists (select from queue.hold as placed where placed.resumed_at is null and placed.trial_at is not null));
    end if;
    for job in
        select *
        from queue.lock_ready(me, wanted, at_most, right_now) as ready
        order by ready.priority, ready.process_after, ready.job_id
    loop
        if job.job_kind = 'customer_message_send' then
            -- The parent and the conversation are what the gate looks at; whoever changes one holds it, and then this
            -- send waits for its next turn.
            perform from queue.job_queue where job_id = job.parent_job_id for share skip locked;
            continue when not found;
            perform from care.customer_conversation where conversation_id = job.correlation_id for no key update skip locked;
            continue when not found;
            why_not := queue.no_longer_wanted(job, queue.right_to_send(job));
            if why_not is not null then
                perform queue.stop_send('claim_jobs', job, why_not);
                continue;
            end if;
        end if;
        taken := taken || job;
    end loop;
    -- All at one stroke: a statement costs much, and one more row of it little.
    with leased as (
        update queue.job_queue as leased
        set status = 'leased', lease_owner = session_user, lease_token = leased.lease_token + 1,
            lease_expires_at = queue.clock() + kind.lease, attempt = leased.attempt + 1
        from unnest(taken) as ready
        join queue.job_kind as kind on kind.job_kind = ready.job_kind
        where leased.job_id = ready.job_id
        returning leased as job, ready.status as was
    ), audited as (
        insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status)
        select queue.clock(), session_user, 'claim_jobs', (leased.job).job_id, (leased.job).agency, 'applied', leased.was, 'leased'
        from leased
    )
    select jsonb_agg(queue.as_claimed(leased.job)
                     order by (leased.job).priority, (leased.job).process_after, (leased.job).job_id)
    into claimed
    from leased;
    return jsonb_build_object('outcome', case when claimed is null then 'empty' else 'claimed' end,
                              'jobs', coalesce(claimed, '[]'));
end
$$;

-- Refuses what every call under a lease refuses, or null: a job that is not this login's to know, a lease that moved on.
create function queue.refuse_without_lease(job queue.job_queue, token bigint) returns jsonb
language plpgsql volatile as $$
begin
    if job.lease_owner is distinct from session_user
       or job.lease_token is distinct from token
       or job.status not in ('leased', 'running')
       or job.lease_expires_at <= queue.clock() then
        return jsonb_build_object('outcome', 'lease_lost', 'job_id', job.job_id);
    end if;
    return null;
end
$$;

-- Answers a call about one job: audits it and remembers the answer. What is absent and what is foreign leave the same
-- trace too, in the caller's agency, or the audit trail would tell them apart.
create function queue.answer_about(
    call text, job queue.job_queue, command uuid, asked bytea, answer jsonb, to_status text default null, code text default null,
    withheld boolean default false
) returns jsonb
language plpgsql volatile as $$
begin
    if answer = '{"outcome": "not_found"}' then
        perform queue.audit_not_found(call, command);
    else
        perform queue.audit(call, job.job_id, job.agency, answer ->> 'outcome', job.status, coalesce(to_status, job.status),
                            code, command, withheld);
    end if;
    return queue.remember_answer(command, asked, answer);
end
$$;

-- Before the work: after this, and only then, the body of a send can be opened.
create function queue.start_job(job_id bigint, lease_token bigint, command_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me       queue.executor := queue.require_executor();
    command  uuid  := queue.as_uuid(command_id, 'command_id');
    asked    bytea := queue.fingerprint('start_job', jsonb_build_array(job_id, lease_token));
    job      queue.job_queue := queue.lock_job(start_job.job_id);
    answer   jsonb := queue.first_answer(command, asked);
    why_not  text;
    by_right queue.right_to_send;
    withheld boolean := false;
begin
    if answer is not null then
        return answer;
    end if;
    if job.job_id is null or not queue.may_work_on(me, job) then
        return queue.answer_about('start_job', job, command, asked, '{"outcome": "not_found"}');
    end if;
    answer := queue.refuse_without_lease(job, lease_token);
    if answer is null and job.status <> 'leased' then
        answer := jsonb_build_object('outcome', 'wrong_status', 'job_id', job.job_id);
    end if;
    if answer is not null then
        return queue.answer_about('start_job', job, command, asked, answer);
    end if;

    if queue.covering_hold(job) is not null then
        update queue.job_queue
        set status = 'queued', attempt = attempt - 1, lease_owner = null, lease_expires_at = null
        where job_queue.job_id = job.job_id;
        return queue.answer_about('start_job', job, command, asked,
                                  jsonb_build_object('outcome', 'held', 'job_id', job.job_id), 'queued');
    end if;

    if not queue.payload_is_there(job) then
        perform queue.fail_attempt('start_job', job, 'payload_missing', command);
        return queue.remember_answer(command, asked,
                                     jsonb_build_object('outcome', 'payload_missing', 'job_id', job.job_id));
    end if;

    if job.job_kind = 'customer_message_send' then
        perform from queue.job_queue as parent where parent.job_id = job.parent_job_id for share;
        by_right := queue.right_to_send(job);
        why_not := queue.no_longer_wanted(job, by_right);
        if why_not is not null then
            return queue.remember_answer(command, asked, jsonb_build_object(
                'outcome', why_not, 'job_id', job.job_id, 'created_job_id', queue.stop_send('start_job', job, why_not, command)));
        end if;
        insert into queue.send_evidence (job_id, decision_id, signoff_id, recorded_at)
        values (job.job_id, by_right.decision_id, by_right.signoff_id, queue.clock())
        on conflict on constraint send_evidence_key do nothing;
        if by_right.signoff_id is not null then
            withheld := queue.emit('customer.message.dispensed', job.agency, job.job_id, job.correlation_id, job.safe_payload);
        end if;
    end if;

    update queue.job_queue
    set status = 'running', started_at = queue.clock()
    where job_queue.job_id = job.job_id;
    return queue.answer_about('start_job', job, command, asked,
                              jsonb_build_object('outcome', 'applied', 'job_id', job.job_id), 'running',
                              case when by_right.signoff_id is not null then 'dispensation' end, withheld);
end
$$;

-- What a job is about is resolved when it starts, not when it is enqueued: absent and erased are the same.
create function queue.payload_is_there(job queue.job_queue) returns boolean
language sql volatile as $$
    select case split_part(job.payload_ref, ':', 1)
        when 'message' then (queue.message_of(job)).message_id is not null
        when 'conversation' then exists (
            select from care.customer_conversation as conversation
            join care.customer on customer.customer_id = conversation.customer_id
            where conversation.conversation_id = split_part(job.payload_ref, ':', 2)::uuid
              and conversation.conversation_id = job.correlation_id
              and customer.erased_at is null)
        else false
    end
$$;

-- Keeps a lease for as long again as the kind's lease lasts. Programs and people alike.
create function queue.extend_lease(job_id bigint, lease_token bigint) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    job    queue.job_queue;
    answer jsonb;
    until  timestamptz;
begin
    perform queue.begin_call();
    select * into job from queue.job_queue where job_queue.job_id = extend_lease.job_id for update;
    answer := queue.refuse_without_lease(job, lease_token);
    if answer is not null or not queue.is_still_registered(job) then
        return jsonb_build_object('outcome', 'lease_lost', 'job_id', extend_lease.job_id);
    end if;
    select queue.clock() + lease into until from queue.job_kind where job_kind = job.job_kind;
    update queue.job_queue set lease_expires_at = until where job_queue.job_id = job.job_id;
    return jsonb_build_object('outcome', 'applied', 'job_id', job.job_id, 'lease_expires_at', until);
end
$$;

-- Whether the login that holds the job may still work on it.
create function queue.is_still_registered(job queue.job_queue) returns boolean
language sql stable security definer set search_path = queue, care, pg_temp as $$
    select exists (select from queue.executor as me
                   where me.login = session_user and me.enabled and queue.may_work_on(me, job))
        or exists (select from queue.staff as me
                   where me.login = session_user and me.agency = job.agency
                     and queue.role_of(job.target_ref) = any (me.roles))
$$;

-- Gives a job back untouched. A program's attempt is given back too.
create function queue.release_job(job_id bigint, lease_token bigint, command_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('release_job', jsonb_build_array(job_id, lease_token));
    job     queue.job_queue;
    answer  jsonb;
begin
    perform queue.begin_call();
    job := queue.lock_job(release_job.job_id);
    answer := queue.first_answer(command, asked);
    if answer is not null then
        return answer;
    end if;
    if job.job_id is null or not queue.is_still_registered(job) then
        return queue.answer_about('release_job', job, command, asked, '{"outcome": "not_found"}');
    end if;
    answer := queue.refuse_without_lease(job, lease_token);
    if answer is null and job.status <> 'leased' then
        answer := jsonb_build_object('outcome', 'wrong_status', 'job_id', job.job_id);
    end if;
    if answer is not null then
        return queue.answer_about('release_job', job, command, asked, answer);
    end if;
    update queue.job_queue
    set status = 'queued', lease_owner = null, lease_expires_at = null,
        attempt = case when max_attempts is null then attempt else attempt - 1 end
    where job_queue.job_id = job.job_id;
    return queue.answer_about('release_job', job, command, asked,
                              jsonb_build_object('outcome', 'applied', 'job_id', job.job_id), 'queued');
end
$$;

-- Stores the draft that a draft job produced. The job goes on; `complete_job` names this draft.
create function queue.put_draft(
    job_id bigint, lease_token bigint, draft_id text, author_ref text, key_id text, sealed_body bytea, digest bytea,
    command_id text
) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.executor := queue.require_executor();
    draft   uuid  := queue.as_uuid(draft_id, 'draft_id');
    author  text  := queue.as_bounded(author_ref, 128, 'author_ref');
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('put_draft', jsonb_build_array(job_id, lease_token, draft, author, encode(digest, 'hex')));
    job     queue.job_queue := queue.lock_job(put_draft.job_id);
    answer  jsonb := queue.first_answer(command, asked);
    new_seq bigint;
begin
    if answer is not null then
        return answer;
    end if;
    if job.job_id is null or not queue.may_work_on(me, job) or job.job_kind <> 'customer_message_draft' then
        return queue.answer_about('put_draft', job, command, asked, '{"outcome": "not_found"}');
    end if;
    answer := queue.refuse_without_lease(job, lease_token);
    if answer is not null then
        return queue.answer_about('put_draft', job, command, asked, answer);
    end if;
    if not queue.payload_is_there(job) then
        return queue.answer_about('put_draft', job, command, asked,
                                  jsonb_build_object('outcome', 'payload_missing', 'job_id', job.job_id));
    end if;
    perform queue.check_sealed(key_id, sealed_body, digest, job.agency);
    if exists (select from care.customer_message as known where known.message_id = draft) then
        -- A message of another conversation is nothing that this login may learn of.
        return queue.answer_about('put_draft', job, command, asked, case
            when exists (select from care.customer_message as known
                         where known.message_id = draft and known.conversation_id = job.correlation_id)
                then jsonb_build_object('outcome', 'exists', 'job_id', job.job_id)
            else '{"outcome": "not_found"}'
        end);
    end if;
    new_seq := queue.store_message(job.correlation_id, draft, 'draft', null, author, key_id, sealed_body, digest, queue.clock(),
                                    made_for => job.job_id);
    return queue.answer_about('put_draft', job, command, asked,
                              jsonb_build_object('outcome', 'applied', 'job_id', job.job_id, 'seq', new_seq));
end
$$;

-- What comes after a program's job; after a draft a person, or the send itself where a dispensation holds.
create function queue.successor_of(kind text, is_dispensed boolean) returns text
language sql immutable parallel safe as $$
    select case kind
        when 'customer_message_inbound'  then 'customer_message_classify'
        when 'customer_message_classify' then 'customer_message_draft'
        when 'customer_message_followup' then 'customer_message_draft'
        when 'customer_message_draft'
            then case when is_dispensed then 'customer_message_send' else 'customer_message_approve' end
    end
$$;

-- Whether a job's attempt was given back because what comes after it is switched off, and still is.
create function queue.waits_for_switch(job queue.job_queue) returns boolean
language plpgsql volatile as $$
declare
    successor text := queue.successor_of(job.job_kind, false);
begin
    if job.status <> 'retry_waiting' or successor is null then
        return false;
    end if;
    if queue.dispensation(job.correlation_id) is not null then
        successor := queue.successor_of(job.job_kind, true);
    end if;
    return not queue.is_switched_on(successor);
end
$$;

-- Ends a running job and brings its successor into being, in one transaction. Where the successor is switched off, the
-- job waits and its attempt is given back.
create function queue.complete_job(
    job_id bigint, lease_token bigint, result text default '{}', draft_id text default null,
    provider_ref text default null, command_id text default null
) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me        queue.executor := queue.require_executor();
    found_out jsonb := queue.as_codes(result);
    draft     uuid  := queue.as_optional_uuid(draft_id, 'draft_id');
    command   uuid  := queue.as_uuid(command_id, 'command_id');
    asked     bytea := queue.fingerprint('complete_job', jsonb_build_array(job_id, lease_token, found_out, draft, provider_ref));
    job       queue.job_queue := queue.lock_job(complete_job.job_id);
    answer    jsonb := queue.first_answer(command, asked);
    codes     jsonb := job.safe_payload || found_out;
    urgency   smallint := coalesce((found_out ->> 'priority')::smallint, job.priority);
    successor text;
    signoff   bigint;
    question  record;
    created   bigint;
    withheld  boolean := false;
begin
    if answer is not null then
        return answer;
    end if;
    if job.job_id is null or not queue.may_work_on(me, job) then
        return queue.answer_about('complete_job', job, command, asked, '{"outcome": "not_found"}');
    end if;
    answer := queue.refuse_without_lease(job, lease_token);
    if answer is null and job.status <> 'running' then
        answer := jsonb_build_object('outcome', 'wrong_status', 'job_id', job.job_id);
    end if;
    if answer is not null then
        return queue.answer_about('complete_job', job, command, asked, answer);
    end if;
    -- Erased while it ran: nothing comes after it. A send has left all the same.
    if job.job_kind <> 'customer_message_send' and not queue.payload_is_there(job) then
        perform queue.fail_attempt('complete_job', job, 'payload_missing', command);
        return queue.remember_answer(command, asked,
                                     jsonb_build_object('outcome', 'payload_missing', 'job_id', job.job_id));
    end if;
    if job.job_kind = 'customer_message_draft' then
        if not exists (select from care.customer_message as stored
                       where stored.message_id = draft and stored.conversation_id = job.correlation_id
                         and stored.direction = 'draft' and stored.made_for_job_id = job.job_id
                         and stored.sealed_body is not null) then
            raise exception using errcode = 'CS002', message = 'draft_id names no draft that was stored for this job';
        end if;
        signoff := queue.dispensation(job.correlation_id);
    elsif job.job_kind = 'customer_message_send' then
        perform queue.as_bounded(provider_ref, 256, 'provider_ref');
    end if;

    successor := queue.successor_of(job.job_kind, signoff is not null);
    if successor is not null and not queue.is_switched_on(successor) then
        update queue.job_queue
        set status = 'retry_waiting', attempt = attempt - 1, lease_owner = null, lease_expires_at = null,
            process_after = queue.clock() + (select retry_after from queue.job_kind where job_kind = job.job_kind)
        where job_queue.job_id = job.job_id;
        return queue.answer_about('complete_job', job, command, asked,
                                  jsonb_build_object('outcome', 'switched_off', 'job_id', job.job_id), 'retry_waiting');
    end if;

    update queue.job_queue
    set status = 'succeeded', outcome_code = 'completed', finished_at = queue.clock(), lease_owner = null,
        lease_expires_at = null, last_error_code = null
    where job_queue.job_id = job.job_id;

    if successor = 'customer_message_classify' then
        created := queue.insert_job('complete_job', successor, job.agency, job.channel_kind, job.correlation_id, job.job_id,
                                    job.payload_ref, codes, urgency, null, queue.promised(job));
    elsif successor = 'customer_message_draft' then
        created := queue.insert_job('complete_job', successor, job.agency, job.channel_kind, job.correlation_id, job.job_id,
                                    'conversation:' || job.correlation_id, codes, urgency, null, queue.promised(job));
    elsif successor = 'customer_message_send' then
        created := queue.insert_job('complete_job', successor, job.agency, job.channel_kind, job.correlation_id, job.job_id,
                                    'message:' || draft, codes, urgency,
                                    queue.clock() + queue.undo_window(job.channel_kind, job.agency), queue.promised(job));
    elsif successor = 'customer_message_approve' then
        select * into question
        from queue.ask_a_person('complete_job', job.agency, job.channel_kind, job.correlation_id, job.job_id, draft, codes,
                                urgency, queue.promised(job));
        created := question.about;
        if exists (select from queue.job_queue as parent
                   where parent.job_id = job.parent_job_id and parent.job_kind = 'customer_message_classify') then
            created := coalesce(queue.escalate_when_unsure('complete_job', created), created);
        end if;
    else
        perform queue.record_departure(job, provider_ref);
        withheld := queue.emit('customer.message.sent', job.agency, job.job_id, job.correlation_id, job.safe_payload);
    end if;
    return queue.answer_about('complete_job', job, command, asked,
        jsonb_build_object('outcome', 'applied', 'job_id', job.job_id, 'created_job_id', created), 'succeeded', null, withheld);
end
$$;

-- What left: an outbound message without a body that names the draft and the provider's id.
create function queue.record_departure(send queue.job_queue, provider_ref text) returns void
language plpgsql volatile as $$
begin
    perform queue.store_message(send.correlation_id, gen_random_uuid(), 'outbound', split_part(send.payload_ref, ':', 2)::uuid,
                                session_user::text, null, null, null, queue.clock(), provider_ref);
end
$$;

-- Ends an attempt that failed. The code decides whether another follows, and whether a send may have left.
create function queue.fail_job(job_id bigint, lease_token bigint, error_code text, command_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.executor := queue.require_executor();
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('fail_job', jsonb_build_array(job_id, lease_token, error_code));
    job     queue.job_queue := queue.lock_job(fail_job.job_id);
    answer  jsonb := queue.first_answer(command, asked);
begin
    if answer is not null then
        return answer;
    end if;
    if job.job_id is null or not queue.may_work_on(me, job) then
        return queue.answer_about('fail_job', job, command, asked, '{"outcome": "not_found"}');
    end if;
    answer := queue.refuse_without_lease(job, lease_token);
    if answer is null and job.status <> 'running' then
        answer := jsonb_build_object('outcome', 'wrong_status', 'job_id', job.job_id);
    end if;
    if answer is not null then
        return queue.answer_about('fail_job', job, command, asked, answer);
    end if;
    if not exists (select from queue.error_code as known where known.code = fail_job.error_code) then
        raise exception using errcode = 'CS008', message = 'error_code is not registered';
    end if;
    return queue.remember_answer(command, asked, jsonb_build_object(
        'outcome', 'applied', 'job_id', job.job_id,
        'status', queue.fail_attempt('fail_job', job, fail_job.error_code, command)));
end
$$;

reset role;
