//! Light, dark, or as the system has it: chosen by a form, kept in a cookie, without script.

use axum::{
    Form,
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use desk::policy::Action;
use serde::Deserialize;

use super::{Route, cookie, local};

/// How pages look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    System,
    /// Ink on paper.
    Light,
    /// Paper on ink.
    Dark,
}

impl Theme {
    pub(crate) fn read(word: &str) -> Theme {
        match word {
            "light" => Theme::Light,
            "dark" => Theme::Dark,
            _ => Theme::System,
        }
    }

    /// The word in the cookie and in `data-theme`; empty for the system's.
    pub fn word(self) -> &'static str {
        match self {
            Theme::System => "",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// As people read it.
    pub fn name(self) -> &'static str {
        match self {
            Theme::System => "System",
            Theme::Light => "Light",
            Theme::Dark => "Dark",
        }
    }

    /// What the button chooses.
    pub fn next(self) -> Theme {
        match self {
            Theme::System => Theme::Light,
            Theme::Light => Theme::Dark,
            Theme::Dark => Theme::System,
        }
    }
}

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::post("/theme", Action::Enter, choose)]
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    theme: String,
    #[serde(default)]
    back: String,
}

async fn choose(Form(choice): Form<Choice>) -> Response {
    let mut headers = HeaderMap::new();
    cookie::set_theme(&mut headers, Theme::read(&choice.theme).word());
    (headers, Redirect::to(local::path(&choice.back))).into_response()
}
