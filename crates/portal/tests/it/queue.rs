//! The desk's pages: the queue, what is done with tickets, drafts, files, searching, wishes.

use axum::http::{Method, StatusCode};
use spans::Length;

use crate::{
    desk::{Browser, Desk},
    ticket::{fill, key},
};

const T1: &str = "/clients/acme/tickets/T-1";

fn desk() -> Desk {
    let desk = Desk::agreed();
    desk.request("acme", "T-1", "The wiki is slow", "P2");
    desk.request("acme", "T-2", "Colours of the menu", "P4");
    desk.wait(Length::MINUTE);
    desk
}

async fn done(browser: &mut Browser<'_>, to: &str, form: &str) {
    let answer = fill(browser, T1, to, form).await;
    let said = answer.header("location").strip_prefix(&format!("{T1}?done=")).unwrap_or_default();
    assert!(["recorded", "undoable"].contains(&said), "{to}: {} {}", answer.status, answer.body);
}

#[tokio::test]
async fn the_queue_says_whose_turn_it_is_and_shows_what_is_asked_for() {
    let desk = desk();
    let mut sam = desk.signed_in("sam").await;
    done(&mut sam, &format!("{T1}/take"), "").await;
    done(&mut sam, &format!("{T1}/tag"), "add=search,+EU-1").await;
    let all = sam.get("/tickets").await.body;
    for part in ["Our turn", "The wiki is slow", "Colours of the menu", "eu-1", "nobody", "2 open"] {
        assert!(all.contains(part), "{part}: {all}");
    }
    let mine = sam.get("/tickets?who=me").await.body;
    assert!(mine.contains("The wiki is slow") && !mine.contains("Colours"), "{mine}");
    let tagged = sam.get("/tickets?tag=search&turn=provider").await.body;
    assert!(tagged.contains("The wiki is slow") && !tagged.contains("Colours"), "{tagged}");
    let none = sam.get("/tickets?turn=client").await.body;
    assert!(none.contains("Nothing open fits") && none.contains("Look at all 2"), "{none}");
    let unclassified = sam.get("/tickets?unclassified=yes").await.body;
    assert!(unclassified.contains("Colours"), "SH-CHAR-02: {unclassified}");
    // The client sees neither the queue nor the provider's words.
    let mut bo = desk.signed_in("bo").await;
    assert_eq!(bo.get("/tickets").await.status, StatusCode::NOT_FOUND);
    let theirs = bo.get(T1).await.body;
    assert!(!theirs.contains("eu-1") && !theirs.contains("Who has it"), "{theirs}");
}

/// The page offers what the policy allows, and nothing else: an administrator answers no clients.
#[tokio::test]
async fn a_ticket_offers_what_its_reader_may_do() {
    let desk = desk();
    let form = |verb: &str| format!("action=\"{T1}/{verb}\"");
    let (mut sam, mut ann) = (desk.signed_in("sam").await, desk.signed_in("ann").await);
    let (answers, looks_after) = (sam.get(T1).await.body, ann.get(T1).await.body);
    for verb in ["reply", "take", "merge", "resolve", "files"] {
        assert!(answers.contains(&form(verb)), "{verb}: {answers}");
        assert!(!looks_after.contains(&form(verb)), "{verb}: {looks_after}");
    }
    assert!(looks_after.contains(&form("link")), "{looks_after}");
}

#[tokio::test]
async fn several_are_given_at_once_and_what_is_refused_is_told() {
    let desk = desk();
    let mut sam = desk.signed_in("sam").await;
    let form = "ticket=acme/T-1&ticket=acme/T-2&to=nobody&add=later&query=turn%3Dprovider";
    let answer = fill(&mut sam, "/tickets", "/tickets/bulk", form).await;
    assert_eq!(answer.header("location"), "/tickets?turn=provider&done=undoable", "{}", answer.body);
    let all = sam.get("/tickets?tag=later").await.body;
    assert!(all.contains("The wiki is slow") && all.contains("Colours"), "{all}");
    let odd =
        fill(&mut sam, "/tickets", "/tickets/bulk", "ticket=acme/T-1&add=odd&query=a%0D%0AX%3A+y").await;
    let to = (odd.status, odd.header("location"));
    assert_eq!(to, (StatusCode::SEE_OTHER, "/tickets?done=undoable"), "{}", odd.body);
    let kept = sam.post("/tickets/views", "name=odd&query=a%0Ab").await;
    assert_eq!((kept.status, kept.header("location")), (StatusCode::SEE_OTHER, "/tickets"), "{}", kept.body);
    let nobody = fill(&mut sam, "/tickets", "/tickets/bulk", "ticket=acme/T-1&to=somebody").await;
    assert!(nobody.body.contains("nobody of the provider"), "{}", nobody.body);
    let refused = fill(&mut sam, "/tickets", "/tickets/bulk", "ticket=acme/T-9&add=later").await;
    assert!(refused.body.contains("T-9: there is no ticket T-9"), "{}", refused.body);
    let nothing = fill(&mut sam, "/tickets", "/tickets/bulk", "add=later").await;
    assert!(nothing.body.contains("Choose tickets"), "{}", nothing.body);
}

/// What was just done is taken back by a button of the notice, once, by whoever did it, and both stand on record.
#[tokio::test]
async fn what_was_done_at_the_desk_is_undone() {
    let desk = desk();
    let mut sam = desk.signed_in("sam").await;
    let undo = format!("back={T1}?done%3Dundoable");
    let told = |page: &str, what: &str| page.contains(what);
    for (act, form, shown) in [
        ("tag", "add=later", ">later <"),
        ("take", "", "<p><b>Name of sam</b>"),
        ("watch", "", "Watched by"),
        ("link", "other=T-2&link=relates", "<li>has to do with"),
        ("merge", "other=T-2", "<li>goes on in"),
    ] {
        done(&mut sam, &format!("{T1}/{act}"), form).await;
        let page = sam.get(&format!("{T1}?done=undoable")).await.body;
        assert!(told(&page, shown) && page.contains("action=\"/undo\""), "{act}: {page}");
        let undone = sam.post("/undo", &undo).await;
        assert_eq!(undone.header("location"), format!("{T1}?done=undone"), "{act}: {}", undone.body);
        assert!(!told(&sam.get(T1).await.body, shown), "{act}");
        let again = sam.post("/undo", &undo).await;
        assert_eq!(again.header("location"), format!("{T1}?done=not-undone"), "{act}: once");
    }
    // From another page, by somebody else, or when somebody else has it since: it stays.
    done(&mut sam, &format!("{T1}/take"), "").await;
    assert_eq!(sam.post("/undo", "back=/tickets").await.header("location"), "/tickets?done=not-undone");
    assert_eq!(
        desk.signed_in("ann").await.post("/undo", &undo).await.header("location"),
        format!("{T1}?done=not-undone")
    );
    desk.add_named("eng", "Name of eng", None, &["engineer"]);
    let mut eng = desk.signed_in("eng").await;
    done(&mut eng, &format!("{T1}/take"), "").await;
    assert_eq!(sam.post("/undo", &undo).await.header("location"), format!("{T1}?done=not-undone"));
    assert!(sam.get(T1).await.body.contains("<p><b>Name of eng</b>"));
    // Several at once.
    let form = "ticket=acme/T-1&ticket=acme/T-2&to=nobody&add=many&query=turn%3Dprovider";
    fill(&mut sam, "/tickets", "/tickets/bulk", form).await;
    assert!(sam.get("/tickets?tag=many").await.body.contains("Colours"));
    let undone = sam.post("/undo", "back=/tickets?turn%3Dprovider").await;
    assert_eq!(undone.header("location"), "/tickets?turn=provider&done=undone", "{}", undone.body);
    assert!(sam.get("/tickets?tag=many").await.body.contains("Nothing open fits"));
    assert!(sam.get(T1).await.body.contains("<p><b>Name of eng</b>"));
}

/// What the provider's people write for themselves about a client stands in their queue and beside the client's tickets, and no
/// client sees it.
#[tokio::test]
async fn an_internal_ticket_is_for_the_providers_people() {
    let desk = desk();
    let mut sam = desk.signed_in("sam").await;
    let form = "/clients/acme/tickets/internal";
    let empty = fill(&mut sam, form, form, "title=Renewal&text=").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", empty.body);
    let sent = fill(&mut sam, form, form, "title=Renewal+of+acme&text=They+ask+for+fewer+users").await;
    let own = "/clients/provider/tickets/I-1";
    assert_eq!(sent.header("location"), format!("{own}?done=recorded"), "{}", sent.body);
    let page = sam.get(own).await.body;
    for part in ["Renewal of acme", "They ask for fewer users", "Internal, about", "I-1", "Close it"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    for gone in ["action=\"/clients/provider/tickets/I-1/reply\"", "/merge\"", "/classify\"", "/split\""] {
        assert!(!page.contains(gone), "{gone}: {page}");
    }
    let noted = fill(&mut sam, own, &format!("{own}/note"), "text=Ask+sales").await;
    assert_eq!(noted.header("location"), format!("{own}?done=recorded"), "{}", noted.body);
    for list in ["/tickets", "/tickets?client=acme", "/clients/acme/tickets", "/search?q=fewer"] {
        assert!(sam.get(list).await.body.contains("Renewal of acme"), "{list}");
    }
    assert!(!sam.get("/tickets?client=beta").await.body.contains("Renewal of acme"));
    let mut bo = desk.signed_in("bo").await;
    for list in ["/clients/acme/tickets", "/clients/acme/search?q=fewer", "/"] {
        let page = bo.get(list).await.body;
        assert!(!page.contains("Renewal") && !page.contains("nternal"), "{list}: {page}");
    }
    for path in [own, form, "/clients/provider/tickets"] {
        assert_eq!(bo.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let closed = fill(&mut sam, own, &format!("{own}/resolve"), "summary=Renewed").await;
    assert_eq!(closed.header("location"), format!("{own}?done=recorded"), "{}", closed.body);
    assert!(!sam.get("/tickets").await.body.contains("Renewal of acme"));
}

#[tokio::test]
async fn a_view_is_kept_for_oneself_or_for_all() {
    let desk = desk();
    let (mut sam, mut ann) = (desk.signed_in("sam").await, desk.signed_in("ann").await);
    for form in ["query=who%3Dme&name=Mine", "query=tag%3Deu&name=Europe&shared=yes"] {
        assert_eq!(sam.post("/tickets/views", form).await.status, StatusCode::SEE_OTHER);
    }
    let ours = sam.get("/tickets").await.body;
    assert!(ours.contains(">Mine<") && ours.contains("Europe"), "{ours}");
    let theirs = ann.get("/tickets").await.body;
    assert!(!theirs.contains(">Mine<") && theirs.contains("Europe"), "{theirs}");
    let not_hers = ann.post("/tickets/views/drop", "name=Europe").await;
    assert!(not_hers.status.is_client_error(), "{}", not_hers.status);
    assert_eq!(sam.post("/tickets/views/drop", "name=Mine").await.status, StatusCode::SEE_OTHER);
    assert!(!sam.get("/tickets").await.body.contains(">Mine<"));
}

#[tokio::test]
async fn what_is_written_is_found_and_a_note_by_the_providers_people_only() {
    let desk = desk();
    let mut sam = desk.signed_in("sam").await;
    done(&mut sam, &format!("{T1}/note"), "text=The+index+is+corrupt").await;
    done(&mut sam, &format!("{T1}/reply"), "text=We+rebuild+something+%3Cb%3E").await;
    let found = sam.get("/search?q=corrupt").await.body;
    assert!(found.contains("The wiki is slow") && found.contains("<mark>corrupt</mark>"), "{found}");
    let found = sam.get("/clients/acme/search?q=rebuil").await.body;
    assert!(
        found.contains("<mark>rebuild</mark> something &#60;b&#62;") || found.contains("&lt;b&gt;"),
        "{found}"
    );
    let mut bo = desk.signed_in("bo").await;
    assert_eq!(bo.get("/search?q=corrupt").await.status, StatusCode::NOT_FOUND);
    let theirs = bo.get("/clients/acme/search?q=corrupt").await.body;
    assert!(theirs.contains("Nothing is found"), "{theirs}");
    assert!(bo.get("/clients/acme/search?q=rebuild").await.body.contains("The wiki is slow"));
    assert!(bo.get("/clients/acme/search?q=t-2").await.body.contains("Colours"));
    assert!(bo.get("/clients/acme/search").await.body.contains("Every word has to stand"));
    assert_eq!(
        desk.signed_in("cy").await.get("/clients/acme/search?q=wiki").await.status,
        StatusCode::NOT_FOUND
    );
    let api = bo.get("/api/v1/clients/acme/search?q=wiki").await;
    assert!(api.body.contains("\"ticket\":\"T-1\"") && !api.body.contains("T-2"), "{}", api.body);
}

#[tokio::test]
async fn a_draft_is_ones_own_and_whoever_types_takes_the_ticket() {
    let desk = desk();
    let mut sam = desk.signed_in("sam").await;
    let kept = sam.post(&format!("{T1}/draft"), "text=We+are+looking").await;
    assert_eq!(kept.header("location"), format!("{T1}?done=draft-kept#f-text"), "{}", kept.body);
    let page = sam.get(T1).await.body;
    assert!(page.contains("We are looking</textarea>") && !page.contains("Take it"), "typing claims: {page}");
    let mut ann = desk.signed_in("ann").await;
    let other = ann.get(T1).await.body;
    assert!(other.contains("writing about this just now") && !other.contains("We are looking"), "{other}");
    let mut bo = desk.signed_in("bo").await;
    let theirs = bo.get(T1).await.body;
    assert!(!theirs.contains("just now") && !theirs.contains("We are looking"), "{theirs}");
    assert_eq!(sam.post(&format!("{T1}/draft"), "text=&by=script").await.status, StatusCode::NO_CONTENT);
    assert!(!sam.get(T1).await.body.contains("We are looking"));
    assert_eq!(sam.post("/clients/acme/tickets/T-9/draft", "text=x").await.status, StatusCode::NOT_FOUND);
}

/// Script saves and sends on two connections, and what was saved last may come in last.
#[tokio::test]
async fn what_was_sent_is_no_draft_again() {
    let desk = desk();
    let mut sam = desk.signed_in("sam").await;
    let form = key(&sam.get(T1).await.body);
    let save = format!("by=script&key={form}&text=We+are+loo");
    assert_eq!(sam.post(&format!("{T1}/draft"), &save).await.status, StatusCode::NO_CONTENT);
    assert!(sam.get(T1).await.body.contains("We are loo</textarea>"));
    let sent = sam.post(&format!("{T1}/reply"), &format!("key={form}&text=We+are+looking")).await;
    assert_eq!(sent.header("location"), format!("{T1}?done=recorded"), "{}", sent.body);
    assert_eq!(sam.post(&format!("{T1}/draft"), &save).await.status, StatusCode::NO_CONTENT);
    let page = sam.get(T1).await.body;
    assert!(!page.contains("We are loo</textarea>"), "{page}");
    let pressed = sam.post(&format!("{T1}/draft"), &format!("key={form}&text=Kept+by+hand")).await;
    assert_eq!(pressed.status, StatusCode::SEE_OTHER);
    assert!(sam.get(T1).await.body.contains("Kept by hand</textarea>"), "who presses the button means it");
    let next = format!("by=script&key={}&text=And+more", key(&page));
    sam.post(&format!("{T1}/draft"), &next).await;
    assert!(sam.get(T1).await.body.contains("And more</textarea>"), "what is written after that is one");
}

/// SH-REQ-03: what one attaches is there for the other side, as a download that no browser opens in our name.
#[tokio::test]
async fn a_file_is_attached_read_and_taken_away() {
    let desk = desk();
    let mut bo = desk.signed_in("bo").await;
    let form = key(&bo.get(T1).await.body);
    let sent = |name: &str, text: &str, more: &str| {
        format!(
            "--x\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\n{form}\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/html\r\n\r\n{text}\r\n{more}--x--\r\n"
        )
    };
    let to = format!("{T1}/files");
    let attached = bo.multipart(&to, "x", &sent("log.txt", "<script>one line</script>", "")).await;
    assert_eq!(attached.header("location"), format!("{T1}?done=recorded"), "{}", attached.body);
    let refused = bo.multipart(&to, "x", &sent("page.html", "<html>", "")).await;
    assert!(refused.body.contains("are not taken"), "{}", refused.body);
    let page = bo.get(T1).await.body;
    assert!(page.contains("log.txt") && page.contains("Take away"), "{page}");
    let link = page
        .split("href=\"")
        .find(|part| part.contains("/files/"))
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let file = bo.get(&link).await;
    assert_eq!((file.status, file.body.as_str()), (StatusCode::OK, "<script>one line</script>"));
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"log.txt\""));
    assert_eq!(file.header("content-type"), "text/plain");
    assert!(file.header("content-security-policy").contains("sandbox"));
    assert_eq!(desk.signed_in("cy").await.get(&link).await.status, StatusCode::NOT_FOUND);
    let list = bo.get("/api/v1/clients/acme/requests/T-1/files").await;
    assert!(list.body.contains("\"media\":\"text/plain\""), "{}", list.body);

    let mut sam = desk.signed_in("sam").await;
    let form = key(&sam.get(T1).await.body);
    let internal = "--x\r\nContent-Disposition: form-data; name=\"internal\"\r\n\r\nyes\r\n";
    let own = format!(
        "--x\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\n{form}\r\n{internal}--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"own.txt\"\r\n\r\nsecret\r\n--x--\r\n"
    );
    sam.multipart(&to, "x", &own).await;
    assert!(sam.get(T1).await.body.contains("own.txt"));
    assert!(!bo.get(T1).await.body.contains("own.txt"));
    // Nor is the provider's file the client's to take away; of an internal one it does not hear.
    let page = sam.get(T1).await.body;
    let links = page.split("href=\"").filter(|part| part.contains("/files/"));
    let links: Vec<String> = links.map(|part| part.split('"').next().unwrap().to_owned()).collect();
    let own = links.iter().find(|other| **other != link).unwrap();
    let hidden = fill(&mut bo, T1, &format!("{own}/remove"), "").await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND, "{}", hidden.body);
    let none = fill(&mut bo, T1, &format!("{T1}/files/f-none/remove"), "").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND, "{}", none.body);
    let form = key(&sam.get(T1).await.body);
    let open = format!(
        "--x\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\n{form}\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"fix.txt\"\r\n\r\nthe fix\r\n--x--\r\n"
    );
    sam.multipart(&to, "x", &open).await;
    let page = bo.get(T1).await.body;
    let fix =
        page.split("href=\"").filter(|part| part.contains("/files/")).find(|part| part.contains("fix.txt"));
    let fix = fix.unwrap().split('"').next().unwrap().to_owned();
    assert!(page.contains(&format!("{link}/remove")), "their own is theirs to take away: {page}");
    assert!(!page.contains(&format!("{fix}/remove")), "the provider's is not: {page}");
    let refused = fill(&mut bo, T1, &format!("{fix}/remove"), "").await;
    assert!(refused.body.contains("The other side attached it"), "{}", refused.body);
    assert_eq!((bo.get(&fix).await.body.as_str(), sam.get(own).await.body.as_str()), ("the fix", "secret"));
    for page in [bo.get(T1).await.body, bo.get("/api/v1/clients/acme/requests/T-1").await.body] {
        let told = page.matches("attached a file").count() + page.matches("\"file.attached\"").count();
        assert_eq!(told, 2, "of the internal one nothing is said: {page}");
    }
    let gone = fill(&mut bo, T1, &format!("{link}/remove"), "").await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER, "{}", gone.body);
    assert_eq!(bo.get(&link).await.status, StatusCode::NOT_FOUND);
    assert!(bo.get(T1).await.body.contains("a file that was taken away"));
}

/// SH-ACK-04, SH-ACK-05: a feature request is closed and listed, and no clock runs.
#[tokio::test]
async fn sh_ack_04_a_feature_request_is_closed_and_listed_under_wishes() {
    let desk = desk();
    let mut sam = desk.signed_in("sam").await;
    assert!(sam.get("/wishes").await.body.contains("No wish yet"));
    done(&mut sam, &format!("{T1}/classify"), "class=feature").await;
    let wishes = sam.get("/wishes").await.body;
    assert!(wishes.contains("The wiki is slow") && !wishes.contains("Colours"), "{wishes}");
    let mut bo = desk.signed_in("bo").await;
    assert!(bo.get("/clients/acme/wishes").await.body.contains("The wiki is slow"));
    assert_eq!(bo.get("/wishes").await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.signed_in("cy").await.get("/clients/acme/wishes").await.status, StatusCode::NOT_FOUND);
}

/// SH-CHAR-06: the client appeals on the page, a manager decides with words that the client reads.
#[tokio::test]
async fn sh_char_06_an_appeal_is_opened_and_decided_on_the_page() {
    let desk = desk();
    let mut sam = desk.signed_in("sam").await;
    done(&mut sam, &format!("{T1}/reprioritise"), "priority=P4&message=One+person+is+affected").await;
    let mut bo = desk.signed_in("bo").await;
    assert!(bo.get(T1).await.body.contains("Appeal against the priority"));
    let empty = fill(&mut bo, T1, &format!("{T1}/appeal"), "text=").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    done(&mut bo, &format!("{T1}/appeal"), "text=All+of+us+are").await;
    assert!(sam.get(T1).await.body.contains("Decide the appeal"));
    let mut ann = desk.signed_in("ann").await;
    let not_hers = fill(&mut ann, T1, &format!("{T1}/decide"), "upheld=yes&text=Yes").await;
    assert!(not_hers.status.is_client_error(), "a manager decides: {}", not_hers.body);
    done(&mut sam, &format!("{T1}/decide"), "upheld=yes&text=You+are+right").await;
    assert!(bo.get(T1).await.body.contains("You are right"));
}

#[tokio::test]
async fn a_part_is_split_off_merged_and_linked() {
    let desk = desk();
    let mut sam = desk.signed_in("sam").await;
    let split = fill(&mut sam, T1, &format!("{T1}/split"), "title=The+printer&text=It+prints+nothing").await;
    assert_eq!(split.header("location"), "/clients/acme/tickets/T-3?done=recorded", "{}", split.body);
    done(&mut sam, &format!("{T1}/link"), "other=t-2&link=causes").await;
    let page = sam.get(T1).await.body;
    assert!(page.contains("is the cause of <a href=\"/clients/acme/tickets/T-2\">T-2</a>"), "{page}");
    let nowhere = fill(&mut sam, T1, &format!("{T1}/merge"), "other=T-99").await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND, "{}", nowhere.body);
    done(&mut sam, &format!("{T1}/merge"), "other=T-2").await;
    let page = sam.get(T1).await.body;
    assert!(page.contains("goes on in <a href=\"/clients/acme/tickets/T-2\">T-2</a>"), "{page}");
    assert!(!sam.get("/tickets").await.body.contains("The wiki is slow"), "it goes on elsewhere");
    done(&mut sam, &format!("{T1}/part"), "").await;
    assert!(sam.get("/tickets").await.body.contains("The wiki is slow"));
}

#[tokio::test]
async fn programs_do_the_same() {
    let desk = desk();
    let mut sam = desk.signed_in("sam").await;
    let at = "/api/v1/clients/acme/requests/T-1";
    for (path, body) in [
        ("assign", "{}"),
        ("tags", r#"{"add":["search"]}"#),
        ("link", r#"{"to":"T-2","link":"blocks"}"#),
        ("unlink", r#"{"to":"T-2"}"#),
        ("merge", r#"{"to":"T-2"}"#),
        ("part", "{}"),
    ] {
        let answer = sam.json(Method::POST, &format!("{at}/{path}"), body).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    }
    let seen = sam.get(at).await.body;
    assert!(seen.contains("\"tags\":[\"search\"]"), "{seen}");
    let mut bo = desk.signed_in("bo").await;
    assert!(bo.get(at).await.body.contains("\"tags\":[]"));
    let unknown = sam.json(Method::POST, &format!("{at}/merge"), r#"{"to":"T-77"}"#).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND, "{}", unknown.body);
}
