-- What the calls refuse, and what they choose to touch.
--
-- `-- LOGIN: EXPECTED · what`, below it statements that the superuser runs first, and last the attack. EXPECTED is the outcome
-- of the call, the value of the query, or the SQLSTATE. `LOGIN, repeatable read` attacks in a transaction of that isolation.
-- `[FUNCTION]` behind an attack says whose guards it is meant for, where its statement does not: those try it first.

-- Arguments.

-- prod: CS002 · a customer without a reference
select queue.open_conversation(world.command(), 'acme', null, 'email', world.command());
-- prod: CS002 · a customer whose reference has no end
select queue.open_conversation(world.command(), 'acme', repeat('{kim}', 257), 'email', world.command());
-- prod: CS002 · a command without an id
select queue.open_conversation(world.command(), 'acme', 'cust-new', 'email', null);
-- prod: CS002 · an id that is a name
select queue.open_conversation('jane', 'acme', 'cust-new', 'email', world.command());
-- prod: CS002 · an id that is a name, where none is needed
select queue.submit_draft(world.it('waiting.conversation'), world.command(), 'drafter-1', world.key('acme'), world.sealed(), sha256('x'),
                          revises => 'jane', command_id => world.command());
-- prod: CS002 · an id whose lines stand elsewhere
select queue.open_conversation('----' || repeat('0b', 16), 'acme', 'cust-new', 'email', world.command());
-- prod: CS002 · an id with letters that are no digits
select queue.open_conversation('jane0000-0000-4000-8000-000000000001', 'acme', 'cust-new', 'email', world.command());
-- prod: CS008 · a sentence among the codes
select queue.schedule_followup(world.it('waiting.conversation'), '2026-01-31T09:12:00Z', '{"body": "hello"}', command_id => world.command());
-- prod: CS002 · codes that are no JSON
select queue.schedule_followup(world.it('waiting.conversation'), '2026-01-31T09:12:00Z', 'hello', command_id => world.command());
-- prod: CS002 · a priority out of range
select queue.schedule_followup(world.it('waiting.conversation'), '2026-01-31T09:12:00Z', priority => 10, command_id => world.command());
-- prod: CS002 · no time
select queue.schedule_followup(world.it('waiting.conversation'), null, command_id => world.command());
-- prod: CS002 · a time without a zone
select queue.schedule_followup(world.it('waiting.conversation'), '2026-01-31', command_id => world.command());
-- prod: CS002 · a time that does not exist
select queue.schedule_followup(world.it('waiting.conversation'), '2026-02-31T09:12:00Z', command_id => world.command());
-- ada: CS002 · a pin that is none
select queue.review_approve(world.job('read'), 'seen', command_id => world.command());
-- ada: CS002 · decided before it was seen
select queue.review_approve(world.job('read'), world.pin('read'), -1, command_id => world.command());
-- ada: CS008 · no reason
select queue.review_reject(world.job('read'), world.pin('read'), null, command_id => world.command());
-- ada: CS008 · a reason for something else
select queue.review_reject(world.job('read'), world.pin('read'), 'legal_threat', command_id => world.command());
-- ada: CS008 · a reason in words
select queue.review_reject(world.job('read'), world.pin('read'), 'she is rude', command_id => world.command());
-- pad: CS002 · a setting that does not exist
select queue.set_config('queue.of_mine', 'true', command_id => world.command());
-- pad: CS002 · a setting of another type
select queue.set_config('queue.customer.enabled', '"yes"', command_id => world.command());
-- pad: CS002 · a setting out of range
select queue.set_config('queue.customer.confidence_threshold', '1.5', command_id => world.command());

-- wad: CS002 · a time zone that is nowhere
select queue.set_business_hours('acme', '{mon 09:00-17:00}', 'Mars/Olympus', command_id => world.command());
-- wad: CS002 · a time zone without its summer
select queue.set_business_hours('acme', '{mon 09:00-17:00}', 'CET', command_id => world.command());
-- wad: applied · a time zone of the whole world
select queue.set_business_hours('acme', '{mon 09:00-17:00}', 'UTC', command_id => world.command());
-- wad: applied · a time zone of a place
select queue.set_business_hours('acme', '{mon 09:00-17:00}', 'Europe/Berlin', command_id => world.command());
-- wad: applied · the time zone of before
select queue.set_business_hours('acme', '{mon 09:00-17:00}', command_id => world.command());
-- wad: CS002 · hours in words
select queue.set_business_hours('acme', '{mon nine to five}', command_id => world.command());
-- wad: CS002 · hours that close before they open
select queue.set_business_hours('acme', '{mon 17:00-09:00,tue 00:00-24:00}', command_id => world.command());
-- wad: CS002 · hours that overlap
select queue.set_business_hours('acme', '{mon 09:00-12:00,mon 11:00-17:00}', command_id => world.command());
-- wad: CS002 · an agency that never opens
select queue.set_business_hours('acme', '{}', command_id => world.command());
-- wad: CS002 · an agency that hardly opens
select queue.set_business_hours('acme', '{mon 09:00-09:59}', command_id => world.command());
-- wad: CS002 · no holiday at all
select queue.set_holidays('acme', '{}', command_id => world.command());
-- wad: CS002 · a holiday in words
select queue.set_holidays('acme', '{christmas}', command_id => world.command());
-- wad: CS002 · a holiday that does not exist
select queue.set_holidays('acme', '{2026-02-30}', command_id => world.command());
-- wad: CS002 · always on holiday
insert into queue.holiday select 'acme', '2027-01-01'::date + day from generate_series(1, 1000) as day;
select queue.set_holidays('acme', '{2026-12-25}', command_id => world.command());

-- Sealed bodies.

-- prod: CS002 · a history in the clear
select queue.store_history(world.it('waiting.conversation'), world.command(), 'inbound', '2026-01-31T09:12:00Z', world.key('acme'),
                           convert_to(repeat('hello ', 20), 'utf8'), sha256('x'), command_id => world.command());
-- prod: CS002 · a message in the clear
select queue.store_inbound(world.it('waiting.conversation'), world.command(), '2026-01-31T09:12:00Z', world.key('acme'),
                           convert_to(repeat('hello ', 20), 'utf8'), sha256('x'), command_id => world.command());
-- prod: CS002 · a message without a body
select queue.store_inbound(world.it('waiting.conversation'), world.command(), '2026-01-31T09:12:00Z', world.key('acme'),
                           null, sha256('x'), command_id => world.command());
-- prod: CS002 · a message without a digest
select queue.store_inbound(world.it('waiting.conversation'), world.command(), '2026-01-31T09:12:00Z', world.key('acme'),
                           world.sealed(), null, command_id => world.command());
-- prod: CS002 · a message with half a digest
select queue.store_inbound(world.it('waiting.conversation'), world.command(), '2026-01-31T09:12:00Z', world.key('acme'),
                           world.sealed(), '\x00', command_id => world.command());
-- prod: CS002 · an envelope with nothing in it
select queue.store_inbound(world.it('waiting.conversation'), world.command(), '2026-01-31T09:12:00Z', world.key('acme'),
                           world.sealed(bytes => 39), sha256('x'), command_id => world.command());
-- prod: CS002 · an envelope of a version to come
select queue.store_inbound(world.it('waiting.conversation'), world.command(), '2026-01-31T09:12:00Z', world.key('acme'),
                           set_byte(world.sealed(), 0, 2), sha256('x'), command_id => world.command());
-- prod: CS002 · an envelope under another key than it says
select queue.store_inbound(world.it('waiting.conversation'), world.command(), '2026-01-31T09:12:00Z', world.key('acme'),
                           set_byte(world.sealed(), 5, (get_byte(world.sealed(), 5) + 1) % 256), sha256('x'), command_id => world.command());
-- prod: CS002 · an envelope under another agency's key
select queue.store_inbound(world.it('waiting.conversation'), world.command(), '2026-01-31T09:12:00Z', world.key('globex'),
                           world.sealed('globex'), sha256('x'), command_id => world.command());
-- prod: CS002 · a draft in the clear
select queue.submit_draft(world.it('waiting.conversation'), world.command(), 'drafter-1', world.key('acme'),
                          convert_to(repeat('hello ', 20), 'utf8'), sha256('x'), command_id => world.command());
-- exe: CS002 · a program's draft in the clear
select queue.put_draft(world.job('drafting'), world.token('drafting'), world.command(), 'drafter-1', world.key('acme'),
                       convert_to(repeat('hello ', 20), 'utf8'), sha256('x'), world.command());
-- ada: CS002 · a revision in the clear
select queue.review_revise(world.job('read'), world.pin('read'), world.command(), world.key('acme'),
                           convert_to(repeat('hello ', 20), 'utf8'), sha256('x'), world.command());
-- ada: CS002 · a note in the clear
select queue.review_reject(world.job('read'), world.pin('read'), 'policy', world.key('acme'),
                           convert_to(repeat('hello ', 20), 'utf8'), world.command());
-- ada: CS002 · a note as long as a book
select queue.review_reject(world.job('read'), world.pin('read'), 'policy', world.key('acme'), world.sealed(bytes => 65536), world.command());

-- Isolation: the guards compare what is committed now.

-- prod, repeatable read: CS001 · a producer who sees what was
select queue.open_conversation(world.command(), 'acme', 'cust-new', 'email', world.command());
-- exe, repeatable read: CS001 · an executor who sees what was
select queue.claim_jobs('{customer_message_send}');
-- ada, repeatable read: CS001 · a reviewer who sees what was
select queue.claim_review(world.job('waiting'));
-- ada, repeatable read: CS001 · a body as it was
select queue.open_body(world.job('waiting'));
-- ada, repeatable read: CS001 · why a job was blocked
select queue.why_blocked(world.job('waiting'));
-- ada, repeatable read: CS001 · what became of a command, as it was
select queue.command_fate(world.command());
-- exe, repeatable read: CS001 · a lease kept by what was
select queue.extend_lease(world.job('leased'), world.token('leased'));
-- exe, repeatable read: CS001 · a lease given back by what was
select queue.release_job(world.job('leased'), world.token('leased'), world.command());
-- ada, repeatable read: CS001 · events as they were
select queue.read_outbox();
-- ada, repeatable read: CS001 · swept by what was
select queue.sweep();

-- Who is who.

-- nobody: CS004 · a stranger with the rights of staff reviews
grant countersign_staff to {nobody};
select queue.claim_review();
-- nobody: CS004 · a stranger with the rights of an executor claims
grant countersign_executor to {nobody};
select queue.claim_jobs('{customer_message_send}');
-- nobody: CS004 · a stranger with the rights of a producer writes [require_producer]
grant countersign_producer to {nobody};
select queue.schedule_followup(world.it('waiting.conversation'), '2026-01-31T09:12:00Z', command_id => world.command());
-- nobody: CS004 · a stranger with the rights of staff opens bodies
grant countersign_staff to {nobody};
select queue.open_body(world.job('waiting'));
-- nobody: CS004 · a stranger with the rights of staff reads events
grant countersign_staff to {nobody};
select queue.read_outbox();
-- nobody: CS004 · a stranger with the rights of staff sweeps
grant countersign_staff to {nobody};
select queue.sweep();
-- mon: CS004 · a monitor with the rights of staff sweeps
grant countersign_staff to {mon};
select queue.sweep();
-- exe: CS004 · an executor that is switched off claims
update queue.executor set enabled = false where login = '{exe}';
select queue.claim_jobs('{customer_message_send}');
-- exe: CS004 · an executor that is switched off opens bodies
update queue.executor set enabled = false where login = '{exe}';
select queue.open_body(world.job('started'), world.token('started'));
-- exe: CS004 · an executor that is switched off reads events
update queue.executor set enabled = false where login = '{exe}';
select queue.read_outbox();
-- exe: lease_lost · an executor that is switched off keeps its lease
update queue.executor set enabled = false where login = '{exe}';
select queue.extend_lease(world.job('leased'), world.token('leased'));
-- prod: CS004 · a producer that is switched off writes
update queue.producer set enabled = false where login = '{prod}';
select queue.schedule_followup(world.it('waiting.conversation'), '2026-01-31T09:12:00Z', command_id => world.command());
-- prod: CS004 · a producer that is switched off reads events
update queue.producer set enabled = false where login = '{prod}';
select queue.read_outbox();

-- Commands: again is again, and nothing else.

-- prod: CS003 · the id of another command
select world.note('command', world.command());
select world.has('{prod}', format('select queue.schedule_followup(%L, %L, command_id => %L)', world.it('waiting.conversation'),
                                  '2026-01-31T09:12:00Z', world.it('command')));
select queue.schedule_followup(world.it('waiting.conversation'), '2026-01-31T10:12:00Z', command_id => world.it('command'));
-- prod: 1 · the same command twice makes one job
select world.note('command', world.command());
select world.has('{prod}', format('select queue.schedule_followup(%L, %L, command_id => %L)', world.it('read.conversation'),
                                  '2026-01-31T09:12:00Z', world.it('command'))) from generate_series(1, 2);
select world.count('queue.job_queue', format('correlation_id = %L and job_kind = %L', world.it('read.conversation'), 'customer_message_followup'));
-- bo: false · somebody else's command
select world.note('command', world.command());
select world.has('{ada}', format('select queue.skip_review(%s, %s, %L, %L)', world.job('read'), world.token('read'), 'too_long', world.it('command')));
select queue.command_fate(world.it('command')) ->> 'found';
-- ada: true · one's own command
select world.note('command', world.command());
select world.has('{ada}', format('select queue.skip_review(%s, %s, %L, %L)', world.job('read'), world.token('read'), 'too_long', world.it('command')));
select queue.command_fate(world.it('command')) ->> 'found';
-- ada: false · another command of one's own [first_answer]
select world.has('{ada}', format('select queue.skip_review(%s, %s, %L, %L)', world.job('read'), world.token('read'), 'too_long', world.command()));
select queue.command_fate(world.command()) ->> 'found';
-- bo: applied · a command id that somebody else used is free [first_answer]
select world.note('command', world.command());
select world.has('{ada}', format('select queue.skip_review(%s, %s, %L, %L)', world.job('read'), world.token('read'), 'too_long', world.it('command')));
select queue.skip_review(world.job('edited'), world.token('edited'), 'too_long', world.it('command'));

-- Producers.

-- prod: not_found · a conversation of an agency that is not the producer's
update queue.producer set agencies = '{globex}' where login = '{prod}';
select queue.open_conversation(world.command(), 'acme', 'cust-new', 'email', world.command());
-- prod: not_found · a conversation on a channel that is not the producer's
update queue.producer set channels = '{sms}' where login = '{prod}';
select queue.open_conversation(world.command(), 'acme', 'cust-new', 'email', world.command());
-- prod: not_found · a conversation of another agency under the same id
select queue.open_conversation(world.it('foreign.conversation'), 'acme', 'cust-foreign', 'email', world.command());
-- prod: not_found · a conversation on another channel under the same id
select queue.open_conversation(world.it('waiting.conversation'), 'acme', 'cust-waiting', 'sms', world.command());
-- prod: not_found · a conversation of another customer under the same id
select queue.open_conversation(world.it('waiting.conversation'), 'acme', 'cust-read', 'email', world.command());
-- prod: exists · a conversation that is open
select queue.open_conversation(world.it('waiting.conversation'), 'acme', 'cust-waiting', 'email', world.command());
-- prod: applied · a conversation of a customer whom another agency knows by the same reference
select queue.open_conversation(world.command(), 'acme', 'cust-foreign', 'email', world.command());
-- prod: 1 · a second conversation of a customer has no second customer
select world.has('{prod}', format('select queue.open_conversation(%L, %L, %L, %L, world.command())', world.command(), 'acme', 'cust-waiting', 'email'));
select world.count('care.customer', format('agency = %L and customer_ref = %L', 'acme', 'cust-waiting'));
-- prod: not_found · a history in a conversation of another agency [producers_conversation]
update queue.producer set agencies = '{globex}' where login = '{prod}';
select queue.store_history(world.it('waiting.conversation'), world.command(), 'inbound', '2026-01-31T09:12:00Z', world.key('acme'),
                           world.sealed(), sha256('x'), command_id => world.command());
-- prod: not_found · a message in a conversation of another agency
update queue.producer set agencies = '{globex}' where login = '{prod}';
select queue.store_inbound(world.it('waiting.conversation'), world.command(), '2026-01-31T09:12:00Z', world.key('acme'),
                           world.sealed(), sha256('x'), command_id => world.command());
-- prod: not_found · a draft in a conversation of another agency
update queue.producer set agencies = '{globex}' where login = '{prod}';
select queue.submit_draft(world.it('waiting.conversation'), world.command(), 'drafter-1', world.key('acme'), world.sealed(), sha256('x'),
                          command_id => world.command());
-- prod: not_found · a follow-up in a conversation of another agency
update queue.producer set agencies = '{globex}' where login = '{prod}';
select queue.schedule_followup(world.it('waiting.conversation'), '2026-01-31T09:12:00Z', command_id => world.command());
-- prod: not_found · a follow-up on a channel that is not the producer's
update queue.producer set channels = '{sms}' where login = '{prod}';
select queue.schedule_followup(world.it('waiting.conversation'), '2026-01-31T09:12:00Z', command_id => world.command());
-- prod: not_found · a follow-up in no conversation
select queue.schedule_followup(world.command(), '2026-01-31T09:12:00Z', command_id => world.command());
-- prod: exists · a message again
select queue.store_inbound(world.it('queued.conversation'), world.it('queued.message'), '2026-01-31T09:12:00Z', world.key('acme'),
                           world.sealed(), sha256('x'), command_id => world.command());
-- prod: not_found · a message that another conversation has [answer_known_message]
select queue.store_inbound(world.it('queued.conversation'), world.it('foreign.message'), '2026-01-31T09:12:00Z', world.key('acme'),
                           world.sealed(), sha256('x'), command_id => world.command());
-- prod: CS002 · a history in no direction
select queue.store_history(world.it('waiting.conversation'), world.command(), 'draft', '2026-01-31T09:12:00Z', world.key('acme'),
                           world.sealed(), sha256('x'), command_id => world.command());
-- prod: not_found · an edit of another conversation's draft
select queue.submit_draft(world.it('waiting.conversation'), world.command(), 'drafter-1', world.key('acme'), world.sealed(), sha256('x'),
                          revises => world.it('foreign.draft'), command_id => world.command());
-- prod: not_found · an edit of what the customer wrote
select queue.submit_draft(world.it('waiting.conversation'), world.command(), 'drafter-1', world.key('acme'), world.sealed(), sha256('x'),
                          revises => world.it('waiting.message'), command_id => world.command());
-- prod: not_found · an edit of nothing
select queue.submit_draft(world.it('waiting.conversation'), world.command(), 'drafter-1', world.key('acme'), world.sealed(), sha256('x'),
                          revises => world.command(), command_id => world.command());
-- prod: switched_off · a message while the queue is off
select world.switch('queue.customer.enabled', 'false');
select queue.store_inbound(world.it('waiting.conversation'), world.command(), '2026-01-31T09:12:00Z', world.key('acme'),
                           world.sealed(), sha256('x'), command_id => world.command());
-- prod: switched_off · a draft while questions are off
select world.switch('queue.customer.customer_message_approve.enabled', 'false');
select queue.submit_draft(world.it('waiting.conversation'), world.command(), 'drafter-1', world.key('acme'), world.sealed(), sha256('x'),
                          command_id => world.command());
-- prod: switched_off · a follow-up while they are off
select world.switch('queue.customer.customer_message_followup.enabled', 'false');
select queue.schedule_followup(world.it('waiting.conversation'), '2026-01-31T09:12:00Z', command_id => world.command());
-- prod: 0 · a question of a file while questions are off
select world.switch('queue.customer.customer_message_inbound.enabled', 'false');
select world.import();
-- prod: 0 · a conversation of a file in an agency that is not the producer's
update queue.producer set agencies = '{globex}' where login = '{prod}';
select world.import();
-- prod: 0 · a message of a file under another agency's key
select world.import('{"key_of": "globex"}');
-- prod: 0 · a message of a file under a key that it does not name
select world.import(jsonb_build_object('key_id', world.key('globex')));
-- prod: CS002 · conversations of a file without their agencies
select queue.import_conversations(array[world.command()], '{}', '{c}', '{email}', '{"{}"}', '{5}', '{null}', '{}', '{}', '{}', '{}', '{}',
                                  '{}', '{}', '{}');
-- prod: CS002 · messages of a file without their directions
select queue.import_conversations('{}', '{}', '{}', '{}', '{}', '{}', '{}', array[world.command()], array[world.command()], '{}',
                                  '{2026-01-31T09:12:00Z}', array[world.key('acme')], array[world.sealed()], array[sha256('x')],
                                  '{customer}');
-- prod: CS002 · a conversation that a file has twice
select queue.import_conversations(array[world.it('waiting.conversation'), upper(world.it('waiting.conversation'))], '{acme,acme}', '{c,c}',
                                  '{email,email}', array['{}', '{}'], '{5,5}', '{null,null}', '{}', '{}', '{}', '{}', '{}', '{}', '{}',
                                  '{}');
-- prod: CS009 · a message that a file has twice
select queue.import_conversations(
    array[conversation], '{acme}', '{c}', '{email}', array['{}'], '{5}', '{null}', array[conversation, conversation],
    array[message, message], '{inbound,inbound}', '{2026-01-31T09:12:00Z,2026-01-31T09:12:00Z}',
    array[world.key('acme'), world.key('acme')], array[world.sealed(), world.sealed()], array[sha256('x'), sha256('x')],
    '{customer,customer}')
from (select world.command() as conversation, world.command() as message offset 0) as one;
-- prod: CS002 · attachments that are no list
select queue.store_inbound(world.it('waiting.conversation'), world.command(), '2026-01-31T09:12:00Z', world.key('acme'), world.sealed(),
                           sha256('x'), attachments => '{}', command_id => world.command());
-- prod: CS002 · an attachment of no type
select queue.store_inbound(world.it('waiting.conversation'), world.command(), '2026-01-31T09:12:00Z', world.key('acme'), world.sealed(),
    sha256('x'), attachments => format('[{"attachment_id": "%s", "media_type": "a picture", "bytes": 1, "uri": "x"}]', world.command()),
    command_id => world.command());
-- prod: CS002 · an attachment of no size
select queue.store_inbound(world.it('waiting.conversation'), world.command(), '2026-01-31T09:12:00Z', world.key('acme'), world.sealed(),
    sha256('x'), attachments => format('[{"attachment_id": "%s", "media_type": "image/png", "bytes": "big", "uri": "x"}]', world.command()),
    command_id => world.command());
-- prod: CS002 · an attachment twice
select queue.store_inbound(world.it('waiting.conversation'), world.command(), '2026-01-31T09:12:00Z', world.key('acme'), world.sealed(),
    sha256('x'), attachments => (select format('[%s, %1$s]', format('{"attachment_id": "%s", "media_type": "image/png", "bytes": 1, "uri": "x"}', world.command()))),
    command_id => world.command());

-- Executors.

-- sms_exe: empty · jobs of kinds that are not the executor's
update queue.executor set channels = '{email,sms,webchat}' where login = '{sms_exe}';
select queue.claim_jobs('{customer_message_inbound}');
-- sms_exe: empty · jobs on channels that are not the executor's [lock_ready]
update queue.executor set channels = '{webchat}' where login = '{sms_exe}';
select queue.claim_jobs('{customer_message_send}');
-- sms_exe: empty · jobs of agencies that are not the executor's
update queue.executor set channels = '{email}', agencies = '{globex}' where login = '{sms_exe}';
select queue.claim_jobs('{customer_message_send}');
-- sms_exe: empty · people's jobs
update queue.executor set channels = '{email}' where login = '{sms_exe}';
select queue.claim_jobs('{customer_message_approve}');
-- exe: 1 · what is not yet due waits
select jsonb_array_length(queue.claim_jobs('{customer_message_send}', 100) -> 'jobs');
-- exe: 2 · what was not asked for stays
select jsonb_array_length(queue.claim_jobs('{customer_message_inbound}', 100) -> 'jobs');
-- exe: 2 · what was not asked for stays beside two kinds that were [lock_ready]
select jsonb_array_length(queue.claim_jobs('{customer_message_inbound,customer_message_followup}', 100) -> 'jobs');
-- exe: empty · what is held stays [lock_ready]
select world.has('{kim}', format('select queue.hold(%L, %L, %L, %L, command_id => world.command())', 'customer_message_send', 'email', 'acme', 'incident'));
update queue.job_queue set status = 'queued' where job_id = world.job('due.created');
select queue.claim_jobs('{customer_message_send}');
-- exe: claimed · a hold over another kind holds nothing [covering_hold]
select world.has('{kim}', format('select queue.hold(%L, %L, %L, %L, command_id => world.command())', 'customer_message_draft', 'email', 'acme', 'incident'));
select queue.claim_jobs('{customer_message_send}');
-- exe: claimed · a hold over another channel holds nothing [covering_hold]
select world.has('{kim}', format('select queue.hold(%L, %L, %L, %L, command_id => world.command())', 'customer_message_send', 'webchat', 'acme', 'incident'));
select queue.claim_jobs('{customer_message_send}');
-- exe: claimed · a hold over another agency holds nothing [covering_hold]
insert into queue.hold (job_kind, agency, reason, placed_by, placed_at) values ('customer_message_send', 'globex', 'incident', '{kim}', now());
select queue.claim_jobs('{customer_message_send}');
-- exe: claimed · a hold that ended holds nothing [covering_hold]
insert into queue.hold (job_kind, agency, reason, placed_by, placed_at, resumed_by, resumed_at)
values ('customer_message_send', 'acme', 'incident', '{kim}', now(), '{kim}', now());
select queue.claim_jobs('{customer_message_send}');
-- exe: empty · a send whose customer wrote again
select world.message('due');
select queue.claim_jobs('{customer_message_send}');
-- exe: empty · a send whose approval is old
select world.switch('queue.customer.max_approval_age', '60');
select world.advance('61 seconds');
select world.job_ends('approved.created');
select queue.claim_jobs('{customer_message_send}');
-- sms_exe: not_found · a job of a kind that is not the executor's is started
update queue.executor set channels = '{email}' where login = '{sms_exe}';
update queue.job_queue set lease_owner = '{sms_exe}' where job_id = world.job('leased');
select queue.start_job(world.job('leased'), world.token('leased'), world.command());
-- sms_exe: not_found · a job on a channel that is not the executor's is started
update queue.job_queue set lease_owner = '{sms_exe}' where job_id = world.job('claimed.send');
select queue.start_job(world.job('claimed.send'), world.token('claimed.send'), world.command());
-- sms_exe: not_found · a job of an agency that is not the executor's is started
update queue.executor set channels = '{email}', agencies = '{globex}' where login = '{sms_exe}';
update queue.job_queue set lease_owner = '{sms_exe}' where job_id = world.job('claimed.send');
select queue.start_job(world.job('claimed.send'), world.token('claimed.send'), world.command());
-- exe: not_found · no job is started
select queue.start_job(-1, 1, world.command());
-- sms_exe: lease_lost · somebody else's lease
update queue.executor set channels = '{email}' where login = '{sms_exe}';
select queue.start_job(world.job('claimed.send'), world.token('claimed.send'), world.command());
-- exe: lease_lost · a lease that moved on
select queue.start_job(world.job('claimed.send'), world.token('claimed.send') - 1, world.command());
-- exe: lease_lost · a lease that ran out [refuse_without_lease]
select world.advance('3 minutes');
select queue.start_job(world.job('claimed.send'), world.token('claimed.send'), world.command());
-- exe: lease_lost · a lease on what is not leased
alter table queue.job_queue drop constraint job_lease_whole;
alter table queue.job_queue disable trigger user;
update queue.job_queue set status = 'queued' where job_id = world.job('claimed.send');
select queue.start_job(world.job('claimed.send'), world.token('claimed.send'), world.command());
-- exe: wrong_status · started twice
select queue.start_job(world.job('started'), world.token('started'), world.command());
-- exe: held · a job that is held is started
insert into queue.hold (channel_kind, agency, reason, placed_by, placed_at) values ('email', 'acme', 'incident', '{kim}', now());
select queue.start_job(world.job('leased'), world.token('leased'), world.command());
-- exe: payload_missing · a job whose message is gone is started
alter table care.customer_message disable trigger user;
update care.customer_message set sealed_body = null, key_id = null, erased_at = now() where message_id = world.it('leased.message')::uuid;
select queue.start_job(world.job('leased'), world.token('leased'), world.command());
-- exe: payload_missing · a job whose conversation is another is started [payload_is_there]
alter table queue.job_queue disable trigger user;
update queue.job_queue set payload_ref = 'conversation:' || world.it('waiting.conversation'), status = 'leased', started_at = null where job_id = world.job('drafting');
select queue.start_job(world.job('drafting'), world.token('drafting'), world.command());
-- exe: conversation_moved · a send whose customer wrote again is started
select world.message('claimed');
select queue.start_job(world.job('claimed.send'), world.token('claimed.send'), world.command());
-- exe: conversation_moved · a send whose customer wrote again is started where the agency allows something else [setting]
insert into queue.dot_config (agency, key, value, set_by, set_at) values ('acme', 'queue.customer.editor_may_approve', 'true', '{kim}', now());
select world.message('claimed');
select queue.start_job(world.job('claimed.send'), world.token('claimed.send'), world.command());
-- exe: 1 · a claim of other kinds takes a lease back [recover_leases]
select world.advance('1 hour');
select world.ask('{exe}', 'select queue.claim_jobs($${customer_message_classify}$$)');
select world.count('queue.job_queue', format('job_id = %s and status = %L', world.job('running.send'), 'running'));
-- exe: approval_expired · a send whose approval is old is started
select world.switch('queue.customer.max_approval_age', '60');
select world.advance('61 seconds');
select queue.start_job(world.job('claimed.send'), world.token('claimed.send'), world.command());
-- exe: lease_lost · a lease that moved on is kept
select queue.extend_lease(world.job('leased'), world.token('leased') - 1);
-- ada: lease_lost · a reviewer of another role keeps a lease [is_still_registered]
update queue.staff set roles = '{oncall}' where login = '{ada}';
select queue.extend_lease(world.job('read'), world.token('read'));
-- ada: lease_lost · a reviewer of another agency keeps a lease [is_still_registered]
update queue.staff set agency = 'globex' where login = '{ada}';
select queue.extend_lease(world.job('read'), world.token('read'));
-- exe: not_found · no job is given back
select queue.release_job(-1, 1, world.command());
-- exe: not_found · a job is given back by a program that may not work on it any more
update queue.executor set kinds = '{customer_message_send}' where login = '{exe}';
select queue.release_job(world.job('leased'), world.token('leased'), world.command());
-- exe: lease_lost · a lease that moved on is given back
select queue.release_job(world.job('leased'), world.token('leased') - 1, world.command());
-- exe: wrong_status · what runs is given back
select queue.release_job(world.job('started'), world.token('started'), world.command());
-- exe: not_found · a draft for no job
select queue.put_draft(-1, 1, world.command(), 'drafter-1', world.key('acme'), world.sealed(), sha256('x'), world.command());
-- exe: not_found · a draft for a job that wants none
select queue.put_draft(world.job('started'), world.token('started'), world.command(), 'drafter-1', world.key('acme'), world.sealed(), sha256('x'), world.command());
-- exe: not_found · a draft from a program that may not draft any more
update queue.executor set kinds = '{customer_message_send}' where login = '{exe}';
select queue.put_draft(world.job('drafting'), world.token('drafting'), world.command(), 'drafter-1', world.key('acme'), world.sealed(), sha256('x'), world.command());
-- exe: lease_lost · a draft under a lease that moved on
select queue.put_draft(world.job('drafting'), world.token('drafting') - 1, world.command(), 'drafter-1', world.key('acme'), world.sealed(), sha256('x'), world.command());
-- exe: exists · a draft that is there
select queue.put_draft(world.job('drafting'), world.token('drafting'), world.it('drafting.draft'), 'drafter-1', world.key('acme'), world.sealed(), sha256('x'), world.command());
-- exe: not_found · no job is completed
select queue.complete_job(-1, 1, command_id => world.command());
-- exe: not_found · a job is completed by a program that may not work on it any more
update queue.executor set kinds = '{customer_message_send}' where login = '{exe}';
select queue.complete_job(world.job('started'), world.token('started'), command_id => world.command());
-- exe: lease_lost · a job is completed under a lease that moved on
select queue.complete_job(world.job('started'), world.token('started') - 1, command_id => world.command());
-- exe: wrong_status · a job is completed that was not started
select queue.complete_job(world.job('leased'), world.token('leased'), command_id => world.command());
-- exe: switched_off · a job is completed whose successor is switched off
select world.switch('queue.customer.customer_message_classify.enabled', 'false');
select queue.complete_job(world.job('started'), world.token('started'), command_id => world.command());
-- exe: CS002 · a send is completed without the provider's id
select queue.complete_job(world.job('running.send'), world.token('running.send'), command_id => world.command());
-- exe: CS002 · a draft job is completed without a draft
select queue.complete_job(world.job('drafting'), world.token('drafting'), command_id => world.command());
-- exe: CS002 · a draft job is completed with another conversation's draft
select queue.complete_job(world.job('drafting'), world.token('drafting'), draft_id => world.it('waiting.draft'), command_id => world.command());
-- exe: CS002 · a draft job is completed with a draft for another job
alter table care.customer_message disable trigger user;
update care.customer_message set made_for_job_id = world.job('started') where message_id = world.it('drafting.draft')::uuid;
select queue.complete_job(world.job('drafting'), world.token('drafting'), draft_id => world.it('drafting.draft'), command_id => world.command());
-- exe: CS002 · a draft job is completed with what was no draft
alter table care.customer_message disable trigger user;
update care.customer_message set direction = 'inbound' where message_id = world.it('drafting.draft')::uuid;
select queue.complete_job(world.job('drafting'), world.token('drafting'), draft_id => world.it('drafting.draft'), command_id => world.command());
-- exe: CS002 · a draft job is completed with what was erased
alter table care.customer_message disable trigger user;
update care.customer_message set sealed_body = null, key_id = null, erased_at = now() where message_id = world.it('drafting.draft')::uuid;
select queue.complete_job(world.job('drafting'), world.token('drafting'), draft_id => world.it('drafting.draft'), command_id => world.command());
-- exe: not_found · no job fails
select queue.fail_job(-1, 1, 'rate_limited', world.command());
-- exe: not_found · a job fails by a program that may not work on it any more
update queue.executor set kinds = '{customer_message_send}' where login = '{exe}';
select queue.fail_job(world.job('started'), world.token('started'), 'rate_limited', world.command());
-- exe: lease_lost · a job fails under a lease that moved on
select queue.fail_job(world.job('started'), world.token('started') - 1, 'rate_limited', world.command());
-- exe: wrong_status · a job fails that was not started
select queue.fail_job(world.job('leased'), world.token('leased'), 'rate_limited', world.command());
-- exe: CS008 · a job fails for a reason in words
select queue.fail_job(world.job('started'), world.token('started'), 'it did not work', world.command());

-- Reviewers.

-- ada: not_found · no question is taken
select queue.claim_review(-1);
-- ada: not_found · another agency's question is taken
select queue.claim_review(world.job('foreign'));
-- ada: not_found · a program's job is taken
select queue.claim_review(world.job('queued'));
-- kim: not_authorised · a question is taken by who is on call
select queue.claim_review(world.job('waiting'));
-- sen: not_authorised · a question for another role is taken
select queue.claim_review(world.job('waiting'));
-- ada: already_decided · a question is taken that somebody answered
select queue.claim_review(world.job('rejected'));
-- ada: already_decided · a question is taken that was approved
select queue.claim_review(world.job('approved'));
-- ada: already_decided · a question is taken that was escalated
select queue.claim_review(world.job('escalated'));
-- sen: wrong_kind · an escalation is taken as a question
select queue.claim_review(world.job('escalated.created'));
-- ada: held · a paused question is taken
select queue.claim_review(world.job('paused'));
-- ada: held · a question is taken that a hold covers and nobody paused
insert into queue.hold (channel_kind, agency, reason, placed_by, placed_at) values ('email', 'acme', 'incident', '{kim}', now());
select queue.claim_review(world.job('waiting'));
-- bo: leased · a question is taken that somebody reads [recover_leases]
select queue.claim_review(world.job('read'));
-- lee: empty · the next question of another role
select queue.claim_review();
-- gus: empty · the next question of another agency
select world.job_ends('foreign');
select queue.claim_review();
-- sen: empty · an escalation as the next question
select world.advance('1 minute');
select queue.claim_review();
-- ada: empty · a held question as the next
insert into queue.hold (channel_kind, agency, reason, placed_by, placed_at) values ('email', 'acme', 'incident', '{kim}', now());
select queue.claim_review();
-- ada: empty · a question that is not due as the next
update queue.job_queue set process_after = queue.clock() + interval '1 hour' where job_kind = 'customer_message_approve' and status = 'queued';
select queue.claim_review();
-- ada: empty · what others read or have answered as the next
update queue.job_queue set status = 'cancelled', finished_at = now() where job_kind = 'customer_message_approve' and status = 'queued';
select queue.claim_review();

-- bo: empty · one's own edit as the next question [is_own_edit]
update queue.job_queue set status = 'cancelled', finished_at = now() where job_kind = 'customer_message_approve' and status = 'queued';
update queue.job_queue set status = 'queued', lease_owner = null, lease_expires_at = null where job_id = world.job('edited');
select queue.claim_review();
-- ada: applied · somebody else's edit as the next question [is_own_edit]
update queue.job_queue set status = 'cancelled', finished_at = now() where job_kind = 'customer_message_approve' and status = 'queued';
update queue.job_queue set status = 'queued', lease_owner = null, lease_expires_at = null where job_id = world.job('edited');
select queue.claim_review();
-- ada: applied · a question that one held, as the next [is_own_edit]
update queue.job_queue set status = 'cancelled', finished_at = now() where job_kind = 'customer_message_approve' and status = 'queued';
update queue.job_queue set status = 'queued', lease_owner = null, lease_expires_at = null where job_id = world.job('read');
select queue.claim_review();
-- bo: applied · another question than the one that was edited, as the next [is_own_edit]
update queue.job_queue set status = 'cancelled', finished_at = now() where job_kind = 'customer_message_approve' and status = 'queued';
update queue.job_queue set status = 'queued', lease_owner = null, lease_expires_at = null where job_id = world.job('read');
select queue.claim_review();
-- bo: applied · a question that was not edited after all, as the next [is_own_edit]
update queue.job_queue set status = 'cancelled', finished_at = now() where job_kind = 'customer_message_approve' and status = 'queued';
update queue.job_queue set status = 'queued', lease_owner = null, lease_expires_at = null where job_id = world.job('edited');
alter table queue.dot_iu_command_run disable trigger user;
update queue.dot_iu_command_run set outcome = 'draft_changed' where call = 'review_revise';
select queue.claim_review();
-- bo: applied · one's own edit as the next question, where that is allowed [is_own_edit]
update queue.job_queue set status = 'cancelled', finished_at = now() where job_kind = 'customer_message_approve' and status = 'queued';
update queue.job_queue set status = 'queued', lease_owner = null, lease_expires_at = null where job_id = world.job('edited');
select world.switch('queue.customer.editor_may_approve', 'true');
select queue.claim_review();
-- bo: applied · a question that was edited and is about another draft now, as the next [is_own_edit]
update queue.job_queue set status = 'cancelled', finished_at = now() where job_kind = 'customer_message_approve' and status = 'queued';
update queue.job_queue set status = 'queued', lease_owner = null, lease_expires_at = null where job_id = world.job('edited');
insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome) values (now(), '{prod}', 'submit_draft', world.job('edited'), 'acme', 'repointed');
select queue.claim_review();
-- bo: empty · one's own edit, after another question got another draft [is_own_edit]
update queue.job_queue set status = 'cancelled', finished_at = now() where job_kind = 'customer_message_approve' and status = 'queued';
update queue.job_queue set status = 'queued', lease_owner = null, lease_expires_at = null where job_id = world.job('edited');
insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome) values (now(), '{prod}', 'submit_draft', world.job('read'), 'acme', 'repointed');
select queue.claim_review();
-- bo: empty · one's own edit of a draft that had replaced another [is_own_edit]
update queue.job_queue set status = 'cancelled', finished_at = now() where job_kind = 'customer_message_approve' and status = 'queued';
update queue.job_queue set status = 'queued', lease_owner = null, lease_expires_at = null where job_id = world.job('edited');
insert into queue.dot_iu_command_run (run_id, at, login, call, job_id, agency, outcome) overriding system value values (0, now(), '{prod}', 'submit_draft', world.job('edited'), 'acme', 'repointed');
select queue.claim_review();

-- ada: 1 · a question in time is listed more than once
select count(*) from queue.waiting_questions(100) where job_id = world.job('waiting');
-- ada: 1 · a late question is listed more than once
update queue.job_queue set deadline_at = queue.clock() - interval '1 minute' where job_id = world.job('waiting');
select count(*) from queue.waiting_questions(100) where job_id = world.job('waiting');
-- ada: 1 · a question without a deadline is listed more than once
update queue.job_queue set deadline_at = null where job_id = world.job('waiting');
select count(*) from queue.waiting_questions(100) where job_id = world.job('waiting');
-- ada: 0 · what was answered is listed
select count(*) from queue.waiting_questions(100) where job_id = world.job('rejected');
-- ada: 0 · what waits in another agency is listed
select count(*) from queue.waiting_questions(100) where job_id = world.job('foreign');
-- sen: 0 · what waits for another role is listed
select count(*) from queue.waiting_questions(100) where job_id = world.job('waiting');
-- ada: 0 · what is in another language is listed
update queue.job_queue set safe_payload = '{"language":"en"}' where job_id = world.job('waiting');
select count(*) from queue.waiting_questions(100, reads => '{fr}') where job_id = world.job('waiting');

-- gus: 0 · a job of another agency is like what somebody looks for
select count(*) from unnest(queue.jobs_like(kinds => '{customer_message_approve}')) as found where found = world.job('waiting');
-- gus: 0 · what waits in another agency is in a state [jobs_in]
select count(*) from unnest(queue.jobs_in('{queued}')) as found where found = world.job('waiting');
-- ada: 1 · what is in a state is found more than once [jobs_in]
select count(*) from unnest(queue.jobs_in('{queued}')) as found where found = world.job('waiting');
-- ada: 0 · what has ended is open [jobs_in]
select count(*) from unnest(queue.jobs_in('{queued,leased,running,retry_waiting,paused,dead_letter}')) as found where found = world.job('rejected');
-- ada: 0 · what is due later is due before [jobs_in] [is_like]
select cardinality(queue.jobs_in('{queued}', due_before => '2000-01-01'));
-- ada: 0 · what is due before is due later [jobs_in] [is_like]
select cardinality(queue.jobs_in('{queued}', due_after => '2100-01-01'));
-- ada: true · of a crowd, others are found than those in the states, or some more than once [jobs_in]
select world.crowd();
select queue.jobs_in('{paused,leased}', '{customer_message_draft,customer_message_approve}', 'sms', before => 20200, at_most => 16)
    = array(select job_id from queue.job_queue
            where status in ('paused', 'leased') and job_kind in ('customer_message_draft', 'customer_message_approve')
              and channel_kind = 'sms' and job_id < 20200
            order by job_id desc);
-- ada: true · of a crowd in one state, others are found, or some more than once [jobs_in]
select world.crowd();
select queue.jobs_in('{paused}', '{customer_message_approve}', 'sms', at_most => 16)
    = array(select job_id from queue.job_queue
            where status = 'paused' and job_kind = 'customer_message_approve' and channel_kind = 'sms' order by job_id desc);
-- ada: true · of a crowd in which few are due, others are found [jobs_in]
select world.crowd();
update queue.job_queue set deadline_at = '1990-01-01'
where job_id in (select min(job_id) from queue.job_queue where job_id > 20000 and status in ('paused', 'dead_letter', 'retry_waiting') and channel_kind = any ('{email,sms}')
                 group by agency, status, channel_kind);
select queue.jobs_in('{paused,dead_letter}', null, 'sms', due_before => '1991-01-01', at_most => 16)
    = array(select job_id from queue.job_queue
            where status in ('paused', 'dead_letter') and channel_kind = 'sms' and deadline_at < '1991-01-01' order by job_id desc);
-- ada: true · of a crowd in which few are due late, others are found [jobs_in]
select world.crowd();
update queue.job_queue set deadline_at = '2190-01-01'
where job_id in (select min(job_id) from queue.job_queue where job_id > 20000 and status in ('paused', 'dead_letter', 'retry_waiting') and channel_kind = any ('{email,sms}')
                 group by agency, status, channel_kind);
select queue.jobs_in('{paused,dead_letter}', null, 'sms', due_after => '2189-01-01', at_most => 16)
    = array(select job_id from queue.job_queue
            where status in ('paused', 'dead_letter') and channel_kind = 'sms' and deadline_at > '2189-01-01' order by job_id desc);
-- ada: 0 · a young job of another kind is found
select count(*) from unnest(queue.jobs_like(kinds => '{customer_message_send}')) as found where found = world.job('waiting');
-- ada: 0 · a young job of another channel is found
select cardinality(queue.jobs_like(channel => 'none'));
-- ada: 0 · a young job in another language is found
select cardinality(queue.jobs_like(language => 'none'));
-- ada: 0 · a young job of another intent is found
select cardinality(queue.jobs_like(intent => 'none'));
-- ada: 0 · a young job for another role is found
select cardinality(queue.jobs_like(role => 'none'));
-- ada: 0 · a young job of more confidence is found
select cardinality(queue.jobs_like(below_confidence => 0));
-- ada: 0 · a young job of less confidence is found
select cardinality(queue.jobs_like(above_confidence => 1));
-- ada: 0 · a young job above the page is found
select cardinality(queue.jobs_like(kinds => '{customer_message_approve}', before => 1));
-- ada: 1 · what is drawn is looked at once more
select world.draw('acme', 'kind', 'customer_message_approve', world.job('waiting'));
update queue.bitmap_turn set drawn_to = world.job('waiting');
select count(*) from unnest(queue.jobs_like(kinds => '{customer_message_approve}')) as found where found = world.job('waiting');
-- ada: 2 · what is drawn is found in each step, and what has another trait [in_bitmaps]
select world.draw('acme', 'language', 'fr', number) from unnest('{5, 90000}'::bigint[]) as number;
select world.draw('acme', 'language', 'de', 6);
update queue.bitmap_turn set drawn_to = 90000;
select cardinality(queue.jobs_like(language => 'fr'));
-- ada: 1 · what is drawn above the page is found [in_bitmaps]
select world.draw('acme', 'language', 'fr', number) from unnest('{5, 6}'::bigint[]) as number;
update queue.bitmap_turn set drawn_to = 90000;
select cardinality(queue.jobs_like(language => 'fr', before => 6));
-- owner: true · a bit is drawn that no job has, or not one that a job has [draw_bitmaps]
update queue.bitmap_turn set drawn_to = 0, seen_job = (select max(job_id) from queue.job_queue), seen_in = '0';
select queue.draw_bitmaps(1000000);
select queue.in_bitmaps(array[queue.trait('acme', 'kind', 'customer_message_approve')], '{1}', 1000000, 1000)
    = array(select job_id from queue.job_queue where agency = 'acme' and job_kind = 'customer_message_approve' order by job_id desc);

-- ada: false · a reader holds a question since another job's claim
insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status, code)
values (queue.clock() + interval '1 hour', '{ada}', 'claim_review', world.job('edited'), 'acme', 'applied', 'queued', 'leased', null);
select held_since > queue.clock() from queue.waiting_questions(100) where job_id = world.job('read');
-- ada: false · a reader holds a question since what is no claim
insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status, code)
values (queue.clock() + interval '1 hour', '{ada}', 'claim_review', world.job('read'), 'acme', 'applied', 'queued', 'queued', null);
select held_since > queue.clock() from queue.waiting_questions(100) where job_id = world.job('read');
-- ada: false · a reader holds a question since a renewal
insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status, code)
values (queue.clock() + interval '1 hour', '{ada}', 'claim_review', world.job('read'), 'acme', 'applied', 'leased', 'leased', null);
select held_since > queue.clock() from queue.waiting_questions(100) where job_id = world.job('read');
-- ada: no · a question counts as given back because another one was given back
insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status, code)
values (queue.clock(), '{ada}', 'skip_review', world.job('edited'), 'acme', 'applied', 'leased', 'queued', 'too_long');
select coalesce(skipped_because, 'no') from queue.waiting_questions(100) where job_id = world.job('read');
-- ada: no · a question counts as given back because it was rejected once
insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status, code)
values (queue.clock(), '{ada}', 'review_reject', world.job('read'), 'acme', 'applied', 'leased', 'queued', 'policy');
select coalesce(skipped_because, 'no') from queue.waiting_questions(100) where job_id = world.job('read');
-- ada: no · a question counts as given back because giving it back was refused
insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status, code)
values (queue.clock(), '{ada}', 'skip_review', world.job('read'), 'acme', 'lease_lost', 'leased', 'queued', 'too_long');
select coalesce(skipped_because, 'no') from queue.waiting_questions(100) where job_id = world.job('read');
-- ada: no · a question counts as given back because somebody else gave it back
insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status, code)
values (queue.clock(), '{bo}', 'skip_review', world.job('read'), 'acme', 'applied', 'leased', 'queued', 'too_long');
select coalesce(skipped_because, 'no') from queue.waiting_questions(100) where job_id = world.job('read');

-- kim: not_authorised · who is on call opens a body
select queue.open_body(world.job('waiting'));
-- pad: not_authorised · who belongs to no agency opens a body
alter table queue.staff drop constraint staff_platform_admin_stands_alone, drop constraint staff_reviewers_belong_to_an_agency;
update queue.staff set roles = '{platform_admin,reviewer}' where login = '{pad}';
select queue.open_body(world.job('waiting'));
-- pad: not_authorised · who belongs to no agency reviews
alter table queue.staff drop constraint staff_platform_admin_stands_alone, drop constraint staff_reviewers_belong_to_an_agency;
update queue.staff set roles = '{platform_admin,reviewer}' where login = '{pad}';
select queue.claim_review(world.job('waiting'));
-- ada: not_found · another agency's body is opened
select queue.open_body(world.job('foreign'));
-- ada: not_found · the body of no job is opened
select queue.open_body(-1);
-- bo: true · one's own edit is opened [needs_another]
select queue.open_body(world.job('edited')) ->> 'needs_another';
-- ada: false · what one had no hand in is opened [needs_another]
select queue.open_body(world.job('read')) ->> 'needs_another';
-- bo: false · one's own edit is opened, where that is enough [needs_another]
select world.switch('queue.customer.editor_may_approve', 'true');
select queue.open_body(world.job('edited')) ->> 'needs_another';
-- exe: not_found · a program opens what it may not work on
update queue.executor set kinds = '{customer_message_inbound}' where login = '{exe}';
select queue.open_body(world.job('running.send'), world.token('running.send'));
-- exe: lease_lost · a program opens what it does not hold
select queue.open_body(world.job('queued'), 0);
-- exe: wrong_status · a program opens a send before it runs
select queue.open_body(world.job('claimed.send'), world.token('claimed.send'));
-- exe: wrong_status · a program opens a send whose start it can still take back
select world.start('claimed.send');
select queue.open_body(world.job('claimed.send'), world.token('claimed.send'));
-- exe: opened · a program opens a send that was started
select queue.open_body(world.job('running.send'), world.token('running.send'));
-- ada: payload_missing · an erased body is opened
alter table care.customer_message disable trigger user;
update care.customer_message set sealed_body = null, key_id = null, erased_at = now() where message_id = world.it('read.draft')::uuid;
select queue.open_body(world.job('read'));
-- ada: payload_missing · a body of another conversation is opened [message_of]
update queue.job_queue set payload_ref = 'message:' || world.it('foreign.draft') where job_id = world.job('read');
select queue.open_body(world.job('read'));
-- ada: 2 · a reviewer reads the whole conversation and no other [open_body]
select jsonb_array_length(queue.open_body(world.job('read')) -> 'messages');
-- exe: 1 · a sending program reads what it sends and nothing else
select jsonb_array_length(queue.open_body(world.job('running.send'), world.token('running.send')) -> 'messages');
-- bo: 1 · one's own kept text is handed out with the body
alter table care.customer_message disable trigger user;
update care.customer_message set kept_for_job_id = world.job('edited') where message_id = world.it('edited.revision')::uuid;
select jsonb_array_length(queue.open_body(world.job('edited')) -> 'kept_drafts');
-- ada: 0 · somebody else's kept text is handed out as one's own [open_body]
alter table care.customer_message disable trigger user;
update care.customer_message set kept_for_job_id = world.job('read') where message_id = world.it('edited.revision')::uuid;
select jsonb_array_length(queue.open_body(world.job('read')) -> 'kept_drafts');
-- bo: 0 · drafts that are in their place are handed out as kept [open_body]
select jsonb_array_length(queue.open_body(world.job('edited')) -> 'kept_drafts');
-- bo: 0 · a text that was kept for another job is handed out [open_body]
alter table care.customer_message disable trigger user;
update care.customer_message set kept_for_job_id = world.job('read') where message_id = world.it('edited.revision')::uuid;
select jsonb_array_length(queue.open_body(world.job('edited')) -> 'kept_drafts');
-- ada: 0 · a kept text that was erased is handed out [open_body]
alter table care.customer_message disable trigger user;
update care.customer_message
set kept_for_job_id = world.job('read'), stored_by = '{ada}', sealed_body = null, key_id = null, erased_at = now()
where message_id = world.it('edited.revision')::uuid;
select jsonb_array_length(queue.open_body(world.job('read')) -> 'kept_drafts');
-- ada: 0 · rejections of other conversations are shown [open_body]
select jsonb_array_length(queue.open_body(world.job('read')) -> 'rejections');
-- ada: 1 · rejections of the conversation are shown
select world.forge('update queue.job_queue set correlation_id = world.it($$read.conversation$$)::uuid where job_id = world.job($$rejected$$)');
select jsonb_array_length(queue.open_body(world.job('read')) -> 'rejections');
-- ada: 0 · a rejection is shown that was undone [open_body]
select world.has('{ada}', format('select queue.review_undo(%s, world.command())', world.job('rejected')));
select world.forge('update queue.job_queue set correlation_id = world.it($$read.conversation$$)::uuid where job_id = world.job($$rejected$$)');
select jsonb_array_length(queue.open_body(world.job('read')) -> 'rejections');
-- ada: 0 · an approval is shown among rejections
select world.forge('update queue.job_queue set correlation_id = world.it($$read.conversation$$)::uuid where job_id = world.job($$approved$$)');
select jsonb_array_length(queue.open_body(world.job('read')) -> 'rejections');
-- ada: not_found · another agency's question is approved
select queue.review_approve(world.job('foreign_read'), world.pin('foreign_read'), command_id => world.command());
-- bo: lease_lost · approved under somebody else's lease
select queue.review_approve(world.job('read'), world.pin('read'), command_id => world.command());
-- ada: lease_lost · approved under a lease that moved on
select world.has('{ada}', format('select queue.claim_review(%s)', world.job('read')));
select queue.review_approve(world.job('read'), world.pin('read'), command_id => world.command());
-- ada: lease_lost · approved under a lease that ran out
select world.advance('6 minutes');
select queue.review_approve(world.job('read'), world.pin('read'), command_id => world.command());
-- ada: lease_lost · approved without having been taken
alter table queue.job_queue drop constraint job_lease_whole;
update queue.job_queue set status = 'queued' where job_id = world.job('read');
select queue.review_approve(world.job('read'), world.pin('read'), command_id => world.command());
-- ada: already_decided · approved twice
select queue.review_approve(world.job('approved'), world.pin('approved'), command_id => world.command());
-- sen: wrong_kind · an escalation is approved
update queue.job_queue set status = 'leased', lease_owner = '{sen}', lease_token = 1, lease_expires_at = queue.clock() + interval '1 minute'
where job_id = world.job('escalated.created');
select queue.review_approve(world.job('escalated.created'), world.pin('escalated', 4, '1'), command_id => world.command());
-- sen: wrong_kind · an escalation is rejected
update queue.job_queue set status = 'leased', lease_owner = '{sen}', lease_token = 1, lease_expires_at = queue.clock() + interval '1 minute'
where job_id = world.job('escalated.created');
select queue.review_reject(world.job('escalated.created'), world.pin('escalated', 4, '1'), 'policy', command_id => world.command());
-- sen: wrong_kind · an escalation is escalated
update queue.job_queue set status = 'leased', lease_owner = '{sen}', lease_token = 1, lease_expires_at = queue.clock() + interval '1 minute'
where job_id = world.job('escalated.created');
select queue.review_escalate(world.job('escalated.created'), world.pin('escalated', 4, '1'), 'legal_threat', command_id => world.command());
-- ada: payload_missing · an erased draft is approved [message_of]
alter table care.customer_message disable trigger user;
update care.customer_message set sealed_body = null, key_id = null, erased_at = now() where message_id = world.it('read.draft')::uuid;
select queue.review_approve(world.job('read'), world.pin('read'), command_id => world.command());
-- bo: self_approval · one's own revision is approved
select queue.review_approve(world.job('edited'), world.pin('edited'), command_id => world.command());
-- ada: self_approval · one's own draft is approved
alter table care.customer_message disable trigger user;
update care.customer_message set author_ref = '{ada}' where message_id = world.it('read.draft')::uuid;
select queue.review_approve(world.job('read'), world.pin('read'), command_id => world.command());
-- ada: draft_changed · approved on another draft
select queue.review_approve(world.job('read'), world.pin('read', 1, world.it('waiting.draft')), command_id => world.command());
-- ada: draft_changed · approved on another digest
select queue.review_approve(world.job('read'), world.pin('read', 2, repeat('0', 64)), command_id => world.command());
-- ada: conversation_moved · approved although the customer wrote again
select world.message('read');
select queue.review_approve(world.job('read'), world.pin('read'), command_id => world.command());
-- ada: conversation_moved · approved on messages to come
select queue.review_approve(world.job('read'), world.pin('read', 3, '9'), command_id => world.command());
-- ada: switched_off · approved while sends are off
select world.switch('queue.customer.customer_message_send.enabled', 'false');
select queue.review_approve(world.job('read'), world.pin('read'), command_id => world.command());
-- bo: lease_lost · rejected under somebody else's lease
select queue.review_reject(world.job('read'), world.pin('read'), 'policy', command_id => world.command());
-- ada: draft_changed · rejected on another digest
select queue.review_reject(world.job('read'), world.pin('read', 2, repeat('0', 64)), 'policy', command_id => world.command());
-- ada: switched_off · rejected while drafts are off
select world.switch('queue.customer.customer_message_draft.enabled', 'false');
select queue.review_reject(world.job('read'), world.pin('read'), 'policy', command_id => world.command());
-- bo: lease_lost · escalated under somebody else's lease
select queue.review_escalate(world.job('read'), world.pin('read'), 'legal_threat', world.command());
-- ada: switched_off · escalated while escalations are off
select world.switch('queue.customer.customer_message_escalate.enabled', 'false');
select queue.review_escalate(world.job('read'), world.pin('read'), 'legal_threat', world.command());
-- lee: top_tier · escalated by the top tier
update queue.job_queue set target_ref = 'agency:acme/role:team_lead', lease_owner = '{lee}' where job_id = world.job('read');
select queue.review_escalate(world.job('read'), world.pin('read'), 'legal_threat', world.command());
-- ada: not_found · another agency's question is revised
select queue.review_revise(world.job('foreign_read'), world.pin('foreign_read'), world.command(), world.key('acme'), world.sealed(), sha256('x'), world.command());
-- bo: lease_lost · revised under somebody else's lease
select queue.review_revise(world.job('read'), world.pin('read'), world.command(), world.key('acme'), world.sealed(), sha256('x'), world.command());
-- ada: exists · revised by what is there
select queue.review_revise(world.job('read'), world.pin('read'), world.it('read.draft'), world.key('acme'), world.sealed(), sha256('x'), world.command());
-- ada: draft_changed · another draft is revised
select queue.review_revise(world.job('read'), world.pin('read', 1, world.it('foreign.draft')), world.command(), world.key('acme'), world.sealed(), sha256('x'), world.command());
-- ada: 0 · a revision that names another conversation's draft revises it
select world.note('revision', world.command());
select world.ask('{ada}', format('select queue.review_revise(%s, %L, %L, world.key(%L), world.sealed(), sha256(%3$L), world.command())',
                                 world.job('read'), world.pin('read', 1, world.it('foreign.draft')), world.it('revision'), 'acme'));
select world.count('care.customer_message', format('message_id = %L and revises is not null', world.it('revision')));
-- ada: 0 · a revision that names what the customer wrote revises it
select world.note('revision', world.command());
select world.ask('{ada}', format('select queue.review_revise(%s, %L, %L, world.key(%L), world.sealed(), sha256(%3$L), world.command())',
                                 world.job('read'), world.pin('read', 1, world.it('read.message')), world.it('revision'), 'acme'));
select world.count('care.customer_message', format('message_id = %L and revises is not null', world.it('revision')));
-- gus: not_found · another agency's decision is undone
select queue.review_undo(world.job('approved'), world.command());
-- ada: not_found · no job is undone
select queue.review_undo(-1, world.command());
-- ada: not_found · what was not decided is undone
select queue.review_undo(world.job('waiting'), world.command());
-- bo: not_authorised · somebody else's decision is undone
select queue.review_undo(world.job('approved'), world.command());
-- ada: not_authorised · one's own decision is undone by who is no reviewer any more
update queue.staff set roles = '{oncall}' where login = '{ada}';
select queue.review_undo(world.job('approved'), world.command());
-- ada: already_decided · undone twice
select queue.review_undo(world.job('undone'), world.command());
-- ada: too_late · an approval is undone whose send is claimed
select queue.review_undo(world.job('claimed'), world.command());
-- ada: too_late · an approval is undone whose send waits for its second try
alter table queue.job_queue disable trigger user;
update queue.job_queue set status = 'queued', lease_owner = null, lease_expires_at = null where job_id = world.job('claimed.send');
select queue.review_undo(world.job('claimed'), world.command());
-- ada: too_late · an approval is undone whose send was cancelled
select world.job_ends('approved.created');
select queue.review_undo(world.job('approved'), world.command());
-- ada: too_late · a rejection without a successor is undone after its time
select world.advance('31 seconds');
select queue.review_undo(world.job('dropped'), world.command());
-- sen: not_found · another agency's escalation is taken over
update queue.staff set agency = 'globex' where login = '{sen}';
select queue.take_escalation(world.job('escalated.created'), world.command());
-- sen: wrong_kind · a question is taken over
update queue.job_queue set target_ref = 'agency:acme/role:senior_reviewer' where job_id = world.job('waiting');
select queue.take_escalation(world.job('waiting'), world.command());
-- sen: not_due · an escalation is taken over that can be undone
select queue.take_escalation(world.job('escalated.created'), world.command());
-- ada: not_authorised · who escalated takes over
update queue.staff set roles = '{reviewer,senior_reviewer}' where login = '{ada}';
select world.advance('1 minute');
select queue.take_escalation(world.job('escalated.created'), world.command());
-- ada: not_authorised · who escalated learns who took over
update queue.staff set roles = '{reviewer,senior_reviewer}' where login = '{ada}';
select world.advance('1 minute');
select world.has('{sen}', format('select queue.take_escalation(%s, world.command())', world.job('escalated.created')));
select queue.take_escalation(world.job('escalated.created'), world.command());
-- sen: held · a paused escalation is taken over
select world.advance('1 minute');
update queue.job_queue set status = 'paused' where job_id = world.job('escalated.created');
select queue.take_escalation(world.job('escalated.created'), world.command());
-- sen: held · an escalation is taken over that a hold covers and nobody paused
select world.advance('1 minute');
insert into queue.hold (channel_kind, agency, reason, placed_by, placed_at) values ('email', 'acme', 'incident', '{kim}', now());
select queue.take_escalation(world.job('escalated.created'), world.command());
-- sen: switched_off · an escalation is taken over while questions are off
select world.advance('1 minute');
select world.switch('queue.customer.customer_message_approve.enabled', 'false');
select queue.take_escalation(world.job('escalated.created'), world.command());
-- bo: lease_lost · somebody else's question is skipped
select queue.skip_review(world.job('read'), world.token('read'), 'too_long', world.command());
-- sen: not_found · no job is freed
select queue.force_release(-1, world.command());
-- sen: not_found · another agency's question is freed
select queue.force_release(world.job('foreign_read'), world.command());
-- sen: not_found · a program's job is freed
select queue.force_release(world.job('leased'), world.command());
-- bo: not_authorised · a reviewer frees somebody's question
select queue.force_release(world.job('read'), world.command());
-- sen: wrong_status · a question is freed that nobody reads
select queue.force_release(world.job('waiting'), world.command());

-- What reviewers may know.

-- ada: not_found · another agency's pane
select queue.pane_state(world.job('foreign'));
-- exe: not_found · a pane without being staff
grant countersign_staff to {exe};
select queue.pane_state(world.job('waiting'));
-- ada: not_found · why another agency's job is blocked
select queue.why_blocked(world.job('foreign'));
-- ada: not_found · why no job is blocked
select queue.why_blocked(-1);
-- exe: not_found · why somebody else's job is blocked
select queue.why_blocked(world.job('queued'));
-- ada: not_found · another agency's customer is traced
select queue.trace('cust-foreign');
-- ada: not_found · another agency's message is traced
select queue.trace(world.it('foreign.message'));
-- ada: not_found · nothing is traced
select queue.trace('cust-nobody');
-- ada: 1 · a message is traced to its own conversation
select count(distinct event ->> 'conversation_id') from jsonb_array_elements(queue.trace(world.it('waiting.message')) -> 'events') as event;
-- ada: 0 · another agency's conversations by its customer
select count(*) from queue.conversations_of('cust-foreign');
-- ada: 1 · one's own conversations by the customer
select count(*) from queue.conversations_of('cust-waiting');
-- ada: 1 · what needs a second look
select queue.is_second_look(world.job('edited'))::integer;
-- gus: 0 · what needs a second look in another agency
select queue.is_second_look(world.job('edited'))::integer;
-- ada: 0 · a second look at what was answered
update queue.job_queue set status = 'cancelled', finished_at = now(), lease_owner = null, lease_expires_at = null where job_id = world.job('edited');
select queue.is_second_look(world.job('edited'))::integer;
-- ada: 0 · a second look at what a program revised
alter table care.customer_message disable trigger user;
update care.customer_message set stored_by = '{exe}' where message_id = world.it('edited.revision')::uuid;
select queue.is_second_look(world.job('edited'))::integer;
-- ada: 1 · texts that were kept
alter table care.customer_message disable trigger user;
update care.customer_message set kept_for_job_id = world.job('edited') where message_id = world.it('edited.revision')::uuid;
select count(*) from queue.kept_revisions();
-- ada: 0 · drafts that are in their place, among those that were kept
select count(*) from queue.kept_revisions();
-- gus: 0 · texts that another agency kept
alter table care.customer_message disable trigger user;
update care.customer_message set kept_for_job_id = world.job('edited') where message_id = world.it('edited.revision')::uuid;
select count(*) from queue.kept_revisions();
-- kim: 0 · kept texts for somebody who reads none
alter table care.customer_message disable trigger user;
update care.customer_message set kept_for_job_id = world.job('edited') where message_id = world.it('edited.revision')::uuid;
select count(*) from queue.kept_revisions();
-- ada: 0 · a kept text that was erased
alter table care.customer_message disable trigger user;
update care.customer_message set kept_for_job_id = world.job('edited') where message_id = world.it('edited.revision')::uuid;
update care.customer_message set sealed_body = null, key_id = null, erased_at = now() where message_id = world.it('edited.revision')::uuid;
select count(*) from queue.kept_revisions();
-- gus: not_found · who is there in another agency
select queue.others_online(world.job('read')) ->> 'outcome';
-- ada: 1 · who else may approve
select queue.others_online(world.job('read')) ->> 'others';
-- sen: 1 · who may approve what somebody edited
select queue.others_online(world.job('edited')) ->> 'others';
-- ada: 1 · a reviewer who was never there
update queue.staff set roles = roles || '{reviewer}' where login = '{opa}';
select queue.others_online(world.job('read')) ->> 'others';
-- ada: 0 · reviewers who went away
alter table queue.dot_iu_command_run disable trigger user;
update queue.dot_iu_command_run set at = at - interval '1 hour';
select queue.others_online(world.job('read')) ->> 'others';
-- ada: acme · the agencies that a reviewer counts
select string_agg(agency, ',' order by agency) from queue.visible_agencies() as agency;
-- pad: acme,globex · the agencies that a platform_admin counts
select string_agg(agency, ',' order by agency) from queue.visible_agencies() as agency;
-- exe: nothing · the agencies that a program counts
grant countersign_staff to {exe};
select string_agg(agency, ',' order by agency) from queue.visible_agencies() as agency;
-- ada: false · whether a reviewer may see another agency
select queue.may_see('globex');
-- ada: true · whether a reviewer may see their own agency
select queue.may_see('acme');
-- ada: staff acme · who is asking
select concat_ws(' ', me ->> 'class', me ->> 'agency') from queue.whoami() as me;
-- exe: executor · which program is asking
select concat_ws(' ', me ->> 'class', me ->> 'agency') from queue.whoami() as me;

-- On call.

-- kim: not_found · no dead letter is retried
select queue.dead_letter_retry(-1, command_id => world.command());
-- kim: not_found · another agency's dead letter is retried
update queue.staff set agency = 'globex' where login = '{kim}';
select queue.dead_letter_retry(world.job('dead'), command_id => world.command());
-- opa: not_authorised · a dead letter is retried by an operator
select queue.dead_letter_retry(world.job('dead'), command_id => world.command());
-- kim: wrong_status · what is alive is retried
select queue.dead_letter_retry(world.job('queued'), command_id => world.command());
-- kim: may_have_left · what may have left is retried
select queue.dead_letter_retry(world.job('unknown.send'), command_id => world.command());
-- kim: reason_needed · what people retried three times is retried without a word
select world.announced('dead', '{kim}', 'dead_letter_retry', 'applied') from generate_series(1, 3);
select queue.dead_letter_retry(world.job('dead'), command_id => world.command());
-- opa: not_authorised · a dead letter is given up by an operator
select queue.dead_letter_discard(world.job('dead'), 'duplicate', world.command());
-- kim: wrong_status · what is alive is given up
select queue.dead_letter_discard(world.job('queued'), 'duplicate', world.command());
-- opa: not_authorised · an operator confirms that it left
select queue.confirm_sent(world.job('unknown.send'), 'provider-2', world.command());
-- kim: wrong_status · what is under way is confirmed
select queue.confirm_sent(world.job('running.send'), 'provider-2', world.command());
-- kim: wrong_status · what did not leave is confirmed
select queue.confirm_sent(world.job('dead'), 'provider-2', world.command());
-- kim: reference_taken · one number of the provider for two messages
select queue.confirm_sent(world.job('unknown.send'), 'provider-1', world.command());
-- kim: applied · a number that stands for nothing yet
select queue.confirm_sent(world.job('unknown.send'), 'provider-2', world.command());
-- kim: applied · a number that stands for a message of another agency
update care.customer_conversation set agency = 'globex' where conversation_id = world.it('sent.conversation')::uuid;
select queue.confirm_sent(world.job('unknown.send'), 'provider-1', world.command());
-- kim: applied · a number that stands for a message of another channel's provider
update care.customer_conversation set channel_kind = 'sms' where conversation_id = world.it('sent.conversation')::uuid;
select queue.confirm_sent(world.job('unknown.send'), 'provider-1', world.command());
-- opa: not_authorised · an operator hurries a job
select queue.retry_now(world.job('retrying'), world.command());
-- kim: wrong_status · what does not wait is hurried
select queue.retry_now(world.job('queued'), world.command());
-- opa: not_authorised · an operator cancels a job
select queue.cancel_job(world.job('queued'), 'duplicate', world.command());
-- kim: wrong_status · what is under way is cancelled
select queue.cancel_job(world.job('running.send'), 'duplicate', world.command());
-- opa: not_authorised · an operator holds
select queue.hold(null, 'sms', 'acme', 'incident', command_id => world.command());
-- kim: not_authorised · another agency is held
select queue.hold(null, 'sms', 'globex', 'incident', command_id => world.command());
-- kim: CS002 · nothing is held
update queue.staff set agency = null where login = '{kim}';
select queue.hold(null, null, null, 'incident', command_id => world.command());
-- kim: CS002 · a kind is held that does not exist
select queue.hold('customer_message_forget', null, 'acme', 'incident', command_id => world.command());
-- kim: CS002 · a channel is held that does not exist
select queue.hold(null, 'pigeon', 'acme', 'incident', command_id => world.command());
-- kim: CS002 · an agency is held that does not exist
update queue.staff set agency = null where login = '{kim}';
select queue.hold(null, null, 'umbrella', 'incident', command_id => world.command());
-- kim: CS002 · held for a story
select queue.hold(null, 'sms', 'acme', 'incident', 'as she told me', command_id => world.command());
-- kim: not_found · no hold is ended
select queue.resume(-1, command_id => world.command());
-- kim: not_found · another agency's hold is ended
update queue.staff set agency = 'globex' where login = '{kim}';
select queue.resume(world.job('hold'), command_id => world.command());
-- opa: not_authorised · an operator ends a hold
select queue.resume(world.job('hold'), command_id => world.command());
-- opa: not_authorised · an operator tries what a hold keeps
select queue.try_resume(world.job('hold'), command_id => world.command());
-- kim: 2 · what is no send, or not kept, is tried
select world.note('mail', world.has('{kim}', $$select queue.hold(null, 'email', 'acme', 'incident', command_id => world.command())$$) ->> 'hold_id');
select queue.try_resume(world.job('mail'), 100, world.command()) ->> 'resumed';
-- kim: 0 · what a hold does not keep is tried
select world.note('mail', world.has('{kim}', $$select queue.hold(null, 'email', 'acme', 'incident', command_id => world.command())$$) ->> 'hold_id');
update queue.hold set resumed_at = now(), resumed_by = '{kim}' where hold_id = world.job('mail');
select queue.try_resume(world.job('hold'), 100, world.command()) ->> 'resumed';
-- kim: 0 · what another hold keeps is tried
select world.note('mail', world.has('{kim}', $$select queue.hold(null, 'email', 'acme', 'incident', command_id => world.command())$$) ->> 'hold_id');
insert into queue.hold (channel_kind, agency, reason, placed_by, placed_at) values ('email', 'acme', 'incident', '{kim}', now());
select queue.try_resume(world.job('mail'), 100, world.command()) ->> 'resumed';
-- kim: 2 · what a hold that ended kept is not tried
select world.note('mail', world.has('{kim}', $$select queue.hold(null, 'email', 'acme', 'incident', command_id => world.command())$$) ->> 'hold_id');
insert into queue.hold (channel_kind, agency, reason, placed_by, placed_at, resumed_by, resumed_at) values ('email', 'acme', 'incident', '{kim}', now(), '{kim}', now());
select queue.try_resume(world.job('mail'), 100, world.command()) ->> 'resumed';
-- exe: claimed · what was let through is kept all the same [holds_back]
select world.note('mail', world.has('{kim}', $$select queue.hold(null, 'email', 'acme', 'incident', command_id => world.command())$$) ->> 'hold_id');
select world.has('{kim}', format('select queue.try_resume(%s, command_id => world.command())', world.job('mail')));
select queue.claim_jobs('{customer_message_send}');
-- kim: already_decided · a hold is ended twice
select queue.resume(world.job('resumed'), command_id => world.command());
-- kim: CS002 · a hold is ended backwards
select queue.resume(world.job('hold'), 0, command_id => world.command());
-- kim: 1 · the end of a hold frees what it held
select queue.resume(world.job('hold'), command_id => world.command()) ->> 'resumed';
-- kim: 0 · the end of a hold frees what another hold holds
insert into queue.hold (channel_kind, agency, reason, placed_by, placed_at) values ('sms', 'acme', 'incident', '{kim}', now());
select queue.resume(world.job('hold'), command_id => world.command()) ->> 'resumed';
-- kim: 1 · the end of a hold frees another agency's jobs
select world.question('foreign_paused', 'globex', 'sms');
update queue.job_queue set status = 'paused' where job_id = world.job('foreign_paused');
select queue.resume(world.job('hold'), command_id => world.command()) ->> 'resumed';
-- kim: 1 · the end of a hold frees jobs on another channel
update queue.job_queue set status = 'paused' where job_id = world.job('waiting');
select queue.resume(world.job('hold'), command_id => world.command()) ->> 'resumed';
-- kim: 1 · the end of a hold frees jobs of another kind
update queue.hold set job_kind = 'customer_message_approve' where hold_id = world.job('hold');
select world.note('followup', world.command());
select world.conversation('texting', 'acme', 'sms');
select world.has('{prod}', format('select queue.schedule_followup(%L, %L, command_id => world.command())', world.it('texting.conversation'), '2026-01-31T09:12:00Z'));
update queue.job_queue set status = 'paused' where correlation_id = world.it('texting.conversation')::uuid;
select queue.resume(world.job('hold'), command_id => world.command()) ->> 'resumed';

-- Administrators.

-- wad: not_authorised · a workflow_admin sets what is the platform's
select queue.set_config('queue.customer.enabled', 'false', command_id => world.command());
-- pad: CS002 · the dispensation without the council
select queue.set_config('queue.customer.send_without_approve.enabled', 'true', command_id => world.command());
-- pad: CS002 · a council that tells a story
select queue.set_config('queue.customer.send_without_approve.enabled', 'true', 'they said so', command_id => world.command());
-- pad: not_authorised · a platform_admin sets what is an agency's
select queue.set_agency_config('queue.customer.confidence_threshold', '0.9', world.command());
-- wad: CS002 · a workflow_admin sets for the agency what is the platform's
select queue.set_agency_config('queue.customer.send_without_approve.enabled', 'true', world.command());
-- wad: not_authorised · a workflow_admin waits for a switch
select queue.switch_settled();
-- wad: not_authorised · a workflow_admin registers a word
select queue.register_code('intent', 'lost_card', command_id => world.command());
-- pad: CS002 · a word of no list
select queue.register_code('colour', 'red', command_id => world.command());
-- pad: CS002 · a sentence as a word
select queue.register_code('intent', 'Lost her card', command_id => world.command());
-- pad: CS002 · an error of an effect between
select queue.register_code('error_code', 'line_cut', effect => 'some', command_id => world.command());
-- pad: CS002 · a reason for what nobody does
select queue.register_code('reason', 'bored', used_by => '{forget}', command_id => world.command());
-- pad: not_authorised · a platform_admin trusts a host for an agency
select queue.register_agency_host('track.acme.example', world.command());
-- wad: CS002 · an address as a host of the agency
select queue.register_agency_host('jane@example.org', world.command());
-- wad: not_authorised · a workflow_admin registers an agency
select queue.register_agency('umbrella', command_id => world.command());
-- pad: CS002 · an agency that is a name
select queue.register_agency('Umbrella Inc.', command_id => world.command());
-- pad: CS002 · an agency nowhere
select queue.register_agency('umbrella', 'Europe/Nowhere', command_id => world.command());
-- pad: CS002 · an agency in any order
select queue.register_agency('umbrella', review_order => 'as_you_like', command_id => world.command());
-- wad: not_authorised · a workflow_admin registers staff
select queue.register_staff('{nobody}', 'acme', '{reviewer}', world.command());
-- pad: CS004 · a platform_admin changes what they are
select queue.register_staff('{pad}', 'acme', '{workflow_admin}', world.command());
-- pad: CS002 · staff of no role
select queue.register_staff('{nobody}', 'acme', '{}', world.command());
-- pad: CS002 · staff of a role of their own
select queue.register_staff('{nobody}', 'acme', '{owner}', world.command());
-- pad: CS002 · a reviewer of all agencies
select queue.register_staff('{nobody}', null, '{reviewer}', world.command());
-- pad: CS002 · a platform_admin who is on call
select queue.register_staff('{nobody}', null, '{platform_admin,oncall}', world.command());
-- pad: CS002 · a platform_admin of an agency
select queue.register_staff('{nobody}', 'acme', '{platform_admin}', world.command());
-- pad: CS002 · staff of an agency that does not exist
select queue.register_staff('{nobody}', 'umbrella', '{reviewer}', world.command());
-- pad: CS002 · staff without a name
select queue.register_staff(null, 'acme', '{reviewer}', world.command());
-- pad: CS002 · staff whose login does not exist
select queue.register_staff('jane', 'acme', '{reviewer}', world.command());
-- pad: CS002 · staff whose login cannot log in
select queue.register_staff('countersign_owner', 'acme', '{reviewer}', world.command());
-- pad: CS004 · staff who is a superuser
alter role {nobody} superuser;
select queue.register_staff('{nobody}', 'acme', '{reviewer}', world.command());
-- pad: CS004 · staff who is a program
select queue.register_staff('{exe}', 'acme', '{reviewer}', world.command());
-- wad: not_authorised · a workflow_admin registers an executor
select queue.register_executor('{nobody}', '{customer_message_send}', '{email}', '{acme}', world.command());
-- pad: CS002 · an executor of no kind
select queue.register_executor('{nobody}', '{}', '{email}', '{acme}', world.command());
-- pad: CS002 · an executor of no channel
select queue.register_executor('{nobody}', '{customer_message_send}', '{}', '{acme}', world.command());
-- pad: CS002 · an executor of no agency
select queue.register_executor('{nobody}', '{customer_message_send}', '{email}', '{}', world.command());
-- pad: CS002 · an executor that approves
select queue.register_executor('{nobody}', '{customer_message_approve}', '{email}', '{acme}', world.command());
-- pad: CS002 · an executor on a channel that does not exist
select queue.register_executor('{nobody}', '{customer_message_send}', '{pigeon}', '{acme}', world.command());
-- pad: CS002 · an executor of an agency that does not exist
select queue.register_executor('{nobody}', '{customer_message_send}', '{email}', '{umbrella}', world.command());
-- wad: not_authorised · a workflow_admin registers a producer
select queue.register_producer('{nobody}', '{acme}', '{email}', world.command());
-- pad: CS002 · a producer of no channel
select queue.register_producer('{nobody}', '{acme}', '{}', world.command());
-- pad: CS002 · a producer of no agency
select queue.register_producer('{nobody}', '{}', '{email}', world.command());
-- pad: CS002 · a producer on a channel that does not exist
select queue.register_producer('{nobody}', '{acme}', '{pigeon}', world.command());
-- pad: CS002 · a producer of an agency that does not exist
select queue.register_producer('{nobody}', '{umbrella}', '{email}', world.command());
-- wad: not_authorised · a workflow_admin registers a monitor
select queue.register_monitor('{nobody}', world.command());
-- wad: not_authorised · a workflow_admin takes a login's rights
select queue.revoke_login('{ada}', world.command());
-- pad: not_found · the rights of nobody are taken
select queue.revoke_login('jane', world.command());
-- wad: not_authorised · a workflow_admin ratifies an event
select queue.ratify_event_type('customer.message.sent', world.command());
-- pad: not_found · an event is ratified that does not exist
select queue.ratify_event_type('customer.message.forgotten', world.command());
-- wad: not_authorised · a workflow_admin registers a key
select queue.register_key(repeat('ab', 16), 'acme', world.command());
-- pad: CS002 · a key that is something else
select queue.register_key('the key', 'acme', world.command());
-- pad: CS002 · a key of an agency that does not exist
select queue.register_key(repeat('ab', 16), 'umbrella', world.command());
-- pad: CS002 · another agency's key
select queue.register_key(world.key('globex'), 'acme', world.command());
-- pad: applied · a key again
select queue.register_key(world.key('globex'), 'globex', world.command());
-- pad: applied · a second key of an agency
select queue.register_key(repeat('ab', 16), 'globex', world.command());
-- pad: not_authorised · a platform_admin signs a customer off
select queue.sign_off_customer('cust-waiting', '2999-01-31T09:12:00Z', world.command());
-- wad: CS002 · a sign-off that is over
select queue.sign_off_customer('cust-waiting', '2026-01-31T09:12:00Z', world.command());
-- wad: not_found · another agency's customer is signed off
select queue.sign_off_customer('cust-foreign', '2999-01-31T09:12:00Z', world.command());
-- wad: not_found · nobody is signed off
select queue.sign_off_customer('cust-nobody', '2999-01-31T09:12:00Z', world.command());
-- pad: not_authorised · a platform_admin takes a sign-off back
select queue.revoke_sign_off('cust-waiting', world.command());
-- wad: not_found · a sign-off is taken back that nobody gave
select queue.revoke_sign_off('cust-waiting', world.command());
-- wad: not_found · the sign-off of another customer is taken back
select world.sign('read');
select queue.revoke_sign_off('cust-waiting', world.command());
-- wad: not_found · a sign-off is taken back twice
select world.sign('waiting');
select world.has('{wad}', 'select queue.revoke_sign_off($$cust-waiting$$, world.command())');
select queue.revoke_sign_off('cust-waiting', world.command());
-- wad: not_found · another agency's sign-off is taken back
select world.sign('foreign');
select queue.revoke_sign_off('cust-foreign', world.command());

-- The dispensation: a switch and a sign-off, both.

-- exe: customer_message_send · both
select world.sign('drafting');
select world.dispense();
select world.kind(queue.complete_job(world.job('drafting'), world.token('drafting'), draft_id => world.it('drafting.draft'), command_id => world.command()));
-- exe: customer_message_send · both, and the signer set something else [dispensation]
select world.sign('drafting');
select world.dispense();
select world.has('{wad}', 'select queue.set_agency_config($$queue.customer.confidence_threshold$$, $$0.1$$, world.command())');
select world.kind(queue.complete_job(world.job('drafting'), world.token('drafting'), draft_id => world.it('drafting.draft'), command_id => world.command()));
-- exe: customer_message_approve · a sign-off alone [dispensation]
select world.sign('drafting');
select world.kind(queue.complete_job(world.job('drafting'), world.token('drafting'), draft_id => world.it('drafting.draft'), command_id => world.command()));
-- exe: customer_message_approve · a switch and another customer's sign-off [dispensation]
select world.sign('waiting');
select world.dispense();
select world.kind(queue.complete_job(world.job('drafting'), world.token('drafting'), draft_id => world.it('drafting.draft'), command_id => world.command()));
-- exe: customer_message_approve · a switch and another agency's sign-off
select world.sign('drafting');
update care.customer_signoff set agency = 'globex';
select world.dispense();
select world.kind(queue.complete_job(world.job('drafting'), world.token('drafting'), draft_id => world.it('drafting.draft'), command_id => world.command()));
-- exe: customer_message_approve · a switch and a sign-off that was taken back
select world.sign('drafting');
update care.customer_signoff set revoked_by = '{kim}', revoked_at = queue.clock();
select world.dispense();
select world.kind(queue.complete_job(world.job('drafting'), world.token('drafting'), draft_id => world.it('drafting.draft'), command_id => world.command()));
-- exe: customer_message_approve · a switch and a sign-off that is over
select world.sign('drafting');
update care.customer_signoff set signed_at = '2020-01-01', expires_at = '2020-02-01';
select world.dispense();
select world.kind(queue.complete_job(world.job('drafting'), world.token('drafting'), draft_id => world.it('drafting.draft'), command_id => world.command()));
-- exe: customer_message_approve · a switch and a sign-off from the same hand
select world.sign('drafting');
select world.dispense();
update care.customer_signoff set signed_by = '{pad}';
select world.kind(queue.complete_job(world.job('drafting'), world.token('drafting'), draft_id => world.it('drafting.draft'), command_id => world.command()));
-- exe: dispensation_ended · a send whose dispensation ended is started
select world.sign('drafting');
select world.dispense();
select world.has('{exe}', format('select queue.complete_job(%s, %s, draft_id => %L, command_id => world.command())',
                                 world.job('drafting'), world.token('drafting'), world.it('drafting.draft')));
select world.job_ends('due.created');
select world.job_ends('approved.created');
select world.advance('40 seconds');
select world.claim('dispensed', 'customer_message_send');
update care.customer_signoff set revoked_by = '{kim}', revoked_at = queue.clock();
select queue.start_job(world.job('dispensed'), world.token('dispensed'), world.command());

-- Questions, one at a time and in time.

-- prod: true · a second draft asks the same question
select queue.submit_draft(world.it('waiting.conversation'), world.command(), 'drafter-1', world.key('acme'), world.sealed(), sha256('x'),
                          command_id => world.command()) ->> 'repointed';
-- prod: false · a draft in a conversation whose question was answered asks a new one [ask_a_person]
select queue.submit_draft(world.it('dropped.conversation'), world.command(), 'drafter-1', world.key('acme'), world.sealed(), sha256('x'),
                          command_id => world.command()) ->> 'repointed';
-- prod: false · a draft in a conversation where a program works asks a new question [ask_a_person]
select queue.submit_draft(world.it('queued.conversation'), world.command(), 'drafter-1', world.key('acme'), world.sealed(), sha256('x'),
                          command_id => world.command()) ->> 'repointed';
-- ada: true · an undone approval asks in its own conversation [ask_again]
select world.conversation_of(queue.review_undo(world.job('approved'), world.command()))::text = world.it('approved.conversation');
-- exe: true · an approval that is old asks once
select world.message('claimed');
select world.draft('claimed');
select queue.start_job(world.job('claimed.send'), world.token('claimed.send'), world.command()) ->> 'created_job_id' = world.it('claimed');
-- ada: not_authorised · a reviewer says when the agency works
select queue.set_business_hours('acme', '{mon 09:00-17:00}', command_id => world.command());
-- wad: not_authorised · an agency says when another works
select queue.set_business_hours('globex', '{mon 09:00-17:00}', command_id => world.command());
-- pad: not_found · when nobody works
select queue.set_business_hours('initech', null, command_id => world.command());
-- ada: not_authorised · a reviewer takes the day off for everybody
select queue.set_holidays('acme', '{2026-12-25}', command_id => world.command());
-- wad: not_authorised · an agency closes another
select queue.set_holidays('globex', '{2026-12-25}', command_id => world.command());
-- pad: not_found · a holiday of nobody
select queue.set_holidays('initech', '{2026-12-25}', command_id => world.command());
-- ada: 1 · one holiday is given up and another goes with it [set_holidays]
insert into queue.holiday values ('acme', '2026-12-25'), ('acme', '2026-12-26');
select world.has('{wad}', $$select queue.set_holidays('acme', '{2026-12-25}', false, world.command())$$);
select count(*) from queue.holiday;
-- gus: 1 · one agency's holiday is given up and another's goes with it [set_holidays]
insert into queue.holiday values ('acme', '2026-12-25'), ('globex', '2026-12-25');
select world.has('{wad}', $$select queue.set_holidays('acme', '{2026-12-25}', false, world.command())$$);
select count(*) from queue.holiday;
-- owner: true · a deadline runs while nobody works
insert into queue.business_hours values ('acme', 5, '09:00', '17:00'), ('acme', 1, '09:00', '17:00'), ('globex', 6, '00:00', '24:00');
update queue.agency set time_zone = 'UTC' where agency = 'acme';
select queue.deadline_after('acme', '2026-01-30T16:00:00Z', '2 hours') = '2026-02-02T10:00:00Z';
-- owner: true · a deadline runs on a holiday
insert into queue.business_hours values ('acme', 5, '09:00', '17:00'), ('acme', 1, '09:00', '17:00');
insert into queue.holiday values ('acme', '2026-02-02'), ('globex', '2026-02-06');
update queue.agency set time_zone = 'UTC' where agency = 'acme';
select queue.deadline_after('acme', '2026-01-30T16:00:00Z', '2 hours') = '2026-02-06T10:00:00Z';
-- ada: 1 · a late question goes up
update queue.job_queue set deadline_at = queue.clock() where job_id = world.job('waiting');
select queue.sweep() ->> 'escalated';
-- ada: 0 · a late escalation goes up
update queue.job_queue set deadline_at = queue.clock() where job_id = world.job('escalated.created');
select queue.sweep() ->> 'escalated';
-- ada: 0 · a question that somebody reads counts as stopped
select world.switch('queue.customer.escalation_open_limit', '0');
update queue.job_queue set deadline_at = queue.clock() where job_id = world.job('read');
select queue.sweep() ->> 'stopped_full';
-- ada: 0 · a question that is not late counts as stopped
select world.switch('queue.customer.escalation_open_limit', '0');
select queue.sweep() ->> 'stopped_full';
-- ada: 1 · one agency's full tier stops no other [setting, tier_is_full]
update queue.job_queue set deadline_at = queue.clock() where job_id in (world.job('waiting'), world.job('foreign'));
insert into queue.dot_config (agency, key, value, set_by, set_at) values ('acme', 'queue.customer.escalation_open_limit', '0', '{kim}', now());
select queue.sweep() ->> 'escalated';
-- ada: 1 · one full tier stops no other [tier_is_full]
select world.switch('queue.customer.escalation_open_limit', '1');
update queue.job_queue set deadline_at = queue.clock() - interval '1 minute' where job_id = world.job('waiting');
select world.question('senior');
update queue.job_queue set deadline_at = queue.clock(), target_ref = 'agency:acme/role:senior_reviewer' where job_id = world.job('senior');
select queue.sweep() ->> 'escalated';
-- ada: 1 · a tier is full by its own escalations that are open
select world.switch('queue.customer.escalation_open_limit', '1');
select world.job_ends('escalated.created');
update queue.job_queue set deadline_at = queue.clock() where job_id = world.job('waiting');
select queue.sweep() ->> 'escalated';
-- ada: 1 · a tier is not full by what was escalated elsewhere
select world.switch('queue.customer.escalation_open_limit', '1');
update queue.job_queue set target_ref = 'agency:acme/role:team_lead' where job_id = world.job('escalated.created');
update queue.job_queue set deadline_at = queue.clock() where job_id = world.job('waiting');
select queue.sweep() ->> 'escalated';
-- ada: 1 · a tier is not full by its questions [tier_is_full]
select world.switch('queue.customer.escalation_open_limit', '1');
select world.job_ends('escalated.created');
update queue.job_queue set target_ref = 'agency:acme/role:senior_reviewer' where job_id = world.job('paused');
update queue.job_queue set deadline_at = queue.clock() where job_id = world.job('waiting');
select queue.sweep() ->> 'escalated';
-- sen: not_authorised · somebody else's escalation is somebody else's
update queue.staff set roles = '{oncall}' where login = '{sen}';
select world.advance('1 minute');
select queue.take_escalation(world.job('escalated.created'), world.command());
-- sen: applied · an escalation is taken over by who decided something else
select world.question('other');
select world.advance('1 minute');
select world.forge('insert into queue.review_decision (job_id, agency, decision, reason, decided_by, decided_at, draft_id, draft_digest, newest_inbound_seq, lease_token)
                    values (world.job($$other$$), $$acme$$, $$escalate$$, $$legal_threat$$, $${sen}$$, now(), world.it($$other.draft$$)::uuid, sha256($$x$$), 1, 1)');
select queue.take_escalation(world.job('escalated.created'), world.command());

-- Events.

-- ada: 0 · events of another agency
select count(*) from jsonb_array_elements(queue.read_outbox("limit" => 1000) -> 'events') as event where event ->> 'agency' <> 'acme';
-- ada: 1 · events after the one before the last
select jsonb_array_length(queue.read_outbox(world.last_event(1), 1000) -> 'events');
-- prod: 0 · an event of a type that nobody ratified [emit]
update queue.event_type_registry set ratified_at = null where event_type = 'customer.message.enqueued';
select world.note('last', world.last_event(0)::text);
select world.has('{prod}', format('select queue.schedule_followup(%L, %L, command_id => world.command())', world.it('waiting.conversation'), '2026-01-31T09:12:00Z'));
select world.count('queue.event_outbox', 'event_id > ' || world.it('last'));
-- prod: 1 · an event is of one type [emit]
select world.note('last', world.last_event(0)::text);
select world.has('{prod}', format('select queue.schedule_followup(%L, %L, command_id => world.command())', world.it('waiting.conversation'), '2026-01-31T09:12:00Z'));
select world.count('queue.event_outbox', 'event_id > ' || world.it('last'));

-- Counts.

-- ada: true · a reviewer counts the jobs of their agency
select sum(ready + scheduled) = world.count('queue.job_queue', $$agency = 'acme' and status = 'queued'$$) from queue.v_queue_health;
-- mon: true · a monitor counts each job once
select sum(leased) = world.count('queue.job_queue', $$status = 'leased'$$) from queue.v_queue_health;
-- ada: 0 · jobs of a kind are counted with another
select sum(ready) from queue.v_queue_health where job_kind = 'customer_message_escalate';
-- ada: true · a reviewer sees the pressure on their agency
select sum(breached + lt_5m + lt_15m + lt_1h + later + "none")
       = world.count('queue.job_queue', $$agency = 'acme' and status not in ('succeeded', 'failed', 'cancelled')$$)
from queue.v_customer_sla_pressure;
-- mon: true · a monitor sees the pressure on each kind
select sum(later) <= world.count('queue.job_queue', $$job_kind = 'customer_message_escalate'$$)
from queue.v_customer_sla_pressure where job_kind = 'customer_message_escalate';

-- mon: true · counts that split the minute that runs
select world.draw_near();
select world.are_counts_true();
-- mon: 1 · since when one kind of one agency is held
alter table queue.dot_iu_command_run disable trigger user;
update queue.dot_iu_command_run set at = '2020-01-01' where job_id = world.job('read') and to_status = 'leased';
select count(*) from queue.oldest_leases() where oldest_lease_at = '2020-01-01';
-- mon: 0 · a claim of a job that nobody holds, as if it were a lease
alter table queue.dot_iu_command_run disable trigger user;
insert into queue.dot_iu_command_run (at, login, call, job_id, outcome, from_status, to_status)
values ('2020-01-01', session_user, 'claim_review', world.job('waiting'), 'applied', 'queued', 'leased');
select count(*) from queue.oldest_leases() where oldest_lease_at = '2020-01-01';
-- mon: 0 · what was no claim, as the beginning of a lease
alter table queue.dot_iu_command_run disable trigger user;
insert into queue.dot_iu_command_run (at, login, call, job_id, outcome, from_status, to_status)
values ('2020-01-01', session_user, 'hold', world.job('read'), 'applied', 'queued', 'paused');
select count(*) from queue.oldest_leases() where oldest_lease_at = '2020-01-01';
-- mon: 0 · what came later in a lease, as its beginning
alter table queue.dot_iu_command_run disable trigger user;
insert into queue.dot_iu_command_run (at, login, call, job_id, outcome, from_status, to_status)
values ('2020-01-01', session_user, 'submit_draft', world.job('read'), 'repointed', 'leased', 'leased');
select count(*) from queue.oldest_leases() where oldest_lease_at = '2020-01-01';

-- What is told to whom.

-- ada: true · who cancelled a question, after others asked for it [already_decided]
update queue.staff set roles = '{oncall}' where login = '{opa}';
select world.has('{kim}', format('select queue.cancel_job(%s, %L, world.command())', world.job('waiting'), 'duplicate'));
select world.has('{opa}', format('select queue.cancel_job(%s, %L, world.command())', world.job('queued'), 'duplicate'));
select world.ask('{bo}', format('select queue.claim_review(%s)', world.job('waiting')));
select queue.claim_review(world.job('waiting')) ->> 'by' = '{kim}';
-- sen: 0 · the trail tells what is foreign from what is absent [answer_about]
select world.ask('{sen}', format('select queue.force_release(%s, world.command())', world.job('foreign')));
select world.count('queue.dot_iu_command_run', $$outcome = 'not_found' and job_id is not null$$);
-- ada: customer_message_approve · an undone approval asks although a program works on the conversation [ask_again]
select world.has('{prod}', format('select queue.schedule_followup(%L, %L, command_id => world.command())', world.it('approved.conversation'), '2026-01-31T09:12:00Z'));
select world.kind(queue.review_undo(world.job('approved'), world.command()));
-- exe: CS002 · a draft job is completed with a draft that was made for it elsewhere
alter table care.customer_message disable trigger user;
update care.customer_message set made_for_job_id = world.job('drafting') where message_id = world.it('waiting.draft')::uuid;
select queue.complete_job(world.job('drafting'), world.token('drafting'), draft_id => world.it('waiting.draft'), command_id => world.command());
-- exe: customer_message_approve · an unsure draft of a follow-up goes up by itself
select world.has('{exe}', format('select queue.complete_job(%s, %s, command_id => world.command())', world.job('started'), world.token('started')));
select world.kind(queue.complete_job(world.job('drafting'), world.token('drafting'), '{"confidence": 0.1}', world.it('drafting.draft'), command_id => world.command()));
-- kim: wrong_status · what runs again is confirmed
select world.forge('update queue.job_queue set outcome_code = $$outcome_unknown$$ where job_id = world.job($$running.send$$)');
select queue.confirm_sent(world.job('running.send'), 'provider-2', world.command());
-- exe: not_found · a job is given back by a program that may not work on it any more, where another one may [is_still_registered]
update queue.executor set kinds = '{customer_message_send}' where login = '{exe}';
update queue.executor set kinds = '{customer_message_inbound}', channels = '{email}' where login = '{sms_exe}';
select queue.release_job(world.job('leased'), world.token('leased'), world.command());
-- pad: not_found · the body of no job is opened by who belongs to no agency
select queue.open_body(-1);
-- exe: 0 · a sending program reads rejections
select world.forge('update queue.job_queue set correlation_id = world.it($$running.conversation$$)::uuid where job_id = world.job($$rejected$$)');
select jsonb_array_length(queue.open_body(world.job('running.send'), world.token('running.send')) -> 'rejections');
-- exe: opened · a send is opened that was started before another job
select world.start('leased');
select queue.open_body(world.job('running.send'), world.token('running.send'));
-- exe: opened · a send is opened twice
select world.has('{exe}', format('select queue.open_body(%s, %s)', world.job('running.send'), world.token('running.send')));
select queue.open_body(world.job('running.send'), world.token('running.send'));
-- prod: 1 · a conversation is of the agency that opened it
select world.note('opened', world.command());
select world.has('{prod}', format('select queue.open_conversation(%L, %L, %L, %L, world.command())', world.it('opened'), 'acme', 'cust-foreign', 'email'));
select world.count('care.customer_conversation', format('conversation_id = %L and agency = %L', world.it('opened'), 'acme'));
-- prod: 1 · a conversation is with the customer it names
select world.note('opened', world.command());
select world.has('{prod}', format('select queue.open_conversation(%L, %L, %L, %L, world.command())', world.it('opened'), 'acme', 'cust-new', 'email'));
select world.count('care.customer_conversation join care.customer using (customer_id)', format('conversation_id = %L and customer_ref = %L', world.it('opened'), 'cust-new'));
-- kim: applied · a hold over what is under way [pause_covered]
select queue.hold(null, 'email', 'acme', 'incident', command_id => world.command());
-- kim: not_found · no dead letter is retried by who belongs to no agency
update queue.staff set agency = null where login = '{kim}';
select queue.dead_letter_retry(-1, command_id => world.command());
-- kim: not_found · no hold is ended by who belongs to no agency
update queue.staff set agency = null where login = '{kim}';
select queue.resume(-1, command_id => world.command());
-- kim: 1 · the end of a hold frees what was not paused
select world.question('texted', 'acme', 'sms');
select queue.resume(world.job('hold'), command_id => world.command()) ->> 'resumed';
-- ada: 0 · a second look at an escalation
update queue.job_queue set payload_ref = 'message:' || world.it('edited.revision') where job_id = world.job('escalated.created');
select queue.is_second_look(world.job('escalated.created'))::integer;
-- ada: 0 · a second look at what is no revision
alter table care.customer_message disable trigger user;
update care.customer_message set stored_by = '{ada}' where message_id = world.it('waiting.draft')::uuid;
select queue.is_second_look(world.job('waiting'))::integer;
-- sen: applied · who rejected takes over
select world.advance('1 minute');
select world.forge('update queue.review_decision set decision = $$reject$$, decided_by = $${sen}$$ where job_id = world.job($$escalated$$)');
select queue.take_escalation(world.job('escalated.created'), world.command());
-- sen: 1 · who takes one escalation over takes others
select world.advance('1 minute');
select world.has('{sen}', format('select queue.take_escalation(%s, world.command())', world.job('escalated.created')));
select world.count('queue.job_queue', $$lease_owner = '{sen}'$$);
-- pad: not_found · why no job is blocked, for who belongs to no agency
select queue.why_blocked(-1);
-- ada: not_found · why a job is blocked that one held as long as one was staff
delete from queue.staff where login = '{ada}';
select queue.why_blocked(world.job('read'));
-- ada: ["no_approval"] · why a send is blocked that nobody decided [right_to_send, why_blocked]
select world.forge('update queue.job_queue set parent_job_id = world.job($$waiting$$) where job_id = world.job($$due.created$$)');
select queue.why_blocked(world.job('due.created')) ->> 'reasons';
-- ada: ["no_approval"] · why a send is blocked that was rejected
select world.forge('update queue.review_decision set decision = $$reject$$, reason = $$policy$$ where job_id = world.job($$due$$)');
select queue.why_blocked(world.job('due.created')) ->> 'reasons';
-- ada: ["approval_undone"] · why a send is blocked that was undone
select world.forge('update queue.review_decision set undone_by = $${kim}$$, undone_at = now() where job_id = world.job($$due$$)');
select queue.why_blocked(world.job('due.created')) ->> 'reasons';

-- Openings that are on record.

-- ada: announced · a body is opened that nobody announced
select queue.open_body(world.job('waiting'));
-- ada: opened · a body is opened that was announced
select world.announced('waiting', '{ada}');
select queue.open_body(world.job('waiting'));
-- ada: announced · a body is opened where another was announced [is_on_record]
select world.announced('undone', '{ada}');
select queue.open_body(world.job('waiting'));
-- ada: announced · a body is opened where something else was announced
select world.announced('waiting', '{ada}', in_call => 'pane_state');
select queue.open_body(world.job('waiting'));
-- ada: announced · a body is opened where an opening was refused
select world.announced('waiting', '{ada}', as_outcome => 'not_found');
select queue.open_body(world.job('waiting'));
-- ada: announced · a body is opened that somebody else announced
select world.announced('waiting', '{bo}');
select queue.open_body(world.job('waiting'));
-- ada: announced · a body is opened that was announced long ago
select world.announced('waiting', '{ada}');
select world.advance('2 minutes');
select queue.open_body(world.job('waiting'));
-- ada: announced · a body is opened whose announcement can be taken back
select world.has('{ada}', format('select queue.open_body(%s) || $${"outcome": "ok"}$$', world.job('waiting')));
select queue.open_body(world.job('waiting'));
-- ada: opened · a body is opened after a refusal under the same lease [is_on_record]
select world.ask('{ada}', format('select queue.review_approve(%s, %L, command_id => world.command())', world.job('read'), world.pin('read', 2, repeat('0', 64))));
select queue.open_body(world.job('read'));

-- Who is forgotten.

-- exe: payload_missing · a job is completed whose message is gone
alter table care.customer_message disable trigger user;
update care.customer_message set sealed_body = null, key_id = null, erased_at = now() where message_id = world.it('started.message')::uuid;
select queue.complete_job(world.job('started'), world.token('started'), command_id => world.command());
-- exe: payload_missing · a draft for a customer who was forgotten [payload_is_there]
update care.customer set erased_at = now() where customer_id = world.customer('drafting');
select queue.put_draft(world.job('drafting'), world.token('drafting'), world.command(), 'drafter-1', world.key('acme'), world.sealed(), sha256('x'), world.command());
-- prod: not_found · a follow-up for a customer who was forgotten [producers_conversation]
update care.customer set erased_at = now() where customer_id = world.customer('waiting');
select queue.schedule_followup(world.it('waiting.conversation'), '2026-01-31T09:12:00Z', command_id => world.command());
-- prod: applied · a follow-up where somebody else was forgotten
update care.customer set erased_at = now() where customer_id = world.customer('read');
select queue.schedule_followup(world.it('waiting.conversation'), '2026-01-31T09:12:00Z', command_id => world.command());
-- pad: not_authorised · a platform_admin forgets a customer
select queue.erase_customer('cust-waiting', world.command());
-- wad: not_found · another agency's customer is forgotten
select queue.erase_customer('cust-foreign', world.command());
-- wad: not_found · nobody is forgotten
select queue.erase_customer('cust-nobody', world.command());
-- wad: 1 · jobs about others end
select queue.erase_customer('cust-waiting', world.command()) ->> 'cancelled';
-- wad: 0 · what somebody reads ends
select queue.erase_customer('cust-read', world.command()) ->> 'cancelled';
-- wad: 0 · what others attached is forgotten
insert into care.attachment values (gen_random_uuid(), world.it('read.message')::uuid, 'image/png', 1, 'store:1');
select world.has('{wad}', 'select queue.erase_customer($$cust-waiting$$, world.command())');
select world.count('care.attachment', $$uri = 'erased'$$);
-- wad: 0 · notes about others are forgotten
insert into care.review_note values (world.decision('rejected'), world.sealed(), world.key('acme'));
select world.has('{wad}', 'select queue.erase_customer($$cust-waiting$$, world.command())');
select world.count('care.review_note', 'erased_at is not null');
-- wad: 0 · notes about other decisions are forgotten
insert into care.review_note values (world.decision('rejected'), world.sealed(), world.key('acme'));
select world.has('{wad}', 'select queue.erase_customer($$cust-dropped$$, world.command())');
select world.count('care.review_note', 'erased_at is not null');
-- wad: applied · a customer is forgotten about whom a note was already
insert into care.review_note (decision_id, erased_at) values (world.decision('rejected'), '2026-01-31');
select queue.erase_customer('cust-rejected', world.command());
-- wad: 0 · what others wrote is forgotten
select world.has('{wad}', 'select queue.erase_customer($$cust-waiting$$, world.command())');
select world.count('care.customer_message', format('erased_at is not null and conversation_id <> %L', world.it('waiting.conversation')));
-- wad: 1 · a message is forgotten twice
select world.forge('update care.customer_message set sealed_body = null, key_id = null, erased_at = now() where message_id = world.it($$waiting.message$$)::uuid');
select queue.erase_customer('cust-waiting', world.command()) ->> 'messages';
-- wad: 0 · others' sign-offs are taken back
select world.sign('read');
select world.has('{wad}', 'select queue.erase_customer($$cust-waiting$$, world.command())');
select world.count('care.customer_signoff', 'revoked_at is not null');
-- wad: 1 · a sign-off is taken back twice
select world.sign('waiting');
update care.customer_signoff set revoked_by = '{kim}', revoked_at = queue.clock();
select world.has('{wad}', 'select queue.erase_customer($$cust-waiting$$, world.command())');
select world.count('care.customer_signoff', $$revoked_by = '{kim}'$$);
-- kim: not_authorised · who is on call reads the sign-offs
select queue.sign_offs();

-- What is kept.

-- wad: not_authorised · a workflow_admin lets rows go
select queue.retention_sweep(command_id => world.command());
-- pad: no_period · rows go without a period
select queue.retention_sweep(command_id => world.command());
-- pad: swept · the trail of jobs that are there goes
select world.switch('queue.retention.audit', '86400');
select world.advance('3 days');
select queue.retention_sweep(command_id => world.command());
-- pad: swept · the trail of today goes
select world.switch('queue.retention.audit', '86400');
select world.has('{wad}', 'select queue.set_agency_config($$queue.customer.confidence_threshold$$, $$0.1$$, world.command())');
select queue.retention_sweep(command_id => world.command());
-- pad: swept · conversations go whose jobs are there
select world.switch('queue.retention.messages', '86400');
select world.advance('3 days');
select queue.retention_sweep(command_id => world.command());
-- pad: 1 · others' sign-offs go with a conversation
select world.switch('queue.retention.messages', '86400');
select world.conversation('empty');
select world.sign('waiting');
select world.advance('3 days');
select world.ask('{pad}', 'select queue.retention_sweep(command_id => world.command())');
select world.count('care.customer_signoff', 'true');
-- pad: swept · a sign-off goes that a send went out by
select world.switch('queue.retention.messages', '86400');
select world.conversation('empty');
select world.sign('empty');
select world.without_triggers('{queue.send_evidence}', 'insert into queue.send_evidence (job_id, signoff_id, recorded_at) select world.job($$due.created$$), signoff_id, now() from care.customer_signoff');
select world.advance('3 days');
select queue.retention_sweep(command_id => world.command());
-- pad: swept · other customers go with a conversation
select world.switch('queue.retention.messages', '86400');
select world.conversation('empty');
select world.advance('3 days');
select queue.retention_sweep(command_id => world.command());
-- pad: 0 · a customer of whom nothing is left stays
select world.switch('queue.retention.messages', '86400');
select world.conversation('empty');
select world.advance('3 days');
select world.ask('{pad}', 'select queue.retention_sweep(command_id => world.command())');
select world.count('care.customer', $$customer_ref = 'cust-empty'$$);
-- wad: 1 · the platform's setting goes with an agency's
select world.switch('queue.customer.confidence_threshold', '0.1');
select world.has('{wad}', 'select queue.set_agency_config($$queue.customer.confidence_threshold$$, $$null$$, world.command())');
select world.count('queue.dot_config', $$key = 'queue.customer.confidence_threshold'$$);
-- wad: 1 · an agency's setting goes with another
select world.has('{wad}', 'select queue.set_agency_config($$queue.customer.confidence_threshold$$, $$0.1$$, world.command())');
select world.has('{wad}', 'select queue.set_agency_config($$queue.customer.editor_may_approve$$, $$null$$, world.command())');
select world.count('queue.dot_config', $$key = 'queue.customer.confidence_threshold'$$);
-- pad: 1 · an agency's setting goes with the platform's
select world.has('{wad}', 'select queue.set_agency_config($$queue.customer.confidence_threshold$$, $$0.1$$, world.command())');
select world.has('{pad}', 'select queue.set_config($$queue.customer.confidence_threshold$$, $$null$$, command_id => world.command())');
select world.count('queue.dot_config', $$key = 'queue.customer.confidence_threshold'$$);
-- pad: 1 · the platform's setting goes with another
select world.has('{pad}', 'select queue.set_config($$queue.customer.enabled$$, $$null$$, command_id => world.command())');
select world.count('queue.dot_config', $$key = 'queue.environment'$$);
-- ada: ["no_executor"] · why a job is blocked whose program is switched off
update queue.executor set enabled = false where login = '{exe}';
select queue.why_blocked(world.job('queued')) ->> 'reasons';
-- ada: ["no_executor"] · why a job is blocked that no program does
update queue.executor set kinds = '{customer_message_send}' where login = '{exe}';
select queue.why_blocked(world.job('queued')) ->> 'reasons';
-- exe: not_found · a draft under the id of another conversation's message
select queue.put_draft(world.job('drafting'), world.token('drafting'), world.it('waiting.draft'), 'drafter-1', world.key('acme'), world.sealed(), sha256('x'), world.command());
-- ada: not_found · a revision under the id of another conversation's message
select queue.review_revise(world.job('read'), world.pin('read'), world.it('waiting.draft'), world.key('acme'), world.sealed(), sha256('x'), world.command());
-- wad: not_authorised · a workflow_admin switches a program off
select queue.set_enabled('{exe}', false, world.command());
-- pad: CS002 · a program is switched neither off nor on
select queue.set_enabled('{exe}', null, world.command());
-- pad: not_found · nobody is switched off
select queue.set_enabled('jane', false, world.command());
-- pad: CS004 · staff around whom no policy holds
alter role {nobody} bypassrls;
select queue.register_staff('{nobody}', 'acme', '{reviewer}', world.command());
-- pad: CS004 · staff who is a replica
alter role {nobody} replication;
select queue.register_staff('{nobody}', 'acme', '{reviewer}', world.command());
-- pad: CS004 · staff who makes logins
alter role {nobody} createrole;
select queue.register_staff('{nobody}', 'acme', '{reviewer}', world.command());
-- pad: CS004 · staff who reads every table of the server
grant pg_read_all_data to {nobody};
select queue.register_staff('{nobody}', 'acme', '{reviewer}', world.command());
-- pad: CS004 · staff with a program's rights
grant countersign_executor to {nobody};
select queue.register_staff('{nobody}', 'acme', '{reviewer}', world.command());
-- pad: applied · staff who is nothing else
select queue.register_staff('{nobody}', 'acme', '{reviewer}', world.command());

-- Resealing, by whoever administers the database.

-- owner, repeatable read: CS001 · messages are resealed by what was
select queue.reseal_messages(world.key('acme'), world.key('acme'), '{}', '{}', '{}');
-- owner, repeatable read: CS001 · notes are resealed by what was
select queue.reseal_notes(world.key('acme'), world.key('acme'), '{}', '{}', '{}');
-- owner, repeatable read: CS001 · a key is retired by what was
select queue.retire_key(world.key('acme'));
-- owner: CS002 · messages are resealed under another agency's key [agency_of_keys]
select queue.reseal_messages(world.key('acme'), world.key('globex'), '{}', '{}', '{}');
-- owner: CS002 · messages are resealed under a key that nobody registered [agency_of_keys]
select queue.reseal_messages(world.key('acme'), repeat('ab', 16), '{}', '{}', '{}');
-- owner: CS002 · messages are resealed that lie under a key that nobody registered [agency_of_keys]
select queue.reseal_messages(repeat('ab', 16), world.key('acme'), '{}', '{}', '{}');
-- owner: 1 · one message is resealed
select queue.reseal_messages(world.key('acme'), world.second_key(), array[world.it('waiting.message')::uuid], array[substring(world.sealed() from 18 for 24)],
                             array['\x01'::bytea || decode(world.second_key(), 'hex') || decode(repeat('01', 60), 'hex')]);
-- owner: 0 · a message is resealed that changed meanwhile
select queue.reseal_messages(world.key('acme'), world.second_key(), array[world.it('waiting.message')::uuid], array[sha256('x')],
                             array['\x01'::bytea || decode(world.second_key(), 'hex') || decode(repeat('01', 60), 'hex')]);
-- owner: 0 · a note is resealed that changed meanwhile
insert into care.review_note values (world.decision('rejected'), world.sealed(), world.key('acme'));
select queue.reseal_notes(world.key('acme'), world.second_key(), array[world.decision('rejected')], array[sha256('x')],
                          array['\x01'::bytea || decode(world.second_key(), 'hex') || decode(repeat('01', 60), 'hex')]);
-- owner: 1 · one note is resealed
insert into care.review_note values (world.decision('rejected'), world.sealed(), world.key('acme')), (world.decision('dropped'), world.sealed(), world.key('acme'));
select queue.reseal_notes(world.key('acme'), world.second_key(), array[world.decision('rejected')], array[substring(world.sealed() from 18 for 24)],
                          array['\x01'::bytea || decode(world.second_key(), 'hex') || decode(repeat('01', 60), 'hex')]);
-- owner: not_found · a key is retired that nobody registered
select queue.retire_key(repeat('ab', 16));
-- owner: in_use · a key is retired under which messages lie
select world.second_key();
select queue.retire_key(world.key('acme'));
-- owner: in_use · a key is retired under which a note lies
select world.second_key();
insert into care.sealing_key values (repeat('ef', 16), 'acme', now() + interval '2 days', 'pad');
insert into care.review_note values (world.decision('rejected'), '\x01'::bytea || decode(world.second_key(), 'hex') || decode(repeat('01', 60), 'hex'), world.second_key());
select queue.retire_key(world.second_key());
-- owner: in_use · an agency's newest key is retired
select queue.retire_key(world.second_key());
-- owner: in_use · an agency's newest key is retired that is older than another's
insert into care.sealing_key values (repeat('ef', 16), 'globex', now() + interval '2 days', 'pad');
select queue.retire_key(world.second_key());
-- owner: applied · a key is retired that is of no more use
select world.second_key();
insert into care.sealing_key values (repeat('ef', 16), 'acme', now() + interval '2 days', 'pad');
select queue.retire_key(world.second_key());
-- owner: 0 · messages are resealed that lie under another key
select count(*) from queue.messages_to_reseal(world.second_key(), null, 1000);
-- owner: 0 · messages are resealed that were passed
select count(*) from queue.messages_to_reseal(world.key('acme'), 'ffffffff-ffff-ffff-ffff-ffffffffffff', 1000);
-- owner: 0 · notes are resealed that lie under another key
insert into care.review_note values (world.decision('rejected'), world.sealed(), world.key('acme'));
select count(*) from queue.notes_to_reseal(world.second_key(), null, 1000);
-- owner: 0 · notes are resealed that were passed
insert into care.review_note values (world.decision('rejected'), world.sealed(), world.key('acme'));
select count(*) from queue.notes_to_reseal(world.key('acme'), 1000000, 1000);
-- pad: applied · staff is registered again
select queue.register_staff('{ada}', 'acme', '{reviewer,oncall}', world.command());
-- pad: applied · staff whose name begins like ours
create role countersign_jane login;
select queue.register_staff('countersign_jane', 'acme', '{reviewer}', world.command());
-- pad: applied · staff who has a role of their own making
create role readers_of_something_else;
grant readers_of_something_else to {nobody};
select queue.register_staff('{nobody}', 'acme', '{reviewer}', world.command());
-- pad: CS004 · staff who was a program
revoke countersign_executor from {exe};
select queue.register_staff('{exe}', 'acme', '{reviewer}', world.command());

-- Holds that ended, and holds over something else.

-- ada: applied · the next question where a hold ended
insert into queue.hold (channel_kind, agency, reason, placed_by, placed_at, resumed_by, resumed_at) values ('email', 'acme', 'incident', '{kim}', now(), '{kim}', now());
select queue.claim_review();
-- ada: applied · the next question where something else is held
insert into queue.hold (channel_kind, agency, reason, placed_by, placed_at) values ('webchat', 'acme', 'incident', '{kim}', now());
select queue.claim_review();
-- ada: applied · a question where a hold ended [covering_hold]
insert into queue.hold (channel_kind, agency, reason, placed_by, placed_at, resumed_by, resumed_at) values ('email', 'acme', 'incident', '{kim}', now(), '{kim}', now());
select queue.claim_review(world.job('waiting'));
-- sen: applied · an escalation where a hold ended [is_held]
select world.advance('1 minute');
insert into queue.hold (channel_kind, agency, reason, placed_by, placed_at, resumed_by, resumed_at) values ('email', 'acme', 'incident', '{kim}', now(), '{kim}', now());
select queue.take_escalation(world.job('escalated.created'), world.command());
-- sen: held · an escalation while escalations are held
select world.advance('1 minute');
insert into queue.hold (job_kind, agency, reason, placed_by, placed_at) values ('customer_message_escalate', 'acme', 'incident', '{kim}', now());
select queue.take_escalation(world.job('escalated.created'), world.command());
-- sen: held · an escalation while questions are held
select world.advance('1 minute');
insert into queue.hold (job_kind, agency, reason, placed_by, placed_at) values ('customer_message_approve', 'acme', 'incident', '{kim}', now());
select queue.take_escalation(world.job('escalated.created'), world.command());
-- kim: 0 · a hold pauses what a hold that ended held [pause_covered]
insert into queue.hold (channel_kind, agency, reason, placed_by, placed_at, resumed_by, resumed_at) values ('email', 'acme', 'incident', '{kim}', now(), '{kim}', now());
select queue.hold(null, 'webchat', 'acme', 'incident', command_id => world.command()) ->> 'paused';
-- kim: 1 · the end of a hold frees what another one does not hold [release_uncovered]
insert into queue.hold (channel_kind, agency, reason, placed_by, placed_at) values ('webchat', 'acme', 'incident', '{kim}', now());
select queue.resume(world.job('hold'), command_id => world.command()) ->> 'resumed';
-- pad: CS001 · whether a switch settled that nobody else can know of
select pg_current_xact_id();
select queue.switch_settled();

-- Who gave a question back gets another one.

-- ada: true · who gave a question back gets it next
update queue.job_queue set deadline_at = queue.clock() where job_id = world.job('read');
select world.skip('read', '{ada}');
select queue.claim_review() ->> 'job_id' = world.it('waiting');
-- ada: true · who gave a question back gets it before one that others gave back
update queue.job_queue set deadline_at = queue.clock() where job_id = world.job('read');
select world.job_ends('waiting');
select world.skip('edited', '{bo}');
select world.skip('read', '{ada}');
select queue.claim_review() ->> 'job_id' = world.it('edited');
-- ada: true · who gave a question back gets it before one that was freed
update queue.job_queue set deadline_at = queue.clock() where job_id = world.job('read');
select world.job_ends('waiting');
select world.has('{sen}', format('select queue.force_release(%s, world.command())', world.job('edited')));
select world.skip('read', '{ada}');
select queue.claim_review() ->> 'job_id' = world.it('edited');
-- ada: true · who gave a question back gets it before one that they released
update queue.job_queue set deadline_at = queue.clock() where job_id = world.job('read');
select world.read('waiting', '{ada}');
select world.has('{ada}', format('select queue.release_job(%s, %s, world.command())', world.job('waiting'), world.token('waiting')));
select world.skip('read', '{ada}');
select queue.claim_review() ->> 'job_id' = world.it('waiting');
-- ada: true · who gave a question back gets it before one that they could not
update queue.job_queue set deadline_at = queue.clock() where job_id = world.job('read');
select world.job_ends('waiting');
select world.ask('{ada}', format('select queue.skip_review(%s, 0, %L, world.command())', world.job('edited'), 'too_long'));
select world.has('{sen}', format('select queue.force_release(%s, world.command())', world.job('edited')));
select world.skip('read', '{ada}');
select queue.claim_review() ->> 'job_id' = world.it('edited');
-- ada: true · a question that somebody else held does not come back
update queue.job_queue set deadline_at = queue.clock() where job_id = world.job('read');
select world.skip('read', '{ada}');
select world.read('read', '{bo}');
select world.has('{bo}', format('select queue.release_job(%s, %s, world.command())', world.job('read'), world.token('read')));
select queue.claim_review() ->> 'job_id' = world.it('read');
-- ada: true · a question comes back when somebody else takes another
update queue.job_queue set deadline_at = queue.clock() where job_id = world.job('read');
select world.question('other');
select world.skip('read', '{ada}');
select world.read('other', '{bo}');
select queue.claim_review() ->> 'job_id' = world.it('waiting');
-- ada: true · a question comes back that somebody else held before
update queue.job_queue set deadline_at = queue.clock() where job_id = world.job('read');
select world.skip('read', '{ada}');
select world.read('read', '{bo}');
select world.has('{bo}', format('select queue.release_job(%s, %s, world.command())', world.job('read'), world.token('read')));
select world.read('read', '{ada}');
select world.skip('read', '{ada}');
select queue.claim_review() ->> 'job_id' = world.it('waiting');
-- ada: true · a question comes back that was asked for in vain
update queue.job_queue set deadline_at = queue.clock() where job_id = world.job('read');
select world.skip('read', '{ada}');
select world.ask('{ada}', format('select queue.skip_review(%s, 0, %L, world.command())', world.job('read'), 'too_long'));
select queue.claim_review() ->> 'job_id' = world.it('waiting');

-- What is counted about channels and about kinds that nobody works on.

-- kim: 1 · what failed that is no send
select sum(failed) from queue.channel_health();
-- kim: 1 · what was lost before anybody tried it
insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status)
values (queue.clock(), '{exe}', 'recover_lease', world.job('unknown.send'), 'acme', 'applied', 'leased', 'retry_waiting');
select sum(failed) from queue.channel_health();
-- pad: 1 · what failed, once for every agency
select sum(failed) from queue.channel_health();
-- pad: 0 · what failed before the window of its agency
select world.has('{wad}', format('select queue.set_agency_config(%L, %L, command_id => world.command())', 'queue.customer.outage_window', '60'));
select sum(failed) from queue.channel_health();
-- kim: 1 · what got through that is no send or did not, or by another channel
select sum(done) from queue.channel_health();
-- kim: 0 · what got through long ago
select world.advance('10 minutes');
select sum(done) from queue.channel_health();
-- kim: 0 · what got through elsewhere
select world.forge('update queue.job_queue set agency = $$globex$$ where job_id = world.job($$sent.send$$)');
select sum(done) from queue.channel_health();
-- kim: true · an outage goes back to what failed before a pause [failed_sends]
insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status)
values (queue.clock() - interval '20 minutes', '{exe}', 'fail_job', world.job('unknown.send'), 'acme', 'applied', 'running', 'retry_waiting');
select queue.clock() - since < interval '5 minutes' from queue.channel_health() where channel_kind = 'email';
-- kim: true · an outage begins with what got through after it [count_sent]
select world.forge('update queue.job_queue set status = $$succeeded$$, outcome_code = $$completed$$, finished_at = queue.clock(),
                           lease_owner = null, lease_expires_at = null where job_id = world.job($$running.send$$)');
insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status)
select queue.clock() - interval '1 minute' * ago, '{exe}', 'fail_job', world.job('unknown.send'), 'acme', 'applied', 'running', 'retry_waiting'
from unnest('{1,6}'::integer[]) as ago;
select queue.clock() - since > interval '5 minutes' from queue.channel_health() where channel_kind = 'email';
-- kim: true · an outage begins with what failed elsewhere [failing_since]
select world.forge('update queue.job_queue set agency = $$globex$$ where job_id = world.job($$claimed.send$$)');
insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status)
values (queue.clock() - interval '6 minutes', '{exe}', 'fail_job', world.job('claimed.send'), 'globex', 'applied', 'running', 'retry_waiting');
select queue.clock() - since < interval '5 minutes' from queue.channel_health() where channel_kind = 'email';
-- kim: true · an outage begins with what failed on another channel [failing_since]
select world.forge('update queue.job_queue set channel_kind = $$sms$$ where job_id = world.job($$claimed.send$$)');
insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status)
values (queue.clock() - interval '6 minutes', '{exe}', 'fail_job', world.job('claimed.send'), 'acme', 'applied', 'running', 'retry_waiting');
select queue.clock() - since < interval '5 minutes' from queue.channel_health() where channel_kind = 'email';
-- kim: 1 · what waits that is no send, or another agency's
select sum(ready) from queue.channel_health();
-- kim: customer_message_escalate 1 · kinds that somebody works on, and other agencies'
select world.advance('10 minutes');
select string_agg(job_kind || ' ' || ready, ', ' order by job_kind) from world.unattended();
-- kim: none · kinds whose work has just come
select world.advance('1 minute');
select coalesce(string_agg(job_kind, ', '), 'none') from world.unattended();
-- kim: none · a kind of which somebody has just taken some
select world.advance('10 minutes');
insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status)
values (queue.clock(), '{sen}', 'claim_review', world.job('escalated.created'), 'acme', 'applied', 'queued', 'leased');
select coalesce(string_agg(job_kind, ', '), 'none') from world.unattended();
-- kim: customer_message_escalate · a kind of which somebody has just given some back
select world.advance('10 minutes');
insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status)
values (queue.clock(), '{sen}', 'release_job', world.job('escalated.created'), 'acme', 'applied', 'leased', 'queued');
select coalesce(string_agg(job_kind, ', '), 'none') from world.unattended();
-- pad: customer_message_escalate · a kind of which somebody took some long ago
select world.advance('10 minutes');
insert into queue.dot_config (agency, key, value, set_by, set_at) values ('globex', 'queue.customer.unattended_after', '3600', '{pad}', now());
insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status)
values (queue.clock() - interval '6 minutes', '{sen}', 'claim_review', world.job('escalated.created'), 'acme', 'applied', 'queued', 'leased');
select coalesce(string_agg(job_kind, ', '), 'none') from world.unattended() where agency = 'acme';
-- kim: customer_message_escalate · a kind beside one of which somebody has just taken some
select world.advance('10 minutes');
insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status)
values (queue.clock(), '{exe}', 'claim_jobs', world.job('queued'), 'acme', 'applied', 'queued', 'leased');
select coalesce(string_agg(job_kind, ', '), 'none') from world.unattended();

-- What everybody watches.

-- mon: true · counts in a crowd [channel_health]
select world.crowd();
select world.are_counts_true();
-- pad: true · what is shown of a crowd [held_back, full_tiers, next_to_breach, count_overview]
select world.crowd();
select world.is_overview_true();
-- owner: 7 · holds that are over, and holds over another agency
select world.crowd();
select count(*) from queue.held_back('acme');
-- mon: 0 holds, 0 tiers, 0 jobs · what names jobs and holds
select world.crowd();
select format('%s holds, %s tiers, %s jobs', sum(jsonb_array_length(place -> 'holds')), sum(jsonb_array_length(place -> 'full_tiers')),
              sum(jsonb_array_length(place -> 'next_to_breach')))
from jsonb_array_elements(queue.overview()) as place;

-- Sweeping in turn.

-- kim: false · a sweep in turn just after another
update queue.sweep_turn set swept_at = queue.clock();
select queue.sweep(true) ? 'recovered';
-- kim: true · a sweep in turn after a while
update queue.sweep_turn set swept_at = queue.clock() - interval '5 seconds';
select queue.sweep(true) ? 'recovered';
-- kim: true · a sweep in turn after the clock stepped back
update queue.sweep_turn set swept_at = queue.clock() + interval '1 hour';
select queue.sweep(true) ? 'recovered';
-- kim: true · a sweep out of turn
update queue.sweep_turn set swept_at = queue.clock();
select queue.sweep() ? 'recovered';

-- Counting, and figures.

-- owner: 2 · what came an hour ago, or ever, goes with what came yesterday [fold]
insert into queue.tally
values ('came', queue.clock() - interval '1 hour', 1, 5), ('came', queue.clock() - interval '25 hours', 1, 5), ('came', '-infinity', 1, 5);
update queue.fold_turn set cleaned_at = '-infinity';
select queue.fold();
select count(*) from queue.tally where lane = 1;
-- owner: 4 · what has waited or is late for long, told apart by its minutes [fold]
insert into queue.tally select what, queue.clock() - number * interval '25 hours', 1, 5
from unnest('{queued,due,came}'::queue.counted[]) as what, generate_series(1, 3) as number;
insert into queue.tally select 'due', queue.clock() - number * interval '2 hours', 2, 5 from generate_series(1, 2) as number;
update queue.fold_turn set cleaned_at = '-infinity';
select queue.fold();
select count(*) from queue.tally where lane in (1, 2) and (minute = 'epoch' or lane = 2);
-- owner: 1 · what is late since yesterday is counted no more [fold]
insert into queue.tally values ('due', queue.clock() - interval '25 hours', 1, 5);
update queue.fold_turn set cleaned_at = '-infinity';
select queue.fold();
select count(*) from queue.tally where lane = 1;
-- mon: 5 · what came in the last hour counts twice, as what came ever does [totals]
insert into queue.tally values ('confirmed_sent', '-infinity', queue.lane('acme', 'customer_message_inbound', 'email'), 5),
                               ('confirmed_sent', queue.clock(), queue.lane('acme', 'customer_message_inbound', 'email'), 5);
select jobs from queue.totals() where (agency, job_kind, what) = ('acme', 'customer_message_inbound', 'confirmed_sent');
-- mon: 0 · what waits is counted as what came to an end [totals]
insert into queue.tally values ('leased', '-infinity', queue.lane('acme', 'customer_message_followup', 'email'), 5);
select count(*) from queue.totals() where what = 'leased';
-- kim: 0 · what came before the time that is asked for
insert into queue.tally values ('came', queue.clock() - interval '5 hours', queue.lane('acme', 'customer_message_send', 'email'), 5);
select count(*) from queue.history() where minute < queue.clock() - interval '2 hours';
-- ada: not_authorised · figures about colleagues
insert into queue.dot_config (agency, key, value, set_by, set_at) values ('acme', 'queue.customer.reviewer_statistics', 'true', '{kim}', now());
select queue.reviewer_figures();
-- lee: switched_off · figures about persons that nobody asked for
select queue.reviewer_figures();
-- lee: 0 · figures about persons of another agency
insert into queue.dot_config (agency, key, value, set_by, set_at) values ('acme', 'queue.customer.reviewer_statistics', 'true', '{kim}', now());
select world.has('{gus}', 'select queue.review_reject(world.job($$foreign_read$$), world.pin($$foreign_read$$), $$policy$$, command_id => world.command())');
select count(*) from jsonb_array_elements(queue.reviewer_figures() -> 'people') as person where person ->> 'login' = '{gus}';
-- lee: 0 · figures about persons from last week
insert into queue.dot_config (agency, key, value, set_by, set_at) values ('acme', 'queue.customer.reviewer_statistics', 'true', '{kim}', now());
update queue.test_clock set ahead = '7 days';
select jsonb_array_length(queue.reviewer_figures() -> 'people');
