//! Questions and answers once somebody is in: who may say how much, and when (MySQL manual, "Command Phase" of the
//! client/server protocol). Rows are not looked into, and what the driver checks itself is left to it: the order of
//! packets, and what is in them.

use super::frames::{Frames, Packet, Sight};
use crate::databases::fault::Reason;

/// The longest packet, and with it the longest row: 16 MiB.
pub(in crate::databases) const PACKET_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The most columns of a result: MySQL's own most of a table (MySQL manual, "Limits on Table Column Count"). The driver
/// takes memory for as many as are claimed.
const COLUMNS_MAX: u16 = 4_096;

/// The most bytes of definitions in one answer: 2 KiB for each of the most columns, where five names of 64 characters, and one
/// of 256, are at their longest.
const DEFINITION_BYTES_MAX: usize = 8 * 1024 * 1024;

/// A packet that says an answer is over is shorter than this where there are packets of that kind alone.
const EOF_BYTES_MAX: usize = 8;

/// The same where an OK in the place of that may have text in it.
const END_BYTES_MAX: usize = 0xff_ffff;

/// `COM_*` (MySQL manual, "Command Phase"): those that the driver sends.
mod command {
    pub(super) const QUIT: u8 = 0x01;
    pub(super) const QUERY: u8 = 0x03;
    pub(super) const PING: u8 = 0x0e;
    pub(super) const PREPARE: u8 = 0x16;
    pub(super) const EXECUTE: u8 = 0x17;
    pub(super) const SEND_LONG_DATA: u8 = 0x18;
    pub(super) const CLOSE: u8 = 0x19;
}

const OK: u8 = 0x00;
const EOF: u8 = 0xfe;
const ERR: u8 = 0xff;

/// What driver and server have agreed on that changes the order of packets.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Dialect {
    /// `CLIENT_DEPRECATE_EOF`: no packet ends the definitions, and an OK ends the rows.
    pub(super) deprecates_eof: bool,
    /// `MARIADB_CLIENT_CACHE_METADATA`: a result may leave out definitions that were said when it was prepared.
    pub(super) caches_metadata: bool,
}

/// What the server may say next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// That it closes, and why.
    Nothing,
    /// That it is well.
    Status,
    /// What a statement has that was prepared.
    Prepared,
    /// How many columns the rows have, or that there are none.
    Result { is_binary: bool },
    /// So many definitions, or what ends them, and then perhaps rows.
    Definitions { left: u32, has_rows: bool },
    /// Rows, until there are no more.
    Rows,
}

/// Both directions of a connection on which somebody has logged in.
pub(super) struct Exchange {
    dialect: Dialect,
    asked: Frames,
    told: Frames,
    expected: Expected,
    /// How many bytes of definitions may still come in this answer.
    definition_bytes: usize,
}

impl Exchange {
    /// One in which nobody has asked anything yet.
    pub(super) fn new(dialect: Dialect) -> Self {
        let (asked, told) = (Frames::default(), Frames::default());
        Self { dialect, asked, told, expected: Expected::Nothing, definition_bytes: 0 }
    }

    /// Sees what the driver is about to say.
    pub(super) fn ask(&mut self, mut bytes: &[u8]) -> Result<(), Reason> {
        while let Some(sight) = self.asked.next(&mut bytes) {
            if let Sight::End(packet) = sight {
                self.expect(packet)?;
            }
        }
        Ok(())
    }

    /// Sees what the server has said, before the driver does. What it may not say is refused before its packet is whole.
    pub(super) fn hear(&mut self, mut bytes: &[u8]) -> Result<(), Reason> {
        while let Some(sight) = self.told.next(&mut bytes) {
            match sight {
                Sight::Part { length, of_packet } => self.weigh(length, of_packet)?,
                Sight::End(packet) => self.expected = self.after(&packet)?,
            }
        }
        Ok(())
    }

    /// What is expected after a packet of the driver's. A question follows an answer that is over, and no two have answers
    /// at once.
    fn expect(&mut self, question: Packet) -> Result<(), Reason> {
        let expected = match question.head().first() {
            Some(&(command::QUIT | command::SEND_LONG_DATA | command::CLOSE)) => return Ok(()),
            Some(&command::PING) => Expected::Status,
            Some(&command::PREPARE) => Expected::Prepared,
            Some(&command::QUERY) => Expected::Result { is_binary: false },
            Some(&command::EXECUTE) => Expected::Result { is_binary: true },
            // What is not known has an answer that could not be followed.
            _ => return Err(Reason::Protocol),
        };
        if self.expected != Expected::Nothing {
            return Err(Reason::Protocol);
        }
        (self.expected, self.definition_bytes) = (expected, DEFINITION_BYTES_MAX);
        Ok(())
    }

    fn weigh(&mut self, length: usize, of_packet: usize) -> Result<(), Reason> {
        let most = match self.expected {
            Expected::Definitions { .. } => self.definition_bytes,
            _ => PACKET_BYTES_MAX,
        };
        if length > most || of_packet > PACKET_BYTES_MAX {
            return Err(Reason::Protocol);
        }
        if let Expected::Definitions { .. } = self.expected {
            self.definition_bytes -= length;
        }
        Ok(())
    }

    /// What is expected after this packet of the server's. An error ends every answer; an empty packet is none.
    fn after(&self, packet: &Packet) -> Result<Expected, Reason> {
        match (self.expected, packet.head()) {
            (_, []) => Err(Reason::Protocol),
            (_, &[ERR, ..]) | (Expected::Status | Expected::Result { .. }, &[OK, ..]) => Ok(Expected::Nothing),
            (Expected::Prepared, head) => self.prepared(head),
            (Expected::Result { is_binary }, head) => self.result(head, is_binary),
            (Expected::Definitions { left, has_rows }, _) => Ok(match (left, has_rows) {
                (2.., _) => Expected::Definitions { left: left - 1, has_rows },
                (_, true) => Expected::Rows,
                (_, false) => Expected::Nothing,
            }),
            (Expected::Rows, &[EOF, ..]) if packet.length < self.end_bytes_max() => Ok(Expected::Nothing),
            (Expected::Rows, _) => Ok(Expected::Rows),
            (Expected::Nothing | Expected::Status, _) => Err(Reason::Protocol),
        }
    }

    /// A statement has parameters and columns, and both are defined.
    fn prepared(&self, head: &[u8]) -> Result<Expected, Reason> {
        let &[OK, _, _, _, _, columns_low, columns_high, params_low, params_high, ..] = head else {
            return Err(Reason::Protocol);
        };
        let columns = u16::from_le_bytes([columns_low, columns_high]);
        let params = u16::from_le_bytes([params_low, params_high]);
        if columns > COLUMNS_MAX {
            return Err(Reason::Protocol);
        }
        Ok(match self.definitions(params) + self.definitions(columns) {
            0 => Expected::Nothing,
            left => Expected::Definitions { left, has_rows: false },
        })
    }

    /// A result says how many columns it has. A request for a file of ours (`LOCAL INFILE`) is no number.
    fn result(&self, head: &[u8], is_binary: bool) -> Result<Expected, Reason> {
        let (columns, rest) = length_encoded(head).ok_or(Reason::Protocol)?;
        let columns = u16::try_from(columns).ok().filter(|columns| (1..=COLUMNS_MAX).contains(columns));
        let left = self.definitions(columns.ok_or(Reason::Protocol)?);
        let are_left_out = self.dialect.caches_metadata && is_binary && rest.first() == Some(&0);
        Ok(if are_left_out { Expected::Rows } else { Expected::Definitions { left, has_rows: true } })
    }

    /// How many packets so many definitions are, with the one that ends them.
    fn definitions(&self, count: u16) -> u32 {
        u32::from(count) + u32::from(count > 0 && !self.dialect.deprecates_eof)
    }

    fn end_bytes_max(&self) -> usize {
        if self.dialect.deprecates_eof { END_BYTES_MAX } else { EOF_BYTES_MAX }
    }
}

/// A number, and what follows it (MySQL manual, `Protocol::LengthEncodedInteger`).
fn length_encoded(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let size = match first {
        0..=0xfa => return Some((first.into(), rest)),
        0xfc => 2,
        0xfd => 3,
        0xfe => 8,
        _ => return None,
    };
    let (number, rest) = rest.split_at_checked(size)?;
    let mut bytes = [0; 8];
    bytes[..size].copy_from_slice(number);
    Some((u64::from_le_bytes(bytes), rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As MySQL speaks.
    const SHORT: Dialect = Dialect { deprecates_eof: true, caches_metadata: false };

    /// As MySQL spoke.
    const LONG: Dialect = Dialect { deprecates_eof: false, caches_metadata: false };

    const EXECUTE: &[u8] = &[command::EXECUTE, 1, 0, 0, 0];
    const DEFINITION: &[u8] = b"\x03def\0\0\0\x01c";
    const ROW: &[u8] = b"\0\0\x01x";
    const ENDED: &[u8] = &[EOF, 0, 0, 2, 0];

    fn packets(payloads: &[&[u8]]) -> Vec<u8> {
        let packet = |(payload, number): (&&[u8], u8)| {
            let [low, middle, high, _] = u32::try_from(payload.len()).unwrap().to_le_bytes();
            [&[low, middle, high, number][..], payload].concat()
        };
        payloads.iter().zip(1..).flat_map(packet).collect()
    }

    /// What the guard says of this answer, which it says however the answer is cut.
    fn hear(dialect: Dialect, question: &[u8], answer: &[&[u8]]) -> Result<(), Reason> {
        let begun = || {
            let mut exchange = Exchange::new(dialect);
            exchange.ask(&packets(&[question])).unwrap();
            exchange
        };
        let (mut whole, mut parts, bytes) = (begun(), begun(), packets(answer));
        let heard = whole.hear(&bytes);
        assert_eq!(heard, bytes.chunks(1).try_for_each(|byte| parts.hear(byte)), "however it is cut");
        heard.and_then(|()| whole.ask(&packets(&[&[command::PING]])))
    }

    /// The claim of so many columns.
    fn claim(columns: u64) -> Vec<u8> {
        [&[0xfe][..], &columns.to_le_bytes()].concat()
    }

    #[test]
    fn an_answer_of_either_dialect_is_over_when_it_says_so() {
        let prepared: &[u8] = &[0, 1, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0];
        let end = &[EOF, 0, 0, 2, 0, 0, 0, 9, b'l', b'o', b'n', b'g'][..];
        let error: &[u8] = b"\xff\x15\x04#28000no";
        for (dialect, question, answer) in [
            (SHORT, EXECUTE, &[&[1][..], DEFINITION, ROW, ROW, end][..]),
            (LONG, EXECUTE, &[&[1], DEFINITION, ENDED, ROW, ROW, ENDED]),
            (LONG, EXECUTE, &[&[1], DEFINITION, ENDED, ROW, end, ENDED]),
            (SHORT, EXECUTE, &[&claim(2), DEFINITION, DEFINITION, ENDED]),
            (SHORT, EXECUTE, &[&[OK, 0, 0, 2, 0, 0, 0]]),
            (SHORT, EXECUTE, &[&[2], DEFINITION, error]),
            (SHORT, EXECUTE, &[&[1], DEFINITION, ROW, error]),
            (SHORT, &[command::QUERY, b'x'], &[&[1], DEFINITION, b"\x01x", end]),
            (SHORT, &[command::PREPARE, b'x'], &[prepared, DEFINITION, DEFINITION, DEFINITION]),
            (LONG, &[command::PREPARE, b'x'], &[prepared, DEFINITION, DEFINITION, ENDED, DEFINITION, ENDED]),
            (LONG, &[command::PREPARE, b'x'], &[&[0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]]),
            (SHORT, &[command::PREPARE, b'x'], &[error]),
            (SHORT, &[command::PING], &[&[OK, 0, 0, 2, 0, 0, 0]]),
        ] {
            assert_eq!(hear(dialect, question, answer), Ok(()), "{dialect:?} {answer:?}");
            let without_end = &answer[..answer.len() - 1];
            assert_eq!(hear(dialect, question, without_end), Err(Reason::Protocol), "{dialect:?} {without_end:?}");
        }
    }

    #[test]
    fn what_mariadb_leaves_out_of_a_result_is_not_waited_for() {
        let dialect = Dialect { deprecates_eof: true, caches_metadata: true };
        assert_eq!(hear(dialect, EXECUTE, &[&[2, 0], ROW, ENDED]), Ok(()));
        assert_eq!(hear(dialect, EXECUTE, &[&[2, 1], DEFINITION, DEFINITION, ROW, ENDED]), Ok(()));
        assert_eq!(hear(SHORT, EXECUTE, &[&[2, 0], DEFINITION, DEFINITION, ENDED]), Ok(()));
        let text = &[command::QUERY, b'x'];
        assert_eq!(hear(dialect, text, &[&[2, 0], DEFINITION, DEFINITION, ENDED]), Ok(()));
    }

    #[test]
    fn a_claim_of_more_columns_than_there_can_be_is_refused_before_the_driver_hears_it() {
        for columns in [0, 4_097, 65_535, 65_537, 1 << 32, 1 << 40, 1 << 63, u64::MAX] {
            let mut exchange = Exchange::new(SHORT);
            exchange.ask(&packets(&[EXECUTE])).unwrap();
            assert_eq!(exchange.hear(&packets(&[&claim(columns)])), Err(Reason::Protocol), "{columns}");
        }
        let prepared = |columns: u16| [&[0, 1, 0, 0, 0][..], &columns.to_le_bytes(), &[0; 5]].concat();
        for (columns, heard) in [(4_096, Ok(())), (4_097, Err(Reason::Protocol)), (65_535, Err(Reason::Protocol))] {
            let mut exchange = Exchange::new(SHORT);
            exchange.ask(&packets(&[&[command::PREPARE, b'x']])).unwrap();
            assert_eq!(exchange.hear(&packets(&[&prepared(columns)])), heard, "{columns}");
        }
    }

    #[test]
    fn definitions_have_a_bound_in_all_and_in_each_answer_anew() {
        let mut exchange = Exchange::new(SHORT);
        let megabyte = vec![b'x'; 1 << 20];
        for _ in 0..2 {
            exchange.ask(&packets(&[EXECUTE])).unwrap();
            exchange.hear(&packets(&[&claim(4_096)])).unwrap();
            let heard = (0..9).map(|_| exchange.hear(&packets(&[&megabyte]))).collect::<Vec<_>>();
            assert_eq!(heard, [vec![Ok(()); 8], vec![Err(Reason::Protocol)]].concat());
            exchange = Exchange::new(SHORT);
        }
        // It is refused at what it claims, and not when it has come.
        exchange.ask(&packets(&[EXECUTE])).unwrap();
        exchange.hear(&packets(&[&claim(1)])).unwrap();
        assert_eq!(exchange.hear(&[0xff, 0xff, 0xff, 2]), Err(Reason::Protocol));
    }

    #[test]
    fn a_packet_has_a_bound_over_all_its_parts() {
        let mut exchange = Exchange::new(SHORT);
        exchange.ask(&packets(&[EXECUTE])).unwrap();
        exchange.hear(&packets(&[&[1], DEFINITION])).unwrap();
        let part = [&[0xff, 0xff, 0xff, 3][..], &vec![0; 0xff_ffff]].concat();
        exchange.hear(&part).unwrap();
        assert_eq!(exchange.hear(&[1, 0, 0, 4]), Ok(()));
        assert_eq!(exchange.hear(&[&[0][..], &part].concat()), Ok(()));
        assert_eq!(exchange.hear(&[2, 0, 0, 4]), Err(Reason::Protocol));
    }

    #[test]
    fn nothing_is_heard_that_was_not_asked_for() {
        let well: &[u8] = &[OK, 0, 0, 2, 0, 0, 0];
        for answer in [
            &[well, well][..],
            &[&[1], DEFINITION, ENDED, &[1]],
            &[b"\xfb/etc/passwd"],
            &[b""],
            &[&[0xfe]],
            &[&[0xfc, 1]],
        ] {
            assert_eq!(hear(SHORT, EXECUTE, answer), Err(Reason::Protocol), "{answer:?}");
        }
        // A server may say that it closes, and why.
        assert_eq!(Exchange::new(SHORT).hear(&packets(&[b"\xff\xbf\x0fidle"])), Ok(()));
        assert_eq!(Exchange::new(SHORT).hear(&packets(&[well])), Err(Reason::Protocol));
    }

    proptest! {
        #[test]
        fn whatever_a_server_says_is_seen_alike_however_it_is_cut(
            deprecates_eof: bool, caches_metadata: bool, question in 0_usize..4,
            bytes in prop::collection::vec(prop_oneof![0_u8..3, any::<u8>()], 0..200),
            size in 1_usize..50,
        ) {
            let question: &[u8] = [EXECUTE, &[command::QUERY], &[command::PREPARE], &[command::PING]][question];
            let begun = || {
                let mut exchange = Exchange::new(Dialect { deprecates_eof, caches_metadata });
                exchange.ask(&packets(&[question])).unwrap();
                exchange
            };
            let (mut whole, mut parts) = (begun(), begun());
            prop_assert_eq!(whole.hear(&bytes), bytes.chunks(size).try_for_each(|bytes| parts.hear(bytes)));
        }
    }
}
