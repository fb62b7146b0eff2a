//! Mail over a real connection.

use courier::{
    Outcome, Port,
    mail::{MailSettings, Mailer, RawMail},
};
use testkit::smtp::{Fault, Mode, Smtp};

use crate::store::{letter, parcel};

fn settings(server: &Smtp, security: &str) -> RawMail {
    let text = |text: &str| Some(text.to_owned());
    RawMail {
        host: text("127.0.0.1"),
        port: Some(server.port().to_string()),
        security: text(security),
        from: text("Support <support@provider.example>"),
        ..RawMail::default()
    }
}

fn mailer(server: &Smtp, raw: RawMail) -> Mailer {
    let settings = MailSettings::read(raw).unwrap().unwrap();
    Mailer::new(settings, "https://desk.example/", &[server.root()]).unwrap()
}

fn signed_in(server: &Smtp, security: &str, password: &str) -> Mailer {
    let (user, password) = (Some("desk".to_owned()), Some(password.to_owned()));
    mailer(server, RawMail { user, password, ..settings(server, security) })
}

/// The value of a header, unfolded.
fn header(mail: &str, name: &str) -> Vec<String> {
    let head = mail.split_once("\r\n\r\n").unwrap().0.replace("\r\n ", " ").replace("\r\n\t", " ");
    let of_name = |line: &str| line.split_once(": ").filter(|(n, _)| *n == name).map(|(_, v)| v.to_owned());
    head.split("\r\n").filter_map(of_name).collect()
}

#[test]
fn a_letter_is_a_message_in_its_tickets_thread_that_no_machine_answers() {
    let server = Smtp::start(Mode::Plain, None);
    let mailer = mailer(&server, settings(&server, "none"));
    assert_eq!(mailer.send(&parcel(letter())), Outcome::Delivered);
    let mut second = parcel(letter());
    second.id = "acme/f-2/ann/mail".to_owned();
    assert_eq!(mailer.send(&second), Outcome::Delivered);
    // Sent again, because nobody knew that it had arrived: it is the same message.
    assert_eq!(mailer.send(&second), Outcome::Delivered);
    let mails = server.mails();
    let of = |index: usize, name: &str| header(&mails[index].data, name).join("|");
    assert_eq!(
        (mails[0].from.as_str(), mails[0].to.join(" ").as_str()),
        ("support@provider.example", "ann@client.example")
    );
    assert_eq!(of(0, "Subject"), "T-7 Wiki is down");
    assert_eq!(of(0, "Auto-Submitted"), "auto-generated");
    assert_eq!(of(0, "Date"), "Fri, 06 Mar 2026 12:00:01 +0000");
    assert!(of(0, "Message-ID").ends_with("@provider.example>"));
    assert_ne!(of(0, "Message-ID"), of(1, "Message-ID"));
    assert_eq!(of(1, "Message-ID"), of(2, "Message-ID"));
    assert_eq!((of(0, "References"), of(0, "In-Reply-To")), (of(1, "References"), of(1, "References")));
    let body = mails[0].data.replace("=\r\n", "");
    assert!(body.contains("https://desk.example/clients/acme/tickets/T-7"), "{body}");
    assert!(body.contains("We look at it.\r\n.\r\nA line of its own & <b>."), "{body}");
    assert!(body.contains("&#60;b&#62;") || body.contains("&lt;b&gt;"), "{body}");
    assert!(body.contains("You are told because you asked."), "{body}");
}

#[test]
fn each_person_has_a_thread_and_ids_of_its_own() {
    let server = Smtp::start(Mode::Plain, None);
    let mailer = mailer(&server, settings(&server, "none"));
    mailer.send(&parcel(letter()));
    let mut bob = parcel(letter());
    bob.person = "bob".to_owned();
    mailer.send(&bob);
    let mails = server.mails();
    for name in ["Message-ID", "References"] {
        assert_ne!(header(&mails[0].data, name), header(&mails[1].data, name), "{name}");
    }
}

#[test]
fn the_subject_says_when_it_is_due_and_in_which_zone() {
    let server = Smtp::start(Mode::Plain, None);
    let mailer = mailer(&server, settings(&server, "none"));
    let mut call = letter();
    (call.due, call.call) = (Some("2026-03-09T17:00:00Z".parse().unwrap()), true);
    mailer.send(&parcel(call));
    let subject = header(&server.mails()[0].data, "Subject");
    assert_eq!(subject, ["CALL: T-7 Wiki is down, due Mon 2026-03-09 18:00 Europe/Amsterdam"]);
}

#[test]
fn no_text_becomes_a_header_or_a_second_message() {
    let server = Smtp::start(Mode::Plain, None);
    let mailer = mailer(&server, settings(&server, "none"));
    let mut bad = letter();
    bad.title = "T-7\r\nBcc: everybody@evil.example\r\n\r\n<b>".to_owned();
    bad.said = Some(
        "x\r\n.\r\nMAIL FROM:<a@evil.example>\r\nRCPT TO:<b@evil.example>\r\nDATA\r\nhello\r\n.\r\n\n.\n"
            .to_owned(),
    );
    bad.thread = "a>\r\nBcc: x@evil.example".to_owned();
    assert_eq!(mailer.send(&parcel(bad)), Outcome::Delivered);
    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, ["ann@client.example"]);
    assert!(header(&mails[0].data, "Bcc").is_empty());
    assert_eq!(header(&mails[0].data, "Subject"), ["T-7 Bcc: everybody@evil.example <b>"]);
    for address in
        ["ann@client.example\r\nBcc: x@y.example", "a b@c.example", "", "ann@client.example, x@y.example"]
    {
        let mut wrong = parcel(letter());
        wrong.choice.address = Some(address.to_owned());
        assert!(matches!(mailer.send(&wrong), Outcome::Never { .. }), "{address:?}");
    }
    assert_eq!(server.mails().len(), 1);
}

#[test]
fn a_password_goes_under_tls_and_a_wrong_one_loses_nothing() {
    for (mode, security) in [(Mode::StartTls, "starttls"), (Mode::Tls, "tls")] {
        let server = Smtp::start(mode, Some(("desk", "secret")));
        assert_eq!(signed_in(&server, security, "secret\n").send(&parcel(letter())), Outcome::Delivered);
        let mail = &server.mails()[0];
        assert_eq!((mail.tls, mail.user.as_deref()), (true, Some("desk")));
        let refused = signed_in(&server, security, "guess").send(&parcel(letter()));
        assert!(matches!(refused, Outcome::Later { .. }), "{refused:?}");
    }
}

#[test]
fn without_starttls_nothing_is_sent_and_an_unknown_certificate_is_not_believed() {
    let server = Smtp::start(Mode::Plain, None);
    let mailer = mailer(&server, settings(&server, "starttls"));
    assert!(matches!(mailer.send(&parcel(letter())), Outcome::Later { .. }));
    assert!(server.mails().is_empty());
    let server = Smtp::start(Mode::StartTls, None);
    let known = MailSettings::read(settings(&server, "starttls")).unwrap().unwrap();
    let stranger = Mailer::new(known, "https://desk.example", &[]).unwrap();
    assert!(matches!(stranger.send(&parcel(letter())), Outcome::Later { .. }));
    assert!(server.mails().is_empty());
}

#[test]
fn what_the_server_refuses_for_good_is_not_tried_again_and_what_fails_is() {
    let server = Smtp::start(Mode::Plain, None);
    let mailer = mailer(&server, settings(&server, "none"));
    let send = |fault: Fault| {
        server.fail(fault);
        mailer.send(&parcel(letter()))
    };
    assert!(matches!(send(Fault::Recipient("550 no such user".to_owned())), Outcome::Never { .. }));
    assert!(matches!(send(Fault::Recipient("451 greylisted".to_owned())), Outcome::Later { .. }));
    assert!(matches!(send(Fault::Data("554 spam".to_owned())), Outcome::Never { .. }));
    assert!(matches!(send(Fault::Data("452 full".to_owned())), Outcome::Later { .. }));
    assert!(server.mails().is_empty());
    // It took the letter, and nobody heard so: it is sent again, under the same id.
    assert!(matches!(send(Fault::Silence), Outcome::Later { .. }));
    assert_eq!(server.mails().len(), 1);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let raw = RawMail { port: Some(nobody.to_string()), ..settings(&server, "none") };
    let lost = Mailer::new(MailSettings::read(raw).unwrap().unwrap(), "https://desk.example", &[]).unwrap();
    assert!(matches!(lost.send(&parcel(letter())), Outcome::Later { .. }));
}
