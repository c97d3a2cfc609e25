-- Agencies, and the logins that may act. A login is exactly one of staff, executor, producer, monitor.
set local role countersign_owner;

create table queue.agency (
    agency       text constraint agency_key primary key
        constraint agency_is_a_slug check (agency ~ '^[a-z][a-z0-9_-]{0,31}$' collate "C"),
    time_zone    text not null default 'UTC'
        constraint agency_time_zone_is_a_name check (time_zone ~ '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$' collate "C"),
    review_order text not null default 'deadline_first'
        constraint agency_review_order_known check (review_order in ('deadline_first', 'savable_first'))
);

-- One row per login, whatever its class: the primary key is what makes a login exactly one of them.
create table queue.login (
    login text constraint login_key primary key,
    class text not null constraint login_class_known check (class in ('staff', 'executor', 'producer', 'monitor')),
    constraint login_class_once unique (login, class)
);

create table queue.staff (
    login  text constraint staff_key primary key,
    agency text constraint staff_agency_known references queue.agency (agency),
    roles  text[] not null
        constraint staff_roles_known check (
            cardinality(roles) > 0
            and roles <@ array['reviewer', 'senior_reviewer', 'team_lead', 'oncall', 'operator',
                               'workflow_admin', 'platform_admin']),
    class  text not null default 'staff' constraint staff_class check (class = 'staff'),
    constraint staff_is_a_login foreign key (login, class) references queue.login (login, class) on delete cascade,
    -- Reading bodies and deciding is always for one agency.
    constraint staff_reviewers_belong_to_an_agency check (
        agency is not null
        or not roles && array['reviewer', 'senior_reviewer', 'team_lead', 'workflow_admin']),
    -- Nobody can give both halves of a dispensation, and who sets the switches reads no bodies.
    constraint staff_platform_admin_stands_alone check (
        not 'platform_admin' = any (roles) or (cardinality(roles) = 1 and agency is null))
);

create table queue.executor (
    login    text constraint executor_key primary key,
    kinds    text[] not null constraint executor_kinds_named check (cardinality(kinds) > 0),
    channels text[] not null constraint executor_channels_named check (cardinality(channels) > 0),
    agencies text[] not null constraint executor_agencies_named check (cardinality(agencies) > 0),
    enabled  boolean not null default true,
    class    text not null default 'executor' constraint executor_class check (class = 'executor'),
    constraint executor_is_a_login foreign key (login, class) references queue.login (login, class) on delete cascade,
    constraint executor_never_does_peoples_work check (
        kinds <@ array['customer_message_inbound', 'customer_message_classify', 'customer_message_draft',
                       'customer_message_send', 'customer_message_followup'])
);

create table queue.producer (
    login    text constraint producer_key primary key,
    agencies text[] not null constraint producer_agencies_named check (cardinality(agencies) > 0),
    channels text[] not null constraint producer_channels_named check (cardinality(channels) > 0),
    enabled  boolean not null default true,
    class    text not null default 'producer' constraint producer_class check (class = 'producer'),
    constraint producer_is_a_login foreign key (login, class) references queue.login (login, class) on delete cascade
);

create table queue.monitor (
    login text constraint monitor_key primary key,
    class text not null default 'monitor' constraint monitor_class check (class = 'monitor'),
    constraint monitor_is_a_login foreign key (login, class) references queue.login (login, class) on delete cascade
);

create table queue.dot_config (
    -- Null: for all agencies.
    agency text  constraint dot_config_agency_known references queue.agency (agency),
    key    text  not null constraint dot_config_key_registered references queue.config_key (key),
    value  jsonb not null,
    set_by text  not null,
    set_at timestamptz not null,
    -- The council's reference, for what only the council may allow.
    council_reference text
        constraint dot_config_council_reference_is_a_number check (council_reference ~ '^[A-Z]{1,10}-[0-9]{1,7}$' collate "C"),
    constraint dot_config_once unique nulls not distinct (agency, key)
);

-- Hosts that readers trust: a link to one of them, or to what lies under it, is not doubted.
create table queue.host (
    code   text not null constraint host_is_a_host_name check (queue.has_code_shape('host', code)),
    -- Null: of all agencies.
    agency text constraint host_agency_known references queue.agency (agency),
    constraint host_once unique nulls not distinct (agency, code)
);

-- A row lock cannot guard a row that is absent, and an advisory lock can be taken by anyone. Enqueueing calls hold this
-- table in `row share` while they read the switches; `switch_settled()` takes it `exclusive`.
create table queue.switch_gate ();

reset role;
