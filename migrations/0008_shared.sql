-- What the calls share: reading arguments, knowing the caller, answering once, writing down, inserting a job.
-- Nobody has `execute` on these; they run inside the calls, under the calls' search path: to set one of their own would take
-- a fifth of a decision's time. For the same reason all calls have the same one: a plan made under another is made again.
-- What every call needs is in PL/pgSQL, which keeps its plans for the session where a function in SQL plans anew each time.
-- What reads no table is in SQL without settings of its own, so that the server writes it into the statement that calls it.
set local role countersign_owner;

-- Misuse is raised, without data. The server prints a refused value wherever it can, so values are read here, inside,
-- and never by a cast of an argument.
create function queue.as_optional_uuid(value text, what text) returns uuid
language plpgsql immutable as $$
begin
    if value is null then
        return null;
    end if;
    -- A pattern of this kind takes five times as long as the two questions.
    if value not like '________-____-____-____-____________' or translate(value, '0123456789abcdefABCDEF', '') <> '----' then
        raise exception using errcode = 'CS002', message = format('%s is not a uuid', what);
    end if;
    return value::uuid;
end
$$;

create function queue.as_uuid(value text, what text) returns uuid
language plpgsql immutable as $$
begin
    if value is null then
        raise exception using errcode = 'CS002', message = format('%s is missing', what);
    end if;
    return queue.as_optional_uuid(value, what);
end
$$;

create function queue.as_optional_time(value text, what text) returns timestamptz
language plpgsql stable as $$
begin
    if value is null then
        return null;
    end if;
    if value !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$' then
        raise exception using errcode = 'CS002', message = format('%s is not a time with a zone, as in 2026-01-31T09:12:00Z', what);
    end if;
    begin
        return value::timestamptz;
    exception when datetime_field_overflow or invalid_datetime_format or invalid_time_zone_displacement_value then
        raise exception using errcode = 'CS002', message = format('%s is not a time that exists', what);
    end;
end
$$;

create function queue.as_time(value text, what text) returns timestamptz
language plpgsql stable as $$
begin
    if value is null then
        raise exception using errcode = 'CS002', message = format('%s is missing', what);
    end if;
    return queue.as_optional_time(value, what);
end
$$;

create function queue.as_json(value text, what text) returns jsonb
language plpgsql immutable as $$
begin
    return value::jsonb;
exception when others then
    raise exception using errcode = 'CS002', message = format('%s is not JSON', what);
end
$$;

-- `safe_payload` as an argument: judged before any row is written, so that no refused row can be printed.
create function queue.as_codes(value text) returns jsonb
language plpgsql immutable as $$
declare
    codes jsonb := queue.as_json(coalesce(value, '{}'), 'safe_payload');
begin
    if not queue.has_signal_shape(codes) then
        raise exception using errcode = 'CS008', message = 'safe_payload may carry codes and numbers only';
    end if;
    return codes;
end
$$;

create function queue.as_priority(value integer) returns smallint
language plpgsql immutable as $$
begin
    if value is not null and value not between 0 and 9 then
        raise exception using errcode = 'CS002', message = 'priority is a number from 0 to 9';
    end if;
    return value;
end
$$;

create function queue.as_count(value integer, what text) returns integer
language plpgsql immutable as $$
begin
    if value < 0 then
        raise exception using errcode = 'CS002', message = format('%s is a number from 0', what);
    end if;
    return value;
end
$$;

-- A short text that only `care` keeps: judged here, because a failing constraint would print it.
create function queue.as_bounded(value text, longest integer, what text) returns text
language plpgsql immutable as $$
begin
    if value is null or length(value) not between 1 and longest then
        raise exception using errcode = 'CS002', message = format('%s takes 1 to %s characters', what, longest);
    end if;
    return value;
end
$$;

create function queue.as_reason(value text, for_use text) returns text
language plpgsql stable as $$
begin
    if value is null or not exists (select from queue.reason where code = value and for_use = any (used_by)) then
        raise exception using errcode = 'CS008', message = format('the reason is not registered for %s', for_use);
    end if;
    return value;
end
$$;

-- An envelope: of the known version, under the key that it names, and long enough to hold a nonce and a tag.
create function queue.is_envelope(key_id text, sealed_body bytea, digest bytea) returns boolean
language sql immutable parallel safe as $$
    select coalesce(octet_length(digest) = 32
                    and octet_length(sealed_body) between 57 and 16777216
                    and get_byte(sealed_body, 0) = 1
                    and encode(substring(sealed_body from 2 for 16), 'hex') = key_id, false)
$$;

create function queue.is_key_of(of_agency text, key_id text) returns boolean
language plpgsql stable as $$
begin
    return exists (select from care.sealing_key as known where known.key_id = is_key_of.key_id and known.agency = of_agency);
end
$$;

create function queue.check_sealed(key_id text, sealed_body bytea, digest bytea, of_agency text) returns void
language plpgsql stable as $$
begin
    if not queue.is_envelope(key_id, sealed_body, digest) then
        raise exception using errcode = 'CS002', message = 'the body is not a sealed envelope of version 1 with its key id and digest';
    end if;
    if not queue.is_key_of(of_agency, key_id) then
        raise exception using errcode = 'CS002', message = 'the sealing key is not registered for this agency';
    end if;
end
$$;

-- Every call begins here: the guards compare what is committed now, which only `read committed` shows.
create function queue.begin_call() returns void
language plpgsql as $$
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception using errcode = 'CS001', message = 'calls work in read committed only';
    end if;
end
$$;

create function queue.require_staff() returns queue.staff
language plpgsql as $$
declare
    me queue.staff;
begin
    perform queue.begin_call();
    select * into me from queue.staff where login = session_user;
    if not found then
        raise exception using errcode = 'CS004', message = 'this login is not registered as staff';
    end if;
    return me;
end
$$;

create function queue.require_executor() returns queue.executor
language plpgsql as $$
declare
    me queue.executor;
begin
    perform queue.begin_call();
    select * into me from queue.executor where login = session_user and enabled;
    if not found then
        raise exception using errcode = 'CS004', message = 'this login is not registered as an executor, or is switched off';
    end if;
    return me;
end
$$;

create function queue.require_producer() returns queue.producer
language plpgsql as $$
declare
    me queue.producer;
begin
    perform queue.begin_call();
    select * into me from queue.producer where login = session_user and enabled;
    if not found then
        raise exception using errcode = 'CS004', message = 'this login is not registered as a producer, or is switched off';
    end if;
    return me;
end
$$;

-- What was asked, as a fingerprint: enough to tell a repetition from misuse, without keeping the arguments. Times go in as
-- numbers, because as text they would depend on the session's time zone. `stable`, as what it is made of is.
create function queue.fingerprint(call text, arguments jsonb) returns bytea
language sql stable parallel safe as $$
    select sha256(convert_to(call || ' ' || arguments::text, 'UTF8'))
$$;

-- The first answer to this command, or null when it is new. Read after the rows are locked, so that of two twins the
-- second finds the answer of the first.
create function queue.first_answer(command uuid, asked bytea) returns jsonb
language plpgsql volatile as $$
declare
    earlier queue.command_answer;
begin
    select * into earlier from queue.command_answer where login = session_user and command_id = command;
    if not found then
        return null;
    end if;
    if earlier.asked <> first_answer.asked then
        raise exception using errcode = 'CS003', message = 'this command_id was used before with other arguments';
    end if;
    return earlier.answer || '{"replayed": true}';
end
$$;

create function queue.remember_answer(command uuid, asked bytea, answer jsonb) returns jsonb
language plpgsql volatile as $$
begin
    insert into queue.command_answer (login, command_id, asked, answer, at)
    values (session_user, command, remember_answer.asked, remember_answer.answer, queue.clock())
    on conflict do nothing;
    if not found then
        raise exception using errcode = 'CS009', message = 'the same command is under way in another session; ask again';
    end if;
    return answer;
end
$$;

create function queue.audit(
    call text, about bigint, of_agency text, outcome text,
    from_status text default null, to_status text default null, code text default null,
    command uuid default null, withheld boolean default false
) returns void
language plpgsql volatile as $$
begin
    insert into queue.dot_iu_command_run
        (at, login, call, job_id, agency, outcome, from_status, to_status, code, command_id, event_withheld)
    values
        (queue.clock(), session_user, audit.call, about, of_agency, audit.outcome, audit.from_status, audit.to_status,
         audit.code, command, withheld);
end
$$;

-- What was asked for is not there, or not for this login to know: one trace for both.
create function queue.audit_not_found(call text, command uuid default null) returns void
language sql volatile as $$
    select queue.audit(call, null, (select agency from queue.staff where login = session_user), 'not_found', command => command)
$$;

-- Puts an event into the outbox when its type is ratified. Returns whether it was withheld.
create function queue.emit(type_name text, of_agency text, about bigint, conversation uuid, event_codes jsonb default '{}')
returns boolean
language plpgsql volatile as $$
begin
    insert into queue.event_outbox (event_type, agency, job_id, correlation_id, codes, created_at)
    select type_name, of_agency, about, conversation, event_codes, queue.clock()
    from queue.event_type_registry as registry
    where registry.event_type = type_name and registry.ratified_at is not null;
    return not found;
end
$$;

-- Whether jobs of this kind may be inserted. The lock makes a switch a promise: `switch_settled()` waits for everyone
-- who read the old value.
create function queue.is_switched_on(kind text) returns boolean
language plpgsql volatile as $$
begin
    lock table queue.switch_gate in row share mode;
    return coalesce(queue.setting('queue.customer.' || kind || '.enabled'),
                    queue.setting('queue.customer.enabled')) = 'true';
end
$$;

-- The deadline that a job passes down to its successor, null when it was only its own.
create function queue.promised(job queue.job_queue) returns timestamptz
language sql immutable parallel safe as $$
    select case when job.deadline_promised then job.deadline_at end
$$;

create function queue.target(of_agency text, role text) returns text
language sql immutable parallel safe as $$
    select 'agency:' || of_agency || '/role:' || role
$$;

create function queue.role_of(target text) returns text
language sql immutable parallel safe as $$
    select split_part(target, '/role:', 2)
$$;

create function queue.undo_window(channel text, of_agency text) returns interval
language sql stable as $$
    select make_interval(secs => coalesce(queue.setting('queue.customer.undo_seconds.' || channel, of_agency), '30')::numeric::double precision)
$$;

-- The key of a job that a command brought into being: two logins may well use the same command id.
create function queue.idempotency_key(command uuid) returns uuid
language sql stable as $$
    select encode(substring(sha256(convert_to(session_user || ' ' || command, 'UTF8')) from 1 for 16), 'hex')::uuid
$$;

-- A new job, audited under the name of the call that made it. Without a deadline `due` it takes its kind's own. `is_promise`
-- says whether `due` is one that the whole chain has to keep; `announced_as` is the event that tells of this job. Its row in
-- the audit trail says when that was withheld, or the caller's event before it: one row, one event.
create function queue.insert_job(
    call text, kind text, of_agency text, channel text, conversation uuid, parent bigint, payload text, codes jsonb,
    with_priority smallint, not_before timestamptz, due timestamptz, role text default null, born_by uuid default null,
    is_promise boolean default true, withheld boolean default false, announced_as text default null
) returns bigint
language plpgsql volatile as $$
declare
    rules        queue.job_kind;
    begins_at    timestamptz := coalesce(not_before, queue.clock());
    own_deadline timestamptz;
    new_id       bigint;
begin
    select * into strict rules from queue.job_kind where job_kind = kind;
    -- The time allowed runs from now, even where the job can still be undone; a follow-up's from when it is due.
    own_deadline := queue.deadline_after(
        of_agency, case kind when 'customer_message_followup' then begins_at else queue.clock() end, rules.sla);
    insert into queue.job_queue
        (job_kind, status, priority, agency, target_ref, channel_kind, correlation_id, parent_job_id, payload_ref,
         safe_payload, max_attempts, created_at, process_after, deadline_at, deadline_promised, idempotency_key)
    values
        (kind, 'queued', coalesce(with_priority, 5), of_agency,
         case when rules.done_by = 'person' then queue.target(of_agency, coalesce(role, 'reviewer')) end,
         channel, conversation, parent, payload, codes, rules.default_attempts, queue.clock(), begins_at,
         coalesce(due, own_deadline), due is not null and is_promise, queue.idempotency_key(born_by))
    returning job_id into new_id;
    if announced_as is not null then
        withheld := queue.emit(announced_as, of_agency, new_id, conversation, codes);
    end if;
    perform queue.audit(call, new_id, of_agency, 'applied', null, 'queued', withheld => withheld);
    return new_id;
end
$$;

-- The conversation of a job, locked against new messages, and the job behind it: always in this order, so that no two
-- calls wait for each other.
create function queue.lock_job(wanted bigint) returns queue.job_queue
language plpgsql volatile as $$
declare
    job queue.job_queue;
begin
    perform from care.customer_conversation
    where conversation_id = (select correlation_id from queue.job_queue where job_id = wanted)
    for no key update;
    select * into job from queue.job_queue where job_id = wanted for update;
    return job;
end
$$;

-- Whether a hold is about such work.
create function queue.covers(placed queue.hold, kind text, channel text, of_agency text) returns boolean
language sql immutable as $$
    select (placed.job_kind is null or placed.job_kind = kind)
       and (placed.channel_kind is null or placed.channel_kind = channel)
       and (placed.agency is null or placed.agency = of_agency)
$$;

-- Whether a hold keeps this job. What it let through goes on until that attempt has ended.
create function queue.holds_back(placed queue.hold, job queue.job_queue) returns boolean
language sql immutable as $$
    select queue.covers(placed, job.job_kind, job.channel_kind, job.agency)
       and (job.let_through is distinct from placed.hold_id or job.status not in ('queued', 'leased'))
$$;

create function queue.is_held(kind text, channel text, of_agency text) returns boolean
language plpgsql stable as $$
begin
    return exists (select from queue.hold as placed
                   where placed.resumed_at is null and queue.covers(placed, kind, channel, of_agency));
end
$$;

create function queue.covering_hold(job queue.job_queue) returns bigint
language plpgsql stable as $$
begin
    return (select min(placed.hold_id)
            from queue.hold as placed
            where placed.resumed_at is null and queue.holds_back(placed, job));
end
$$;

-- The message that a job points to, null when it is absent, erased, or of another conversation: a job never reaches
-- across.
create function queue.message_of(job queue.job_queue) returns care.customer_message
language plpgsql stable as $$
declare
    found_message care.customer_message;
begin
    select message.* into found_message
    from care.customer_message as message
    where starts_with(job.payload_ref, 'message:')
      and message.message_id = split_part(job.payload_ref, ':', 2)::uuid
      and message.conversation_id = job.correlation_id
      and message.sealed_body is not null;
    return found_message;
end
$$;

-- Stores a message under the next number of its conversation, whose row the caller has locked.
create function queue.store_message(
    conversation uuid, message uuid, way text, revised uuid, author text, key text, sealed bytea, body_digest bytea,
    written_at timestamptz, provider text default null, made_for bigint default null, kept_for bigint default null
) returns bigint
language plpgsql volatile as $$
declare
    next_seq bigint;
begin
    update care.customer_conversation
    set last_seq = last_seq + 1,
        last_inbound_seq = case when way = 'inbound' then last_seq + 1 else last_inbound_seq end
    where conversation_id = conversation
    returning last_seq into next_seq;
    insert into care.customer_message
        (message_id, conversation_id, seq, direction, revises, author_ref, stored_by, sealed_body, key_id, digest,
         provider_ref, made_for_job_id, kept_for_job_id, at, stored_at)
    values
        (message, conversation, next_seq, way, revised, author, session_user, sealed, key, body_digest,
         provider, made_for, kept_for, written_at, queue.clock())
    on conflict on constraint customer_message_key do nothing;
    if not found then
        raise exception using errcode = 'CS009', message = 'this message is being stored in another session; ask again';
    end if;
    return next_seq;
end
$$;

-- Asks a person about a draft: points the open question of the conversation at it, or opens one. Who reads the earlier
-- draft keeps the lease, and the pin refuses a decision on what is no longer there. The earlier deadline stays.
create function queue.ask_a_person(
    call text, of_agency text, channel text, conversation uuid, parent bigint, draft uuid, codes jsonb,
    with_priority smallint, due timestamptz, born_by uuid default null, withheld boolean default false,
    out about bigint, out repointed boolean
)
language plpgsql volatile as $$
declare
    question queue.job_queue;
begin
    select * into question
    from queue.job_queue
    where correlation_id = conversation
      and job_kind in ('customer_message_approve', 'customer_message_escalate')
      and status in ('queued', 'leased', 'paused')
    for update;
    repointed := found;
    if repointed then
        update queue.job_queue
        set payload_ref = 'message:' || draft,
            safe_payload = safe_payload || codes,
            priority = least(priority, coalesce(with_priority, priority)),
            deadline_at = least(deadline_at, due),
            deadline_promised = deadline_promised or coalesce(due <= deadline_at, false)
        where job_id = question.job_id;
        about := question.job_id;
        perform queue.audit(call, about, of_agency, 'repointed', question.status, question.status, withheld => withheld);
    else
        about := queue.insert_job(call, 'customer_message_approve', of_agency, channel, conversation, parent,
                                  'message:' || draft, codes, with_priority, null, due, null, born_by, true, withheld);
    end if;
end
$$;

reset role;
