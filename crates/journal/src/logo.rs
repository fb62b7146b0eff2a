//! The image at the head of a client's status page: its bytes, which the fact that shows it names by their digest. One for each client,
//! so that there is never more than what is shown.

use facts::ClientId;

use crate::{Result, Tx, entry::limit, value::args};

/// Bytes of one image, whatever is checked before.
const LOGO_BYTES_MAX: usize = 64 << 10;

const PUT: &str = "INSERT INTO status_logo (client, digest, bytes) VALUES ($1, $2, $3)
    ON CONFLICT (client) DO UPDATE SET digest = excluded.digest, bytes = excluded.bytes";
const BYTES: &str = "SELECT bytes FROM status_logo WHERE client = $1 AND digest = $2";
const DROP: &str = "DELETE FROM status_logo WHERE client = $1 AND digest = $2";
pub(crate) const STATEMENTS: &[&str] = &[PUT, BYTES, DROP];

/// An image with its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptLogo {
    /// SHA-256 of its bytes, in hex.
    pub digest: String,
    /// What is in it.
    pub bytes: std::sync::Arc<[u8]>,
}

impl Tx<'_> {
    /// Keeps a client's image in place of the one before.
    ///
    /// # Errors
    /// [`crate::Error::TooMuch`] for one that is too large, and the journal's.
    pub fn put_logo(&mut self, client: &ClientId, logo: &KeptLogo) -> Result<()> {
        limit("bytes of a logo", logo.bytes.len(), LOGO_BYTES_MAX)?;
        self.run(PUT, args![client, &logo.digest, logo.bytes.to_vec()]).map(drop)
    }

    /// The bytes of a client's image of this digest; none where they are gone, or others took their place.
    ///
    /// # Errors
    /// The journal's.
    pub fn logo(&mut self, client: &ClientId, digest: &str) -> Result<Option<Vec<u8>>> {
        self.row(BYTES, args![client, digest])?.map(|mut row| row.bytes(0)).transpose()
    }

    /// Forgets a client's image of this digest; another that took its place stays.
    ///
    /// # Errors
    /// The journal's.
    pub fn drop_logo(&mut self, client: &ClientId, digest: &str) -> Result<()> {
        self.run(DROP, args![client, digest]).map(drop)
    }
}
