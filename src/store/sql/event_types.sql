-- Which event types are known, and which are ratified?
select event_type, stream, lane, ratified_at
from queue.event_type_registry
order by event_type
