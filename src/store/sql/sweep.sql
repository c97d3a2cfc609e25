-- What is overdue for leases, holds and escalations?
select queue.sweep(in_turn => $1)
