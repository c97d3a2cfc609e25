-- May nothing of this be claimed until it is resumed?
select queue.hold(
    job_kind => $1, channel_kind => $2, agency => $3, reason => $4, ticket => $5, command_id => $6)
