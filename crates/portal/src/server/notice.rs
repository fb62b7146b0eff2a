//! What was just done, told once on the next page: the word travels in the address, the sentence is ours.

use serde::Deserialize;

/// Something that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// The session ended.
    SignedOut,
    /// The password is another.
    PasswordChanged,
    /// One session ended, or all others.
    SessionEnded,
    /// An API token ended.
    TokenEnded,
    /// A second factor was added.
    FactorAdded,
    /// A second factor was removed.
    FactorRemoved,
    /// A way to sign in was linked.
    Linked,
    /// Somebody may no longer come in.
    Removed,
    /// Nothing tells any more who somebody was.
    Erased,
    /// Something was put on file.
    Recorded,
    /// The same, and it can be taken back with one press.
    Undoable,
    /// What was done is taken back.
    Undone,
    /// It stays as it is.
    NotUndone,
    /// A request was put on file without a word on what was tried.
    Untried,
    /// A call was seen.
    Seen,
    /// What was begun is kept.
    DraftKept,
    /// An answer is there for the desk.
    AnswerKept,
    /// An answer was taken away.
    AnswerGone,
    /// An instance is restarted by the client.
    Restarted,
    /// Maintenance was put on file as an emergency, though it was planned as scheduled.
    Emergency,
}

/// `?done=…` of an address.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Done {
    done: Option<String>,
}

impl Notice {
    /// The word in the address.
    pub fn word(self) -> &'static str {
        match self {
            Notice::SignedOut => "signed-out",
            Notice::PasswordChanged => "password-changed",
            Notice::SessionEnded => "session-ended",
            Notice::TokenEnded => "token-ended",
            Notice::FactorAdded => "factor-added",
            Notice::FactorRemoved => "factor-removed",
            Notice::Linked => "linked",
            Notice::Removed => "removed",
            Notice::Erased => "erased",
            Notice::Recorded => "recorded",
            Notice::Undoable => "undoable",
            Notice::Undone => "undone",
            Notice::NotUndone => "not-undone",
            Notice::Untried => "untried",
            Notice::Seen => "seen",
            Notice::DraftKept => "draft-kept",
            Notice::AnswerKept => "answer-kept",
            Notice::AnswerGone => "answer-gone",
            Notice::Restarted => "restarted",
            Notice::Emergency => "emergency",
        }
    }

    /// Whether the page offers to take it back.
    pub fn can_be_undone(self) -> bool {
        self == Notice::Undoable
    }

    /// The sentence on the page.
    pub fn sentence(self) -> &'static str {
        match self {
            Notice::SignedOut => "You are signed out.",
            Notice::PasswordChanged => "Your password is changed, and all other sessions have ended.",
            Notice::SessionEnded => "Ended. That browser has to sign in again.",
            Notice::TokenEnded => "The API token has ended.",
            Notice::FactorAdded => "Added. From now on you are asked for a second factor.",
            Notice::FactorRemoved => "Removed. It opens nothing any more.",
            Notice::Linked => "Linked. Signing in there signs you in here.",
            Notice::Removed => "Removed, at once: sessions and API tokens have ended.",
            Notice::Erased => "Erased. What was done stays on record, under an id that says nothing.",
            Notice::Recorded | Notice::Undoable => "It is on file.",
            Notice::Undone => "Taken back. Both stand on record.",
            Notice::NotUndone => "Not taken back: somebody has changed it since, or it was too long ago.",
            Notice::Untried => {
                "It is on file. Reply with what you tried so far: it saves a question (SH-REQ-01)."
            }
            Notice::Seen => {
                "You have seen the call: nobody else is called. The client still waits for an answer."
            }
            Notice::DraftKept => "It is kept for you. Nobody else reads it until you send it.",
            Notice::AnswerKept => "Kept. It is offered on every ticket that it fits.",
            Notice::AnswerGone => "Taken away. What was sent with it stays as it is.",
            Notice::Restarted => {
                "It is on file that you restart it now. What fails within the agreement's grace does not count (SH-EXCL-07)."
            }
            Notice::Emergency => {
                "It is on file as an emergency: scheduled maintenance is put on file before it starts, and nothing is backdated (SH-MAINT-04, SH-MAINT-12)."
            }
        }
    }
}

impl Done {
    /// What was done; nothing for a word that is not ours.
    pub(crate) fn notice(&self) -> Option<Notice> {
        let all = [
            Notice::SignedOut,
            Notice::PasswordChanged,
            Notice::SessionEnded,
            Notice::TokenEnded,
            Notice::FactorAdded,
            Notice::FactorRemoved,
            Notice::Linked,
            Notice::Removed,
            Notice::Erased,
            Notice::Recorded,
            Notice::Undoable,
            Notice::Undone,
            Notice::NotUndone,
            Notice::Untried,
            Notice::Seen,
            Notice::DraftKept,
            Notice::AnswerKept,
            Notice::AnswerGone,
            Notice::Restarted,
            Notice::Emergency,
        ];
        all.into_iter().find(|notice| self.done.as_deref() == Some(notice.word()))
    }
}
