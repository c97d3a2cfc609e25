-- May this login enqueue for these agencies and channels?
select queue.register_producer(login => $1, agencies => $2, channels => $3, command_id => $4)
