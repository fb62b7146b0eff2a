-- The journal's first schema. Tokens in braces are expanded by dialect.rs. Instants are microseconds since 1970.
{sign_file}

CREATE TABLE migration (
    number {int} PRIMARY KEY,
    checksum TEXT NOT NULL
) {strict};

-- The truth. One row per fact; seq counts 1, 2, 3, … for each client, without a gap. append_key and request are there when
-- the append had an idempotency key: all entries of one append share them.
CREATE TABLE entry (
    client TEXT NOT NULL,
    seq {int} NOT NULL CHECK (seq > 0),
    id TEXT NOT NULL,
    at_us {int} NOT NULL,
    recorded_us {int} NOT NULL,
    event TEXT NOT NULL,
    append_key TEXT,
    request {bytes},
    body TEXT NOT NULL,
    prev {bytes} NOT NULL,
    hash {bytes} NOT NULL,
    PRIMARY KEY (client, seq),
    UNIQUE (client, id),
    CHECK ((append_key IS NULL) = (request IS NULL))
) {strict};
{append_only}

-- Projections: what could be read off the entries, kept so that nobody has to. `journal rebuild` makes them anew.

-- The last entry of each client.
CREATE TABLE head (
    client TEXT PRIMARY KEY,
    seq {int} NOT NULL,
    hash {bytes} NOT NULL
) {strict};

-- What an idempotency key was used for.
CREATE TABLE receipt (
    client TEXT NOT NULL,
    append_key TEXT NOT NULL,
    request {bytes} NOT NULL,
    first_seq {int} NOT NULL,
    last_seq {int} NOT NULL,
    PRIMARY KEY (client, append_key)
) {strict};

-- What is promised about, from instance.added and instance.ended.
CREATE TABLE instance (
    client TEXT NOT NULL,
    instance TEXT NOT NULL,
    name TEXT NOT NULL,
    url TEXT,
    environment TEXT NOT NULL,
    software TEXT,
    from_us {int} NOT NULL,
    until_us {int},
    PRIMARY KEY (client, instance)
) {strict};

-- Work to be done outside (outbox) and inside (job), written in the transaction of the facts that call for it. due_us is when
-- it was meant to happen and stays; ready_us is when it may be claimed (next): a claim moves it to the end of the lease.
-- fence counts the claims: who holds an older number no longer holds the row. done_us is set once; then the row is history.

CREATE TABLE outbox (
    client TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    due_us {int} NOT NULL,
    ready_us {int} NOT NULL,
    fence {int} NOT NULL,
    done_us {int},
    PRIMARY KEY (client, id)
) {strict};
CREATE INDEX outbox_ready ON outbox (ready_us) WHERE done_us IS NULL;

CREATE TABLE job (
    client TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    due_us {int} NOT NULL,
    ready_us {int} NOT NULL,
    fence {int} NOT NULL,
    done_us {int},
    PRIMARY KEY (client, id)
) {strict};
CREATE INDEX job_ready ON job (ready_us) WHERE done_us IS NULL;
