-- Questions that a reviewer holds, in the order in which they are decided, and copies of the tables with the same rows and
-- indexes but without any check.
set statement_timeout = 0;
create schema bench;
grant usage on schema bench to public;
alter default privileges in schema bench grant select on tables to public;
update queue.job_kind set lease = interval '1 day';

alter table queue.job_queue disable trigger all;
do $$
declare
    counting record;
begin
    for counting in select tgname from pg_trigger where tgrelid = 'queue.job_queue'::regclass and tgname like 'count%' loop
        execute format('alter table queue.job_queue enable always trigger %I', counting.tgname);
    end loop;
end
$$;
update queue.job_queue
set status = 'leased', lease_owner = '{reviewer}', lease_token = 1, lease_expires_at = now() + interval '1 day'
where job_kind = 'customer_message_approve' and status = 'queued';
alter table queue.job_queue enable trigger all;
do $$
declare
    guard record;
begin
    for guard in select tgname from pg_trigger where tgrelid = 'queue.job_queue'::regclass and not tgisinternal loop
        execute format('alter table queue.job_queue enable always trigger %I', guard.tgname);
    end loop;
end
$$;

create table bench.work as
    select row_number() over (order by job.job_id) as k, job.job_id, draft.message_id as draft_id, draft.digest,
           draft.message_id || '/' || encode(draft.digest, 'hex') || '/' || conversation.last_inbound_seq || '/1' as pin
    from queue.job_queue as job
    join care.customer_message as draft on draft.message_id = split_part(job.payload_ref, ':', 2)::uuid
    join care.customer_conversation as conversation on conversation.conversation_id = job.correlation_id
    where job.job_kind = 'customer_message_approve' and job.status = 'leased' and job.lease_owner = '{reviewer}'
      and job.lease_token = 1
      -- Some have a send already, as the data goes.
      and not exists (select from queue.job_queue as send where send.parent_job_id = job.job_id);
alter table bench.work add primary key (k);

create schema plain;
do $$
declare
    copied record;
    begins bigint;
begin
    for copied in
        select relation.oid::regclass as original, relation.relname as name, relation.reloptions as options,
               (select attname from pg_attribute where attrelid = relation.oid and attidentity <> '') as numbered
        from pg_class as relation
        where relation.oid in ('queue.job_queue'::regclass, 'queue.review_decision'::regclass, 'queue.event_outbox'::regclass,
                               'queue.dot_iu_command_run'::regclass, 'queue.command_answer'::regclass, 'queue.job_change'::regclass,
                               'care.customer_conversation'::regclass, 'care.customer_message'::regclass)
    loop
        execute format('create table plain.%I (like %s including defaults including identity including storage)',
                       copied.name, copied.original);
        if copied.options is not null then
            execute format('alter table plain.%I set (%s)', copied.name, array_to_string(copied.options, ', '));
        end if;
        execute format('insert into plain.%I overriding system value select * from %s', copied.name, copied.original);
        execute (select coalesce(string_agg(regexp_replace(
                            replace(pg_get_indexdef(indexrelid), copied.original::text, 'plain.' || copied.name),
                            'INDEX [a-z0-9_]+ ON', 'INDEX ON'), '; '), 'select')
                 from pg_index where indrelid = copied.original::oid);
        if copied.numbered is not null then
            execute format('select 1 + coalesce(max(%I), 0) from plain.%I', copied.numbered, copied.name) into begins;
            execute format('alter table plain.%I alter %I restart with %s', copied.name, copied.numbered, begins);
        end if;
    end loop;
end
$$;
