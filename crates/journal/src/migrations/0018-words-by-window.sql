-- On PostgreSQL each word of the search is kept with its client's tag and its window (`index/tsvector.rs`). The index is no truth: it
-- is written again at the next start. SQLite's stays as it is.
{searchable_by_window}
