-- Calls of producers: programs that bring conversations, messages and drafts. Each acts for its own agencies and
-- channels only; what is foreign looks like what is absent.
set local role countersign_owner;

create function queue.open_conversation(
    conversation_id text, agency text, customer_ref text, channel_kind text, command_id text
) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me           queue.producer := queue.require_producer();
    conversation uuid  := queue.as_uuid(conversation_id, 'conversation_id');
    command      uuid  := queue.as_uuid(command_id, 'command_id');
    reference    text  := queue.as_bounded(customer_ref, 256, 'customer_ref');
    asked        bytea := queue.fingerprint('open_conversation', jsonb_build_array(conversation_id, agency, customer_ref, channel_kind));
    answer       jsonb := queue.first_answer(command, asked);
    customer     uuid;
    existing     care.customer_conversation;
begin
    if answer is not null then
        return answer;
    end if;
    if not coalesce(agency = any (me.agencies) and channel_kind = any (me.channels), false) then
        perform queue.audit('open_conversation', null, null, 'not_found', command => command);
        return queue.remember_answer(command, asked, '{"outcome": "not_found"}');
    end if;

    select * into existing from care.customer_conversation as known where known.conversation_id = conversation;
    if not found then
        insert into care.customer (agency, customer_ref) values (open_conversation.agency, reference) on conflict do nothing;
        insert into care.customer_conversation (conversation_id, agency, customer_id, channel_kind, opened_at, opened_by)
        select conversation, known.agency, known.customer_id, open_conversation.channel_kind, queue.clock(), session_user
        from care.customer as known
        where known.agency = open_conversation.agency and known.customer_ref = reference
        -- Whoever is being erased meanwhile no longer has this reference.
        for key share of known
        on conflict do nothing
        returning customer_id into customer;
        if customer is null then
            -- Another session was faster by a moment.
            select * into existing from care.customer_conversation as known where known.conversation_id = conversation;
        end if;
    end if;
    if customer is null then
        if (existing.agency, existing.channel_kind) is distinct from (open_conversation.agency, open_conversation.channel_kind)
           or not exists (select from care.customer as known
                          where known.customer_id = existing.customer_id and known.customer_ref = reference) then
            perform queue.audit('open_conversation', null, null, 'not_found', command => command);
            return queue.remember_answer(command, asked, '{"outcome": "not_found"}');
        end if;
        perform queue.audit('open_conversation', null, existing.agency, 'exists', command => command);
        return queue.remember_answer(command, asked, '{"outcome": "exists"}');
    end if;
    perform queue.audit('open_conversation', null, open_conversation.agency, 'applied', command => command);
    return queue.remember_answer(command, asked, jsonb_build_object('outcome', 'applied', 'customer_id', customer));
end
$$;

-- The conversation, locked, when this producer may write to it; null otherwise.
create function queue.producers_conversation(me queue.producer, wanted uuid) returns care.customer_conversation
language plpgsql volatile as $$
declare
    conversation care.customer_conversation;
begin
    select * into conversation
    from care.customer_conversation as known
    where known.conversation_id = wanted
      and known.agency = any (me.agencies)
      and known.channel_kind = any (me.channels)
    for no key update;
    -- Asked after the wait: who forgets the customer meanwhile leaves the conversation's row as it is.
    if exists (select from care.customer where customer.customer_id = conversation.customer_id and customer.erased_at is not null) then
        return null;
    end if;
    return conversation;
end
$$;

-- A message with this id is stored already: in this conversation that is all there is to say, elsewhere it is nothing that
-- this login may learn.
create function queue.answer_known_message(
    call text, conversation care.customer_conversation, message uuid, command uuid, asked bytea
) returns jsonb
language plpgsql volatile as $$
begin
    if exists (select from care.customer_message as known
               where known.message_id = message and known.conversation_id = conversation.conversation_id) then
        perform queue.audit(call, null, conversation.agency, 'exists', command => command);
        return queue.remember_answer(command, asked, '{"outcome": "exists"}');
    end if;
    perform queue.audit_not_found(call, command);
    return queue.remember_answer(command, asked, '{"outcome": "not_found"}');
end
$$;

-- Attachments of a message: a JSON array of {attachment_id, media_type, bytes, uri}. The bytes themselves are elsewhere.
create function queue.store_attachments(message uuid, attachments text) returns void
language plpgsql volatile as $$
declare
    listed jsonb;
    one    jsonb;
begin
    -- Most messages have none.
    if coalesce(attachments, '[]') = '[]' then
        return;
    end if;
    listed := queue.as_json(attachments, 'attachments');
    if jsonb_typeof(listed) <> 'array' then
        raise exception using errcode = 'CS002', message = 'attachments is not a JSON array';
    end if;
    for one in select value from jsonb_array_elements(listed) loop
        if coalesce(one ->> 'media_type', '') !~ '^[a-z]+/[a-z0-9.+-]{1,100}$' collate "C"
           or coalesce(one ->> 'bytes', '') !~ '^[0-9]{1,15}$' then
            raise exception using errcode = 'CS002', message = 'an attachment takes attachment_id, media_type, bytes, uri';
        end if;
        insert into care.attachment (attachment_id, message_id, media_type, bytes, uri)
        values (queue.as_uuid(one ->> 'attachment_id', 'attachment_id'), message, one ->> 'media_type',
                (one ->> 'bytes')::bigint, queue.as_bounded(one ->> 'uri', 2048, 'uri'))
        on conflict do nothing;
        if not found then
            raise exception using errcode = 'CS002', message = 'an attachment_id is used once';
        end if;
    end loop;
end
$$;

-- One inbound message and its job, in one transaction. The event precedes the job.
create function queue.store_inbound(
    conversation_id text, message_id text, at text, key_id text, sealed_body bytea, digest bytea,
    safe_payload text default '{}', priority integer default null, deadline_at text default null,
    author_ref text default 'customer', attachments text default '[]', command_id text default null
) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me           queue.producer := queue.require_producer();
    wanted       uuid        := queue.as_uuid(conversation_id, 'conversation_id');
    message      uuid        := queue.as_uuid(message_id, 'message_id');
    command      uuid        := queue.as_uuid(command_id, 'command_id');
    written_at   timestamptz := queue.as_time(at, 'at');
    due          timestamptz := queue.as_optional_time(deadline_at, 'deadline_at');
    codes        jsonb       := queue.as_codes(safe_payload);
    urgency      smallint    := queue.as_priority(priority);
    author       text        := queue.as_bounded(author_ref, 128, 'author_ref');
    asked        bytea := queue.fingerprint('store_inbound', jsonb_build_array(
                              wanted, message, extract(epoch from written_at), encode(digest, 'hex'), codes, urgency,
                              extract(epoch from due), author, attachments));
    conversation care.customer_conversation := queue.producers_conversation(me, wanted);
    answer       jsonb := queue.first_answer(command, asked);
    new_seq      bigint;
    new_job      bigint;
    withheld     boolean;
begin
    if answer is not null then
        return answer;
    end if;
    if conversation.conversation_id is null then
        perform queue.audit('store_inbound', null, null, 'not_found', command => command);
        return queue.remember_answer(command, asked, '{"outcome": "not_found"}');
    end if;
    perform queue.check_sealed(key_id, sealed_body, digest, conversation.agency);
    if exists (select from care.customer_message as known where known.message_id = message) then
        return queue.answer_known_message('store_inbound', conversation, message, command, asked);
    end if;
    if not queue.is_switched_on('customer_message_inbound') then
        perform queue.audit('store_inbound', null, conversation.agency, 'switched_off', command => command);
        return queue.remember_answer(command, asked, '{"outcome": "switched_off"}');
    end if;

    new_seq := queue.store_message(wanted, message, 'inbound', null, author, key_id, sealed_body, digest, written_at);
    perform queue.store_attachments(message, attachments);
    withheld := queue.emit('customer.message.enqueued', conversation.agency, null, wanted, codes);
    new_job := queue.insert_job('store_inbound', 'customer_message_inbound', conversation.agency, conversation.channel_kind,
                                wanted, null, 'message:' || message, codes, urgency, null, due, null, command,
                                withheld => withheld);
    return queue.remember_answer(command, asked,
        jsonb_build_object('outcome', 'applied', 'job_id', new_job, 'seq', new_seq));
end
$$;

-- A message of the past: stored and numbered, without a job.
create function queue.store_history(
    conversation_id text, message_id text, direction text, at text, key_id text, sealed_body bytea, digest bytea,
    author_ref text default 'customer', command_id text default null
) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me           queue.producer := queue.require_producer();
    wanted       uuid        := queue.as_uuid(conversation_id, 'conversation_id');
    message      uuid        := queue.as_uuid(message_id, 'message_id');
    command      uuid        := queue.as_uuid(command_id, 'command_id');
    written_at   timestamptz := queue.as_time(at, 'at');
    author       text        := queue.as_bounded(author_ref, 128, 'author_ref');
    asked        bytea := queue.fingerprint('store_history', jsonb_build_array(
                              wanted, message, direction, extract(epoch from written_at), encode(digest, 'hex'), author));
    conversation care.customer_conversation := queue.producers_conversation(me, wanted);
    answer       jsonb := queue.first_answer(command, asked);
    new_seq      bigint;
begin
    if answer is not null then
        return answer;
    end if;
    if conversation.conversation_id is null then
        perform queue.audit('store_history', null, null, 'not_found', command => command);
        return queue.remember_answer(command, asked, '{"outcome": "not_found"}');
    end if;
    if coalesce(direction not in ('inbound', 'outbound'), true) then
        raise exception using errcode = 'CS002', message = 'direction is inbound or outbound';
    end if;
    perform queue.check_sealed(key_id, sealed_body, digest, conversation.agency);
    if exists (select from care.customer_message as known where known.message_id = message) then
        return queue.answer_known_message('store_history', conversation, message, command, asked);
    end if;
    new_seq := queue.store_message(wanted, message, direction, null, author, key_id, sealed_body, digest, written_at);
    perform queue.audit('store_history', null, conversation.agency, 'applied', command => command);
    return queue.remember_answer(command, asked, jsonb_build_object('outcome', 'applied', 'seq', new_seq));
end
$$;

-- A draft made elsewhere, and the question about it: a new approve job, or the open one pointed at this draft.
create function queue.submit_draft(
    conversation_id text, draft_id text, author_ref text, key_id text, sealed_body bytea, digest bytea,
    safe_payload text default '{}', priority integer default null, deadline_at text default null,
    revises text default null, command_id text default null
) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me           queue.producer := queue.require_producer();
    wanted       uuid        := queue.as_uuid(conversation_id, 'conversation_id');
    draft        uuid        := queue.as_uuid(draft_id, 'draft_id');
    revised      uuid        := queue.as_optional_uuid(revises, 'revises');
    command      uuid        := queue.as_uuid(command_id, 'command_id');
    due          timestamptz := queue.as_optional_time(deadline_at, 'deadline_at');
    codes        jsonb       := queue.as_codes(safe_payload);
    urgency      smallint    := queue.as_priority(priority);
    author       text        := queue.as_bounded(author_ref, 128, 'author_ref');
    asked        bytea := queue.fingerprint('submit_draft', jsonb_build_array(
                              wanted, draft, author, encode(digest, 'hex'), codes, urgency, extract(epoch from due), revised));
    conversation care.customer_conversation := queue.producers_conversation(me, wanted);
    answer       jsonb := queue.first_answer(command, asked);
    question     record;
    escalated    bigint;
    withheld     boolean;
begin
    if answer is not null then
        return answer;
    end if;
    if conversation.conversation_id is null
       or (revised is not null
           and not exists (select from care.customer_message as known
                           where known.message_id = revised and known.conversation_id = wanted and known.direction = 'draft')) then
        perform queue.audit('submit_draft', null, null, 'not_found', command => command);
        return queue.remember_answer(command, asked, '{"outcome": "not_found"}');
    end if;
    perform queue.check_sealed(key_id, sealed_body, digest, conversation.agency);
    if exists (select from care.customer_message as known where known.message_id = draft) then
        return queue.answer_known_message('submit_draft', conversation, draft, command, asked);
    end if;
    if not queue.is_switched_on('customer_message_approve') then
        perform queue.audit('submit_draft', null, conversation.agency, 'switched_off', command => command);
        return queue.remember_answer(command, asked, '{"outcome": "switched_off"}');
    end if;

    perform queue.store_message(wanted, draft, 'draft', revised, author, key_id, sealed_body, digest, queue.clock());
    withheld := queue.emit('customer.message.enqueued', conversation.agency, null, wanted, codes);
    select * into question
    from queue.ask_a_person('submit_draft', conversation.agency, conversation.channel_kind, wanted, null, draft, codes,
                            urgency, due, command, withheld);
    escalated := queue.escalate_when_unsure('submit_draft', question.about);
    return queue.remember_answer(command, asked, jsonb_build_object(
        'outcome', 'applied', 'job_id', question.about, 'repointed', question.repointed, 'escalated_job_id', escalated));
end
$$;

-- A touch in the future: a job that becomes ready at `process_after` and leads to a draft.
create function queue.schedule_followup(
    conversation_id text, process_after text, safe_payload text default '{}', priority integer default null,
    command_id text default null
) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me           queue.producer := queue.require_producer();
    wanted       uuid        := queue.as_uuid(conversation_id, 'conversation_id');
    not_before   timestamptz := queue.as_time(process_after, 'process_after');
    command      uuid        := queue.as_uuid(command_id, 'command_id');
    codes        jsonb       := queue.as_codes(safe_payload);
    urgency      smallint    := queue.as_priority(priority);
    asked        bytea := queue.fingerprint('schedule_followup', jsonb_build_array(wanted, extract(epoch from not_before), codes, urgency));
    conversation care.customer_conversation := queue.producers_conversation(me, wanted);
    answer       jsonb := queue.first_answer(command, asked);
    new_job      bigint;
    withheld     boolean;
begin
    if answer is not null then
        return answer;
    end if;
    if conversation.conversation_id is null then
        perform queue.audit('schedule_followup', null, null, 'not_found', command => command);
        return queue.remember_answer(command, asked, '{"outcome": "not_found"}');
    end if;
    if not queue.is_switched_on('customer_message_followup') then
        perform queue.audit('schedule_followup', null, conversation.agency, 'switched_off', command => command);
        return queue.remember_answer(command, asked, '{"outcome": "switched_off"}');
    end if;
    withheld := queue.emit('customer.message.enqueued', conversation.agency, null, wanted, codes);
    new_job := queue.insert_job('schedule_followup', 'customer_message_followup', conversation.agency, conversation.channel_kind,
                                wanted, null, 'conversation:' || wanted, codes, urgency, not_before, null, null, command,
                                withheld => withheld);
    return queue.remember_answer(command, asked, jsonb_build_object('outcome', 'applied', 'job_id', new_job));
end
$$;

-- Events after a number, oldest first, of the agencies that the login may see: `next` is the number to go on with. Numbers
-- are taken before transactions end, so neither they nor the order of commits is safe to remember. The order of the
-- writing transactions is, below the oldest one still under way: nothing comes into that part any more.
create function queue.read_outbox(after_event bigint default 0, "limit" integer default 100) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    visible    text[];
    read_up_to xid8;
    events     jsonb;
begin
    perform queue.begin_call();
    select coalesce(
        (select agencies from queue.producer where login = session_user and enabled),
        (select agencies from queue.executor where login = session_user and enabled),
        (select case when staff.agency is null then array(select agency from queue.agency) else array[staff.agency] end
         from queue.staff where login = session_user)) into visible;
    if visible is null then
        raise exception using errcode = 'CS004', message = 'this login is not registered';
    end if;
    -- An event that retention dropped was older than all that are left.
    select coalesce(max(written_in), '0') into read_up_to from queue.event_outbox where event_id = after_event;
    select coalesce(jsonb_agg(to_jsonb(event) - 'written_in' order by event.written_in, event.event_id), '[]') into events
    from (
        select *
        from queue.event_outbox
        where (written_in, event_id) > (read_up_to, coalesce(after_event, 0))
          and written_in < pg_snapshot_xmin(pg_current_snapshot())
          and agency = any (visible)
        order by written_in, event_id
        limit least(greatest(coalesce("limit", 100), 1), 1000)
    ) as event;
    return jsonb_build_object(
        'outcome', 'ok', 'events', events,
        'next', coalesce((events -> -1 ->> 'event_id')::bigint, after_event, 0));
end
$$;

reset role;
