-- Fills a database with {live} jobs that are open, six of ten of them questions for reviewers of acme, due after all others.
-- Their bodies are not sealed by any key: nobody opens them. Guards and wall would only judge each row once more.
alter table queue.job_queue disable trigger all;
alter table care.customer disable trigger all;
alter table care.customer_conversation disable trigger all;
alter table care.customer_message disable trigger all;

create function pg_temp.named(kind integer, number bigint) returns uuid language sql immutable as $$
    select (lpad(to_hex(kind), 8, '0') || '-0000-4000-8000-' || lpad(to_hex(number), 12, '0'))::uuid
$$;

insert into care.customer (customer_id, agency, customer_ref)
select pg_temp.named(1, number), 'acme', 'cust-' || number from generate_series(1, {live}) as number;

insert into care.customer_conversation
    (conversation_id, agency, customer_id, channel_kind, last_seq, last_inbound_seq, opened_at, opened_by)
select pg_temp.named(2, number), 'acme', pg_temp.named(1, number), (array['email', 'sms'])[1 + number % 2], 2, 1,
       now() - interval '1 day', '{producer}'
from generate_series(1, {live}) as number;

insert into care.customer_message
    (message_id, conversation_id, seq, direction, author_ref, stored_by, sealed_body, key_id, digest, at, stored_at)
select pg_temp.named(2 + part, number), pg_temp.named(2, number), part, (array['inbound', 'draft'])[part],
       (array['customer', 'drafter'])[part], '{producer}',
       decode('01', 'hex') || decode('{key}' || repeat('00', 200), 'hex'), '{key}', sha256(number::text::bytea),
       now() - interval '1 hour', now() - interval '1 hour'
from generate_series(1, {live}) as number, generate_series(1, 2) as part;

with planned as (
    select number, 'customer_message_' || (array['approve', 'approve', 'approve', 'approve', 'approve', 'approve',
                                                 'inbound', 'classify', 'draft', 'followup'])[1 + number % 10] as kind,
           (array['queued', 'queued', 'queued', 'retry_waiting', 'paused', 'leased', 'running', 'dead_letter'])
               [1 + number / 10 % 8] as program_status
    from generate_series(1, {live}) as number
), job as (
    select number, kind, kind = 'customer_message_approve' as for_people,
           case when kind = 'customer_message_approve' then 'queued' else program_status end as status
    from planned
)
insert into queue.job_queue
    (job_kind, status, priority, agency, target_ref, channel_kind, correlation_id, payload_ref, safe_payload, max_attempts,
     created_at, process_after, deadline_at, lease_owner, lease_token, lease_expires_at, finished_at)
select kind, status, number % 10, 'acme', case when for_people then 'agency:acme/role:reviewer' end,
       (array['email', 'sms'])[1 + number % 2], pg_temp.named(2, number),
       case when kind in ('customer_message_draft', 'customer_message_followup') then 'conversation:' || pg_temp.named(2, number)
            else 'message:' || pg_temp.named(case when for_people then 4 else 3 end, number) end,
       jsonb_build_object('language', (array['en', 'de', 'es', 'fr'])[1 + number % 4], 'intent_code', 'card_arrival'),
       case when not for_people then 5 end, now() - interval '1 hour', now() - interval '1 hour',
       now() + interval '2 hours' + number::bigint * 7919 % 36000 * interval '1 second',
       case when status in ('leased', 'running') then '{executor}' end,
       case when status in ('leased', 'running') then 1 else 0 end,
       case when status in ('leased', 'running') then now() + interval '1 day' end,
       case when status = 'dead_letter' then now() end
from job;

do $$
declare
    guard record;
begin
    for guard in
        select tgrelid::regclass as on_table, tgname
        from pg_trigger
        where not tgisinternal
          and tgrelid in ('queue.job_queue'::regclass, 'care.customer'::regclass, 'care.customer_conversation'::regclass,
                          'care.customer_message'::regclass)
    loop
        execute format('alter table %s enable always trigger %I', guard.on_table, guard.tgname);
    end loop;
end
$$;
