-- How do the sends of each channel do, and which are suspected to be out?
select agency, channel_kind, done, failed, share::double precision as share, since, leading_error, suspected,
       ready, retry_waiting, under_way, held, is_held, oldest_at,
       window_seconds, least_attempts, least_share::double precision as least_share
from queue.channel_health()
