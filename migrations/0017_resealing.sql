-- Resealing: after a key was rotated, what lies sealed under the older ones goes under the newest, batch by batch. No
-- registered login may call any of this. Whoever administers the database sees every envelope anyway, and the keys that
-- open them are not here.
set local role countersign_owner;

-- The registered keys of an agency, the oldest first, and how much lies sealed under each.
create function queue.sealing_keys(of_agency text)
returns table (key_id text, registered_at timestamptz, messages bigint, notes bigint)
language sql stable security definer set search_path = queue, care, pg_temp as $$
    select known.key_id, known.registered_at,
           (select count(*) from care.customer_message as message where message.key_id = known.key_id),
           (select count(*) from care.review_note as note where note.key_id = known.key_id)
    from care.sealing_key as known
    where known.agency = of_agency
    order by known.registered_at, known.key_id
$$;

-- Messages sealed under a key, in the order of their ids, as many as fit into a few megabytes, but at least one.
create function queue.messages_to_reseal(old_key_id text, after uuid, at_most integer)
returns table (message_id uuid, conversation_id uuid, direction text, sealed_body bytea, digest bytea)
language sql stable security definer set search_path = queue, care, pg_temp as $$
    select next.message_id, next.conversation_id, next.direction, next.sealed_body, next.digest
    from (
        select message.*, row_number() over page as number, sum(octet_length(message.sealed_body)) over page as bytes
        from (
            select * from care.customer_message as sealed
            where sealed.key_id = old_key_id and (after is null or sealed.message_id > after)
            order by sealed.message_id
            limit at_most
        ) as message
        window page as (order by message.message_id)
    ) as next
    where next.number = 1 or next.bytes <= 8388608
    order by next.message_id
$$;

-- Notes sealed under a key, in the order of their decisions. The job and its conversation say where a note belongs.
create function queue.notes_to_reseal(old_key_id text, after bigint, at_most integer)
returns table (decision_id bigint, job_id bigint, conversation_id uuid, sealed_body bytea)
language sql stable security definer set search_path = queue, care, pg_temp as $$
    select note.decision_id, decided.job_id, decided.correlation_id, note.sealed_body
    from care.review_note as note
    join queue.review_decision as decision on decision.decision_id = note.decision_id
    join queue.job_queue as decided on decided.job_id = decision.job_id
    where note.key_id = old_key_id and (after is null or note.decision_id > after)
    order by note.decision_id
    limit at_most
$$;

-- A body changes its key only within its agency.
create function queue.agency_of_keys(old_key_id text, new_key_id text) returns text
language plpgsql volatile as $$
declare
    of_agency text := (select new_key.agency
                       from care.sealing_key as new_key
                       join care.sealing_key as old_key on old_key.agency = new_key.agency
                       where new_key.key_id = new_key_id and old_key.key_id = old_key_id);
begin
    if of_agency is null then
        raise exception using errcode = 'CS002', message = 'both keys are registered, and for the same agency';
    end if;
    return of_agency;
end
$$;

-- Puts new envelopes in the place of those that were read, which their nonces tell; returns how many. What somebody
-- holds, or what changed meanwhile, is passed over and found again by the next search.
create function queue.reseal_messages(
    old_key_id text, new_key_id text, message_ids uuid[], nonces bytea[], envelopes bytea[]
) returns integer
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    of_agency text;
    resealed  integer;
begin
    perform queue.begin_call();
    of_agency := queue.agency_of_keys(old_key_id, new_key_id);
    with read as materialized (
        select * from unnest(message_ids, nonces, envelopes) as read (message_id, nonce, envelope)
    ), free as materialized (
        select message.message_id, read.envelope
        from care.customer_message as message
        join read on read.message_id = message.message_id and read.nonce = substring(message.sealed_body from 18 for 24)
        where message.key_id = old_key_id
        for no key update of message skip locked
    )
    update care.customer_message as message
    set key_id = new_key_id, sealed_body = free.envelope
    from free
    where message.message_id = free.message_id;
    get diagnostics resealed = row_count;
    if resealed > 0 then
        perform queue.audit('reseal_messages', null, of_agency, 'applied');
    end if;
    return resealed;
end
$$;

create function queue.reseal_notes(
    old_key_id text, new_key_id text, decision_ids bigint[], nonces bytea[], envelopes bytea[]
) returns integer
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    of_agency text;
    resealed  integer;
begin
    perform queue.begin_call();
    of_agency := queue.agency_of_keys(old_key_id, new_key_id);
    with read as materialized (
        select * from unnest(decision_ids, nonces, envelopes) as read (decision_id, nonce, envelope)
    ), free as materialized (
        select note.decision_id, read.envelope
        from care.review_note as note
        join read on read.decision_id = note.decision_id and read.nonce = substring(note.sealed_body from 18 for 24)
        where note.key_id = old_key_id
        for no key update of note skip locked
    )
    update care.review_note as note
    set key_id = new_key_id, sealed_body = free.envelope
    from free
    where note.decision_id = free.decision_id;
    get diagnostics resealed = row_count;
    if resealed > 0 then
        perform queue.audit('reseal_notes', null, of_agency, 'applied');
    end if;
    return resealed;
end
$$;

-- Strikes a key off the list, so that nothing more is stored under it. `in_use` as long as anything lies sealed under it,
-- or it is its agency's newest.
create function queue.retire_key(key_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    retiring care.sealing_key;
begin
    perform queue.begin_call();
    -- Whoever is storing a body under it holds a share of this row: after the wait the counts are true, and who comes
    -- later finds no key.
    select * into retiring from care.sealing_key as known where known.key_id = retire_key.key_id for update;
    if retiring.key_id is null then
        perform queue.audit_not_found('retire_key');
        return '{"outcome": "not_found"}';
    end if;
    if exists (select from care.customer_message as message where message.key_id = retiring.key_id)
       or exists (select from care.review_note as note where note.key_id = retiring.key_id)
       or not exists (select from care.sealing_key as newer
                      where newer.agency = retiring.agency and newer.registered_at > retiring.registered_at) then
        perform queue.audit('retire_key', null, retiring.agency, 'in_use');
        return '{"outcome": "in_use"}';
    end if;
    delete from care.sealing_key as known where known.key_id = retiring.key_id;
    perform queue.audit('retire_key', null, retiring.agency, 'applied');
    return '{"outcome": "applied"}';
end
$$;

reset role;
