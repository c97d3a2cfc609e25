-- Which due jobs of these kinds may I work on?
select queue.claim_jobs(kinds => $1, "limit" => $2)
