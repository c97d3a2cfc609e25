-- What nobody sees who has no business with it, and what no caller decides.

-- gus: 0 · another agency's jobs
select count(*) from queue.job_queue where agency <> 'globex';
-- exe: 0 · jobs that the program does not hold
select count(*) from queue.job_queue where lease_owner is distinct from session_user;
-- gus: 0 · another agency's decisions
select count(*) from queue.review_decision where agency <> 'globex';
-- gus: 0 · another agency's trail
select count(*) from queue.dot_iu_command_run where agency <> 'globex';
-- gus: 0 · another agency's holds
select count(*) from queue.hold where agency <> 'globex';
-- gus: 0 · another agency's settings
insert into queue.dot_config (agency, key, value, set_by, set_at) values ('acme', 'queue.customer.enabled', 'true', '{kim}', now());
select count(*) from queue.dot_config where agency <> 'globex';
-- gus: 0 · hosts that another agency trusts
insert into queue.host (code, agency) values ('track.acme.example', 'acme');
select count(*) from queue.host where agency <> 'globex';
-- gus: 0 · other agencies
select count(*) from queue.agency where agency <> 'globex';
-- gus: 0 · another agency's staff
select count(*) from queue.staff where agency <> 'globex';
-- gus: 0 · another agency's executors
select count(*) from queue.executor where not 'globex' = any (agencies);
-- gus: 0 · another agency's producers
update queue.producer set agencies = '{acme}' where login = '{prod}';
select count(*) from queue.producer;
-- gus: 0 · who counts everything
select count(*) from queue.monitor;
-- gus: 0 · another agency's full tiers
insert into queue.escalation_stop values ('agency:acme/role:team_lead', now());
select count(*) from queue.escalation_stop;
-- gus: 0 · another agency's hours
insert into queue.business_hours values ('acme', 1, '09:00', '17:00');
select count(*) from queue.business_hours;
-- gus: 0 · another agency's holidays
insert into queue.holiday values ('acme', '2026-12-25');
select count(*) from queue.holiday;
-- gus: 0 · another agency's departures
select count(*) from queue.send_evidence;

-- gus: 0 · what comes and goes in another agency
select count(*) from queue.history() where agency <> 'globex';
-- gus: 0 · what came and went in another agency ever
select count(*) from queue.totals() where agency <> 'globex';
-- gus: 0 · another agency's holds, counted
insert into queue.hold (agency, reason, placed_by, placed_at) values ('acme', 'incident', '{kim}', now());
select count(*) from queue.standing_holds();
-- mon: 0 · a hold that has ended
insert into queue.hold (agency, reason, placed_by, placed_at, resumed_by, resumed_at) values ('acme', 'incident', '{kim}', now(), '{kim}', now());
select count(*) from queue.standing_holds() where oldest_placed_at = now();
-- gus: 0 · what is due in another agency
select count(*) from queue.workload() where agency <> 'globex';

-- owner: 0 · calls that look names up where their caller says
select count(*) from pg_proc
where pronamespace in ('queue'::regnamespace, 'care'::regnamespace) and prosecdef
  and not coalesce(array_to_string(proconfig, ' ') ~ 'search_path=queue, care, pg_temp$', false);
-- gus: false · a caller's own idea of what equals what
create schema gus authorization {gus};
set local role {gus};
create function gus.always(text, name) returns boolean language sql as 'select true';
create operator gus.= (leftarg = text, rightarg = name, function = gus.always);
create function gus.always(text, text) returns boolean language sql as 'select true';
create operator gus.= (leftarg = text, rightarg = text, function = gus.always);
reset role;
set local search_path = gus, pg_catalog;
select queue.may_see('acme');

-- nobody: 42501 function later · a function that comes later
grant usage on schema queue to public;
set local role countersign_owner;
create function queue.later() returns integer language sql as 'select 1';
reset role;
select queue.later();
-- nobody: 42501 type queue.later · a type that comes later
grant usage on schema queue to public;
set local role countersign_owner;
create type queue.later as enum ('later');
reset role;
create temporary table mine (later queue.later);
