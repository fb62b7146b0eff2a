//! Which kind of file system a path lies on. SQLite's write-ahead log needs shared memory and locks that hold, which
//! file systems over a network do not promise (reliability rule 21).

use std::path::{Path, PathBuf};

const NETWORK: &[&str] = &[
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "fuse.ceph",
    "fuse.glusterfs",
    "fuse.sshfs",
    "lustre",
];

/// The kind of network file system under `path`, if it is one; `None` too where the system does not tell.
pub(crate) fn network(path: &Path) -> Option<String> {
    let mounts = std::fs::read_to_string("/proc/self/mounts").ok()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let kind = kind_of(&mounts, &folder.canonicalize().ok()?)?;
    NETWORK.contains(&kind).then(|| kind.to_owned())
}

/// The kind of the deepest mount that holds the folder; of two at one place the later covers the earlier.
fn kind_of<'a>(mounts: &'a str, folder: &Path) -> Option<&'a str> {
    let mut deepest: Option<(usize, &str)> = None;
    for line in mounts.lines() {
        let mut fields = line.split(' ').skip(1);
        let (Some(place), Some(kind)) = (fields.next(), fields.next()) else { continue };
        let place = unescaped(place);
        let depth = place.components().count();
        if folder.starts_with(&place) && deepest.is_none_or(|(known, _)| depth >= known) {
            deepest = Some((depth, kind));
        }
    }
    deepest.map(|(_, kind)| kind)
}

/// The kernel writes a space in a path as `\040`.
fn unescaped(place: &str) -> PathBuf {
    PathBuf::from(place.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deepest_and_last_mount_decides() {
        let mounts = "/dev/vda / ext4 rw 0 0\nfiler:/a /srv nfs4 rw 0 0\n/dev/vdb /srv/local xfs rw 0 0\n\
                      filer:/b /mnt/two\\040words cifs rw 0 0\nold /opt nfs rw 0 0\ntmpfs /opt tmpfs rw 0 0\n";
        let kind = |folder: &str| kind_of(mounts, Path::new(folder));
        assert_eq!(kind("/var/lib/uphold"), Some("ext4"));
        assert_eq!(kind("/srv/uphold"), Some("nfs4"));
        assert_eq!(kind("/srv/local/uphold"), Some("xfs"));
        assert_eq!(kind("/srvother"), Some("ext4"));
        assert_eq!(kind("/mnt/two words/x"), Some("cifs"));
        assert_eq!(kind("/opt/x"), Some("tmpfs"));
        assert_eq!(network(&std::env::temp_dir().join("journal.db")), None);
    }
}
