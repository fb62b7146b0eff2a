//! The image at the head of a status page: put there, changed, taken away. What is kept of it is what draws ([`status::Picture`]).

use std::sync::Arc;

use facts::{ClientId, StatusLogo, StatusPublished};
use journal::logo::KeptLogo;
use sha2::{Digest, Sha256};
use spans::Instant;
use status::{ALT_CHARS_MAX, Picture};

use super::{
    By,
    status::{long, wrong},
};
use crate::live::{Act, Control, Done, NotDone};

/// An image as somebody sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLogo {
    /// What is in it, whatever it is called; none for the image that is there already.
    pub bytes: Option<Vec<u8>>,
    /// What it says to those who do not see it.
    pub alt: String,
}

impl Control {
    /// Puts an image at the head of the client's status page in place of the one before; none takes it away. All else of the page
    /// stays.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::OutOfOrder`] where there is no page or no logo, [`NotDone::Wrong`] for an image that
    /// is not taken.
    pub fn set_status_logo(
        &self,
        client: &ClientId,
        new: Option<NewLogo>,
        by: By,
        now: Instant,
    ) -> Result<Done, NotDone> {
        let wanted = new.map(Wanted::read).transpose()?;
        let stands = self.read(client, now, |book| book.status_set())?.flatten();
        let no_page = || NotDone::OutOfOrder { what: "there is no status page", instead: "put one up first" };
        let stands = stands.ok_or_else(no_page)?.set;
        // Which set it is a part of, and whether it can be, is said again once nobody else can act; its words are looked at here.
        let logo = shown(wanted.as_ref(), stands.logo.as_ref()).unwrap_or_default();
        let act = by.act(client, StatusPublished { logo, ..stands }, None);
        let kept = wanted.as_ref().and_then(Wanted::kept);
        let mut gone = None;
        let done = self.act_prepared(Act { logo: kept, ..act }, now, |book, act| {
            let stands = book.status_set().ok_or_else(no_page)?.set;
            gone.clone_from(&stands.logo);
            let logo = shown(wanted.as_ref(), stands.logo.as_ref())?;
            act.bodies = vec![StatusPublished { logo, ..stands }.into()];
            Ok(())
        })?;
        if wanted.is_none() && !done.already {
            self.forget_logo(client, gone)?;
        }
        self.write_status_of(client, now)?;
        Ok(done)
    }

    /// Forgets the bytes of a logo; not those of another that took its place since.
    pub(super) fn forget_logo(&self, client: &ClientId, gone: Option<StatusLogo>) -> Result<(), NotDone> {
        let Some(StatusLogo { sha256, .. }) = gone else { return Ok(()) };
        let of = client.clone();
        Ok(self.journal().write_for(client, move |tx| tx.drop_logo(&of, &sha256))?)
    }
}

/// A logo that may stand on a page: its words, and an image that was looked at.
struct Wanted {
    alt: String,
    image: Option<(Picture, String)>,
}

impl Wanted {
    fn read(new: NewLogo) -> Result<Wanted, NotDone> {
        let alt = new.alt.trim().to_owned();
        if alt.is_empty() {
            return Err(wrong("alt", "say in words what the logo says, for those who do not see it"));
        }
        long("alt", &alt, ALT_CHARS_MAX)?;
        let picture = new.bytes.map(|bytes| Picture::read(&bytes)).transpose();
        let picture = picture.map_err(|why| wrong("image", &why.to_string()))?;
        let image = picture.map(|picture| {
            let digest = digest(&picture.bytes);
            (picture, digest)
        });
        Ok(Wanted { alt, image })
    }

    fn kept(&self) -> Option<KeptLogo> {
        let (picture, digest) = self.image.as_ref()?;
        Some(KeptLogo { digest: digest.clone(), bytes: Arc::from(picture.bytes.as_slice()) })
    }
}

/// What the page says of its logo from now on; none where it is taken away.
fn shown(wanted: Option<&Wanted>, stands: Option<&StatusLogo>) -> Result<Option<StatusLogo>, NotDone> {
    match (wanted, stands) {
        (Some(Wanted { alt, image: Some((picture, digest)) }), _) => Ok(Some(StatusLogo {
            sha256: digest.clone(),
            media: picture.media.to_owned(),
            bytes: picture.bytes.len() as u64,
            width: picture.width,
            height: picture.height,
            alt: alt.clone(),
        })),
        (Some(Wanted { alt, image: None }), Some(stands)) => {
            Ok(Some(StatusLogo { alt: alt.clone(), ..stands.clone() }))
        }
        (Some(_), None) => Err(wrong("image", "there is none yet: choose an image")),
        (None, Some(_)) => Ok(None),
        (None, None) => Err(NotDone::OutOfOrder {
            what: "the page has no logo",
            instead: "there is nothing to take away",
        }),
    }
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
