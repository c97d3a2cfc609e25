-- What not even the owner of the tables may do with them: what the triggers stop.

-- The wall.

-- owner: CS008 · a job of no agency
select world.insert('queue.job_queue', world.job_like('queued') || '{"agency": "umbrella"}');
-- owner: CS008 · a job on no channel
select world.insert('queue.job_queue', world.job_like('queued') || '{"channel_kind": "pigeon"}');
-- owner: CS008 · a job with a sentence
select world.insert('queue.job_queue', world.job_like('queued') || '{"safe_payload": {"body": "hello"}}');
-- owner: CS008 · a sentence is put into a job
update queue.job_queue set safe_payload = '{"body": "hello"}' where job_id = world.job('queued');
-- owner: CS008 · a job in no language
update queue.job_queue set safe_payload = '{"language": "xx"}' where job_id = world.job('queued');
-- owner: CS008 · a job with no intent
update queue.job_queue set safe_payload = '{"intent_code": "jane_roe"}' where job_id = world.job('queued');
-- owner: CS008 · a job on two channels
update queue.job_queue set safe_payload = '{"channel_kind": "sms"}' where job_id = world.job('queued');
-- owner: CS008 · a job routed to nobody
update queue.job_queue set safe_payload = '{"routing_hint": "agency:jane"}' where job_id = world.job('queued');
-- owner: CS008 · a job that is tried again for no reason
update queue.job_queue set safe_payload = '{"retry_reason_code": "jane_roe"}' where job_id = world.job('queued');
-- owner: CS008 · a job that failed in words
update queue.job_queue set last_error_code = 'jane_roe' where job_id = world.job('queued');

-- owner: CS008 · a login whose name would be cut to one that exists [is_login]
create role ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff;
update queue.hold set placed_by = repeat('f', 64) where resumed_at is null;

-- The machine.

-- owner: CS005 · a job is born paused
select world.insert('queue.job_queue', world.job_like('queued') || '{"status": "paused"}');
-- owner: CS006 · a job changes hands
update queue.job_queue set agency = 'globex' where job_id = world.job('queued');
-- owner: CS006 · a job gets another parent
update queue.job_queue set parent_job_id = world.job('waiting') where job_id = world.job('due.created');
-- owner: CS006 · a job gets another command
update queue.job_queue set idempotency_key = gen_random_uuid() where job_id = world.job('queued');
-- owner: CS006 · a send gets another draft
update queue.job_queue set payload_ref = 'message:' || world.it('waiting.draft') where job_id = world.job('due.created');
-- owner: CS006 · a lease comes back
update queue.job_queue set lease_token = 0 where job_id = world.job('leased');
-- owner: CS005 · what ended is written again
update queue.job_queue set priority = 0 where job_id = world.job('sent.send');
-- owner: CS005 · a job runs that nobody claimed
update queue.job_queue set status = 'running', lease_owner = '{kim}', lease_expires_at = now() where job_id = world.job('queued');
-- owner: CS005 · a program's job ends before it ran
update queue.job_queue set status = 'succeeded', finished_at = now(), lease_owner = null, lease_expires_at = null where job_id = world.job('leased');
-- owner: CS005 · a dead letter of unknown effect that is no send is found to have left
select world.forge('update queue.job_queue set outcome_code = $$outcome_unknown$$ where job_id = world.job($$dead$$)');
update queue.job_queue set status = 'succeeded' where job_id = world.job('dead');
-- owner: CS005 · a send that did not leave is found to have left
select world.forge('update queue.job_queue set outcome_code = $$attempts_used_up$$ where job_id = world.job($$unknown.send$$)');
update queue.job_queue set status = 'succeeded' where job_id = world.job('unknown.send');
-- owner: CS005 · a job is claimed under the lease before
update queue.job_queue set status = 'leased', lease_owner = '{kim}', lease_expires_at = now() where job_id = world.job('queued');

-- The gate.

-- owner: 1 written · an approved send is claimed
update queue.job_queue set status = 'leased', lease_owner = '{kim}', lease_token = lease_token + 1, lease_expires_at = now() where job_id = world.job('due.created');
-- owner: CS007 · a send on a question that nobody answered [right_to_send]
select world.forge('update queue.job_queue set parent_job_id = world.job($$waiting$$) where job_id = world.job($$due.created$$)');
update queue.job_queue set status = 'leased', lease_owner = '{kim}', lease_token = lease_token + 1, lease_expires_at = now() where job_id = world.job('due.created');
-- owner: CS007 · a send on an escalation [right_to_send]
select world.forge('update queue.job_queue set job_kind = $$customer_message_escalate$$ where job_id = world.job($$due$$)');
update queue.job_queue set status = 'leased', lease_owner = '{kim}', lease_token = lease_token + 1, lease_expires_at = now() where job_id = world.job('due.created');
-- owner: CS007 · a send on a question that was cancelled
select world.forge('update queue.job_queue set status = $$cancelled$$ where job_id = world.job($$due$$)');
update queue.job_queue set status = 'leased', lease_owner = '{kim}', lease_token = lease_token + 1, lease_expires_at = now() where job_id = world.job('due.created');
-- owner: CS007 · a send on another agency's question
select world.forge('update queue.job_queue set agency = $$globex$$, target_ref = $$agency:globex/role:reviewer$$ where job_id = world.job($$due$$)');
update queue.job_queue set status = 'leased', lease_owner = '{kim}', lease_token = lease_token + 1, lease_expires_at = now() where job_id = world.job('due.created');
-- owner: CS007 · a send on another conversation's question
select world.forge('update queue.job_queue set correlation_id = gen_random_uuid() where job_id = world.job($$due$$)');
update queue.job_queue set status = 'leased', lease_owner = '{kim}', lease_token = lease_token + 1, lease_expires_at = now() where job_id = world.job('due.created');
-- owner: CS007 · a send on a question about another draft
select world.forge('update queue.job_queue set payload_ref = $$message:$$ || world.it($$waiting.draft$$) where job_id = world.job($$due$$)');
update queue.job_queue set status = 'leased', lease_owner = '{kim}', lease_token = lease_token + 1, lease_expires_at = now() where job_id = world.job('due.created');
-- owner: CS007 · a send on a rejection
select world.forge('update queue.review_decision set decision = $$reject$$, reason = $$policy$$ where job_id = world.job($$due$$)');
update queue.job_queue set status = 'leased', lease_owner = '{kim}', lease_token = lease_token + 1, lease_expires_at = now() where job_id = world.job('due.created');
-- owner: CS007 · a send on an approval that was undone
select world.forge('update queue.review_decision set undone_by = $${kim}$$, undone_at = now() where job_id = world.job($$due$$)');
update queue.job_queue set status = 'leased', lease_owner = '{kim}', lease_token = lease_token + 1, lease_expires_at = now() where job_id = world.job('due.created');
-- owner: CS007 · a send on an approval of another draft
select world.forge('update queue.review_decision set draft_id = world.it($$waiting.draft$$)::uuid where job_id = world.job($$due$$)');
update queue.job_queue set status = 'leased', lease_owner = '{kim}', lease_token = lease_token + 1, lease_expires_at = now() where job_id = world.job('due.created');
-- owner: 1 written · a dispensed send is claimed
select world.dispensed();
update queue.job_queue set status = 'leased', lease_owner = '{kim}', lease_token = lease_token + 1, lease_expires_at = now() where job_id = world.job('dispensed');
-- owner: CS007 · a dispensed send that no job made
select world.dispensed();
select world.forge('update queue.job_queue set parent_job_id = world.job($$leased$$) where job_id = world.job($$dispensed$$)');
update queue.job_queue set status = 'leased', lease_owner = '{kim}', lease_token = lease_token + 1, lease_expires_at = now() where job_id = world.job('dispensed');
-- owner: CS007 · a dispensed send that a question made
select world.dispensed();
select world.forge('update queue.job_queue set job_kind = $$customer_message_followup$$ where job_id = world.job($$drafting$$)');
update queue.job_queue set status = 'leased', lease_owner = '{kim}', lease_token = lease_token + 1, lease_expires_at = now() where job_id = world.job('dispensed');
-- owner: CS007 · a dispensed send of a draft job that is not finished
select world.dispensed();
select world.forge('update queue.job_queue set status = $$cancelled$$ where job_id = world.job($$drafting$$)');
update queue.job_queue set status = 'leased', lease_owner = '{kim}', lease_token = lease_token + 1, lease_expires_at = now() where job_id = world.job('dispensed');
-- owner: CS007 · a dispensed send of another agency's draft job
select world.dispensed();
select world.forge('update queue.job_queue set agency = $$globex$$ where job_id = world.job($$drafting$$)');
update queue.job_queue set status = 'leased', lease_owner = '{kim}', lease_token = lease_token + 1, lease_expires_at = now() where job_id = world.job('dispensed');
-- owner: CS007 · a dispensed send of another conversation's draft job
select world.dispensed();
select world.forge('update queue.job_queue set correlation_id = gen_random_uuid() where job_id = world.job($$drafting$$)');
update queue.job_queue set status = 'leased', lease_owner = '{kim}', lease_token = lease_token + 1, lease_expires_at = now() where job_id = world.job('dispensed');
-- owner: CS007 · a dispensed send of another conversation's draft
select world.dispensed();
select world.forge('update care.customer_message set conversation_id = world.it($$waiting.conversation$$)::uuid, seq = 99 where message_id = world.it($$drafting.draft$$)::uuid');
update queue.job_queue set status = 'leased', lease_owner = '{kim}', lease_token = lease_token + 1, lease_expires_at = now() where job_id = world.job('dispensed');
-- owner: CS007 · a dispensed send of what was no draft
select world.dispensed();
select world.forge('update care.customer_message set direction = $$inbound$$ where message_id = world.it($$drafting.draft$$)::uuid');
update queue.job_queue set status = 'leased', lease_owner = '{kim}', lease_token = lease_token + 1, lease_expires_at = now() where job_id = world.job('dispensed');
-- owner: CS007 · a dispensed send of another draft
select world.dispensed();
select world.forge('update queue.job_queue set payload_ref = $$message:$$ || world.it($$waiting.draft$$) where job_id = world.job($$dispensed$$)');
update queue.job_queue set status = 'leased', lease_owner = '{kim}', lease_token = lease_token + 1, lease_expires_at = now() where job_id = world.job('dispensed');
-- owner: CS007 · a dispensed send of a draft that was made for another job
select world.dispensed();
select world.forge('update care.customer_message set made_for_job_id = world.job($$leased$$) where message_id = world.it($$drafting.draft$$)::uuid');
update queue.job_queue set status = 'leased', lease_owner = '{kim}', lease_token = lease_token + 1, lease_expires_at = now() where job_id = world.job('dispensed');
-- owner: CS007 · a send runs without the record of its approval [gate]
update queue.job_queue set status = 'running' where job_id = world.job('claimed.send');
-- owner: CS007 · a question is approved without a decision [gate]
update queue.job_queue set status = 'succeeded', finished_at = now(), lease_owner = null, lease_expires_at = null where job_id = world.job('read');
-- owner: CS007 · a question is approved by a rejection
select world.forge('insert into queue.review_decision (job_id, agency, decision, reason, decided_by, decided_at, draft_id, draft_digest, newest_inbound_seq, lease_token)
                    values (world.job($$read$$), $$acme$$, $$reject$$, $$policy$$, $${kim}$$, now(), world.it($$read.draft$$)::uuid, sha256($$x$$), 1, 1)');
update queue.job_queue set status = 'succeeded', finished_at = now(), lease_owner = null, lease_expires_at = null where job_id = world.job('read');

-- The pin.

-- owner: inserted · a decision of who holds the question
select world.insert('queue.review_decision', world.decision_to_make());
-- owner: CS007 · a decision on another question
select world.insert('queue.review_decision', world.decision_to_make() || jsonb_build_object('job_id', world.job('waiting')));
-- owner: CS007 · a decision on an escalation
select world.forge('update queue.job_queue set job_kind = $$customer_message_escalate$$ where job_id = world.job($$read$$)');
select world.insert('queue.review_decision', world.decision_to_make());
-- owner: CS007 · a decision for another agency
select world.insert('queue.review_decision', world.decision_to_make() || '{"agency": "globex"}');
-- owner: CS007 · a decision on what is not leased
select world.forge('alter table queue.job_queue drop constraint job_lease_whole; update queue.job_queue set status = $$queued$$ where job_id = world.job($$read$$)');
select world.insert('queue.review_decision', world.decision_to_make());
-- owner: CS007 · a decision of who does not hold the question
select world.insert('queue.review_decision', world.decision_to_make() || jsonb_build_object('decided_by', '{bo}'));
-- owner: CS007 · a decision of who is of another agency
select world.forge('update queue.job_queue set lease_owner = $${gus}$$ where job_id = world.job($$read$$)');
select world.insert('queue.review_decision', world.decision_to_make());
-- owner: CS007 · a decision of who is no staff
select world.forge('update queue.job_queue set lease_owner = $${exe}$$ where job_id = world.job($$read$$)');
select world.insert('queue.review_decision', world.decision_to_make());
-- owner: CS007 · a decision under the lease before
select world.insert('queue.review_decision', world.decision_to_make() || '{"lease_token": 0}');
-- owner: CS007 · a decision on another draft
select world.forge('update queue.job_queue set payload_ref = $$message:$$ || world.it($$waiting.draft$$) where job_id = world.job($$read$$)');
select world.insert('queue.review_decision', world.decision_to_make() || jsonb_build_object('draft_id', world.it('read.draft'), 'draft_digest', sha256(world.it('read.draft')::bytea)));
-- owner: CS007 · a decision on no draft
select world.insert('queue.review_decision', world.decision_to_make() || jsonb_build_object('draft_id', gen_random_uuid()));
-- owner: CS007 · a decision on another conversation's draft
select world.forge('update care.customer_message set conversation_id = world.it($$waiting.conversation$$)::uuid, seq = 99 where message_id = world.it($$read.draft$$)::uuid');
select world.insert('queue.review_decision', world.decision_to_make());
-- owner: CS007 · a decision on what was no draft
select world.forge('update care.customer_message set direction = $$inbound$$ where message_id = world.it($$read.draft$$)::uuid');
select world.insert('queue.review_decision', world.decision_to_make());
-- owner: CS007 · a decision on another digest
select world.insert('queue.review_decision', world.decision_to_make() || jsonb_build_object('draft_digest', sha256('x')));
-- owner: CS007 · a decision on messages to come
select world.insert('queue.review_decision', world.decision_to_make() || '{"newest_inbound_seq": 9}');
-- owner: CS007 · a decision on the digest of another draft of the conversation
select world.forge('update care.customer_message set conversation_id = world.it($$read.conversation$$)::uuid, seq = 99 where message_id = world.it($$waiting.draft$$)::uuid');
select world.insert('queue.review_decision', world.decision_to_make() || jsonb_build_object('draft_digest', sha256(world.it('waiting.draft')::bytea)));

-- The record of a right to send.

-- owner: 1 written · the right that a send has is recorded
insert into queue.send_evidence (job_id, decision_id, recorded_at) values (world.job('due.created'), world.decision('due'), now());
-- owner: CS007 · another send's right is recorded
insert into queue.send_evidence (job_id, decision_id, recorded_at) values (world.job('due.created'), world.decision('approved'), now());
-- owner: CS007 · a right is recorded for a job that is no send
select world.forge('update queue.job_queue set parent_job_id = world.job($$due$$), payload_ref = $$message:$$ || world.it($$due.draft$$), correlation_id = world.it($$due.conversation$$)::uuid where job_id = world.job($$queued$$)');
insert into queue.send_evidence (job_id, decision_id, recorded_at) values (world.job('queued'), world.decision('due'), now());
-- owner: CS006 · a decision is undone whose send was taken
update queue.review_decision set undone_by = '{ada}', undone_at = now() where job_id = world.job('claimed');
-- owner: CS006 · a decision is undone whose send ended
update queue.job_queue set status = 'cancelled', finished_at = now() where job_id = world.job('approved.created');
update queue.review_decision set undone_by = '{ada}', undone_at = now() where job_id = world.job('approved');
-- owner: CS006 · a job of another agency than its conversation
select world.insert('queue.job_queue', world.job_like('queued') || '{"agency": "globex"}');
-- owner: CS006 · a job on another channel than its conversation
select world.insert('queue.job_queue', world.job_like('queued') || '{"channel_kind": "sms"}');
-- owner: CS006 · a job of another conversation
select world.insert('queue.job_queue', world.job_like('queued') || jsonb_build_object('correlation_id', gen_random_uuid()));
-- owner: CS007 · a send that vanished is tried again [gate]
update queue.job_queue set status = 'retry_waiting', last_error_code = 'worker_vanished', lease_owner = null, lease_expires_at = null where job_id = world.job('running.send');
-- owner: CS007 · a send that may have left is tried again
update queue.job_queue set status = 'retry_waiting', last_error_code = 'provider_timeout', lease_owner = null, lease_expires_at = null where job_id = world.job('running.send');
-- owner: 1 written · a send that did not leave is tried again
update queue.job_queue set status = 'retry_waiting', last_error_code = 'rate_limited', lease_owner = null, lease_expires_at = null where job_id = world.job('running.send');
-- owner: CS007 · a send of which nobody knows is tried again
update queue.job_queue set status = 'retry_waiting', lease_owner = null, lease_expires_at = null where job_id = world.job('running.send');

-- What is kept.

-- owner: CS010 · jobs are deleted
delete from queue.job_queue where job_id = world.job('foreign_queued');
-- owner: CS010 · jobs are truncated
truncate queue.job_queue cascade;
-- owner: CS006 · a decision is rewritten
update queue.review_decision set decision = 'reject', reason = 'policy' where job_id = world.job('approved');
-- owner: CS006 · a decision brings something else about
update queue.review_decision set created_job_id = world.job('waiting') where job_id = world.job('approved');
-- owner: CS006 · an undone decision is undone by somebody else
update queue.review_decision set undone_by = '{kim}' where job_id = world.job('undone');
-- owner: CS010 · decisions are deleted
delete from queue.review_decision where job_id = world.job('dropped');
-- owner: CS010 · decisions are truncated
truncate queue.review_decision cascade;
-- owner: CS010 · the record of a send is rewritten
update queue.send_evidence set recorded_at = now() where job_id = world.job('sent.send');
-- owner: CS010 · the record of a send is deleted
delete from queue.send_evidence where job_id = world.job('sent.send');
-- owner: CS010 · the records of sends are truncated
truncate queue.send_evidence;
-- owner: CS010 · an event is rewritten
update queue.event_outbox set agency = 'globex' where agency = 'acme';
-- owner: CS010 · events are deleted
delete from queue.event_outbox;
-- owner: CS010 · events are truncated
truncate queue.event_outbox;
-- owner: CS010 · the trail is rewritten
update queue.dot_iu_command_run set job_id = 1;
-- owner: CS010 · the trail is deleted
delete from queue.dot_iu_command_run;
-- owner: CS010 · the trail is truncated
truncate queue.dot_iu_command_run;
-- owner: CS010 · an answer is rewritten
update queue.command_answer set answer = '{"outcome": "applied"}';
-- owner: CS010 · answers are deleted
delete from queue.command_answer;
-- owner: CS010 · answers are truncated
truncate queue.command_answer;
-- owner: CS006 · a message is rewritten
update care.customer_message set at = now() where message_id = world.it('waiting.message')::uuid;
-- owner: CS010 · a message is deleted
delete from care.customer_message where message_id = world.it('waiting.message')::uuid;
-- owner: CS010 · a conversation is deleted
delete from care.customer_conversation where conversation_id = world.it('waiting.conversation')::uuid;
-- owner: CS010 · a conversation is deleted whose jobs are there
select world.switch('queue.retention.messages', '86400');
select world.advance('3 days');
delete from care.customer_conversation where conversation_id = world.it('waiting.conversation')::uuid;
-- owner: CS010 · a conversation is deleted that was just opened
select world.switch('queue.retention.messages', '86400');
select world.conversation('empty');
delete from care.customer_conversation where conversation_id = world.it('empty.conversation')::uuid;
-- owner: CS010 · messages are truncated
truncate care.customer_message cascade;
-- owner: CS010 · jobs are truncated, where nothing that refers to them is kept
alter table queue.review_decision disable trigger keep_all;
alter table queue.send_evidence disable trigger keep_all;
alter table care.review_note disable trigger keep_all;
truncate queue.job_queue cascade;
-- owner: CS010 · decisions are truncated, where nothing that refers to them is kept
alter table queue.send_evidence disable trigger keep_all;
alter table care.review_note disable trigger keep_all;
truncate queue.review_decision cascade;
-- owner: CS002 · a message is stored under another agency's key
select world.insert('care.customer_message', jsonb_build_object(
    'message_id', gen_random_uuid(), 'conversation_id', world.it('waiting.conversation'), 'seq', 99, 'direction', 'inbound', 'author_ref', 'customer',
    'stored_by', '{prod}', 'sealed_body', world.sealed('globex'), 'key_id', world.key('globex'), 'digest', sha256('x'), 'at', now(), 'stored_at', now()));
-- owner: CS002 · a message is resealed under another agency's key
update care.customer_message set key_id = world.key('globex'), sealed_body = world.sealed('globex') where message_id = world.it('waiting.message')::uuid;
-- owner: CS002 · a note is stored under another agency's key
insert into care.review_note values (world.decision('rejected'), world.sealed('globex'), world.key('globex'));
-- owner: CS002 · a note is resealed under another agency's key
insert into care.review_note values (world.decision('rejected'), world.sealed(), world.key('acme'));
update care.review_note set key_id = world.key('globex'), sealed_body = world.sealed('globex');
-- owner: CS010 · a note is deleted [keep_trees]
insert into care.review_note values (world.decision('rejected'), world.sealed(), world.key('acme'));
delete from care.review_note;
-- owner: CS010 · notes are truncated
truncate care.review_note;
-- owner: CS006 · a note is put to another decision
insert into care.review_note values (world.decision('rejected'), world.sealed(), world.key('acme'));
update care.review_note set decision_id = world.decision('dropped');
-- owner: CS006 · a forgotten note is written again
insert into care.review_note (decision_id, erased_at) values (world.decision('rejected'), now());
update care.review_note set erased_at = null, sealed_body = world.sealed(), key_id = world.key('acme');

-- What the helpers of the calls refuse to whoever gets at them.

-- owner: CS009 · a command is answered twice
select queue.remember_answer('00000000-0000-0000-0000-000000000001', sha256('x'), '{"outcome": "applied"}');
select queue.remember_answer('00000000-0000-0000-0000-000000000001', sha256('x'), '{"outcome": "applied"}');
-- owner: CS009 · a message is stored twice
select queue.store_message(world.it('waiting.conversation')::uuid, world.it('waiting.message')::uuid, 'inbound', null, '{kim}', world.key('acme'),
                           world.sealed(), sha256('x'), now());

-- The counting.

-- owner: 1 · a job that is born uncounted
select world.counted($$select world.insert('queue.job_queue', world.job_like('queued'))$$);
-- owner: 1 · a job that is due uncounted
select world.counted('update queue.job_queue set deadline_at = deadline_at + interval $$1 minute$$ where job_id = ' || world.job('waiting'));
