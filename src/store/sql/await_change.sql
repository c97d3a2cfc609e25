-- How many changes have there been, as soon as it is another number than this one or these seconds are over?
select to_jsonb(queue.await_change(seen => $1, patience => $2))
