-- What the desk keeps beside the facts. None of this is contract truth: it can be erased, and the chain still holds.

-- Files attached to requests. The fact `file.attached` holds the SHA-256 of the bytes; name and bytes lie here. A row whose bytes
-- are gone stays, so that one can say that they are.
CREATE TABLE file (
    client TEXT NOT NULL,
    file TEXT NOT NULL,
    ticket TEXT NOT NULL,
    name TEXT NOT NULL,
    media TEXT NOT NULL,
    internal {int} NOT NULL,
    size {int} NOT NULL,
    bytes {bytes},
    added_us {int} NOT NULL,
    PRIMARY KEY (client, file)
) {strict};
CREATE INDEX file_ticket ON file (client, ticket);

-- What a person has begun to write about a ticket and not sent.
CREATE TABLE draft (
    client TEXT NOT NULL,
    person TEXT NOT NULL,
    ticket TEXT NOT NULL,
    body TEXT NOT NULL,
    saved_us {int} NOT NULL,
    PRIMARY KEY (client, person, ticket)
) {strict};

-- Answers that are written often; for all clients, or for one.
CREATE TABLE canned (
    name TEXT PRIMARY KEY,
    client TEXT,
    body TEXT NOT NULL,
    changed_us {int} NOT NULL,
    changed_by TEXT NOT NULL
) {strict};

-- Ways of looking at the queue that a person keeps. shared: for all of the provider's people.
CREATE TABLE kept_view (
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    shared {int} NOT NULL,
    PRIMARY KEY (person, name)
) {strict};
