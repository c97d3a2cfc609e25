-- The wall: no column of `queue` takes words of its own. Every column that could carry text stands in the one table at the
-- end of this file with what it takes instead. PostgreSQL prints a row that a constraint refuses, so a trigger judges each
-- column before any constraint can fail, and says which one failed without what stood in it. The constraints are the last
-- line and these triggers the first; both hold for every login, the owner included.
set local role countersign_owner;

-- A login that exists while its name is written down; it may be dropped later. A longer name would be cut to one that does.
create function queue.is_login(word text) returns boolean
language sql stable as $$
    select octet_length(word) between 1 and 63 and to_regrole(quote_ident(word)) is not null
$$;

-- A call, by the name of its function, or one of the few acts that go without one.
create function queue.is_act(word text) returns boolean
language sql stable as $$
    select word in ('recover_lease', 'escalation_stop')
        or (octet_length(word) between 1 and 63 and to_regproc('queue.' || quote_ident(word)) is not null)
$$;

-- What an act was about: a word of ours, or one that somebody registered.
create function queue.is_any_word(word text) returns boolean
language plpgsql stable as $$
begin
    return word in ('approve', 'reject', 'escalate', 'dispensation', 'may_have_left', 'erased',
                    'reviewer', 'senior_reviewer', 'team_lead')
        or exists (select from queue.reason where code = word)
        or exists (select from queue.error_code where code = word)
        or exists (select from queue.config_key where key = word)
        or exists (select from queue.event_type_registry where event_type = word)
        or exists (select from queue.language where code = word)
        or exists (select from queue.intent where code = word)
        or exists (select from queue.routing_hint where code = word)
        or exists (select from queue.channel where code = word)
        or exists (select from queue.host where code = word)
        or queue.is_login(word);
end
$$;

-- `agency:<agency>/role:<role>`, both known.
create function queue.is_target(target text) returns boolean
language plpgsql stable as $$
declare
    part text[] := regexp_match(target, '^agency:([^/]*)/role:(reviewer|senior_reviewer|team_lead)$');
begin
    return exists (select from queue.agency where agency = part[1]);
end
$$;

-- `safe_payload` of a job, or the codes of an event: of the right shape, and every word in it registered.
create function queue.has_registered_codes(codes jsonb) returns boolean
language plpgsql stable as $$
begin
    if not queue.has_signal_shape(codes) then
        return false;
    end if;
    -- A table is asked only about a field that is there: the question alone costs more than all the rest.
    if codes ? 'language' then
        if not exists (select from queue.language where code = codes ->> 'language') then
            return false;
        end if;
    end if;
    if codes ? 'intent_code' then
        if not exists (select from queue.intent where code = codes ->> 'intent_code') then
            return false;
        end if;
    end if;
    if codes ? 'channel_kind' then
        if not exists (select from queue.channel where code = codes ->> 'channel_kind') then
            return false;
        end if;
    end if;
    if codes ? 'routing_hint' then
        if not exists (select from queue.routing_hint where code = codes ->> 'routing_hint') then
            return false;
        end if;
    end if;
    if codes ? 'retry_reason_code' then
        return exists (select from queue.reason where code = codes ->> 'retry_reason_code')
            or exists (select from queue.error_code where code = codes ->> 'retry_reason_code');
    end if;
    return true;
end
$$;

-- The first answer to a command: words under the keys that take them, ids and times under theirs, numbers elsewhere; and,
-- as the one list, the logins that are still under way.
create function queue.is_answer(answer jsonb) returns boolean
language plpgsql stable as $$
declare
    moment constant text collate "C" := '^[0-9]{4,6}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?[+-][0-9]{2}(:[0-9]{2}){0,2}$';
    id     constant text collate "C" := '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$';
begin
    if answer ? 'under_way' then
        return jsonb_typeof(answer -> 'under_way') = 'array'
           and not exists (select from jsonb_array_elements(answer -> 'under_way') as listed (login)
                           where not coalesce(jsonb_typeof(login) = 'string' and queue.is_login(login #>> '{}'), false))
           and queue.is_answer(answer - 'under_way');
    end if;
    return jsonb_typeof(answer) = 'object'
       and answer - '{outcome,status,decision,by,at,leaves_at,job_id,created_job_id,escalated_job_id,draft_id,customer_id,
                      hold_id,lease_token,seq,repointed,kept,paused,resumed,settled,conversations,messages,cancelled,
                      jobs,audit,outbox,more}'::text[] = '{}'
       and queue.is_outcome(answer ->> 'outcome')
       and coalesce(answer ->> 'status', 'queued') in ('queued', 'retry_waiting', 'dead_letter')
       and (coalesce(answer ->> 'decision', 'undo') in ('approve', 'reject', 'escalate', 'undo')
            or queue.is_outcome_code(answer ->> 'decision'))
       and (answer ->> 'by' is null or queue.is_login(answer ->> 'by'))
       -- Most answers name one time or none: a pattern that could fit two takes twice as long.
       and coalesce(answer ->> 'at' ~ moment, true) and coalesce(answer ->> 'leaves_at' ~ moment, true)
       and coalesce(answer ->> 'draft_id' ~ id, true) and coalesce(answer ->> 'customer_id' ~ id, true)
       and not jsonb_path_exists(
           answer - '{outcome,status,decision,by,at,leaves_at,draft_id,customer_id}'::text[],
           'strict $.* ? (@.type() != "number" && @.type() != "boolean" && @.type() != "null")');
end
$$;

-- Writes one trigger function per table from the one table below, so that judging costs what comparing columns costs. What
-- stays is not judged again: the word that it names may be gone by now.
do $$
declare
    held record;
begin
    create temporary table taken (takes text primary key, when_true text not null) on commit drop;
    insert into taken
    values
        ('a login',        'queue.is_login(%1$s)'),
        ('an act',         'queue.is_act(%1$s)'),
        ('any word',       'queue.is_any_word(%1$s)'),
        ('a target',       'queue.is_target(%1$s)'),
        ('a time zone',    'exists (select from pg_timezone_names where name = %1$s)'),
        ('an agency',      'exists (select from queue.agency where agency = %1$s)'),
        ('agencies',       'not exists (select unnest(%1$s) except select agency from queue.agency)'),
        ('a channel',      'exists (select from queue.channel where code = %1$s)'),
        ('channels',       'not exists (select unnest(%1$s) except select code from queue.channel)'),
        ('a kind',         'exists (select from queue.job_kind where job_kind = %1$s)'),
        ('a reason',       'exists (select from queue.reason where code = %1$s)'),
        ('an error code',  'exists (select from queue.error_code where code = %1$s)'),
        ('an event type',  'exists (select from queue.event_type_registry where event_type = %1$s)'),
        ('a setting',      'exists (select from queue.config_key where key = %1$s)'),
        ('its value',      'queue.fits_setting((select rule from queue.config_key as rule where rule.key = new.key), %1$s)'),
        ('its own value',  'queue.fits_setting(new, %1$s)'),
        ('an answer',      'queue.is_answer(%1$s)'),
        ('codes',          'queue.has_registered_codes(%1$s)'),
        ('its codes',      'queue.has_registered_codes(%1$s) and coalesce(%1$s ->> ''channel_kind'' = new.channel_kind, true)');

    create temporary table wall (on_table text, on_column text, takes text) on commit drop;
    insert into wall
    values
        ('agency',              'agency',            'its check'),
        ('agency',              'time_zone',         'a time zone'),
        ('agency',              'review_order',      'its check'),
        ('business_hours',      'agency',            'an agency'),
        ('channel',             'code',              'its check'),
        ('command_answer',      'login',             'a login'),
        ('command_answer',      'asked',             'its check'),
        ('command_answer',      'answer',            'an answer'),
        ('config_key',          'key',               'its check'),
        ('config_key',          'value_type',        'its check'),
        ('config_key',          'words',             'its check'),
        ('config_key',          'default_value',     'its own value'),
        ('dot_config',          'agency',            'an agency'),
        ('dot_config',          'key',               'a setting'),
        ('dot_config',          'value',             'its value'),
        ('dot_config',          'set_by',            'a login'),
        ('dot_config',          'council_reference', 'its check'),
        ('dot_iu_command_run',  'login',             'a login'),
        ('dot_iu_command_run',  'call',              'an act'),
        ('dot_iu_command_run',  'agency',            'an agency'),
        ('dot_iu_command_run',  'outcome',           'its check'),
        ('dot_iu_command_run',  'from_status',       'its check'),
        ('dot_iu_command_run',  'to_status',         'its check'),
        ('dot_iu_command_run',  'code',              'any word'),
        ('error_code',          'code',              'its check'),
        ('error_code',          'effect',            'its check'),
        ('escalation_route',    'from_role',         'its check'),
        ('escalation_route',    'to_role',           'its check'),
        ('escalation_stop',     'target_ref',        'a target'),
        ('event_outbox',        'event_type',        'an event type'),
        ('event_outbox',        'agency',            'an agency'),
        ('event_outbox',        'codes',             'codes'),
        ('event_type_registry', 'event_domain',      'its check'),
        ('event_type_registry', 'event_type',        'its check'),
        ('event_type_registry', 'stream',            'its check'),
        ('event_type_registry', 'lane',              'its check'),
        ('executor',            'login',             'a login'),
        ('executor',            'kinds',             'its check'),
        ('executor',            'channels',          'channels'),
        ('executor',            'agencies',          'agencies'),
        ('executor',            'class',             'its check'),
        ('hold',                'job_kind',          'a kind'),
        ('hold',                'channel_kind',      'a channel'),
        ('hold',                'agency',            'an agency'),
        ('hold',                'reason',            'a reason'),
        ('hold',                'ticket',            'its check'),
        ('hold',                'placed_by',         'a login'),
        ('hold',                'resumed_by',        'a login'),
        ('holiday',             'agency',            'an agency'),
        ('host',                'code',              'its check'),
        ('host',                'agency',            'an agency'),
        ('intent',              'code',              'its check'),
        ('job_kind',            'job_kind',          'its check'),
        ('job_kind',            'done_by',           'its check'),
        ('job_queue',           'job_kind',          'its check'),
        ('job_queue',           'status',            'its check'),
        ('job_queue',           'agency',            'an agency'),
        ('job_queue',           'target_ref',        'a target'),
        ('job_queue',           'channel_kind',      'a channel'),
        ('job_queue',           'payload_ref',       'its check'),
        ('job_queue',           'safe_payload',      'its codes'),
        ('job_queue',           'lease_owner',       'a login'),
        ('job_queue',           'outcome_code',      'its check'),
        ('job_queue',           'last_error_code',   'an error code'),
        ('job_transition',      'from_status',       'its check'),
        ('job_transition',      'to_status',         'its check'),
        ('language',            'code',              'its check'),
        ('login',               'login',             'a login'),
        ('login',               'class',             'its check'),
        ('monitor',             'login',             'a login'),
        ('monitor',             'class',             'its check'),
        ('producer',            'login',             'a login'),
        ('producer',            'agencies',          'agencies'),
        ('producer',            'channels',          'channels'),
        ('producer',            'class',             'its check'),
        ('reason',              'code',              'its check'),
        ('reason',              'used_by',           'its check'),
        ('review_decision',     'agency',            'an agency'),
        ('review_decision',     'decision',          'its check'),
        ('review_decision',     'reason',            'a reason'),
        ('review_decision',     'decided_by',        'a login'),
        ('review_decision',     'draft_digest',      'its check'),
        ('review_decision',     'undone_by',         'a login'),
        ('routing_hint',        'code',              'its check'),
        ('staff',               'login',             'a login'),
        ('staff',               'agency',            'an agency'),
        ('staff',               'roles',             'its check'),
        ('staff',               'class',             'its check');

    for held in
        select wall.on_table, string_agg(format(
            'if new.%1$I is distinct from old.%1$I%2$s then
                 if not coalesce(%3$s, false) then
                     raise exception using errcode = ''CS008'', message = ''%1$s holds something that is not a registered code'';
                 end if;
             end if;',
            wall.on_column,
            case when not part.attnotnull then format(' and new.%I is not null', wall.on_column) end,
            case when wall.takes = 'its check'
                 then (select string_agg(regexp_replace(pg_get_expr(conbin, conrelid), '[[:<:]]' || wall.on_column || '[[:>:]]', 'new.' || wall.on_column, 'g'), ' and ')
                       from pg_constraint
                       where conrelid = part.attrelid and contype = 'c' and conkey = array[part.attnum])
                 else format(taken.when_true, 'new.' || wall.on_column) end), chr(10)) as judgement
        from wall
        join pg_attribute as part on part.attrelid = ('queue.' || wall.on_table)::regclass and part.attname = wall.on_column
        left join taken on taken.takes = wall.takes
        group by wall.on_table
    loop
        execute format(
            'create function queue.%1$I() returns trigger language plpgsql as
             $judge$ begin %2$s return new; end $judge$',
            'wall_of_' || held.on_table, held.judgement);
        -- Named so that it comes before every other trigger, whose refusals name statuses.
        execute format('create trigger code_wall before insert or update on queue.%I for each row execute function queue.%I()',
                       held.on_table, 'wall_of_' || held.on_table);
        execute format('alter table queue.%I enable always trigger code_wall', held.on_table);
    end loop;
    for held in select * from wall loop
        execute format('comment on column queue.%I.%I is %L', held.on_table, held.on_column, 'Takes ' || held.takes || '.');
    end loop;
end
$$;

reset role;
