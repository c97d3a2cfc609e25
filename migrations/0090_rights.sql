-- Who may call and see what. Whatever is not listed here, nobody may.
set local role countersign_owner;

-- Rows follow the login, never a setting, because a client can change any setting.
create function queue.may_see(of_agency text) returns boolean
language sql stable security definer set search_path = queue, care, pg_temp as $$
    select exists (select from queue.staff as me
                   where me.login = session_user and (me.agency is null or me.agency = of_agency))
$$;

alter table queue.job_queue enable row level security;
create policy staff_see_their_agency on queue.job_queue for select to countersign_staff
    using (agency in (select queue.visible_agencies()));
create policy executors_see_what_they_hold on queue.job_queue for select to countersign_executor
    using (lease_owner = session_user and status in ('leased', 'running') and queue.is_still_registered(job_queue));

alter table queue.review_decision enable row level security;
create policy staff_see_their_agency on queue.review_decision for select to countersign_staff
    using (agency in (select queue.visible_agencies()));

alter table queue.dot_iu_command_run enable row level security;
create policy staff_see_their_agency on queue.dot_iu_command_run for select to countersign_staff
    using (agency in (select queue.visible_agencies())
           or (agency is null and (login = session_user
                                   or exists (select from queue.staff as me where me.login = session_user and me.agency is null))));

alter table queue.hold enable row level security;
create policy staff_see_their_agency on queue.hold for select to countersign_staff
    using (agency is null or agency in (select queue.visible_agencies()));

alter table queue.dot_config enable row level security;
create policy staff_see_their_agency on queue.dot_config for select to countersign_staff
    using (agency is null or agency in (select queue.visible_agencies()));

alter table queue.host enable row level security;
create policy staff_see_their_agency on queue.host for select to countersign_staff
    using (agency is null or agency in (select queue.visible_agencies()));

alter table queue.agency enable row level security;
create policy staff_see_their_agency on queue.agency for select to countersign_staff
    using (queue.may_see(agency));

alter table queue.business_hours enable row level security;
create policy staff_see_their_agency on queue.business_hours for select to countersign_staff
    using (queue.may_see(agency));

alter table queue.holiday enable row level security;
create policy staff_see_their_agency on queue.holiday for select to countersign_staff
    using (queue.may_see(agency));

alter table queue.staff enable row level security;
create policy staff_see_their_agency on queue.staff for select to countersign_staff
    using (login = session_user or queue.may_see(agency));

-- A program that several agencies share names them all, so each sees only those that are its own.
alter table queue.executor enable row level security;
create policy staff_see_their_agency on queue.executor for select to countersign_staff
    using (agencies <@ array(select queue.visible_agencies()));

alter table queue.producer enable row level security;
create policy staff_see_their_agency on queue.producer for select to countersign_staff
    using (agencies <@ array(select queue.visible_agencies()));

alter table queue.monitor enable row level security;
create policy staff_without_agency_see_monitors on queue.monitor for select to countersign_staff
    using (exists (select from queue.staff as me where me.login = session_user and me.agency is null));

alter table queue.escalation_stop enable row level security;
create policy staff_see_their_agency on queue.escalation_stop for select to countersign_staff
    using (queue.may_see(split_part(substring(target_ref from 8), '/', 1)));

alter table queue.send_evidence enable row level security;
create policy staff_see_their_agency on queue.send_evidence for select to countersign_staff
    using (exists (select from queue.job_queue as job where job.job_id = send_evidence.job_id));

grant select on
    queue.job_queue, queue.review_decision, queue.dot_iu_command_run, queue.hold, queue.dot_config, queue.agency, queue.business_hours,
    queue.holiday, queue.staff,
    queue.executor, queue.producer, queue.monitor, queue.escalation_stop, queue.send_evidence, queue.event_type_registry,
    queue.config_key, queue.job_kind, queue.job_transition, queue.escalation_route, queue.language, queue.intent,
    queue.routing_hint, queue.channel, queue.host, queue.reason, queue.error_code, queue.v_queue_health, queue.v_customer_sla_pressure,
    queue.decision_taken
    to countersign_staff;
grant select on queue.job_queue, queue.job_kind, queue.error_code to countersign_executor;
grant select on queue.v_queue_health, queue.v_customer_sla_pressure to countersign_monitor;
grant select on queue.language, queue.intent, queue.routing_hint, queue.channel to countersign_producer;

-- Functions that views and policies call run under the reader's name until they have begun.
grant execute on function queue.visible_agencies(), queue.queue_health(), queue.sla_pressure(), queue.oldest_leases(),
    queue.channel_health(), queue.standing_holds(), queue.history(interval, interval), queue.totals(),
    queue.workload(), queue.overview(bigint, bigint[]), queue.await_change(bigint, double precision)
    to countersign_staff, countersign_monitor;
grant execute on function queue.may_see(text), queue.is_second_look(bigint), queue.knows_zone(text) to countersign_staff;
grant execute on function queue.is_still_registered(queue.job_queue) to countersign_executor;

grant execute on function
    queue.jobs_like(text[], text, text, text, text, double precision, double precision, bigint, integer),
    queue.jobs_in(text[], text[], text, text, text, text, double precision, double precision, timestamptz, timestamptz, bigint, integer)
    to countersign_staff, countersign_executor;
grant execute on function queue.whoami(), queue.clock()
    to countersign_staff, countersign_executor, countersign_producer, countersign_monitor;

do $$
declare
    granted record;
    call    record;
begin
    for granted in
        select *
        from (values
            ('countersign_producer', array['open_conversation', 'store_inbound', 'store_history', 'submit_draft',
                                           'schedule_followup', 'import_conversations', 'read_outbox', 'command_fate']),
            ('countersign_executor', array['claim_jobs', 'start_job', 'extend_lease', 'put_draft', 'complete_job', 'fail_job',
                                           'release_job', 'open_body', 'sweep', 'why_blocked', 'command_fate', 'read_outbox']),
            ('countersign_staff',    array['claim_review', 'extend_lease', 'release_job', 'open_body', 'pane_state', 'waiting_questions',
                                           'review_approve', 'review_reject', 'review_escalate', 'review_revise', 'review_undo',
                                           'take_escalation', 'skip_review', 'force_release', 'others_online', 'kept_revisions',
                                           'reviewer_figures',
                                           'dead_letter_retry', 'dead_letter_discard', 'confirm_sent', 'retry_now', 'cancel_job',
                                           'hold', 'try_resume', 'resume',
                                           'sign_off_customer', 'revoke_sign_off', 'sign_offs', 'set_agency_config',
                                           'set_business_hours', 'set_holidays',
                                           'erase_customer', 'retention_sweep',
                                           'set_config', 'switch_settled', 'register_code', 'register_agency', 'register_agency_host', 'register_staff',
                                           'register_executor', 'register_producer', 'register_monitor', 'set_enabled', 'revoke_login',
                                           'ratify_event_type', 'register_key',
                                           'sweep', 'why_blocked', 'command_fate', 'read_outbox', 'trace', 'conversations_of'])
        ) as list (role_name, calls)
    loop
        for call in
            select oid::regprocedure as signature
            from pg_proc
            where pronamespace = 'queue'::regnamespace and proname = any (granted.calls)
        loop
            execute format('grant execute on function %s to %I', call.signature, granted.role_name);
        end loop;
    end loop;
end
$$;

reset role;
