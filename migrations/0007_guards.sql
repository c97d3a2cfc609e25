-- Guards that hold for every login, the owner included: the one machine, the gate. The wall stands in a file of its own.
set local role countersign_owner;

-- The database's time. Leases and deadlines compare with it and never with `now()`, which stands still in a transaction.
-- Test databases replace this one function to let time pass.
create function queue.clock() returns timestamptz
language sql volatile as $$ select clock_timestamp() $$;

create function queue.setting(wanted_key text, of_agency text default null) returns jsonb
language plpgsql stable as $$
begin
    return coalesce(
        (select value from queue.dot_config where key = wanted_key and agency = of_agency),
        (select value from queue.dot_config where key = wanted_key and agency is null),
        (select default_value from queue.config_key where key = wanted_key));
end
$$;

-- One machine for all kinds. Agency and channel of a job are its conversation's.
create function queue.machine() returns trigger
language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        if new.status <> 'queued' then
            raise exception using errcode = 'CS005', message = 'a job is born queued';
        end if;
        if not exists (select from care.customer_conversation as conversation
                       where conversation.conversation_id = new.correlation_id
                         and conversation.agency = new.agency and conversation.channel_kind = new.channel_kind) then
            raise exception using errcode = 'CS006', message = 'a job has the agency and the channel of its conversation';
        end if;
        return new;
    end if;
    if (new.job_id, new.job_kind, new.agency, new.channel_kind, new.correlation_id, new.created_at)
           is distinct from (old.job_id, old.job_kind, old.agency, old.channel_kind, old.correlation_id, old.created_at)
       or new.parent_job_id is distinct from old.parent_job_id
       or new.idempotency_key is distinct from old.idempotency_key
       -- A question can be pointed at another draft; what a program does stays what it was.
       or (new.payload_ref <> old.payload_ref
           and new.job_kind not in ('customer_message_approve', 'customer_message_escalate'))
       or new.lease_token < old.lease_token then
        raise exception using errcode = 'CS006', message = 'what a job is about never changes';
    end if;
    if new.status = old.status then
        if old.status in ('succeeded', 'failed', 'cancelled') and new is distinct from old then
            raise exception using errcode = 'CS005', message = format('%s is terminal', old.status);
        end if;
        return new;
    end if;
    if not exists (select from queue.job_transition as pair
                   where pair.from_status = old.status and pair.to_status = new.status) then
        raise exception using errcode = 'CS005', message = format('no call moves a job from %s to %s', old.status, new.status);
    end if;
    if old.status = 'leased' and new.status in ('succeeded', 'failed')
       and new.job_kind not in ('customer_message_approve', 'customer_message_escalate') then
        raise exception using errcode = 'CS005', message = 'only what people decide ends from leased; programs start first';
    end if;
    if old.status = 'dead_letter' and new.status = 'succeeded'
       and (new.job_kind <> 'customer_message_send' or old.outcome_code is distinct from 'outcome_unknown') then
        raise exception using errcode = 'CS005', message = 'only a send of unknown effect can be found to have left';
    end if;
    if new.status = 'leased' and new.lease_token <= old.lease_token then
        raise exception using errcode = 'CS005', message = 'every claim takes a new, higher lease token';
    end if;
    return new;
end
$$;
create trigger machine before insert or update on queue.job_queue
    for each row execute function queue.machine();

-- The dispensation for a customer, if one holds now: the switch and the sign-off, both, and not by one and the same login,
-- which may have been the one and then the other. Whoever reads them holds the switch gate until the end of the
-- transaction, so that `switch_settled()` and `revoke_sign_off()` can tell when nobody goes on by the old ones.
create function queue.dispensation(of_conversation uuid) returns bigint
language plpgsql volatile as $$
begin
    lock table queue.switch_gate in row share mode;
    return (
        select signoff.signoff_id
        from care.customer_conversation as conversation
        join care.customer_signoff as signoff
          on signoff.customer_id = conversation.customer_id and signoff.agency = conversation.agency
        where conversation.conversation_id = of_conversation
          and queue.setting('queue.customer.send_without_approve.enabled') = 'true'
          and not exists (select from queue.dot_config as switch
                          where switch.key = 'queue.customer.send_without_approve.enabled' and switch.set_by = signoff.signed_by)
          and signoff.revoked_at is null
          and signoff.expires_at > queue.clock()
        order by signoff.signoff_id desc
        limit 1);
end
$$;

-- By what right a send may go: one of the two, or neither.
create type queue.right_to_send as (decision_id bigint, signoff_id bigint);

-- The approval is an approve job in `succeeded`, parent of the send, of the same conversation and draft, decided by a
-- person and not undone. The dispensation stands in for it where the parent is the draft job that the draft was made for.
create function queue.right_to_send(send queue.job_queue) returns queue.right_to_send
language plpgsql volatile as $$
declare
    held queue.right_to_send;
begin
    select decision.decision_id into held.decision_id
    from queue.job_queue as parent
    join queue.review_decision as decision on decision.job_id = parent.job_id
    where parent.job_id = send.parent_job_id
      and parent.job_kind = 'customer_message_approve'
      and parent.status = 'succeeded'
      and parent.agency = send.agency
      and parent.correlation_id = send.correlation_id
      and parent.payload_ref = send.payload_ref
      and decision.decision = 'approve'
      and decision.undone_at is null
      and 'message:' || decision.draft_id = send.payload_ref;
    if held.decision_id is null and exists (
        select from queue.job_queue as parent
        join care.customer_message as draft on draft.made_for_job_id = parent.job_id
        where parent.job_id = send.parent_job_id
          and parent.job_kind = 'customer_message_draft'
          and parent.status = 'succeeded'
          and parent.agency = send.agency
          and parent.correlation_id = send.correlation_id
          and draft.conversation_id = send.correlation_id
          and draft.direction = 'draft'
          and 'message:' || draft.message_id = send.payload_ref
    ) then
        held.signoff_id := queue.dispensation(send.correlation_id);
    end if;
    return held;
end
$$;

-- The gate. A send enters `leased` and `running` by an approval or a dispensation; it runs and ends only with the record of
-- which; what may have reached the customer is not repeated by itself. An approve job ends `succeeded` only by a recorded
-- decision.
create function queue.gate() returns trigger
language plpgsql as $$
declare
    by_right queue.right_to_send;
begin
    if new.job_kind = 'customer_message_send' then
        if new.status in ('leased', 'running') then
            by_right := queue.right_to_send(new);
            if num_nonnulls(by_right.decision_id, by_right.signoff_id) = 0 then
                raise exception using errcode = 'CS007', message = 'nothing is sent without an approval';
            end if;
        end if;
        if new.status in ('running', 'succeeded')
           and not exists (select from queue.send_evidence where job_id = new.job_id) then
            raise exception using errcode = 'CS007', message = 'a send runs and ends only with the record of its approval';
        end if;
        if old.status = 'running' and new.status = 'retry_waiting'
           and not exists (select from queue.error_code as known
                           where known.code = new.last_error_code and known.effect = 'none' and known.code <> 'worker_vanished') then
            raise exception using errcode = 'CS007', message = 'what may have reached the customer is not sent again by itself';
        end if;
    elsif new.job_kind = 'customer_message_approve' and new.status = 'succeeded'
          and not exists (select from queue.review_decision as decision
                          where decision.job_id = new.job_id and decision.decision = 'approve') then
        raise exception using errcode = 'CS007', message = 'an approve job succeeds only by a recorded decision';
    end if;
    return new;
end
$$;
create trigger machine_gate before update of status on queue.job_queue
    for each row when (old.status is distinct from new.status
                       and new.job_kind in ('customer_message_send', 'customer_message_approve'))
    execute function queue.gate();

-- The record of a right is of the right that the send has at that moment.
create function queue.evidenced() returns trigger
language plpgsql as $$
declare
    send queue.job_queue;
begin
    select * into send from queue.job_queue where job_id = new.job_id;
    if send.job_kind is distinct from 'customer_message_send'
       or queue.right_to_send(send) is distinct from row(new.decision_id, new.signoff_id)::queue.right_to_send then
        raise exception using errcode = 'CS007', message = 'the record names a right that the send does not have';
    end if;
    return new;
end
$$;
create trigger evidenced before insert on queue.send_evidence for each row execute function queue.evidenced();

-- Records are written once, and no table is emptied at a stroke. When a row may leave is the rule of retention.
create function queue.keep() returns trigger
language plpgsql as $$
begin
    raise exception using errcode = 'CS010', message = format('rows of %s stay as they are', tg_table_name);
end
$$;
create trigger keep before update on queue.send_evidence for each row execute function queue.keep();
create trigger keep before update on queue.event_outbox for each row execute function queue.keep();
create trigger keep before update on queue.dot_iu_command_run for each row execute function queue.keep();
create trigger keep before update on queue.command_answer for each row execute function queue.keep();

create trigger keep_all before truncate on queue.job_queue for each statement execute function queue.keep();
create trigger keep_all before truncate on queue.review_decision for each statement execute function queue.keep();
create trigger keep_all before truncate on queue.send_evidence for each statement execute function queue.keep();
create trigger keep_all before truncate on queue.event_outbox for each statement execute function queue.keep();
create trigger keep_all before truncate on queue.command_answer for each statement execute function queue.keep();
create trigger keep_all before truncate on queue.dot_iu_command_run for each statement execute function queue.keep();
create trigger keep_all before truncate on care.customer_message for each statement execute function queue.keep();
create trigger keep_all before truncate on care.review_note for each statement execute function queue.keep();

-- A decision is a person's, under the lease of that person, about what the job points at and what the conversation holds at
-- that moment: whoever writes the row.
create function queue.pinned() returns trigger
language plpgsql as $$
begin
    if not exists (
        select from queue.job_queue as job
        join care.customer_conversation as conversation on conversation.conversation_id = job.correlation_id
        join care.customer_message as draft
          on draft.message_id = new.draft_id and draft.conversation_id = job.correlation_id and draft.direction = 'draft'
        join queue.staff as decider on decider.login = new.decided_by and decider.agency = job.agency
        where job.job_id = new.job_id
          and job.job_kind = 'customer_message_approve'
          and job.agency = new.agency
          and job.status = 'leased'
          and job.lease_owner = new.decided_by
          and job.lease_token = new.lease_token
          and job.payload_ref = 'message:' || new.draft_id
          and draft.digest = new.draft_digest
          and conversation.last_inbound_seq = new.newest_inbound_seq
    ) then
        raise exception using errcode = 'CS007', message = 'a decision is pinned to what its decider holds and saw';
    end if;
    return new;
end
$$;
create trigger pinned before insert on queue.review_decision for each row execute function queue.pinned();

-- A decision is final but for two things, each written once: the job it created, and that it was undone before anybody
-- took that job.
create function queue.keep_decisions() returns trigger
language plpgsql as $$
begin
    if to_jsonb(new) - '{created_job_id,undone_by,undone_at}'::text[]
           is distinct from to_jsonb(old) - '{created_job_id,undone_by,undone_at}'::text[]
       or (old.created_job_id is not null and new.created_job_id is distinct from old.created_job_id)
       or (old.undone_at is not null and (new.undone_by, new.undone_at) is distinct from (old.undone_by, old.undone_at)) then
        raise exception using errcode = 'CS006', message = 'a decision never changes; it can be undone';
    end if;
    if old.undone_at is null and new.undone_at is not null
       and exists (select from queue.job_queue as created
                   where created.job_id = new.created_job_id
                     and (created.lease_token > 0 or created.status not in ('queued', 'paused'))) then
        raise exception using errcode = 'CS006', message = 'what a decision created was taken already; it can no longer be undone';
    end if;
    return new;
end
$$;
create trigger keep_decisions before update on queue.review_decision
    for each row execute function queue.keep_decisions();

-- Guards hold in every session, also where replication has switched ordinary triggers off.
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
        execute format('alter table %s enable always trigger %I', guard.on_table, guard.name);
    end loop;
end
$$;

reset role;
