-- Many conversations at one stroke, for whoever brings thousands of them: what a file says, sealed, with its messages and the
-- question about the last of them.
--
-- Only what is plain goes in this way: a conversation that nobody has, in a place where this producer writes, under keys of its
-- agency, in registered words, and sure enough of its draft. Everything else stays outside and is for the calls that take one at
-- a time and say what is wrong with it. So this call needs to refuse nothing, and whoever repeats it adds nothing.
set local role countersign_owner;

create type queue.said_message as (
    conversation_id uuid,
    seq             bigint,
    message_id      uuid,
    direction       text,
    at              timestamptz,
    key_id          text,
    sealed_body     bytea,
    digest          bytea,
    author_ref      text);

create type queue.said_conversation as (
    conversation_id  uuid,
    agency           text,
    customer_ref     text,
    channel_kind     text,
    codes            jsonb,
    priority         smallint,
    due              timestamptz,
    last_seq         bigint,
    last_inbound_seq bigint,
    -- What is asked about, and as what: a draft waits for a person, a customer's words for a program.
    last_message_id  uuid,
    job_kind         text);

-- The messages in their order, judged before any row is written. One that is no envelope of version 1 with its key id and digest
-- is none: its conversation is not plain.
create function queue.as_messages(
    conversation_ids text[], message_ids text[], directions text[], times text[], key_ids text[], sealed_bodies bytea[],
    digests bytea[], author_refs text[]
) returns queue.said_message[]
language plpgsql volatile as $$
begin
    if not coalesce(cardinality(conversation_ids) = all (array[
               cardinality(message_ids), cardinality(directions), cardinality(times), cardinality(key_ids),
               cardinality(sealed_bodies), cardinality(digests), cardinality(author_refs)]), false) then
        raise exception using errcode = 'CS002', message = 'the lists of messages differ in length';
    end if;
    return array(
        select row(said.conversation, row_number() over (partition by said.conversation order by said.number), said.message,
                   said.direction, said.at, said.key_id, said.sealed_body, said.digest, said.author_ref)::queue.said_message
        from (
            select queue.as_uuid(new.conversation_id, 'conversation_id') as conversation, new.number,
                   queue.as_uuid(new.message_id, 'message_id') as message, new.direction,
                   -- A draft is written when it comes.
                   case when new.direction = 'draft' then queue.clock() else queue.as_time(new.at, 'at') end as at,
                   new.key_id, new.sealed_body, new.digest, queue.as_bounded(new.author_ref, 128, 'author_ref') as author_ref
            from unnest(conversation_ids, message_ids, directions, times, key_ids, sealed_bodies, digests, author_refs)
                 with ordinality as new (conversation_id, message_id, direction, at, key_id, sealed_body, digest, author_ref, number)
        ) as said);
end
$$;

-- The conversations, judged likewise, each with what its messages come to.
create function queue.as_conversations(
    conversation_ids text[], agencies text[], customer_refs text[], channel_kinds text[], safe_payloads text[], priorities integer[],
    deadlines text[], messages queue.said_message[]
) returns queue.said_conversation[]
language plpgsql stable as $$
begin
    if not coalesce(cardinality(conversation_ids) = all (array[
               cardinality(agencies), cardinality(customer_refs), cardinality(channel_kinds), cardinality(safe_payloads),
               cardinality(priorities), cardinality(deadlines)]), false) then
        raise exception using errcode = 'CS002', message = 'the lists of conversations differ in length';
    end if;
    if cardinality(conversation_ids) <> (select count(distinct lower(id)) from unnest(conversation_ids) as id) then
        raise exception using errcode = 'CS002', message = 'a conversation is listed twice';
    end if;
    return array(
        select row(said.conversation_id, said.agency, said.customer_ref, said.channel_kind, said.codes, said.priority, said.due,
                   whole.last_seq, whole.last_inbound_seq, last.message_id,
                   case last.direction when 'draft' then 'customer_message_approve'
                                       when 'inbound' then 'customer_message_inbound' end)::queue.said_conversation
        from (
            select queue.as_uuid(new.conversation_id, 'conversation_id') as conversation_id, new.agency,
                   queue.as_bounded(new.customer_ref, 256, 'customer_ref') as customer_ref, new.channel_kind,
                   queue.as_codes(new.safe_payload) as codes, queue.as_priority(new.priority) as priority,
                   queue.as_optional_time(new.deadline_at, 'deadline_at') as due
            from unnest(conversation_ids, agencies, customer_refs, channel_kinds, safe_payloads, priorities, deadlines)
                 as new (conversation_id, agency, customer_ref, channel_kind, safe_payload, priority, deadline_at)
        ) as said
        join (
            select message.conversation_id, max(message.seq) as last_seq,
                   coalesce(max(message.seq) filter (where message.direction = 'inbound'), 0) as last_inbound_seq
            from unnest(messages) as message
            group by message.conversation_id
        ) as whole using (conversation_id)
        join unnest(messages) as last on (last.conversation_id, last.seq) = (whole.conversation_id, whole.last_seq));
end
$$;

-- Whether nothing about a message stands in the way: it is new, sealed under a key of the agency, and a draft only at the end.
create function queue.is_plain_message(message queue.said_message, of_agency text, last_seq bigint) returns boolean
language plpgsql stable as $$
begin
    return coalesce(
        message.direction in ('inbound', 'outbound') or (message.direction = 'draft' and message.seq = last_seq), false)
        and queue.is_envelope(message.key_id, message.sealed_body, message.digest)
        and queue.is_key_of(of_agency, message.key_id)
        and not exists (select from care.customer_message as known where known.message_id = message.message_id);
end
$$;

-- Whether nothing about a conversation stands in the way. What somebody doubts goes up at once, which is not plain.
create function queue.is_plain_conversation(me queue.producer, said queue.said_conversation) returns boolean
language plpgsql stable as $$
begin
    return said.agency = any (me.agencies)
       and said.channel_kind = any (me.channels)
       and said.job_kind is not null
       and not exists (select from care.customer_conversation as known where known.conversation_id = said.conversation_id)
       and queue.has_registered_codes(said.codes)
       and coalesce(said.codes ->> 'channel_kind' = said.channel_kind, true)
       and coalesce((said.codes ->> 'confidence')::numeric
                    >= queue.setting('queue.customer.confidence_threshold', said.agency)::numeric, true);
end
$$;

-- Stores what is plain of these conversations, in one transaction. `stored` names them; the rest is as it was.
create function queue.import_conversations(
    conversation_ids text[], agencies text[], customer_refs text[], channel_kinds text[], safe_payloads text[], priorities integer[],
    deadlines text[], message_of text[], message_ids text[], directions text[], times text[], key_ids text[],
    sealed_bodies bytea[], digests bytea[], author_refs text[]
) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me            queue.producer := queue.require_producer();
    messages      queue.said_message[] := queue.as_messages(
        message_of, message_ids, directions, times, key_ids, sealed_bodies, digests, author_refs);
    conversations queue.said_conversation[] := queue.as_conversations(
        conversation_ids, agencies, customer_refs, channel_kinds, safe_payloads, priorities, deadlines, messages);
    switched_on   text[];
    stored        uuid[];
    written       bigint;
begin
    switched_on := array(select kind from unnest('{customer_message_approve,customer_message_inbound}'::text[]) as kind
                         where queue.is_switched_on(kind));
    conversations := array(
        select said
        from unnest(conversations) as said
        where said.job_kind = any (switched_on)
          and queue.is_plain_conversation(me, said)
          and said.conversation_id not in (
              select message.conversation_id
              from unnest(messages) as message
              join unnest(conversations) as around on around.conversation_id = message.conversation_id
              where not queue.is_plain_message(message, around.agency, around.last_seq)));

    -- In one order, so that no two wait for each other.
    insert into care.customer (agency, customer_ref)
    select distinct said.agency, said.customer_ref from unnest(conversations) as said order by 1, 2
    on conflict do nothing;
    with opened as (
        insert into care.customer_conversation
            (conversation_id, agency, customer_id, channel_kind, last_seq, last_inbound_seq, opened_at, opened_by)
        select said.conversation_id, said.agency, known.customer_id, said.channel_kind, said.last_seq, said.last_inbound_seq,
               queue.clock(), session_user
        from unnest(conversations) as said
        join care.customer as known on (known.agency, known.customer_ref) = (said.agency, said.customer_ref)
        order by said.conversation_id
        -- Whoever is being erased meanwhile no longer has this reference.
        for key share of known
        on conflict do nothing
        returning conversation_id
    )
    select coalesce(array_agg(opened.conversation_id), '{}') into stored from opened;

    insert into care.customer_message
        (message_id, conversation_id, seq, direction, author_ref, stored_by, sealed_body, key_id, digest, at, stored_at)
    select message.message_id, message.conversation_id, message.seq, message.direction, message.author_ref, session_user,
           message.sealed_body, message.key_id, message.digest, message.at, queue.clock()
    from unnest(messages) as message
    join unnest(stored) as opened (conversation_id) using (conversation_id)
    on conflict on constraint customer_message_key do nothing;
    get diagnostics written = row_count;
    if written <> (select sum(said.last_seq) from unnest(conversations) as said where said.conversation_id = any (stored)) then
        raise exception using errcode = 'CS009', message = 'a message is being stored in another session; ask again';
    end if;
    with asked as (
        select said.*, kind.done_by, kind.default_attempts, own.deadline_at as own_deadline
        from unnest(conversations) as said
        join unnest(stored) as opened (conversation_id) using (conversation_id)
        join queue.job_kind as kind on kind.job_kind = said.job_kind
        join lateral (select queue.deadline_after(said.agency, queue.clock(), kind.sla) as deadline_at) as own on true
    ), born as (
        insert into queue.job_queue
            (job_kind, status, priority, agency, target_ref, channel_kind, correlation_id, payload_ref, safe_payload, max_attempts,
             created_at, process_after, deadline_at, deadline_promised)
        select job_kind, 'queued', coalesce(priority, 5), agency,
               case when done_by = 'person' then queue.target(agency, 'reviewer') end, channel_kind, conversation_id,
               'message:' || last_message_id, codes, default_attempts, queue.clock(), queue.clock(),
               coalesce(due, own_deadline), due is not null
        from asked
        returning job_id, agency, correlation_id, safe_payload
    ), announced as (
        insert into queue.event_outbox (event_type, agency, correlation_id, codes, created_at)
        select registry.event_type, born.agency, born.correlation_id, born.safe_payload, queue.clock()
        from born
        join queue.event_type_registry as registry on registry.event_type = 'customer.message.enqueued'
        where registry.ratified_at is not null
        returning correlation_id
    )
    insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, to_status, event_withheld)
    select queue.clock(), session_user, 'import_conversations', born.job_id, born.agency, 'applied', 'queued',
           announced.correlation_id is null
    from born
    left join announced using (correlation_id);
    return jsonb_build_object('outcome', 'applied', 'stored', to_jsonb(stored));
end
$$;

reset role;
