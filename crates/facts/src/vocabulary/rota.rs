//! Who is on call. Facts of the provider's own journal ([`crate::ClientId::provider`]): one rota serves every client.

use spans::Instant;

use super::{fact, *};

fact! {
    /// A layer of the rota from then on: people who are on call in turn (MP-SC-INC-01). The newest one whose first turn has begun
    /// is in force.
    RotaSet {
        /// The layer.
        rota: RotaId,
        /// What people call it.
        name: String,
        /// When it is called: 1 first, then 2; of several with the same number, all at once stand first.
        level: u16,
        /// The zone on whose clocks turns change and hours are written, such as `Europe/Amsterdam`.
        zone: String,
        /// Who takes turns, in order, each by the id of the person; nobody: the layer is no more.
        people: Vec<String>,
        /// When the first person's turn begins. The next begins at the same time of the week.
        first: Instant,
        /// How many weeks a turn lasts.
        weeks: u16,
        /// Which hours of the week it covers, such as `Mon 09:00-17:00`; none: all of them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        hours: Vec<String>,
    }
}

fact! {
    /// A layer of the rota is otherwise from one instant to another. Said later it counts for more. With neither a person nor one
    /// who is away it is again as the layer says.
    RotaOverridden {
        /// The layer.
        rota: RotaId,
        /// Who is on call in that time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person: Option<String>,
        /// Who is away in that time: whoever comes next takes over.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        away: Option<String>,
        /// From when.
        from: Instant,
        /// The first instant at which it no longer holds.
        until: Instant,
    }
}
