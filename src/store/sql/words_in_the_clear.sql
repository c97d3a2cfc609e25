-- Which of these words stand in the clear, in the queue or, as text or as its bytes, in the message store?
-- $1 must stand nowhere, $2 not in the queue. Rows are looked through a few thousand at a time.
with queue_row (row) as (
    select job_queue::text from queue.job_queue
    union all select review_decision::text from queue.review_decision
    union all select hold::text from queue.hold
    union all select event_outbox::text from queue.event_outbox
    union all select dot_iu_command_run::text from queue.dot_iu_command_run
    union all select command_answer::text from queue.command_answer
    union all select dot_config::text from queue.dot_config
), care_row (row) as (
    select customer_message::text from care.customer_message
    union all select review_note::text from care.review_note
), numbered_queue_row as (
    select row, row_number() over () / 5000 as part from queue_row
), numbered_care_row as (
    select row, row_number() over () / 500 as part from care_row
), queue_text (text) as (
    select string_agg(row, ' ') from numbered_queue_row group by part
), care_text (text) as (
    select string_agg(row, ' ') from numbered_care_row group by part
)
select 'I1 words of customers in the queue' as invariant, count(*) as broken
from unnest($1::text[] || $2::text[]) as word (text)
where exists (select from queue_text where position(word.text in queue_text.text) > 0)
union all
select 'I16 bodies in the clear in the message store', count(*)
from unnest($1::text[]) as word (text)
where exists (select from care_text
              where position(word.text in care_text.text) > 0
                 or position(encode(convert_to(word.text, 'utf8'), 'hex') in care_text.text) > 0)
