//! Tickets that the provider's people write for themselves about a client: none of it stands where a client's people could read it,
//! and nothing is owed for it.

use control::live::{
    Act, NotDone,
    command::{Arrangement, By, Deed, NewFile, OWN_CHANNEL},
};
use facts::{ClientId, Resolution};
use journal::{
    index::Within,
    people::{Person, Standing},
};
use spans::{Length, Month};

use crate::house::{House, bob, instant, jan};

#[test]
fn what_the_provider_writes_for_itself_is_no_clients_and_starts_no_clock() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let since = instant("2026-01-01T00:00:00Z");
    let add = move |tx: &mut journal::Tx<'_>| {
        tx.add_person(&Person::new("bob", "bob", "bob", Standing::Staff, since)).map(drop)
    };
    house.control.journal().write(add).unwrap();
    let month: Month = "2026-06".parse().unwrap();
    let end = instant("2026-07-05T00:00:00Z");
    let statement = || {
        let read = house.control.read(&client, end, |book| book.statement_of(month, end));
        read.unwrap().unwrap().unwrap()
    };
    let entries = || house.control.journal().tail(&client, 0, 1_000).unwrap().len();
    let (statement_before, entries_before) = (statement(), entries());

    let control = &house.control;
    let text = "secretword about the renewal".to_owned();
    let (ticket, _) = control.write_down(&client, "Renewal", text, By::new(bob()), now).unwrap();
    assert_eq!(ticket.as_str(), "I-1");
    let own = ClientId::provider();
    let view = |at| control.ticket(&own, &ticket, at).unwrap().unwrap();
    assert_eq!((view(now).line.about, view(now).line.channel.as_str()), (Some(client.clone()), OWN_CHANNEL));
    assert!(view(end).obligations.is_empty() && view(end).line.next.is_none() && !view(end).line.missed);

    // What is done about it stays among the provider's people.
    let done =
        |deed, text: &str| control.do_about(&own, &ticket, deed, Some(text.to_owned()), By::new(bob()), now);
    done(Deed::Note, "Ask for the number of users.").unwrap();
    control.arrange(&own, &ticket, Arrangement::Assign(Some("bob".to_owned())), By::new(bob()), now).unwrap();
    let file = NewFile { name: "offer.txt".to_owned(), bytes: (*b"line").into(), internal: true };
    control.attach(&own, &ticket, file, By::new(bob()), now).unwrap();
    for deed in [Deed::Reply { next_update_by: None }, Deed::Ask, Deed::AskForUpdate] {
        let refused = done(deed.clone(), "Hello.");
        assert!(matches!(refused, Err(NotDone::OutOfOrder { .. })), "{deed:?}: {refused:?}");
    }
    let by_client =
        control.do_about(&own, &ticket, Deed::Note, Some("Hello.".to_owned()), By::new(jan()), now);
    assert!(matches!(by_client, Err(NotDone::OutOfOrder { .. })), "{by_client:?}");
    assert_eq!(control.own_tickets(Some(&client), now).unwrap().len(), 1);
    assert_eq!(control.own_tickets(Some(&"other".parse().unwrap()), now).unwrap(), []);

    // Nothing of it is at the client: no fact, no line, no word, no change of the statement.
    assert_eq!((entries(), statement()), (entries_before, statement_before));
    let found = |within: Within| control.search(&within, "secretword", now).unwrap().len();
    assert_eq!(found(Within::All), 1);
    assert_eq!((found(Within::Client(client.clone())), found(Within::Public(client.clone()))), (0, 0));
    control.relay(now + Length::MINUTE).unwrap();
    let calls = control.calls(&[client.clone(), own.clone()], now + Length::HOUR).unwrap();
    assert!(calls.is_empty(), "nobody is called about it");

    done(Deed::Resolve { summary: "Renewed.".to_owned(), outcome: Resolution::Solved }, "").unwrap();
    assert_eq!(control.own_tickets(None, now + Length::MINUTE).unwrap(), []);
}

/// A ticket about a client stands in the provider's own journal or nowhere.
#[test]
fn a_ticket_about_a_client_is_not_put_into_a_clients_journal() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let (control, text) = (&house.control, "Text.".to_owned());
    let (ticket, done) = control.write_down(&client, "Renewal", text.clone(), By::new(bob()), now).unwrap();
    assert_eq!((ticket.as_str(), done.facts.len()), ("I-1", 1));
    let astray = Act::new(&client, bob(), done.facts[0].body.clone());
    assert!(matches!(control.act(astray, now), Err(NotDone::Wrong { .. })));
    let nobody: ClientId = "nobody".parse().unwrap();
    let unknown = control.write_down(&nobody, "Renewal", text.clone(), By::new(bob()), now);
    assert!(matches!(unknown, Err(NotDone::UnknownClient { .. })));
    let own = control.write_down(&ClientId::provider(), "Renewal", text, By::new(bob()), now);
    assert!(matches!(own, Err(NotDone::UnknownClient { .. })));
}
