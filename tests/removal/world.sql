-- What attacks find: one of everything, made through the calls. Superuser's tools live in `world`; every login may use them.
create schema world;
grant usage on schema world to public;

-- Names that attacks use: a job, its draft, its pin, a message, a hold.
create table world.thing (name text primary key, value text not null);
grant select on world.thing to public;

create function world.note(called text, something text) returns void
language sql as $$
    insert into world.thing values (called, something) on conflict (name) do update set value = excluded.value
$$;
create function world.it(called text) returns text
language plpgsql volatile as $$
declare
    found_value text;
begin
    select value into strict found_value from world.thing where name = called;
    return found_value;
end
$$;
create function world.job(called text) returns bigint language sql volatile as $$ select world.it(called)::bigint $$;
create function world.token(called text) returns bigint language sql volatile as $$ select world.it(called || '.token')::bigint $$;
create function world.command() returns text language sql volatile as $$ select gen_random_uuid()::text $$;

-- A pin as it was read, or with one of its four parts replaced.
create function world.pin(called text, part integer default null, instead text default null) returns text
language sql volatile as $$
    select string_agg(case when place = part then instead else piece end, '/' order by place)
    from unnest(string_to_array(world.it(called || '.pin'), '/')) with ordinality as pieces (piece, place)
$$;

create function world.key(of_agency text) returns text
language sql stable security definer as $$ select key_id from care.sealing_key where agency = of_agency order by registered_at limit 1 $$;
-- A newer key of `acme`, registered when it is first asked for.
create function world.second_key() returns text
language sql volatile security definer as $$
    insert into care.sealing_key values (repeat('cd', 16), 'acme', now() + interval '1 day', 'pad') on conflict do nothing;
    select repeat('cd', 16)
$$;
create function world.sealed(of_agency text default 'acme', bytes integer default 60) returns bytea
language sql volatile as $$
    select '\x01'::bytea || decode(world.key(of_agency), 'hex') || decode(repeat('00', bytes), 'hex')
$$;

-- How many conversations go in whole: one that is plain, but for what is said of it.
create function world.import(said jsonb default '{}') returns integer
language sql volatile as $$
    with plain as (
        select '{"agency": "acme", "customer_ref": "cust-filed", "channel_kind": "email", "safe_payload": "{}", "key_of": "acme",
                 "direction": "inbound"}'::jsonb || jsonb_build_object('conversation_id', gen_random_uuid(), 'message_id', gen_random_uuid())
               || import.said as said
    )
    select jsonb_array_length(queue.import_conversations(
        array[said ->> 'conversation_id'], array[said ->> 'agency'], array[said ->> 'customer_ref'], array[said ->> 'channel_kind'],
        array[said ->> 'safe_payload'], array[null::integer], array[null::text], array[said ->> 'conversation_id'],
        array[said ->> 'message_id'], array[said ->> 'direction'], array['2026-01-31T09:12:00Z'],
        array[coalesce(said ->> 'key_id', world.key(said ->> 'key_of'))], array[world.sealed(said ->> 'key_of')],
        array[sha256('x')], array['customer']) -> 'stored')
    from plain
$$;

-- One job more in a bitmap.
create function world.draw(of_agency text, what text, value text, job bigint) returns void
language sql as $$
    insert into queue.job_bitmap as drawn
    values (queue.trait(of_agency, what, value), job / 8192, set_bit(0::bit(8192), (job % 8192)::integer, 1))
    on conflict (trait, block) do update set jobs = drawn.jobs | excluded.jobs
$$;

-- Asks as one of the logins and goes back to being the superuser.
create function world.ask(login text, statement text) returns jsonb
language plpgsql as $$
declare
    superuser text := session_user;
    answer    jsonb;
begin
    perform set_config('session_authorization', login, true);
    execute statement into answer;
    perform set_config('session_authorization', superuser, true);
    return answer;
end
$$;

-- As `ask`, where the answer has to be a yes.
create function world.has(login text, statement text) returns jsonb
language plpgsql as $$
declare
    answer jsonb := world.ask(login, statement);
begin
    if answer ->> 'outcome' not in ('applied', 'opened', 'claimed', 'swept', 'ok') then
        raise exception '% answers %', statement, answer;
    end if;
    return answer;
end
$$;

create function world.conversation(called text, of_agency text default 'acme', channel text default 'email') returns void
language plpgsql as $$
declare
    id uuid := gen_random_uuid();
begin
    perform world.note(called || '.conversation', id::text);
    perform world.has('{prod}', format('select queue.open_conversation(%L, %L, %L, %L, world.command())',
                                       id, of_agency, 'cust-' || called, channel));
end
$$;

create function world.message(called text, of_agency text default 'acme', way text default 'inbound') returns void
language plpgsql as $$
declare
    id uuid := gen_random_uuid();
begin
    perform world.note(called || '.message', id::text);
    perform world.has('{prod}', format(
        'select queue.store_history(%L, %L, %L, %L, world.key(%L), world.sealed(%5$L), sha256(%2$L), command_id => world.command())',
        world.it(called || '.conversation'), id, way, '2026-01-31T09:12:00Z', of_agency));
end
$$;

-- A draft that asks a person.
create function world.draft(called text, of_agency text default 'acme') returns void
language plpgsql as $$
declare
    id     uuid := gen_random_uuid();
    answer jsonb;
begin
    answer := world.has('{prod}', format(
        'select queue.submit_draft(%L, %L, %L, world.key(%L), world.sealed(%4$L), sha256(%2$L), command_id => world.command())',
        world.it(called || '.conversation'), id, 'drafter-1', of_agency));
    perform world.note(called || '.draft', id::text);
    perform world.note(called, answer ->> 'job_id');
end
$$;

create function world.question(called text, of_agency text default 'acme', channel text default 'email') returns void
language sql as $$
    select world.conversation(called, of_agency, channel);
    select world.message(called, of_agency);
    select world.draft(called, of_agency);
$$;

-- Takes the lease and notes the pin that would be shown.
create function world.read(called text, login text) returns void
language plpgsql as $$
declare
    claim jsonb := world.has(login, format('select queue.claim_review(%s)', world.job(called)));
begin
    perform world.note(called || '.token', claim ->> 'lease_token');
    perform world.note(called || '.pin', concat_ws(
        '/', draft.message_id, encode(draft.digest, 'hex'), conversation.last_inbound_seq, claim ->> 'lease_token'))
    from queue.job_queue as job
    join care.customer_message as draft on 'message:' || draft.message_id = job.payload_ref
    join care.customer_conversation as conversation on conversation.conversation_id = job.correlation_id
    where job.job_id = world.job(called);
end
$$;

create function world.skip(called text, login text) returns void
language sql as $$
    select world.has(login, format('select queue.skip_review(%s, %s, %L, world.command())', world.job(called), world.token(called), 'too_long'))
$$;

create function world.decided(called text, login text, verb text, reason text default null) returns void
language plpgsql as $$
declare
    answer jsonb;
begin
    perform world.question(called);
    perform world.read(called, login);
    answer := world.has(login, format('select queue.review_%s(%s, world.pin(%L)%s, command_id => world.command())',
                                      verb, world.job(called), called, coalesce(', reason => ' || quote_literal(reason), '')));
    perform world.note(called || '.created', coalesce(answer ->> 'created_job_id', '0'));
end
$$;

create function world.inbound(called text, of_agency text default 'acme') returns void
language plpgsql as $$
declare
    id     uuid := gen_random_uuid();
    answer jsonb;
begin
    perform world.conversation(called, of_agency);
    answer := world.has('{prod}', format(
        'select queue.store_inbound(%L, %L, %L, world.key(%L), world.sealed(%4$L), sha256(%2$L), command_id => world.command())',
        world.it(called || '.conversation'), id, '2026-01-31T09:12:00Z', of_agency));
    perform world.note(called || '.message', id::text);
    perform world.note(called, answer ->> 'job_id');
end
$$;

-- Leases the one job of a kind that is ready.
create function world.claim(called text, kind text) returns void
language plpgsql as $$
declare
    claimed jsonb := world.has('{exe}', format('select queue.claim_jobs(%L)', array[kind])) -> 'jobs' -> 0;
begin
    perform world.note(called, claimed ->> 'job_id');
    perform world.note(called || '.token', claimed ->> 'lease_token');
end
$$;

create function world.start(called text) returns void
language sql as $$
    select world.has('{exe}', format('select queue.start_job(%s, %s, world.command())', world.job(called), world.token(called)))
$$;

create function world.followup(called text) returns void
language plpgsql as $$
begin
    perform world.conversation(called);
    perform world.note(called, world.has('{prod}', format('select queue.schedule_followup(%L, %L, command_id => world.command())',
                                                          world.it(called || '.conversation'), '2026-01-31T09:12:00Z')) ->> 'job_id');
end
$$;

-- A draft job under way, with a draft.
create function world.drafting(called text) returns void
language plpgsql as $$
begin
    perform world.followup(called);
    perform world.claim(called, 'customer_message_followup');
    perform world.start(called);
    perform world.has('{exe}', format('select queue.complete_job(%s, %s, command_id => world.command())', world.job(called), world.token(called)));
    perform world.claim(called, 'customer_message_draft');
    perform world.start(called);
    perform world.note(called || '.draft', gen_random_uuid()::text);
    perform world.has('{exe}', format('select queue.put_draft(%s, %s, %L, %L, world.key(%L), world.sealed(), sha256(%3$L), world.command())',
                                      world.job(called), world.token(called), world.it(called || '.draft'), 'drafter-1', 'acme'));
end
$$;

create function world.advance(by interval) returns void
language sql as $$ update queue.test_clock set ahead = ahead + by $$;

-- Acts in the transaction under way, as somebody.
create function world.act(as_login text, statement text) returns text
language plpgsql as $$
declare
    answer text;
begin
    perform case when as_login = 'owner' then set_config('role', 'countersign_owner', true)
                 else set_config('session_authorization', as_login, true) end;
    execute statement into answer;
    return case when answer ^@ '{' then answer::jsonb ->> 'outcome' else answer end;
end
$$;

-- Rows beside the calls: `new` as it stands in `rows.sql`, put in by the owner.
create function world.fresh() returns text language sql volatile as $$ select 'f' || substr(md5(random()::text), 1, 10) $$;
create function world.number() returns integer language sql volatile as $$ select 10000 + (random() * 10000)::integer $$;
create function world.customer(called text) returns uuid
language sql volatile security definer as $$
    select customer_id from care.customer_conversation where conversation_id = world.it(called || '.conversation')::uuid
$$;
create function world.decision(called text) returns bigint
language sql stable security definer as $$ select decision_id from queue.review_decision where job_id = world.job(called) $$;
create function world.entered(as_class text) returns text
language plpgsql security definer as $$
declare
    name text := world.fresh();
begin
    execute format('create role %I', name);
    insert into queue.login values (name, as_class);
    return name;
end
$$;

create function world.insert(into_table regclass, new jsonb) returns text
language plpgsql as $$
declare
    columns text := (select string_agg(quote_ident(key), ', ' order by key) from jsonb_object_keys(new) as keys (key));
begin
    execute format('insert into %s (%s) overriding system value select %2$s from jsonb_populate_record(null::%1$s, $1)',
                   into_table, columns) using new;
    return 'inserted';
end
$$;

-- A row that is taken out of its table, where no new one can be made up.
create function world.gone(from_table regclass) returns jsonb
language plpgsql as $$
declare
    place tid;
    row   jsonb;
begin
    execute format('select ctid, to_jsonb(one) from %s as one order by one::text desc limit 1', from_table) into place, row;
    execute format('delete from %s where ctid = $1', from_table) using place;
    return row;
end
$$;

-- A job like one that there is, under a number of its own.
create function world.job_like(called text) returns jsonb
language sql volatile security definer as $$
    select to_jsonb(job) || jsonb_build_object('job_id', 10000 + (random() * 1000000)::bigint, 'idempotency_key', null)
    from queue.job_queue as job
    where job_id = world.job(called)
$$;
create function world.job_again(called text) returns bigint
language plpgsql as $$
declare
    new jsonb := world.job_like(called) || jsonb_build_object('correlation_id', gen_random_uuid());
begin
    alter table queue.job_queue disable trigger user;
    perform world.insert('queue.job_queue', new);
    return new ->> 'job_id';
end
$$;

-- References to what is not there, whatever their type.
create function world.nowhere(from_table regclass, columns jsonb) returns jsonb
language sql volatile as $$
    select jsonb_object_agg(attname, case format_type(atttypid, null)
        when 'uuid' then gen_random_uuid()::text
        when 'bigint' then '-1'
        else 'nowhere' end)
    from pg_attribute
    where attrelid = from_table and columns ->> 0 = attname
$$;

-- The decision that the reader of `read` could make now.
create function world.decision_to_make() returns jsonb
language sql volatile security definer as $$
    select jsonb_build_object(
        'job_id', job.job_id, 'agency', job.agency, 'decision', 'approve', 'decided_by', job.lease_owner, 'decided_at', queue.clock(),
        'draft_id', draft.message_id, 'draft_digest', draft.digest, 'newest_inbound_seq', conversation.last_inbound_seq,
        'lease_token', job.lease_token)
    from queue.job_queue as job
    join care.customer_message as draft on 'message:' || draft.message_id = job.payload_ref
    join care.customer_conversation as conversation on conversation.conversation_id = job.correlation_id
    where job.job_id = world.job('read')
$$;

-- A record of an opening that was written long enough ago to be committed.
create function world.announced(called text, by text, in_call text default 'open_body', as_outcome text default 'announced') returns void
language sql as $$
    insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, written_in)
    values (queue.clock(), by, in_call, world.job(called), 'acme', as_outcome, '3')
$$;

-- The same key twice: a row, and another that has these of its columns in common with it.
create function world.insert_twice(into_table regclass, first jsonb, second jsonb, in_common text[]) returns text
language plpgsql as $$
begin
    perform world.insert(into_table, first);
    return world.insert(into_table, second || (select jsonb_object_agg(key, coalesce(first -> key, 'null')) from unnest(in_common) as keys (key)));
end
$$;

-- What no login may look at by itself.
create function world.count(of_table text, condition text) returns bigint
language plpgsql security definer as $$
declare
    counted bigint;
begin
    execute format('select count(*) from %s where %s', of_table, condition) into counted;
    return counted;
end
$$;
create function world.switch(setting text, value jsonb) returns void
language sql as $$
    insert into queue.dot_config (key, value, set_by, set_at) values (setting, value, '{pad}', now())
    on conflict on constraint dot_config_once do update set value = excluded.value
$$;
create function world.job_ends(called text) returns void
language sql as $$
    update queue.job_queue set status = 'cancelled', finished_at = now() where job_id = world.job(called)
$$;

create function world.sign(called text) returns void
language sql as $$
    insert into care.customer_signoff (agency, customer_id, signed_by, signed_at, expires_at)
    select agency, customer_id, '{wad}', queue.clock(), queue.clock() + interval '1 day'
    from care.customer_conversation
    where conversation_id = world.it(called || '.conversation')::uuid
$$;
create function world.dispense() returns void
language sql as $$
    select world.has('{pad}', 'select queue.set_config($c$queue.customer.send_without_approve.enabled$c$, $c$true$c$, $c$COUNCIL-1$c$, world.command())')
$$;
-- A send that goes out by a dispensation.
create function world.dispensed() returns void
language sql as $$
    select world.sign('drafting');
    select world.dispense();
    select world.note('dispensed', world.has('{exe}', format(
        'select queue.complete_job(%s, %s, draft_id => %L, command_id => world.command())',
        world.job('drafting'), world.token('drafting'), world.it('drafting.draft'))) ->> 'created_job_id');
$$;
create function world.kind(answer jsonb) returns text
language sql volatile security definer as $$
    select job_kind from queue.job_queue where job_id = (answer ->> 'created_job_id')::bigint
$$;
create function world.conversation_of(answer jsonb) returns uuid
language sql volatile security definer as $$
    select correlation_id from queue.job_queue where job_id = (answer ->> 'created_job_id')::bigint
$$;
create function world.last_event(before_it integer) returns bigint
language sql volatile security definer as $$
    select event_id from queue.event_outbox where agency = 'acme' order by written_in desc, event_id desc offset before_it limit 1
$$;

-- Does what no trigger would let through, to see what the others make of it. Afterwards each trigger stands as it stood.
create function world.without_triggers(tables regclass[], statement text) returns void
language plpgsql as $$
declare
    undone text := (
        select string_agg(format('alter table %s enable %s trigger %I', tgrelid::regclass,
                                 case tgenabled when 'A' then 'always' else '' end, tgname), '; ')
        from pg_trigger
        where tgrelid = any (tables) and not tgisinternal and tgenabled <> 'D');
begin
    execute (select string_agg(format('alter table %s disable trigger user', on_table), '; ') from unnest(tables) as listed (on_table));
    execute statement;
    execute coalesce(undone, '');
end
$$;
create function world.forge(statement text) returns void
language sql as $$
    select world.without_triggers('{queue.job_queue,queue.review_decision,care.customer_message}', statement)
$$;
create function world.put(into_table regclass, new jsonb) returns void
language sql as $$
    select world.without_triggers(array[into_table], format('select world.insert(%L, %L)', into_table, new))
$$;

-- Whether the counts that the login sees are what a full count finds.
create function world.full_count() returns jsonb
language sql volatile security definer set search_path = queue, care, pg_temp as $$
    :full_count
$$;
create function world.are_counts_true() returns boolean
language sql volatile as $$
    select world.full_count() = jsonb_build_array(
        (select jsonb_agg(to_jsonb(health) order by agency, job_kind) from queue.v_queue_health as health),
        (select jsonb_agg(to_jsonb(pressure) order by agency, job_kind) from queue.v_customer_sla_pressure as pressure),
        (select jsonb_agg(to_jsonb(send) order by agency, channel_kind)
         from (select agency, channel_kind, ready, retry_waiting, under_way, held, oldest_at from queue.channel_health()) as send))
$$;

-- Every job begins and is due near a moment at which a count changes: of each status, kind and agency one just before such a
-- moment, one just after it, and one a minute later. Half a minute of the one that runs is over.
create function world.draw_near() returns void
language sql as $$
    update queue.test_clock set ahead = ahead + make_interval(secs => 90 - extract(second from queue.clock())::float8);
    with job as (
        select job_id, row_number() over (order by agency, job_kind, status, job_id) as number from queue.job_queue
    )
    update queue.job_queue as near
    set process_after = queue.clock() + (array['-20 seconds', '15 seconds', '75 seconds']::interval[])[1 + job.number % 3],
        deadline_at = queue.clock() + (array['0', '5 minutes', '15 minutes', '1 hour']::interval[])[1 + job.number % 4]
                      + (array['-20 seconds', '15 seconds', '75 seconds']::interval[])[1 + job.number / 4 % 3]
    from job
    where job.job_id = near.job_id and near.finished_at is null;
    select world.without_triggers('{queue.job_queue}', $any$
        update queue.job_queue set deadline_at = queue.clock() + interval '15 seconds'
        where status in ('succeeded', 'failed', 'cancelled')$any$);
$$;

-- How many changes of jobs a statement adds to what is counted.
create function world.counted(statement text) returns bigint
language plpgsql as $$
declare
    before bigint := (select count(*) from queue.job_change);
begin
    execute statement;
    return (select count(*) from queue.job_change) - before;
end
$$;

-- The ready work of which the Overview says that nobody takes it.
create function world.unattended() returns table (agency text, job_kind text, ready bigint)
language sql as $$
    select place ->> 'agency', kind ->> 'job_kind', (kind ->> 'ready')::bigint
    from jsonb_array_elements(queue.overview()) as place, jsonb_array_elements(place -> 'kinds') as kind
    where kind ->> 'unattended_seconds' is not null
$$;

-- What an attack comes to: the outcome of a call, the first value of a query, how many rows were written, or the SQLSTATE
-- of the refusal with the constraint or column that it names. Nothing of it stays.
create function world.result(removal text, preparation text, as_login text, statement text) returns text
language plpgsql as $$
declare
    doing   text := 'removal';
    answer  text;
    written bigint;
    named   text;
    empty   text;
    place   text;
begin
    begin
        execute removal;
        doing := 'preparation';
        execute preparation;
        perform case when as_login = 'owner' then set_config('role', 'countersign_owner', true)
                     else set_config('session_authorization', as_login, true) end;
        doing := '';
        if statement ~ '^(select|with)' then
            execute statement into answer;
        else
            execute statement;
            get diagnostics written = row_count;
            answer := written || ' written';
        end if;
        if answer ^@ '{' then
            answer := coalesce(answer::jsonb ->> 'outcome', answer);
        end if;
        raise exception using errcode = 'WORLD', message = coalesce(answer, 'nothing');
    exception when others then
        if sqlstate = 'WORLD' then
            return sqlerrm;
        end if;
        get stacked diagnostics named = constraint_name, empty = column_name, place = pg_exception_context;
        perform set_config('world.place', place, true);
        if sqlstate = '42501' then
            named := replace(sqlerrm, 'permission denied for ', '');
        end if;
        if doing <> '' then
            return format('%s: %s %s %s', doing, sqlstate, sqlerrm, place);
        end if;
        return concat_ws(' ', sqlstate, nullif(named, ''), nullif(empty, ''));
    end;
end
$$;

-- The same for several attacks after one removal, up to the first that comes to something else than expected: how many were
-- tried, and what the last of them came to.
create function world.first_miss(
    removal text, preparations text[], logins text[], statements text[], expected text[], out tried integer, out result text
)
language plpgsql as $$
begin
    for place in 1 .. cardinality(statements) loop
        tried := place;
        result := world.result(removal, preparations[place], logins[place], statements[place]);
        exit when result <> expected[place] and not result ^@ 'preparation: ';
        result := null;
    end loop;
end
$$;

-- What each attack comes to after a removal of its own.
create function world.results(removals text[], preparations text[], logins text[], statements text[]) returns text[]
language sql as $$
    select array_agg(world.result(removals[place], preparations[place], logins[place], statements[place]) order by place)
    from generate_subscripts(statements, 1) as place
$$;

-- What each attack comes to while every guard stands, and the functions that it goes through. Those in which it ends with an
-- error are not counted but told.
create function world.survey(preparations text[], logins text[], statements text[], out result text, out touched text[])
returns setof record
language plpgsql as $$
declare
    before jsonb;
begin
    perform set_config('track_functions', 'all', true);
    for place in 1 .. cardinality(statements) loop
        before := (select jsonb_object_agg(funcid, calls) from pg_stat_xact_user_functions);
        perform set_config('world.place', '', true);
        result := world.result('', preparations[place], logins[place], statements[place]);
        touched := array(
            select funcname::text from pg_stat_xact_user_functions
            where schemaname in ('queue', 'care') and calls > coalesce((before ->> funcid::text)::bigint, 0)
            union
            select name[1]
            from regexp_matches(current_setting('world.place'), 'function (?:queue\.|care\.)?([a-z_]+)\(', 'g') as name);
        return next;
    end loop;
end
$$;

-- Time stands still but where an attack lets it pass, so that no attack depends on how long the others took.
do $$
begin
    execute format('create or replace function queue.clock() returns timestamptz
                    language sql volatile security definer set search_path = queue, care, pg_temp
                    as $now$ select timestamptz %L + ahead from queue.test_clock $now$', clock_timestamp());
end
$$;

-- Two agencies wait for the same kind of question.
select world.question('waiting');
select world.question('foreign', 'globex');
select world.question('foreign_read', 'globex');
select world.read('foreign_read', '{gus}');

-- Sends in every state that a send can be in. Each is claimed while no other one is ready.
select world.decided('sent', '{ada}', 'approve');
select world.advance('40 seconds');
select world.claim('sent.send', 'customer_message_send');
select world.start('sent.send');
select world.has('{exe}', format('select queue.complete_job(%s, %s, provider_ref => %L, command_id => world.command())',
                                 world.job('sent.send'), world.token('sent.send'), 'provider-1'));
select world.decided('unknown', '{ada}', 'approve');
select world.advance('40 seconds');
select world.claim('unknown.send', 'customer_message_send');
select world.start('unknown.send');
select world.has('{exe}', format('select queue.fail_job(%s, %s, %L, world.command())',
                                 world.job('unknown.send'), world.token('unknown.send'), 'provider_timeout'));
select world.decided('running', '{ada}', 'approve');
select world.advance('40 seconds');
select world.claim('running.send', 'customer_message_send');
select world.start('running.send');
select world.decided('claimed', '{ada}', 'approve');
select world.advance('40 seconds');
select world.claim('claimed.send', 'customer_message_send');
select world.decided('due', '{ada}', 'approve');
select world.advance('40 seconds');

-- Programs' jobs.
select world.inbound('dead');
select world.claim('dead', 'customer_message_inbound');
select world.start('dead');
select world.has('{exe}', format('select queue.fail_job(%s, %s, %L, world.command())', world.job('dead'), world.token('dead'), 'payload_missing'));
select world.inbound('retrying');
select world.claim('retrying', 'customer_message_inbound');
select world.start('retrying');
select world.has('{exe}', format('select queue.fail_job(%s, %s, %L, world.command())', world.job('retrying'), world.token('retrying'), 'rate_limited'));
select world.inbound('started');
select world.claim('started', 'customer_message_inbound');
select world.start('started');
select world.inbound('leased');
select world.claim('leased', 'customer_message_inbound');
select world.drafting('drafting');
select world.inbound('queued');
select world.inbound('foreign_queued', 'globex');

-- What people read and decided.
select world.question('read');
select world.read('read', '{ada}');
select world.question('edited');
select world.read('edited', '{bo}');
select world.note('edited.revision', gen_random_uuid()::text);
select world.has('{bo}', format('select queue.review_revise(%s, world.pin(%L), %L, world.key(%L), world.sealed(), sha256(%3$L), world.command())',
                                world.job('edited'), 'edited', world.it('edited.revision'), 'acme'));
select world.read('edited', '{bo}');
select world.decided('rejected', '{ada}', 'reject', 'policy');
select world.decided('dropped', '{ada}', 'reject', 'no_reply_needed');
select world.decided('escalated', '{ada}', 'escalate', 'legal_threat');
select world.decided('undone', '{ada}', 'approve');
select world.has('{ada}', format('select queue.review_undo(%s, world.command())', world.job('undone')));
select world.decided('approved', '{ada}', 'approve');

-- Text messages are held, and were held before.
select world.note('resumed', world.has('{kim}', $$select queue.hold(null, 'sms', 'acme', 'incident', command_id => world.command())$$) ->> 'hold_id');
select world.has('{kim}', format('select queue.resume(%s, command_id => world.command())', world.job('resumed')));
select world.question('paused', 'acme', 'sms');
select world.note('hold', world.has('{kim}', $$select queue.hold(null, 'sms', 'acme', 'incident', command_id => world.command())$$) ->> 'hold_id');
