-- Who is told of what, where, and what is on its way. None of this is a fact: it is in no chain and no export, and a rebuild leaves it
-- alone. What was sent is forgotten once it has arrived; only that it was sent is kept.

-- How a person wants to be told. address: of mail. mail, push: all, pages or none. quiet_from, quiet_until: minutes after midnight
-- on the clocks of zone; only calls come between them. hourly: how many notices an hour at most, calls aside.
CREATE TABLE notice_choice (
    person TEXT PRIMARY KEY REFERENCES person (id),
    address TEXT,
    mail TEXT NOT NULL,
    push TEXT NOT NULL,
    quiet_from {int},
    quiet_until {int},
    zone TEXT NOT NULL,
    hourly {int} NOT NULL
) {strict};

-- A browser that takes push messages (RFC 8030), with the keys that only it and we know (RFC 8291). id is told to nobody.
CREATE TABLE push_subscription (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL REFERENCES person (id),
    endpoint TEXT NOT NULL UNIQUE,
    p256dh TEXT NOT NULL,
    auth TEXT NOT NULL,
    agent TEXT NOT NULL,
    created_us {int} NOT NULL
) {strict};
CREATE INDEX push_subscription_person ON push_subscription (person);

-- One notice for one person on one way. Like a task it is claimed under a lease with a fence; due_us says since when it is due and
-- stays. urgent: 1 for a call. fate: how it ended, `sent`, or why it never was.
CREATE TABLE delivery (
    client TEXT NOT NULL,
    id TEXT NOT NULL,
    person TEXT NOT NULL,
    way TEXT NOT NULL,
    target TEXT NOT NULL,
    body TEXT NOT NULL,
    urgent {int} NOT NULL,
    due_us {int} NOT NULL,
    ready_us {int} NOT NULL,
    fence {int} NOT NULL,
    done_us {int},
    fate TEXT,
    PRIMARY KEY (client, id)
) {strict};
CREATE INDEX delivery_ready ON delivery (ready_us) WHERE done_us IS NULL;
CREATE INDEX delivery_person ON delivery (person, done_us);

-- Whom a client lets work for it while it restricts its pool (MP-COB-03).
CREATE TABLE clearance (
    client TEXT NOT NULL,
    person TEXT NOT NULL REFERENCES person (id),
    created_us {int} NOT NULL,
    PRIMARY KEY (client, person)
) {strict};
