-- What people were told, for them to read in the portal: once for each, however else it reached them. It is no fact and in no chain.
-- actor: by whom it came, whose name the text may bear. body: what it says, without what was written by hand. read_us: when they read it.
CREATE TABLE inbox (
    person TEXT NOT NULL REFERENCES person (id),
    client TEXT NOT NULL,
    id TEXT NOT NULL,
    actor TEXT NOT NULL,
    body TEXT NOT NULL,
    at_us {int} NOT NULL,
    read_us {int},
    PRIMARY KEY (person, client, id)
) {strict};
CREATE INDEX inbox_newest ON inbox (person, at_us);
CREATE INDEX inbox_unread ON inbox (person, client) WHERE read_us IS NULL;
CREATE INDEX inbox_actor ON inbox (actor);
