//! What a look costs, beside a bare hyper client and Debian's blackbox_exporter, on one nginx in one run: the look alone, and the
//! look recorded durably and evaluated by `uphold serve` ([`kept`]).
//!
//! CPU is user and system time from `/proc/<pid>/stat`, of the prober alone, between its first and its last look; memory is
//! `VmRSS` at the end. Times on a shared machine vary: look at the ratios, and run it again.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::shell;
use kept::Kept;

mod kept;

/// How long each paced run takes when not told otherwise.
const PACED_S: u64 = 60;
/// 500 checks each 20 s: the pace of `docs/performance.md`.
const CHECKS: u64 = 500;
const EVERY_S: u64 = 20;
const AT_ONCE: u64 = 8;
/// Ticks of `/proc/<pid>/stat` in a second (USER_HZ on every Linux that Debian ships).
pub(crate) const TICKS: u64 = 100;

const NGINX: &str = "/usr/sbin/nginx";
const BLACKBOX: &str = "/usr/bin/prometheus-blackbox-exporter";

/// What one run used.
struct Cost {
    looks: u64,
    good: u64,
    cpu_ms: u64,
    rss_kb: u64,
    note: String,
}

/// Compares at 25 looks a second for `seconds`, saturated, and at 500 looks a second; plain and over TLS. With the word `kept`
/// after the seconds only what is recorded and evaluated, beside blackbox_exporter at the same pace.
pub(crate) fn probe(words: &[&str]) -> ExitCode {
    let seconds = words.first().map_or(Ok(PACED_S), |seconds| seconds.parse::<u64>());
    let compared = seconds.map_err(|_| "how many seconds? cargo xtask compare probe 60".to_owned());
    let only_kept = words.get(1) == Some(&"kept");
    match compared.and_then(|seconds| compare(seconds, only_kept)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn compare(seconds: u64, only_kept: bool) -> Result<(), String> {
    for (program, package) in [(NGINX, "nginx-light"), (BLACKBOX, "prometheus-blackbox-exporter")] {
        if !Path::new(program).exists() {
            return Err(format!("NOT RUN: {program} is not there: apt install {package}"));
        }
    }
    shell::output(shell::cargo(&["build", "--release", "-p", "probe", "--example", "drive"]))?;
    shell::output(shell::cargo(&["build", "--release", "-p", "uphold"]))?;
    let bench = Bench::set_up()?;
    println!(
        "| target | load | prober | looks | good | CPU-s per 1,000 | RSS MB | |\n|---|---|---|--:|--:|--:|--:|---|"
    );
    for scheme in ["http", "https"] {
        if !only_kept {
            bench.looks(scheme, seconds)?;
        }
        bench.kept(scheme, seconds)?;
    }
    Ok(())
}

/// nginx and blackbox_exporter, running, and the folder they live in; all gone when dropped.
struct Bench {
    folder: PathBuf,
    plain: u16,
    tls: u16,
    counter: u16,
    exporter: u16,
    blackbox: Child,
    nginx: Child,
}

enum Load {
    Saturated { count: u64 },
    Paced { seconds: u64, a_second: u64 },
}

impl Bench {
    /// The look alone: nothing of it is kept but a report in a spool.
    fn looks(&self, scheme: &str, seconds: u64) -> Result<(), String> {
        let bench = self;
        let count = if scheme == "http" { 40_000 } else { 8_000 };
        let all = count.to_string();
        bench.row(scheme, "saturated", "bare hyper", bench.drive(scheme, &["bare-saturated", &all, "8"])?);
        bench.row(scheme, "saturated", "uphold", bench.drive(scheme, &["ours-saturated", &all, "8"])?);
        bench.row(scheme, "saturated", "blackbox", bench.blackbox(scheme, Load::Saturated { count: 3_000 })?);
        let (checks, every, time) = (CHECKS.to_string(), EVERY_S.to_string(), seconds.to_string());
        bench.row(
            scheme,
            "25/s",
            "bare hyper",
            bench.drive(scheme, &["bare-paced", &checks, &every, &time])?,
        );
        bench.row(scheme, "25/s", "uphold", bench.drive(scheme, &["ours-paced", &checks, &every, &time])?);
        bench.row(scheme, "500/s", "uphold", bench.drive(scheme, &["ours-paced", "10000", &every, &time])?);
        Ok(())
    }

    /// The look recorded and evaluated, at both paces, each beside the others at the same.
    fn kept(&self, scheme: &str, seconds: u64) -> Result<(), String> {
        let (folder, root) = (self.folder.join("kept"), self.folder.join("cert.pem"));
        for (a_second, every_s) in [(25, EVERY_S), (500, 1)] {
            let load = format!("{a_second}/s");
            let (workers, time) = ((a_second * EVERY_S).to_string(), seconds.to_string());
            let bare = ["bare-paced", &workers, &EVERY_S.to_string(), &time];
            self.row(scheme, &load, "bare hyper", self.drive(scheme, &bare)?);
            let kept = Kept::watching(&self.url(scheme), every_s, &folder, &root)?;
            self.row(scheme, &load, "uphold serve", kept.cost(seconds, self.counter)?);
            let blackbox = self.blackbox(scheme, Load::Paced { seconds, a_second })?;
            self.row(scheme, &load, "blackbox", blackbox);
        }
        Ok(())
    }

    fn set_up() -> Result<Bench, String> {
        let folder = shell::root().join("target/compare");
        fs::create_dir_all(folder.join("logs")).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut certificate = Command::new(driver());
        certificate.arg("certificate").arg(&folder);
        shell::output(certificate)?;
        let [plain, tls, counter, exporter] = [free_port()?, free_port()?, free_port()?, free_port()?];
        write(&folder.join("nginx.conf"), &nginx_conf(&folder, plain, tls, counter))?;
        write(&folder.join("blackbox.yml"), &blackbox_yml(&folder))?;
        let mut nginx = Command::new(NGINX);
        nginx
            .arg("-p")
            .arg(&folder)
            .arg("-c")
            .arg(folder.join("nginx.conf"))
            .arg("-e")
            .arg(folder.join("logs/error"));
        let mut blackbox = Command::new(BLACKBOX);
        blackbox.arg(format!("--config.file={}", folder.join("blackbox.yml").display()));
        blackbox.arg(format!("--web.listen-address=127.0.0.1:{exporter}")).stderr(Stdio::null());
        let nginx = start(nginx)?;
        let blackbox = start(blackbox)?;
        let bench = Bench { folder, plain, tls, counter, exporter, blackbox, nginx };
        [plain, tls, counter, exporter].into_iter().try_for_each(wait_for)?;
        Ok(bench)
    }

    fn url(&self, scheme: &str) -> String {
        let port = if scheme == "http" { self.plain } else { self.tls };
        format!("{scheme}://127.0.0.1:{port}")
    }

    /// Our example program: `words` with the URL after the first.
    fn drive(&self, scheme: &str, words: &[&str]) -> Result<Cost, String> {
        let mut command = Command::new(driver());
        command.arg(words[0]).arg(self.url(scheme)).args(&words[1..]);
        command.env("DRIVE_ROOT", self.folder.join("cert.der"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = start(command)?;
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let mut line = || lines.next().and_then(Result::ok).unwrap_or_default();
        let result = if line() == "begin" {
            let before = cpu_ticks(child.id())?;
            let end = line();
            let after = cpu_ticks(child.id())?;
            cost(&end, after - before, rss_kb(child.id())?)
        } else {
            Err(format!("{words:?} did not begin"))
        };
        drop(child.stdin.take());
        let _ = child.wait();
        result
    }

    /// blackbox_exporter, asked to probe over its own HTTP interface, as Prometheus would.
    fn blackbox(&self, scheme: &str, load: Load) -> Result<Cost, String> {
        let path = format!("/probe?module={scheme}&target={}", self.url(scheme));
        let pid = self.blackbox.id();
        ask(self.exporter, &path)?;
        let before = cpu_ticks(pid)?;
        let (looks, good) = match load {
            Load::Saturated { count } => self.all_at_once(&path, count),
            Load::Paced { seconds, a_second } => self.in_step(&path, seconds * a_second, a_second),
        };
        let ticks = cpu_ticks(pid)? - before;
        Ok(Cost { looks, good, cpu_ms: ticks * 1_000 / TICKS, rss_kb: rss_kb(pid)?, note: String::new() })
    }

    fn all_at_once(&self, path: &str, count: u64) -> (u64, u64) {
        let good = thread::scope(|scope| {
            let work = || (0..count / AT_ONCE).filter(|_| ask(self.exporter, path).unwrap_or(false)).count();
            let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
            workers.into_iter().map(|worker| worker.join().unwrap_or(0) as u64).sum()
        });
        (count / AT_ONCE * AT_ONCE, good)
    }

    /// Evenly, by as many workers as are needed when an answer takes its time.
    fn in_step(&self, path: &str, count: u64, a_second: u64) -> (u64, u64) {
        #[expect(clippy::disallowed_methods, reason = "a pace is kept by the monotonic clock")]
        let start = Instant::now();
        let is_good = |index: &u64| {
            let due = Duration::from_micros(index * 1_000_000 / a_second);
            thread::sleep(due.saturating_sub(start.elapsed()));
            ask(self.exporter, path).unwrap_or(false)
        };
        let good = thread::scope(|scope| {
            let work = |worker: u64| (worker..count).step_by(AT_ONCE as usize).filter(is_good).count();
            let workers: Vec<_> = (0..AT_ONCE).map(|worker| scope.spawn(move || work(worker))).collect();
            workers.into_iter().map(|worker| worker.join().unwrap_or(0) as u64).sum()
        });
        (count, good)
    }

    fn row(&self, scheme: &str, load: &str, prober: &str, cost: Cost) {
        let Cost { looks, good, cpu_ms, rss_kb, note } = cost;
        // CPU milliseconds for so many looks are CPU seconds for a thousand: shown to a thousandth.
        let per_thousand = cpu_ms * 1_000 / looks.max(1);
        let (whole, rest, mb) = (per_thousand / 1_000, per_thousand % 1_000, rss_kb / 1_024);
        println!("| {scheme} | {load} | {prober} | {looks} | {good} | {whole}.{rest:03} | {mb} | {note} |");
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // Asked to stop, not killed: nginx then ends its worker too.
        let pid = self.nginx.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &pid]).status();
        let _ = self.nginx.wait();
        let _ = self.blackbox.kill();
        let _ = self.blackbox.wait();
    }
}

/// `end <looks> <good> <latest µs> <late> <ms that 999 of 1,000 starts keep to>`
fn cost(end: &str, ticks: u64, rss_kb: u64) -> Result<Cost, String> {
    let numbers: Vec<u64> = end.split(' ').skip(1).filter_map(|word| word.parse().ok()).collect();
    let [looks, good, latest_us, late, nearly_all] = numbers[..] else {
        return Err(format!("it ended with `{end}`"));
    };
    let note = if latest_us == 0 {
        String::new()
    } else {
        format!("latest start {latest_us} µs, 99.9 % under {nearly_all} ms, {late} over 50 ms")
    };
    Ok(Cost { looks, good, cpu_ms: ticks * 1_000 / TICKS, rss_kb, note })
}

/// User and system time of a process and of nobody else, in ticks (proc(5): fields 14 and 15).
pub(crate) fn cpu_ticks(pid: u32) -> Result<u64, String> {
    let path = format!("/proc/{pid}/stat");
    let stat = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    // The name in brackets may hold blanks.
    let rest = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<u64> =
        rest.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    Ok(fields.iter().sum())
}

fn rss_kb(pid: u32) -> Result<u64, String> {
    let path = format!("/proc/{pid}/status");
    let status = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .ok_or_else(|| format!("{path}: no VmRSS"))
}

/// One probe of blackbox_exporter. True when it succeeded.
fn ask(port: u16, path: &str) -> Result<bool, String> {
    Ok(get(port, path)?.contains("\nprobe_success 1"))
}

/// One request over a connection of its own; the whole answer.
pub(crate) fn get(port: u16, path: &str) -> Result<String, String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).map_err(|error| error.to_string())?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).map_err(|error| error.to_string())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(|error| error.to_string())?;
    Ok(answer)
}

pub(crate) fn wait_for(port: u16) -> Result<(), String> {
    let there = (0..100).any(|_| {
        let connected = TcpStream::connect(("127.0.0.1", port)).is_ok();
        if !connected {
            thread::sleep(Duration::from_millis(50));
        }
        connected
    });
    if there { Ok(()) } else { Err(format!("nobody listens on port {port}")) }
}

pub(crate) fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    listener.local_addr().map(|address| address.port()).map_err(|error| error.to_string())
}

fn start(mut command: Command) -> Result<Child, String> {
    command.spawn().map_err(|error| format!("{command:?}: {error}"))
}

fn driver() -> PathBuf {
    shell::root().join("target/release/examples/drive")
}

pub(crate) fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

fn nginx_conf(folder: &Path, plain: u16, tls: u16, counter: u16) -> String {
    let folder = folder.display();
    format!(
        "daemon off; worker_processes 1; pid {folder}/nginx.pid;\n\
         events {{ worker_connections 4096; }}\n\
         http {{\n  access_log off;\n  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};\n  \
         uwsgi_temp_path {folder}; scgi_temp_path {folder};\n  \
         server {{ listen 127.0.0.1:{plain} backlog=1024; return 204; }}\n  \
         server {{ listen 127.0.0.1:{counter}; location / {{ stub_status; }} }}\n  \
         server {{ listen 127.0.0.1:{tls} ssl backlog=1024; ssl_certificate {folder}/cert.pem;\n    \
         ssl_certificate_key {folder}/key.pem; ssl_session_tickets off; return 204; }}\n}}\n"
    )
}

fn blackbox_yml(folder: &Path) -> String {
    let root = folder.join("cert.pem");
    let module = |name: &str, tls: &str| {
        format!(
            "  {name}:\n    prober: http\n    timeout: 10s\n    http:\n      preferred_ip_protocol: ip4\n{tls}"
        )
    };
    let tls = format!("      tls_config:\n        ca_file: {}\n", root.display());
    format!("modules:\n{}{}", module("http", ""), module("https", &tls))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_process_used_is_read_from_the_kernel() {
        let pid = std::process::id();
        assert!(cpu_ticks(pid).is_ok());
        assert!(rss_kb(pid).is_ok_and(|kb| kb > 100));
        assert!(cpu_ticks(u32::MAX).is_err());
    }

    #[test]
    fn the_last_line_of_a_run_is_read_and_another_is_told() {
        let cost = cost("end 100 99 1500 2 1", 7, 2_048).unwrap();
        assert_eq!((cost.looks, cost.good, cost.cpu_ms), (100, 99, 70));
        assert_eq!(cost.note, "latest start 1500 µs, 99.9 % under 1 ms, 2 over 50 ms");
        assert!(super::cost("thread panicked", 7, 2_048).is_err());
    }
}
