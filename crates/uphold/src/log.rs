//! What the service says of itself while it runs: one line of JSON each, on stderr.

/// Starts it. UPHOLD_LOG names the least level: error, warn, info (unless told), debug.
pub(crate) fn start() {
    let level = std::env::var("UPHOLD_LOG").ok().and_then(|level| level.parse().ok());
    tracing_subscriber::fmt()
        .json()
        .with_max_level(level.unwrap_or(tracing::Level::INFO))
        .with_writer(std::io::stderr)
        // Else a closed stderr is complained of on stderr, which panics.
        .log_internal_errors(false)
        .init();
}
