//! Mail by SMTP (RFC 5321) with TLS: STARTTLS or from the start, and without only on this machine.

mod message;
mod public;
mod settings;

use std::time::Duration;

use lettre::transport::smtp::{
    client::{Certificate, Tls, TlsParameters},
    extension::ClientId,
};
use lettre::{SmtpTransport, Transport, transport::smtp::authentication::Credentials};

pub use self::settings::{MailSettings, RawMail, Security};
use crate::{MAIL, Outcome, Parcel, Port, PublicParcel};

/// How long a server may take for one step.
const STEP_MAX: Duration = Duration::from_secs(20);
/// Answers that say our own settings are wrong, not the letter: it waits (RFC 4954, 6).
const NOT_LET_IN: [u16; 6] = [421, 454, 530, 534, 535, 538];

/// Sends mail.
pub struct Mailer {
    transport: SmtpTransport,
    settings: MailSettings,
    origin: String,
}

/// Why mail cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("mail cannot be set up: {0}")]
pub struct NoMailer(#[from] lettre::transport::smtp::Error);

impl Mailer {
    /// By these settings; `origin` is where browsers reach the portal, for links. `roots` are certificates of authorities (PEM) that are
    /// trusted beside the machine's own.
    ///
    /// # Errors
    /// When a certificate cannot be read.
    pub fn new(settings: MailSettings, origin: &str, roots: &[Vec<u8>]) -> Result<Mailer, NoMailer> {
        let mut builder =
            SmtpTransport::builder_dangerous(&settings.host).port(settings.port).timeout(Some(STEP_MAX));
        if let Some(name) = settings.from.domain() {
            builder = builder.hello_name(ClientId::Domain(name.to_owned()));
        }
        builder = match settings.security {
            Security::Plain => builder.tls(Tls::None),
            Security::StartTls => builder.tls(Tls::Required(tls(&settings.host, roots)?)),
            Security::Tls => builder.tls(Tls::Wrapper(tls(&settings.host, roots)?)),
        };
        if let Some((user, password)) = &settings.login {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(Mailer { transport: builder.build(), settings, origin: origin.trim_end_matches('/').to_owned() })
    }
}

fn tls(host: &str, roots: &[Vec<u8>]) -> Result<TlsParameters, lettre::transport::smtp::Error> {
    let mut builder = TlsParameters::builder(host.to_owned());
    for root in roots {
        builder = builder.add_root_certificate(Certificate::from_pem(root)?);
    }
    builder.build_rustls()
}

impl Port for Mailer {
    fn way(&self) -> &'static str {
        MAIL
    }

    fn send(&self, parcel: &Parcel) -> Outcome {
        let Some(address) = &parcel.choice.address else {
            return Outcome::never("the person has no address of mail");
        };
        let message = match message::compose(parcel, address, &self.settings.from, &self.origin) {
            Ok(message) => message,
            Err(why) => return Outcome::never(why),
        };
        self.hand_over(&message)
    }

    fn send_public(&self, parcel: &PublicParcel) -> Outcome {
        match public::compose(parcel, &self.settings.from, &self.origin) {
            Ok(message) => self.hand_over(&message),
            Err(why) => Outcome::never(why),
        }
    }
}

impl Mailer {
    fn hand_over(&self, message: &lettre::Message) -> Outcome {
        match self.transport.send(message) {
            Ok(_) => Outcome::Delivered,
            Err(error) => {
                let code = error.status().map(u16::from);
                let ours = code.is_some_and(|code| NOT_LET_IN.contains(&code));
                let why = told(&error);
                if error.is_permanent() && !ours { Outcome::never(why) } else { Outcome::later(why) }
            }
        }
    }
}

/// The whole chain of causes, in a line.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    crate::one_line(&text, 300)
}
