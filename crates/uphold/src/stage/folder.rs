//! The folder of a demonstration: this user's alone, gone at the end, and swept by the next one where the end was a kill.

use std::{
    fs::{self, File, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::{files, trouble::Trouble};

/// What folders of demonstrations begin with.
const PREFIX: &str = "uphold-demo-";
/// A file that is locked for as long as its demonstration runs; the system lets go of it, however that ends.
const LOCK: &str = "lock";

/// A folder that goes when it is dropped.
pub(super) struct Folder {
    folder: TempDir,
    _lock: File,
}

impl Folder {
    /// Makes one, and removes those whose demonstration was killed.
    pub(super) fn make() -> Result<Folder, Trouble> {
        let folder = tempfile::Builder::new()
            .prefix(PREFIX)
            .permissions(Permissions::from_mode(0o700))
            .tempdir()
            .map_err(|why| {
                Trouble::failed(format_args!("no folder can be made: {}", files::in_words(&why)))
            })?;
        // Under another name until it is locked: one that is not locked is swept.
        let (fresh, lock) = (folder.path().join("lock.new"), folder.path().join(LOCK));
        let file = File::create(&fresh)?;
        file.try_lock().map_err(std::io::Error::from)?;
        fs::rename(&fresh, &lock)?;
        for old in left(folder.path()) {
            // Somebody else may be sweeping too.
            let _ = fs::remove_dir_all(old);
        }
        Ok(Folder { folder, _lock: file })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Folders beside ours of the same owner, whose process is gone.
fn left(ours: &Path) -> Vec<PathBuf> {
    let Some(Ok(beside)) = ours.parent().map(fs::read_dir) else { return Vec::new() };
    let Ok(owner) = fs::symlink_metadata(ours).map(|ours| ours.uid()) else { return Vec::new() };
    let is_left = |path: &PathBuf| {
        let is_demo = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
        let is_mine = || fs::symlink_metadata(path).is_ok_and(|found| found.is_dir() && found.uid() == owner);
        let is_free = || File::open(path.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
        is_demo && is_mine() && is_free()
    };
    beside.flatten().map(|entry| entry.path()).filter(is_left).collect()
}
