-- How often somebody tried at a door, kept over restarts: when the bucket of a kind and a key is full again. key: a hash, so that what
-- somebody typed into the wrong field is not kept.
CREATE TABLE guess (
    kind TEXT NOT NULL,
    key {bytes} NOT NULL,
    full_us {int} NOT NULL,
    PRIMARY KEY (kind, key)
) {strict};

-- networks: a JSON list of the networks (RFC 4632) from which a token works; none for any.
ALTER TABLE api_token ADD COLUMN networks TEXT;
