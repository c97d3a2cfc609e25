-- What happens to a job without its worker's doing: it goes up a tier, its lease runs out, its send is no longer wanted.
set local role countersign_owner;

-- As `lock_job`, but walks past whatever is busy: for work that comes back later, so that it waits for nobody.
create function queue.try_lock_job(wanted bigint) returns queue.job_queue
language plpgsql volatile as $$
declare
    job queue.job_queue;
begin
    perform from care.customer_conversation
    where conversation_id = (select correlation_id from queue.job_queue where job_id = wanted)
    for no key update skip locked;
    if found then
        select * into job from queue.job_queue where job_id = wanted for update skip locked;
    end if;
    return job;
end
$$;

-- Whether a tier takes no more work by itself. The beginning is audited once. The caller holds the agency's row, so that
-- of two who fill the last place the second counts the first: behind conversation and job, and a sweep does not wait for it.
create function queue.tier_is_full(of_agency text, role text) returns boolean
language plpgsql volatile as $$
declare
    target  text := queue.target(of_agency, role);
    is_full boolean;
begin
    is_full := (
        select count(*) >= queue.setting('queue.customer.escalation_open_limit', of_agency)::integer
        from queue.job_queue
        where agency = of_agency
          and job_kind = 'customer_message_escalate'
          and status in ('queued', 'leased', 'paused')
          and target_ref = target);
    if is_full then
        insert into queue.escalation_stop (target_ref, since) values (target, queue.clock()) on conflict do nothing;
        if found then
            perform queue.audit('escalation_stop', null, of_agency, 'tier_full', code => role);
        end if;
    else
        delete from queue.escalation_stop where target_ref = target;
    end if;
    return is_full;
end
$$;

-- Hands a locked job to the next role up: ends it, opens an escalate job for the same draft, announces it. Null at the
-- top tier, where nothing changes. What a person escalates waits as long as it can be undone (`not_before`); `withheld`
-- says whether the caller's own event was.
create function queue.escalate(
    call text, job queue.job_queue, reason text, command uuid default null, withheld boolean default false,
    not_before timestamptz default null
) returns bigint
language plpgsql volatile as $$
declare
    next_role text;
    new_id    bigint;
begin
    select to_role into next_role from queue.escalation_route where from_role = queue.role_of(job.target_ref);
    if next_role is null then
        return null;
    end if;
    update queue.job_queue
    set status = 'cancelled', outcome_code = 'escalated', finished_at = queue.clock(),
        lease_owner = null, lease_expires_at = null
    where job_id = job.job_id;
    new_id := queue.insert_job(call, 'customer_message_escalate', job.agency, job.channel_kind, job.correlation_id,
                               job.job_id, job.payload_ref, job.safe_payload, job.priority, not_before, null, next_role,
                               announced_as => 'customer.message.escalated');
    perform queue.audit(call, job.job_id, job.agency, 'applied', job.status, 'cancelled', reason, command, withheld);
    return new_id;
end
$$;

-- Escalates a fresh question whose draft its own author doubts. Returns the escalate job, or null.
create function queue.escalate_when_unsure(call text, about bigint) returns bigint
language plpgsql volatile as $$
declare
    question  queue.job_queue;
    next_role text;
begin
    select * into question from queue.job_queue where job_id = about for update;
    select to_role into next_role from queue.escalation_route where from_role = queue.role_of(question.target_ref);
    if not (select escalates from queue.job_kind where job_kind = question.job_kind)
       or question.status <> 'queued'
       or queue.covering_hold(question) is not null
       or next_role is null
       or not question.safe_payload ? 'confidence'
       or (question.safe_payload ->> 'confidence')::numeric
          >= queue.setting('queue.customer.confidence_threshold', question.agency)::numeric
       or not queue.is_switched_on('customer_message_escalate') then
        return null;
    end if;
    perform from queue.agency where agency = question.agency for no key update;
    if queue.tier_is_full(question.agency, next_role) then
        return null;
    end if;
    return queue.escalate(call, question, 'low_confidence');
end
$$;

-- How long a job waits before its next attempt.
create function queue.retry_delay(kind text, attempts integer) returns interval
language sql stable as $$
    select least(retry_after * power(2, least(greatest(attempts - 1, 0), 20)), interval '1 hour')
    from queue.job_kind
    where job_kind = kind
$$;

-- Ends a program's attempt that failed: another one later, or none. A send whose effect is unknown is never repeated by
-- itself. Returns the new status.
create function queue.fail_attempt(call text, job queue.job_queue, error text, command uuid default null) returns text
language plpgsql volatile as $$
declare
    known       queue.error_code;
    is_unknown  boolean;
    next_status text;
    withheld    boolean := false;
begin
    select * into strict known from queue.error_code where code = error;
    is_unknown := job.job_kind = 'customer_message_send' and job.status = 'running'
                  and (known.effect = 'unknown' or error = 'worker_vanished');
    next_status := case
        when is_unknown or known.final or job.attempt >= job.max_attempts then 'dead_letter'
        else 'retry_waiting'
    end;
    update queue.job_queue
    set status = next_status,
        last_error_code = error,
        outcome_code = case
            when is_unknown then 'outcome_unknown'
            when next_status = 'retry_waiting' then null
            when known.final then 'failed_for_good'
            else 'attempts_used_up'
        end,
        process_after = case
            when next_status = 'retry_waiting' then queue.clock() + queue.retry_delay(job.job_kind, job.attempt)
            else process_after
        end,
        finished_at = case when next_status = 'dead_letter' then queue.clock() end,
        lease_owner = null,
        lease_expires_at = null
    where job_id = job.job_id;
    if next_status = 'dead_letter' and job.job_kind = 'customer_message_send' then
        withheld := queue.emit('customer.message.send_failed', job.agency, job.job_id, job.correlation_id, job.safe_payload);
    end if;
    perform queue.audit(call, job.job_id, job.agency, 'applied', job.status, next_status, error, command, withheld);
    return next_status;
end
$$;

-- Takes back leases that ran out: a person's job waits again, a program's counts as a failed attempt. Each claim was an
-- attempt, so a job that kills its workers ends as `worker_vanished`.
create function queue.recover_leases(kinds text[], at_most integer) returns integer
language plpgsql volatile set plan_cache_mode = force_generic_plan as $$
declare
    job       queue.job_queue;
    recovered integer := 0;
    right_now timestamptz := queue.clock();
begin
    for job in
        select *
        from queue.job_queue
        where status in ('leased', 'running') and lease_expires_at <= right_now and job_kind = any (kinds)
        order by lease_expires_at
        limit at_most
        for update skip locked
    loop
        if job.max_attempts is null then
            update queue.job_queue
            set status = 'queued', lease_owner = null, lease_expires_at = null
            where job_id = job.job_id;
            perform queue.audit('recover_lease', job.job_id, job.agency, 'applied', job.status, 'queued', 'lease_expired');
        else
            perform queue.fail_attempt('recover_lease', job, 'worker_vanished');
        end if;
        recovered := recovered + 1;
    end loop;
    return recovered;
end
$$;

-- Why a locked send may not go on by the right it has, or null: the customer wrote again, the approval is old, the
-- dispensation has ended. A send without any right ends like one whose dispensation did.
create function queue.no_longer_wanted(send queue.job_queue, by_right queue.right_to_send) returns text
language plpgsql volatile as $$
declare
    decision queue.review_decision;
    seen     bigint;
    newest   bigint;
begin
    if num_nonnulls(by_right.decision_id, by_right.signoff_id) = 0 then
        return 'dispensation_ended';
    end if;
    select * into decision from queue.review_decision where decision_id = by_right.decision_id;
    seen := coalesce(decision.newest_inbound_seq, (queue.message_of(send)).seq);
    select last_inbound_seq into newest
    from care.customer_conversation
    where conversation_id = send.correlation_id;
    if newest > seen and queue.setting('queue.customer.send_if_moved', send.agency) is distinct from 'true' then
        return 'conversation_moved';
    end if;
    if decision.decided_at
       + make_interval(secs => queue.setting('queue.customer.max_approval_age', send.agency)::double precision)
       < queue.clock() then
        return 'approval_expired';
    end if;
    return null;
end
$$;

-- Opens a fresh question about a draft where none is open. It stops a send, so no switch refuses it.
create function queue.ask_again(call text, job queue.job_queue, draft_ref text, role text, due timestamptz) returns bigint
language plpgsql volatile as $$
declare
    open_question bigint;
begin
    select job_id into open_question
    from queue.job_queue
    where correlation_id = job.correlation_id
      and job_kind in ('customer_message_approve', 'customer_message_escalate')
      and status in ('queued', 'leased', 'paused');
    if found then
        return open_question;
    end if;
    return queue.insert_job(call, 'customer_message_approve', job.agency, job.channel_kind, job.correlation_id, job.job_id,
                            draft_ref, job.safe_payload, job.priority, null, due, role, is_promise => job.deadline_promised);
end
$$;

-- Ends a locked send that is no longer wanted and asks a person again.
create function queue.stop_send(call text, send queue.job_queue, why text, command uuid default null) returns bigint
language plpgsql volatile as $$
declare
    asked_again bigint;
    role        text;
begin
    update queue.job_queue
    set status = 'cancelled', outcome_code = why, finished_at = queue.clock(), lease_owner = null, lease_expires_at = null
    where job_id = send.job_id;
    select queue.role_of(target_ref) into role from queue.job_queue where job_id = send.parent_job_id;
    asked_again := queue.ask_again(call, send, send.payload_ref, nullif(role, ''), send.deadline_at);
    perform queue.audit(call, send.job_id, send.agency, why, send.status, 'cancelled', null, command);
    return asked_again;
end
$$;

reset role;
