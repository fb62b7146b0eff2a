//! What stands around every page: the bar with product, client and sections, where we are, and who is signed in.

use std::fmt::Display;

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};
use desk::policy::Action;
use facts::ClientId;

use super::{
    App, Notice, Problem, Viewer, asset::asset_path, cookie, inbox, names::Names, notice::Done, theme::Theme,
    zone,
};

/// The sections, in the order of the bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// What is missed next.
    Now,
    /// Requests and incidents.
    Tickets,
    /// Whom we serve; of one client, what it is promised in support and whom it asks.
    Clients,
    /// Instances and their minutes.
    Instances,
    /// Planned and past maintenance.
    Maintenance,
    /// Months, closed and open.
    Statements,
    /// How promises about requests were kept.
    Attainment,
    /// The signed file in prose.
    Agreement,
    /// Who is on call, across all clients.
    OnCall,
    /// Who may come in.
    People,
    /// How this portal is set up.
    Settings,
}

impl Section {
    /// All of them.
    pub const ALL: [Section; 11] = [
        Section::Now,
        Section::Tickets,
        Section::Clients,
        Section::Instances,
        Section::Maintenance,
        Section::Statements,
        Section::Attainment,
        Section::Agreement,
        Section::OnCall,
        Section::People,
        Section::Settings,
    ];

    /// Those that stand behind the others, in a menu of the bar.
    const BEHIND: [Section; 4] = [Section::Agreement, Section::OnCall, Section::People, Section::Settings];

    /// Those that are about the provider only, which its own people see.
    fn is_providers(self) -> bool {
        matches!(self, Section::OnCall | Section::Settings)
    }

    /// As the bar shows it: of one client, or across all of them.
    pub fn name(self, of_client: bool) -> &'static str {
        match self {
            Section::Clients if of_client => "Support",
            Section::Clients => "Clients",
            Section::Now => "Now",
            Section::Tickets => "Tickets",
            Section::Instances => "Instances",
            Section::Maintenance => "Maintenance",
            Section::Statements => "Statements",
            Section::Attainment => "Attainment",
            Section::Agreement => "Agreement",
            Section::OnCall => "On call",
            Section::People => "People",
            Section::Settings => "Settings",
        }
    }

    /// The second key after `g`.
    pub fn key(self) -> &'static str {
        match self {
            Section::Now => "n",
            Section::Tickets => "q",
            Section::Instances => "i",
            Section::Maintenance => "m",
            Section::Statements => "s",
            Section::Attainment => "k",
            Section::Agreement => "a",
            Section::OnCall => "o",
            Section::People => "p",
            Section::Clients => "c",
            Section::Settings => ",",
        }
    }

    /// The path in the table of routes: of one client, or, for staff, across all of them.
    pub fn route(self, of_client: bool) -> &'static str {
        match (self, of_client) {
            (Section::Now, true) => "/clients/{client}",
            (Section::Now, false) => "/",
            (Section::Tickets, true) => "/clients/{client}/tickets",
            (Section::Tickets, false) => "/tickets",
            (Section::Instances, true) => "/clients/{client}/instances",
            (Section::Instances, false) => "/instances",
            (Section::Maintenance, true) => "/clients/{client}/maintenance",
            (Section::Maintenance, false) => "/maintenance",
            (Section::Statements, true) => "/clients/{client}/statements",
            (Section::Statements, false) => "/statements",
            (Section::Attainment, true) => "/clients/{client}/attainment",
            (Section::Attainment, false) => "/attainment",
            (Section::Agreement, true) => "/clients/{client}/agreement",
            (Section::Agreement, false) => "/agreements",
            (Section::OnCall, _) => "/on-call",
            (Section::Clients, true) => "/clients/{client}/support",
            (Section::Clients, false) => "/clients",
            (Section::Settings, _) => "/settings",
            (Section::People, true) => "/clients/{client}/people",
            (Section::People, false) => "/people",
        }
    }

    fn path(self, client: Option<&ClientId>) -> String {
        self.route(client.is_some()).replace("{client}", client.map_or("", ClientId::as_str))
    }
}

/// A link in the bar.
#[derive(Debug, Clone)]
pub struct Place {
    /// What it is called.
    pub name: String,
    /// Where it leads.
    pub path: String,
    /// The key after `g`.
    pub key: &'static str,
    /// Whether we are there.
    pub here: bool,
}

/// A step on the way to this page.
#[derive(Debug, Clone)]
pub struct Crumb {
    /// What it is called.
    pub name: String,
    /// Where it leads.
    pub path: String,
}

/// What stands around a page. A handler gets one for its request as an argument, and says the rest:
/// `shell.titled("Statements").of(&client).at(Section::Statements)`.
#[derive(Debug, Clone)]
pub struct Shell {
    /// The page's name, in its tab and as its heading.
    pub title: String,
    /// The way to this page, without the page itself.
    pub crumbs: Vec<Crumb>,
    /// What was just done.
    pub notice: Option<Notice>,
    /// What the page calls this person, when somebody is signed in.
    pub person: Option<String>,
    /// The client the page is about.
    pub client: Option<ClientId>,
    /// Clients that this person may choose from; none when there is nothing to choose.
    pub clients: Vec<Place>,
    /// The sections that are there.
    pub sections: Vec<Place>,
    /// Those that stand behind them, in a menu.
    pub behind: Vec<Place>,
    /// Light, dark or the system's.
    pub theme: Theme,
    /// This page's own path, to come back to.
    pub path: String,
    /// Whether the page is refreshed when something changes.
    pub live: bool,
    /// Whether it shows what vantage points see, which changes many times a minute.
    pub looks: bool,
    /// Whether it is about what its reader was told, and hears of nothing else.
    pub told: bool,
    /// The zones to choose from, and the reader's.
    pub zones: Vec<String>,
    /// The zone in which times are told.
    pub zone: String,
    /// What stands in the person's inbox and was not read; none where that is not known.
    pub unread: Option<u64>,
    has: Vec<(&'static str, Action)>,
    names: Names,
    visible: Vec<ClientId>,
    staff: bool,
    section: Option<Section>,
}

impl Shell {
    /// For a request: theme, notice and person are known, clients are looked up by [`Shell::with_clients`].
    pub(crate) fn of_request(app: &App, parts: &Parts) -> Shell {
        let viewer = parts.extensions.get::<Viewer>();
        let done = Query::<Done>::try_from_uri(&parts.uri).map(|Query(done)| done).unwrap_or_default();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let mut shell =
            Shell { notice: done.notice(), path, ..Shell::bare(app, "", cookie::theme(&parts.headers)) };
        if let Some(viewer) = viewer {
            return shell.seen_by(viewer);
        }
        shell.arrange();
        shell
    }

    /// For somebody who is signed in: with the sections they may see.
    #[must_use]
    pub(crate) fn seen_by(mut self, viewer: &Viewer) -> Shell {
        self.person = Some(viewer.person.name.clone());
        self.staff = viewer.is_staff();
        self.client = viewer.person.standing.client().cloned();
        self.has.retain(|(_, action)| viewer.is_offered(*action));
        self.arrange();
        self
    }

    /// For pages that know nobody: errors, sign-in, examples.
    pub fn bare(app: &App, title: &str, theme: Option<&str>) -> Shell {
        Shell {
            title: title.to_owned(),
            crumbs: Vec::new(),
            notice: None,
            person: None,
            client: None,
            clients: Vec::new(),
            sections: Vec::new(),
            behind: Vec::new(),
            theme: Theme::read(theme.unwrap_or_default()),
            path: "/".to_owned(),
            live: false,
            looks: true,
            told: false,
            zones: zone::offered(&app.0.zones),
            zone: zone::reader().name().to_owned(),
            unread: None,
            has: app.0.places.clone(),
            names: app.0.names.clone(),
            visible: Vec::new(),
            staff: false,
            section: None,
        }
    }

    /// For those who draw pages without a server, such as examples: staff, who may choose from these clients, with every section.
    pub fn sample(person: &str, clients: &[ClientId]) -> Shell {
        let routes = [true, false].map(|of_client| Section::ALL.map(|section| section.route(of_client)));
        let shell = Shell {
            title: String::new(),
            crumbs: Vec::new(),
            notice: None,
            person: Some(person.to_owned()),
            client: None,
            clients: Vec::new(),
            sections: Vec::new(),
            behind: Vec::new(),
            theme: Theme::System,
            path: "/".to_owned(),
            live: false,
            looks: true,
            told: false,
            zones: zone::offered(&[]),
            zone: zone::reader().name().to_owned(),
            unread: None,
            has: routes.concat().into_iter().map(|route| (route, Action::ReadOwn)).collect(),
            names: Names::default(),
            visible: Vec::new(),
            staff: true,
            section: None,
        };
        shell.with_clients(clients.to_vec())
    }

    /// The page's name.
    #[must_use]
    pub fn titled(self, title: &str) -> Shell {
        Shell { title: title.to_owned(), ..self }
    }

    /// A step on the way to this page.
    #[must_use]
    pub fn below(mut self, name: &str, path: &str) -> Shell {
        self.crumbs.push(Crumb { name: name.to_owned(), path: path.to_owned() });
        self
    }

    /// The client the page is about.
    #[must_use]
    pub fn of(mut self, client: &ClientId) -> Shell {
        self.client = Some(client.clone());
        self.arrange();
        self
    }

    /// The section the page is in.
    #[must_use]
    pub fn at(mut self, section: Section) -> Shell {
        self.section = Some(section);
        self.arrange();
        self
    }

    /// Regions with an id and `data-live` are fetched anew when something changes.
    #[must_use]
    pub fn live(self) -> Shell {
        Shell { live: true, ..self }
    }

    /// The same for pages that show nothing of what vantage points see.
    #[must_use]
    pub fn live_but_for_looks(self) -> Shell {
        Shell { live: true, looks: false, ..self }
    }

    /// The same for what its reader was told.
    #[must_use]
    pub fn live_for_notices(self) -> Shell {
        Shell { live: true, told: true, ..self }
    }

    /// Where the page hears of changes: of what it shows, and of nothing else.
    pub fn live_from(&self) -> String {
        let of = self.client.as_ref().map(|client| format!("of={client}"));
        let looks = (!self.looks).then(|| "looks=no".to_owned());
        let told = self.told.then(|| "told=yes".to_owned());
        let asked: Vec<String> = of.into_iter().chain(looks).chain(told).collect();
        if asked.is_empty() { "/live".to_owned() } else { format!("/live?{}", asked.join("&")) }
    }

    /// Clients to choose from, for staff.
    #[must_use]
    pub fn with_clients(mut self, clients: Vec<ClientId>) -> Shell {
        self.visible = clients;
        self.arrange();
        self
    }

    /// The clients that may be chosen from, each with what it is called.
    pub(crate) fn visible_names(&self) -> Vec<(String, String)> {
        self.visible.iter().map(|client| (client.to_string(), self.name_of(client))).collect()
    }

    /// What a client is called, by its id: its name in the agreement, the id itself where none is at hand.
    pub fn name_of(&self, client: &impl Display) -> String {
        self.names.of(&client.to_string())
    }

    /// The inbox, said aloud; none where it is not there.
    pub fn inbox(&self) -> Option<String> {
        let there = self.person.is_some() && self.place("/inbox").is_some();
        there.then(|| match self.unread.unwrap_or(0) {
            0 => "Inbox".to_owned(),
            unread => format!("Inbox: {unread} unread"),
        })
    }

    /// The path of an asset, for templates.
    pub fn asset(&self, name: &str) -> &'static str {
        asset_path(name)
    }

    /// What the menu of the sections behind is called: as the one we are in.
    pub fn behind_name(&self) -> &str {
        self.behind.iter().find(|place| place.here).map_or("More", |place| &place.name)
    }

    /// Whether we are in one of them.
    pub fn is_behind(&self) -> bool {
        self.behind.iter().any(|place| place.here)
    }

    /// A page, where there is one that this person may open.
    pub(crate) fn place(&self, route: &'static str) -> Option<&'static str> {
        self.has.iter().any(|(path, _)| *path == route).then_some(route)
    }

    /// The first letters of the person's names, two at most, where the name itself is too long.
    pub fn initials(&self) -> String {
        let names = self.person.iter().flat_map(|name| name.split_whitespace());
        let letters: Vec<char> = names.filter_map(|name| name.chars().next()).collect();
        let ends = [letters.first(), letters.last().filter(|_| letters.len() > 1)];
        ends.into_iter().flatten().flat_map(|letter| letter.to_uppercase()).collect()
    }

    /// Links follow from who looks, which client the page is about, and which pages there are.
    fn arrange(&mut self) {
        let has = |route: &str| self.has.iter().any(|(path, _)| *path == route);
        let theirs = |section: &&Section| self.staff || !section.is_providers();
        let there = |section: &&Section| {
            self.person.is_some() && theirs(section) && has(section.route(self.client.is_some()))
        };
        let place = |section: Section| Place {
            name: section.name(self.client.is_some()).to_owned(),
            path: section.path(self.client.as_ref()),
            key: section.key(),
            here: self.section == Some(section),
        };
        let (behind, before): (Vec<&Section>, Vec<&Section>) =
            Section::ALL.iter().filter(there).partition(|section| Section::BEHIND.contains(section));
        self.sections = before.into_iter().map(|section| place(*section)).collect();
        self.behind = behind.into_iter().map(|section| place(*section)).collect();
        let section = self.section.filter(|section| !section.is_providers()).unwrap_or(Section::Now);
        let choice = |client: &ClientId| Place {
            name: self.name_of(client),
            path: if has(section.route(true)) { section } else { Section::Now }.path(Some(client)),
            key: "",
            here: self.client.as_ref() == Some(client),
        };
        let of_clients = self.staff && has(Section::Now.route(true));
        self.clients = self.visible.iter().filter(|_| of_clients).map(choice).collect();
    }
}

impl FromRequestParts<App> for Shell {
    type Rejection = Problem;

    /// Staff get the clients they can choose from with it.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Shell, Problem> {
        let mut shell = Shell::of_request(app, parts);
        if let Some(viewer) = parts.extensions.get::<Viewer>() {
            shell.unread = inbox::unread(app, viewer).await.ok();
        }
        if !shell.staff {
            return Ok(shell);
        }
        let clients = app.ask(|journal| journal.clients()).await?;
        Ok(shell.with_clients(clients.into_iter().filter(|client| *client != ClientId::provider()).collect()))
    }
}
