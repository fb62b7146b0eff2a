-- What happened at the door is read across everybody, the latest first.
CREATE INDEX door_event_at ON door_event (at_us, id);
