-- How many replies left twice, and how many left although their customer had written again before?
select (select count(*)
        from (select message.revises
              from care.customer_message as message
              where message.direction = 'outbound' and message.revises is not null
              group by message.revises
              having count(*) > 1) as twice) as doubled,
       (select count(*)
        from queue.job_queue as send
        join queue.review_decision as decision on decision.job_id = send.parent_job_id
        where send.job_kind = 'customer_message_send'
          and send.outcome_code = 'completed'
          and exists (select from care.customer_message as later
                      where later.conversation_id = send.correlation_id
                        and later.direction = 'inbound'
                        and later.seq > decision.newest_inbound_seq
                        and later.stored_at < send.started_at)) as unwanted
