-- reach: how a subscriber of a status page is reached at its address, mail, hook or push. keys: what signs or seals what is sent there.
ALTER TABLE status_subscriber ADD COLUMN reach TEXT NOT NULL DEFAULT 'mail';
ALTER TABLE status_subscriber ADD COLUMN keys TEXT NOT NULL DEFAULT '';
