-- Who is told by mail of what changes on a client's status page. No facts: it is in no chain and no export, and goes when they leave.
CREATE TABLE status_subscriber (
    client TEXT NOT NULL,
    id TEXT NOT NULL,
    address TEXT NOT NULL,
    asked_us {int} NOT NULL,
    confirmed_us {int},
    PRIMARY KEY (client, id),
    UNIQUE (client, address)
) {strict};
CREATE INDEX status_subscriber_silent ON status_subscriber (asked_us) WHERE confirmed_us IS NULL;

-- Links by which they confirm and leave: of each one's secret only the SHA-256 is kept.
CREATE TABLE status_link (
    hash {bytes} PRIMARY KEY,
    client TEXT NOT NULL,
    subscriber TEXT NOT NULL
) {strict};
CREATE INDEX status_link_subscriber ON status_link (client, subscriber);
