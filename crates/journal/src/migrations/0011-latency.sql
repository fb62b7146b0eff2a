-- Response times by the hour, as sketches (facts::Sketch). None of this is truth: whoever reads a client's entries writes it
-- (`latency.rs`), up to the entry that latency_mark names; thrown away, it is written again.

CREATE TABLE latency_mark (
    client TEXT PRIMARY KEY,
    seq {int} NOT NULL
) {strict};

CREATE TABLE latency (
    client TEXT NOT NULL,
    instance TEXT NOT NULL,
    asked TEXT NOT NULL,
    vantage TEXT NOT NULL,
    hour_us {int} NOT NULL,
    sketch {bytes} NOT NULL,
    PRIMARY KEY (client, instance, asked, vantage, hour_us)
) {strict_without_rowid};
