-- Did this send reach the customer after all?
select queue.confirm_sent(job_id => $1, provider_ref => $2, command_id => $3)
