-- What has been kept long enough and may go?
select queue.retention_sweep("limit" => $1, command_id => $2)
