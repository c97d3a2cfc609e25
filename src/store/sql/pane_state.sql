-- Did the customer write again, did the draft change, is the lease still mine?
select queue.pane_state(job_id => $1)
