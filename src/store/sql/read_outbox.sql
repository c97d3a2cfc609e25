-- What was announced after the event that I know?
select queue.read_outbox(after_event => $1, "limit" => $2)
