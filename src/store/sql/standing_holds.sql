-- Over what do holds stand, how many, and for how long has the oldest?
select agency, job_kind, channel_kind, holds, extract(epoch from queue.clock() - oldest_placed_at)::double precision as oldest_seconds
from queue.standing_holds()
