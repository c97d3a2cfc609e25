-- Which conversations does this customer have?
select conversation_id
from queue.conversations_of(customer_ref => $1) as found (conversation_id)
