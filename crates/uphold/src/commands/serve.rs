//! `uphold serve`: the live service. Settings come from a file, the environment and the command line; the later word counts.

mod settings;

use std::{
    net::{SocketAddr, TcpListener},
    path::PathBuf,
};

use clap::Args;
use control::live::Paper;

use super::agreement::Loaded;
use crate::{output::Output, progress, service::Service, trouble::Trouble};

/// Where it listens unless told.
pub(crate) const LISTEN: &str = "127.0.0.1:7430";

#[derive(Args)]
pub(crate) struct ServeCommand {
    /// A settings file (TOML); the command line and UPHOLD_… in the environment count above it.
    #[arg(long, value_name = "FILE", env = "UPHOLD_CONFIG")]
    config: Option<PathBuf>,
    /// The journal: a file's path, or postgres://USER@HOST/NAME.
    #[arg(long, value_name = "PLACE", env = "UPHOLD_STORE")]
    store: Option<String>,
    /// An agreement file; say it once for each.
    #[arg(long = "agreement", value_name = "FILE", env = "UPHOLD_AGREEMENTS", value_delimiter = ',')]
    agreements: Vec<PathBuf>,
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS", env = "UPHOLD_LISTEN")]
    listen: Option<String>,
    /// What browsers show, such as https://desk.example; needed when a proxy speaks TLS for it.
    #[arg(long, value_name = "ORIGIN", env = "UPHOLD_ORIGIN")]
    origin: Option<String>,
    /// Another host that leads here, such as https://files.example, best under a domain of its own: what people attached is fetched from
    /// there, and no cookie goes with it.
    #[arg(long, value_name = "ORIGIN", env = "UPHOLD_FILES")]
    files: Option<String>,
    /// A proxy, or a range of them, such as 127.0.0.1: what it says in X-Forwarded-For about who asks is believed, and of nobody
    /// else. Say it once for each.
    #[arg(long = "proxy", value_name = "RANGE", env = "UPHOLD_PROXIES", value_delimiter = ',')]
    proxies: Vec<String>,
    /// A private range that checks may ask, such as 10.1.0.0/16; say it once for each.
    #[arg(long = "allow", value_name = "RANGE", env = "UPHOLD_ALLOW", value_delimiter = ',')]
    allow: Vec<String>,
    /// The file with the secrets that checks may name, each for one client and its hosts; for its owner alone.
    #[arg(long, value_name = "FILE", env = "UPHOLD_SECRETS")]
    secrets: Option<String>,
    /// What our own vantage point is called in observations.
    #[arg(long, value_name = "NAME", env = "UPHOLD_VANTAGE")]
    vantage: Option<String>,
    /// Look at nothing from here: vantage points elsewhere do.
    #[arg(long)]
    no_looks: bool,
    /// The file with the key under which second factors are sealed; made where there is none. Beside the journal unless told.
    #[arg(long, value_name = "FILE", env = "UPHOLD_KEY")]
    key: Option<String>,
    /// A point outside that is nearly always there, as https://HOST/, tcp://HOST:PORT or icmp://HOST; three to nine of them. A
    /// vantage point that reaches fewer than two thirds is cut off itself, and what it saw is no evidence.
    #[arg(long = "reference", value_name = "URL", env = "UPHOLD_REFERENCES", value_delimiter = ',')]
    references: Vec<String>,
    /// The mail server through which notices go out, such as mail.example; without one there is no mail.
    #[arg(long, value_name = "HOST", env = "UPHOLD_MAIL_HOST")]
    mail_host: Option<String>,
    /// Its port: 587, or 465 with TLS from the start.
    #[arg(long, value_name = "PORT", env = "UPHOLD_MAIL_PORT")]
    mail_port: Option<String>,
    /// How the way there is protected: starttls, tls, or none, which goes to this machine only.
    #[arg(long, value_name = "HOW", env = "UPHOLD_MAIL_SECURITY")]
    mail_security: Option<String>,
    /// Who signs in at the mail server.
    #[arg(long, value_name = "NAME", env = "UPHOLD_MAIL_USER")]
    mail_user: Option<String>,
    /// The file with that password.
    #[arg(long, value_name = "FILE", env = "UPHOLD_MAIL_PASSWORD_FILE")]
    mail_password_file: Option<String>,
    /// From whom mail comes, such as "Support <support@example.com>".
    #[arg(long, value_name = "ADDRESS", env = "UPHOLD_MAIL_FROM")]
    mail_from: Option<String>,
    /// The file with the key pair that browsers' push services know this server by; it is made where it is not there. Beside a journal
    /// in a file unless said otherwise; with PostgreSQL there is no web push without it.
    #[arg(long, value_name = "FILE", env = "UPHOLD_PUSH_KEY")]
    push_key: Option<String>,
    /// After how many minutes the next person is called, 1 to 60.
    #[arg(long, value_name = "MINUTES", env = "UPHOLD_CALL_AFTER")]
    call_after: Option<String>,
    /// For how many days the response times of an hour are kept, 31 to 3660; 400 unless said.
    #[arg(long, value_name = "DAYS", env = "UPHOLD_KEEP_TIMES")]
    keep_times: Option<String>,
}

impl ServeCommand {
    pub(crate) fn run(self, _out: &mut Output) -> Result<(), Trouble> {
        let settings = settings::read(self)?;
        refuse_taken(settings.listen)?;
        let alone = settings.references.is_empty();
        let service = progress::during("reading the journal", || Service::open(settings))?;
        crate::log::start();
        if alone {
            tracing::warn!(
                why = "when this server's own line fails, every service looks down; name three to nine `references`",
                "references.none"
            );
        }
        service.run(|at| tracing::info!(address = %at, "uphold.ready"))
    }
}

/// Says at once that an address is taken, before anything is made.
pub(crate) fn refuse_taken(listen: SocketAddr) -> Result<(), Trouble> {
    TcpListener::bind(listen).map(drop).map_err(|error| {
        Trouble::failed(format_args!("{listen} cannot be listened on: {error}; name another with --listen"))
    })
}

/// An agreement file for the shelf.
pub(crate) fn paper(path: &std::path::Path) -> Result<Paper, Trouble> {
    let loaded = Loaded::read(path)?;
    let text = loaded.text.clone();
    Ok(Paper { terms: loaded.terms(None)?, text })
}
