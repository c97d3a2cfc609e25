-- Which of these conversations may go in whole, with their messages and the question about the last of them?
select queue.import_conversations(
    conversation_ids => $1::text[], agencies => $2::text[], customer_refs => $3::text[], channel_kinds => $4::text[],
    safe_payloads => $5::text[], priorities => $6::integer[], deadlines => $7::text[], message_of => $8::text[],
    message_ids => $9::text[], directions => $10::text[], times => $11::text[], key_ids => $12::text[],
    sealed_bodies => $13::bytea[], digests => $14::bytea[], author_refs => $15::text[])
