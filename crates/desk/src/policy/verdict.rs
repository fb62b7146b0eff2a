//! What the policy says.

/// The answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Allowed,
    /// No.
    Refused(Refusal),
}

impl Verdict {
    /// Whether it is yes.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Verdict::Allowed)
    }
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The rule's id in `rules.cedar`; `nothing-permits` where none lets them.
    pub rule: String,
    /// Why, to people: a whole sentence.
    pub reason: String,
    /// The clauses of the contracts that say so.
    pub clauses: Vec<String>,
    /// How it looks.
    pub answer: Answer,
}

/// How a refusal looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// As if there were no such thing.
    Hidden,
    /// They sign in first.
    SignIn,
    /// They set up, or prove, a second factor first.
    SecondFactor,
    /// The reason is told.
    Told,
}

impl Answer {
    /// Its word in the policy.
    pub const fn name(self) -> &'static str {
        match self {
            Answer::Hidden => "hidden",
            Answer::SignIn => "sign-in",
            Answer::SecondFactor => "second-factor",
            Answer::Told => "told",
        }
    }

    pub(super) fn read(word: &str) -> Option<Answer> {
        [Answer::Hidden, Answer::SignIn, Answer::SecondFactor, Answer::Told]
            .into_iter()
            .find(|answer| answer.name() == word)
    }
}
