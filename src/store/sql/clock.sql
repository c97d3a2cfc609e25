-- What time is it where the deadlines are?
select queue.clock()
