-- Where to find what is about a ticket, and the words in it. None of this is truth: whoever reads a client's entries writes it
-- (`index.rs`), up to the entry that index_mark names; thrown away, it is written again.

CREATE TABLE index_mark (
    client TEXT PRIMARY KEY,
    seq {int} NOT NULL
) {strict};

CREATE TABLE ticket_entry (
    client TEXT NOT NULL,
    ticket TEXT NOT NULL,
    seq {int} NOT NULL,
    PRIMARY KEY (client, ticket, seq)
) {strict_without_rowid};

-- One row for each fact with words in it: in lower case, without marks and accents, a blank between two; the first of them say
-- whose they are and who may read them. A row goes when its text is erased.
{searchable}
