-- Calls of administrators: who may do what, which words exist, what is switched on. None of them creates a login; that
-- needs rights which no function here has.
set local role countersign_owner;

create function queue.refuse_unless(me queue.staff, wanted text, call text, command uuid, asked bytea) returns jsonb
language plpgsql volatile as $$
begin
    if queue.has_role(me, wanted) then
        return null;
    end if;
    perform queue.audit(call, null, me.agency, 'not_authorised', command => command);
    return queue.remember_answer(command, asked, '{"outcome": "not_authorised"}');
end
$$;

create function queue.applied(call text, of_agency text, command uuid, asked bytea, more jsonb default '{}', code text default null)
returns jsonb
language plpgsql volatile as $$
begin
    perform queue.audit(call, null, of_agency, 'applied', command => command, code => code);
    return queue.remember_answer(command, asked, '{"outcome": "applied"}' || more);
end
$$;

-- Whether a value is of a setting's registered type and range.
create function queue.fits_setting(rule queue.config_key, given jsonb) returns boolean
language sql immutable as $$
    select coalesce(case rule.value_type
        when 'boolean' then jsonb_typeof(given) = 'boolean'
        when 'word' then jsonb_typeof(given) = 'string' and given #>> '{}' = any (rule.words)
        else case when jsonb_typeof(given) = 'number'
                  then given::numeric between rule.lowest and rule.highest
                       and (rule.value_type = 'number' or given::numeric = trunc(given::numeric))
                  else false end
    end, false)
$$;

-- A setting's value as an argument, judged against the registered type and range. JSON's null takes a value away.
create function queue.as_setting(wanted_key text, value text) returns jsonb
language plpgsql stable as $$
declare
    rule  queue.config_key;
    given jsonb := queue.as_json(value, 'value');
begin
    select * into rule from queue.config_key where key = wanted_key;
    if not found then
        raise exception using errcode = 'CS002', message = 'no such setting; countersign config list shows them all';
    end if;
    if given is distinct from 'null' and not queue.fits_setting(rule, given) then
        raise exception using errcode = 'CS002', message = format('the setting takes a %s%s', rule.value_type, case
            when rule.words is not null then ' of ' || array_to_string(rule.words, ', ')
            when rule.lowest is not null then format(' from %s to %s', rule.lowest, rule.highest)
            else '' end);
    end if;
    return given;
end
$$;

create function queue.set_config(key text, value text, council_reference text default null, command_id text default null)
returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.staff := queue.require_staff();
    given   jsonb := queue.as_setting(key, value);
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('set_config', jsonb_build_array(key, given, council_reference));
    answer  jsonb := queue.first_answer(command, asked);
begin
    if answer is not null then
        return answer;
    end if;
    answer := queue.refuse_unless(me, 'platform_admin', 'set_config', command, asked);
    if answer is not null then
        return answer;
    end if;
    if council_reference !~ '^[A-Z]{1,10}-[0-9]{1,7}$' collate "C"
       or (set_config.key = 'queue.customer.send_without_approve.enabled' and given = 'true' and council_reference is null) then
        raise exception using errcode = 'CS002', message = 'this setting needs the council''s reference, as in COUNCIL-17';
    end if;
    if given = 'null' then
        delete from queue.dot_config as setting where setting.agency is null and setting.key = set_config.key;
        return queue.applied('set_config', null, command, asked, code => set_config.key);
    end if;
    insert into queue.dot_config (agency, key, value, set_by, set_at, council_reference)
    values (null, set_config.key, given, session_user, queue.clock(), set_config.council_reference)
    on conflict on constraint dot_config_once do update
        set value = excluded.value, set_by = excluded.set_by, set_at = excluded.set_at, council_reference = excluded.council_reference;
    return queue.applied('set_config', null, command, asked, code => set_config.key);
end
$$;

create function queue.set_agency_config(key text, value text, command_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.staff := queue.require_staff();
    given   jsonb := queue.as_setting(key, value);
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('set_agency_config', jsonb_build_array(key, given));
    answer  jsonb := queue.first_answer(command, asked);
begin
    if answer is not null then
        return answer;
    end if;
    answer := queue.refuse_unless(me, 'workflow_admin', 'set_agency_config', command, asked);
    if answer is not null then
        return answer;
    end if;
    if not (select per_agency from queue.config_key as rule where rule.key = set_agency_config.key) then
        raise exception using errcode = 'CS002', message = 'this setting is the platform''s, not an agency''s';
    end if;
    if given = 'null' then
        delete from queue.dot_config as setting where setting.agency = me.agency and setting.key = set_agency_config.key;
        return queue.applied('set_agency_config', me.agency, command, asked, code => set_agency_config.key);
    end if;
    insert into queue.dot_config (agency, key, value, set_by, set_at)
    values (me.agency, set_agency_config.key, given, session_user, queue.clock())
    on conflict on constraint dot_config_once do update
        set value = excluded.value, set_by = excluded.set_by, set_at = excluded.set_at;
    return queue.applied('set_agency_config', me.agency, command, asked, code => set_agency_config.key);
end
$$;

-- Waits a moment for everyone who read the old switches: calls that go by one hold the gate in `row share` from before they
-- read until they end. Whether they all ended, and the logins still under way. Who comes next queues behind whoever waits
-- here, so it waits a little and often. The gate stays shut until the caller's transaction ends.
create function queue.settle() returns jsonb
language plpgsql volatile set lock_timeout = '40ms' as $$
begin
    for attempt in 1..40 loop
        begin
            lock table queue.switch_gate in exclusive mode;
            return '{"settled": true}';
        exception when lock_not_available then
            perform pg_sleep(0.01);
        end;
    end loop;
    return jsonb_build_object('settled', false, 'under_way', (
        select coalesce(jsonb_agg(distinct activity.usename), '[]')
        from pg_locks
        join pg_stat_activity as activity on activity.pid = pg_locks.pid
        -- A copy of this database has a table of the same number.
        where pg_locks.database = (select oid from pg_database where datname = current_database())
          and pg_locks.relation = 'queue.switch_gate'::regclass and pg_locks.granted and pg_locks.pid <> pg_backend_pid()));
end
$$;

-- True once nobody who read the old switches can still commit by them. Nobody is kept from going by the new ones while the
-- asker's transaction goes on: the gate is given back at once.
create function queue.switch_settled() returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me     queue.staff := queue.require_staff();
    answer jsonb;
begin
    if not queue.has_role(me, 'platform_admin') then
        return '{"outcome": "not_authorised"}';
    end if;
    -- A switch of this very transaction is one that nobody else can know.
    if pg_current_xact_id_if_assigned() is not null then
        raise exception using errcode = 'CS001', message = 'switch_settled() is asked after the switch is committed';
    end if;
    begin
        answer := queue.settle();
        raise exception using errcode = 'CS000';
    exception when sqlstate 'CS000' then
        return '{"outcome": "ok"}' || answer;
    end;
end
$$;

-- Registers a word for all agencies. `list` is language, intent, routing_hint, channel, host, reason or error_code.
create function queue.register_code(
    list text, code text, effect text default null, final boolean default false, used_by text[] default null,
    command_id text default null
) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.staff := queue.require_staff();
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('register_code', jsonb_build_array(list, code, effect, final, used_by));
    answer  jsonb := queue.first_answer(command, asked);
begin
    if answer is not null then
        return answer;
    end if;
    answer := queue.refuse_unless(me, 'platform_admin', 'register_code', command, asked);
    if answer is not null then
        return answer;
    end if;
    if not queue.has_code_shape(list, code)
       or (list = 'error_code' and coalesce(effect, '') not in ('none', 'unknown'))
       or (list = 'reason' and not coalesce(used_by <@ array['reject', 'escalate', 'skip', 'discard', 'cancel', 'hold', 'retry'], false)) then
        raise exception using errcode = 'CS002', message = 'the list is unknown, or the code does not have its shape';
    end if;
    case list
        when 'language' then insert into queue.language values (register_code.code) on conflict do nothing;
        when 'intent' then insert into queue.intent values (register_code.code) on conflict do nothing;
        when 'routing_hint' then insert into queue.routing_hint values (register_code.code) on conflict do nothing;
        when 'channel' then insert into queue.channel values (register_code.code) on conflict do nothing;
        when 'host' then insert into queue.host values (register_code.code) on conflict do nothing;
        when 'reason' then insert into queue.reason values (register_code.code, register_code.used_by) on conflict do nothing;
        when 'error_code' then
            insert into queue.error_code values (register_code.code, register_code.effect, coalesce(register_code.final, false))
            on conflict do nothing;
    end case;
    return queue.applied('register_code', null, command, asked, code => register_code.code);
end
$$;

-- Registers a host that the readers of one's own agency trust, and nobody else's.
create function queue.register_agency_host(host text, command_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.staff := queue.require_staff();
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('register_agency_host', jsonb_build_array(host));
    answer  jsonb := queue.first_answer(command, asked);
begin
    if answer is not null then
        return answer;
    end if;
    answer := queue.refuse_unless(me, 'workflow_admin', 'register_agency_host', command, asked);
    if answer is not null then
        return answer;
    end if;
    if not queue.has_code_shape('host', register_agency_host.host) then
        raise exception using errcode = 'CS002', message = 'a host is its name alone, in lowercase';
    end if;
    insert into queue.host (code, agency) values (register_agency_host.host, me.agency) on conflict do nothing;
    return queue.applied('register_agency_host', me.agency, command, asked, code => register_agency_host.host);
end
$$;

-- Whether this names a zone of the server's own. `CET` and its like name one too, but where a time is told `at time zone` they
-- are read as abbreviations, which know no summer.
create function queue.is_zone_name(zone text) returns boolean
language sql stable as $$
    select exists (select from pg_timezone_names where name = zone)
       and not exists (select from pg_timezone_abbrevs where abbrev = zone and zone <> 'UTC')
$$;

create function queue.register_agency(
    agency text, time_zone text default 'UTC', review_order text default 'deadline_first', command_id text default null
) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.staff := queue.require_staff();
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('register_agency', jsonb_build_array(agency, time_zone, review_order));
    answer  jsonb := queue.first_answer(command, asked);
begin
    if answer is not null then
        return answer;
    end if;
    answer := queue.refuse_unless(me, 'platform_admin', 'register_agency', command, asked);
    if answer is not null then
        return answer;
    end if;
    if coalesce(register_agency.agency, '') !~ '^[a-z][a-z0-9_-]{0,31}$' collate "C"
       or not queue.is_zone_name(register_agency.time_zone)
       or coalesce(register_agency.review_order, '') not in ('deadline_first', 'savable_first') then
        raise exception using errcode = 'CS002',
            message = 'an agency has a lowercase slug, a time zone name, and the order deadline_first or savable_first';
    end if;
    insert into queue.agency (agency, time_zone, review_order)
    values (register_agency.agency, register_agency.time_zone, register_agency.review_order)
    on conflict on constraint agency_key do update
        set time_zone = excluded.time_zone, review_order = excluded.review_order;
    return queue.applied('register_agency', register_agency.agency, command, asked);
end
$$;

-- Makes a login one of the four classes and gives it the rights of that class. The login exists already: it was created
-- over an administrator's connection.
create function queue.enter_login(who text, as_class text) returns void
language plpgsql volatile as $$
begin
    if who = session_user and exists (select from queue.staff where login = who) then
        raise exception using errcode = 'CS004', message = 'nobody changes what they are themselves; another administrator does';
    end if;
    if who is null or not exists (select from pg_roles where rolname = who and rolcanlogin) then
        raise exception using errcode = 'CS002', message = 'there is no such login; create it first';
    end if;
    -- What the rows and calls allow means nothing to a login that PostgreSQL lets around them.
    if exists (select from pg_roles where rolname = who and (rolsuper or rolbypassrls or rolreplication or rolcreaterole))
       or exists (select from pg_roles as other
                  where pg_has_role(who, other.oid, 'member') and other.rolname <> who
                    and other.rolname <> 'countersign_' || as_class
                    and (starts_with(other.rolname, 'pg_') or starts_with(other.rolname, 'countersign_'))) then
        raise exception using errcode = 'CS004',
            message = 'the login has rights beyond its class: no superuser, bypassrls, replication, createrole, and no member of roles of the server or of another class';
    end if;
    insert into queue.login (login, class) values (who, as_class) on conflict do nothing;
    if not exists (select from queue.login where login = who and class = as_class) then
        raise exception using errcode = 'CS004', message = 'this login is of another class already; a login is exactly one';
    end if;
    execute format('grant %I to %I', 'countersign_' || as_class, who);
end
$$;

create function queue.register_staff(login text, agency text, roles text[], command_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.staff := queue.require_staff();
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('register_staff', jsonb_build_array(login, agency, roles));
    answer  jsonb := queue.first_answer(command, asked);
begin
    if answer is not null then
        return answer;
    end if;
    answer := queue.refuse_unless(me, 'platform_admin', 'register_staff', command, asked);
    if answer is not null then
        return answer;
    end if;
    if coalesce(cardinality(register_staff.roles), 0) = 0
       or not register_staff.roles <@ array['reviewer', 'senior_reviewer', 'team_lead', 'oncall', 'operator', 'workflow_admin', 'platform_admin']
       or (register_staff.agency is null
           and register_staff.roles && array['reviewer', 'senior_reviewer', 'team_lead', 'workflow_admin'])
       or ('platform_admin' = any (register_staff.roles)
           and (cardinality(register_staff.roles) > 1 or register_staff.agency is not null))
       or (register_staff.agency is not null
           and not exists (select from queue.agency as known where known.agency = register_staff.agency)) then
        raise exception using errcode = 'CS002',
            message = 'roles are known ones; reviewers and workflow_admins have an agency; a platform_admin has no agency and no other role';
    end if;
    perform queue.enter_login(register_staff.login, 'staff');
    insert into queue.staff (login, agency, roles)
    values (register_staff.login, register_staff.agency, register_staff.roles)
    on conflict on constraint staff_key do update set agency = excluded.agency, roles = excluded.roles;
    return queue.applied('register_staff', register_staff.agency, command, asked, code => register_staff.login);
end
$$;

create function queue.register_executor(login text, kinds text[], channels text[], agencies text[], command_id text)
returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.staff := queue.require_staff();
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('register_executor', jsonb_build_array(login, kinds, channels, agencies));
    answer  jsonb := queue.first_answer(command, asked);
begin
    if answer is not null then
        return answer;
    end if;
    answer := queue.refuse_unless(me, 'platform_admin', 'register_executor', command, asked);
    if answer is not null then
        return answer;
    end if;
    if coalesce(cardinality(kinds), 0) = 0 or coalesce(cardinality(channels), 0) = 0 or coalesce(cardinality(agencies), 0) = 0
       or exists (select unnest(kinds) except select job_kind from queue.job_kind where done_by = 'program')
       or exists (select unnest(channels) except select code from queue.channel)
       or exists (select unnest(agencies) except select known.agency from queue.agency as known) then
        raise exception using errcode = 'CS002', message = 'an executor has kinds that programs do, registered channels and agencies';
    end if;
    perform queue.enter_login(register_executor.login, 'executor');
    insert into queue.executor (login, kinds, channels, agencies)
    values (register_executor.login, register_executor.kinds, register_executor.channels, register_executor.agencies)
    on conflict on constraint executor_key do update
        set kinds = excluded.kinds, channels = excluded.channels, agencies = excluded.agencies, enabled = true;
    return queue.applied('register_executor', null, command, asked, code => register_executor.login);
end
$$;

create function queue.register_producer(login text, agencies text[], channels text[], command_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.staff := queue.require_staff();
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('register_producer', jsonb_build_array(login, agencies, channels));
    answer  jsonb := queue.first_answer(command, asked);
begin
    if answer is not null then
        return answer;
    end if;
    answer := queue.refuse_unless(me, 'platform_admin', 'register_producer', command, asked);
    if answer is not null then
        return answer;
    end if;
    if coalesce(cardinality(channels), 0) = 0 or coalesce(cardinality(agencies), 0) = 0
       or exists (select unnest(channels) except select code from queue.channel)
       or exists (select unnest(agencies) except select known.agency from queue.agency as known) then
        raise exception using errcode = 'CS002', message = 'a producer has registered agencies and channels';
    end if;
    perform queue.enter_login(register_producer.login, 'producer');
    insert into queue.producer (login, agencies, channels)
    values (register_producer.login, register_producer.agencies, register_producer.channels)
    on conflict on constraint producer_key do update
        set agencies = excluded.agencies, channels = excluded.channels, enabled = true;
    return queue.applied('register_producer', null, command, asked, code => register_producer.login);
end
$$;

create function queue.register_monitor(login text, command_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.staff := queue.require_staff();
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('register_monitor', jsonb_build_array(login));
    answer  jsonb := queue.first_answer(command, asked);
begin
    if answer is not null then
        return answer;
    end if;
    answer := queue.refuse_unless(me, 'platform_admin', 'register_monitor', command, asked);
    if answer is not null then
        return answer;
    end if;
    perform queue.enter_login(register_monitor.login, 'monitor');
    insert into queue.monitor (login) values (register_monitor.login) on conflict do nothing;
    return queue.applied('register_monitor', null, command, asked, code => register_monitor.login);
end
$$;

-- Switches a program off without taking its registration away, and on again. What it holds runs out like any lease.
create function queue.set_enabled(login text, enabled boolean, command_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.staff := queue.require_staff();
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('set_enabled', jsonb_build_array(login, enabled));
    answer  jsonb := queue.first_answer(command, asked);
    program text;
begin
    if answer is not null then
        return answer;
    end if;
    answer := queue.refuse_unless(me, 'platform_admin', 'set_enabled', command, asked);
    if answer is not null then
        return answer;
    end if;
    if set_enabled.enabled is null then
        raise exception using errcode = 'CS002', message = 'enabled is true or false';
    end if;
    update queue.executor as known set enabled = set_enabled.enabled
    where known.login = set_enabled.login returning known.login into program;
    if program is null then
        update queue.producer as known set enabled = set_enabled.enabled
        where known.login = set_enabled.login returning known.login into program;
    end if;
    if program is null then
        perform queue.audit('set_enabled', null, null, 'not_found', command => command);
        return queue.remember_answer(command, asked, '{"outcome": "not_found"}');
    end if;
    return queue.applied('set_enabled', null, command, asked, code => program);
end
$$;

-- Takes all rights of a login away, at once and in its open sessions too: every call asks the tables first.
create function queue.revoke_login(login text, command_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.staff := queue.require_staff();
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('revoke_login', jsonb_build_array(login));
    answer  jsonb := queue.first_answer(command, asked);
    known   queue.login;
begin
    if answer is not null then
        return answer;
    end if;
    answer := queue.refuse_unless(me, 'platform_admin', 'revoke_login', command, asked);
    if answer is not null then
        return answer;
    end if;
    delete from queue.login as registered where registered.login = revoke_login.login returning * into known;
    if known.login is null then
        perform queue.audit('revoke_login', null, null, 'not_found', command => command);
        return queue.remember_answer(command, asked, '{"outcome": "not_found"}');
    end if;
    execute format('revoke %I from %I', 'countersign_' || known.class, known.login);
    return queue.applied('revoke_login', null, command, asked, code => known.login);
end
$$;

create function queue.ratify_event_type(event_type text, command_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.staff := queue.require_staff();
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('ratify_event_type', jsonb_build_array(event_type));
    answer  jsonb := queue.first_answer(command, asked);
begin
    if answer is not null then
        return answer;
    end if;
    answer := queue.refuse_unless(me, 'platform_admin', 'ratify_event_type', command, asked);
    if answer is not null then
        return answer;
    end if;
    update queue.event_type_registry as registry
    set ratified_at = coalesce(registry.ratified_at, queue.clock())
    where registry.event_type = ratify_event_type.event_type;
    if not found then
        perform queue.audit('ratify_event_type', null, null, 'not_found', command => command);
        return queue.remember_answer(command, asked, '{"outcome": "not_found"}');
    end if;
    return queue.applied('ratify_event_type', null, command, asked, code => ratify_event_type.event_type);
end
$$;

-- Tells the database the name of a sealing key, so that it can refuse envelopes of unknown ones. Never the key.
create function queue.register_key(key_id text, agency text, command_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.staff := queue.require_staff();
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('register_key', jsonb_build_array(key_id, agency));
    answer  jsonb := queue.first_answer(command, asked);
begin
    if answer is not null then
        return answer;
    end if;
    answer := queue.refuse_unless(me, 'platform_admin', 'register_key', command, asked);
    if answer is not null then
        return answer;
    end if;
    if coalesce(key_id, '') !~ '^[0-9a-f]{32}$' collate "C"
       or not exists (select from queue.agency as known where known.agency = register_key.agency)
       or exists (select from care.sealing_key as known
                  where known.key_id = register_key.key_id and known.agency <> register_key.agency) then
        raise exception using errcode = 'CS002', message = 'a key id has 32 hex digits and belongs to one registered agency';
    end if;
    insert into care.sealing_key (key_id, agency, registered_at, registered_by)
    values (register_key.key_id, register_key.agency, queue.clock(), session_user)
    on conflict do nothing;
    return queue.applied('register_key', register_key.agency, command, asked);
end
$$;

-- One half of a dispensation, by the agency's own workflow_admin, for one customer, for a time.
create function queue.sign_off_customer(customer_ref text, expires_at text, command_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me       queue.staff := queue.require_staff();
    until    timestamptz := queue.as_time(expires_at, 'expires_at');
    command  uuid  := queue.as_uuid(command_id, 'command_id');
    asked    bytea := queue.fingerprint('sign_off_customer', jsonb_build_array(customer_ref, extract(epoch from until)));
    answer   jsonb := queue.first_answer(command, asked);
    customer uuid;
begin
    if answer is not null then
        return answer;
    end if;
    answer := queue.refuse_unless(me, 'workflow_admin', 'sign_off_customer', command, asked);
    if answer is not null then
        return answer;
    end if;
    if until <= queue.clock() then
        raise exception using errcode = 'CS002', message = 'a sign-off expires in the future';
    end if;
    select customer_id into customer
    from care.customer as known
    where known.agency = me.agency and known.customer_ref = sign_off_customer.customer_ref;
    if customer is null then
        perform queue.audit('sign_off_customer', null, me.agency, 'not_found', command => command);
        return queue.remember_answer(command, asked, '{"outcome": "not_found"}');
    end if;
    insert into care.customer_signoff (agency, customer_id, signed_by, signed_at, expires_at)
    values (me.agency, customer, session_user, queue.clock(), until);
    return queue.applied('sign_off_customer', me.agency, command, asked);
end
$$;

-- Holds for every send that is claimed or started later. `settled` says whether nobody can still commit a start by the old
-- sign-off, `under_way` who could.
create function queue.revoke_sign_off(customer_ref text, command_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.staff := queue.require_staff();
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('revoke_sign_off', jsonb_build_array(customer_ref));
    answer  jsonb := queue.first_answer(command, asked);
begin
    if answer is not null then
        return answer;
    end if;
    answer := queue.refuse_unless(me, 'workflow_admin', 'revoke_sign_off', command, asked);
    if answer is not null then
        return answer;
    end if;
    update care.customer_signoff as signoff
    set revoked_by = session_user, revoked_at = queue.clock()
    from care.customer as known
    where signoff.customer_id = known.customer_id and signoff.revoked_at is null
      and known.agency = me.agency and known.customer_ref = revoke_sign_off.customer_ref;
    if not found then
        perform queue.audit('revoke_sign_off', null, me.agency, 'not_found', command => command);
        return queue.remember_answer(command, asked, '{"outcome": "not_found"}');
    end if;
    return queue.applied('revoke_sign_off', me.agency, command, asked, queue.settle());
end
$$;

-- The sign-offs of the own agency, the newest first: who may be written to without an approval as long as the switch is on.
create function queue.sign_offs() returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me queue.staff := queue.require_staff();
begin
    if not queue.has_role(me, 'workflow_admin') then
        return '{"outcome": "not_authorised"}';
    end if;
    return jsonb_build_object('outcome', 'ok', 'sign_offs', (
        select coalesce(jsonb_agg(jsonb_build_object(
                   'customer_ref', known.customer_ref, 'signed_by', signoff.signed_by, 'signed_at', signoff.signed_at,
                   'expires_at', signoff.expires_at, 'revoked_by', signoff.revoked_by, 'revoked_at', signoff.revoked_at)
                   order by signoff.signoff_id desc), '[]')
        from care.customer_signoff as signoff
        join care.customer as known on known.customer_id = signoff.customer_id
        where signoff.agency = me.agency));
end
$$;

reset role;
