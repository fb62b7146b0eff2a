-- What people wrote, beside the facts that hold its digest: SHA-256 over salt and text. A row can be erased, as the law asks, and
-- the chain still holds. No projection: nothing can make it anew.
CREATE TABLE written (
    client TEXT NOT NULL,
    fact TEXT NOT NULL,
    salt TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (client, fact)
) {strict};
