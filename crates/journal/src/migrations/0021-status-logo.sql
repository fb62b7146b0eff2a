-- The image at the head of each client's status page. No facts: the fact `status.published` names the SHA-256 of these bytes, and a page
-- whose bytes are gone has none.
CREATE TABLE status_logo (
    client TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    bytes {bytes} NOT NULL
) {strict};
