-- How often was each thing done since this run of the audit trail, and to which kind of job?
select run.call, job.job_kind, run.to_status, run.code, count(*) as times
from queue.dot_iu_command_run as run
join queue.job_queue as job using (job_id)
where run.run_id > $1 and run.outcome = 'applied' and run.from_status <> run.to_status
group by run.call, job.job_kind, run.to_status, run.code
order by run.call, job.job_kind, run.to_status, run.code
