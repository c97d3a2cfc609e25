-- May this conversation be looked at again at that time?
select queue.schedule_followup(
    conversation_id => $1, process_after => $2, safe_payload => $3, priority => $4, command_id => $5)
