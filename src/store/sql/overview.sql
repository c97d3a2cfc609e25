-- What does the Overview show, with at least so many changes counted or, without a number, as of now, beyond what I have already?
select queue.overview(at_least => $1, known => $2)
