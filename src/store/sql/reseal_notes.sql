-- How many of these notes could go under the new key?
select queue.reseal_notes(old_key_id => $1, new_key_id => $2, decision_ids => $3, nonces => $4, envelopes => $5)
