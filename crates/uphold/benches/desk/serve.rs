//! The server that is measured: the program itself, in a process of its own.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant as Stopwatch},
};

pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// From being called until it answered.
    pub(crate) took: Duration,
}

impl Server {
    pub(crate) fn start(folder: &Path, store: &str) -> Server {
        let began = Stopwatch::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_uphold"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--store", store]).current_dir(folder);
        for file in fs::read_dir(folder).expect("a folder").flatten() {
            let path = file.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                command.arg("--agreement").arg(path);
            }
        }
        let mut child = command.stderr(Stdio::piped()).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines().map_while(Result::ok);
        let mut told = String::new();
        let ready =
            lines.by_ref().inspect(|line| told.push_str(line)).find(|line| line.contains("uphold.ready"));
        let ready = ready.unwrap_or_else(|| panic!("it did not start: {told}"));
        let address = ready.split("\"address\":\"").nth(1).and_then(|rest| rest.split('"').next());
        let address = address.and_then(|text| text.parse().ok()).expect("an address");
        thread::spawn(move || lines.for_each(drop));
        Server { child, address, took: began.elapsed() }
    }

    /// Memory it holds now.
    pub(crate) fn memory_mb(&self) -> u64 {
        self.status("VmRSS:") / 1_024
    }

    /// The most memory it held.
    pub(crate) fn memory_most_mb(&self) -> u64 {
        self.status("VmHWM:") / 1_024
    }

    fn status(&self, key: &str) -> u64 {
        let text = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs");
        let line = text.lines().find(|line| line.starts_with(key)).expect("Linux says so");
        line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).expect("a number")
    }

    /// Processor time so far, in hundredths of a second.
    pub(crate) fn cpu_s(&self) -> u64 {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("it runs");
        let fields: Vec<&str> = text.rsplit(')').next().expect("a line").split_whitespace().collect();
        fields[11..13].iter().map(|ticks| ticks.parse::<u64>().expect("a number")).sum()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
