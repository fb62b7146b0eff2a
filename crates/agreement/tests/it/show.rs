//! The agreement in words: everything the file says, as a client reads it.

use agreement::{
    Agreement,
    show::{Block, Document, show},
};
use facts::Event;

use crate::shipped::{HOSTED, ISOLATED};

fn read(text: &str) -> Agreement {
    Agreement::read(text).0.expect("a shipped file")
}

fn told(text: &str, tier: Option<&str>) -> Document {
    show(&read(text), tier).expect("a tier of the file")
}

#[test]
fn every_clause_and_reading_of_the_file_is_put_into_words() {
    for file in [HOSTED, ISOLATED] {
        let agreement = read(file);
        let document = told(file, None);
        let (text, markdown) = (document.text().replace('\n', " "), document.markdown());
        let cited: Vec<&String> = agreement.uses().iter().flat_map(|used| &used.clauses.ids).collect();
        assert!(cited.len() > 100);
        for id in cited.into_iter().chain(agreement.readings.keys()) {
            assert!(text.contains(id.as_str()) && markdown.contains(id.as_str()), "{id}");
            assert!(id.starts_with("A-") || document.clauses().any(|clause| clause == id), "{id}");
        }
        for obligation in &agreement.obligation {
            assert!(!text.contains(&obligation.id) || !obligation.id.contains('-'), "{}", obligation.id);
        }
    }
}

#[test]
fn it_reads_as_text() {
    insta::assert_snapshot!("hosted", told(HOSTED, None).text());
    insta::assert_snapshot!("isolated", told(ISOLATED, None).text());
    insta::assert_snapshot!("hosted_premium", told(HOSTED, Some("premium")).text());
}

#[test]
fn it_reads_as_markdown() {
    let markdown = told(HOSTED, Some("standard")).markdown();
    let start = markdown.find("## 3.").expect("a third section");
    let end = markdown.find("## 4.").expect("a fourth section");
    insta::assert_snapshot!(&markdown[start..end]);
}

#[test]
fn what_the_parties_wrote_is_never_markup() {
    let title = "title     = \"Service level agreement, managed and hosted open source software\"";
    let hostile = "title     = '<b>*Free* | [beer](x)</b>'";
    let document = told(&HOSTED.replacen(title, hostile, 1), None);
    let first = document.markdown().lines().next().map(str::to_owned);
    assert_eq!(first.as_deref(), Some(r"# \<b\>\*Free\* \| \[beer\](x)\</b\>"));
    assert!(document.text().starts_with("<b>*Free* | [beer](x)</b>\n==="));
}

#[test]
fn a_reader_of_one_tier_meets_no_other_tiers_figures() {
    let text = told(HOSTED, Some("standard")).text();
    for others in
        ["(Premium)", "Enterprise)", "99.95%", "99.99%", "EUR", "Phone", "agreed maintenance window"]
    {
        let said = text.lines().filter(|line| line.contains(others)).count();
        assert!(said <= usize::from(others == "EUR"), "{others} in {text}");
    }
    for own in ["at least 99.9% of", "8 hours", "Standard costs nothing", "as for Standard"] {
        assert!(text.replace('\n', " ").contains(own), "{own} not in {text}");
    }
    assert_eq!(
        show(&read(HOSTED), Some("gold")).map(|_| ()),
        Err(["standard", "premium", "enterprise"].map(str::to_owned).to_vec())
    );
    assert_eq!(show(&read(ISOLATED), Some("gold")).map(|_| ()), Err(Vec::new()));
}

#[test]
fn no_name_of_the_machine_is_left_in_the_prose() {
    for file in [HOSTED, ISOLATED] {
        let text = told(file, None).text().replace("the fact service.activated", "");
        for event in Event::ALL {
            assert!(!text.contains(event.name()), "{}", event.name());
        }
        assert!(!text.contains('`'), "{text}");
        assert!(!text.contains(".."), "two full stops");
        assert!(!text.contains(" ."), "a full stop by itself");
    }
}

#[test]
fn lines_fit_a_page_and_tables_are_whole() {
    for document in [told(HOSTED, None), told(ISOLATED, None)] {
        let text = document.text();
        let long: Vec<&str> = text.lines().filter(|line| line.chars().count() > 72).collect();
        assert_eq!(long, [] as [&str; 0]);
        for section in &document.sections {
            for block in &section.blocks {
                match block {
                    Block::Table(table) => {
                        assert!(!table.rows.is_empty());
                        assert!(table.rows.iter().all(|row| row.len() == table.head.len()), "{table:?}");
                    }
                    Block::List(items) => assert!(!items.is_empty()),
                    Block::Paragraph(item) => assert!(!item.text.is_empty()),
                }
            }
        }
    }
}
