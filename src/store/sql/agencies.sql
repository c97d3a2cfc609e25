-- Which agencies work here?
select agency, time_zone, review_order
from queue.agency
order by agency
