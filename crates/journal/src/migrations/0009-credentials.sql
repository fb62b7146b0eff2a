-- What opens the door besides a password. As in 0002 none of this is a fact, and of every secret only a hash is kept, except
-- the seed of a code app, which has to be computed with: it is sealed under a key that is not in this database.

-- A code app of a person. sealed: the seed, under the key file, bound to client, person and column. step: the last one whose
-- code was used, so that no code works twice. confirmed: none until the first right code.
CREATE TABLE code_app (
    person TEXT PRIMARY KEY REFERENCES person (id),
    sealed {bytes} NOT NULL,
    created_us {int} NOT NULL,
    confirmed_us {int},
    step {int} NOT NULL
) {strict};

-- A passkey: its public half, as JSON.
CREATE TABLE passkey (
    credential {bytes} PRIMARY KEY,
    person TEXT NOT NULL REFERENCES person (id),
    name TEXT NOT NULL,
    material TEXT NOT NULL,
    created_us {int} NOT NULL,
    used_us {int},
    UNIQUE (person, name)
) {strict};

-- Printed or kept in a safe, for when everything else is lost. Each works once.
CREATE TABLE recovery_code (
    hash {bytes} PRIMARY KEY,
    person TEXT NOT NULL REFERENCES person (id),
    created_us {int} NOT NULL,
    used_us {int}
) {strict};
CREATE INDEX recovery_code_person ON recovery_code (person);

-- Who somebody is at another place that signs people in: issuer and subject, never an address of mail.
CREATE TABLE identity (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    person TEXT NOT NULL REFERENCES person (id),
    created_us {int} NOT NULL,
    used_us {int},
    PRIMARY KEY (issuer, subject)
) {strict};
CREATE INDEX identity_person ON identity (person);

-- Something begun in one request and ended in another, once: a sign-in that waits for its second step, a passkey's challenge, a
-- visit to another place that signs people in. hash: of the token in the browser's cookie.
CREATE TABLE begun (
    hash {bytes} PRIMARY KEY,
    kind TEXT NOT NULL,
    person TEXT REFERENCES person (id),
    sealed {bytes} NOT NULL,
    created_us {int} NOT NULL,
    ends_us {int} NOT NULL
) {strict};

-- What happened at the door: who, when, what, by whom. Only added to; it names people by their ids.
CREATE TABLE door_event (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    at_us {int} NOT NULL,
    event TEXT NOT NULL,
    doer TEXT NOT NULL,
    detail TEXT NOT NULL
) {strict};
CREATE INDEX door_event_person ON door_event (person, at_us);

-- how: what the session began with, such as `password+code`. factors: how many of them. strong: when all of them were last shown.
ALTER TABLE session ADD COLUMN how TEXT NOT NULL DEFAULT 'password';
ALTER TABLE session ADD COLUMN factors {int} NOT NULL DEFAULT 1;
ALTER TABLE session ADD COLUMN strong_us {int};

-- writes: 0 for tokens that only read. client: the one client it sees. roles: a JSON list, those of its person that it has.
ALTER TABLE api_token ADD COLUMN writes {int} NOT NULL DEFAULT 1;
ALTER TABLE api_token ADD COLUMN factors {int} NOT NULL DEFAULT 1;
ALTER TABLE api_token ADD COLUMN client TEXT;
ALTER TABLE api_token ADD COLUMN roles TEXT;

-- effective: from when a contact counts, by the agreement's notice or sooner. leaves: until when. erased: when name, login and
-- everything else that tells who it was were taken away. reviewed: when somebody last confirmed that they belong here.
ALTER TABLE person ADD COLUMN effective_us {int};
ALTER TABLE person ADD COLUMN leaves_us {int};
ALTER TABLE person ADD COLUMN erased_us {int};
ALTER TABLE person ADD COLUMN reviewed_us {int};
ALTER TABLE person ADD COLUMN seen_us {int};
