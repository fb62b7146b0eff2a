-- Vantage points elsewhere. None of this is a fact: it is in no chain, no export and no projection. What they saw is.
-- Of the join token only its SHA-256 is kept, in hex; of the key only the public half. clients is a JSON list of the clients
-- whose instances it looks at, or nothing for all. A name that was revoked is never used again.
CREATE TABLE vantage (
    name TEXT PRIMARY KEY,
    clients TEXT,
    invited_us {int} NOT NULL,
    token TEXT NOT NULL UNIQUE,
    token_ends_us {int} NOT NULL,
    public_key TEXT,
    joined_us {int},
    revoked_us {int},
    seen_us {int},
    revision {int} NOT NULL,
    assignment {bytes},
    CHECK ((public_key IS NULL) = (joined_us IS NULL))
) {strict};
