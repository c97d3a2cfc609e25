-- May this key go from the list of those that bodies are accepted under?
select queue.retire_key(key_id => $1)
