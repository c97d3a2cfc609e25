-- What a lock is for: two sessions at once. The first acts and does not commit; the second acts until it is done or waits; the
-- first commits.
--
-- `-- LOCK · what` with what is arranged, then `-- first LOGIN · what` and `-- second LOGIN: EXPECTED · what`. LOCK is the
-- function and its clause, with a number where the function has it more than once; ` & ` between locks of which either is enough, ` + ` between locks
-- that are raced alike. `LOGIN, to the end` finishes before the first commits.
-- Every race begins with nothing waiting and nothing held; `raced` is a name of its own each time.

-- lock_job: for no key update · an approval while the customer writes
select world.question('raced');
select world.read('raced', '{ada}');
-- first prod · writes
select queue.store_history(world.it('raced.conversation'), world.command(), 'inbound', '2026-01-31T09:12:00Z', world.key('acme'), world.sealed(),
                           sha256('x'), command_id => world.command())
-- second ada: conversation_moved · approves
select queue.review_approve(world.job('raced'), world.pin('raced'), command_id => world.command())

-- lock_job: for update · an approval while the lease is renewed
select world.question('raced');
select world.read('raced', '{ada}');
-- first ada · takes the question again
select queue.claim_review(world.job('raced'))
-- second ada: lease_lost · approves in the window before
select queue.review_approve(world.job('raced'), world.pin('raced'), command_id => world.command())

-- extend_lease: for update · a lease that is kept while it is taken away
select world.question('raced');
select world.read('raced', '{ada}');
-- first sen · frees
select queue.force_release(world.job('raced'), world.command())
-- second ada: lease_lost · goes on reading
select queue.extend_lease(world.job('raced'), world.token('raced'))

-- claim_review: for update & for update (2) · a question that two take
select world.question('raced');
-- first ada · takes
select queue.claim_review(world.job('raced'))
-- second bo: leased · takes
select queue.claim_review(world.job('raced'))

-- lock_next_question: for update skip locked · the next question of two
select world.question('raced');
update queue.job_queue set deadline_at = '2026-01-31' where job_id = world.job('raced');
-- first ada · takes the next
select queue.claim_review()
-- second bo: true · takes another
select coalesce(queue.claim_review() ->> 'job_id', '') <> world.it('raced')

-- lock_ready: for update of candidate skip locked · a job that two programs claim
select world.followup('raced');
-- first exe · claims
select queue.claim_jobs('{customer_message_followup}')
-- second exe: empty · claims
select queue.claim_jobs('{customer_message_followup}')

-- claim_jobs: for no key update skip locked · a send that is claimed while the customer writes
select world.decided('raced', '{ada}', 'approve');
select world.advance('40 seconds');
-- first prod · writes
select queue.store_history(world.it('raced.conversation'), world.command(), 'inbound', '2026-01-31T09:12:00Z', world.key('acme'), world.sealed(),
                           sha256('x'), command_id => world.command())
-- second exe: empty · claims
select queue.claim_jobs('{customer_message_send}')

-- open_body: for share · a body that is opened while the customer writes
select world.question('raced');
select world.read('raced', '{ada}');
-- first prod · writes
select queue.store_history(world.it('raced.conversation'), world.command(), 'inbound', '2026-01-31T09:12:00Z', world.key('acme'), world.sealed(),
                           sha256('x'), command_id => world.command())
-- second ada: 3 · opens
select jsonb_array_length(queue.open_body(world.job('raced')) -> 'messages')

-- resume: for update · a hold that two end
select world.note('raced', world.has('{kim}', $$select queue.hold(null, 'webchat', 'acme', 'incident', command_id => world.command())$$) ->> 'hold_id');
-- first kim · ends it
select queue.resume(world.job('raced'), command_id => world.command())
-- second kim: already_decided · ends it
select queue.resume(world.job('raced'), command_id => world.command())

-- try_resume: for update · a hold that ends while some of it is tried
select world.note('raced', world.has('{kim}', $$select queue.hold(null, 'webchat', 'acme', 'incident', command_id => world.command())$$) ->> 'hold_id');
-- first kim · ends it
select queue.resume(world.job('raced'), command_id => world.command())
-- second kim: already_decided · tries some
select queue.try_resume(world.job('raced'), command_id => world.command())

-- try_resume: for update of paused skip locked · a send that is cancelled while it is tried
select world.decided('raced', '{ada}', 'approve');
select world.note('raced.hold', world.has('{kim}', $$select queue.hold(null, 'email', 'acme', 'incident', command_id => world.command())$$) ->> 'hold_id');
-- first kim · cancels
select queue.cancel_job(world.job('raced.created'), 'duplicate', world.command())
-- second kim: 0 · tries it
select queue.try_resume(world.job('raced.hold'), command_id => world.command()) ->> 'resumed'

-- release_uncovered: for update of paused skip locked · a job that is cancelled while its hold ends
select world.question('raced', 'acme', 'webchat');
select world.note('raced.hold', world.has('{kim}', $$select queue.hold(null, 'webchat', 'acme', 'incident', command_id => world.command())$$) ->> 'hold_id');
-- first kim · cancels
select queue.cancel_job(world.job('raced'), 'duplicate', world.command())
-- second kim: 0 · ends the hold
select queue.resume(world.job('raced.hold'), command_id => world.command()) ->> 'resumed'

-- pause_covered: for update of waiting skip locked · a job that is claimed while it is held
select world.followup('raced');
-- first exe · claims
select queue.claim_jobs('{customer_message_followup}')
-- second kim: 0 · holds
select queue.hold('customer_message_followup', 'email', 'acme', 'incident', command_id => world.command()) ->> 'paused'

-- is_switched_on: lock table queue.switch_gate in row share mode + settle: lock table queue.switch_gate in exclusive mode · a switch that settles while somebody goes by it
select world.question('raced');
-- first prod · schedules
select queue.schedule_followup(world.it('raced.conversation'), '2026-01-31T09:12:00Z', command_id => world.command())
-- second pad, to the end: false · asks whether it settled
select queue.switch_settled() ->> 'settled'

-- dispensation: lock table queue.switch_gate in row share mode · a sign-off that is taken back while a send starts
select world.drafting('raced');
select world.sign('raced');
select world.dispense();
select world.note('raced', world.has('{exe}', format('select queue.complete_job(%s, %s, draft_id => %L, command_id => world.command())',
                                                     world.job('raced'), world.token('raced'), world.it('raced.draft'))) ->> 'created_job_id');
select world.advance('40 seconds');
select world.claim('raced', 'customer_message_send');
-- first exe · starts
select queue.start_job(world.job('raced'), world.token('raced'), world.command())
-- second wad, to the end: false · takes it back
select queue.revoke_sign_off('cust-raced', world.command()) ->> 'settled'

-- try_lock_job: for update skip locked · a question that goes up while somebody takes it
select world.question('raced');
update queue.job_queue set deadline_at = queue.clock() where job_id = world.job('raced');
-- first ada · takes
select queue.claim_review(world.job('raced'))
-- second kim: 0 · sweeps
select queue.sweep() ->> 'escalated'

-- try_lock_job: for no key update skip locked · a question that goes up while the customer writes
select world.question('raced');
update queue.job_queue set deadline_at = queue.clock() where job_id = world.job('raced');
-- first prod · writes
select queue.store_history(world.it('raced.conversation'), world.command(), 'inbound', '2026-01-31T09:12:00Z', world.key('acme'), world.sealed(),
                           sha256('x'), command_id => world.command())
-- second kim: 0 · sweeps
select queue.sweep() ->> 'escalated'

-- erase_customer: for update · a customer who is forgotten while a conversation opens
select world.conversation('raced');
-- first prod · opens another
select queue.open_conversation(world.command(), 'acme', 'cust-raced', 'email', world.command())
-- second wad: 2 · forgets
select queue.erase_customer('cust-raced', world.command()) ->> 'conversations'

-- erase_customer: for no key update · a customer who is forgotten while writing
select world.question('raced');
-- first prod · writes
select queue.store_history(world.it('raced.conversation'), world.command(), 'inbound', '2026-01-31T09:12:00Z', world.key('acme'), world.sealed(),
                           sha256('x'), command_id => world.command())
-- second wad: 3 · forgets
select queue.erase_customer('cust-raced', world.command()) ->> 'messages'

-- erase_customer: for update (2) · a customer who is forgotten while a program claims
select world.followup('raced');
-- first exe · claims
select queue.claim_jobs('{customer_message_followup}')
-- second wad: 0 · forgets
select queue.erase_customer('cust-raced', world.command()) ->> 'cancelled'

-- retire_key: for update · a key that is retired while something is stored under it
select world.conversation('raced');
select world.note('raced.key', md5(world.fresh()));
insert into care.sealing_key values (world.it('raced.key'), 'acme', '2026-01-31', 'pad');
-- first prod · writes
select queue.store_history(world.it('raced.conversation'), world.command(), 'inbound', '2026-01-31T09:12:00Z', world.it('raced.key'),
                           '\x01'::bytea || decode(world.it('raced.key'), 'hex') || decode(repeat('00', 60), 'hex'), sha256('x'), command_id => world.command())
-- second owner: in_use · retires it
select queue.retire_key(world.it('raced.key'))

-- producers_conversation: for no key update · a follow-up for a customer who is being forgotten
select world.conversation('raced');
-- first wad · forgets
select queue.erase_customer('cust-raced', world.command())
-- second prod: not_found · schedules
select queue.schedule_followup(world.it('raced.conversation'), '2026-01-31T09:12:00Z', command_id => world.command())

-- recover_leases: for update skip locked · a lease that runs out while the job is completed
select world.inbound('raced');
select world.claim('raced', 'customer_message_inbound');
select world.start('raced');
-- first exe · completes
select queue.complete_job(world.job('raced'), world.token('raced'), command_id => world.command())
-- between · an hour passes
update queue.test_clock set ahead = ahead + interval '1 hour'
-- second kim: swept · sweeps
select queue.sweep()

-- confirm_sent: for no key update · two sends that are confirmed under one number
select world.decided('raced', '{ada}', 'approve');
select world.advance('40 seconds');
select world.claim('raced.send', 'customer_message_send');
select world.start('raced.send');
select world.has('{exe}', format('select queue.fail_job(%s, %s, %L, world.command())', world.job('raced.send'), world.token('raced.send'), 'provider_timeout'));
select world.decided('raced_too', '{ada}', 'approve');
select world.advance('40 seconds');
select world.claim('raced_too.send', 'customer_message_send');
select world.start('raced_too.send');
select world.has('{exe}', format('select queue.fail_job(%s, %s, %L, world.command())', world.job('raced_too.send'), world.token('raced_too.send'), 'provider_timeout'));
-- first kim · confirms the one
select queue.confirm_sent(world.job('raced.send'), 'provider-raced', world.command())
-- second kim: reference_taken · confirms the other
select queue.confirm_sent(world.job('raced_too.send'), 'provider-raced', world.command())

-- overview: lock table queue.overview_turn in exclusive mode · what one counts while another wants it too
select world.advance('1 minute');
-- first ada · counts
select jsonb_build_object('outcome', 'applied', 'counted', queue.overview(0))
-- between · half a second passes
update queue.test_clock set ahead = ahead + interval '500 milliseconds'
-- second kim: true · gets what was counted before
select (queue.overview(0) -> 0 ->> 'taken_at')::timestamptz < queue.clock()

-- await_change: lock table queue.change_watch in exclusive mode · a change while two wait for one
select world.question('raced');
select world.note('raced.seen', queue.changes()::text);
-- first owner · looks for changes, and makes one
with looks as (
    select queue.await_change(queue.changes(), 0)
), changes as (
    update queue.job_queue set deadline_at = deadline_at + interval '1 second' where job_id = world.job('raced') returning job_id
)
select 'applied' from looks, changes
-- second kim: true · waits for as long as the first one looks
select queue.await_change(world.it('raced.seen')::bigint, 1) > world.it('raced.seen')::bigint

-- sweep: for update skip locked · what two would do at once who sweep in turn
select world.advance('1 minute');
-- first kim · sweeps
select jsonb_build_object('outcome', 'applied', 'swept', queue.sweep(true))
-- second ada: false · leaves it to the other
select queue.sweep(true) ? 'recovered'
