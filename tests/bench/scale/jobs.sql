-- Fills an empty database of `acme` with {jobs} jobs, the last {live} of them open, and a trail of the last ones, as if they
-- had come over ninety days. Guards, wall and foreign keys would only judge each row once more and stand aside; every CHECK
-- holds. What is open is counted by the same triggers as ever.
begin;
alter table queue.job_queue disable trigger all;
alter table queue.review_decision disable trigger all;
alter table queue.dot_iu_command_run disable trigger all;
alter table care.customer disable trigger all;
alter table care.customer_conversation disable trigger all;
alter table care.customer_message disable trigger all;
set local maintenance_work_mem = '512MB';
set local work_mem = '64MB';
set local statement_timeout = 0;

create function pg_temp.named(kind integer, number bigint) returns uuid language sql immutable as $$
    select (lpad(to_hex(kind), 8, '0') || '-0000-4000-8000-' || lpad(to_hex(number), 12, '0'))::uuid
$$;

-- An index is built faster than it is kept.
create temporary table put_aside on commit drop as
    select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
    from pg_index
    where indrelid in ('queue.job_queue'::regclass, 'queue.dot_iu_command_run'::regclass, 'care.customer_message'::regclass)
      and not exists (select from pg_constraint where conindid = indexrelid);
do $$
declare
    kept record;
begin
    for kept in select * from put_aside loop
        execute 'drop index ' || kept.name;
    end loop;
end
$$;

insert into care.customer (customer_id, agency, customer_ref)
select pg_temp.named(1, number), 'acme', 'cust-' || number from generate_series(1, greatest({live} / 10, 1)) as number;

-- One conversation for each open job: no two questions are open about one. What has ended lies in the same ones.
insert into care.customer_conversation
    (conversation_id, agency, customer_id, channel_kind, last_seq, last_inbound_seq, opened_at, opened_by)
select pg_temp.named(2, number), 'acme', pg_temp.named(1, 1 + number % greatest({live} / 10, 1)),
       (array['email', 'sms', 'webchat'])[1 + number % 3], 2, 1, now() - interval '1 day', '{producer}'
from generate_series(1, {live}) as number;

insert into care.customer_message
    (message_id, conversation_id, seq, direction, author_ref, stored_by, sealed_body, key_id, digest, at, stored_at)
select pg_temp.named(2 + part, number), pg_temp.named(2, number), part, (array['inbound', 'draft'])[part],
       (array['customer', 'drafter'])[part], '{producer}',
       decode('01' || '{key}' || repeat('00', 100), 'hex'), '{key}', sha256(number::text::bytea),
       now() - interval '1 hour', now() - interval '1 hour'
from generate_series(1, {live}) as number, generate_series(1, 2) as part
-- Only those that an open job is about: which kind that is, the number says.
where (part, number % 10) in ((1, 1), (1, 7), (2, 4), (2, 6), (2, 8), (2, 9));

create function pg_temp.fill(first bigint, last bigint) returns void language sql as $$
    with planned as (
        select number, number > {jobs} - {live} as is_open, 1 + number % {live} as conversation,
               (array['customer_message_inbound', 'customer_message_classify', 'customer_message_draft',
                      'customer_message_approve', 'customer_message_send', 'customer_message_approve',
                      'customer_message_inbound', 'customer_message_approve', 'customer_message_escalate',
                      'customer_message_followup'])[1 + number % 10] as kind,
               now() - ({jobs} - number)::double precision / {jobs} * interval '90 days' as born
        from generate_series(first, last) as number
    ), sorted as (
        select *, kind in ('customer_message_approve', 'customer_message_escalate') as for_people,
               -- Of a thousand open jobs a few are being worked on.
               number / 10 * 617 % 1000 as lot
        from planned
    ), job as (
        select *,
               case
                   when not is_open then case when lot < 850 then 'succeeded' when lot < 930 then 'failed' else 'cancelled' end
                   when lot = 1 then 'leased'
                   when for_people then 'queued'
                   when lot = 2 then 'running'
                   -- What a hold keeps, all of it, so that no sweep works on it beside what is measured.
                   when kind = 'customer_message_followup' and conversation % 3 = 2 then 'paused'
                   when lot between 30 and 79 then 'retry_waiting'
                   when lot between 80 and 89 then 'dead_letter'
                   else 'queued'
               end as status
        from sorted
    )
    insert into queue.job_queue
        (job_id, job_kind, status, priority, agency, target_ref, channel_kind, correlation_id, parent_job_id, payload_ref,
         safe_payload, attempt, max_attempts, created_at, process_after, deadline_at, lease_owner, lease_token,
         lease_expires_at, started_at, finished_at, outcome_code, last_error_code)
    overriding system value
    select number, kind, status, number % 10, 'acme', case when for_people then 'agency:acme/role:' ||
               case kind when 'customer_message_escalate' then 'senior_reviewer' else 'reviewer' end end,
           (array['email', 'sms', 'webchat'])[1 + conversation % 3], pg_temp.named(2, conversation),
           case kind when 'customer_message_send' then number - 1 end,
           case when kind in ('customer_message_draft', 'customer_message_followup')
                then 'conversation:' || pg_temp.named(2, conversation)
                else 'message:' || pg_temp.named(case kind when 'customer_message_inbound' then 3 else 4 end, conversation) end,
           jsonb_build_object('language', (array['en', 'de', 'es', 'fr'])[1 + number / 10 % 4], 'intent_code', 'card_arrival'),
           case when status in ('queued', 'paused') then 0 else 1 end,
           case when not for_people then 5 end, born,
           -- What waits for people does so already, or the header's number would rise beside what is measured.
           case when status = 'queued' and lot > 900 and not for_people then now() + number % 7200 * interval '1 second' else born end,
           -- Over ten hours. People's are not late yet, so that no sweep works beside what is measured.
           case when not is_open then born + interval '1 hour'
                when for_people then now() + interval '2 hours' + number * 7919 % 36000 * interval '1 second'
                else now() + (number * 7919 % 36000 - 600) * interval '1 second' end,
           case when status in ('leased', 'running') then case when for_people then '{reviewer}' else '{executor}' end end,
           case when status in ('queued', 'paused') then 0 else 1 end,
           case when status in ('leased', 'running') then now() + interval '1 day' end,
           case when not for_people and status in ('succeeded', 'failed', 'running', 'dead_letter') then born + interval '1 minute' end,
           case when not is_open or status = 'dead_letter' then least(born + interval '5 minutes', now()) end,
           case status when 'succeeded' then case when for_people then 'approved' else 'completed' end
                       when 'failed' then case when for_people then 'rejected' else 'failed_for_good' end
                       when 'cancelled' then 'conversation_moved'
                       when 'dead_letter' then 'attempts_used_up' end,
           case when status in ('dead_letter', 'retry_waiting') then
               (array['provider_unreachable', 'provider_refused', 'timeout'])[1 + number / 10 % 3] end
    from job
$$;

select pg_temp.fill(1, {jobs} - {live});
do $$
declare
    counting record;
begin
    for counting in select tgname from pg_trigger where tgrelid = 'queue.job_queue'::regclass and tgname like 'count%' loop
        execute format('alter table queue.job_queue enable always trigger %I', counting.tgname);
    end loop;
end
$$;
select pg_temp.fill({jobs} - {live} + 1, {jobs});
select setval(pg_get_serial_sequence('queue.job_queue', 'job_id'), {jobs});
insert into queue.hold (job_kind, channel_kind, agency, reason, placed_by, placed_at)
values ('customer_message_followup', 'webchat', 'acme', 'incident', '{reviewer}', now());

-- Of every open job, and of as many of those that ended last, how it came to where it is.
insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status, code)
select coalesce(job.finished_at, job.created_at), case when job.target_ref is null then '{executor}' else '{reviewer}' end,
       case when job.status = 'queued' then 'store_inbound' when job.status = 'leased' and job.target_ref is null then 'claim_jobs'
            when job.status = 'leased' then 'claim_review' when job.target_ref is null then 'complete_job'
            else 'review_approve' end,
       job.job_id, job.agency, 'applied',
       case when job.status = 'leased' then 'queued' when job.status = 'queued' then null
            when job.target_ref is null then 'running' else 'leased' end,
       job.status, job.last_error_code
from queue.job_queue as job
where job.job_id > {jobs} - 2 * {live}
order by job.job_id;

insert into queue.review_decision
    (job_id, agency, decision, reason, decided_by, decided_at, draft_id, draft_digest, newest_inbound_seq, lease_token)
select job.job_id, job.agency, case when job.status = 'succeeded' then 'approve' else 'reject' end,
       case when job.status = 'succeeded' then null else 'wrong_fact' end,
       (array['{reviewer}', '{second}'])[1 + job.job_id % 2], job.finished_at,
       split_part(job.payload_ref, ':', 2)::uuid, sha256('draft'), 1, 1
from queue.job_queue as job
where job.job_id > {jobs} - 2 * {live} and job.job_kind = 'customer_message_approve' and job.status in ('succeeded', 'failed')
order by job.job_id;

do $$
declare
    kept  record;
    guard record;
begin
    for kept in select * from put_aside loop
        execute kept.definition;
    end loop;
    for guard in select distinct tgrelid::regclass as on_table from pg_trigger where tgenabled = 'D' loop
        execute format('alter table %s enable trigger all', guard.on_table);
    end loop;
    -- That switches on whatever there is, and ours work always.
    for guard in
        select tgrelid::regclass as on_table, tgname
        from pg_trigger
        where not tgisinternal and tgenabled = 'O' and tgrelid::regclass::text ~ '^(queue|care)[.]'
    loop
        execute format('alter table %s enable always trigger %I', guard.on_table, guard.tgname);
    end loop;
end
$$;
commit;
