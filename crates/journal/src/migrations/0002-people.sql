-- Who may come in. None of this is a fact: it is in no chain, no export and no projection, and a rebuild leaves it alone.
-- Only hashes of secrets are kept: a copy of these tables opens nothing.

-- Staff have no client; people of a client have one. roles and skills are JSON lists of text. password is an argon2id PHC
-- text, or nothing for people who have not chosen one yet.
CREATE TABLE person (
    id TEXT PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    side TEXT NOT NULL CHECK (side IN ('provider', 'client')),
    client TEXT,
    roles TEXT NOT NULL,
    skills TEXT NOT NULL,
    password TEXT,
    created_us {int} NOT NULL,
    disabled_us {int},
    CHECK ((side = 'client') = (client IS NOT NULL))
) {strict};

-- A browser that is signed in. hash is the SHA-256 of the token in its cookie.
CREATE TABLE session (
    hash {bytes} PRIMARY KEY,
    person TEXT NOT NULL REFERENCES person (id),
    created_us {int} NOT NULL,
    seen_us {int} NOT NULL,
    ends_us {int} NOT NULL,
    agent TEXT NOT NULL
) {strict};
CREATE INDEX session_person ON session (person);

-- A browser that was signed in before, so that guesses made elsewhere do not shut its person out.
CREATE TABLE device (
    hash {bytes} PRIMARY KEY,
    person TEXT NOT NULL REFERENCES person (id),
    created_us {int} NOT NULL
) {strict};
CREATE INDEX device_person ON device (person);

-- Something told to one person, for one purpose, once.
CREATE TABLE one_time_secret (
    hash {bytes} PRIMARY KEY,
    person TEXT NOT NULL REFERENCES person (id),
    purpose TEXT NOT NULL,
    created_us {int} NOT NULL,
    ends_us {int} NOT NULL,
    used_us {int}
) {strict};
CREATE INDEX one_time_secret_person ON one_time_secret (person);

-- What a program of that person signs in with.
CREATE TABLE api_token (
    hash {bytes} PRIMARY KEY,
    person TEXT NOT NULL REFERENCES person (id),
    name TEXT NOT NULL,
    created_us {int} NOT NULL,
    ends_us {int} NOT NULL,
    used_us {int},
    UNIQUE (person, name)
) {strict};

-- Written by whoever asks whether this store still takes a write; nothing reads it but people.
CREATE TABLE pulse (
    name TEXT PRIMARY KEY,
    at_us {int} NOT NULL
) {strict};
