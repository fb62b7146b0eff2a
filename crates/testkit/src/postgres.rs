//! A throw-away PostgreSQL: one cluster per test process, one schema per test, gone when the process ends, however it
//! ends.
//!
//! The server runs with `fsync = on`, since the journal refuses any other, and listens on 127.0.0.1 at a free port.
//! `initdb` refuses root, so as root everything below runs as `nobody` (through `setpriv`).

use std::{
    env, fs,
    io::{Error, ErrorKind, Result},
    net::TcpListener,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// How often another port is tried when somebody took the free one in between.
const STARTS_MAX: u32 = 5;
/// Connections the cluster accepts: many tests run at once, each with a few.
const CONNECTIONS_MAX: u32 = 200;
const MISSING: &str =
    "PostgreSQL 15 or newer is needed by the tests and was not found: run `apt-get install postgresql`";

/// What tests need: small, and there are many of them.
const BUFFERS_MB: u32 = 32;

/// A running cluster. Dropping it stops the server and removes its folder; so does the end of the process.
pub struct Cluster {
    bin: PathBuf,
    folder: PathBuf,
    port: u16,
    /// Megabytes of its page cache.
    buffers: u32,
    schemas: AtomicU32,
    _watchdog: Watchdog,
}

/// The cluster that the tests of this process share, started by whoever asks first.
///
/// # Panics
/// When PostgreSQL is missing or does not start: a store test that skips proves nothing.
pub fn shared() -> &'static Cluster {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(|| Cluster::start().unwrap_or_else(|e| panic!("{e}")))
}

impl Cluster {
    /// A cluster of one's own, for tests that stop or crash the server.
    pub fn start() -> Result<Cluster> {
        Cluster::start_with(BUFFERS_MB)
    }

    /// A cluster of one's own with so many megabytes of page cache, for measuring.
    pub fn start_with(buffers: u32) -> Result<Cluster> {
        let bin = find_binaries()?;
        let folder = scratch_folder();
        run(as_nobody("mkdir").args(["-m", "700"]).arg(&folder))?;
        let watchdog = Watchdog::over(&bin, &folder)?;
        let mut initdb = as_nobody(bin.join("initdb"));
        initdb.arg("-D").arg(folder.join("data"));
        run(initdb.args(["-U", "uphold", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]))?;
        let mut cluster =
            Cluster { bin, folder, port: 0, buffers, schemas: AtomicU32::new(0), _watchdog: watchdog };
        cluster.find_port()?;
        Ok(cluster)
    }

    /// A connection URL into a new, empty schema.
    pub fn fresh_schema(&self) -> String {
        let name = format!("t{}", self.schemas.fetch_add(1, Ordering::Relaxed));
        self.sql(&format!("CREATE SCHEMA {name}")).unwrap_or_else(|e| panic!("{e}"));
        format!("{}&options=-csearch_path%3D{name}", self.url())
    }

    /// A connection URL into the default schema.
    pub fn url(&self) -> String {
        format!("postgres://uphold@127.0.0.1:{}/postgres?sslmode=disable", self.port)
    }

    /// The port the server listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs SQL text as the superuser and gives what `psql` prints, one row a line.
    pub fn sql(&self, text: &str) -> Result<String> {
        let mut psql = as_nobody(self.bin.join("psql"));
        psql.args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", &self.url(), "-c", text]);
        run(&mut psql)
    }

    /// Stops the server as a power cut would see it: no checkpoint, no goodbye.
    pub fn crash(&self) -> Result<()> {
        let mut stop = self.pg_ctl("stop");
        run(stop.args(["-m", "immediate"])).map(drop)
    }

    /// Starts the server again after a [`Cluster::crash`], on the same port, and waits until recovery is over.
    pub fn restart(&self) -> Result<()> {
        let options = format!(
            "-p {} -k {} -c listen_addresses=127.0.0.1 -c max_connections={CONNECTIONS_MAX} -c shared_buffers={}MB",
            self.port,
            self.folder.display(),
            self.buffers
        );
        let mut start = self.pg_ctl("start");
        run(start.arg("-w").arg("-l").arg(self.folder.join("log")).args(["-o", &options])).map(drop)
    }

    fn find_port(&mut self) -> Result<()> {
        for _ in 1..STARTS_MAX {
            self.port = free_port()?;
            if self.restart().is_ok() {
                return Ok(());
            }
        }
        self.port = free_port()?;
        self.restart()
    }

    fn pg_ctl(&self, verb: &str) -> Command {
        let mut command = as_nobody(self.bin.join("pg_ctl"));
        command.arg("-D").arg(self.folder.join("data")).arg(verb);
        command
    }
}

/// A shell that waits for our end of a pipe to close, which the kernel does even after `kill -9`, and then cleans up.
struct Watchdog {
    shell: Child,
    alive: Option<ChildStdin>,
}

impl Watchdog {
    fn over(bin: &Path, folder: &Path) -> Result<Watchdog> {
        let script = r#"trap "" INT TERM HUP; cat >/dev/null
            "$0/pg_ctl" -D "$1/data" -m immediate stop; rm -rf "$1""#;
        let mut shell = as_nobody("sh");
        shell.args(["-c", script]).arg(bin).arg(folder);
        let mut shell = shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let alive = shell.stdin.take();
        Ok(Watchdog { shell, alive })
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        drop(self.alive.take());
        let _ = self.shell.wait();
    }
}

fn find_binaries() -> Result<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path)
        .filter_map(|folder| fs::canonicalize(folder.join("initdb")).ok())
        .filter_map(|initdb| initdb.parent().map(Path::to_path_buf));
    on_path
        .chain(debian_folders())
        .find(|bin| bin.join("psql").exists() && bin.join("pg_ctl").exists())
        .ok_or_else(|| Error::new(ErrorKind::NotFound, MISSING))
}

/// `/usr/lib/postgresql/*/bin`, the newest version first.
fn debian_folders() -> Vec<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort();
    versions.into_iter().rev().map(|(_, bin)| bin).collect()
}

fn scratch_folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let n = COUNT.fetch_add(1, Ordering::Relaxed);
    env::temp_dir().join(format!("uphold-postgres-{}-{n}", std::process::id()))
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// A command that does not run as root, whoever we are.
fn as_nobody(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let root = fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    if !root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]).arg(program);
    command
}

/// Runs to the end and gives standard output. The server that `pg_ctl` leaves behind must not hold our pipes, so a
/// start keeps its output to its log.
fn run(command: &mut Command) -> Result<String> {
    let starts = command.get_args().any(|arg| arg == "start");
    command.current_dir("/").stdin(Stdio::null());
    if starts {
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        return if status.success() { Ok(String::new()) } else { Err(failed(command, "see its log")) };
    }
    let output = command.output()?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    } else {
        Err(failed(command, String::from_utf8_lossy(&output.stderr).trim()))
    }
}

fn failed(command: &Command, why: &str) -> Error {
    Error::other(format!("{command:?} failed: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_answers_survives_a_crash_and_leaves_nothing_behind() {
        let cluster = Cluster::start().unwrap();
        cluster.sql("CREATE TABLE t (n INT); INSERT INTO t VALUES (7)").unwrap();
        cluster.crash().unwrap();
        assert!(cluster.sql("SELECT 1").is_err());
        cluster.restart().unwrap();
        assert_eq!(cluster.sql("SELECT n FROM t").unwrap(), "7");
        let folder = cluster.folder.clone();
        drop(cluster);
        assert!(!folder.exists());
    }
}
