//! What a file says, judged before anybody signs it: every finding at once, with its place, its clauses and a way out.
//!
//! [`Agreement::read`] has already refused what cannot be read: unknown keys and words, bad lengths, zones, numbers and
//! dates. Here the entries are held against each other and against the clause register (`R-…`), and against time itself:
//! the term is walked hour by hour under the calendars that the file names (`L-…`). [`LINTS`] says what each rule looks at.

mod alias;
mod blank;
mod calendars;
mod clauses;
mod coverage;
mod definition;
mod duplicates;
mod guards;
mod holiday_years;
mod ladder;
mod limits;
mod look;
mod maintenance;
mod matches;
mod matrix;
mod month;
mod obligations;
mod probe;
mod roles;
mod scope;
mod targets;
mod tiers;
mod unset;
mod words;

pub use limits::{
    AMOUNT_MAX, CALENDARS_MAX, CELLS_MAX, ENTRIES_MAX, HOLIDAYS_MAX, INSIDE_MAX, OPEN_LINES_MAX, TERM_MAX,
    WORDS_MAX,
};
use look::{Found, Look};
pub use targets::WorstWait;

use crate::{agreement::Agreement, finding::Finding};

/// A rule that a file is held against.
#[derive(Debug, Clone, Copy)]
pub struct Lint {
    /// Its id, as findings name it.
    pub id: &'static str,
    /// Its name in a few words.
    pub title: &'static str,
    /// What it looks at.
    pub about: &'static str,
    look: fn(&Look<'_>, &mut Found),
}

macro_rules! lints {
    ($($id:literal $title:literal $look:path: $about:literal;)*) => {
        /// Every rule, in the order they run: what the entries name (`R-…`), then what the file promises (`L-…`).
        pub const LINTS: &[Lint] = &[$(Lint { id: $id, title: $title, about: $about, look: $look },)*];
    };
}

lints! {
    "R-01" "unknown clause" clauses::r_01_unknown_clause:
        "Every clause id is one of the register or of [clauses]; an entry without one says in `added` why it is there.";
    "R-02" "words of a tier" tiers::r_02_keyed_by_the_right_words:
        "What is given by tier, kind or urgency uses words of the file's own lists, and has a value for each of them.";
    "R-03" "unknown calendar" calendars::r_03_calendars_exist:
        "Every calendar and holiday list that is named exists, fits together, and none lies inside itself.";
    "R-04" "unknown role" roles::r_04_roles_exist:
        "Every role that somebody must hold exists, and may do what is asked of it.";
    "R-05" "unfit obligation" obligations::r_05_obligations_fit:
        "An obligation is due in exactly one way, and what meets, ends or cancels it is about what started it.";
    "R-06" "match that never holds" matches::r_06_matches_can_hold:
        "A `match` looks at fields its event carries, and at values they can have.";
    "R-07" "unknown word" words::r_07_words_exist:
        "Readings, aliases, channels, causes and catalogue items are ones that exist; the term and the source are whole.";
    "R-08" "unfit guard" guards::r_08_guards_fit:
        "A guard stands at the act its condition looks at; misses, credits and exclusions have something to act on.";
    "R-09" "said twice" duplicates::r_09_said_once:
        "Ids and names are given once.";
    "R-10" "scope collision" scope::r_10_scope_collisions:
        "A clause cited by an item in scope and by one out of scope needs a `boundary` on one of them (A-40).";
    "R-11" "reminder too late" targets::r_11_reminders_come_before_it_is_due:
        "A reminder comes after the start and before the due time.";
    "R-12" "left open" words::r_12_every_ambiguity_is_read:
        "What a cited clause leaves open has its reading under [readings], for both parties to sign; nothing is assumed.";
    "L-01" "required blank" blank::l_01_required_blank:
        "What `[agreement] require` names is filled in.";
    "L-02" "undefined term" definition::l_02_undefined_term:
        "Each term of `[definitions] must_define` is defined, and each definition leads somewhere.";
    "L-03" "missing holiday year" holiday_years::l_03_missing_year:
        "Each holiday list has every year of the term, and those its deadlines reach; each date lies in its year, once.";
    "L-04" "matrix gap or inversion" matrix::l_04_gaps_and_inversions:
        "A matrix has every cell; over the term, hour by hour, what is more severe is never due later, nor a higher tier.";
    "L-05" "worst-case wait" targets::l_05_worst_wait:
        "How long each cell of a matrix can take by the clock on the wall, and when.";
    "L-06" "broken ladder" ladder::l_06_broken_ladder:
        "Bands of credit and of severity follow each other without gap or overlap, in order.";
    "L-07" "cap never binds" ladder::l_07_cap_never_binds:
        "The cap on credits is lower than what the ladder can give; otherwise it is only words.";
    "L-08" "probe too slow" probe::l_08_probe_too_slow:
        "At least three requests fall into the shortest run that counts.";
    "L-09" "slot too short or rare" maintenance::l_09_slot_too_short_or_rare:
        "Slots open at all, the agreed window is as long as its clause says, and comes as often as a target needs.";
    "L-10" "nobody on call" coverage::l_10_rota_needed:
        "A response promised round the clock needs a rota without holes (`rota.set`, `shift.planned`).";
    "L-11" "two words for one thing" alias::l_11_two_words:
        "Aliases show where the text uses two words for one thing.";
    "L-12" "notice longer than target" maintenance::l_12_notice_longer_than_target:
        "A target met by maintenance leaves time after the notice that the maintenance needs.";
    "L-13" "no end in sight" unset::l_13_never_met_or_never_due:
        "Something meets every obligation; what the text gives no time for is named.";
    "L-14" "clause without entry" clauses::l_14_clause_without_entry:
        "Every clause of the documents the file cites has an entry.";
    "L-15" "identical cells" matrix::l_15_identical_cells:
        "Neighbouring cells of a matrix differ; equal ones suggest a slip.";
    "L-16" "two kinds of month" month::l_16_two_kinds_of_month:
        "The months of objectives are those that invoices name.";
}

impl Agreement {
    /// Everything that is wrong or worth knowing about what the file says, in the file's order.
    ///
    /// Bounded: a file beyond the limits of its size (`…_MAX`) gets told only that.
    pub fn lint(&self) -> Vec<Finding> {
        let mut found = Found::new("limit");
        limits::limits(self, &mut found);
        if found.is_empty() {
            let look = Look::new(self);
            for lint in LINTS {
                if found.is_full() {
                    break;
                }
                found.rule = lint.id;
                (lint.look)(&look, &mut found);
            }
        }
        found.into_order()
    }

    /// How long each cell of each matrix can take by the clock on the wall, over the term (L-05).
    pub fn worst_waits(&self) -> Vec<WorstWait> {
        let mut found = Found::new("limit");
        limits::limits(self, &mut found);
        if found.is_empty() { targets::worst_waits(&Look::new(self)) } else { Vec::new() }
    }
}
