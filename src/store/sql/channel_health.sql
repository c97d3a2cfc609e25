-- How do the sends of the last five minutes go, per channel?
select job.channel_kind,
       count(*) filter (where run.to_status = 'succeeded') as succeeded,
       count(*) filter (where run.to_status in ('retry_waiting', 'dead_letter')) as failed,
       mode() within group (order by run.code) filter (where run.to_status in ('retry_waiting', 'dead_letter'))
           as leading_error
from queue.dot_iu_command_run as run
join queue.job_queue as job using (job_id)
where run.at > queue.clock() - interval '5 minutes'
  and run.call in ('complete_job', 'fail_job')
  and run.outcome = 'applied'
  and job.job_kind = 'customer_message_send'
group by job.channel_kind
order by job.channel_kind
