//! Who asks, and how: side, roles, membership, means.

use facts::ClientId;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// Nobody is signed in.
    Visitor,
    /// A vantage point or a service, known by a secret that the handler asks for.
    Machine,
    /// One of the provider's people.
    Staff {
        /// Opaque.
        id: String,
        /// What they are.
        roles: Vec<StaffRole>,
        /// Whether they are here yet, and still.
        membership: Membership,
    },
    /// One of a client's people.
    Member {
        /// Opaque.
        id: String,
        /// Whose.
        client: ClientId,
        /// What they are.
        roles: Vec<ClientRole>,
        /// Whether they are here yet, and still.
        membership: Membership,
    },
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident $first:literal $(| $other:literal)*)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "the words say it")]
        pub enum $name { $($variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &[$name] = &[$($name::$variant,)*];

            /// Its word, in the policy and in the docs.
            pub const fn name(self) -> &'static str {
                match self { $($name::$variant => $first,)* }
            }

            /// Read from a word of an agreement or of a person's record; none for one that carries nothing here.
            pub fn read(word: &str) -> Option<$name> {
                match word { $($first $(| $other)* => Some($name::$variant),)* _ => None }
            }
        }
    };
}

words! {
    /// What one of the provider's people is.
    StaffRole {
        Engineer "engineer" | "support" | "qualified"
        Manager "manager"
        Csm "csm"
        AccountExecutive "account-executive"
        Administrator "administrator"
    }
}

words! {
    /// What one of a client's people is.
    ClientRole {
        Contact "contact" | "poc"
        Requester "requester"
        Approver "approver"
        Security "security"
        Billing "billing"
        EndUser "end-user"
    }
}

words! {
    /// Whether somebody is here yet, and still.
    Membership {
        Invited "invited"
        Effective "effective"
        Leaving "leaving"
        Disabled "disabled"
    }
}

/// How they ask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// A program on this machine, without a proxy between.
    pub on_this_machine: bool,
    /// They proved a second factor, or the deployment asks for none.
    pub second_factor: bool,
    /// By an API token, and how far it reaches.
    pub token: Option<Scope>,
}

/// How far an API token reaches. The roles it was made with are the principal's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Whether it may change anything.
    pub writes: bool,
    /// The one client it is for.
    pub only: Option<ClientId>,
}
