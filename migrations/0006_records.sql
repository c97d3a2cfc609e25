-- What was decided, held, announced, answered and audited.
set local role countersign_owner;

create table queue.review_decision (
    decision_id        bigint generated always as identity constraint review_decision_key primary key,
    job_id             bigint not null constraint decision_job_known references queue.job_queue (job_id),
    agency             text   not null,
    decision           text   not null constraint decision_known check (decision in ('approve', 'reject', 'escalate')),
    reason             text,
    decided_by         text   not null,
    decided_at         timestamptz not null,
    -- The pin: what was on the screen.
    draft_id           uuid   not null,
    draft_digest       bytea  not null constraint decision_digest_is_sha_256 check (octet_length(draft_digest) = 32),
    newest_inbound_seq bigint not null,
    lease_token        bigint not null,
    seconds_on_screen  integer constraint decision_seconds_counted check (seconds_on_screen >= 0),
    warnings_accepted  integer constraint decision_warnings_counted check (warnings_accepted >= 0),
    -- The approver edited the draft, and a setting allowed it.
    by_editor          boolean not null default false,
    created_job_id     bigint constraint decision_created_job_known references queue.job_queue (job_id),
    undone_by          text,
    undone_at          timestamptz,
    constraint decision_once unique (job_id),
    constraint decision_reason_given check (decision = 'approve' or reason is not null),
    constraint decision_undone_whole check ((undone_by is null) = (undone_at is null))
);
-- Whoever deletes a job asks whether a decision created it.
create index ix_decision_created on queue.review_decision (created_job_id) where created_job_id is not null;
create index ix_decision_by on queue.review_decision (decided_by, decided_at desc);
alter table care.review_note add constraint note_decision_known
    foreign key (decision_id) references queue.review_decision (decision_id);

-- By what right a send entered `running`. `succeeded` needs this record and nothing else.
create table queue.send_evidence (
    job_id      bigint constraint send_evidence_key primary key
        constraint evidence_job_known references queue.job_queue (job_id),
    decision_id bigint constraint evidence_decision_known references queue.review_decision (decision_id),
    signoff_id  bigint constraint evidence_signoff_known references care.customer_signoff (signoff_id),
    recorded_at timestamptz not null,
    constraint evidence_is_one_of_two check ((decision_id is null) <> (signoff_id is null)),
    constraint evidence_once_per_decision unique (decision_id)
);

-- Whoever deletes a sign-off asks whether something left by it.
create index ix_evidence_signoff on queue.send_evidence (signoff_id) where signoff_id is not null;

-- A standing order that stops what it covers from being claimed. Null means any.
create table queue.hold (
    hold_id      bigint generated always as identity constraint hold_key primary key,
    job_kind     text,
    channel_kind text,
    agency       text,
    reason       text not null,
    ticket       text constraint hold_ticket_is_a_number check (ticket ~ '^[A-Z]{1,10}-[0-9]{1,7}$' collate "C"),
    placed_by    text not null,
    placed_at    timestamptz not null,
    resumed_by   text,
    resumed_at   timestamptz,
    per_minute   integer constraint hold_pace_positive check (per_minute > 0),
    -- When a few of what it covers were last let through, to see whether they get through.
    trial_at     timestamptz,
    -- Ended, and given back up to here: at its pace the next job's turn is then.
    next_turn_at timestamptz,
    -- When nothing was left to be given back.
    drained_at   timestamptz,
    constraint hold_names_something check (num_nonnulls(job_kind, channel_kind, agency) > 0),
    constraint hold_resumed_whole check ((resumed_by is null) = (resumed_at is null)),
    constraint hold_drained_after_it_ended check (drained_at is null or resumed_at is not null)
);
create index ix_hold_standing on queue.hold (placed_at) where resumed_at is null;
create index ix_hold_draining on queue.hold (hold_id) where drained_at is null;

-- Only registered and ratified types get in; only ids and codes.
create table queue.event_outbox (
    event_id       bigint generated always as identity constraint event_outbox_key primary key,
    event_type     text   not null constraint event_type_registered references queue.event_type_registry (event_type),
    agency         text   not null,
    job_id         bigint,
    correlation_id uuid   not null,
    codes          jsonb  not null default '{}'
        constraint event_codes_are_signals check (queue.has_signal_shape(codes)),
    created_at     timestamptz not null,
    -- Readers stop below the oldest transaction still under way, so that a late commit is not passed over.
    written_in     xid8   not null default pg_current_xact_id()
);
create index ix_event_outbox_written on queue.event_outbox (written_in, event_id);

-- Every outcome that an act can have.
create function queue.is_outcome(word text) returns boolean
language plpgsql immutable parallel safe as $$
begin
    return word in (
        'applied', 'repointed', 'announced', 'opened', 'exists', 'not_found', 'not_authorised', 'already_decided', 'lease_lost',
        'leased', 'held', 'wrong_kind', 'wrong_status', 'payload_missing', 'self_approval', 'draft_changed', 'conversation_moved',
        'approval_expired', 'dispensation_ended', 'may_have_left', 'top_tier', 'tier_full', 'not_due', 'too_late',
        'switched_off', 'no_period', 'swept', 'in_use', 'reason_needed',
        'reference_taken');
end
$$;

-- The audit trail: one row per job and act, refusals included.
create table queue.dot_iu_command_run (
    run_id         bigint generated always as identity constraint dot_iu_command_run_key primary key,
    at             timestamptz not null,
    login          text not null,
    call           text not null,
    job_id         bigint,
    agency         text,
    outcome        text not null constraint command_run_outcome_known check (queue.is_outcome(outcome)),
    from_status    text constraint command_run_from_known check (queue.is_status(from_status)),
    to_status      text constraint command_run_to_known check (queue.is_status(to_status)),
    -- A word that somebody registered, or one of a few of our own.
    code           text,
    command_id     uuid,
    event_withheld boolean not null default false,
    -- So that a call can tell what is committed from what its own transaction may still take back.
    written_in     xid8 not null default pg_current_xact_id()
);
create index ix_command_run_job on queue.dot_iu_command_run (job_id, run_id);
-- Every dashboard that shows the trail asks all the time for the newest rows under its filter. Without these, a filter that
-- few rows pass walks the trail to its beginning. Of one login, every row costs its writer this one entry more; the others
-- hold only the rare: what carries a code, what was not simply applied, and where somebody has to look. What is frequent is
-- found soon by walking back from the newest.
create index ix_command_run_login on queue.dot_iu_command_run (login, run_id);
create index ix_command_run_code on queue.dot_iu_command_run (code, run_id) where code is not null;
create index ix_command_run_outcome on queue.dot_iu_command_run (outcome, run_id) where outcome <> 'applied';
create index ix_command_run_status on queue.dot_iu_command_run (to_status, run_id) where to_status in ('dead_letter', 'paused');
-- What a person edited lately is asked for with every look at the list.
create index ix_command_run_revised on queue.dot_iu_command_run (login, at) where call = 'review_revise';
-- And what somebody skipped.
create index ix_command_run_skipped on queue.dot_iu_command_run (login, at) where call = 'skip_review';
-- For an auditor's range of days. Rows come in the order of their times, so that a summary of each stretch is enough, and
-- costs a writer next to nothing.
create index ix_command_run_at on queue.dot_iu_command_run using brin (at) with (pages_per_range = 32, autosummarize = on);
-- Whether anybody took work lately.
create index ix_command_run_claimed on queue.dot_iu_command_run (at) where to_status = 'leased';
-- Which attempts failed lately, also those of channels that break.
create index ix_command_run_failed on queue.dot_iu_command_run (at)
    where from_status = 'running' and to_status in ('retry_waiting', 'dead_letter');
-- Each row withholds one event at most, so these rows are the events that nobody will ever read.
create index ix_command_run_withheld on queue.dot_iu_command_run (at) where event_withheld;

-- The first answer to every command, so that a repetition returns it and does nothing.
create table queue.command_answer (
    login      text  not null,
    command_id uuid  not null,
    -- SHA-256 of the call and its arguments; the arguments themselves are not kept.
    asked      bytea not null constraint answer_asked_is_sha_256 check (octet_length(asked) = 32),
    -- Ids, numbers, times, logins and words of ours.
    answer     jsonb not null,
    at         timestamptz not null,
    -- The command first: `session_user` compares under another collation than the column, so a lookup cannot enter the
    -- index by the login.
    constraint command_answer_key primary key (command_id, login)
);

-- Written once, read from the newest on, and deleted from the oldest on by retention, a thousand rows at a time: a vacuum that
-- waited for a fifth of ten million would find all of them at once, and until then no index on them could be read by itself.
alter table queue.dot_iu_command_run set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);
alter table queue.event_outbox set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);
alter table queue.command_answer set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);

-- A tier that is full: written once when it begins, gone when there is room again.
create table queue.escalation_stop (
    target_ref text constraint escalation_stop_key primary key,
    since      timestamptz not null
);

reset role;
