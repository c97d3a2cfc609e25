-- How many of these messages could go under the new key?
select queue.reseal_messages(old_key_id => $1, new_key_id => $2, message_ids => $3, nonces => $4, envelopes => $5)
