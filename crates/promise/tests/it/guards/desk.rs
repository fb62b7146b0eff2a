//! The desk's own acts: pauses, appeals, closing and opening, merging and splitting, what the provider's people keep.

use crate::{
    clock_cases::pausing,
    story::{ENTERPRISE, MANAGED, STANDARD, act},
};

const ASKED: &str = "mon 10:00 request T-1 priority P3 by jan; mon 10:05 request T-2 priority P3 by jan";
const LOWERED: &str = "mon 10:00 request T-1 priority P1 by jan; \
                       mon 11:00 reprioritise T-1 to P3 saying \"one user\" by anna";

/// What the guards say to an act after [`ASKED`].
#[track_caller]
fn after(sentence: &str, expected: &str) {
    act(ENTERPRISE, &format!("{ASKED}; {sentence}"), expected);
}

#[test]
fn a_pause_is_allowed_only_where_the_agreement_has_one() {
    let pause = "mon 11:00 fact request.paused ticket=T-1 reason=access-missing evidence=\"INC-1\" by anna";
    after(pause, "clocks run on under this agreement: it has no pause");
    let told = |sentence: &str, expected| act(pausing(STANDARD), &format!("{ASKED}; {sentence}"), expected);
    told(pause, "allowed");
    told(
        &pause.replace("access-missing", "lunch"),
        "`lunch` is no reason for which a clock may stand still: use access-missing, client-decides",
    );
    told(
        &pause.replace(" evidence=\"INC-1\"", ""),
        "attach what proves it: a claim without evidence is refused",
    );
    told(
        &format!("{pause} (recorded mon 12:00)"),
        "a pause begins when it is recorded: claim this one afterwards (`pause.claimed`), for the other side to agree to",
    );
    told(&pause.replace("by anna", "by jan"), "that is for the provider's people to do: write to them");
    told(
        &format!("{pause}; {pause}").replacen("mon 11:00", "mon 10:30", 1),
        "it stands still already: let it go on first",
    );
    told("mon 11:00 fact request.resumed ticket=T-1 by anna", "it is not paused: it runs");
    told(&format!("{pause}; mon 12:00 fact request.resumed ticket=T-1 by anna"), "allowed");
    told(
        &format!("mon 10:30 resolve T-1 saying \"done\" by anna; {pause}"),
        "request T-1 is closed: open it again first",
    );
}

#[test]
fn a_pause_said_afterwards_is_for_the_other_side_to_agree_to() {
    let claim = "tue 11:00 fact pause.claimed pause=P-1 ticket=T-1 from=2026-03-02T12:00:00Z \
                 until=2026-03-02T14:00:00Z reason=access-missing evidence=\"INC-1\" by anna";
    let agree = "tue 12:00 fact pause.agreed pause=P-1 ticket=T-1 by jan";
    let told = |sentence: &str, expected| act(pausing(STANDARD), &format!("{ASKED}; {sentence}"), expected);
    after(claim, "clocks run on under this agreement: it has no pause");
    told(claim, "allowed");
    let wrong =
        "a pause that is claimed afterwards lies between the receipt and now, and ends after it begins";
    for (from, to) in [("02T12", "01T12"), ("02T14", "02T11"), ("02T14", "04T14")] {
        told(&claim.replacen(from, to, 1), wrong);
    }
    told(&format!("{claim}; {agree}"), "allowed");
    told(
        &format!("{claim}; {agree}").replace("by jan", "by auto"),
        "the provider claimed it: somebody of the other side agrees or does not",
    );
    told(
        &format!("{claim}; {agree}").replace("by jan", "by mia"),
        "the provider claimed it: somebody of the other side agrees or does not",
    );
    told(agree, "there is no pause P-1 to agree to: claim it first");
    told(
        &format!("{claim}; {agree}; wed 10:00 fact pause.refused pause=P-1 ticket=T-1 reason=no by jan"),
        "that was settled already: claim another pause",
    );
    told(
        &format!("{claim}; wed 10:00 fact pause.refused pause=P-1 ticket=T-1 \"reason= \" by jan"),
        "say why it is refused",
    );
    told(
        &format!("{claim}; {}", claim.replace("tue", "wed")),
        "there is a pause of that name already: give this one another id",
    );
}

#[test]
fn sh_char_06_one_appeal_against_one_change_and_one_decision_with_its_reason() {
    let appeal = "mon 12:00 fact appeal.opened appeal=A-1 ticket=T-1 by jan";
    let decide = "mon 13:00 fact appeal.decided appeal=A-1 ticket=T-1 upheld=false text=5e1f by mia";
    let told = |story: &str, expected| act(STANDARD, &format!("{LOWERED}; {story}"), expected);
    told(&format!("{appeal}; {decide}"), "allowed");
    told(&format!("{appeal}; {decide}").replace(" text=5e1f", ""), "say why it is refused [SH-CHAR-06]");
    told(decide, "there is no appeal A-1 about this request: open it first [SH-CHAR-06]");
    told(
        &format!("{appeal}; {decide}; {}", decide.replace("13:00", "14:00")),
        "it was decided already, and that stands [SH-CHAR-06]",
    );
    let again = appeal.replace("12:00", "15:00").replace("A-1", "A-2");
    told(
        &format!("{appeal}; {decide}; {again}"),
        "this change was appealed against already: a manager decides it once [SH-CHAR-06]",
    );
    // Another change is another matter.
    let other = "mon 14:00 reprioritise T-1 to P4 saying \"nobody\" by anna";
    told(&format!("{appeal}; {decide}; {other}; {again}"), "allowed");
}

#[test]
fn sh_char_04_a_change_changes_something() {
    let same = "it is so already: change it to something else, or leave it";
    act(STANDARD, &format!("{LOWERED}; tue 10:00 reprioritise T-1 to P3 saying \"x\" by anna"), same);
    act(STANDARD, &format!("{LOWERED}; tue 10:00 reprioritise T-1 to P1 saying \"x\" by anna"), "allowed");
    // What nobody said is P3.
    act(
        STANDARD,
        "mon 10:00 request T-1 by jan; mon 11:00 reprioritise T-1 to P3 saying \"x\" by anna",
        same,
    );
    // An upheld appeal brought P1 back already.
    let appealed = "mon 12:00 fact appeal.opened appeal=A-1 ticket=T-1 by jan; \
                    mon 13:00 fact appeal.decided appeal=A-1 ticket=T-1 upheld=true text=5e1f by mia";
    let back = format!("{LOWERED}; {appealed}; tue 10:00 reprioritise T-1 to P1 saying \"x\" by anna");
    act(STANDARD, &back, same);
    // Medium is Normal.
    act(
        MANAGED,
        "mon 10:00 request T-1 kind outage urgency normal by poc; mon 11:00 reprioritise T-1 urgency Medium saying \"x\" by eva",
        same,
    );
}

#[test]
fn a_request_is_taken_back_by_the_client_and_opened_again_when_it_is_closed() {
    after("mon 11:00 withdraw T-1 by anna", "the client takes a request back: resolve it, and say why");
    after("mon 11:00 withdraw T-1 by jan", "allowed");
    after("mon 11:00 fact request.reopened ticket=T-1 by jan", "it is open: reply to it");
    after("mon 11:00 withdraw T-1 by jan; mon 12:00 fact request.reopened ticket=T-1 by jan", "allowed");
    after("mon 11:00 ask T-1 by jan", "that is for the provider's people to do: write to them");
}

#[test]
fn merging_goes_one_way_and_in_no_circle() {
    let merge = "mon 11:00 fact request.merged ticket=T-1 into=T-2 by anna";
    after(merge, "allowed");
    after(&merge.replace("by anna", "by jan"), "that is for the provider's people to do: write to them");
    after(&merge.replace("into=T-2", "into=T-1"), "that is the request itself: name another");
    after(&merge.replace("into=T-2", "into=T-9"), "there is no request T-9 of this client: name another");
    let back = "mon 12:00 fact request.merged ticket=T-2 into=T-1 by anna";
    after(&format!("{merge}; {back}"), "it goes on in T-2: do it there, or part them first");
    after(
        &format!("{merge}; {}", merge.replace("11:00", "12:00")),
        "it goes on in T-2: do it there, or part them first",
    );
    after(
        &format!("{merge}; mon 12:00 resolve T-1 saying \"done\" by anna"),
        "it goes on in T-2: do it there, or part them first",
    );
    after(&format!("mon 10:30 withdraw T-2 by jan; {merge}"), "request T-2 is closed: open it again first");
    let part = "mon 12:00 fact request.parted ticket=T-1 from=T-2 by anna";
    after(part, "T-1 does not go on in T-2");
    after(&format!("{merge}; {part}"), "allowed");
    after(&format!("{merge}; {part}; mon 13:00 fact request.merged ticket=T-2 into=T-1 by anna"), "allowed");
}

#[test]
fn a_chain_of_merged_requests_ends() {
    let names: Vec<String> =
        (1..=18).map(|n| format!("mon 10:00 request T-{n} priority P3 by jan")).collect();
    let merges: Vec<String> = (1..=16)
        .map(|n| format!("mon 11:{n:02} fact request.merged ticket=T-{n} into=T-{} by anna", n + 1))
        .collect();
    act(ENTERPRISE, &format!("{}; {}", names.join("; "), merges[..15].join("; ")), "allowed");
    act(
        ENTERPRISE,
        &format!("{}; {}", names.join("; "), merges.join("; ")),
        "at most 16 requests stand behind each other: name the one in which the last goes on",
    );
}

#[test]
fn a_split_keeps_the_receipt_and_the_words_that_time_depends_on() {
    let split = "mon 10:00 fact request.received ticket=T-3 channel=portal priority=P3 split_from=T-1 by anna \
                 (recorded tue 10:00)";
    after(split, "allowed");
    after(
        &split.replace("mon 10:00", "mon 12:00"),
        "a split keeps the receipt of the first, Mon 2 Mar 10:00: no time is won by it",
    );
    after(
        &split.replace("priority=P3", "priority=P4"),
        "a split keeps the priority of the first, `P3`: change it afterwards, and tell the client",
    );
    // Nothing said is P3.
    after(&split.replace("priority=P3 ", ""), "allowed");
    after(
        &split.replace("split_from=T-1", "split_from=T-9"),
        "there is no request T-9 of this client: name another",
    );
    // As it stands when it is split.
    let raised = "mon 12:00 reprioritise T-1 to P2 saying \"all of them\" by anna";
    act(ENTERPRISE, &format!("{ASKED}; {raised}; {}", split.replace("P3", "P2")), "allowed");
}

#[test]
fn the_client_tags_assigns_and_links_nothing_and_watches_for_itself() {
    let provider = "that is for the provider's people to do: write to them";
    for sentence in [
        "mon 11:00 fact request.tagged ticket=T-1 add=[\"vip\"]",
        "mon 11:00 fact request.assigned ticket=T-1 to=anna",
        "mon 11:00 fact request.linked ticket=T-1 to=T-2 link=relates",
        "mon 11:00 fact page.sent page=C-1 ticket=T-1 person=anna step=0",
    ] {
        after(&format!("{sentence} by anna"), "allowed");
        after(&format!("{sentence} by jan"), provider);
    }
    let watch = "mon 11:00 fact request.watched ticket=T-1 person=jan by";
    after(&format!("{watch} jan"), "allowed");
    after(&format!("{watch} anna"), "allowed");
    after(
        &format!("{watch} poc"),
        "you decide for yourself only: ask somebody of the provider to add others",
    );
}

#[test]
fn what_is_kept_about_a_request_says_something_and_has_bounds() {
    let tag = |tags: &str| format!("mon 11:00 fact request.tagged ticket=T-1 add={tags} by anna");
    after(&tag("[]"), "it says nothing: say what changes");
    after(&tag("[\"a,b\"]"), "a tag is a word of at most 40 characters without commas, and `a,b` is none");
    let many: Vec<String> = (0..33).map(|n| format!("\"tag{n}\"")).collect();
    after(&tag(&format!("[{}]", many.join(","))), "there are at most 32 tags: take one away first");
    after(&tag(&format!("[{}]", many[..32].join(","))), "allowed");
    let link = "mon 11:00 fact request.linked ticket=T-1 to=T-2 link=blocks by anna";
    after(&format!("{link}; {}", link.replace("11:00", "12:00")), "it is linked to T-2 already");
    after("mon 11:00 fact request.unlinked ticket=T-1 to=T-2 by anna", "it is not linked to T-2");
    after(&link.replace("to=T-2", "to=T-1"), "that is the request itself: name another");
}

#[test]
fn a_file_comes_with_its_digest_and_the_clients_are_for_both() {
    let sha256 = "ab".repeat(32);
    let file = format!(
        "mon 11:00 fact file.attached ticket=T-1 file=F-1 sha256={sha256} bytes=3 media=text/plain by jan"
    );
    after(&file, "allowed");
    after(&file.replace(&sha256, "abc"), "a file comes with the SHA-256 of its bytes, 64 digits and letters");
    after(
        &file.replace("media", "internal=true media"),
        "only the provider's people keep files for themselves: attach it for both",
    );
    after(&file.replace("media", "internal=true media").replace("by jan", "by anna"), "allowed");
    after(
        &format!("{file}; {}", file.replace("11:00", "12:00")),
        "there is a file of that name already: give this one another id",
    );
    after(&format!("{file}; mon 12:00 fact file.removed ticket=T-1 file=F-1 by anna"), "allowed");
    after("mon 12:00 fact file.removed ticket=T-1 file=F-1 by anna", "there is no file F-1 to take away");
    let own = "mon 12:00 fact file.removed ticket=T-1 file=F-1 by jan";
    after(&format!("{file}; {own}"), "allowed");
    after(
        &format!("{}; {own}", file.replace("by jan", "by anna")),
        "the other side attached it: ask them to take it away",
    );
    let internal = file.replace("media", "internal=true media").replace("by jan", "by anna");
    after(&format!("{internal}; {own}"), "there is no file F-1 to take away");
}

#[test]
fn mp_esc_11_an_escalation_is_answered_once_it_is_there_and_raised_on_what_is_open() {
    let asked = "mon 10:00 request T-1 kind outage urgency critical by poc";
    let raise =
        "mon 11:00 fact escalation.raised escalation=E-1 ticket=T-1 level=1 reason=response-missed by poc";
    let answer = "mon 11:10 fact escalation.answered escalation=E-1 ticket=T-1 by dirk";
    act(MANAGED, &format!("{asked}; {raise}; {answer}"), "allowed");
    act(
        MANAGED,
        &format!("{asked}; {answer}"),
        "there is none before it: an escalation comes first (`escalation.raised`)",
    );
    act(
        MANAGED,
        &format!("{asked}; {raise}; {answer}").replace("by dirk", "by poc"),
        "that is for the provider's people to do: write to them",
    );
    act(
        MANAGED,
        &format!("{asked}; mon 10:30 resolve T-1 saying \"up\" by eva; {raise}"),
        "request T-1 is closed: open it again first",
    );
}

#[test]
fn mp_upd_04_an_update_is_promised_for_a_month_at_most_where_the_agreement_has_no_limit() {
    let asked = "mon 10:00 request T-1 kind outage urgency high by poc";
    act(MANAGED, &format!("{asked}; mon 11:00 reply T-1 next 04-01 11:00 by eva"), "allowed");
    act(
        MANAGED,
        &format!("{asked}; mon 11:00 reply T-1 next 04-01 11:01 by eva"),
        "the next update may be promised for Wed 1 Apr 11:00 at the latest [MP-UPD-04]",
    );
}

#[test]
fn sh_ack_03_what_cannot_be_solved_says_so_in_its_summary() {
    let asked = "mon 10:00 request T-1 kind service urgency low by poc";
    let end = "mon 11:00 fact request.resolved ticket=T-1 \"summary=The vendor ended it.\" outcome=cannot-solve by eva";
    act(MANAGED, &format!("{asked}; {end}"), "allowed");
    after(
        "mon 11:00 fact request.resolved ticket=T-1 \"summary= \" outcome=cannot-solve by anna",
        "write a summary of what was wrong and what was done, for the client to read",
    );
    act(
        MANAGED,
        &format!("{asked}; {}", end.replace("The vendor ended it.", " ")),
        "write a summary of what was wrong and what was done, for the client to read [MP-UPD-05]",
    );
}
