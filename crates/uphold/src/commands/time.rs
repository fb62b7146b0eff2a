//! `uphold time eval`: one question per line in, one answer per line out.

mod answer;
mod question;

use std::io::{self, BufRead, BufReader, Read, Write};

use clap::Subcommand;

use self::{answer::Answer, question::Question};
use crate::{output::Output, trouble::Trouble};

#[derive(Subcommand)]
pub(crate) enum TimeCommand {
    /// Answer questions about a written calendar: JSON lines on stdin, one answer each on stdout.
    #[command(after_help = EXAMPLES)]
    Eval,
}

const EXAMPLES: &str = r#"A question holds a calendar:
  "name": anything, comes back with the answer
  "zone": "Europe/Amsterdam", "hours": {"mon": [["09:00","17:00"]], …}   24:00 ends a day, 22:00 to 06:00 runs over midnight
  "holidays": [{"date": "2026-12-25", "zone": "Europe/Amsterdam"}, …]    zone: the calendar's where left out
  "breaks": [{"date": "2026-03-06", "start": "12:00", "end": "13:00"}, …]
  "special_days": {"2026-12-24": [["09:00","12:00"]], …}                 these hours and no others, a holiday or not
A special day beats a holiday, a holiday beats the week's hours, and a break beats all of them.
And one of
  "op": "deadline", "start": "2026-03-06T18:00:00Z", "amount_minutes": 480
  "op": "elapsed",  "start": …, "end": …
  "op": "clock",    "start": …, "budget_minutes": 480, "pauses": [["from", "to" or null], …], "now": …

Answers: {"name", "due"}, {"name", "elapsed_minutes"}, {"name", "due" (null while an open pause hides it), "elapsed_minutes",
"breached"} or {"name", "error"}; a wrong question never stops the next."#;

/// What some editors put at the start of a file, to say that it is UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The longest question that is read.
const LINE_BYTES_MAX: usize = 1 << 20;

impl TimeCommand {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        match self {
            TimeCommand::Eval => eval(&mut BufReader::with_capacity(1 << 16, io::stdin()), out),
        }
    }
}

fn eval(input: &mut (impl BufRead + Waiting), out: &mut Output) -> Result<(), Trouble> {
    let (mut line, mut before) = (Vec::new(), BYTE_ORDER_MARK);
    while read_line(input, &mut line)? {
        let question = line.strip_prefix(std::mem::take(&mut before)).unwrap_or(&line);
        if let Some(answer) = answer(question) {
            serde_json::to_writer(&mut *out, &answer)?;
            out.write_all(b"\n")?;
        }
        if input.would_wait() {
            out.flush()?;
        }
    }
    Ok(())
}

/// Nothing for an empty line, which is no question.
fn answer(line: &[u8]) -> Option<Answer> {
    if line.trim_ascii().is_empty() {
        return None;
    }
    if line.len() > LINE_BYTES_MAX {
        let error = format!("the question is longer than {LINE_BYTES_MAX} bytes");
        return Some(Answer::error(serde_json::Value::Null, error));
    }
    Some(match Question::read(line) {
        Ok(question) => question.answer(),
        Err((name, error)) => Answer::error(name, error),
    })
}

/// The next line without its end; of one that is too long, a little more than the limit. False when there is none.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let read = input.by_ref().take(LINE_BYTES_MAX as u64 + 2).read_until(b'\n', line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if line.len() > LINE_BYTES_MAX {
        input.skip_until(b'\n')?;
    }
    Ok(read > 0)
}

/// An input that knows when it has nothing at hand: then what was answered so far is shown, so that somebody can ask, read
/// and ask again.
trait Waiting {
    fn would_wait(&self) -> bool;
}

impl Waiting for BufReader<io::Stdin> {
    fn would_wait(&self) -> bool {
        self.buffer().is_empty()
    }
}
