-- Calls that read what no login may select: bodies, and what hangs together across the wall.
set local role countersign_owner;

-- Who is asking, and which database this is. For every registered login, and honest to any other.
create function queue.whoami() returns jsonb
language sql volatile security definer set search_path = queue, care, pg_temp as $$
    select jsonb_build_object(
        'outcome', 'ok',
        'login', session_user,
        'class', coalesce((select class from queue.login where login = session_user), 'none'),
        'agency', (select agency from queue.staff where login = session_user),
        'roles', coalesce((select to_jsonb(roles) from queue.staff where login = session_user), '[]'),
        'database', current_database(),
        'server_time', queue.clock(),
        'environment', queue.setting('queue.environment'),
        'events_withheld', (select count(*) from queue.event_type_registry where ratified_at is null))
$$;

create function queue.message_as_json(message care.customer_message) returns jsonb
language sql stable as $$
    select jsonb_build_object(
        'message_id', message.message_id, 'seq', message.seq, 'direction', message.direction, 'revises', message.revises,
        'author_ref', message.author_ref, 'at', message.at, 'key_id', message.key_id,
        'sealed_body', encode(message.sealed_body, 'base64'), 'digest', encode(message.digest, 'hex'),
        'erased', message.erased_at is not null,
        'attachments', coalesce(
            (select jsonb_agg(jsonb_build_object('attachment_id', attachment.attachment_id,
                                                 'media_type', attachment.media_type, 'bytes', attachment.bytes)
                              order by attachment.attachment_id)
             from care.attachment where attachment.message_id = message.message_id), '[]'))
$$;

-- Whether what gives this login the right to open a job was written down by a transaction that is over: the claim or the start
-- of the attempt under way, or else the announcement of an opening a moment ago. What could still be rolled back would let
-- somebody read, or a program send, and leave no trace of it.
create function queue.is_on_record(job queue.job_queue) returns boolean
language plpgsql volatile as $$
begin
    if job.status in ('leased', 'running') and job.lease_owner = session_user then
        return coalesce(
            (select run.written_in <> pg_current_xact_id()
             from queue.dot_iu_command_run as run
             where run.job_id = job.job_id and run.to_status = job.status and run.from_status <> run.to_status
             order by run.run_id desc
             limit 1), false);
    end if;
    return exists (
        select from queue.dot_iu_command_run as run
        where run.job_id = job.job_id and run.call = 'open_body' and run.outcome = 'announced' and run.login = session_user
          and run.at > queue.clock() - interval '1 minute'
          and run.written_in <> pg_current_xact_id());
end
$$;

-- Opens what a job is about, sealed as it lies there. Staff who review see the whole conversation; the holder of the
-- lease gets the pin to decide with. A program sees what its leased job needs: the conversation for a draft, the message
-- otherwise, and for a send only once it runs. Every opening is audited, and nothing is opened before a record of it is
-- committed: who holds no lease is answered `announced` first and asks again.
create function queue.open_body(job_id bigint, lease_token bigint default null) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    reader       queue.staff;
    program      queue.executor;
    job          queue.job_queue;
    conversation care.customer_conversation;
    draft        care.customer_message;
    answer       jsonb;
    messages     jsonb;
    whole        boolean;
begin
    perform queue.begin_call();
    select * into reader from queue.staff where login = session_user;
    select * into program from queue.executor where login = session_user and enabled;
    if reader.login is null and program.login is null then
        raise exception using errcode = 'CS004', message = 'this login is registered neither as staff nor as an executor';
    end if;
    -- A short lock keeps the newest message and the draft of one moment together.
    perform from care.customer_conversation as locked
    where locked.conversation_id = (select correlation_id from queue.job_queue as wanted where wanted.job_id = open_body.job_id)
    for share;
    select * into job from queue.job_queue as wanted where wanted.job_id = open_body.job_id;
    if job.job_id is null
       or (reader.login is not null and not queue.is_of_agency(reader, job.agency))
       or (program.login is not null and not queue.may_work_on(program, job)) then
        perform queue.audit_not_found('open_body');
        return '{"outcome": "not_found"}';
    end if;
    if reader.login is not null then
        if reader.agency is null or not queue.has_role(reader, 'reviewer', 'senior_reviewer', 'team_lead') then
            answer := jsonb_build_object('outcome', 'not_authorised', 'job_id', job.job_id);
        end if;
    else
        answer := queue.refuse_without_lease(job, open_body.lease_token);
        if answer is null and job.job_kind = 'customer_message_send'
           and not (job.status = 'running' and queue.is_on_record(job)) then
            answer := jsonb_build_object('outcome', 'wrong_status', 'job_id', job.job_id);
        end if;
    end if;
    if answer is null and not queue.payload_is_there(job) then
        answer := jsonb_build_object('outcome', 'payload_missing', 'job_id', job.job_id);
    end if;
    if answer is null and not queue.is_on_record(job) then
        answer := jsonb_build_object('outcome', 'announced', 'job_id', job.job_id);
    end if;
    if answer is not null then
        perform queue.audit('open_body', job.job_id, job.agency, answer ->> 'outcome');
        return answer;
    end if;

    whole := reader.login is not null or job.job_kind = 'customer_message_draft';
    select * into conversation from care.customer_conversation as known where known.conversation_id = job.correlation_id;
    draft := queue.message_of(job);
    select coalesce(jsonb_agg(queue.message_as_json(message) order by message.seq), '[]') into messages
    from care.customer_message as message
    where message.conversation_id = job.correlation_id
      and (whole or message.message_id = draft.message_id);
    perform queue.audit('open_body', job.job_id, job.agency, 'opened');
    return jsonb_build_object(
        'outcome', 'opened', 'job_id', job.job_id, 'job_kind', job.job_kind, 'agency', job.agency,
        'conversation_id', job.correlation_id, 'channel_kind', job.channel_kind,
        'customer_ref', case when reader.login is not null or job.job_kind = 'customer_message_send'
                             then (select customer_ref from care.customer as known where known.customer_id = conversation.customer_id) end,
        'draft_id', case when draft.direction = 'draft' then draft.message_id end,
        'pin', case when job.job_kind = 'customer_message_approve' and job.status = 'leased'
                         and job.lease_owner = session_user and job.lease_expires_at > queue.clock()
                    then concat_ws('/', draft.message_id, encode(draft.digest, 'hex'), conversation.last_inbound_seq, job.lease_token) end,
        'kept_drafts', coalesce(
            (select jsonb_agg(message.message_id order by message.seq)
             from care.customer_message as message
             where message.kept_for_job_id = job.job_id
               and message.stored_by = session_user
               and message.sealed_body is not null), '[]'),
        'needs_another', queue.needs_another(draft, job.agency),
        'messages', messages,
        'rejections', coalesce(
            (select jsonb_agg(jsonb_build_object('job_id', decision.job_id, 'decided_by', decision.decided_by,
                                                 'decided_at', decision.decided_at, 'reason', decision.reason,
                                                 'note_key_id', note.key_id, 'note_sealed', encode(note.sealed_body, 'base64'),
                                                 'note_erased', note.erased_at is not null)
                              order by decision.decided_at)
             from queue.review_decision as decision
             join queue.job_queue as earlier on earlier.job_id = decision.job_id
             left join care.review_note as note on note.decision_id = decision.decision_id
             where whole and earlier.correlation_id = job.correlation_id
               and decision.decision = 'reject' and decision.undone_at is null), '[]'));
end
$$;

-- The newest inbound number and the draft of a job, without opening anything: how an open pane notices that the customer
-- wrote again or the draft was replaced.
create function queue.pane_state(job_id bigint) returns jsonb
language sql volatile security definer set search_path = queue, care, pg_temp as $$
    select coalesce(
        (select jsonb_build_object(
            'outcome', 'ok', 'job_id', job.job_id, 'status', job.status, 'lease_owner', job.lease_owner,
            'lease_token', job.lease_token, 'lease_expires_at', job.lease_expires_at, 'payload_ref', job.payload_ref,
            'newest_inbound_seq', conversation.last_inbound_seq)
         from queue.job_queue as job
         join care.customer_conversation as conversation on conversation.conversation_id = job.correlation_id
         join queue.staff as me on me.login = session_user and queue.is_of_agency(me, job.agency)
         where job.job_id = pane_state.job_id),
        '{"outcome": "not_found"}')
$$;

-- Who besides the caller could approve the draft of this job, and is there: has this database open, or did something in the
-- last quarter of an hour.
create function queue.others_online(job_id bigint) returns jsonb
language sql volatile security definer set search_path = queue, care, pg_temp as $$
    with recursive job as (
        select wanted.job_id, wanted.agency, wanted.target_ref, (queue.message_of(wanted)).message_id as draft
        from queue.job_queue as wanted
        join queue.staff as me on me.login = session_user and queue.is_of_agency(me, wanted.agency)
        where wanted.job_id = others_online.job_id
    ), revision as (
        select message.message_id, message.revises, message.author_ref, message.stored_by
        from care.customer_message as message
        join job on job.draft = message.message_id
        union
        select earlier.message_id, earlier.revises, earlier.author_ref, earlier.stored_by
        from care.customer_message as earlier
        join revision on revision.revises = earlier.message_id
    ), lately as (
        -- Of a busy quarter of an hour, the end tells who is there.
        select run.login, run.at from queue.dot_iu_command_run as run order by run.run_id desc limit 2000
    )
    select coalesce(
        (select jsonb_build_object('outcome', 'ok', 'job_id', job.job_id, 'others', (
            select count(*)
            from queue.staff as other
            where other.agency = job.agency
              and queue.role_of(job.target_ref) = any (other.roles)
              and other.login <> session_user
              and not exists (select from revision where other.login in (revision.author_ref, revision.stored_by))
              and (other.login in (select usename from pg_stat_activity where datname = current_database())
                   or exists (select from lately
                              where lately.login = other.login and lately.at > queue.clock() - interval '15 minutes'))))
         from job),
        '{"outcome": "not_found"}')
$$;

-- Texts that somebody saved for a job that was not theirs any more, newest first, for whoever may read them: they are kept,
-- and nothing points at them. The job's `open_body` hands them out with the rest of the conversation.
create function queue.kept_revisions() returns table (draft_id uuid, job_id bigint, kept_by text, kept_at timestamptz)
language sql stable security definer set search_path = queue, care, pg_temp as $$
    select message.message_id, message.kept_for_job_id, message.stored_by, message.stored_at
    from care.customer_message as message
    join care.customer_conversation as conversation on conversation.conversation_id = message.conversation_id
    join queue.staff as me
      on me.login = session_user
     and me.agency = conversation.agency
     and queue.has_role(me, 'reviewer', 'senior_reviewer', 'team_lead')
    where message.kept_for_job_id is not null
      and message.sealed_body is not null
    order by message.stored_at desc, message.message_id
    limit 200
$$;

-- What keeps a job from going on, as codes in the order in which one would look: ended; the dead letter's outcome
-- (attempts_used_up, failed_for_good, outcome_unknown); leased; held; not_due; switched_off (its successor is);
-- payload_missing; waits_for_person; no_executor (no program is registered and enabled for it); and of a send
-- approval_undone, no_approval, conversation_moved, approval_expired, dispensation_ended. Empty: nothing does.
create function queue.why_blocked(job_id bigint) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    job      queue.job_queue;
    by_right queue.right_to_send;
    reasons  text[];
begin
    perform queue.begin_call();
    select * into job from queue.job_queue as wanted where wanted.job_id = why_blocked.job_id;
    if job.job_id is null
       or not (exists (select from queue.staff as me where me.login = session_user and queue.is_of_agency(me, job.agency))
               or (job.lease_owner is not distinct from session_user and queue.is_still_registered(job))) then
        return '{"outcome": "not_found"}';
    end if;
    if job.status in ('succeeded', 'failed', 'cancelled') then
        return jsonb_build_object('outcome', 'ok', 'job_id', job.job_id, 'reasons', array['ended']);
    end if;
    reasons := array_remove(array[
        case when job.status = 'dead_letter' then job.outcome_code end,
        case when job.status in ('leased', 'running') and job.lease_expires_at > queue.clock() then 'leased' end,
        case when job.status = 'paused' or queue.covering_hold(job) is not null then 'held' end,
        case when job.status in ('queued', 'retry_waiting') and job.process_after > queue.clock() then 'not_due' end,
        case when queue.waits_for_switch(job) then 'switched_off' end,
        case when not queue.payload_is_there(job) then 'payload_missing' end,
        case when job.target_ref is not null and job.status = 'queued' then 'waits_for_person' end,
        case when job.target_ref is null
                  and not exists (select from queue.executor as me where me.enabled and queue.may_work_on(me, job)) then 'no_executor' end
    ], null);
    if job.job_kind = 'customer_message_send' then
        by_right := queue.right_to_send(job);
        reasons := array_remove(reasons || case
            when num_nonnulls(by_right.decision_id, by_right.signoff_id) > 0 then queue.no_longer_wanted(job, by_right)
            when exists (select from queue.review_decision as decision
                         where decision.job_id = job.parent_job_id and decision.undone_at is not null) then 'approval_undone'
            when exists (select from queue.job_queue as parent
                         where parent.job_id = job.parent_job_id and parent.job_kind = 'customer_message_draft')
                then 'dispensation_ended'
            else 'no_approval'
        end, null);
    end if;
    return jsonb_build_object('outcome', 'ok', 'job_id', job.job_id, 'reasons', reasons);
end
$$;

-- What became of a command whose answer was lost on the way: asked after a connection broke around a commit.
create function queue.command_fate(command_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    command uuid := queue.as_uuid(command_id, 'command_id');
    given   jsonb;
begin
    perform queue.begin_call();
    select answer into given from queue.command_answer as known
    where known.login = session_user and known.command_id = command;
    return jsonb_build_object('outcome', 'ok', 'found', given is not null, 'answer', given);
end
$$;

-- Everything about one conversation, customer, message, draft or provider id, in order, without a word of any body.
create function queue.trace(ref text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me            queue.staff := queue.require_staff();
    wanted        uuid;
    conversations uuid[];
begin
    if ref ~* '^([a-z]+:)?[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then
        wanted := right(ref, 36)::uuid;
    end if;
    select array_agg(distinct conversation.conversation_id) into conversations
    from care.customer_conversation as conversation
    join care.customer on customer.customer_id = conversation.customer_id
    where queue.is_of_agency(me, conversation.agency)
      and (conversation.conversation_id = wanted
           or customer.customer_id = wanted
           or customer.customer_ref = ref
           or exists (select from care.customer_message as message
                      where message.conversation_id = conversation.conversation_id
                        and (message.message_id = wanted or message.provider_ref = ref)));
    if conversations is null then
        return '{"outcome": "not_found"}';
    end if;
    return jsonb_build_object('outcome', 'ok', 'events', (
        select coalesce(jsonb_agg(to_jsonb(event) order by event.at, event.tie), '[]')
        from (
            select message.stored_at as at, 0 as tie, message.direction || ' stored' as what, null::bigint as job_id,
                   message.stored_by as who, null::text as outcome, null::text as code, message.conversation_id,
                   message.message_id, message.seq, message.direction, message.provider_ref, message.erased_at is not null as erased
            from care.customer_message as message
            where message.conversation_id = any (conversations)
            union all
            select run.at, run.run_id, run.call, run.job_id, run.login, run.outcome, run.code, job.correlation_id,
                   null, null, null, null, null
            from queue.job_queue as job
            join queue.dot_iu_command_run as run on run.job_id = job.job_id
            where job.correlation_id = any (conversations)
        ) as event));
end
$$;

-- The conversations of a customer, for filtering lists by a reference that the lists themselves never hold.
create function queue.conversations_of(customer_ref text) returns setof uuid
language sql stable security definer set search_path = queue, care, pg_temp as $$
    select conversation.conversation_id
    from care.customer
    join care.customer_conversation as conversation on conversation.customer_id = customer.customer_id
    join queue.staff as me on me.login = session_user and queue.is_of_agency(me, customer.agency)
    where customer.customer_ref = conversations_of.customer_ref
$$;

reset role;
