-- May events of this type be announced?
select queue.ratify_event_type(event_type => $1, command_id => $2)
