//! When it was, by a clock that may be wrong: durations by the monotonic clock, instants from an anchor that is watched.
//!
//! Looks are placed by the monotonic clock from the last good anchor (reliability rules 8, 9 and 11). The system's wall clock is
//! read with every tick. While it slews it is followed; when it steps it is not, until control's clock has judged it or, where
//! there is no other clock, until it has stood for [`SETTLE`]. A suspend moves the anchor by what the boot-time clock counted.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use spans::{Instant, Length};
use wire::ClockNote;

/// A difference between two readings that no slew explains: 500 ppm of the longest tick is half a millisecond.
const STEP_US: i64 = 100_000;
/// A tick that came so late that looks under way are not to be believed.
pub(crate) const STALL: Duration = Duration::from_secs(2);
/// How long a stepped clock is not followed where nothing else can judge it.
pub(crate) const SETTLE: Duration = Duration::from_secs(60);
/// Rule 9: an offset beyond this is applied and shown.
const SKEW_SHOWN_US: i64 = 2_000_000;
/// Rule 9: beyond this the looks are void.
const SKEW_VOID_US: i64 = 30_000_000;

/// Three clocks of one machine, read together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Nanoseconds that never go back and stand still while the machine sleeps (CLOCK_MONOTONIC).
    pub mono_ns: u64,
    /// Nanoseconds that never go back and count sleep (CLOCK_BOOTTIME).
    pub boot_ns: u64,
    /// Microseconds since 1970, as the machine believes (CLOCK_REALTIME).
    pub wall_us: i64,
}

/// Where the time comes from. Tests bring their own.
pub trait Clock: Send + Sync + 'static {
    /// All three clocks now.
    fn read(&self) -> Reading;

    /// The monotonic clock now, in nanoseconds.
    fn mono_ns(&self) -> u64 {
        self.read().mono_ns
    }
}

/// The clocks of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn read(&self) -> Reading {
        use rustix::time::ClockId;
        let wall = rustix::time::clock_gettime(ClockId::Realtime);
        Reading {
            mono_ns: self.mono_ns(),
            boot_ns: nanos(rustix::time::clock_gettime(ClockId::Boottime)),
            wall_us: wall.tv_sec.saturating_mul(1_000_000).saturating_add(wall.tv_nsec / 1_000),
        }
    }

    fn mono_ns(&self) -> u64 {
        nanos(rustix::time::clock_gettime(rustix::time::ClockId::Monotonic))
    }
}

fn nanos(time: rustix::time::Timespec) -> u64 {
    let nanos = time.tv_sec.saturating_mul(1_000_000_000).saturating_add(time.tv_nsec);
    u64::try_from(nanos).unwrap_or(0)
}

/// Control's clock, read over the network: at `mono_ns` it showed `control_us`, give or take `error_us`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// The middle of the exchange, by our monotonic clock.
    pub mono_ns: u64,
    /// What control's clock showed, in microseconds since 1970.
    pub control_us: i64,
    /// Half of the round trip, in microseconds.
    pub error_us: u32,
}

/// What a reading showed beside the time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Noticed {
    /// Looks under way are not to be believed: the machine slept or the prober was held up.
    pub(crate) slept: Option<Duration>,
    /// The wall clock was put forward or back by so many microseconds.
    pub(crate) stepped_us: Option<i64>,
}

/// Turns monotonic nanoseconds into instants.
#[derive(Debug)]
pub(crate) struct Timeline {
    /// Microseconds since 1970 at monotonic zero.
    anchor_us: i64,
    last: Reading,
    /// The wall clock less the timeline, after a step that is not followed.
    astray_us: i64,
    /// When the last step that is not followed was noticed, by the monotonic clock.
    stepped_at: Option<u64>,
    offset: Option<(i64, u32)>,
    /// Somebody measures us: a step waits for that judgement, however long.
    has_judge: bool,
    /// Nothing may be placed before this: the timeline was put back, and what lies before has been told already.
    floor: Instant,
    slept: Duration,
}

/// An instant and whether it can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placed {
    /// When it was.
    At(Instant),
    /// When it was, by a clock that is more than thirty seconds off: the look is void.
    Doubtful(Instant),
    /// A time that has been told already, before the clock was put back: the look is left out.
    Repeated,
}

impl Timeline {
    pub(crate) fn new(reading: Reading, has_judge: bool) -> Timeline {
        Timeline {
            anchor_us: reading.wall_us.saturating_sub(micros(reading.mono_ns)),
            last: reading,
            astray_us: 0,
            stepped_at: None,
            offset: None,
            has_judge,
            floor: Instant::MIN,
            slept: Duration::ZERO,
        }
    }

    /// Takes a reading in. `expected`: how long after the last one it was meant to come.
    pub(crate) fn read(&mut self, reading: Reading, expected: Duration) -> Noticed {
        let (before, now) = (self.last, reading);
        self.last = now;
        let ran = Duration::from_nanos(now.mono_ns.saturating_sub(before.mono_ns));
        let passed = Duration::from_nanos(now.boot_ns.saturating_sub(before.boot_ns));
        let suspended = passed.saturating_sub(ran);
        let held_up = ran.saturating_sub(expected);
        // The two clocks are read one after the other: less than this is no sleep.
        if suspended >= Duration::from_millis(100) {
            self.anchor_us = self.anchor_us.saturating_add(length(suspended).as_micros());
        }
        let slept = suspended.max(held_up);
        let slept = (suspended >= Duration::from_millis(100) || held_up >= STALL).then_some(slept);
        self.slept += slept.unwrap_or_default();
        Noticed { slept, stepped_us: self.compare() }
    }

    /// Follows the wall clock while it slews; holds on to the anchor when it steps.
    fn compare(&mut self) -> Option<i64> {
        let off =
            self.last.wall_us.saturating_sub(self.wall(self.last.mono_ns)).saturating_sub(self.astray_us);
        if off.abs() < STEP_US {
            self.anchor_us += off;
            if self.stepped_at.is_some_and(|since| !self.has_judge && self.age(since) >= SETTLE) {
                self.follow();
            }
            return None;
        }
        self.astray_us += off;
        // Put right again: the anchor was good all along.
        self.stepped_at = (self.astray_us.abs() >= STEP_US).then_some(self.last.mono_ns);
        if self.stepped_at.is_none() {
            self.anchor_us += std::mem::take(&mut self.astray_us);
        }
        Some(off)
    }

    /// Control's clock judges ours: which of the two, the anchor or a clock that stepped since, is nearer?
    pub(crate) fn measure(&mut self, measured: Measured) {
        let offset_by_anchor = measured.control_us.saturating_sub(self.wall(measured.mono_ns));
        let offset_by_wall = offset_by_anchor.saturating_sub(self.astray_us);
        let after_step = self.stepped_at.is_some_and(|since| measured.mono_ns >= since);
        self.has_judge = true;
        if after_step
            && offset_by_anchor.abs() > SKEW_SHOWN_US
            && offset_by_wall.abs() < offset_by_anchor.abs()
        {
            self.follow();
            self.offset = Some((offset_by_wall, measured.error_us));
        } else {
            self.offset = Some((offset_by_anchor, measured.error_us));
        }
    }

    /// The wall clock is the anchor from now on.
    fn follow(&mut self) {
        let now = self.now();
        self.anchor_us = self.anchor_us.saturating_add(std::mem::take(&mut self.astray_us));
        self.stepped_at = None;
        if self.now() < now {
            self.floor = now;
        }
    }

    /// When that was, corrected.
    pub(crate) fn place(&self, mono_ns: u64) -> Placed {
        let at = Instant::from_micros(self.wall(mono_ns).saturating_add(self.correction()));
        if at < self.floor {
            Placed::Repeated
        } else if self.offset.is_some_and(|(offset, _)| offset.abs() > SKEW_VOID_US) {
            Placed::Doubtful(at)
        } else {
            Placed::At(at)
        }
    }

    /// The instant of the last reading, corrected.
    pub(crate) fn now(&self) -> Instant {
        Instant::from_micros(self.wall(self.last.mono_ns).saturating_add(self.correction()))
    }

    /// The corrected wall clock at monotonic zero, in microseconds since 1970.
    pub(crate) fn zero_us(&self) -> i64 {
        self.anchor_us.saturating_add(self.correction())
    }

    /// What there is to say of the clock; how long it slept is said once.
    pub(crate) fn note(&mut self) -> ClockNote {
        let slept = u64::try_from(std::mem::take(&mut self.slept).as_micros()).unwrap_or(u64::MAX);
        ClockNote {
            offset_us: self.offset.map(|(offset, _)| offset),
            offset_error_us: self.offset.map(|(_, error)| error),
            stepped_us: (self.astray_us != 0).then_some(self.astray_us),
            slept_us: (slept > 0).then_some(slept),
        }
    }

    fn wall(&self, mono_ns: u64) -> i64 {
        self.anchor_us.saturating_add(micros(mono_ns))
    }

    /// Rule 9: a small offset is noise of the measurement, a larger one is corrected.
    fn correction(&self) -> i64 {
        self.offset.map_or(0, |(offset, _)| if offset.abs() > SKEW_SHOWN_US { offset } else { 0 })
    }

    fn age(&self, mono_ns: u64) -> Duration {
        Duration::from_nanos(self.last.mono_ns.saturating_sub(mono_ns))
    }
}

/// The corrected clock for whoever has to ask between ticks: a certificate is valid at some instant.
#[derive(Debug, Default)]
pub(crate) struct Zero(AtomicI64);

impl Zero {
    pub(crate) fn set(&self, zero_us: i64) {
        self.0.store(zero_us, Ordering::Relaxed);
    }

    pub(crate) fn at(&self, mono_ns: u64) -> Instant {
        Instant::from_micros(self.0.load(Ordering::Relaxed).saturating_add(micros(mono_ns)))
    }
}

fn micros(nanos: u64) -> i64 {
    i64::try_from(nanos / 1_000).unwrap_or(i64::MAX)
}

fn length(duration: Duration) -> Length {
    Length::from_micros(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_secs(1);
    const START_US: i64 = 1_700_000_000_000_000;

    /// A machine whose clocks can be played with.
    struct Machine {
        now: Reading,
        timeline: Timeline,
    }

    impl Machine {
        fn new(has_judge: bool) -> Machine {
            let now = Reading { mono_ns: 5_000_000_000, boot_ns: 7_000_000_000, wall_us: START_US };
            Machine { now, timeline: Timeline::new(now, has_judge) }
        }

        fn run(&mut self, seconds: u64) -> Noticed {
            (0..seconds).map(|_| self.tick(0)).last().unwrap_or_default()
        }

        /// A second passes, and the wall clock is put forward or back by `step_us`.
        fn tick(&mut self, step_us: i64) -> Noticed {
            self.now.mono_ns += 1_000_000_000;
            self.now.boot_ns += 1_000_000_000;
            self.now.wall_us += 1_000_000 + step_us;
            self.timeline.read(self.now, TICK)
        }

        fn measured(&mut self, control_us: i64) {
            self.timeline.measure(Measured { mono_ns: self.now.mono_ns, control_us, error_us: 5_000 });
        }

        /// Seconds since the start, as the timeline has it.
        fn seconds(&self) -> i64 {
            (self.timeline.now() - Instant::from_micros(START_US)).as_micros().div_euclid(1_000_000)
        }
    }

    const HOUR_US: i64 = 3_600_000_000;

    #[test]
    fn rule_8_after_a_step_looks_are_placed_by_monotonic_time_from_the_last_good_anchor() {
        for step in [HOUR_US, -HOUR_US, 24 * HOUR_US, -24 * HOUR_US, -START_US, 2_600_000_000_000_000] {
            let mut machine = Machine::new(false);
            machine.run(10);
            assert_eq!(machine.tick(step).stepped_us, Some(step));
            machine.run(20);
            assert_eq!(machine.seconds(), 31);
            assert_eq!(machine.timeline.note().stepped_us, Some(step));
            assert_eq!(machine.tick(-step).stepped_us, Some(-step));
            machine.run(200);
            assert_eq!((machine.seconds(), machine.timeline.note().stepped_us), (232, None));
        }
    }

    #[test]
    fn rule_8_a_step_that_stands_and_nobody_judges_is_followed_after_a_minute() {
        let mut machine = Machine::new(false);
        machine.tick(HOUR_US);
        machine.run(59);
        assert_eq!(machine.seconds(), 60);
        machine.run(2);
        assert_eq!(machine.seconds(), 62 + 3_600);
    }

    #[test]
    fn rule_9_time_put_back_is_never_told_twice() {
        let mut machine = Machine::new(false);
        machine.run(100);
        machine.tick(-HOUR_US);
        machine.run(61);
        let early = machine.now.mono_ns;
        assert_eq!(machine.timeline.place(early), Placed::Repeated);
        machine.run(3_600);
        assert!(matches!(machine.timeline.place(machine.now.mono_ns), Placed::At(_)));
        assert_eq!(machine.seconds(), 162);
    }

    #[test]
    fn rule_9_control_s_clock_decides_who_stepped_wrongly() {
        let mut wrong_step = Machine::new(true);
        wrong_step.tick(HOUR_US);
        wrong_step.run(600);
        assert_eq!(wrong_step.seconds(), 601, "with a judge a step waits for it");
        wrong_step.measured(START_US + 601_000_000);
        wrong_step.run(600);
        assert_eq!(wrong_step.seconds(), 1_201);
        let mut right_step = Machine::new(true);
        right_step.tick(HOUR_US);
        right_step.measured(START_US + HOUR_US + 1_000_000);
        assert_eq!(right_step.seconds(), 3_601);
    }

    #[test]
    fn rule_9_two_seconds_are_corrected_and_thirty_void() {
        let mut machine = Machine::new(true);
        let placed = |machine: &mut Machine, offset: i64| {
            machine.measured(machine.now.wall_us + offset);
            let at = machine.timeline.place(machine.now.mono_ns);
            let shift = |at: Instant| at.as_micros() - machine.now.wall_us;
            match at {
                Placed::At(at) => (true, shift(at)),
                Placed::Doubtful(at) => (false, shift(at)),
                Placed::Repeated => unreachable!(),
            }
        };
        assert_eq!(placed(&mut machine, 1_999_999), (true, 0));
        assert_eq!(placed(&mut machine, -2_000_001), (true, -2_000_001));
        assert_eq!(placed(&mut machine, 30_000_000), (true, 30_000_000));
        assert_eq!(placed(&mut machine, 30_000_001), (false, 30_000_001));
    }

    #[test]
    fn rule_11_a_leap_second_or_a_slew_is_followed_without_a_step() {
        let mut machine = Machine::new(false);
        for _ in 0..2_000 {
            assert_eq!(machine.tick(-500), Noticed::default());
        }
        assert_eq!(machine.seconds(), 1_999);
        assert_eq!(machine.tick(-1_000_000).stepped_us, Some(-1_000_000), "a leap second that was stepped");
        machine.run(100);
        assert_eq!(machine.seconds(), 2_099);
    }

    #[test]
    fn a_suspend_is_noticed_and_the_anchor_moves_with_it() {
        let mut machine = Machine::new(false);
        machine.now.boot_ns += 600_000_000_000;
        machine.now.wall_us += 600_000_000;
        let noticed = machine.tick(0);
        assert_eq!(noticed, Noticed { slept: Some(Duration::from_secs(600)), stepped_us: None });
        assert_eq!(machine.seconds(), 601);
        assert_eq!(machine.timeline.note().slept_us, Some(600_000_000));
    }

    #[test]
    fn a_prober_that_was_held_up_knows_it() {
        let mut machine = Machine::new(false);
        machine.now.mono_ns += 4_000_000_000;
        machine.now.boot_ns += 4_000_000_000;
        machine.now.wall_us += 4_000_000;
        assert_eq!(machine.tick(0).slept, Some(Duration::from_secs(4)));
        assert_eq!(machine.run(1).slept, None);
    }
}
