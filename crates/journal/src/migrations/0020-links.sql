-- made_us: when a link of a subscriber was made, so that old ones can go; null for those that were there before, which stay as long as
-- their subscriber.
ALTER TABLE status_link ADD COLUMN made_us {int};
CREATE INDEX status_link_old ON status_link (made_us) WHERE made_us IS NOT NULL;
