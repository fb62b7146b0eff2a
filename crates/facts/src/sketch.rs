//! Response times of an hour, or of a year, as a sketch: merged in any order it is the same, and each figure read from it is at most a
//! thirty-second part too high and never too low (docs/decisions/0019).
//!
//! A histogram of whole microseconds, log-linear: below 64 each has a place of its own, above that each octave has 32 of equal width. At
//! most 896 places for 32 bits, most of them empty and not written.

use std::collections::BTreeMap;

/// Places of one octave.
const LINEAR: u64 = 32;
/// Bits of [`LINEAR`].
const BITS: u32 = 5;
/// What the written form begins with: its version.
const VERSION: u8 = 1;
/// The most places: those of 32 bits.
pub const PLACES_MAX: usize = 896;

/// Response times, counted by place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sketch {
    counts: BTreeMap<u16, u64>,
    total: u64,
}

/// Why bytes are no sketch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a sketch of response times, or of a version that is not known")]
pub struct NotASketch;

impl Sketch {
    /// Counts one time, in microseconds; one beyond 32 bits counts as the longest.
    pub fn add(&mut self, micros: u64) {
        let place = place(micros.min(u64::from(u32::MAX)));
        *self.counts.entry(place).or_default() += 1;
        self.total = self.total.saturating_add(1);
    }

    /// Counts everything of another.
    pub fn merge(&mut self, other: &Sketch) {
        for (place, count) in &other.counts {
            let kept = self.counts.entry(*place).or_default();
            *kept = kept.saturating_add(*count);
        }
        self.total = self.total.saturating_add(other.total);
    }

    /// How many times were counted.
    pub fn count(&self) -> u64 {
        self.total
    }

    /// The percentile by nearest rank, in microseconds: the most that the time of that rank can be. Nothing without a time, or for a
    /// percentile that is not 1 to 100.
    pub fn percentile(&self, percentile: u8) -> Option<u64> {
        if !(1..=100).contains(&percentile) || self.total == 0 {
            return None;
        }
        let rank = (u128::from(self.total) * u128::from(percentile)).div_ceil(100);
        let mut below = 0;
        let found = self.counts.iter().find(|(_, count)| {
            below += u128::from(**count);
            rank <= below
        });
        found.map(|(place, _)| highest(*place))
    }

    /// As bytes: the version, then for each place in order how far it lies behind the one before and its count, each as a number of seven
    /// bits a byte.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        let mut before = 0;
        for (place, count) in &self.counts {
            write(&mut bytes, u64::from(place - before));
            write(&mut bytes, *count);
            before = *place;
        }
        bytes
    }

    /// Reads what [`Sketch::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`NotASketch`].
    pub fn read(bytes: &[u8]) -> Result<Sketch, NotASketch> {
        let (&VERSION, mut rest) = bytes.split_first().ok_or(NotASketch)? else { return Err(NotASketch) };
        let mut sketch = Sketch::default();
        let mut place = 0_u64;
        while !rest.is_empty() {
            let gap = number(&mut rest)?;
            if gap == 0 && !sketch.counts.is_empty() {
                return Err(NotASketch);
            }
            place = place.checked_add(gap).filter(|place| *place < PLACES_MAX as u64).ok_or(NotASketch)?;
            let count = number(&mut rest)?;
            sketch.total = sketch.total.checked_add(count).filter(|_| count > 0).ok_or(NotASketch)?;
            sketch.counts.insert(u16::try_from(place).map_err(|_| NotASketch)?, count);
        }
        Ok(sketch)
    }
}

/// Where a time is counted.
fn place(micros: u64) -> u16 {
    let octave = micros.checked_ilog2().unwrap_or(0).saturating_sub(BITS);
    let place = u64::from(octave) * LINEAR + (micros >> octave);
    u16::try_from(place).unwrap_or(u16::MAX)
}

/// The longest time that is counted there.
fn highest(place: u16) -> u64 {
    let place = u64::from(place);
    let octave = (place / LINEAR).saturating_sub(1);
    ((place - octave * LINEAR + 1) << octave) - 1
}

fn write(bytes: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or(0);
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

fn number(rest: &mut &[u8]) -> Result<u64, NotASketch> {
    let mut number = 0_u64;
    for shift in (0..63).step_by(7) {
        let (byte, behind) = rest.split_first().ok_or(NotASketch)?;
        *rest = behind;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(NotASketch)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look like chance and are the same at each run.
    fn times(seed: u64, count: usize) -> Vec<u64> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 33
        };
        (0..count).map(|_| next() >> (next() % 31)).collect()
    }

    fn of(times: &[u64]) -> Sketch {
        let mut sketch = Sketch::default();
        times.iter().for_each(|time| sketch.add(*time));
        sketch
    }

    #[test]
    fn places_follow_each_other_without_a_gap() {
        let mut expected = 0;
        for index in 0..PLACES_MAX {
            let index = u16::try_from(index).unwrap();
            assert_eq!(place(expected), index);
            let last = highest(index);
            assert_eq!(place(last), index, "{last}");
            expected = last + 1;
        }
        assert_eq!(expected, 1 << 32);
    }

    /// Against all times sorted: never too low, and at most a thirty-second part too high.
    #[test]
    fn a_percentile_is_that_of_the_sorted_times_within_its_bound() {
        for seed in 0..50 {
            let mut times = times(seed, 1 + usize::try_from(seed).unwrap() * 37);
            let sketch = of(&times);
            times.sort_unstable();
            for percentile in [1, 50, 90, 95, 99, 100] {
                let rank = (times.len() * usize::from(percentile)).div_ceil(100);
                let (truth, told) = (times[rank - 1], sketch.percentile(percentile).unwrap());
                assert!(truth <= told && told <= truth + truth / 32, "{percentile}: {truth} {told}");
            }
        }
    }

    #[test]
    fn merged_in_any_order_and_any_parts_it_is_the_same() {
        let times = times(7, 3_000);
        let whole = of(&times);
        for parts in [1, 7, 100, 2_999] {
            let mut sketches: Vec<Sketch> = times.chunks(parts).map(of).collect();
            sketches.reverse();
            let mut merged = Sketch::default();
            sketches.iter().for_each(|sketch| merged.merge(sketch));
            assert_eq!((&merged, merged.to_bytes()), (&whole, whole.to_bytes()));
        }
    }

    #[test]
    fn it_reads_as_it_writes_and_refuses_the_rest() {
        let sketch = of(&times(3, 500));
        let bytes = sketch.to_bytes();
        assert_eq!(Sketch::read(&bytes), Ok(sketch));
        assert_eq!(Sketch::read(&Sketch::default().to_bytes()), Ok(Sketch::default()));
        for cut in 0..bytes.len() {
            let read = Sketch::read(&bytes[..cut]);
            assert!(read.is_err() || read.is_ok_and(|read| read.count() < 500), "{cut}");
        }
        for bad in [
            &[][..],
            &[2],
            &[1, 5, 0],
            &[1, 1, 1, 0, 1],
            &[1, 0x80, 0x10, 1],
            &[1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
        ] {
            assert_eq!(Sketch::read(bad), Err(NotASketch), "{bad:?}");
        }
    }

    /// An hour of looks each 20 s, between 20 and 300 ms.
    #[test]
    fn an_hour_is_small() {
        let hour: Vec<u64> = times(11, 180).iter().map(|time| 20_000 + time % 280_000).collect();
        let bytes = of(&hour).to_bytes().len();
        assert!(bytes < 260, "{bytes}");
    }
}
