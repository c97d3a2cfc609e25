-- What the model needs to know and to do in its own databases, and nowhere else.
create schema model;

-- Time stands still until a history moves it.
create table model.clock (at timestamptz not null);
insert into model.clock values ('2026-01-05T10:00:00Z');
grant usage on schema model to countersign_owner;
grant select on model.clock to countersign_owner;
create or replace function queue.clock() returns timestamptz
language plpgsql volatile security definer set search_path = queue, care, pg_temp as $$
begin
    return (select at from model.clock);
end
$$;

-- A history is short: attempts are used up sooner.
update queue.job_kind set default_attempts = 2 where done_by = 'program';

create view model.kind_rules as
select job_kind, default_attempts as attempts, extract(epoch from lease)::bigint as lease,
       extract(epoch from sla)::bigint as sla, extract(epoch from retry_after)::bigint as retry_after, escalates
from queue.job_kind;

-- Guards that hold in every session would also hold in the one that empties the tables between histories. Everybody else
-- meets them as before.
do $$
declare
    guard record;
begin
    for guard in
        select pg_trigger.tgrelid::regclass as on_table, pg_trigger.tgname as name
        from pg_trigger
        join pg_class on pg_class.oid = pg_trigger.tgrelid
        join pg_namespace on pg_namespace.oid = pg_class.relnamespace
        where pg_namespace.nspname in ('queue', 'care') and not pg_trigger.tgisinternal
    loop
        execute format('alter table %s enable trigger %I', guard.on_table, guard.name);
    end loop;
end
$$;

-- Tables that histories write to: those that are empty before the first one, and the two that registering filled.
create table model.of_histories (tables text not null);
do $$
declare
    known     record;
    is_filled boolean;
    listed    text[] := '{}';
begin
    for known in
        select format('%I.%I', schemaname, tablename) as name
        from pg_tables
        where schemaname in ('queue', 'care') and tablename <> 'switch_gate'
        order by 1
    loop
        execute format('select exists (select from %s)', known.name) into is_filled;
        if not is_filled or known.name in ('queue.dot_iu_command_run', 'queue.command_answer') then
            listed := listed || known.name;
        end if;
    end loop;
    insert into model.of_histories values (array_to_string(listed, ', '));
end
$$;

-- In PL/pgSQL, which keeps its plans for the session.
-- What was written since: a row knows the number of the transaction that wrote it last.
create function model.seen(after_write bigint, after_run bigint, after_event bigint) returns jsonb
language plpgsql stable as $$
begin
    return jsonb_build_object(
        'jobs', (select coalesce(jsonb_agg(to_jsonb(job) order by job_id), '[]')
                 from queue.job_queue as job where job.xmin::text::bigint > after_write),
        'last_write', (select coalesce(max(job.xmin::text::bigint), after_write) from queue.job_queue as job),
        'runs', (select coalesce(jsonb_agg(jsonb_build_object(
                            'login', login, 'job_id', job_id, 'outcome', outcome,
                            'from_status', from_status, 'to_status', to_status)), '[]')
                 from queue.dot_iu_command_run where run_id > after_run),
        'events', (select coalesce(jsonb_agg(event_type), '[]') from queue.event_outbox where event_id > after_event),
        'last_run', (select coalesce(max(run_id), after_run) from queue.dot_iu_command_run),
        'last_event', (select coalesce(max(event_id), after_event) from queue.event_outbox));
end
$$;

create function model.remains() returns jsonb
language plpgsql stable as $$
begin
    return jsonb_build_object(
        'messages', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'message', case when direction <> 'outbound' or digest is not null then message_id end,
                'conversation', conversation_id, 'seq', seq, 'direction', direction, 'revises', revises,
                'author', case when digest is not null then author_ref end,
                'stored_by', case when digest is not null then stored_by end, 'made_for', made_for_job_id)
                order by conversation_id, seq), '[]')
            from care.customer_message),
        'decisions', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'job', job_id, 'decision', decision, 'by', decided_by, 'draft', draft_id, 'seq', newest_inbound_seq,
                'created', created_job_id, 'undone_by', undone_by) order by job_id), '[]')
            from queue.review_decision),
        'evidence', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'job', evidence.job_id, 'approve', decision.job_id, 'is_dispensed', evidence.signoff_id is not null)
                order by evidence.job_id), '[]')
            from queue.send_evidence as evidence
            left join queue.review_decision as decision using (decision_id)));
end
$$;

-- Breaks a rule on purpose and makes it whole again.
create table model.spoilt (definition text not null);
create function model.spoil(function regproc, phrase text, instead text, second_line text[]) returns void
language plpgsql as $$
declare
    definition text := pg_get_functiondef(function);
    line       record;
begin
    if position(phrase in definition) = 0 then
        raise exception '% does not say any more: %', function, phrase;
    end if;
    insert into model.spoilt values (definition);
    execute replace(definition, phrase, instead);
    for line in select tgrelid::regclass as on_table, tgname from pg_trigger where tgname = any (second_line) loop
        execute format('alter table %s disable trigger %I', line.on_table, line.tgname);
    end loop;
end
$$;
create function model.heal() returns void
language plpgsql as $$
declare
    known record;
begin
    for known in delete from model.spoilt returning definition loop
        execute known.definition;
    end loop;
    for known in
        select pg_trigger.tgrelid::regclass as on_table, pg_trigger.tgname
        from pg_trigger
        join pg_class on pg_class.oid = pg_trigger.tgrelid
        where pg_class.relnamespace in ('queue'::regnamespace, 'care'::regnamespace) and tgenabled = 'D'
    loop
        execute format('alter table %s enable trigger %I', known.on_table, known.tgname);
    end loop;
end
$$;
