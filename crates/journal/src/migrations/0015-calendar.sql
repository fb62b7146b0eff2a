-- The secret address of each client's calendar. No facts: of the address's secret only its SHA-256 is kept, in hex.
CREATE TABLE calendar_feed (
    client TEXT PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL,
    created_us {int} NOT NULL
) {strict};
