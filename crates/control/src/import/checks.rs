//! A site's check history: `ts_utc,slug,name,state,http_code,response_ms`, one row per change of state and about one a day.
//!
//! A site becomes an instance with one check; a row becomes one observation. What a row says holds until the next row of its
//! site, and no longer than twice the interval that the check names ([`EVERY_S`]): 48 hours, then unknown.

use std::collections::BTreeMap;

use csv::{ReaderBuilder, StringRecord, Terminator, Trim};
use facts::{
    Actor, CheckDefined, CheckId, CheckObserved, Environment, Fact, InstanceAdded, InstanceId, Observation,
    Outcome, Took, Turn, VantageId,
};
use spans::Instant;

use super::{Import, Maker, Refused, Report, Under, Wrongs};

/// How often a row is written at the least: once a day. Its state therefore holds for 48 hours at most.
pub const EVERY_S: u32 = 24 * 60 * 60;

const READ_AS: &[&str] = &[
    "a row is written when the state changes and about once a day, so it holds until the next row of its site and for 48 \
     hours at most; after that nobody knows",
    "a site is watched from its first row on; no row says that it ceased to be, so it stays under the agreement",
    "every site is in production",
];

/// Reads a file. Rows may stand in any order; of two rows of one site and instant the first stands.
///
/// # Errors
/// Every row that cannot be read or lies outside the term.
pub fn read(file: &[u8], under: &Under) -> Result<Import, Refused> {
    let mut wrongs = Wrongs::default();
    let rows = rows(file, under, &mut wrongs);
    wrongs.refuse()?;
    let mut report = Report { rows: rows.len(), ..Report::new("check rows", "sites", READ_AS) };
    let mut sites: BTreeMap<&InstanceId, BTreeMap<Instant, &Row>> = BTreeMap::new();
    for row in &rows {
        report.saw(row.at);
        let site = sites.entry(&row.site).or_default();
        match site.get(&row.at) {
            Some(first) => report.note(row.beside(first), row.line),
            None => drop(site.insert(row.at, row)),
        }
    }
    report.subjects = sites.len();
    let maker = Maker { source: "checks", under };
    let mut facts = Vec::new();
    for (id, site) in &sites {
        let first = site.values().next().map_or(0, |row| row.line);
        facts.extend(begun(id, site, &maker).into_iter().map(|fact| (fact, first)));
        facts.extend(site.values().map(|row| (observed(row, &maker, &mut report), row.line)));
        renamed(site, &mut report);
    }
    Ok(report.about(facts))
}

const VANTAGE: &str = "upptime";
const CHECK: &str = "http";

/// An instance is added and its check defined at the first row. Both are named after it, so that a longer file of the same
/// history gives the same facts.
fn begun(id: &InstanceId, site: &BTreeMap<Instant, &Row>, maker: &Maker<'_>) -> Vec<Fact> {
    let Some((&from, first)) = site.first_key_value() else { return Vec::new() };
    let added = InstanceAdded {
        instance: id.clone(),
        name: first.name.clone(),
        url: None,
        environment: Environment::Production,
        software: None,
        from,
        until: None,
    };
    let defined = CheckDefined {
        instance: id.clone(),
        check: check(),
        every_s: EVERY_S,
        method: None,
        url: None,
        expect: Vec::new(),
        timeout_ms: None,
        what: None,
        grace_s: None,
        again: None,
        objectives: Vec::new(),
    };
    vec![
        maker.fact(from, 0, prober(), &[id.as_str()], added),
        maker.fact(from, 1, prober(), &[id.as_str()], defined),
    ]
}

fn observed(row: &Row, maker: &Maker<'_>, report: &mut Report) -> Fact {
    let observation = Observation {
        at: row.at,
        outcome: row.outcome(report),
        code: row.code,
        took: row.response_time_ms.map(Took::millis),
        turn: Turn::Due,
        cause: None,
    };
    let seen = CheckObserved {
        instance: row.site.clone(),
        check: check(),
        vantage: VantageId(VANTAGE.parse().expect("a constant id")),
        observations: vec![observation],
        certificate_ends: None,
        signed: None,
    };
    maker.fact(row.at, 2, prober(), &[row.site.as_str(), &row.at.to_string()], seen)
}

fn prober() -> Actor {
    Actor::automaton(VANTAGE)
}

fn check() -> CheckId {
    CheckId(CHECK.parse().expect("a constant id"))
}

fn renamed(site: &BTreeMap<Instant, &Row>, report: &mut Report) {
    let mut rows = site.values();
    let Some(first) = rows.next() else { return };
    if let Some(other) = rows.find(|row| row.name != first.name) {
        let what = format!("the site `{}` was renamed; its first name was taken", first.site);
        report.note(what, other.line);
    }
}

/// One row of the file.
#[derive(Debug)]
struct Row {
    line: u64,
    at: Instant,
    site: InstanceId,
    name: String,
    state: String,
    code: Option<u16>,
    response_time_ms: Option<u32>,
}

impl Row {
    /// What to say of a second row at the instant of the first.
    fn beside(&self, first: &Row) -> &'static str {
        if self.state == first.state {
            "second row of a site and instant; the first was taken"
        } else {
            "second row of a site and instant that SAYS OTHERWISE; the first was taken"
        }
    }

    /// A state that is not known says nothing of the service, and ends what the row before it said.
    fn outcome(&self, report: &mut Report) -> Outcome {
        match self.state.as_str() {
            "up" => Outcome::Up,
            "down" => Outcome::Down,
            "degraded" => {
                report.note("row says degraded: it answered, so it counts as up", self.line);
                Outcome::Up
            }
            other => {
                let what =
                    format!("row says `{other}`, which says nothing of the service: unknown from there on");
                report.note(what, self.line);
                Outcome::Void
            }
        }
    }
}

const COLUMNS: [&str; 6] = ["ts_utc", "slug", "name", "state", "http_code", "response_ms"];

/// Every row that can be read; the others are said in `wrongs`.
fn rows(file: &[u8], under: &Under, wrongs: &mut Wrongs) -> Vec<Row> {
    // Lines end at the line feed, so that line numbers are right where a carriage return stands before it; trimming takes that one.
    let mut reader =
        ReaderBuilder::new().terminator(Terminator::Any(b'\n')).trim(Trim::All).from_reader(file);
    let columns = match reader.headers().map(columns) {
        Ok(Some(columns)) => columns,
        _ => {
            wrongs.say(
                1,
                format_args!("this is no check history: its first line must name {}", COLUMNS.join(",")),
            );
            return Vec::new();
        }
    };
    let mut rows = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) => rows.extend(row(&record, columns, under, wrongs)),
            Err(wrong) => wrongs.say(wrong.position().map_or(0, csv::Position::line), in_words(&wrong)),
        }
    }
    rows
}

/// Where each of [`COLUMNS`] stands; others are passed over.
fn columns(header: &StringRecord) -> Option<[usize; 6]> {
    let mut columns = [0; 6];
    for (column, name) in columns.iter_mut().zip(COLUMNS) {
        *column = header.iter().position(|found| found == name)?;
    }
    Some(columns)
}

fn in_words(wrong: &csv::Error) -> String {
    match wrong.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} fields, where the first line names {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "it is not UTF-8".to_owned(),
        _ => wrong.to_string(),
    }
}

fn row(record: &StringRecord, columns: [usize; 6], under: &Under, wrongs: &mut Wrongs) -> Option<Row> {
    let line = record.position().map_or(0, csv::Position::line);
    let [at, site, name, state, code, response] =
        columns.map(|column| record.get(column).unwrap_or_default());
    let at: Option<Instant> = at.parse().map_err(|e| wrongs.say(line, e)).ok();
    if let Some(at) = at {
        wrongs.check_term(line, at, under);
    }
    let site = site.parse().map_err(|e: facts::IdError| wrongs.say(line, e)).ok();
    if state.is_empty() {
        wrongs.say(line, "the state is missing");
    }
    let code = number(code, "http_code", line, wrongs);
    let response_time_ms = number(response, "response_ms", line, wrongs);
    let (name, state) = (name.to_owned(), state.to_owned());
    Some(Row { line, at: at?, site: site?, name, state, code: code?, response_time_ms: response_time_ms? })
}

/// A whole number; 0 and nothing stand for one that was not measured.
fn number<T: TryFrom<u32>>(text: &str, column: &str, line: u64, wrongs: &mut Wrongs) -> Option<Option<T>> {
    if text.is_empty() {
        return Some(None);
    }
    match text.parse::<u32>().ok().map(|number| (number, T::try_from(number))) {
        Some((0, _)) => Some(None),
        Some((_, Ok(number))) => Some(Some(number)),
        _ => {
            wrongs.say(line, format_args!("`{text}` is no {column}: write a whole number"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "ts_utc,slug,name,state,http_code,response_ms,commit\n";

    fn under() -> Under {
        let at = |text: &str| text.parse().unwrap();
        Under {
            client: "acme".parse().unwrap(),
            term: spans::Span::new(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")).unwrap(),
            recorded_at: at("2027-06-01T00:00:00Z"),
        }
    }

    fn read_rows(rows: &str) -> Result<Import, Refused> {
        read(format!("{HEADER}{rows}").as_bytes(), &under())
    }

    #[test]
    fn a_site_becomes_an_instance_with_a_daily_check_and_a_row_an_observation() {
        let import = read_rows(
            "2026-01-02T00:00:00Z,wiki,Wiki,down,503,20,b\n2026-01-01T00:00:00Z,wiki,Wiki,up,200,437,a\n",
        );
        let facts = import.unwrap().facts;
        let texts: Vec<String> = facts.iter().map(|f| serde_json::to_string(&f.body).unwrap()).collect();
        insta::assert_snapshot!(texts.join("\n"), @r#"
        {"event":"instance.added","data":{"instance":"wiki","name":"Wiki","url":null,"environment":"production","software":null,"from":"2026-01-01T00:00:00Z","until":null}}
        {"event":"check.defined","data":{"instance":"wiki","check":"http","every_s":86400,"method":null,"url":null,"expect":[],"timeout_ms":null}}
        {"event":"check.observed","data":{"instance":"wiki","check":"http","vantage":"upptime","observations":[{"at":"2026-01-01T00:00:00Z","outcome":"up","code":200,"response_time_ms":437}]}}
        {"event":"check.observed","data":{"instance":"wiki","check":"http","vantage":"upptime","observations":[{"at":"2026-01-02T00:00:00Z","outcome":"down","code":503,"response_time_ms":20}]}}
        "#);
        assert_eq!(facts[0].recorded_at.to_string(), "2027-06-01T00:00:00Z");
    }

    #[test]
    fn the_same_file_gives_the_same_facts_and_a_longer_one_gives_them_again() {
        let first = read_rows("2026-01-01T00:00:00Z,wiki,Wiki,up,200,437,a\n").unwrap().facts;
        let longer =
            "2026-01-01T00:00:00Z,wiki,Wiki,up,200,437,a\n2026-01-02T00:00:00Z,wiki,The wiki,up,200,1,b\n";
        let second = read_rows(longer).unwrap();
        assert_eq!(first, second.facts[..3]);
        assert_eq!(second.report.notes[0].what, "the site `wiki` was renamed; its first name was taken");
    }

    #[test]
    fn facts_of_one_instant_have_ids_of_their_own() {
        let facts = read_rows("2026-01-01T00:00:00Z,a,A,up,200,1,x\n2026-01-01T00:00:00Z,b,B,up,200,1,x\n");
        let facts = facts.unwrap().facts;
        let ids: std::collections::BTreeSet<_> = facts.iter().map(|fact| fact.id).collect();
        assert_eq!((facts.len(), ids.len()), (6, 6));
    }

    #[test]
    fn of_two_rows_of_one_instant_the_first_of_the_file_stands_and_the_other_is_reported() {
        let import = read_rows(
            "2026-01-01T00:00:00Z,wiki,Wiki,down,0,0,a\n2026-01-01T00:00:00Z,wiki,Wiki,up,200,5,b\n\
             2026-01-01T00:00:00Z,wiki,Wiki,down,0,9,c\n2026-01-03T00:00:00Z,wiki,Wiki,degraded,200,9,c\n\
             2026-01-04T00:00:00Z,wiki,Wiki,asleep,0,0,c\n",
        );
        let Import { facts, report, .. } = import.unwrap();
        assert_eq!(facts.len(), 5);
        insta::assert_snapshot!(report, @r#"
        5 check rows, 1 site, 2026-01-01T00:00:00Z to 2026-01-04T00:00:00Z
        Facts: 5
                1  check.defined
                3  check.observed
                1  instance.added
        1 × second row of a site and instant that SAYS OTHERWISE; the first was taken: line 3
        1 × second row of a site and instant; the first was taken: line 4
        1 × row says degraded: it answered, so it counts as up: line 5
        1 × row says `asleep`, which says nothing of the service: unknown from there on: line 6
        Read as: a row is written when the state changes and about once a day, so it holds until the next row of its site and for 48 hours at most; after that nobody knows.
        Read as: a site is watched from its first row on; no row says that it ceased to be, so it stays under the agreement.
        Read as: every site is in production.
        "#);
    }

    #[test]
    fn wrong_rows_refuse_the_file_and_every_one_is_named() {
        let refused = read_rows(
            "2026-01-01T00:00:00Z,wiki,Wiki,up,200,5,a\nyesterday,wiki,Wiki,up,200,5,a\n\
             2026-01-01T00:00:00Z,a wiki,Wiki,,2oo,5000000000,a\n2026-01-01T00:00:00Z,wiki\n\
             2027-01-01T00:00:00Z,wiki,Wiki,up,200,5,a\n2025-12-31T23:59:59Z,wiki,Wiki,up,99999,5,a\n",
        );
        insta::assert_snapshot!(refused.unwrap_err(), @r#"
        nothing was imported, because 9 things are wrong:
          line 3: `yesterday` is not an instant: write a date, a time and an offset, such as 2026-03-09T17:00:00Z or …+01:00
          line 4: `a wiki` is no id: use 1 to 128 letters, digits and . _ : / -
          line 4: the state is missing
          line 4: `2oo` is no http_code: write a whole number
          line 4: `5000000000` is no response_ms: write a whole number
          line 5: 2 fields, where the first line names 7
          line 6: 2027-01-01T00:00:00Z lies outside the agreement's term, 2026-01-01T00:00:00Z to 2027-01-01T00:00:00Z: name an agreement whose term covers it
          line 7: 2025-12-31T23:59:59Z lies outside the agreement's term, 2026-01-01T00:00:00Z to 2027-01-01T00:00:00Z: name an agreement whose term covers it
          line 7: `99999` is no http_code: write a whole number
        "#);
    }

    #[test]
    fn another_file_is_refused_by_its_first_line() {
        for file in ["", "{\"id\": \"1\"}\n", "ts_utc,slug,name,state,http_code\n", "\u{0}\u{1}\u{2}"] {
            let refused = read(file.as_bytes(), &under()).unwrap_err();
            assert_eq!(refused.wrong[0].line, 1);
            assert!(refused.wrong[0].what.starts_with("this is no check history"), "{refused}");
        }
        assert!(read(&[0xff, 0xfe, b'\n'], &under()).is_err());
    }
}
