-- Words of the search are found by their beginnings as fast as by themselves. The index is no truth: it is written again at the
-- next start.
DROP TABLE searchable;
{searchable_beginnings}
DELETE FROM index_mark;
