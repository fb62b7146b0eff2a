//! People of a client and of the provider: named, counted after the notice, removed at once, looked through, taken along, erased.

use axum::http::StatusCode;
use control::live::command::{By, NewFile};
use facts::{Actor, ContactId};
use journal::{
    desk::KeptView,
    people::{Choice, Membership, Traces},
};
use portal::people::{NewPerson, add_uncounted};
use spans::Length;

use crate::{
    agreed::client,
    desk::{Browser, Desk},
};

const PEOPLE: &str = "/clients/acme/people";

fn id(desk: &Desk, login: &str) -> String {
    desk.journal.read(|tx| tx.person_by_login(login)).unwrap().unwrap().0.id
}

fn secret(page: &str) -> String {
    let (_, rest) = page.split_once("<code class=\"token\">").unwrap_or_else(|| panic!("{page}"));
    rest.split('<').next().unwrap().to_owned()
}

fn stands(desk: &Desk, login: &str) -> Membership {
    let (person, _) = desk.journal.read(|tx| tx.person_by_login(login)).unwrap().unwrap();
    person.membership(desk.now())
}

async fn welcome(desk: &Desk, login: &str, secret: &str) -> StatusCode {
    let mut browser = desk.browser();
    let form = format!("login={login}&secret={secret}&password=staple+and+another+word");
    browser.post("/welcome", &form).await.status
}

async fn name(browser: &mut Browser<'_>, login: &str, roles: &str) -> String {
    let page = browser.post(PEOPLE, &format!("login={login}&name=Name+of+{login}{roles}")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    secret(&page.body)
}

#[tokio::test]
async fn sh_req_06_a_named_contact_counts_after_the_notice_or_sooner_and_is_gone_at_once() {
    let desk = Desk::agreed();
    let mut bo = desk.signed_in("bo").await;
    let given = name(&mut bo, "eva", "&role=contact").await;
    assert_eq!(stands(&desk, "eva"), Membership::Announced);
    let page = bo.get(PEOPLE).await.body;
    assert!(
        page.contains("announced") && page.contains("counts from") && page.contains("SH-REQ-06"),
        "{page}"
    );
    assert!(!page.contains("/people/apply"), "the provider's to do");
    assert_eq!(welcome(&desk, "eva", &given).await, StatusCode::SEE_OTHER);
    // Five Business Days are seven days at least.
    desk.wait(Length::from_secs(6 * 86_400));
    assert_eq!(stands(&desk, "eva"), Membership::Announced);
    desk.wait(Length::from_secs(8 * 86_400));
    assert_eq!(stands(&desk, "eva"), Membership::Effective);

    let mut bo = desk.signed_in("bo").await;
    name(&mut bo, "fay", "&role=approver").await;
    let fay = format!("person={}", id(&desk, "fay"));
    let own = bo.post(&format!("{PEOPLE}/apply"), &fay).await;
    assert_eq!(own.status, StatusCode::UNPROCESSABLE_ENTITY, "the provider's to do");
    let mut sam = desk.signed_in("sam").await;
    assert!(sam.get(PEOPLE).await.body.contains("/people/apply"));
    assert_eq!(sam.post(&format!("{PEOPLE}/apply"), &fay).await.status, StatusCode::SEE_OTHER);
    // The fact bears an instant of its own, a moment after the test's clock.
    desk.wait(Length::from_secs(1));
    assert_eq!(stands(&desk, "fay"), Membership::Effective);
    assert!(sam.get(PEOPLE).await.body.contains("applied sooner"));
    let twice = sam.post(&format!("{PEOPLE}/apply"), &fay).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);

    // SH-DEF-12: at once.
    let removed = bo.post(&format!("{PEOPLE}/remove"), &fay).await;
    assert_eq!(removed.header("location"), "/clients/acme/people?done=removed", "{}", removed.body);
    assert_eq!(stands(&desk, "fay"), Membership::Disabled);
    let told = desk.journal.read(|tx| tx.entries(&client("acme"), 0, 1_000)).unwrap();
    let told: Vec<_> = told.iter().filter(|e| e.fact.event().name().starts_with("contact.")).collect();
    assert_eq!(told.len(), 4, "named twice, applied, removed");

    // And back, as a new addition with its notice.
    assert!(bo.get(PEOPLE).await.body.contains("/people/again"));
    let again = bo.post(&format!("{PEOPLE}/again"), &fay).await;
    assert_eq!(again.header("location"), "/clients/acme/people?done=recorded", "{}", again.body);
    assert_eq!(stands(&desk, "fay"), Membership::Announced);
    desk.wait(Length::from_secs(14 * 86_400));
    assert_eq!(stands(&desk, "fay"), Membership::Effective);
    let mut bo = desk.signed_in("bo").await;
    let twice = bo.post(&format!("{PEOPLE}/again"), &fay).await;
    assert_eq!(twice.header("location"), PEOPLE, "who is here is not named again");
    let after = desk.journal.read(|tx| tx.entries(&client("acme"), 0, 1_000)).unwrap();
    assert_eq!(after.iter().filter(|e| e.fact.event().name().starts_with("contact.")).count(), 5);
    assert_eq!(told[0].fact.actor.id, id(&desk, "bo"), "who acted, by the id");
}

#[tokio::test]
async fn mp_cli_04_the_last_who_may_ask_for_support_stays() {
    let desk = Desk::agreed();
    desk.disable("dora");
    let mut bo = desk.signed_in("bo").await;
    name(&mut bo, "fay", "&role=approver").await;
    let last = bo.post(&format!("{PEOPLE}/remove"), &format!("person={}", id(&desk, "bo"))).await;
    assert_eq!(last.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(last.body.contains("is the last who may ask for support") && last.body.contains("SH-DEF-12"));
    assert_eq!(bo.get(PEOPLE).await.status, StatusCode::OK, "and is still in");
    // Who is announced may not ask for anything yet.
    name(&mut bo, "eva", "&role=contact").await;
    let still = bo.post(&format!("{PEOPLE}/remove"), &format!("person={}", id(&desk, "bo"))).await;
    assert_eq!(still.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut sam = desk.signed_in("sam").await;
    sam.post(&format!("{PEOPLE}/apply"), &format!("person={}", id(&desk, "eva"))).await;
    desk.wait(Length::from_secs(1));
    let removed = bo.post(&format!("{PEOPLE}/remove"), &format!("person={}", id(&desk, "bo"))).await;
    assert_eq!(removed.status, StatusCode::SEE_OTHER);
    assert_eq!(bo.get(PEOPLE).await.header("location"), "/sign-in?next=/clients/acme/people");
}

#[tokio::test]
async fn only_who_looks_after_a_list_changes_it_and_only_its_own() {
    let desk = Desk::agreed();
    let mut bo = desk.signed_in("bo").await;
    let given = name(&mut bo, "fay", "&role=approver").await;
    let mut sam = desk.signed_in("sam").await;
    sam.post(&format!("{PEOPLE}/apply"), &format!("person={}", id(&desk, "fay"))).await;
    welcome(&desk, "fay", &given).await;
    // The fact bears an instant of its own, a moment after the test's clock.
    desk.wait(Length::from_secs(1));
    let mut fay = desk.browser();
    fay.sign_in("fay", "staple and another word").await;
    let page = fay.get(PEOPLE).await.body;
    assert!(page.contains("A primary contact looks after this list.") && !page.contains("/people/remove"));
    assert!(!page.contains("Last seen") && !page.contains("never") && !page.contains("invitation works"));
    for act in ["", "/secret", "/remove", "/review"] {
        assert_eq!(
            fay.post(&format!("{PEOPLE}{act}"), "person=x").await.status,
            StatusCode::FORBIDDEN,
            "{act}"
        );
    }
    // Another client's person is not there, whatever the path says.
    let cy = format!("person={}", id(&desk, "cy"));
    for act in ["secret", "remove"] {
        assert_eq!(bo.post(&format!("{PEOPLE}/{act}"), &cy).await.status, StatusCode::NOT_FOUND, "{act}");
    }
    let export = format!("{PEOPLE}/{}/export", id(&desk, "cy"));
    assert_eq!(bo.get(&export).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bo.post(&format!("{PEOPLE}/erase"), &cy).await.status, StatusCode::NOT_FOUND);
    // It is asked again who it is.
    desk.wait(Length::from_secs(15 * 60));
    let again = bo.post(&format!("{PEOPLE}/remove"), &cy).await;
    assert_eq!(again.header("location"), "/step-up?next=/clients/acme/people");
}

#[tokio::test]
async fn what_is_wrong_with_a_new_person_is_told_and_nobody_is_added() {
    let desk = Desk::agreed();
    let mut bo = desk.signed_in("bo").await;
    for (form, why) in [
        ("login=b+o&name=B&role=contact", "is no login"),
        ("login=cy&name=B&role=contact", "this login cannot be used"),
        ("login=new&name=&role=contact", "a person needs a name"),
        ("login=new&name=B", "Choose one role at least"),
        ("login=new&name=B&role=end-user", "Choose one role at least"),
        ("login=new&name=B&role=administrator", "Choose one role at least"),
    ] {
        let answer = bo.post(PEOPLE, form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(answer.body.to_lowercase().contains(&why.to_lowercase()), "{form}: {}", answer.body);
    }
    assert!(desk.journal.read(|tx| tx.person_by_login("new")).unwrap().is_none());
    assert!(!bo.post(PEOPLE, "login=sam&name=B&role=contact").await.body.contains("taken"));
    let staff = desk.signed_in("sam").await.post(PEOPLE, "login=cy&name=B&role=contact").await;
    assert!(staff.body.contains("is taken"), "the provider's people are told");
    let mut slowed = false;
    for _ in 0..40 {
        slowed |=
            bo.post(PEOPLE, "login=cy&name=B&role=contact").await.status == StatusCode::TOO_MANY_REQUESTS;
    }
    assert!(slowed);
}

#[tokio::test]
async fn an_access_review_is_of_the_whole_list_and_a_fact() {
    let desk = Desk::agreed();
    let mut bo = desk.signed_in("bo").await;
    let (own, dora) = (id(&desk, "bo"), id(&desk, "dora"));
    let half = bo.post(&format!("{PEOPLE}/review"), &format!("belongs={own}")).await;
    assert_eq!(half.status, StatusCode::UNPROCESSABLE_ENTITY);
    let whole = bo.post(&format!("{PEOPLE}/review"), &format!("belongs={own}&belongs={dora}")).await;
    assert_eq!(whole.status, StatusCode::SEE_OTHER, "{}", whole.body);
    let told = desk.journal.read(|tx| tx.entries(&client("acme"), 0, 1_000)).unwrap();
    assert_eq!(told.iter().filter(|e| e.fact.event().name() == "access.reviewed").count(), 1);
    let (person, _) = desk.journal.read(|tx| tx.person_by_login("dora")).unwrap().unwrap();
    assert_eq!(person.reviewed, Some(desk.now()));
    assert!(!bo.get(PEOPLE).await.body.contains("Nobody has looked through this list yet."));
}

#[tokio::test]
async fn a_persons_data_is_taken_along_and_erased_and_the_chain_verifies() {
    let desk = Desk::agreed();
    let mut bo = desk.signed_in("bo").await;
    let form = bo.get("/clients/acme/tickets/new").await.body;
    let key = form.split("name=\"key\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let asked = bo
        .post(
            "/clients/acme/tickets/new",
            &format!("key={key}&title=Slow+search&priority=P2&text=my+very+own+words&instance=wiki"),
        )
        .await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.body);
    let (acme, boss, now) = (client("acme"), id(&desk, "bo"), desk.now());
    let file =
        NewFile { name: "canary-name.txt".to_owned(), bytes: (*b"canary bytes").into(), internal: false };
    let by = By::new(Actor::client(&boss).role("contact"));
    let line = desk.control.read(&acme, now, |book| book.open_ticket_lines(now)).unwrap().unwrap().remove(0);
    desk.control.attach(&acme, &line.ticket, file, by, now).unwrap();
    let planted = {
        let (acme, boss, ticket) = (acme.clone(), boss.clone(), line.ticket.0.clone());
        move |tx: &mut journal::Tx<'_>| {
            tx.put_draft(&acme, &boss, &ticket, "canary draft", now)?;
            tx.put_view(&KeptView {
                person: boss.clone(),
                name: "canary view".to_owned(),
                query: "q=canary".to_owned(),
                shared: false,
            })?;
            tx.set_clearance(&acme, &boss, Some(now))?;
            tx.set_choice(
                &boss,
                &Choice { address: Some("canary@acme.example".to_owned()), ..Choice::default() },
            )
        }
    };
    desk.journal.write::<_, journal::Error>(planted).unwrap();
    let path = format!("{PEOPLE}/{}/export", id(&desk, "bo"));
    let data = bo.get(&path).await;
    assert_eq!(data.status, StatusCode::OK);
    assert!(data.header("content-disposition").starts_with("attachment; filename="));
    assert!(data.body.contains("my very own words") && data.body.contains("Name of bo"), "{}", data.body);
    assert!(!data.body.contains("argon2id"));
    for kept in
        ["canary-name.txt", "canary draft", "canary view", "canary@acme.example", "cleared_by", "\"door\""]
    {
        assert!(data.body.contains(kept), "{kept}: {}", data.body);
    }
    let colleague = desk.signed_in("dora").await.get(&path).await.body;
    assert!(colleague.contains("my very own words") && !colleague.contains("\"door\""), "{colleague}");
    assert!(!colleague.contains("canary draft") && !colleague.contains("canary@acme.example"), "{colleague}");
    assert!(bo.get("/account/export").await.body.contains("my very own words"));

    let bos = format!("person={}", id(&desk, "bo"));
    let person = id(&desk, "bo");
    let mut ann = desk.signed_in("ann").await;
    ann.post(&format!("{PEOPLE}/erase"), &bos).await;
    assert_eq!(stands(&desk, "bo"), Membership::Effective, "who is still here is removed first");
    assert_eq!(ann.post(&format!("{PEOPLE}/remove"), &bos).await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        desk.signed_in("sam").await.post(&format!("{PEOPLE}/erase"), &bos).await.status,
        StatusCode::FORBIDDEN
    );
    let erased = ann.post(&format!("{PEOPLE}/erase"), &bos).await;
    assert_eq!(erased.header("location"), "/clients/acme/people?done=erased");
    let tickets = ann.get("/clients/acme/tickets").await.body;
    let link =
        tickets.split("href=\"/clients/acme/tickets/T").nth(1).map(|rest| rest.split('"').next().unwrap());
    let one = ann
        .get(&format!("/clients/acme/tickets/T{}", link.unwrap_or_else(|| panic!("{tickets}"))))
        .await
        .body;
    assert!(!one.contains("my very own words") && !one.contains("Name of bo"), "{one}");
    assert!(one.contains("Erased person"), "{one}");
    let (traces, choice) =
        desk.journal.read(|tx| Ok::<_, journal::Error>((tx.traces(&person)?, tx.choice(&person)?))).unwrap();
    assert_eq!((traces, choice), (Traces::default(), Choice::default()));
    let file = desk.control.files(&acme, &line.ticket, true).unwrap().remove(0);
    assert!(file.gone && file.name.is_empty(), "{file:?}");
    assert!(!ann.get("/search?q=canary").await.body.contains("canary-name"));
    assert!(desk.journal.verify(&[]).unwrap().is_sound());
    let left = desk.journal.read(|tx| tx.person(&person)).unwrap().unwrap();
    assert!(left.erased.is_some() && left.name.starts_with("Erased person"));
    let mut dump = Vec::new();
    desk.journal.export(&mut dump).unwrap();
    assert!(!String::from_utf8_lossy(&dump).contains("Name of bo"), "the chain knew no name");
}

#[tokio::test]
async fn mp_esc_03_staff_are_given_the_roles_that_a_ladder_calls() {
    let desk = Desk::managed();
    let mut ann = desk.signed_in("ann").await;
    let page = ann.get("/people").await.body;
    assert!(page.contains("is called at level 2: service delivery manager"), "{page}");
    let made =
        ann.post("/people", "login=lea&name=Lea&role=service-delivery-manager&role=emperor").await.body;
    assert!(made.contains("Lea") && made.contains(">service-delivery-manager<"), "{made}");
    assert!(!made.contains("emperor"), "{made}");
}

#[tokio::test]
async fn staff_are_added_shut_out_and_lose_factors_by_an_administrator() {
    let desk = Desk::agreed();
    desk.add_named("eng", "Name of eng", None, &["engineer"]);
    let mut eng = desk.signed_in("eng").await;
    let page = eng.get("/people").await.body;
    assert!(
        page.contains("Name of ann")
            && page.contains("/clients/acme/people")
            && !page.contains("/people/disable")
    );
    assert_eq!(eng.post("/people", "login=new&name=New").await.status, StatusCode::FORBIDDEN);
    // A manager keeps the list, and is no way to become an administrator.
    let mut sam = desk.signed_in("sam").await;
    let anns = format!("person={}", id(&desk, "ann"));
    for act in ["secret", "reset", "disable"] {
        assert_eq!(sam.post(&format!("/people/{act}"), &anns).await.status, StatusCode::FORBIDDEN, "{act}");
    }
    let page = sam.get("/people").await.body;
    assert!(page.contains(&format!("/people/{}", id(&desk, "eng"))), "{page}");
    assert!(!page.contains(&id(&desk, "ann")) && page.contains("an administrator's to do"), "{page}");
    let raised = sam.post("/people", "login=new&name=New+One&role=administrator").await;
    assert_eq!(raised.status, StatusCode::FORBIDDEN);
    let mut ann = desk.signed_in("ann").await;
    assert!(!ann.get("/people").await.body.contains("is called at level"), "this agreement has no ladder");
    let made = ann.post("/people", "login=new&name=New+One&role=engineer&skills=atlassian-dc").await;
    assert_eq!(welcome(&desk, "new", &secret(&made.body)).await, StatusCode::SEE_OTHER);
    let taken = ann.post("/people", "login=new&name=New+One&role=engineer").await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(taken.body.contains("is taken") && taken.body.contains("value=\"new\""));
    let new = format!("person={}", id(&desk, "new"));
    for (act, done) in [("reset", "factor-removed"), ("disable", "removed"), ("enable", "recorded")] {
        let answer = ann.post(&format!("/people/{act}"), &new).await;
        assert_eq!(answer.header("location"), format!("/people?done={done}"), "{act}: {}", answer.body);
    }
    let last = ann.post("/people/disable", &format!("person={}", id(&desk, "ann"))).await;
    assert_eq!(last.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(last.body.contains("last administrator"));
    let bos = format!("person={}", id(&desk, "bo"));
    assert_eq!(ann.post("/people/disable", &bos).await.status, StatusCode::NOT_FOUND, "not of staff");
    // Nor is a manager a way to become an engineer who is here.
    let engs = format!("person={}", id(&desk, "eng"));
    let taken = sam.post("/people/secret", &engs).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        taken.body.contains("has been here") && !taken.body.contains("class=\"token\""),
        "{}",
        taken.body
    );
    assert_eq!(sam.post("/people/reset", &engs).await.status, StatusCode::FORBIDDEN);
    sam.post("/people", "login=newer&name=Newer&role=engineer").await;
    let newer = sam.post("/people/secret", &format!("person={}", id(&desk, "newer"))).await;
    assert!(newer.body.contains("class=\"token\""), "who never had a door: {}", newer.body);
    assert!(ann.post("/people/secret", &engs).await.body.contains("class=\"token\""));
    assert_eq!(desk.signed_in("bo").await.get("/people").await.status, StatusCode::NOT_FOUND);
}

/// A contact is no way to become a colleague: who has been here keeps their door, and the provider alone gives another.
#[tokio::test]
async fn a_contact_gives_no_way_in_to_who_has_one() {
    let desk = Desk::agreed();
    let mut bo = desk.signed_in("bo").await;
    let doras = format!("person={}", id(&desk, "dora"));
    assert!(!bo.get(PEOPLE).await.body.contains("/people/secret"), "not offered");
    let taken = bo.post(&format!("{PEOPLE}/secret"), &doras).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        taken.body.contains("has been here") && !taken.body.contains("class=\"token\""),
        "{}",
        taken.body
    );
    // Who never came gets another secret, until they have.
    let first = name(&mut bo, "fay", "&role=approver").await;
    let fays = format!("person={}", id(&desk, "fay"));
    let second = secret(&bo.post(&format!("{PEOPLE}/secret"), &fays).await.body);
    assert_eq!(welcome(&desk, "fay", &first).await, StatusCode::FORBIDDEN);
    assert_eq!(welcome(&desk, "fay", &second).await, StatusCode::SEE_OTHER);
    assert_eq!(bo.post(&format!("{PEOPLE}/secret"), &fays).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    // The provider's manager may; a success manager keeps the list and may not.
    desk.add_named("cas", "Name of cas", None, &["csm"]);
    let mut cas = desk.signed_in("cas").await;
    assert_eq!(cas.post(&format!("{PEOPLE}/secret"), &doras).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let given = desk.signed_in("sam").await.post(&format!("{PEOPLE}/secret"), &doras).await;
    assert_eq!(welcome(&desk, "dora", &secret(&given.body)).await, StatusCode::SEE_OTHER);
    let events = desk.journal.read(|tx| tx.door_events(&id(&desk, "dora"))).unwrap();
    assert!(events.iter().any(|event| event.event == "password set by invitation"), "{events:?}");
}

/// Whatever is cut off on the way, nobody counts before the notice is over.
#[tokio::test]
async fn sh_req_06_a_notice_that_was_cut_off_lets_nobody_in() {
    let desk = Desk::agreed();
    let new = NewPerson {
        login: "gil".to_owned(),
        name: "Name of gil".to_owned(),
        client: Some(client("acme")),
        roles: vec!["approver".to_owned()],
        skills: Vec::new(),
    };
    let gil = add_uncounted(&desk.journal, &new, desk.now()).unwrap();
    assert_eq!(stands(&desk, "gil"), Membership::Announced, "before there is a fact");
    let (contact, by) =
        (gil.id.parse::<ContactId>().unwrap(), By::new(Actor::client(&id(&desk, "bo")).role("contact")));
    desk.control.name_contact(&client("acme"), &contact, gil.roles.clone(), by, desk.now()).unwrap();
    desk.wait(Length::from_secs(30 * 86_400));
    assert_eq!(stands(&desk, "gil"), Membership::Announced, "before the term was noted");
    let mut sam = desk.signed_in("sam").await;
    sam.post(&format!("{PEOPLE}/apply"), &format!("person={}", gil.id)).await;
    assert_eq!(stands(&desk, "gil"), Membership::Effective, "noted now, as the facts say");
}

#[tokio::test]
async fn who_was_of_staff_is_erased_by_an_administrator_once_they_are_shut_out() {
    let desk = Desk::agreed();
    desk.add_named("eng", "Name of eng", None, &["engineer"]);
    let engs = format!("person={}", id(&desk, "eng"));
    let mut sam = desk.signed_in("sam").await;
    assert_eq!(sam.post("/people/erase", &engs).await.status, StatusCode::FORBIDDEN);
    let mut ann = desk.signed_in("ann").await;
    assert_eq!(ann.post("/people/erase", &engs).await.header("location"), "/people", "shut out first");
    assert!(desk.journal.read(|tx| tx.person_by_login("eng")).unwrap().is_some());
    ann.post("/people/disable", &engs).await;
    assert!(ann.get("/people").await.body.contains("/people/erase"));
    assert_eq!(ann.post("/people/erase", &engs).await.header("location"), "/people?done=erased");
    assert!(desk.journal.read(|tx| tx.person_by_login("eng")).unwrap().is_none());
    assert!(!ann.get("/people").await.body.contains("Name of eng"));
}

/// SH-DEF-12: a removal can be said beforehand; the day itself removes.
#[tokio::test]
async fn who_is_to_leave_counts_until_the_day_and_is_removed_by_it() {
    let desk = Desk::agreed();
    let mut bo = desk.signed_in("bo").await;
    let doras = format!("person={}", id(&desk, "dora"));
    let mut dora = desk.signed_in("dora").await;
    // The test's clock stands at 2027-01-15.
    for wrong in ["2027-01-14", "soon"] {
        let past =
            bo.post(&format!("{PEOPLE}/leaves"), &format!("{doras}&leaves={wrong}&leaves-zone=UTC")).await;
        assert_eq!(past.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    let then = format!("{doras}&leaves=2027-01-17&leaves-zone=UTC");
    let planned = bo.post(&format!("{PEOPLE}/leaves"), &then).await;
    assert_eq!(planned.header("location"), "/clients/acme/people?done=recorded", "{}", planned.body);
    assert_eq!(stands(&desk, "dora"), Membership::Leaving);
    assert!(bo.get(PEOPLE).await.body.contains("counts until"));
    // Who is to leave works on, gives nobody a way in, and stands in for nobody.
    assert_eq!(dora.get("/clients/acme/tickets").await.status, StatusCode::OK);
    assert_eq!(dora.post("/account/tokens", "name=x&days=1").await.status, StatusCode::FORBIDDEN);
    let bos = format!("person={}", id(&desk, "bo"));
    for (act, form) in
        [("remove", bos.clone()), ("leaves", format!("{bos}&leaves=2027-02-01&leaves-zone=UTC"))]
    {
        let last = bo.post(&format!("{PEOPLE}/{act}"), &form).await;
        assert_eq!(last.status, StatusCode::UNPROCESSABLE_ENTITY, "{act}");
        assert!(last.body.contains("is the last who may ask for support"), "{act}");
    }
    // Minds change.
    bo.post(&format!("{PEOPLE}/leaves"), &doras).await;
    assert_eq!(stands(&desk, "dora"), Membership::Effective);
    bo.post(&format!("{PEOPLE}/leaves"), &then).await;
    desk.wait(Length::from_secs(2 * 86_400));
    // Out, before anybody has looked.
    assert_eq!(dora.get("/account").await.header("location"), "/sign-in?next=/account");
    assert_eq!(desk.browser().sign_in("dora", crate::desk::PASSWORD).await.status, StatusCode::FORBIDDEN);
    for _ in 0..2 {
        desk.app.see_off().await;
    }
    let (person, _) = desk.journal.read(|tx| tx.person_by_login("dora")).unwrap().unwrap();
    assert!(person.disabled.is_some());
    let told = desk.journal.read(|tx| tx.entries(&client("acme"), 0, 1_000)).unwrap();
    assert_eq!(told.iter().filter(|e| e.fact.event().name().starts_with("contact.")).count(), 1, "once");
}

/// Whoever may give another way in ends what came in by the old one, at once.
#[tokio::test]
async fn sessions_of_another_are_ended_by_who_may_give_a_way_back_in() {
    let desk = Desk::agreed();
    desk.add_named("eng", "Name of eng", None, &["engineer"]);
    let (mut eng, mut dora) = (desk.signed_in("eng").await, desk.signed_in("dora").await);
    let (engs, doras) = (format!("person={}", id(&desk, "eng")), format!("person={}", id(&desk, "dora")));
    let (mut bo, mut sam) = (desk.signed_in("bo").await, desk.signed_in("sam").await);
    let theirs = format!("{PEOPLE}/sessions");
    assert_eq!(bo.post(&theirs, &doras).await.status, StatusCode::NOT_FOUND, "not a contact");
    assert_eq!(
        sam.post("/people/sessions", &engs).await.status,
        StatusCode::FORBIDDEN,
        "nor a manager of staff"
    );
    let ended = sam.post(&theirs, &doras).await;
    assert_eq!(ended.header("location"), "/clients/acme/people?done=session-ended", "{}", ended.body);
    assert_eq!(dora.get("/account").await.header("location"), "/sign-in?next=/account");
    let mut ann = desk.signed_in("ann").await;
    assert!(ann.get("/people").await.body.contains("/people/sessions"));
    assert_eq!(ann.post("/people/sessions", &engs).await.header("location"), "/people?done=session-ended");
    assert_eq!(eng.get("/account").await.header("location"), "/sign-in?next=/account");
    let events = desk.journal.read(|tx| tx.door_events(&id(&desk, "eng"))).unwrap();
    assert!(events.iter().any(|event| event.event == "sessions ended" && event.doer == id(&desk, "ann")));
}
