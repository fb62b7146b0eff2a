//! One record of a segment: `UpS1`, kind, length, boot, sequence, digest, payload.
//!
//! The digest covers everything but itself, so a record is whole or it is none. The four letters let reading go on after a
//! place that is not.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::seal::SEALED_BYTES_MAX;

const MAGIC: [u8; 4] = *b"UpS1";
/// Letters, kind, length, boot, sequence, digest.
pub(super) const HEAD: usize = 4 + 1 + 4 + 16 + 8 + 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Report = 1,
    Gap = 2,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record<'b> {
    pub(super) kind: Kind,
    pub(super) boot: Uuid,
    pub(super) sequence: u64,
    pub(super) payload: &'b [u8],
}

/// How reading a segment went.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Read {
    /// Stretches that are no record.
    pub(super) damaged: u64,
}

/// Hands every whole record to `found`, with the place of its payload.
pub(super) fn read<'b>(bytes: &'b [u8], mut found: impl FnMut(u64, Record<'b>)) -> Read {
    let mut read = Read::default();
    let mut place = 0;
    let mut lost = false;
    while place < bytes.len() {
        match Record::decode(&bytes[place..]) {
            Some(record) => {
                found((place + HEAD) as u64, record);
                place += HEAD + record.payload.len();
                lost = false;
            }
            None => {
                read.damaged += u64::from(!lost);
                lost = true;
                let next = bytes[place + 1..].windows(4).position(|four| four == MAGIC);
                place = next.map_or(bytes.len(), |next| place + 1 + next);
            }
        }
    }
    read
}

impl<'b> Record<'b> {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEAD + self.payload.len());
        bytes.extend_from_slice(&self.front());
        bytes.extend_from_slice(&self.digest());
        bytes.extend_from_slice(self.payload);
        bytes
    }

    pub(super) fn decode(bytes: &'b [u8]) -> Option<Record<'b>> {
        let (head, rest) = bytes.split_at_checked(HEAD)?;
        let kind = match head[4] {
            1 => Kind::Report,
            2 => Kind::Gap,
            _ => return None,
        };
        let length = usize::try_from(u32::from_le_bytes(head[5..9].try_into().ok()?)).ok()?;
        if head[..4] != MAGIC || length > SEALED_BYTES_MAX {
            return None;
        }
        let boot = Uuid::from_bytes(head[9..25].try_into().ok()?);
        let sequence = u64::from_le_bytes(head[25..33].try_into().ok()?);
        let record = Record { kind, boot, sequence, payload: rest.get(..length)? };
        (record.digest() == head[33..]).then_some(record)
    }

    /// What comes before the digest.
    fn front(&self) -> [u8; HEAD - 8] {
        let mut front = [0; HEAD - 8];
        let length = u32::try_from(self.payload.len()).expect("a sealed report is at most a megabyte");
        front[..4].copy_from_slice(&MAGIC);
        front[4] = self.kind as u8;
        front[5..9].copy_from_slice(&length.to_le_bytes());
        front[9..25].copy_from_slice(self.boot.as_bytes());
        front[25..].copy_from_slice(&self.sequence.to_le_bytes());
        front
    }

    fn digest(&self) -> [u8; 8] {
        let digest = Sha256::new().chain_update(self.front()).chain_update(self.payload).finalize();
        let [a, b, c, d, e, f, g, h, ..] = digest.0;
        [a, b, c, d, e, f, g, h]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(sequence: u64) -> Record<'static> {
        Record { kind: Kind::Report, boot: Uuid::from_u128(9), sequence, payload: b"UpS1 is no record" }
    }

    fn sequences(bytes: &[u8]) -> (Vec<u64>, u64) {
        let mut found = Vec::new();
        let read = read(bytes, |_, record| found.push(record.sequence));
        (found, read.damaged)
    }

    #[test]
    fn a_segment_cut_at_any_byte_keeps_every_record_before_the_cut() {
        let bytes: Vec<u8> = (1..=3).flat_map(|sequence| record(sequence).encode()).collect();
        let one = bytes.len() / 3;
        for cut in 0..=bytes.len() {
            let whole = (cut / one) as u64;
            let (found, damaged) = sequences(&bytes[..cut]);
            assert_eq!(found, (1..=whole).collect::<Vec<_>>(), "cut at {cut}");
            assert_eq!(damaged, u64::from(cut % one != 0));
        }
    }

    #[test]
    fn a_bit_that_flipped_costs_its_own_record_and_no_other() {
        let bytes: Vec<u8> = (1..=3).flat_map(|sequence| record(sequence).encode()).collect();
        let one = bytes.len() / 3;
        for place in one..2 * one {
            let mut bytes = bytes.clone();
            bytes[place] ^= 0x10;
            assert_eq!(sequences(&bytes), (vec![1, 3], 1), "byte {place}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_stumble(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut planted = bytes.clone();
            planted.extend(record(7).encode());
            prop_assert_eq!(sequences(&bytes).0, Vec::<u64>::new());
            prop_assert_eq!(sequences(&planted).0, vec![7]);
        }
    }
}
