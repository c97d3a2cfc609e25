-- Under which keys do an agency's bodies lie?
select key_id, registered_at, messages, notes
from queue.sealing_keys(of_agency => $1)
