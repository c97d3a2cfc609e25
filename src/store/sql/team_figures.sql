-- How many decisions did each team take in each of the last hours, and how long was the middle one?
select role,
       date_bin('1 hour', decided_at, 'epoch') as hour,
       count(*) filter (where decision = 'approve')  as approved,
       count(*) filter (where decision = 'reject')   as rejected,
       count(*) filter (where decision = 'escalate') as escalated,
       percentile_cont(0.5) within group (order by seconds) as median_seconds
from queue.decision_taken
where decided_at > queue.clock() - make_interval(hours => $1)
group by role, hour
order by hour desc, role
