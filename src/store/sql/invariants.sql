-- Which promises of the contract are broken, and how often?
select 'I1 keys in safe_payload that are no signal' as invariant,
       count(*) filter (where exists (
           select from jsonb_object_keys(safe_payload) as field (key)
           where field.key not in ('language', 'intent_code', 'priority', 'channel_kind', 'routing_hint', 'confidence',
                                   'retry_reason_code'))) as broken
from queue.job_queue
union all
select 'I3 moves in the audit trail that no job can make', count(*)
from queue.dot_iu_command_run as run
where run.from_status <> run.to_status
  and not exists (select from queue.job_transition as move
                  where move.from_status = run.from_status and move.to_status = run.to_status)
union all
select 'I4 sends that left without recorded evidence', count(*)
from queue.job_queue as job
where job.job_kind = 'customer_message_send' and job.status in ('running', 'succeeded')
  and not exists (select from queue.send_evidence as evidence where evidence.job_id = job.job_id)
union all
select 'I4 sends on a decision that was not an approval, or was undone', count(*)
from queue.send_evidence as evidence
join queue.review_decision as decision using (decision_id)
where decision.decision <> 'approve' or decision.undone_at is not null
union all
select 'I4 approvals that let more than one send through', count(*)
from (
    select parent_job_id
    from queue.job_queue
    where job_kind = 'customer_message_send' and status in ('running', 'succeeded')
    group by parent_job_id
    having count(*) > 1
) as twice
union all
select 'I4 sends of another draft than the one approved', count(*)
from queue.job_queue as job
join queue.send_evidence as evidence using (job_id)
join queue.review_decision as decision using (decision_id)
where job.payload_ref <> 'message:' || decision.draft_id
union all
select 'I4 approve jobs that succeeded without a decision', count(*)
from queue.job_queue as job
where job.job_kind = 'customer_message_approve' and job.status = 'succeeded'
  and not exists (select from queue.review_decision as decision
                  where decision.job_id = job.job_id and decision.decision = 'approve')
union all
select 'I5 sends by a sign-off that was another customer''s, or did not hold', count(*)
from queue.send_evidence as evidence
join queue.job_queue as job using (job_id)
join care.customer_conversation as conversation on conversation.conversation_id = job.correlation_id
join care.customer_signoff as signoff using (signoff_id)
where (signoff.customer_id, signoff.agency) is distinct from (conversation.customer_id, conversation.agency)
   or evidence.recorded_at not between signoff.signed_at and signoff.expires_at
   or signoff.revoked_at < evidence.recorded_at
union all
select 'I6 decisions on a digest that is not the draft''s', count(*)
from queue.review_decision as decision
join care.customer_message as draft on draft.message_id = decision.draft_id
where draft.digest <> decision.draft_digest
union all
select 'I6 decisions after a message that was not on the screen', count(*)
from queue.review_decision as decision
join queue.job_queue as job using (job_id)
where decision.decision in ('approve', 'reject')
  and exists (select from care.customer_message as message
              where message.conversation_id = job.correlation_id and message.direction = 'inbound'
                and message.seq > decision.newest_inbound_seq and message.stored_at < decision.decided_at)
union all
select 'I7 approvals by who had a hand in the draft', count(*)
from queue.review_decision as decision
where decision.decision = 'approve' and not decision.by_editor
  and exists (
      with recursive revision as (
          select message.message_id, message.revises, message.author_ref, message.stored_by
          from care.customer_message as message
          where message.message_id = decision.draft_id
          union
          select earlier.message_id, earlier.revises, earlier.author_ref, earlier.stored_by
          from care.customer_message as earlier
          join revision on revision.revises = earlier.message_id
      )
      select from revision where decision.decided_by in (revision.author_ref, revision.stored_by))
union all
select 'I8 jobs decided twice', count(*)
from (select job_id from queue.review_decision group by job_id having count(*) > 1) as twice
union all
select 'I8 decisions undone whose job went on', count(*)
from queue.review_decision as decision
join queue.job_queue as created on created.job_id = decision.created_job_id
where decision.undone_at is not null and created.status <> 'cancelled'
union all
select 'I9 decisions under a lease that had moved on', count(*)
from queue.review_decision as decision
join queue.job_queue as job using (job_id)
where decision.lease_token <> job.lease_token
union all
select 'I9 leases without an owner', count(*)
from queue.job_queue
where status in ('leased', 'running') and (lease_owner is null or lease_expires_at is null)
union all
select 'I10 escalations to another tier than the next, or of a job that went on', count(*)
from queue.job_queue as job
join queue.job_queue as origin on origin.job_id = job.parent_job_id
where job.job_kind = 'customer_message_escalate'
  and (origin.outcome_code is distinct from 'escalated'
       or not exists (select from queue.escalation_route as route
                      where origin.target_ref = 'agency:' || origin.agency || '/role:' || route.from_role
                        and job.target_ref = 'agency:' || origin.agency || '/role:' || route.to_role))
union all
select 'I13 events of a type that is not ratified', count(*)
from queue.event_outbox as event
where not exists (select from queue.event_type_registry as registry
                  where registry.event_type = event.event_type and registry.ratified_at is not null)
union all
select 'I14 jobs that nothing in the audit trail explains', count(*)
from queue.job_queue as job
where not exists (select from queue.dot_iu_command_run as run where run.job_id = job.job_id)
union all
select 'I14 jobs whose last audited status is not their own', count(*)
from queue.job_queue as job
cross join lateral (
    select run.to_status
    from queue.dot_iu_command_run as run
    where run.job_id = job.job_id and run.to_status is not null
    order by run.run_id desc
    limit 1
) as latest
where latest.to_status <> job.status
union all
select 'I15 jobs of another agency or channel than their conversation', count(*)
from queue.job_queue as job
join care.customer_conversation as conversation on conversation.conversation_id = job.correlation_id
where (conversation.agency, conversation.channel_kind) is distinct from (job.agency, job.channel_kind)
union all
select 'I15 jobs that came from another conversation', count(*)
from queue.job_queue as job
join queue.job_queue as origin on origin.job_id = job.parent_job_id
where origin.correlation_id <> job.correlation_id
union all
select 'I16 messages whose envelope is not sealed', count(*)
from care.customer_message
where sealed_body is not null and (octet_length(sealed_body) < 57 or get_byte(sealed_body, 0) <> 1)
union all
select 'I17 sends that were tried again although they may have left', count(*)
from (
    select run.job_id
    from queue.dot_iu_command_run as run
    join queue.job_queue as job using (job_id)
    where job.job_kind = 'customer_message_send'
    group by run.job_id
    having count(*) filter (where run.to_status = 'running' and run.from_status <> 'running')
         > 1 + count(*) filter (where run.call = 'dead_letter_retry' and run.code = 'may_have_left')
             + count(*) filter (where run.from_status = 'running' and run.code <> 'worker_vanished'
                                  and exists (select from queue.error_code as known
                                              where known.code = run.code and known.effect = 'none'))
) as blindly
union all
select 'one open question per conversation', count(*)
from (
    select correlation_id
    from queue.job_queue
    where job_kind in ('customer_message_approve', 'customer_message_escalate')
      and status in ('queued', 'leased', 'paused')
    group by correlation_id
    having count(*) > 1
) as twice
union all
select 'I16 bodies sealed under a key of another agency', count(*)
from care.customer_message as message
join care.customer_conversation as conversation using (conversation_id)
join care.sealing_key as known on known.key_id = message.key_id
where known.agency <> conversation.agency
