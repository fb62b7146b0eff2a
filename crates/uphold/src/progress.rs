//! What a terminal is told while something takes long. Where stderr is no terminal nothing is told, so that scripts and logs
//! read as before; when the work is done the line is gone.

use std::{borrow::Cow, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};

const TICK: Duration = Duration::from_millis(120);

/// Does something of unknown length beside a line that says what and for how long.
pub(crate) fn during<T>(what: impl Into<Cow<'static, str>>, work: impl FnOnce() -> T) -> T {
    let line = ProgressBar::new_spinner().with_style(style("{spinner} {msg} {elapsed}")).with_message(what);
    line.enable_steady_tick(TICK);
    let done = work();
    line.finish_and_clear();
    done
}

/// Does something of a known number of steps beside a bar. The work says how many steps it has taken so far, from any thread.
pub(crate) fn counting<T>(
    what: impl Into<Cow<'static, str>>,
    steps: usize,
    work: impl FnOnce(Box<dyn Fn(usize) + Send>) -> T,
) -> T {
    let bar = ProgressBar::new(steps as u64)
        .with_style(style("{msg} {wide_bar} {human_pos} of {human_len}, {eta} left"));
    bar.set_message(what);
    let told = bar.clone();
    let done = work(Box::new(move |steps| told.set_position(steps as u64)));
    bar.finish_and_clear();
    done
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the templates above are templates")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_work_is_done_and_its_answer_given() {
        assert_eq!(during("thinking", || 6 * 7), 42);
        assert_eq!(counting("counting", 3, |told| [1, 2, 3].map(told).len()), 3);
    }
}
