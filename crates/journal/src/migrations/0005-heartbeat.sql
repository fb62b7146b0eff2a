-- The addresses at which services call by themselves. No facts: of each address's secret only its SHA-256 is kept, in hex.
CREATE TABLE heartbeat (
    digest TEXT PRIMARY KEY,
    client TEXT NOT NULL,
    instance TEXT NOT NULL,
    check_id TEXT NOT NULL,
    created_us {int} NOT NULL,
    UNIQUE (client, instance, check_id)
) {strict};
