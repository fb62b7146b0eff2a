//! Style, script, fonts and the icon: inside the program, named after their contents, kept by browsers for a year.

use std::sync::LazyLock;

use axum::{
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
};
use desk::policy::Action;
use door::secret::hex;
use sha2::{Digest, Sha256};

use super::{Problem, Route};

struct Asset {
    /// The path with the hash in it.
    path: String,
    name: &'static str,
    kind: &'static str,
    bytes: Vec<u8>,
}

/// What is referred to comes before what refers to it.
static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let mut assets: Vec<Asset> = Vec::new();
    let plain: [(&str, &str, &[u8]); 5] = [
        ("inter-latin.woff2", "font/woff2", include_bytes!("../../assets/inter-latin.woff2")),
        ("inter-latin-ext.woff2", "font/woff2", include_bytes!("../../assets/inter-latin-ext.woff2")),
        ("icon.svg", "image/svg+xml", include_bytes!("../../assets/icon.svg")),
        ("portal.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/portal.js")),
        ("door.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/door.js")),
    ];
    for (name, kind, bytes) in plain {
        assets.push(asset(name, kind, bytes.to_vec()));
    }
    let pages = concat!(
        include_str!("../../assets/fonts.css"),
        include_str!("../../assets/tokens.css"),
        include_str!("../../assets/portal.css"),
        include_str!("../../assets/desk.css"),
        include_str!("../../assets/rooms.css"),
        include_str!("../../assets/rows.css")
    );
    let prints = concat!(
        include_str!("../../assets/fonts.css"),
        include_str!("../../assets/tokens.css"),
        include_str!("../../assets/statement.css"),
        include_str!("../../assets/rows.css")
    );
    for (name, css) in [("portal.css", pages), ("statement.css", prints)] {
        let css = assets.iter().fold(css.to_owned(), |css, asset| {
            css.replace(&format!("url({})", asset.name), &format!("url({})", asset.path))
        });
        assets.push(asset(name, "text/css; charset=utf-8", css.into_bytes()));
    }
    assets
});

fn asset(name: &'static str, kind: &'static str, bytes: Vec<u8>) -> Asset {
    let hash = hex(&Sha256::digest(&bytes)[..6]);
    let (stem, end) = name.rsplit_once('.').unwrap_or((name, ""));
    Asset { path: format!("/assets/{stem}.{hash}.{end}"), name, kind, bytes }
}

/// Where an asset is found, such as `/assets/portal.3f2a9c1b0d4e.css` for `portal.css`.
///
/// # Panics
/// When there is no such asset: its name stands in our own templates.
pub fn asset_path(name: &str) -> &'static str {
    let found = ASSETS.iter().find(|asset| asset.name == name);
    found.map(|asset| asset.path.as_str()).expect("templates name assets that are in the list above")
}

/// Every asset's path and bytes, for those who write pages to files.
pub fn assets() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    ASSETS.iter().map(|asset| (asset.path.as_str(), asset.bytes.as_slice()))
}

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/assets/{file}", Action::Enter, file)]
}

async fn file(Path(file): Path<String>) -> Result<Response, Problem> {
    let path = format!("/assets/{file}");
    let asset = ASSETS.iter().find(|asset| asset.path == path).ok_or(Problem::NotFound)?;
    let forever = "public, max-age=31536000, immutable";
    Ok(([(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, forever)], asset.bytes.as_slice())
        .into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_refers_to_fonts_by_their_hash() {
        let css = ASSETS.iter().find(|asset| asset.name == "portal.css").unwrap();
        let css = std::str::from_utf8(&css.bytes).unwrap();
        assert!(css.contains(asset_path("inter-latin.woff2")));
        assert!(!css.contains("url(inter"));
    }
}
