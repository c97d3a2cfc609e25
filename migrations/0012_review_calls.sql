-- Calls of the people who review. Each answers in the same order: replay, not_found, not_authorised, already_decided,
-- lease_lost, payload_missing, self_approval, draft_changed, conversation_moved, top_tier, too_late, switched_off,
-- applied. A decision is a state transition here and nowhere else.
set local role countersign_owner;

-- What was on the screen, as the caller gives it: draft/digest/newest inbound seq/lease token.
create type queue.pin as (draft_id uuid, draft_digest bytea, newest_inbound_seq bigint, lease_token bigint);

create function queue.as_pin(value text) returns queue.pin
language plpgsql immutable as $$
declare
    part text[] := string_to_array(value, '/');
begin
    if value ~* '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}/([0-9a-f]{8}){8}/[0-9]{1,18}/[0-9]{1,18}$' collate "C" then
        return row(part[1]::uuid, decode(part[2], 'hex'), part[3]::bigint, part[4]::bigint)::queue.pin;
    end if;
    raise exception using errcode = 'CS002', message = 'the pin is not of the form draft/digest/seq/token';
end
$$;

create function queue.is_of_agency(me queue.staff, of_agency text) returns boolean
language sql immutable as $$
    select coalesce(me.agency is null or me.agency = of_agency, false)
$$;

create function queue.has_role(me queue.staff, variadic wanted text[]) returns boolean
language sql immutable as $$
    select me.roles && wanted
$$;

-- Who decided a job first, for those who come second. What a sweep escalated, nobody decided.
create function queue.already_decided(job queue.job_queue) returns jsonb
language sql volatile as $$
    select jsonb_build_object(
        'outcome', 'already_decided', 'job_id', job.job_id,
        'by', coalesce(decision.decided_by,
                       -- Nobody, where a sweep ended it by itself.
                       (select case when run.call <> 'sweep' then run.login end
                        from queue.dot_iu_command_run as run
                        where run.job_id = job.job_id and run.to_status = job.status
                          and run.from_status is distinct from run.to_status)),
        'at', coalesce(decision.decided_at, job.finished_at),
        'decision', coalesce(decision.decision,
                             case job.outcome_code when 'escalated' then 'escalate' else job.outcome_code end))
    from (select) as one
    left join queue.review_decision as decision on decision.job_id = job.job_id
$$;

-- The refusals that every review call shares, in the contract's order up to the lease; null when none applies.
-- A token of null: the call needs no lease.
create function queue.refuse_review(me queue.staff, job queue.job_queue, wants_lease boolean, token bigint) returns jsonb
language plpgsql volatile as $$
begin
    if job.job_id is null or not queue.is_of_agency(me, job.agency) or job.target_ref is null then
        return jsonb_build_object('outcome', 'not_found');
    end if;
    if me.agency is null or not queue.role_of(job.target_ref) = any (me.roles) then
        return jsonb_build_object('outcome', 'not_authorised', 'job_id', job.job_id);
    end if;
    if job.status in ('succeeded', 'failed', 'cancelled') then
        return queue.already_decided(job);
    end if;
    if wants_lease
       and (job.status <> 'leased' or job.lease_owner is distinct from session_user
            or job.lease_token is distinct from token or job.lease_expires_at <= queue.clock()) then
        return jsonb_build_object(
            'outcome', 'lease_lost', 'job_id', job.job_id,
            'by', case when job.lease_expires_at > queue.clock() and job.lease_owner <> session_user then job.lease_owner end);
    end if;
    return null;
end
$$;

-- A question whose draft is gone can only end.
create function queue.end_without_payload(call text, job queue.job_queue, command uuid, asked bytea) returns jsonb
language plpgsql volatile as $$
begin
    update queue.job_queue
    set status = 'cancelled', outcome_code = 'payload_missing', finished_at = queue.clock(),
        lease_owner = null, lease_expires_at = null
    where job_id = job.job_id;
    return queue.answer_about(call, job, command, asked,
        jsonb_build_object('outcome', 'payload_missing', 'job_id', job.job_id), 'cancelled');
end
$$;

-- Whether this login wrote, stored or edited the draft or any revision before it. Nobody had a hand in no draft.
create function queue.had_a_hand_in(draft care.customer_message) returns boolean
language plpgsql volatile as $$
begin
    -- Most drafts revise none: nothing has to be asked then.
    return case when draft.revises is null then coalesce(session_user::text in (draft.author_ref, draft.stored_by), false) else exists (
        with recursive revision as (
            select draft.message_id, draft.revises, draft.author_ref, draft.stored_by
            union
            select earlier.message_id, earlier.revises, earlier.author_ref, earlier.stored_by
            from care.customer_message as earlier
            join revision on revision.revises = earlier.message_id
        )
        select from revision where session_user::text in (author_ref, stored_by)) end;
end
$$;

-- Four eyes: whether somebody else than this login must approve the draft.
create function queue.needs_another(draft care.customer_message, of_agency text) returns boolean
language sql volatile as $$
    select queue.had_a_hand_in(draft) and queue.setting('queue.customer.editor_may_approve', of_agency) is distinct from 'true'
$$;

-- The refusals that compare the pin with what is there now.
create function queue.refuse_pin(job queue.job_queue, draft care.customer_message, seen queue.pin) returns jsonb
language plpgsql volatile as $$
declare
    newest bigint;
begin
    if draft.message_id is distinct from seen.draft_id or draft.digest is distinct from seen.draft_digest then
        return jsonb_build_object('outcome', 'draft_changed', 'job_id', job.job_id);
    end if;
    select last_inbound_seq into newest
    from care.customer_conversation
    where conversation_id = job.correlation_id;
    -- A number that does not exist yet was not seen either; believed, it would hide every message up to it.
    if newest <> seen.newest_inbound_seq then
        return jsonb_build_object('outcome', 'conversation_moved', 'job_id', job.job_id);
    end if;
    return null;
end
$$;

-- How somebody read is about a person, so it is kept only where the agency has switched that on.
create function queue.record_decision(
    job queue.job_queue, verb text, why text, seen queue.pin, seconds integer, warnings integer, edited boolean,
    created bigint default null
) returns bigint
language plpgsql volatile as $$
declare
    recorded bigint;
begin
    if queue.setting('queue.customer.reviewer_statistics', job.agency) is distinct from 'true' then
        seconds := null;
        warnings := null;
    end if;
    insert into queue.review_decision
        (job_id, agency, decision, reason, decided_by, decided_at, draft_id, draft_digest, newest_inbound_seq,
         lease_token, seconds_on_screen, warnings_accepted, by_editor, created_job_id)
    values
        (job.job_id, job.agency, verb, why, session_user, queue.clock(), seen.draft_id, seen.draft_digest,
         seen.newest_inbound_seq, seen.lease_token, seconds, warnings, edited, created)
    returning decision_id into recorded;
    return recorded;
end
$$;

-- Whether this login gave the job back, and it is not another question since: nobody else held it, and it is about no other
-- draft.
create function queue.was_passed_over(job queue.job_queue) returns boolean
language sql stable as $$
    select job.lease_token > 0
       and exists (select from queue.dot_iu_command_run as skip
                   where skip.job_id = job.job_id and skip.call = 'skip_review'
                     and skip.outcome = 'applied' and skip.login = session_user
                     and not exists (select from queue.dot_iu_command_run as later
                                     where later.job_id = skip.job_id and later.run_id > skip.run_id
                                       and (later.outcome = 'repointed'
                                            or (later.to_status = 'leased' and later.login <> session_user))))
$$;

-- Whether this login edited the draft that the job is about, so that somebody else must look at it. It is no next question for
-- them; by its number they can still open it.
create function queue.is_own_edit(job queue.job_queue) returns boolean
language sql stable as $$
    select job.lease_token > 0
       and queue.setting('queue.customer.editor_may_approve', job.agency) is distinct from 'true'
       and exists (select from queue.dot_iu_command_run as edit
                   where edit.job_id = job.job_id and edit.call = 'review_revise'
                     and edit.outcome = 'applied' and edit.login = session_user
                     and not exists (select from queue.dot_iu_command_run as later
                                     where later.job_id = edit.job_id and later.run_id > edit.run_id
                                       and later.outcome = 'repointed'))
$$;

-- Whether the job can be opened to decide on it now, as far as its own row and the holds say.
create function queue.is_free_question(job queue.job_queue, right_now timestamptz) returns boolean
language sql stable as $$
    select job.job_kind = 'customer_message_approve'
       and job.status = 'queued'
       and job.process_after <= right_now
       and not queue.is_held(job.job_kind, job.channel_kind, job.agency)
$$;

-- Whether somebody asked for this question: see `questions_in_order`. Without settings of its own, as what it asks first, so that
-- the server writes both into the walk, which looks at each question that waits.
create function queue.is_wanted_question(job queue.job_queue, reads text[], free boolean, right_now timestamptz)
returns boolean
language sql stable as $$
    select coalesce(job.safe_payload ->> 'language' = any (reads), true)
       and (free is null
            or (queue.is_free_question(job, right_now) and free <> queue.was_passed_over(job) and not queue.is_own_edit(job)))
$$;

-- The questions that wait for somebody's roles in the order of review: by deadline, those without one last, and where the
-- savable come first, behind them what is late already. Each role is walked along the index, late, in time and without a
-- deadline each by itself, so that the first few cost the same however many wait. The planner takes that for a long walk,
-- and compiling it would take ten times as long as the walk. Planned once a session: there is one way to go, and planning took
-- longer than fifty questions.
--
-- `reads`: only these languages and what has none; null: all. `free`: null lists what is being read as well, true only what
-- can be claimed and was not passed over, false only what can be claimed and was. Neither lists one's own edits.
create function queue.questions_in_order(
    me queue.staff, reads text[], savable_first boolean, free boolean, at_most integer, right_now timestamptz)
returns setof queue.job_queue
language plpgsql stable set jit = off set plan_cache_mode = force_generic_plan as $$
begin
    return query
    with waiting as (
        select job.*
        from unnest(me.roles) as role
        cross join lateral (
            (select * from queue.job_queue
             where target_ref = 'agency:' || me.agency || '/role:' || role and status in ('queued', 'leased')
               and deadline_at <= right_now and queue.is_wanted_question(job_queue, reads, free, right_now)
             order by deadline_at, priority, created_at, job_id
             limit at_most)
            union all
            (select * from queue.job_queue
             where target_ref = 'agency:' || me.agency || '/role:' || role and status in ('queued', 'leased')
               and deadline_at > right_now and queue.is_wanted_question(job_queue, reads, free, right_now)
             order by deadline_at, priority, created_at, job_id
             limit at_most)
            union all
            (select * from queue.job_queue
             where target_ref = 'agency:' || me.agency || '/role:' || role and status in ('queued', 'leased')
               and deadline_at is null and queue.is_wanted_question(job_queue, reads, free, right_now)
             order by deadline_at, priority, created_at, job_id
             limit at_most)
        ) as job
    )
    select *
    from waiting
    order by coalesce(savable_first and deadline_at <= right_now, false), deadline_at, priority, created_at, job_id
    limit at_most;
end
$$;

-- The next question that nobody is about to take, locked; none: nothing is left for this login. Whoever gave a job back gets
-- another one first.
create function queue.lock_next_question(me queue.staff, reads text[], right_now timestamptz) returns queue.job_queue
language plpgsql volatile as $$
declare
    savable_first boolean := (select review_order = 'savable_first' from queue.agency where agency.agency = me.agency);
    at_most       integer := 8;
    looked_at     integer;
    candidate     bigint;
    job           queue.job_queue;
begin
    for free in reverse 1..0 loop
        loop
            looked_at := 0;
            for candidate in
                select question.job_id
                from queue.questions_in_order(me, reads, savable_first, free = 1, at_most, right_now) as question
            loop
                looked_at := looked_at + 1;
                select * into job
                from queue.job_queue as locked
                where locked.job_id = candidate and queue.is_free_question(locked, right_now)
                for update skip locked;
                if found then
                    return job;
                end if;
            end loop;
            exit when looked_at < at_most;
            at_most := at_most * 8;
        end loop;
    end loop;
    return null;
end
$$;

-- Takes the lease on a job to read and decide: the one named, or the next in the agency's order. Taking one's own job
-- again renews the lease under a new token, so an older window cannot decide any more. The next one is in a language that
-- the caller reads, where languages are named; what has none is for everybody.
create function queue.claim_review(job_id bigint default null, reads text[] default null) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me        queue.staff := queue.require_staff();
    job       queue.job_queue;
    refusal   jsonb;
    lasts     interval;
    right_now timestamptz;
begin
    -- The only row that this call may have to wait for comes before those that it passes over when they are busy: two who
    -- take back leases and then want each other's job would wait in a circle.
    perform from queue.job_queue as wanted where wanted.job_id = claim_review.job_id for update;
    perform queue.recover_leases(array['customer_message_approve', 'customer_message_escalate'], 100);
    right_now := queue.clock();
    if claim_review.job_id is null then
        job := queue.lock_next_question(me, claim_review.reads, right_now);
        if job.job_id is null then
            return jsonb_build_object('outcome', 'empty');
        end if;
    else
        select * into job from queue.job_queue as wanted where wanted.job_id = claim_review.job_id for update;
        refusal := queue.refuse_review(me, job, false, null);
        if refusal is null and job.job_kind <> 'customer_message_approve' then
            refusal := jsonb_build_object('outcome', 'wrong_kind', 'job_id', job.job_id);
        elsif refusal is null
              and (job.status = 'paused' or (job.status = 'queued' and queue.covering_hold(job) is not null)) then
            refusal := jsonb_build_object('outcome', 'held', 'job_id', job.job_id);
        elsif refusal is null and job.status = 'leased' and job.lease_owner <> session_user then
            refusal := jsonb_build_object('outcome', 'leased', 'job_id', job.job_id, 'by', job.lease_owner, 'at', job.lease_expires_at);
        end if;
        if refusal ->> 'outcome' = 'not_found' then
            perform queue.audit_not_found('claim_review');
            return refusal;
        elsif refusal is not null then
            perform queue.audit('claim_review', job.job_id, job.agency, refusal ->> 'outcome', job.status, job.status);
            return refusal;
        end if;
    end if;

    select lease into lasts from queue.job_kind where job_kind = job.job_kind;
    update queue.job_queue as claimed
    set status = 'leased', lease_owner = session_user, lease_token = lease_token + 1, lease_expires_at = queue.clock() + lasts
    where claimed.job_id = job.job_id;
    perform queue.audit('claim_review', job.job_id, job.agency, 'applied', job.status, 'leased');
    return jsonb_build_object('outcome', 'applied', 'job_id', job.job_id, 'lease_token', job.lease_token + 1,
                              'lease_expires_at', queue.clock() + lasts);
end
$$;

-- Approve: the job succeeds, the decision is recorded with its pin, and a send job waits for the time in which it can
-- still be undone.
create function queue.review_approve(
    job_id bigint, pin text, seconds_on_screen integer default null, warnings_accepted integer default null,
    command_id text default null
) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me        queue.staff := queue.require_staff();
    seen      queue.pin := queue.as_pin(pin);
    command   uuid  := queue.as_uuid(command_id, 'command_id');
    seconds   integer := queue.as_count(seconds_on_screen, 'seconds_on_screen');
    warnings  integer := queue.as_count(warnings_accepted, 'warnings_accepted');
    asked     bytea := queue.fingerprint('review_approve', jsonb_build_array(job_id, pin, seconds, warnings));
    job       queue.job_queue := queue.lock_job(review_approve.job_id);
    answer    jsonb := queue.first_answer(command, asked);
    draft     care.customer_message;
    edited    boolean;
    leaves_at timestamptz;
    created   bigint;
    withheld  boolean;
begin
    if answer is not null then
        return answer;
    end if;
    answer := queue.refuse_review(me, job, true, seen.lease_token);
    if answer is null and job.job_kind <> 'customer_message_approve' then
        answer := jsonb_build_object('outcome', 'wrong_kind', 'job_id', job.job_id);
    end if;
    if answer is not null then
        return queue.answer_about('review_approve', job, command, asked, answer);
    end if;
    draft := queue.message_of(job);
    if draft.message_id is null then
        return queue.end_without_payload('review_approve', job, command, asked);
    end if;
    edited := queue.had_a_hand_in(draft);
    answer := case
        when edited and queue.setting('queue.customer.editor_may_approve', job.agency) is distinct from 'true'
            then jsonb_build_object('outcome', 'self_approval', 'job_id', job.job_id)
        else queue.refuse_pin(job, draft, seen)
    end;
    if answer is null and not queue.is_switched_on('customer_message_send') then
        answer := jsonb_build_object('outcome', 'switched_off', 'job_id', job.job_id);
    end if;
    if answer is not null then
        return queue.answer_about('review_approve', job, command, asked, answer);
    end if;

    leaves_at := queue.clock() + queue.undo_window(job.channel_kind, job.agency);
    created := queue.insert_job('review_approve', 'customer_message_send', job.agency, job.channel_kind, job.correlation_id,
                                job.job_id, job.payload_ref, job.safe_payload, job.priority, leaves_at, queue.promised(job));
    perform queue.record_decision(job, 'approve', null, seen, seconds, warnings, edited, created);
    update queue.job_queue as decided
    set status = 'succeeded', outcome_code = 'approved', finished_at = queue.clock(), lease_owner = null, lease_expires_at = null
    where decided.job_id = job.job_id;
    withheld := queue.emit('customer.message.decided', job.agency, job.job_id, job.correlation_id, job.safe_payload);
    return queue.answer_about('review_approve', job, command, asked,
        jsonb_build_object('outcome', 'applied', 'job_id', job.job_id, 'created_job_id', created, 'leaves_at', leaves_at),
        'succeeded', null, withheld);
end
$$;

-- Reject: the job fails with a reason, and unless no reply is needed somebody drafts again, once it cannot be undone any
-- more.
create function queue.review_reject(
    job_id bigint, pin text, reason text, note_key_id text default null, note_sealed bytea default null,
    command_id text default null
) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me       queue.staff := queue.require_staff();
    seen     queue.pin := queue.as_pin(pin);
    why      text  := queue.as_reason(reason, 'reject');
    command  uuid  := queue.as_uuid(command_id, 'command_id');
    asked    bytea := queue.fingerprint('review_reject', jsonb_build_array(job_id, pin, why, encode(sha256(coalesce(note_sealed, '')), 'hex')));
    job      queue.job_queue := queue.lock_job(review_reject.job_id);
    answer   jsonb := queue.first_answer(command, asked);
    draft    care.customer_message;
    recorded bigint;
    created  bigint;
    withheld boolean;
begin
    if answer is not null then
        return answer;
    end if;
    answer := queue.refuse_review(me, job, true, seen.lease_token);
    if answer is null and job.job_kind <> 'customer_message_approve' then
        answer := jsonb_build_object('outcome', 'wrong_kind', 'job_id', job.job_id);
    end if;
    if answer is not null then
        return queue.answer_about('review_reject', job, command, asked, answer);
    end if;
    draft := queue.message_of(job);
    if draft.message_id is null then
        return queue.end_without_payload('review_reject', job, command, asked);
    end if;
    answer := queue.refuse_pin(job, draft, seen);
    if answer is null and why <> 'no_reply_needed' and not queue.is_switched_on('customer_message_draft') then
        answer := jsonb_build_object('outcome', 'switched_off', 'job_id', job.job_id);
    end if;
    if answer is not null then
        return queue.answer_about('review_reject', job, command, asked, answer);
    end if;
    if note_sealed is not null then
        perform queue.check_sealed(note_key_id, note_sealed, sha256(note_sealed), job.agency);
        if octet_length(note_sealed) > 65536 then
            raise exception using errcode = 'CS002', message = 'a note is at most 64 KB';
        end if;
    end if;

    recorded := queue.record_decision(job, 'reject', why, seen, null, null, false);
    if note_sealed is not null then
        insert into care.review_note (decision_id, sealed_body, key_id) values (recorded, note_sealed, note_key_id);
    end if;
    update queue.job_queue as decided
    set status = 'failed', outcome_code = 'rejected', finished_at = queue.clock(), lease_owner = null, lease_expires_at = null
    where decided.job_id = job.job_id;
    if why <> 'no_reply_needed' then
        created := queue.insert_job('review_reject', 'customer_message_draft', job.agency, job.channel_kind, job.correlation_id,
                                    job.job_id, 'conversation:' || job.correlation_id,
                                    job.safe_payload - 'confidence' || jsonb_build_object('retry_reason_code', why),
                                    job.priority, queue.clock() + queue.undo_window(job.channel_kind, job.agency),
                                    job.deadline_at, is_promise => job.deadline_promised);
        update queue.review_decision set created_job_id = created where decision_id = recorded;
    end if;
    withheld := queue.emit('customer.message.decided', job.agency, job.job_id, job.correlation_id, job.safe_payload);
    return queue.answer_about('review_reject', job, command, asked,
        jsonb_build_object('outcome', 'applied', 'job_id', job.job_id, 'created_job_id', created), 'failed', why, withheld);
end
$$;

-- Escalate: the next role up decides. It needs the lease but not an unchanged draft: who is out of their depth may say so.
create function queue.review_escalate(job_id bigint, pin text, reason text, command_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me       queue.staff := queue.require_staff();
    seen     queue.pin := queue.as_pin(pin);
    why      text  := queue.as_reason(reason, 'escalate');
    command  uuid  := queue.as_uuid(command_id, 'command_id');
    asked    bytea := queue.fingerprint('review_escalate', jsonb_build_array(job_id, pin, why));
    job      queue.job_queue := queue.lock_job(review_escalate.job_id);
    answer   jsonb := queue.first_answer(command, asked);
    draft    care.customer_message;
    recorded bigint;
    created  bigint;
    withheld boolean;
begin
    if answer is not null then
        return answer;
    end if;
    answer := queue.refuse_review(me, job, true, seen.lease_token);
    if answer is null and job.job_kind <> 'customer_message_approve' then
        answer := jsonb_build_object('outcome', 'wrong_kind', 'job_id', job.job_id);
    end if;
    if answer is not null then
        return queue.answer_about('review_escalate', job, command, asked, answer);
    end if;
    draft := queue.message_of(job);
    if draft.message_id is null then
        return queue.end_without_payload('review_escalate', job, command, asked);
    end if;
    if not exists (select from queue.escalation_route where from_role = queue.role_of(job.target_ref)) then
        return queue.answer_about('review_escalate', job, command, asked,
                                  jsonb_build_object('outcome', 'top_tier', 'job_id', job.job_id));
    end if;
    if not queue.is_switched_on('customer_message_escalate') then
        return queue.answer_about('review_escalate', job, command, asked,
                                  jsonb_build_object('outcome', 'switched_off', 'job_id', job.job_id));
    end if;

    -- Nothing compared the pin, so what goes up is recorded and not what the caller says was on the screen.
    seen := row(draft.message_id, draft.digest,
                (select last_inbound_seq from care.customer_conversation where conversation_id = job.correlation_id),
                job.lease_token)::queue.pin;
    recorded := queue.record_decision(job, 'escalate', why, seen, null, null, false);
    withheld := queue.emit('customer.message.decided', job.agency, job.job_id, job.correlation_id, job.safe_payload);
    created := queue.escalate('review_escalate', job, why, command, withheld,
                              queue.clock() + queue.undo_window(job.channel_kind, job.agency));
    update queue.review_decision set created_job_id = created where decision_id = recorded;
    return queue.remember_answer(command, asked,
        jsonb_build_object('outcome', 'applied', 'job_id', job.job_id, 'created_job_id', created));
end
$$;

-- Revise: stores an edited draft, points the question at it and gives it back, so that somebody else looks. A revision
-- under a lost lease is kept, unattached, so that no text is lost.
create function queue.review_revise(
    job_id bigint, pin text, draft_id text, key_id text, sealed_body bytea, digest bytea, command_id text
) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me       queue.staff := queue.require_staff();
    seen     queue.pin := queue.as_pin(pin);
    revision uuid  := queue.as_uuid(draft_id, 'draft_id');
    command  uuid  := queue.as_uuid(command_id, 'command_id');
    asked    bytea := queue.fingerprint('review_revise', jsonb_build_array(job_id, pin, revision, encode(digest, 'hex')));
    job      queue.job_queue := queue.lock_job(review_revise.job_id);
    answer   jsonb := queue.first_answer(command, asked);
    draft    care.customer_message;
begin
    if answer is not null then
        return answer;
    end if;
    answer := queue.refuse_review(me, job, true, seen.lease_token);
    if answer ->> 'outcome' in ('not_found', 'not_authorised') then
        return queue.answer_about('review_revise', job, command, asked, answer);
    end if;
    perform queue.check_sealed(key_id, sealed_body, digest, job.agency);
    if exists (select from care.customer_message as known where known.message_id = revision) then
        -- A message of another conversation is nothing that this login may learn of.
        return queue.answer_about('review_revise', job, command, asked, coalesce(answer, case
            when exists (select from care.customer_message as known
                         where known.message_id = revision and known.conversation_id = job.correlation_id)
                then jsonb_build_object('outcome', 'exists', 'job_id', job.job_id)
            else '{"outcome": "not_found"}'
        end));
    end if;
    draft := queue.message_of(job);
    if answer is null and draft.message_id is null then
        return queue.end_without_payload('review_revise', job, command, asked);
    end if;
    if answer is null and draft.message_id is distinct from seen.draft_id then
        answer := jsonb_build_object('outcome', 'draft_changed', 'job_id', job.job_id);
    end if;

    perform queue.store_message(
        job.correlation_id, revision, 'draft',
        (select known.message_id from care.customer_message as known
         where known.message_id = seen.draft_id and known.conversation_id = job.correlation_id and known.direction = 'draft'),
        session_user::text, key_id, sealed_body, digest, queue.clock(),
        kept_for => case when answer is not null then job.job_id end);
    if answer is not null then
        return queue.answer_about('review_revise', job, command, asked, answer || '{"kept": true}');
    end if;
    update queue.job_queue as revised
    set payload_ref = 'message:' || revision, status = 'queued', lease_owner = null, lease_expires_at = null
    where revised.job_id = job.job_id;
    return queue.answer_about('review_revise', job, command, asked,
        jsonb_build_object('outcome', 'applied', 'job_id', job.job_id, 'draft_id', revision), 'queued');
end
$$;

-- Undo: takes a decision back as long as nobody took what it created, and asks again about the same draft.
create function queue.review_undo(job_id bigint, command_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me       queue.staff := queue.require_staff();
    command  uuid  := queue.as_uuid(command_id, 'command_id');
    asked    bytea := queue.fingerprint('review_undo', jsonb_build_array(job_id));
    job      queue.job_queue := queue.lock_job(review_undo.job_id);
    answer   jsonb := queue.first_answer(command, asked);
    decision queue.review_decision;
    created  queue.job_queue;
    role     text;
    again    bigint;
    fresh    queue.job_queue;
    lasts    interval;
    token    bigint;
    withheld boolean;
begin
    if answer is not null then
        return answer;
    end if;
    if job.job_id is null or me.agency is distinct from job.agency then
        return queue.answer_about('review_undo', job, command, asked, '{"outcome": "not_found"}');
    end if;
    select * into decision from queue.review_decision as made where made.job_id = job.job_id;
    if not found then
        answer := jsonb_build_object('outcome', 'not_found', 'job_id', job.job_id);
    elsif decision.decided_by <> session_user and not queue.has_role(me, 'senior_reviewer', 'team_lead')
       or not queue.has_role(me, 'reviewer', 'senior_reviewer', 'team_lead') then
        answer := jsonb_build_object('outcome', 'not_authorised', 'job_id', job.job_id);
    elsif decision.undone_at is not null then
        answer := jsonb_build_object('outcome', 'already_decided', 'job_id', job.job_id, 'by', decision.undone_by,
                                     'at', decision.undone_at, 'decision', 'undo');
    end if;
    if answer is not null then
        return queue.answer_about('review_undo', job, command, asked, answer);
    end if;

    if decision.created_job_id is null then
        -- Nothing was created that could be taken, so the same time is given as for a send.
        if decision.decided_at + queue.undo_window(job.channel_kind, job.agency) <= queue.clock() then
            answer := jsonb_build_object('outcome', 'too_late', 'job_id', job.job_id);
        end if;
    else
        select * into created from queue.job_queue as made where made.job_id = decision.created_job_id for update;
        if created.lease_token > 0 or created.status not in ('queued', 'paused') then
            answer := jsonb_build_object('outcome', 'too_late', 'job_id', job.job_id);
        end if;
    end if;
    if answer is not null then
        return queue.answer_about('review_undo', job, command, asked, answer);
    end if;

    update queue.review_decision set undone_by = session_user, undone_at = queue.clock()
    where decision_id = decision.decision_id;
    if created.job_id is not null then
        update queue.job_queue as made
        set status = 'cancelled', outcome_code = 'undone', finished_at = queue.clock()
        where made.job_id = created.job_id;
        perform queue.audit('review_undo', created.job_id, created.agency, 'applied', created.status, 'cancelled', null, command);
    end if;
    role := queue.role_of(job.target_ref);
    if created.job_kind = 'customer_message_escalate' then
        -- A draft that came in meanwhile is what was being asked about last.
        job.payload_ref := created.payload_ref;
        job.safe_payload := created.safe_payload;
    end if;
    again := queue.ask_again('review_undo', job, job.payload_ref, role, job.deadline_at);
    select * into fresh from queue.job_queue as opened where opened.job_id = again;
    if fresh.parent_job_id = job.job_id and fresh.status = 'queued' and role = any (me.roles)
       and queue.covering_hold(fresh) is null then
        select lease into lasts from queue.job_kind where job_kind = fresh.job_kind;
        update queue.job_queue as opened
        set status = 'leased', lease_owner = session_user, lease_token = lease_token + 1, lease_expires_at = queue.clock() + lasts
        where opened.job_id = fresh.job_id
        returning lease_token into token;
        perform queue.audit('review_undo', fresh.job_id, fresh.agency, 'applied', 'queued', 'leased', null, command);
    end if;
    withheld := queue.emit('customer.message.undone', job.agency, job.job_id, job.correlation_id, job.safe_payload);
    return queue.answer_about('review_undo', job, command, asked,
        jsonb_build_object('outcome', 'applied', 'job_id', job.job_id, 'created_job_id', fresh.job_id, 'lease_token', token),
        job.status, decision.decision, withheld);
end
$$;

-- Take over: ends the escalate job and opens a question about its draft, leased to the taker. Who escalated it cannot
-- take it.
create function queue.take_escalation(job_id bigint, command_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.staff := queue.require_staff();
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('take_escalation', jsonb_build_array(job_id));
    job     queue.job_queue := queue.lock_job(take_escalation.job_id);
    answer  jsonb := queue.first_answer(command, asked);
    role    text;
    lasts   interval;
    created bigint;
begin
    if answer is not null then
        return answer;
    end if;
    answer := queue.refuse_review(me, job, false, null);
    if (answer is null or answer ->> 'outcome' = 'already_decided')
       and job.job_kind = 'customer_message_escalate'
       and exists (select from queue.review_decision as earlier
                   where earlier.job_id = job.parent_job_id and earlier.decision = 'escalate'
                     and earlier.decided_by = session_user) then
        answer := jsonb_build_object('outcome', 'not_authorised', 'job_id', job.job_id);
    elsif answer is null and job.job_kind <> 'customer_message_escalate' then
        answer := jsonb_build_object('outcome', 'wrong_kind', 'job_id', job.job_id);
    elsif answer is null
          and (job.status = 'paused' or queue.covering_hold(job) is not null
               -- The question that opens would be leased at once.
               or queue.is_held('customer_message_approve', job.channel_kind, job.agency)) then
        answer := jsonb_build_object('outcome', 'held', 'job_id', job.job_id);
    elsif answer is null and job.process_after > queue.clock() then
        -- Whoever escalated it may still think better of it.
        answer := jsonb_build_object('outcome', 'not_due', 'job_id', job.job_id, 'at', job.process_after);
    end if;
    if answer is not null then
        return queue.answer_about('take_escalation', job, command, asked, answer);
    end if;
    if (queue.message_of(job)).message_id is null then
        return queue.end_without_payload('take_escalation', job, command, asked);
    end if;
    if not queue.is_switched_on('customer_message_approve') then
        return queue.answer_about('take_escalation', job, command, asked,
                                  jsonb_build_object('outcome', 'switched_off', 'job_id', job.job_id));
    end if;

    role := queue.role_of(job.target_ref);
    select lease into lasts from queue.job_kind where job_kind = 'customer_message_approve';
    update queue.job_queue as taken
    set status = 'leased', lease_owner = session_user, lease_token = lease_token + 1, lease_expires_at = queue.clock() + lasts
    where taken.job_id = job.job_id and taken.status = 'queued';
    if job.status = 'queued' then
        perform queue.audit('take_escalation', job.job_id, job.agency, 'applied', 'queued', 'leased', null, command);
        job.status := 'leased';
    end if;
    update queue.job_queue as taken
    set status = 'succeeded', outcome_code = 'taken_over', finished_at = queue.clock(), lease_owner = null, lease_expires_at = null
    where taken.job_id = job.job_id;
    created := queue.insert_job('take_escalation', 'customer_message_approve', job.agency, job.channel_kind, job.correlation_id,
                                job.job_id, job.payload_ref, job.safe_payload, job.priority, null, job.deadline_at, role,
                                is_promise => job.deadline_promised);
    update queue.job_queue as opened
    set status = 'leased', lease_owner = session_user, lease_token = 1, lease_expires_at = queue.clock() + lasts
    where opened.job_id = created;
    perform queue.audit('take_escalation', created, job.agency, 'applied', 'queued', 'leased', null, command);
    return queue.answer_about('take_escalation', job, command, asked,
        jsonb_build_object('outcome', 'applied', 'job_id', job.job_id, 'created_job_id', created, 'lease_token', 1), 'succeeded');
end
$$;

-- Skip: gives the job back with a reason, for somebody who can.
create function queue.skip_review(job_id bigint, lease_token bigint, reason text, command_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.staff := queue.require_staff();
    why     text  := queue.as_reason(reason, 'skip');
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('skip_review', jsonb_build_array(job_id, lease_token, why));
    job     queue.job_queue := queue.lock_job(skip_review.job_id);
    answer  jsonb := queue.first_answer(command, asked);
begin
    if answer is not null then
        return answer;
    end if;
    answer := queue.refuse_review(me, job, true, skip_review.lease_token);
    if answer is not null then
        return queue.answer_about('skip_review', job, command, asked, answer);
    end if;
    update queue.job_queue as skipped
    set status = 'queued', lease_owner = null, lease_expires_at = null
    where skipped.job_id = job.job_id;
    return queue.answer_about('skip_review', job, command, asked,
        jsonb_build_object('outcome', 'applied', 'job_id', job.job_id), 'queued', why);
end
$$;

-- Takes a lease from somebody who went away. For seniors.
create function queue.force_release(job_id bigint, command_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.staff := queue.require_staff();
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('force_release', jsonb_build_array(job_id));
    job     queue.job_queue := queue.lock_job(force_release.job_id);
    answer  jsonb := queue.first_answer(command, asked);
begin
    if answer is not null then
        return answer;
    end if;
    if job.job_id is null or me.agency is distinct from job.agency or job.target_ref is null then
        return queue.answer_about('force_release', job, command, asked, '{"outcome": "not_found"}');
    end if;
    answer := case
        when not queue.has_role(me, 'senior_reviewer', 'team_lead')
            then jsonb_build_object('outcome', 'not_authorised', 'job_id', job.job_id)
        when job.status in ('succeeded', 'failed', 'cancelled') then queue.already_decided(job)
        when job.status <> 'leased' then jsonb_build_object('outcome', 'wrong_status', 'job_id', job.job_id)
    end;
    if answer is not null then
        return queue.answer_about('force_release', job, command, asked, answer);
    end if;
    update queue.job_queue as freed
    set status = 'queued', lease_owner = null, lease_expires_at = null
    where freed.job_id = job.job_id;
    return queue.answer_about('force_release', job, command, asked,
        jsonb_build_object('outcome', 'applied', 'job_id', job.job_id, 'by', job.lease_owner), 'queued');
end
$$;

reset role;
