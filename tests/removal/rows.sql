-- What every table takes, and what each of its rules refuses.
--
-- `-- TABLE · what` begins a row that goes in as it stands, with fresh keys each time it is asked for. Below it, `-- RULE · what`
-- gives what is changed in that row so that this rule and no other refuses it. A null, a key taken twice and a reference to
-- nowhere are tried on every row without a word here.

-- queue.job_kind · a kind that a person does
world.gone('queue.job_kind')
-- job_kind_is_one_of_seven · an eighth kind
'{"job_kind": "customer_message_forget"}'
-- job_kind_done_by_known · done by nobody in particular
'{"done_by": "anyone"}'
-- job_kind_attempts_positive · never tried
'{"done_by": "program", "default_attempts": 0}'
-- job_kind_people_have_no_maximum · a person with a number of attempts
'{"done_by": "person", "default_attempts": 5}'

-- queue.job_transition · a move
world.gone('queue.job_transition')
-- job_transition_from_known · from nowhere
'{"from_status": "sleeping"}'
-- job_transition_to_known · to nowhere
'{"to_status": "sleeping"}'

-- queue.escalation_route · a way up
world.gone('queue.escalation_route') || '{"to_role": "team_lead"}'
-- escalation_route_from_known · a way from nobody
'{"from_role": "jane"}'
-- escalation_route_to_known · a way to nobody
'{"to_role": "jane"}'
-- escalation_route_goes_up · a way to where one is
'{"from_role": "team_lead", "to_role": "team_lead"}'

-- queue.language · a language
'{"code": "sv"}'
-- language_is_bcp_47 · a word
'{"code": "swedish"}'

-- queue.intent · an intent
'{"code": "lost_card"}'
-- intent_is_a_code · a sentence
'{"code": "Lost her card"}'

-- queue.routing_hint · a hint
'{"code": "agency:acme"}'
-- routing_hint_is_a_target · a person
'{"code": "jane"}'

-- queue.channel · a channel
'{"code": "post"}'
-- channel_is_a_code · an address
'{"code": "jane@example.org"}'

-- queue.host · a host
'{"code": "track.acme.example", "agency": "acme"}'
-- host_is_a_host_name · an address
'{"code": "jane@example.org"}'

-- queue.reason · a reason
'{"code": "lost_card", "used_by": ["hold"]}'
-- reason_is_a_code · a sentence
'{"code": "She lost her card"}'
-- reason_used_by_known · for what nobody does
'{"used_by": ["forget"]}'

-- queue.error_code · a code
'{"code": "line_cut", "effect": "none", "final": false}'
-- error_code_is_a_code · a sentence
'{"code": "The line was cut"}'
-- error_code_effect_known · an effect between
'{"effect": "some"}'

-- queue.config_key · a setting
'{"key": "queue.test", "value_type": "integer", "lowest": 0, "highest": 9, "per_agency": false}'
-- config_key_is_a_path · a setting with a sentence for a name
'{"key": "queue of mine"}'
-- config_key_words_are_codes · a setting that takes a sentence
'{"words": ["as you like"]}'
-- config_key_type_known · of any type
'{"value_type": "anything"}'

-- queue.event_type_registry · a type of event
'{"event_domain": "customer", "event_type": "customer.message.tested", "stream": "customer.message",
  "lane": "work"}'
-- event_domain_known · of another domain
'{"event_domain": "weather"}'
-- event_type_is_of_its_domain · a sentence
'{"event_type": "She wrote again"}'
-- event_stream_known · on another stream
'{"stream": "weather"}'
-- event_lane_known · on another lane
'{"lane": "fast"}'

-- queue.agency · an agency
jsonb_build_object('agency', world.fresh(), 'time_zone', 'Europe/Berlin', 'review_order', 'savable_first')
-- agency_is_a_slug · a name
'{"agency": "Acme Inc."}'
-- agency_time_zone_is_a_name · a sentence
'{"time_zone": "wherever we are"}'
-- agency_review_order_known · any order
'{"review_order": "as_you_like"}'

-- queue.business_hours · hours
jsonb_build_object('agency', 'acme', 'weekday', 1, 'opens', '09:00', 'closes', '17:00')
-- business_hours_weekday_is_one_of_seven · an eighth day
'{"weekday": 8}'
-- business_hours_open_before_they_close · a night
'{"closes": "06:00"}'

-- queue.holiday · a holiday
jsonb_build_object('agency', 'acme', 'day', '2026-12-25')

-- queue.login · a login
jsonb_build_object('login', world.fresh(), 'class', 'staff')
-- login_class_known · a class of its own
'{"class": "owner"}'

-- queue.staff · a member of staff
jsonb_build_object('login', world.entered('staff'), 'agency', 'acme', 'roles', array['reviewer'], 'class', 'staff')
-- staff_class · a program among people
jsonb_build_object('login', world.entered('executor'), 'class', 'executor')
-- staff_roles_known · a role of its own
'{"roles": ["owner"]}'
-- staff_roles_known · no role
'{"roles": []}'
-- staff_reviewers_belong_to_an_agency · a reviewer of all agencies
'{"agency": null}'
-- staff_platform_admin_stands_alone · a platform_admin who is on call
'{"agency": null, "roles": ["platform_admin", "oncall"]}'
-- staff_platform_admin_stands_alone · a platform_admin of an agency
'{"roles": ["platform_admin"]}'

-- queue.executor · an executor
jsonb_build_object('login', world.entered('executor'), 'kinds', array['customer_message_send'], 'channels', array['email'],
                   'agencies', array['acme'], 'enabled', true, 'class', 'executor')
-- executor_class · a person among programs
jsonb_build_object('login', world.entered('staff'), 'class', 'staff')
-- executor_kinds_named · of no kind
'{"kinds": []}'
-- executor_channels_named · of no channel
'{"channels": []}'
-- executor_agencies_named · of no agency
'{"agencies": []}'
-- executor_never_does_peoples_work · a program that approves
'{"kinds": ["customer_message_send", "customer_message_approve"]}'

-- queue.producer · a producer
jsonb_build_object('login', world.entered('producer'), 'agencies', array['acme'], 'channels', array['email'], 'enabled', true,
                   'class', 'producer')
-- producer_class · a person among producers
jsonb_build_object('login', world.entered('staff'), 'class', 'staff')
-- producer_agencies_named · of no agency
'{"agencies": []}'
-- producer_channels_named · of no channel
'{"channels": []}'

-- queue.monitor · a monitor
jsonb_build_object('login', world.entered('monitor'), 'class', 'monitor')
-- monitor_class · a person among monitors
jsonb_build_object('login', world.entered('staff'), 'class', 'staff')

-- queue.dot_config · a setting of an agency
'{"agency": "acme", "key": "queue.customer.enabled", "value": true, "set_by": "pad", "set_at": "2026-01-31T09:12:00Z"}'
-- dot_config_council_reference_is_a_number · a story
'{"council_reference": "as she told me"}'

-- care.customer · a customer
jsonb_build_object('customer_id', gen_random_uuid(), 'agency', 'acme', 'customer_ref', world.fresh())
-- customer_ref_bounded · a reference without an end
jsonb_build_object('customer_ref', repeat('x', 257))
-- customer_ref_bounded · no reference
'{"customer_ref": ""}'

-- care.customer_conversation · a conversation
(select to_jsonb(known) from care.customer_conversation as known where conversation_id = world.it('waiting.conversation')::uuid)
    || jsonb_build_object('conversation_id', gen_random_uuid())

-- care.sealing_key · a key
jsonb_build_object('key_id', md5(world.fresh()), 'agency', 'acme', 'registered_at', now(), 'registered_by', 'pad')
-- sealing_key_is_hex · something else
'{"key_id": "the key"}'

-- care.customer_message · a message
(select to_jsonb(known) from care.customer_message as known where message_id = world.it('waiting.message')::uuid)
    || jsonb_build_object('message_id', gen_random_uuid(), 'seq', world.number())
-- message_seq_positive · before the first
'{"seq": 0}'
-- message_direction_known · in no direction
'{"direction": "sideways"}'
-- message_revises_known · an edit of nothing
jsonb_build_object('direction', 'draft', 'revises', gen_random_uuid())
-- message_only_drafts_revise · a customer who edits
jsonb_build_object('revises', world.it('waiting.draft'))
-- message_author_bounded · an author without an end
jsonb_build_object('author_ref', repeat('x', 129))
-- message_author_bounded · no author
'{"author_ref": ""}'
-- message_key_known · sealed under a key that nobody registered
jsonb_build_object('key_id', repeat('ab', 16),
                   'sealed_body', '\x01'::bytea || decode(repeat('ab', 16), 'hex') || decode(repeat('00', 60), 'hex'))
-- message_digest_is_sha_256 · half a digest
jsonb_build_object('digest', '\x00'::bytea)
-- message_provider_ref_bounded · a provider's id without an end
jsonb_build_object('provider_ref', repeat('x', 257))
-- message_provider_ref_bounded · an empty provider's id
'{"provider_ref": ""}'
-- message_sealed_whole · a body without a digest
'{"digest": null}'
-- message_sealed_whole · a key without a body
'{"sealed_body": null, "erased_at": "2026-01-31T09:12:00Z"}'
-- message_body_present · no body, and not erased
'{"sealed_body": null, "key_id": null}'
-- message_envelope_well_formed · words in the clear
jsonb_build_object('sealed_body', convert_to(repeat('my card has not arrived ', 4), 'utf8'))
-- message_envelope_well_formed · nothing in the envelope
jsonb_build_object('sealed_body', world.sealed(bytes => 39))
-- message_envelope_well_formed · under another key than the row says
jsonb_build_object('key_id', world.key('globex'))

-- care.attachment · an attachment
jsonb_build_object('attachment_id', gen_random_uuid(), 'message_id', world.it('waiting.message'), 'media_type', 'image/png',
                   'bytes', 1, 'uri', 'store:1')
-- attachment_media_type_shape · a sentence
'{"media_type": "a picture of her card"}'
-- attachment_bytes_counted · less than nothing
'{"bytes": -1}'
-- attachment_uri_bounded · nowhere
'{"uri": ""}'
-- attachment_uri_bounded · without an end
jsonb_build_object('uri', repeat('x', 2049))

-- care.case_ref · a case
jsonb_build_object('case_id', gen_random_uuid(), 'agency', 'acme', 'conversation_id', world.it('waiting.conversation'))

-- care.customer_signoff · a sign-off
jsonb_build_object('signoff_id', world.number(), 'agency', 'acme', 'customer_id', world.customer('waiting'), 'signed_by', 'wad',
                   'signed_at', '2026-01-31T09:12:00Z', 'expires_at', '2026-02-28T09:12:00Z')
-- signoff_expires_later · over before it begins
'{"expires_at": "2026-01-30T09:12:00Z"}'
-- signoff_revoked_whole · taken back by nobody
'{"revoked_at": "2026-02-01T09:12:00Z"}'

-- care.review_note · a note
jsonb_build_object('decision_id', world.decision('rejected'), 'sealed_body', world.sealed(), 'key_id', world.key('acme'))
-- note_envelope_well_formed · words in the clear
jsonb_build_object('sealed_body', convert_to(repeat('she is a liar ', 5), 'utf8'))
-- note_envelope_well_formed · a book
jsonb_build_object('sealed_body', world.sealed(bytes => 65536))
-- note_sealed_or_erased · a note that is gone and not erased
'{"sealed_body": null, "key_id": null}'
-- note_sealed_or_erased · a key without a note
'{"sealed_body": null, "erased_at": "2026-01-31T09:12:00Z"}'
-- note_key_known · sealed under a key that nobody registered
jsonb_build_object('key_id', repeat('ab', 16),
                   'sealed_body', '\x01'::bytea || decode(repeat('ab', 16), 'hex') || decode(repeat('00', 60), 'hex'))

-- queue.job_queue · a program's job
world.job_like('queued') || jsonb_build_object('idempotency_key', gen_random_uuid())
-- job_kind_known · a kind of its own
'{"job_kind": "customer_message_forget"}'
-- job_status_known · a status of its own
'{"status": "sleeping"}'
-- job_priority_in_range · more urgent than all
'{"priority": -1}'
-- job_payload_ref_shape · about a person
'{"payload_ref": "message:jane@example.org"}'
-- job_safe_payload_is_a_signal · a sentence
'{"safe_payload": {"body": "my card has not arrived"}}'
-- job_attempt_counted · less than untried
'{"attempt": -1}'
-- job_max_attempts_positive · never tried
'{"max_attempts": 0}'
-- job_lease_token_counted · a lease before the first
'{"lease_token": -1}'
-- job_people_have_a_target · a program's job with a person's address
'{"target_ref": "agency:acme/role:reviewer"}'
-- job_people_have_no_maximum · a program that may try for ever
'{"max_attempts": null}'
-- job_lease_whole · leased to nobody
'{"status": "leased", "lease_expires_at": "2026-01-31T09:12:00Z"}'
-- job_lease_whole · held without being leased
'{"lease_owner": "exe", "lease_expires_at": "2026-01-31T09:12:00Z"}'
-- job_lease_whole · held for ever
'{"status": "leased", "lease_owner": "exe"}'
-- job_finished_when_it_ended · ended at no time
'{"status": "succeeded"}'
-- job_finished_when_it_ended · over before it ended
'{"finished_at": "2026-01-31T09:12:00Z"}'
-- job_payload_fits_kind · a message as a whole conversation
jsonb_build_object('payload_ref', 'conversation:' || world.it('queued.conversation'))
-- job_outcome_code_known · a sentence
'{"outcome_code": "she was pleased"}'
-- job_send_has_a_parent · a send that nobody decided
jsonb_build_object('job_kind', 'customer_message_send', 'parent_job_id', null)

-- queue.job_queue · a draft to write
world.job_like('drafting') || '{"status": "queued", "lease_owner": null, "lease_expires_at": null}'
-- job_payload_fits_kind · a conversation as one message
jsonb_build_object('payload_ref', 'message:' || world.it('drafting.draft'))

-- queue.job_queue · a person's job
world.job_like('waiting') || jsonb_build_object('correlation_id', gen_random_uuid())
-- job_people_have_a_target · a question to nobody
'{"target_ref": null}'
-- job_target_in_agency · a question to another agency's reviewers
'{"target_ref": "agency:globex/role:reviewer"}'
-- job_target_in_agency · a question to a person
'{"target_ref": "agency:acme/role:jane"}'
-- job_people_have_no_maximum · a person with a number of attempts
'{"max_attempts": 5}'
-- job_people_do_not_run · a person who runs
'{"status": "running", "lease_owner": "ada", "lease_expires_at": "2026-01-31T09:12:00Z"}'

-- queue.job_queue · a send
world.job_like('approved.created')
    || jsonb_build_object('correlation_id', gen_random_uuid(), 'parent_job_id', world.job_again('waiting'))

-- queue.review_decision · a decision
jsonb_build_object('decision_id', world.number(), 'job_id', world.job_again('waiting'), 'agency', 'acme', 'decision', 'approve', 'decided_by', 'ada',
                   'decided_at', now(), 'draft_id', world.it('waiting.draft'), 'draft_digest', sha256('x'), 'newest_inbound_seq', 1,
                   'lease_token', 1, 'by_editor', false)
-- decision_known · perhaps
'{"decision": "postpone"}'
-- decision_digest_is_sha_256 · half a digest
jsonb_build_object('draft_digest', '\x00'::bytea)
-- decision_seconds_counted · decided before it was seen
'{"seconds_on_screen": -1}'
-- decision_warnings_counted · fewer warnings than none
'{"warnings_accepted": -1}'
-- decision_reason_given · rejected for no reason
'{"decision": "reject"}'
-- decision_undone_whole · undone by nobody
'{"undone_at": "2026-01-31T09:12:00Z"}'

-- queue.send_evidence · by a decision
jsonb_build_object('job_id', world.job_again('waiting'), 'decision_id', world.decision('undone'), 'recorded_at', now())
-- evidence_is_one_of_two · by no right at all
'{"decision_id": null}'
-- evidence_signoff_known · by a sign-off that nobody gave
'{"decision_id": null, "signoff_id": -1}'

-- queue.hold · a hold
jsonb_build_object('hold_id', world.number(), 'channel_kind', 'sms', 'reason', 'incident', 'placed_by', 'kim', 'placed_at', now())
-- hold_names_something · everything
'{"channel_kind": null}'
-- hold_ticket_is_a_number · a story
'{"ticket": "as she told me"}'
-- hold_pace_positive · backwards
'{"per_minute": 0}'
-- hold_resumed_whole · resumed by nobody
'{"resumed_at": "2026-01-31T09:12:00Z"}'
-- hold_drained_after_it_ended · drained while it stands
'{"drained_at": "2026-01-31T09:12:00Z"}'

-- queue.event_outbox · an event
jsonb_build_object('event_id', world.number(), 'event_type', 'customer.message.sent', 'agency', 'acme', 'correlation_id', gen_random_uuid(),
                   'codes', '{}'::jsonb, 'created_at', now(), 'written_in', 3)
-- event_codes_are_signals · a sentence
'{"codes": {"body": "my card has not arrived"}}'

-- queue.dot_iu_command_run · an act
jsonb_build_object('run_id', world.number(), 'at', now(), 'login', 'ada', 'call', 'skip_review', 'outcome', 'applied', 'event_withheld', false,
                   'written_in', 3)

-- command_run_outcome_known · in words
'{"outcome": "she was pleased"}'
-- command_run_from_known · from nowhere
'{"from_status": "sleeping"}'
-- command_run_to_known · to nowhere
'{"to_status": "sleeping"}'

-- queue.command_answer · an answer
jsonb_build_object('login', 'ada', 'command_id', gen_random_uuid(), 'asked', sha256('x'), 'answer', '{}'::jsonb, 'at', now())
-- answer_asked_is_sha_256 · what was asked, in the clear
jsonb_build_object('asked', convert_to('my card has not arrived', 'utf8'))

-- queue.escalation_stop · a full tier
jsonb_build_object('target_ref', world.fresh(), 'since', now())

-- queue.job_change · a change that is counted
jsonb_build_object('lane', 1, 'at', now(), 'became', 'queued', 'due', now(), 'decided', false)

-- queue.tally · a count
jsonb_build_object('what', 'due', 'minute', now(), 'lane', world.number(), 'jobs', 1)

-- queue.fold_turn · whose turn it is to count
jsonb_build_object('cleaned_at', now(), 'folded', 0)

-- queue.sweep_turn · whose turn it is to sweep
jsonb_build_object('swept_at', now())

-- queue.overview_kept · what everybody watches
jsonb_build_object('place', world.number(), 'changes', 0, 'taken_at', now(), 'stamp', 0, 'kinds', '{}', 'channels', '{}', 'holds', '{}', 'tiers', '{}', 'next', '{}')

-- queue.job_bitmap · bits of jobs
jsonb_build_object('trait', world.number(), 'block', 0, 'jobs', repeat('0', 8192))

-- queue.bitmap_turn · whose turn it is to draw
jsonb_build_object('drawn_to', 0, 'seen_job', 0, 'seen_in', '0')
