-- Did this command take effect, and what did it answer?
select queue.command_fate(command_id => $1)
