-- The queue itself: signals, never customers' words.
set local role countersign_owner;

-- The shape of `safe_payload`, for a CHECK: flat, small, no other key, numbers in range, strings that look like codes.
-- Whether a code is registered is for a trigger to say, because a CHECK must not read tables. Never null: a CHECK passes
-- on null. In PL/pgSQL, as whatever a CHECK calls, because it keeps its plan for the session: a function in SQL would be
-- read, written into the CHECK and planned with it again for every statement that touches the table.
create function queue.has_signal_shape(payload jsonb) returns boolean
language plpgsql immutable parallel safe as $$
begin
    return coalesce(
        case when jsonb_typeof(payload) <> 'object' then false else
            payload - '{language,intent_code,channel_kind,routing_hint,retry_reason_code,priority,confidence}'::text[] = '{}'
            and octet_length(payload::text) <= 1024
            and coalesce(jsonb_typeof(payload -> 'language'), 'string') = 'string'
            and coalesce(jsonb_typeof(payload -> 'intent_code'), 'string') = 'string'
            and coalesce(jsonb_typeof(payload -> 'channel_kind'), 'string') = 'string'
            and coalesce(jsonb_typeof(payload -> 'routing_hint'), 'string') = 'string'
            and coalesce(jsonb_typeof(payload -> 'retry_reason_code'), 'string') = 'string'
            -- Asked only of what is there: to compare with a pattern costs more than all the rest.
            and (not payload ? 'priority' or (payload -> 'priority')::text ~ '^[0-9]$' collate "C")
            and (not payload ? 'confidence'
                 or (payload -> 'confidence')::text ~ '^(0([.][0-9]{1,3})?|1([.]0{1,3})?)$' collate "C")
        end,
        false);
end
$$;

create function queue.is_kind(word text) returns boolean
language plpgsql immutable parallel safe as $$
begin
    return word in (
        'customer_message_inbound', 'customer_message_classify', 'customer_message_draft',
        'customer_message_approve', 'customer_message_send', 'customer_message_followup',
        'customer_message_escalate');
end
$$;

create function queue.is_status(word text) returns boolean
language plpgsql immutable parallel safe as $$
begin
    return word in (
        'queued', 'leased', 'running', 'retry_waiting', 'paused',
        'succeeded', 'failed', 'dead_letter', 'cancelled');
end
$$;

-- The people of an agency that a job can be for.
create function queue.is_target_of(target text, of_agency text) returns boolean
language plpgsql immutable parallel safe as $$
begin
    return target in (
        'agency:' || of_agency || '/role:reviewer',
        'agency:' || of_agency || '/role:senior_reviewer',
        'agency:' || of_agency || '/role:team_lead');
end
$$;

-- How a job can end.
create function queue.is_outcome_code(word text) returns boolean
language plpgsql immutable parallel safe as $$
begin
    return word in (
        'completed', 'approved', 'rejected', 'escalated', 'taken_over', 'undone', 'cancelled', 'discarded', 'erased',
        'payload_missing', 'conversation_moved', 'approval_expired', 'dispensation_ended', 'attempts_used_up',
        'failed_for_good', 'outcome_unknown', 'confirmed_sent');
end
$$;

create table queue.job_queue (
    job_id           bigint generated always as identity constraint job_queue_key primary key,
    job_kind         text     not null
        constraint job_kind_known check (queue.is_kind(job_kind)),
    status           text     not null
        constraint job_status_known check (queue.is_status(status)),
    priority         smallint not null default 5 constraint job_priority_in_range check (priority between 0 and 9),
    agency           text     not null,
    target_ref       text,
    channel_kind     text     not null,
    correlation_id   uuid     not null,
    parent_job_id    bigint   constraint job_parent_known references queue.job_queue (job_id),
    payload_ref      text     not null
        constraint job_payload_ref_shape check (payload_ref ~
            '^(message|conversation|customer|attachment|case):[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' collate "C"),
    safe_payload     jsonb    not null default '{}'
        constraint job_safe_payload_is_a_signal check (queue.has_signal_shape(safe_payload)),
    attempt          integer  not null default 0 constraint job_attempt_counted check (attempt >= 0),
    max_attempts     integer  constraint job_max_attempts_positive check (max_attempts > 0),
    created_at       timestamptz not null,
    process_after    timestamptz not null,
    deadline_at      timestamptz,
    -- The deadline was promised by a producer or inherited from such a job, and is passed down the chain; otherwise each
    -- job takes its kind's own.
    deadline_promised boolean not null default false,
    lease_owner      text,
    lease_token      bigint   not null default 0 constraint job_lease_token_counted check (lease_token >= 0),
    lease_expires_at timestamptz,
    started_at       timestamptz,
    finished_at      timestamptz,
    outcome_code     text,
    last_error_code  text,
    idempotency_key  uuid,
    -- The hold that let this send go ahead of the rest, to see whether it gets through.
    let_through      bigint,

    constraint job_people_have_a_target check (
        (job_kind in ('customer_message_approve', 'customer_message_escalate')) = (target_ref is not null)),
    constraint job_target_in_agency check (queue.is_target_of(target_ref, agency)),
    constraint job_people_have_no_maximum check (
        (job_kind in ('customer_message_approve', 'customer_message_escalate')) = (max_attempts is null)),
    constraint job_lease_whole check (
        (status in ('leased', 'running')) = (lease_owner is not null)
        and (lease_owner is null) = (lease_expires_at is null)),
    constraint job_finished_when_it_ended check (
        (status in ('succeeded', 'failed', 'cancelled', 'dead_letter')) = (finished_at is not null)),
    constraint job_people_do_not_run check (
        job_kind not in ('customer_message_approve', 'customer_message_escalate')
        or status not in ('running', 'retry_waiting', 'dead_letter')),
    constraint job_payload_fits_kind check (
        case
            when job_kind in ('customer_message_draft', 'customer_message_followup')
                then starts_with(payload_ref, 'conversation:')
            else starts_with(payload_ref, 'message:')
        end),
    constraint job_outcome_code_known check (queue.is_outcome_code(outcome_code))
);

-- The specification's partial indexes: what can be claimed, what is held by a lease, what is dead.
create index ix_job_queue_queued on queue.job_queue (job_kind, priority, process_after, job_id)
    where status in ('queued', 'retry_waiting');
create index ix_job_queue_lease_active on queue.job_queue (lease_expires_at)
    where status in ('leased', 'running');
create index ix_job_queue_dead_letter on queue.job_queue (finished_at desc, job_id)
    include (agency, job_kind, channel_kind, last_error_code, outcome_code)
    where status = 'dead_letter';
create index ix_job_queue_customer_followup on queue.job_queue (process_after, job_kind)
    where job_kind = 'customer_message_followup' and status in ('queued', 'retry_waiting');

-- What waits for people of each role, in the order of deadlines.
create index ix_job_queue_review on queue.job_queue (target_ref, deadline_at, priority, created_at, job_id)
    where target_ref is not null and status in ('queued', 'leased');
-- What is open at all, and what is due next: the counts read the minute in which a deadline lies, and nothing that has ended.
create index ix_job_queue_live on queue.job_queue (agency, job_kind, deadline_at, job_id)
    where status in ('queued', 'leased', 'running', 'retry_waiting', 'paused', 'dead_letter');
-- What waits to be worked on, from the longest on.
create index ix_job_queue_waiting on queue.job_queue (agency, job_kind, process_after)
    where status = 'queued';
create index ix_job_queue_paused on queue.job_queue (job_kind, channel_kind, agency)
    where status = 'paused';
create index ix_job_queue_let_through on queue.job_queue (let_through) where let_through is not null;
-- Which replies left lately: how channels do is asked all the time, and history is not read for it.
create index ix_job_queue_sent on queue.job_queue (agency, channel_kind, finished_at)
    where job_kind = 'customer_message_send' and outcome_code = 'completed';
-- Which reply waits longest to leave by each channel.
create index ix_job_queue_sending on queue.job_queue (agency, channel_kind, created_at) include (status, process_after)
    where job_kind = 'customer_message_send' and status in ('queued', 'retry_waiting', 'paused');
-- What failed like this, the newest first: it may be rare.
create index ix_job_queue_error on queue.job_queue (last_error_code, job_id) where last_error_code is not null;
-- What is in each state, the newest first: in an order that only this index has, or the server would rather walk down all jobs.
-- What has a lease is left out, as it is little: whoever claims, starts or completes something writes no entry here but that of
-- the end.
create index ix_job_queue_state on queue.job_queue (agency, status, job_kind, (- job_id))
    where status not in ('leased', 'running');
create index ix_job_queue_conversation on queue.job_queue (correlation_id, job_id);
create index ix_job_queue_parent on queue.job_queue (parent_job_id) where parent_job_id is not null;
create index ix_job_queue_finished on queue.job_queue (finished_at) where finished_at is not null;

-- One open question per conversation: a second reply is never waiting beside the first.
create unique index one_open_question_per_conversation on queue.job_queue (correlation_id)
    where job_kind in ('customer_message_approve', 'customer_message_escalate')
      and status in ('queued', 'leased', 'paused');
-- One approval lets at most one send through, ever; so does one draft completed under a dispensation.
create unique index one_send_per_approval on queue.job_queue (parent_job_id)
    where job_kind = 'customer_message_send';
-- A send has a parent, or it could never pass the gate.
alter table queue.job_queue add constraint job_send_has_a_parent
    check (job_kind <> 'customer_message_send' or parent_job_id is not null);
create unique index job_born_once on queue.job_queue (idempotency_key) where idempotency_key is not null;

-- Hot rows change status several times in their life; room in the page keeps those updates off the indexes that do not
-- mention what changed, and an early vacuum keeps the partial indexes small.
alter table queue.job_queue set (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);

reset role;
