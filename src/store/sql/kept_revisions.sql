-- Which texts were saved for a job that was not theirs any more, and by whom?
select draft_id, job_id, kept_by, kept_at from queue.kept_revisions()
