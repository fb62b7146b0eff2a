//! Everything that can be done in Uphold, one word for each. A route names one; what they are called here they are called in
//! `rules.cedarschema`, which a test compares.

/// What the thing is that an action is about, where a route's path names no client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The deployment, and every client at once.
    Provider,
    /// The asker's own account.
    Account,
    /// One client, which the path names; without one, every client at once.
    Client,
}

macro_rules! actions {
    ($($about:ident { $($name:ident $purpose:literal)* })*) => {
        /// Something that can be done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "`purpose` says what each is for")]
        pub enum Action { $($($name,)*)* }

        impl Action {
            /// All of them, in the order of the docs.
            pub const ALL: &[Action] = &[$($(Action::$name,)*)*];

            /// Its name, in the policy and in the docs.
            pub const fn name(self) -> &'static str {
                match self { $($(Action::$name => stringify!($name),)*)* }
            }

            /// What is done, to go on from "may" or "to".
            pub const fn purpose(self) -> &'static str {
                match self { $($(Action::$name => $purpose,)*)* }
            }

            /// What it is done to.
            pub const fn about(self) -> About {
                match self { $($(Action::$name)|* => About::$about,)* }
            }
        }
    };
}

actions! {
    Provider {
        Enter "sign in, choose how pages look, see whether the service lives"
        Report "report what was seen, as a machine with a secret of its own"
        ReadStatus "read a status page at its own address"
        ReadFeed "read a calendar at its secret address"
        FetchFile "fetch a file by a pass that the portal gave for a minute"
        ReadMetrics "read the figures of the process"
        ReadRota "see who is on call"
        EditRota "say who is on call"
        EditDesk "keep canned answers and views that the desk shares"
        ReadSettings "read the settings"
        EditSettings "change the settings"
        ReadAudit "see who signed in and who changed what people come in by"
    }
    Account {
        ReadOwn "see what is one's own"
        EditOwn "choose how one is told of things"
        EditReach "say where notices go"
        EditCredentials "change how one signs in"
        MakeToken "make an API token"
    }
    Client {
        ReadClient "see how a client stands"
        ReadInstances "see instances and what was measured"
        EditInstances "add, change and end instances"
        RaiseAlert "say that a resource of an instance crossed its limit"
        ReadMaintenance "read maintenance"
        PlanMaintenance "plan maintenance and carry it out"
        EditStatus "say what a client's status page shows, and to whom"
        TellPublic "tell the public of an incident, on the status page"
        SetFreeze "set and lift a change freeze"
        AgreeWindow "propose a maintenance window or work outside it, and decide such proposals"
        RunChange "propose a change of a client's systems, begin and end it"
        ApproveChange "approve a change of the client's systems, or refuse it"
        AnnounceChange "say that the client changes something of its own"
        TurnFeed "give a client's calendar a secret address, or another one"
        RestartInstance "say that an instance is restarted"
        ClaimExclusion "claim that downtime does not count, and take it back"
        AnswerExclusion "dispute that downtime does not count, or accept it"
        ReadStatements "read statements"
        ReadAgreement "read the agreement"
        ReadAttainment "see how promises were kept"
        ReadFacts "read the journal"
        ReadWishes "read the list of wishes"
        ReadTickets "read tickets"
        OpenTicket "open a ticket"
        ReadHeld "read messages of people who are no contacts"
        SettleHeld "put a held message aside"
        RecordTicket "write down a request that came another way"
        AnswerTicket "answer on a ticket"
        AskClient "ask the client for something"
        AskUpdate "ask for an update"
        ReadNote "read a note"
        WriteNote "write an internal note"
        Classify "say what kind a request is"
        Reprioritise "change a priority"
        Resolve "resolve a ticket"
        Reopen "reopen a ticket"
        ClaimPause "say that a clock was paused"
        AnswerPause "agree to a pause, or not"
        Assign "say who looks after a ticket"
        Tag "tag a ticket"
        Watch "watch a ticket"
        Link "link tickets"
        Merge "merge and split tickets"
        ReadFile "read a file"
        AttachFile "attach a file"
        RemoveFile "remove a file"
        Appeal "appeal against a changed priority"
        DecideAppeal "decide an appeal"
        Escalate "escalate"
        AnswerEscalation "answer an escalation"
        AnswerPage "say that a call was seen"
        PublishRca "publish a root cause analysis"
        ReadPeople "see the list of people"
        InvitePerson "invite somebody"
        ResetPerson "give a way back in to somebody who had one"
        EditPerson "change what somebody may do"
        RemovePerson "take somebody off"
        ReviewAccess "review who has access"
        ExportPerson "export what is kept of a person"
        ErasePerson "erase what is kept of a person"
    }
}
