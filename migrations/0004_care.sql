-- The message store. Nobody selects from it: bodies are handed out by `queue.open_body`, sealed, and audited.
set local role countersign_owner;

create table care.customer (
    customer_id  uuid constraint customer_key primary key default gen_random_uuid(),
    agency       text not null constraint customer_agency_known references queue.agency (agency),
    customer_ref text not null constraint customer_ref_bounded check (length(customer_ref) between 1 and 256),
    erased_at    timestamptz,
    constraint customer_once unique (agency, customer_ref)
);

create table care.customer_conversation (
    conversation_id uuid constraint customer_conversation_key primary key,
    agency          text not null constraint conversation_agency_known references queue.agency (agency),
    customer_id     uuid not null constraint conversation_customer_known references care.customer (customer_id),
    channel_kind    text not null constraint conversation_channel_known references queue.channel (code),
    -- The number of the newest message, and of the newest inbound one; 0 before the first.
    last_seq         bigint not null default 0,
    last_inbound_seq bigint not null default 0,
    opened_at       timestamptz not null,
    opened_by       text not null
);
create index ix_conversation_customer on care.customer_conversation (customer_id);

-- Which sealing keys the database accepts. It knows their names, never the keys.
create table care.sealing_key (
    key_id        text constraint sealing_key_key primary key
        constraint sealing_key_is_hex check (key_id ~ '^[0-9a-f]{32}$' collate "C"),
    agency        text not null constraint sealing_key_agency_known references queue.agency (agency),
    registered_at timestamptz not null,
    registered_by text not null
);

create table care.customer_message (
    message_id      uuid   constraint customer_message_key primary key,
    conversation_id uuid   not null
        constraint message_conversation_known references care.customer_conversation (conversation_id),
    -- Numbered by the database under the conversation's lock. "Newest" means the highest number, whatever `at` says.
    seq             bigint not null constraint message_seq_positive check (seq > 0),
    direction       text   not null constraint message_direction_known check (direction in ('inbound', 'draft', 'outbound')),
    -- A draft: the one it revises. An outbound message: the draft that left.
    revises         uuid   constraint message_revises_known references care.customer_message (message_id),
    author_ref      text   not null constraint message_author_bounded check (length(author_ref) between 1 and 128),
    stored_by       text   not null,
    sealed_body     bytea,
    key_id          text   constraint message_key_known references care.sealing_key (key_id),
    digest          bytea  constraint message_digest_is_sha_256 check (octet_length(digest) = 32),
    -- The job that a program made the draft for; null for what came in otherwise. The job may be gone before the message.
    made_for_job_id bigint,
    -- The job that a person wrote the draft for when it was not theirs any more: the text is kept, and nothing points at it.
    kept_for_job_id bigint,
    provider_ref    text   constraint message_provider_ref_bounded check (length(provider_ref) between 1 and 256),
    at              timestamptz not null,
    stored_at       timestamptz not null,
    erased_at       timestamptz,
    constraint message_seq_once unique (conversation_id, seq),
    constraint message_only_drafts_revise check (revises is null or direction in ('draft', 'outbound')),
    constraint message_sealed_whole check (
        (sealed_body is null) = (key_id is null) and (sealed_body is null or digest is not null)),
    constraint message_body_present check (
        sealed_body is not null or erased_at is not null or (direction = 'outbound' and revises is not null)),
    -- version 1 | key id | nonce | ciphertext and tag: the one thing about a body that the database can judge.
    constraint message_envelope_well_formed check (
        sealed_body is null
        or (octet_length(sealed_body) between 57 and 16777216
            and get_byte(sealed_body, 0) = 1
            and encode(substring(sealed_body from 2 for 16), 'hex') = key_id))
);
create index ix_message_revises on care.customer_message (revises) where revises is not null;
create index ix_message_provider on care.customer_message (provider_ref) where provider_ref is not null;
create index ix_message_kept on care.customer_message (stored_at, message_id) where kept_for_job_id is not null;
create index ix_message_key on care.customer_message (key_id, message_id) where key_id is not null;

-- A conversation's row is numbered anew with each message: room in the page keeps that off its indexes. Retention deletes whole
-- conversations from the oldest on, a thousand messages at a time: a vacuum that waited for a fifth of millions would find all of
-- them at once.
alter table care.customer_conversation set (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
alter table care.customer_message set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);

-- Bodies are ciphertext: compressing them only costs time.
alter table care.customer_message alter column sealed_body set storage external;

create table care.attachment (
    attachment_id uuid   constraint attachment_key primary key,
    message_id    uuid   not null constraint attachment_message_known references care.customer_message (message_id),
    media_type    text   not null
        constraint attachment_media_type_shape check (media_type ~ '^[a-z]+/[a-z0-9.+-]{1,100}$' collate "C"),
    bytes         bigint not null constraint attachment_bytes_counted check (bytes >= 0),
    uri           text   not null constraint attachment_uri_bounded check (length(uri) between 1 and 2048)
);
create index ix_attachment_message on care.attachment (message_id);

create table care.case_ref (
    case_id         uuid constraint case_ref_key primary key,
    agency          text not null constraint case_agency_known references queue.agency (agency),
    conversation_id uuid not null
        constraint case_conversation_known references care.customer_conversation (conversation_id)
);

-- Whoever deletes a conversation asks for its cases.
create index ix_case_conversation on care.case_ref (conversation_id);

-- One half of a dispensation; the other is a switch that a platform_admin sets.
create table care.customer_signoff (
    signoff_id  bigint generated always as identity constraint customer_signoff_key primary key,
    agency      text not null constraint signoff_agency_known references queue.agency (agency),
    customer_id uuid not null constraint signoff_customer_known references care.customer (customer_id),
    signed_by   text not null,
    signed_at   timestamptz not null,
    expires_at  timestamptz not null,
    revoked_by  text,
    revoked_at  timestamptz,
    constraint signoff_expires_later check (expires_at > signed_at),
    constraint signoff_revoked_whole check ((revoked_by is null) = (revoked_at is null))
);
create index ix_signoff_customer on care.customer_signoff (customer_id);

-- A reviewer's words about a decision, sealed like any body.
create table care.review_note (
    decision_id bigint constraint review_note_key primary key,
    sealed_body bytea
        constraint note_envelope_well_formed check (
            sealed_body is null
            or (octet_length(sealed_body) between 57 and 65536
                and get_byte(sealed_body, 0) = 1
                and encode(substring(sealed_body from 2 for 16), 'hex') = key_id)),
    key_id      text constraint note_key_known references care.sealing_key (key_id),
    erased_at   timestamptz,
    constraint note_sealed_or_erased check (
        (sealed_body is null) = (key_id is null) and (sealed_body is null) = (erased_at is not null))
);
create index ix_note_key on care.review_note (key_id, decision_id) where key_id is not null;

-- Messages are append-only: resealing keeps the digest, erasure empties the body and what names somebody, nothing else
-- touches one.
create function care.keep_messages() returns trigger
language plpgsql as $$
declare
    is_resealed boolean := old.sealed_body is not null and new.sealed_body is not null
                           and old.erased_at is null and new.erased_at is null;
    is_erased   boolean := old.erased_at is null and new.erased_at is not null and new.sealed_body is null;
    -- What either of the two may write, beside the body and the key that it is sealed under.
    may_change  text[]  := '{sealed_body,key_id}'
                           || case when is_erased then '{erased_at,provider_ref,author_ref}' else '{}' end::text[];
begin
    if (is_resealed or is_erased) and to_jsonb(new) - may_change = to_jsonb(old) - may_change then
        return new;
    end if;
    raise exception using errcode = 'CS006', message = 'a stored message never changes; an edit is a new message';
end
$$;
create trigger keep_messages before update on care.customer_message
    for each row execute function care.keep_messages();
alter table care.customer_message enable always trigger keep_messages;

-- A note, too, is only resealed or erased; its own checks say what either leaves.
create function care.keep_notes() returns trigger
language plpgsql as $$
begin
    if old.erased_at is null and new.decision_id = old.decision_id then
        return new;
    end if;
    raise exception using errcode = 'CS006', message = 'a stored note never changes';
end
$$;
create trigger keep_notes before update on care.review_note for each row execute function care.keep_notes();
alter table care.review_note enable always trigger keep_notes;

-- What belongs to an agency is sealed under a key of that agency, or whoever has the other's keys could read it.
create function care.own_key() returns trigger
language plpgsql as $$
declare
    of_agency text;
begin
    if tg_table_name = 'review_note' then
        select decision.agency into of_agency
        from queue.review_decision as decision where decision.decision_id = new.decision_id;
    else
        select conversation.agency into of_agency
        from care.customer_conversation as conversation where conversation.conversation_id = new.conversation_id;
    end if;
    if exists (select from care.sealing_key as known where known.key_id = new.key_id and known.agency = of_agency) then
        return new;
    end if;
    raise exception using errcode = 'CS002', message = 'the sealing key is not registered for this agency';
end
$$;
create trigger own_key before insert or update of key_id on care.customer_message
    for each row when (new.key_id is not null) execute function care.own_key();
create trigger own_key before insert or update of key_id on care.review_note
    for each row when (new.key_id is not null) execute function care.own_key();
alter table care.customer_message enable always trigger own_key;
alter table care.review_note enable always trigger own_key;

reset role;
