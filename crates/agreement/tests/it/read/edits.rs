//! Edits that keep most of a file whole, so that what is judged reaches far: lines taken out, doubled or swapped, values
//! replaced by hostile ones, bytes flipped. Used by the property test here and by the fuzz target `agreement_edits`.

/// Values at the edge of what the format can say.
const HOSTILE: &[&str] = &[
    "\"\"",
    "\"0m\"",
    "\"1000000w\"",
    "\"999999999999999999h\"",
    "\"unset\"",
    "\"same-action\"",
    "\"window\"",
    "\"with:classify\"",
    "\"matrix.response\"",
    "\"always\"",
    "\"bh\"",
    "\"hop\"",
    "\"business\"",
    "\"P1\"",
    "\"99.999999\"",
    "\"100\"",
    "\"9223372036854775807.99\"",
    "\"Pacific/Apia\"",
    "\"Africa/Casablanca\"",
    "\"Europe/Dublin\"",
    "\"FREQ=YEARLY;INTERVAL=1000;COUNT=100000\"",
    "\"FREQ=DAILY;COUNT=100000\"",
    "\"FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1;UNTIL=99991231\"",
    "\"9999-12-31T23:59:59\"",
    "\"-9999-01-01T00:00:00\"",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "2026-03-01T00:00:00+14:00",
    "2045-03-01T00:00:00Z",
    "-1",
    "4294967296",
    "true",
    "[]",
    "{}",
    "[[]]",
    "{ standard = \"1w\", gold = \"0s\" }",
    "{ standard = \"bh\", premium = \"hop\", enterprise = \"civil\" }",
    "{ outage = \"always\", performance = \"business\" }",
    "{ event = \"request.classified\", match = { class = \"\\u0000\" } }",
    "{ affects = \"deployed-version\", score_at_least = \"10.0\", \"\" = [\"a\"] }",
    "[{ from = \"Sun 24:00\", to = \"Sun 24:00\" }]",
    "[{ days = [\"Mon\", \"Mon\"], from = \"23:59\", to = \"00:01\" }]",
    "[\"2026-02-29\", \"9999-12-31\"]",
    "\"request.received\"",
    "\"instance.version_seen\"",
    "\"closed:closed:\"",
    "\"holidays.\"",
    "\"A-99\"",
    "\"\\U0010FFFF\\u202E\"",
];

/// The text after the edits, each of four bytes: what, where (two bytes), with what.
pub(crate) fn edited(text: &str, edits: &[u8]) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for edit in edits.chunks_exact(4) {
        let (what, at, with) =
            (edit[0], usize::from(edit[1]) << 8 | usize::from(edit[2]), usize::from(edit[3]));
        if lines.is_empty() {
            break;
        }
        let at = at % lines.len();
        let other = (at + with + 1) % lines.len();
        match what % 8 {
            0 => lines.swap(at, other),
            1 => drop(lines.remove(at)),
            2 => {
                let line = lines[at].clone();
                lines.insert(other, line);
            }
            3 => value(&mut lines, at, HOSTILE[with % HOSTILE.len()]),
            4 => {
                let taken = lines[other].split_once('=').map(|(_, value)| value.trim().to_owned());
                if let Some(taken) = taken {
                    value(&mut lines, at, &taken);
                }
            }
            5 => quoted(&mut lines[at], HOSTILE[with % HOSTILE.len()]),
            6 => {
                let end = lines[at].floor_char_boundary(with);
                lines[at].truncate(end);
            }
            _ => flip(&mut lines[at], with),
        }
    }
    lines.join("\n")
}

/// Another value for the line's key.
fn value(lines: &mut [String], at: usize, value: &str) {
    if let Some((key, _)) = lines[at].split_once('=') {
        lines[at] = format!("{key}= {value}");
    }
}

/// Another value for the line's first quoted word.
fn quoted(line: &mut String, value: &str) {
    let Some((before, rest)) = line.split_once('"') else { return };
    let Some((_, after)) = rest.split_once('"') else { return };
    *line = format!("{before}{value}{after}");
}

/// One byte of the line with a bit turned over; what is no text any more is replaced.
fn flip(line: &mut String, with: usize) {
    let mut bytes = std::mem::take(line).into_bytes();
    let at = with % bytes.len().max(1);
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << (with % 8);
    }
    *line = String::from_utf8_lossy(&bytes).into_owned();
}
