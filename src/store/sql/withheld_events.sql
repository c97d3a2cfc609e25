-- How many events were withheld, as far back as the audit trail goes, and since when?
select count(*) as events, min(at) as since
from queue.dot_iu_command_run
where event_withheld
