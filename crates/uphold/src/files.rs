//! Files that people name: read whole within a limit, written whole or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use crate::trouble::Trouble;

/// A file to be read bit by bit.
pub(crate) fn open(path: &Path) -> Result<File, Trouble> {
    let opened = File::open(path).and_then(|file| match file.metadata()?.is_dir() {
        true => Err(io::ErrorKind::IsADirectory.into()),
        false => Ok(file),
    });
    opened.map_err(|why| cannot_read(path, &why))
}

/// All of a file of at most `bytes_max` bytes.
pub(crate) fn read(path: &Path, bytes_max: u64) -> Result<Vec<u8>, Trouble> {
    let mut bytes = Vec::new();
    open(path)?.take(bytes_max + 1).read_to_end(&mut bytes).map_err(|why| cannot_read(path, &why))?;
    if bytes.len() as u64 > bytes_max {
        let what =
            format_args!("{} is longer than {bytes_max} bytes: is it the file you mean?", path.display());
        return Err(Trouble::failed(what));
    }
    Ok(bytes)
}

/// The same as text.
pub(crate) fn read_text(path: &Path, bytes_max: u64) -> Result<String, Trouble> {
    String::from_utf8(read(path, bytes_max)?).map_err(|wrong| {
        let at = wrong.utf8_error().valid_up_to();
        Trouble::failed(format_args!(
            "{} is no text: byte {at} is not UTF-8; is it the file you mean?",
            path.display()
        ))
    })
}

/// What lies in a folder, in order of name.
pub(crate) fn list(folder: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let entries = fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut paths: Vec<PathBuf> = entries.map_err(|why| cannot_read(folder, &why))?;
    paths.sort();
    Ok(paths)
}

/// A file that must not be there yet, written by `write`. If that fails, nothing half-written is left.
pub(crate) fn create_with<T>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<Noting<'_>>) -> Result<T, Trouble>,
) -> Result<T, Trouble> {
    if path.is_dir() {
        return Err(cannot_write(path, &io::ErrorKind::IsADirectory.into()));
    }
    let file = File::create_new(path).map_err(|why| cannot_write(path, &why))?;
    let mut buffer = BufWriter::new(Noting { file: &file, failed: None });
    let written = write(&mut buffer).and_then(|answer| {
        let synced = buffer.flush().and_then(|()| file.sync_all());
        synced.map(|()| answer).map_err(|why| cannot_write(path, &why))
    });
    if written.is_err() {
        // It is ours: it was not there before. Where even this fails, the message names the file.
        let _ = fs::remove_file(path);
    }
    // Whatever the writer made of it: the file is the cause.
    match &buffer.get_ref().failed {
        Some(why) => written.map_err(|_| cannot_write(path, why)),
        None => written,
    }
}

/// A file that remembers what first went wrong in writing it.
pub(crate) struct Noting<'f> {
    file: &'f File,
    failed: Option<io::Error>,
}

impl Write for Noting<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut file = self.file;
        file.write(bytes).inspect_err(|why| {
            let interrupted = why.kind() == io::ErrorKind::Interrupted;
            self.failed = self.failed.take().or_else(|| (!interrupted).then(|| again(why)));
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The same error once more: those of the system are numbers.
fn again(why: &io::Error) -> io::Error {
    why.raw_os_error().map_or_else(|| why.kind().into(), io::Error::from_raw_os_error)
}

/// A folder, with those above it, unless it is there.
pub(crate) fn make_folder(path: &Path) -> Result<(), Trouble> {
    fs::create_dir_all(path).map_err(|why| {
        let why = match why.kind() {
            io::ErrorKind::AlreadyExists => "it is a file; name a folder, or one to be made".to_owned(),
            io::ErrorKind::NotADirectory => "a part of its path is a file; name another place".to_owned(),
            _ => in_words(&why),
        };
        Trouble::failed(format_args!("the folder {} cannot be made: {why}", path.display()))
    })
}

/// A file that must not be there yet. A secret one can be read by its owner only. If writing fails, nothing is left.
pub(crate) fn create(path: &Path, text: &str, secret: bool) -> Result<(), Trouble> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, if secret { 0o600 } else { 0o644 });
    let mut file = options.open(path).map_err(|why| cannot_write(path, &why))?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    written.map_err(|why| {
        // It is ours: it was not there before. Where even this fails, the message names the file.
        let _ = fs::remove_file(path);
        cannot_write(path, &why)
    })
}

/// A file's new text, put in its place in one step: a reader sees the old or the new, whatever happens between. A link keeps
/// pointing to the file it points to, a file keeps who may read it, and what is no file (a pipe, a terminal) is written to as it
/// is.
pub(crate) fn replace(path: &Path, text: &str) -> Result<(), Trouble> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    match fs::metadata(&target) {
        Ok(there) if there.is_file() => in_one_step(&target, text, Some(there.permissions())),
        Ok(there) if there.is_dir() => Err(io::Error::from(io::ErrorKind::IsADirectory)),
        Ok(_) => {
            OpenOptions::new().write(true).open(&target).and_then(|mut file| file.write_all(text.as_bytes()))
        }
        Err(_) => in_one_step(&target, text, None),
    }
    .map_err(|why| cannot_write(path, &why))
}

fn in_one_step(target: &Path, text: &str, allowed: Option<fs::Permissions>) -> io::Result<()> {
    let beside = beside(target, &format!(".{}.new", std::process::id()));
    let mut file = OpenOptions::new().write(true).create_new(true).open(&beside)?;
    let written = allowed
        .map_or(Ok(()), |allowed| file.set_permissions(allowed))
        .and_then(|()| file.write_all(text.as_bytes()))
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&beside, target));
    if written.is_err() {
        // Nothing half-written is left; if even that fails, the message says which folder to look in.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// `agreement.toml.sig` for `agreement.toml` and `.sig`.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// A path as a shell reads it: in quotes where one needs them.
pub(crate) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:,@%".contains(c);
    // A leading hyphen would be read as an option.
    let text = if text.starts_with('-') { format!("./{text}") } else { text };
    if !text.is_empty() && text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

fn cannot_read(path: &Path, why: &io::Error) -> Trouble {
    Trouble::failed(format_args!("{} cannot be read: {}", path.display(), in_words(why)))
}

fn cannot_write(path: &Path, why: &io::Error) -> Trouble {
    Trouble::failed(format_args!("{} cannot be written: {}", path.display(), in_words(why)))
}

/// What the system says, and what to do.
pub(crate) fn in_words(why: &io::Error) -> String {
    match why.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder; check the path".to_owned(),
        io::ErrorKind::NotADirectory => "a part of its path is a file; check the path".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "its disk may only be read; name another place".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder; name a file in it".to_owned(),
        io::ErrorKind::PermissionDenied => "this user may not".to_owned(),
        io::ErrorKind::AlreadyExists => "it is there already; take another name, or move it away".to_owned(),
        io::ErrorKind::StorageFull => "no space is left; free some and run this again".to_owned(),
        _ => without_number(&why.to_string()),
    }
}

/// `Broken pipe (os error 32)` without what only a programmer looks up.
fn without_number(text: &str) -> String {
    text.split(" (os error ").next().unwrap_or(text).to_lowercase()
}
