//! Statements: the months of a client with their verdict and credit, and one of them on the screen, in print, as CSV and as JSON.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use control::{
    live::{Book, Recall},
    statement::Stated,
};
use desk::policy::Action;
use facts::ClientId;
use promise::{Statement, Verdict};
use spans::{Instant, Month};

use super::{App, Problem, Route, Section, Shell, Viewer, asset_path, moment::path, page};
use crate::{
    part::{State as Word, badge},
    statement::{body, lead, printed, title},
    when::{month as month_name, stamp},
};

/// Months in a client's list: the longest term there is, twice over.
const MONTHS_MAX: usize = 120;
/// Months of each client where all clients stand on one page.
const MONTHS_OF_EACH_MAX: usize = 3;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/statements", Action::ReadStatements, all),
        Route::get("/clients/{client}/statements", Action::ReadStatements, of_client),
        Route::get("/clients/{client}/statements/{month}", Action::ReadStatements, one),
        Route::get("/clients/{client}/statements/{month}/print", Action::ReadStatements, print),
    ]
}

/// A month in the list.
struct Line {
    path: String,
    month: Month,
    name: String,
    verdict: String,
    credit: String,
    lead: String,
    closed: bool,
}

struct Group {
    client: ClientId,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "statements.html")]
struct StatementsPage {
    shell: Shell,
    groups: Vec<Group>,
    across: bool,
    staff: bool,
}

#[derive(Template)]
#[template(path = "statement_room.html")]
struct StatementRoom {
    shell: Shell,
    s: Statement,
    as_of: String,
    path: String,
    body: String,
    before: Option<(String, String)>,
    after: Option<(String, String)>,
}

async fn all(State(app): State<App>, shell: Shell) -> Result<Response, Problem> {
    let books = app.books(|book, now| book.statements(now, MONTHS_OF_EACH_MAX)).await?;
    let groups = books.into_iter().map(|(client, statements)| group(client, &statements));
    let groups = groups.filter(|group| !group.lines.is_empty()).collect();
    let shell = shell.titled("Statements").at(Section::Statements);
    page(&StatementsPage { shell, groups, across: true, staff: true })
}

async fn of_client(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
) -> Result<Response, Problem> {
    let statements = match app.book(&client, |book, now| book.statements(now, MONTHS_MAX)).await {
        // A client's own people come in before anything is on file.
        Err(Problem::NotFound) if !viewer.is_staff() => Vec::new(),
        found => found?,
    };
    let shell = shell.of(&client).titled("Statements").at(Section::Statements);
    let groups = vec![group(client, &statements)].into_iter().filter(|group| !group.lines.is_empty());
    page(&StatementsPage { shell, groups: groups.collect(), across: false, staff: viewer.is_staff() })
}

async fn one(
    State(app): State<App>,
    shell: Shell,
    Path((client, name)): Path<(ClientId, String)>,
) -> Result<Response, Problem> {
    if let Some(month) = name.strip_suffix(".csv") {
        let stated = stated(&app, &client, month).await?;
        return Ok(file(stated.to_csv(), "text/csv; charset=utf-8", &client, &name));
    }
    if let Some(month) = name.strip_suffix(".json") {
        let stated = stated(&app, &client, month).await?;
        let text = serde_json::to_string_pretty(&stated).map_err(|e| Problem::internal(&e))? + "\n";
        return Ok(file(text, "application/json", &client, &name));
    }
    let month: Month = name.parse().map_err(|_| Problem::NotFound)?;
    let found =
        app.book_with(&client, Recall::Month(month), move |book, now| room(book, month, shell, now)).await?;
    page(&found.ok_or(Problem::NotFound)?)
}

async fn print(
    State(app): State<App>,
    Path((client, month)): Path<(ClientId, String)>,
) -> Result<Response, Problem> {
    let stated = stated(&app, &client, &month).await?;
    Ok(axum::response::Html(printed(&stated.statement, asset_path("statement.css"))).into_response())
}

/// A month in the shape that `uphold statement` gives it too.
pub(super) async fn stated(app: &App, client: &ClientId, month: &str) -> Result<Stated, Problem> {
    let month: Month = month.parse().map_err(|_| Problem::NotFound)?;
    let statement =
        app.book_with(client, Recall::Month(month), move |book, now| book.statement_of(month, now)).await?;
    let statement = statement.ok_or(Problem::NotFound)?;
    Ok(Stated { statement, tiers: Vec::new(), assumed_price: None })
}

fn room(book: &Book, month: Month, shell: Shell, now: Instant) -> Option<StatementRoom> {
    let statement = book.statement_of(month, now)?;
    let (client, months) = (book.client(), book.months(now));
    let at = |month: Month| format!("/clients/{client}/statements/{month}");
    let near = |month: Month| months.contains(&month).then(|| (at(month), month_name(month)));
    let record = |id: &str| (id.to_owned(), path(client, &["maintenance", id]));
    let records = statement.maintenance.iter().map(|line| record(line.maintenance.as_str())).collect();
    Some(StatementRoom {
        shell: shell
            .of(client)
            .at(Section::Statements)
            .below("Statements", &format!("/clients/{client}/statements"))
            .titled(&title(&statement)),
        as_of: stamp(statement.as_of),
        path: at(month),
        body: body(&statement, &[], None, &records),
        before: near(month.prev()),
        after: near(month.next()),
        s: statement,
    })
}

/// Something to keep: named after what it is, and never shown as a page.
fn file(text: String, kind: &'static str, client: &ClientId, name: &str) -> Response {
    let kept = format!("attachment; filename=\"statement-{client}-{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, kept)], text).into_response()
}

fn group(client: ClientId, statements: &[Statement]) -> Group {
    Group { lines: statements.iter().map(|statement| line(&client, statement)).collect(), client }
}

fn line(client: &ClientId, statement: &Statement) -> Line {
    let credit = statement.credit.as_ref().and_then(|credit| credit.credit);
    Line {
        path: format!("/clients/{client}/statements/{}", statement.month),
        month: statement.month,
        name: title(statement),
        verdict: verdict(statement),
        credit: credit.map_or_else(|| "–".to_owned(), |credit| credit.to_string()),
        lead: lead(statement),
        closed: statement.closed,
    }
}

/// The gravest verdict of its instances.
fn verdict(statement: &Statement) -> String {
    let all = statement.instances.len();
    let count = |wanted: fn(&Verdict) -> bool| {
        statement.instances.iter().filter(|line| wanted(&line.month.verdict)).count()
    };
    let missed = count(|v| matches!(v, Verdict::Missed | Verdict::NotOver { lost: true }));
    let open = count(|v| matches!(v, Verdict::Provisional { .. }));
    let running = count(|v| matches!(v, Verdict::NotOver { lost: false }));
    match (all, missed, open, running) {
        (0, ..) => badge(Word::Unknown, "nothing covered"),
        (1, 1.., ..) => badge(Word::Missed, "missed"),
        (_, 1.., ..) => badge(Word::Missed, &format!("{missed} of {all} missed")),
        (_, _, 1.., _) => badge(Word::Risk, "a person decides"),
        (_, _, _, 1..) => badge(Word::Risk, "not over"),
        _ => badge(Word::Kept, "met"),
    }
}
