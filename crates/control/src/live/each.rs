//! One after the other, whatever happens to one of them.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Does the work for each: what fails for one holds up no other.
///
/// # Errors
/// The first, once all are done.
///
/// # Panics
/// As the last that panicked did, once all are done: a mistake of ours is told, and costs the others nothing.
pub(super) fn each<T>(
    all: impl IntoIterator<Item = T>,
    mut work: impl FnMut(T) -> journal::Result<()>,
) -> journal::Result<()> {
    let (mut answer, mut panicked) = (Ok(()), None);
    for one in all {
        match catch_unwind(AssertUnwindSafe(|| work(one))) {
            Ok(done) => answer = answer.and(done),
            Err(panic) => panicked = Some(panic),
        }
    }
    match panicked {
        Some(panic) => resume_unwind(panic),
        None => answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_or_panics_for_one_is_told_and_holds_up_no_other() {
        let mut done = Vec::new();
        let answer = each(1..=4, |n| {
            done.push(n);
            if n % 2 == 1 { Err(journal::Error::Locked { at: n.to_string() }) } else { Ok(()) }
        });
        assert_eq!(done, [1, 2, 3, 4]);
        assert!(matches!(answer, Err(journal::Error::Locked { at }) if at == "1"));

        let mut done = Vec::new();
        let all = || {
            each(1..=3, |n| {
                assert!(n != 2, "on purpose");
                done.push(n);
                Ok(())
            })
        };
        assert!(catch_unwind(AssertUnwindSafe(all)).is_err());
        assert_eq!(done, [1, 3]);
    }
}
