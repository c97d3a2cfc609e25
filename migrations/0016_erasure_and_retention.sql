-- What is forgotten: a customer who asks to be, and what is older than anybody has to keep.
set local role countersign_owner;

-- Empties everything that says who a customer is and what was written: bodies, references, where attachments lie, notes.
-- What was decided about whom stays as codes and ids. Jobs that wait end here; whoever works on one meets `payload_missing`
-- at the next step. Backups are out of reach.
create function queue.erase_customer(customer_ref text, command_id text) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me            queue.staff := queue.require_staff();
    command       uuid  := queue.as_uuid(command_id, 'command_id');
    asked         bytea := queue.fingerprint('erase_customer', jsonb_build_array(customer_ref));
    answer        jsonb := queue.first_answer(command, asked);
    customer      uuid;
    conversations uuid[];
    job           queue.job_queue;
    ended         integer := 0;
    messages      integer;
begin
    if answer is not null then
        return answer;
    end if;
    answer := queue.refuse_unless(me, 'workflow_admin', 'erase_customer', command, asked);
    if answer is not null then
        return answer;
    end if;
    select customer_id into customer
    from care.customer as known
    where known.agency = me.agency and known.customer_ref = erase_customer.customer_ref
    for update;
    if customer is null then
        perform queue.audit('erase_customer', null, me.agency, 'not_found', command => command);
        return queue.remember_answer(command, asked, '{"outcome": "not_found"}');
    end if;
    -- In one order, as every call that takes several conversations would.
    conversations := array(
        select conversation.conversation_id
        from care.customer_conversation as conversation
        where conversation.customer_id = customer
        order by conversation.conversation_id
        for no key update);

    for job in
        select *
        from queue.job_queue as waiting
        where waiting.correlation_id = any (conversations)
          and waiting.status in ('queued', 'retry_waiting', 'paused', 'dead_letter')
        order by waiting.job_id
        for update
    loop
        update queue.job_queue as waiting
        set status = 'cancelled', outcome_code = 'erased', finished_at = queue.clock()
        where waiting.job_id = job.job_id;
        perform queue.audit('erase_customer', job.job_id, job.agency, 'applied', job.status, 'cancelled', 'erased', command);
        ended := ended + 1;
    end loop;

    update care.attachment as attached set uri = 'erased'
    from care.customer_message as message
    where message.message_id = attached.message_id and message.conversation_id = any (conversations);
    update care.review_note as note set sealed_body = null, key_id = null, erased_at = queue.clock()
    from queue.review_decision as decision
    join queue.job_queue as decided on decided.job_id = decision.job_id
    where note.decision_id = decision.decision_id and decided.correlation_id = any (conversations) and note.erased_at is null;
    update care.customer_message as message
    set sealed_body = null, key_id = null, provider_ref = null, erased_at = queue.clock(),
        author_ref = case direction when 'inbound' then 'erased' else author_ref end
    where message.conversation_id = any (conversations) and message.erased_at is null;
    get diagnostics messages = row_count;
    update care.customer_signoff as signoff set revoked_by = session_user, revoked_at = queue.clock()
    where signoff.customer_id = customer and signoff.revoked_at is null;
    -- A name of nobody, so that another customer with the same reference is another customer.
    update care.customer as known
    set customer_ref = 'erased-' || gen_random_uuid(), erased_at = queue.clock()
    where known.customer_id = customer;
    return queue.applied('erase_customer', me.agency, command, asked, jsonb_build_object(
        'conversations', cardinality(conversations), 'messages', messages, 'cancelled', ended));
end
$$;

-- How long jobs, messages, audit or outbox are kept; null where nobody has said.
create function queue.period(part text) returns interval
language sql stable as $$
    select make_interval(secs => queue.setting('queue.retention.' || part)::double precision)
$$;

-- A job and everything that came of it or that it came of: what one message of a customer set going. In PL/pgSQL, which keeps
-- its plan for the session: a sweep asks several times for each job, and planning takes longer than looking.
create function queue.tree_of(wanted bigint) returns setof queue.job_queue
language plpgsql stable as $$
begin
    return query
    with recursive upwards as (
        select job_id, parent_job_id from queue.job_queue where job_id = wanted
        union all
        select parent.job_id, parent.parent_job_id
        from queue.job_queue as parent
        join upwards on upwards.parent_job_id = parent.job_id
    ), downwards as (
        select min(job_id) as job_id from upwards
        union all
        select child.job_id
        from queue.job_queue as child
        join downwards on child.parent_job_id = downwards.job_id
    )
    select job.* from downwards join queue.job_queue as job using (job_id);
end
$$;

-- Whether a job has been kept long enough, and with it all of its tree: as long as one of them lives or is young, a gate
-- may still have to look at any other.
create function queue.tree_is_over(wanted bigint) returns boolean
language plpgsql volatile as $$
begin
    return (
        select coalesce(bool_and(job.status in ('succeeded', 'failed', 'cancelled')
                                 and job.finished_at < queue.clock() - queue.period('jobs')), false)
        from queue.tree_of(wanted) as job);
end
$$;

-- Whether a conversation has been kept long enough: no job of it is left, and nobody has written in it for that long.
create function queue.conversation_is_over(wanted uuid) returns boolean
language sql volatile as $$
    select not exists (select from queue.job_queue as job where job.correlation_id = wanted)
       and coalesce(
           (select greatest(conversation.opened_at, max(message.stored_at)) < queue.clock() - queue.period('messages')
            from care.customer_conversation as conversation
            left join care.customer_message as message on message.conversation_id = conversation.conversation_id
            where conversation.conversation_id = wanted
            group by conversation.opened_at), false)
$$;

-- When the audit trail may go, whole days at a time.
create function queue.audit_goes_before() returns timestamptz
language sql volatile as $$
    select date_trunc('day', queue.clock() - queue.period('audit'), 'UTC')
$$;

-- The rules stand in triggers and not in the call, so that nobody deletes by hand what the call would keep.
create function queue.keep_trees() returns trigger
language plpgsql as $$
begin
    if queue.tree_is_over(old.job_id) then
        return old;
    end if;
    raise exception using errcode = 'CS010', message = format('rows of %s stay until retention lets them go', tg_table_name);
end
$$;
create trigger keep_trees before delete on queue.job_queue for each row execute function queue.keep_trees();
create trigger keep_trees before delete on queue.review_decision for each row execute function queue.keep_trees();
create trigger keep_trees before delete on queue.send_evidence for each row execute function queue.keep_trees();
alter table queue.job_queue enable always trigger keep_trees;
alter table queue.review_decision enable always trigger keep_trees;
alter table queue.send_evidence enable always trigger keep_trees;

create function care.keep_trees() returns trigger
language plpgsql as $$
begin
    if queue.tree_is_over((select decision.job_id from queue.review_decision as decision
                           where decision.decision_id = old.decision_id)) then
        return old;
    end if;
    raise exception using errcode = 'CS010', message = 'a note stays as long as its decision';
end
$$;
create trigger keep_trees before delete on care.review_note for each row execute function care.keep_trees();
alter table care.review_note enable always trigger keep_trees;

-- What is still said about a job that is there stays with it.
create function queue.keep_audit() returns trigger
language plpgsql as $$
begin
    if coalesce(old.at < queue.audit_goes_before(), false)
       and not exists (select from queue.job_queue as job where job.job_id = old.job_id) then
        return old;
    end if;
    raise exception using errcode = 'CS010', message = 'the audit trail stays until retention lets it go';
end
$$;
create trigger keep_audit before delete on queue.dot_iu_command_run for each row execute function queue.keep_audit();
alter table queue.dot_iu_command_run enable always trigger keep_audit;

create function queue.keep_events() returns trigger
language plpgsql as $$
begin
    if coalesce(old.created_at < queue.clock() - queue.period('outbox'), false) then
        return old;
    end if;
    raise exception using errcode = 'CS010', message = 'events stay until retention lets them go';
end
$$;
create trigger keep_events before delete on queue.event_outbox for each row execute function queue.keep_events();
alter table queue.event_outbox enable always trigger keep_events;

-- A repetition finds its first answer as long as the jobs of that time are kept.
create function queue.keep_answers() returns trigger
language plpgsql as $$
begin
    if coalesce(old.at < queue.clock() - queue.period('jobs'), false) then
        return old;
    end if;
    raise exception using errcode = 'CS010', message = 'answers stay until retention lets them go';
end
$$;
create trigger keep_answers before delete on queue.command_answer for each row execute function queue.keep_answers();
alter table queue.command_answer enable always trigger keep_answers;

create function care.keep_conversations() returns trigger
language plpgsql as $$
begin
    if queue.conversation_is_over(old.conversation_id) then
        return old;
    end if;
    raise exception using errcode = 'CS010', message = 'a conversation stays until retention lets it go';
end
$$;
create trigger keep_conversations before delete on care.customer_conversation
    for each row execute function care.keep_conversations();
create trigger keep_conversations before delete on care.customer_message
    for each row execute function care.keep_conversations();
alter table care.customer_conversation enable always trigger keep_conversations;
alter table care.customer_message enable always trigger keep_conversations;

-- Deletes whole trees of jobs with what was recorded about them; how many jobs went. What somebody holds is passed over.
create function queue.sweep_jobs(at_most integer) returns integer
language plpgsql volatile as $$
declare
    root bigint;
    tree bigint[];
    gone integer := 0;
begin
    for root in
        select job.job_id
        from queue.job_queue as job
        where job.parent_job_id is null and job.finished_at < queue.clock() - queue.period('jobs')
          and job.status in ('succeeded', 'failed', 'cancelled')
        order by job.finished_at
    loop
        exit when gone >= at_most;
        continue when not queue.tree_is_over(root);
        tree := array(select job_id from queue.job_queue
                      where job_id in (select job_id from queue.tree_of(root)) for update skip locked);
        continue when cardinality(tree) <> (select count(*) from queue.tree_of(root));
        delete from queue.send_evidence where job_id = any (tree);
        delete from care.review_note where decision_id in (
            select decision_id from queue.review_decision where job_id = any (tree));
        delete from queue.review_decision where job_id = any (tree);
        delete from queue.job_queue where job_id = any (tree);
        gone := gone + cardinality(tree);
    end loop;
    return gone;
end
$$;

-- Deletes whole conversations, and customers of whom nothing is left; how many messages went.
create function queue.sweep_messages(at_most integer) returns integer
language plpgsql volatile as $$
declare
    conversation care.customer_conversation;
    deleted      integer;
    gone         integer := 0;
begin
    for conversation in
        select *
        from care.customer_conversation as known
        where known.opened_at < queue.clock() - queue.period('messages') and queue.conversation_is_over(known.conversation_id)
        order by known.opened_at
        limit at_most
        for update skip locked
    loop
        exit when gone >= at_most;
        delete from care.attachment where message_id in (
            select message_id from care.customer_message as message where message.conversation_id = conversation.conversation_id);
        delete from care.case_ref as named where named.conversation_id = conversation.conversation_id;
        delete from care.customer_message as message where message.conversation_id = conversation.conversation_id;
        get diagnostics deleted = row_count;
        delete from care.customer_conversation as known where known.conversation_id = conversation.conversation_id;
        gone := gone + deleted;
        if not exists (select from care.customer_conversation as other where other.customer_id = conversation.customer_id) then
            delete from care.customer_signoff as signoff where signoff.customer_id = conversation.customer_id
                and not exists (select from queue.send_evidence as used where used.signoff_id = signoff.signoff_id);
            delete from care.customer as known where known.customer_id = conversation.customer_id
                and not exists (select from care.customer_signoff as signoff where signoff.customer_id = known.customer_id);
        end if;
    end loop;
    return gone;
end
$$;

-- Deletes what has been kept for the period of its part, at most `limit` rows or so of each, so that no claim waits long.
-- `more` says that another call would find more. Refused with `no_period` as long as no part has a period.
create function queue.retention_sweep("limit" integer default 1000, command_id text default null) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me       queue.staff := queue.require_staff();
    command  uuid    := queue.as_uuid(command_id, 'command_id');
    at_most  integer := least(greatest(coalesce("limit", 1000), 1), 100000);
    asked    bytea   := queue.fingerprint('retention_sweep', jsonb_build_array(at_most));
    answer   jsonb   := queue.first_answer(command, asked);
    jobs     integer;
    messages integer;
    audit    integer;
    outbox   integer;
begin
    if answer is not null then
        return answer;
    end if;
    answer := queue.refuse_unless(me, 'platform_admin', 'retention_sweep', command, asked);
    if answer is not null then
        return answer;
    end if;
    if num_nonnulls(queue.period('jobs'), queue.period('messages'), queue.period('audit'), queue.period('outbox')) = 0 then
        perform queue.audit('retention_sweep', null, null, 'no_period', command => command);
        return queue.remember_answer(command, asked, '{"outcome": "no_period"}');
    end if;

    jobs := queue.sweep_jobs(at_most);
    -- What lists of jobs are found by, below the oldest that is left.
    delete from queue.job_bitmap where block < (select min(job_id) / 8192 from queue.job_queue);
    delete from queue.command_answer where ctid = any (array(
        select ctid from queue.command_answer where at < queue.clock() - queue.period('jobs') limit at_most));
    messages := queue.sweep_messages(at_most);
    delete from queue.dot_iu_command_run where run_id = any (array(
        select run.run_id from queue.dot_iu_command_run as run
        where run.at < queue.audit_goes_before()
          and not exists (select from queue.job_queue as job where job.job_id = run.job_id)
        order by run.run_id
        limit at_most));
    get diagnostics audit = row_count;
    delete from queue.event_outbox where event_id = any (array(
        select event_id from queue.event_outbox where created_at < queue.clock() - queue.period('outbox')
        order by event_id limit at_most));
    get diagnostics outbox = row_count;

    answer := jsonb_build_object('outcome', 'swept', 'jobs', jobs, 'messages', messages, 'audit', audit, 'outbox', outbox,
                                 'more', greatest(jobs, messages, audit, outbox) >= at_most);
    if greatest(jobs, messages, audit, outbox) > 0 then
        perform queue.audit('retention_sweep', null, null, 'applied', command => command);
    end if;
    return queue.remember_answer(command, asked, answer);
end
$$;

reset role;
