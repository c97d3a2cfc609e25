-- What is known about this conversation, customer, draft or provider's id?
select queue.trace(ref => $1)
