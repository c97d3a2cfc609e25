-- How many decisions did each person take, where that may be asked?
select queue.reviewer_figures($1)
