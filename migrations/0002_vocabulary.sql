-- The words that everything else is written in. No column of `queue` takes free text; it takes a word from here.
set local role countersign_owner;

create table queue.job_kind (
    job_kind         text     constraint job_kind_key primary key
        constraint job_kind_is_one_of_seven check (job_kind in (
            'customer_message_inbound', 'customer_message_classify', 'customer_message_draft',
            'customer_message_approve', 'customer_message_send', 'customer_message_followup',
            'customer_message_escalate')),
    position         smallint not null constraint job_kind_position_once unique,
    done_by          text     not null constraint job_kind_done_by_known check (done_by in ('program', 'person')),
    default_attempts integer  constraint job_kind_attempts_positive check (default_attempts > 0),
    lease            interval not null,
    sla              interval not null,
    -- How long a failed attempt waits; doubled with every further one, up to an hour.
    retry_after      interval not null,
    escalates        boolean  not null,
    constraint job_kind_people_have_no_maximum check ((done_by = 'person') = (default_attempts is null))
);

insert into queue.job_kind (job_kind, position, done_by, default_attempts, lease, sla, retry_after, escalates)
values
    ('customer_message_inbound',  1, 'program', 5,    '1 minute',  '10 minutes', '10 seconds', false),
    ('customer_message_classify', 2, 'program', 5,    '2 minutes', '15 minutes', '10 seconds', false),
    ('customer_message_draft',    3, 'program', 5,    '5 minutes', '1 hour',     '20 seconds', false),
    ('customer_message_approve',  4, 'person',  null, '5 minutes', '4 hours',    '0 seconds',  true),
    ('customer_message_send',     5, 'program', 6,    '2 minutes', '30 minutes', '30 seconds', false),
    ('customer_message_followup', 6, 'program', 5,    '1 minute',  '1 hour',     '1 minute',   false),
    ('customer_message_escalate', 7, 'person',  null, '5 minutes', '2 hours',    '0 seconds',  false);

-- Every move that some call makes, and no other. Staying in a status is not a move.
create table queue.job_transition (
    from_status text not null
        constraint job_transition_from_known check (from_status in (
            'queued', 'leased', 'running', 'retry_waiting', 'paused', 'succeeded', 'failed', 'dead_letter', 'cancelled')),
    to_status   text not null
        constraint job_transition_to_known check (to_status in (
            'queued', 'leased', 'running', 'retry_waiting', 'paused', 'succeeded', 'failed', 'dead_letter', 'cancelled')),
    constraint job_transition_key primary key (from_status, to_status)
);

insert into queue.job_transition (from_status, to_status)
values
    ('queued', 'leased'),         ('queued', 'paused'),           ('queued', 'cancelled'),
    ('retry_waiting', 'leased'),  ('retry_waiting', 'paused'),    ('retry_waiting', 'cancelled'),
    ('retry_waiting', 'queued'),
    ('paused', 'queued'),         ('paused', 'cancelled'),
    ('leased', 'running'),        ('leased', 'queued'),           ('leased', 'retry_waiting'),
    ('leased', 'dead_letter'),    ('leased', 'succeeded'),        ('leased', 'failed'),
    ('leased', 'cancelled'),
    ('running', 'succeeded'),     ('running', 'retry_waiting'),   ('running', 'dead_letter'),
    ('dead_letter', 'queued'),    ('dead_letter', 'succeeded'),   ('dead_letter', 'cancelled');

-- Who a conversation goes to when it must go up. The top tier has no row.
create table queue.escalation_route (
    from_role text constraint escalation_route_key primary key
        constraint escalation_route_from_known check (from_role in ('reviewer', 'senior_reviewer', 'team_lead')),
    to_role   text not null
        constraint escalation_route_to_known check (to_role in ('reviewer', 'senior_reviewer', 'team_lead')),
    constraint escalation_route_goes_up check (from_role <> to_role)
);

insert into queue.escalation_route (from_role, to_role)
values ('reviewer', 'senior_reviewer'), ('senior_reviewer', 'team_lead');

-- What the words of each list look like: what is registered under another shape could carry an address or a sentence.
create function queue.has_code_shape(list text, code text) returns boolean
language sql immutable parallel safe as $$
    select coalesce(code ~ case list
        when 'language'     then '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$'
        when 'routing_hint' then '^(agency|role):[a-z][a-z0-9_-]{0,31}$'
        when 'channel'      then '^[a-z][a-z0-9_]{0,31}$'
        when 'intent'       then '^[a-z][a-z0-9_]{0,47}$'
        when 'reason'       then '^[a-z][a-z0-9_]{0,47}$'
        when 'error_code'   then '^[a-z][a-z0-9_]{0,47}$'
        when 'host'         then '^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?[.])+[a-z]([a-z0-9-]{0,61}[a-z0-9])$'
    end collate "C", false)
$$;

-- Registered codes. Each list is a table of its own, so that a column says by its name which words it takes.
create table queue.language (
    code text constraint language_key primary key
        constraint language_is_bcp_47 check (queue.has_code_shape('language', code))
);
create table queue.intent (
    code text constraint intent_key primary key
        constraint intent_is_a_code check (queue.has_code_shape('intent', code))
);
create table queue.routing_hint (
    code text constraint routing_hint_key primary key
        constraint routing_hint_is_a_target check (queue.has_code_shape('routing_hint', code))
);
create table queue.channel (
    code text constraint channel_key primary key
        constraint channel_is_a_code check (queue.has_code_shape('channel', code))
);
create table queue.reason (
    code    text   constraint reason_key primary key
        constraint reason_is_a_code check (queue.has_code_shape('reason', code)),
    used_by text[] not null
        constraint reason_used_by_known
            check (used_by <@ array['reject', 'escalate', 'skip', 'discard', 'cancel', 'hold', 'retry'])
);
create table queue.error_code (
    code   text    constraint error_code_key primary key
        constraint error_code_is_a_code check (queue.has_code_shape('error_code', code)),
    -- Whether a send that failed this way may have reached the customer after all.
    effect text    not null constraint error_code_effect_known check (effect in ('none', 'unknown')),
    -- Trying again cannot help.
    final  boolean not null
);

insert into queue.language (code)
values ('en'), ('de'), ('es'), ('fr'), ('pt'), ('it'), ('nl'), ('pl'), ('tr'), ('ja'), ('ar'), ('vi'), ('uk'), ('zh');

insert into queue.channel (code) values ('email'), ('sms'), ('webchat');

insert into queue.routing_hint (code)
values ('role:reviewer'), ('role:senior_reviewer'), ('role:team_lead');

insert into queue.reason (code, used_by)
values
    ('wrong_fact',              '{reject}'),
    ('wrong_tone',              '{reject}'),
    ('wrong_language',          '{reject}'),
    ('wrong_recipient',         '{reject}'),
    ('incomplete',              '{reject}'),
    ('unsafe_link',             '{reject}'),
    ('policy',                  '{reject}'),
    ('no_reply_needed',         '{reject}'),
    ('legal_threat',            '{escalate}'),
    ('vulnerable_customer',     '{escalate}'),
    ('needs_authority',         '{escalate}'),
    ('fraud_suspected',         '{escalate}'),
    ('deadline_passed',         '{escalate}'),
    ('low_confidence',          '{escalate}'),
    ('not_my_language',         '{skip}'),
    ('need_information',        '{skip}'),
    ('too_long',                '{skip}'),
    ('conflict_of_interest',    '{skip}'),
    ('customer_reached_otherwise', '{discard,cancel}'),
    ('duplicate',               '{discard,cancel}'),
    ('obsolete',                '{discard,cancel}'),
    ('test_data',               '{discard,cancel}'),
    ('provider_outage',         '{hold}'),
    ('maintenance',             '{hold}'),
    ('incident',                '{hold}'),
    ('provider_recovered',      '{retry}'),
    ('cause_removed',           '{retry}'),
    ('customer_asked_again',    '{retry}');

insert into queue.error_code (code, effect, final)
values
    ('provider_unreachable', 'none',    false),
    ('provider_rejected',    'none',    true),
    ('provider_timeout',     'unknown', true),
    ('rate_limited',         'none',    false),
    ('invalid_recipient',    'none',    true),
    ('drafter_failed',       'none',    false),
    ('classifier_failed',    'none',    false),
    ('internal_error',       'none',    false),
    ('worker_vanished',      'none',    false),
    ('payload_missing',      'none',    true),
    ('lease_expired',        'none',    false);

-- Settings that exist, with their type, range and shipped value. A key that is not here cannot be set.
create table queue.config_key (
    key           text    constraint config_key_key primary key
        constraint config_key_is_a_path check (key ~ '^queue([.][a-z][a-z0-9_]{0,47}){1,4}$' collate "C"),
    value_type    text    not null
        constraint config_key_type_known check (value_type in ('boolean', 'integer', 'number', 'interval', 'word')),
    lowest        numeric,
    highest       numeric,
    words         text[]
        constraint config_key_words_are_codes check (array_to_string(words, ',', '') ~ '^[a-z][a-z0-9_]{0,31}(,[a-z][a-z0-9_]{0,31})*$' collate "C"),
    -- SQL null: the key has no shipped value.
    default_value jsonb,
    -- Whether a workflow_admin may set it for the own agency.
    per_agency    boolean not null
);

insert into queue.config_key (key, value_type, lowest, highest, words, default_value, per_agency)
values
    ('queue.environment', 'word', null, null, '{private,demo,test,development,staging,production}', '"production"', false),
    ('queue.customer.enabled',                         'boolean', null, null, null, 'true',  false),
    ('queue.customer.customer_message_inbound.enabled',  'boolean', null, null, null, null, false),
    ('queue.customer.customer_message_classify.enabled', 'boolean', null, null, null, null, false),
    ('queue.customer.customer_message_draft.enabled',    'boolean', null, null, null, null, false),
    ('queue.customer.customer_message_approve.enabled',  'boolean', null, null, null, null, false),
    ('queue.customer.customer_message_send.enabled',     'boolean', null, null, null, null, false),
    ('queue.customer.customer_message_followup.enabled', 'boolean', null, null, null, null, false),
    ('queue.customer.customer_message_escalate.enabled', 'boolean', null, null, null, null, false),
    ('queue.customer.send_without_approve.enabled',    'boolean', null, null, null, 'false', false),
    ('queue.customer.editor_may_approve',              'boolean', null, null, null, 'false', true),
    ('queue.customer.send_if_moved',                   'boolean', null, null, null, 'false', true),
    -- How long each reviewer looked, and past how many warnings: figures about people.
    ('queue.customer.reviewer_statistics',             'boolean', null, null, null, 'false', true),
    ('queue.customer.confidence_threshold',            'number',  0, 1,       null, '0.4',   true),
    ('queue.customer.escalation_open_limit',           'integer', 0, 1000000, null, '40',    true),
    -- When a channel is suspected to be out: so many attempts to send in so many seconds, and this share of them failed.
    ('queue.customer.outage_window',                   'interval', 60, 3600,  null, '300',   true),
    ('queue.customer.outage_attempts',                 'integer', 1, 100000,  null, '10',    true),
    ('queue.customer.outage_share',                    'number',  0.01, 1,    null, '0.5',   true),
    -- Seconds that ready work of a kind waits without anybody taking any before it is said that nobody works on it.
    ('queue.customer.unattended_after',                'interval', 60, 86400, null, '300',   true),
    -- Seconds.
    ('queue.customer.max_approval_age',                'interval', 60, 604800, null, '7200', true),
    -- Seconds, from a day to a century. Without a value nothing of that part is ever deleted.
    ('queue.retention.jobs',                           'interval', 86400, 3155760000, null, null, false),
    ('queue.retention.messages',                       'interval', 86400, 3155760000, null, null, false),
    ('queue.retention.audit',                          'interval', 86400, 3155760000, null, null, false),
    ('queue.retention.outbox',                         'interval', 86400, 3155760000, null, null, false),
    ('queue.customer.undo_seconds.email',              'integer', 0, 3600, null, '30', true),
    ('queue.customer.undo_seconds.sms',                'integer', 0, 3600, null, '15', true),
    ('queue.customer.undo_seconds.webchat',            'integer', 0, 3600, null, '5',  true);

create table queue.event_type_registry (
    event_domain text not null constraint event_domain_known check (event_domain = 'customer'),
    event_type   text not null constraint event_type_registry_key primary key
        constraint event_type_is_of_its_domain check (event_type ~ '^customer[.]message[.][a-z][a-z_]{0,31}$' collate "C"),
    stream       text not null constraint event_stream_known check (stream = 'customer.message'),
    lane         text not null constraint event_lane_known check (lane in ('work', 'review', 'delivery')),
    -- Null until the vocabulary was ratified: the act succeeds and the event is withheld.
    ratified_at  timestamptz
);

insert into queue.event_type_registry (event_domain, event_type, stream, lane)
values
    ('customer', 'customer.message.enqueued',    'customer.message', 'work'),
    ('customer', 'customer.message.decided',     'customer.message', 'review'),
    ('customer', 'customer.message.undone',      'customer.message', 'review'),
    ('customer', 'customer.message.sent',        'customer.message', 'delivery'),
    ('customer', 'customer.message.send_failed', 'customer.message', 'delivery'),
    ('customer', 'customer.message.escalated',   'customer.message', 'review'),
    ('customer', 'customer.message.dispensed',   'customer.message', 'delivery');

reset role;
