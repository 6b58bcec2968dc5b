//! Packets in a stream of bytes, followed and not kept (MySQL manual, "MySQL Packets" of the client/server protocol).

/// How much of what is in a packet is kept to look at: the number of columns takes nine bytes, and a flag after it one.
const HEAD_BYTES: usize = 10;

/// The length of what follows, and the number of the packet.
const HEADER_BYTES: usize = 4;

/// The longest part of a packet. One of this length is followed by another part, which may be empty.
const PART_BYTES_MAX: usize = 0xff_ffff;

/// Follows the packets of one direction, however the bytes are cut on the way.
#[derive(Default)]
pub(super) struct Frames {
    header: [u8; HEADER_BYTES],
    /// How many bytes of the header are there.
    have: usize,
    /// How many bytes of this part are not there yet.
    left: usize,
    /// The packet, as far as it has come.
    packet: Packet,
}

/// What is seen of a packet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Packet {
    /// How many bytes are in it, over all its parts.
    pub(super) length: usize,
    head: [u8; HEAD_BYTES],
    filled: usize,
}

/// What the next bytes do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// They begin a part of so many bytes, with which the packet will have so many.
    Part {
        /// The bytes of the part.
        length: usize,
        /// Those of the packet, up to and with it.
        of_packet: usize,
    },
    /// They end a packet.
    End(Packet),
}

impl Packet {
    /// What is in it, up to ten bytes.
    pub(super) fn head(&self) -> &[u8] {
        &self.head[..self.filled]
    }

    /// Takes a part's bytes to the head, where there is room.
    fn fill(&mut self, bytes: &[u8]) {
        let taken = bytes.len().min(HEAD_BYTES - self.filled);
        self.head[self.filled..][..taken].copy_from_slice(&bytes[..taken]);
        self.filled += taken;
    }
}

impl Frames {
    /// Takes bytes from the front until there is something to see; none once all of them are taken.
    pub(super) fn next(&mut self, bytes: &mut &[u8]) -> Option<Sight> {
        if self.have < HEADER_BYTES {
            let taken = (HEADER_BYTES - self.have).min(bytes.len());
            let (front, rest) = bytes.split_at(taken);
            self.header[self.have..][..taken].copy_from_slice(front);
            (self.have, *bytes) = (self.have + taken, rest);
            if self.have < HEADER_BYTES {
                return None;
            }
            return Some(self.begin());
        }
        let (front, rest) = bytes.split_at(self.left.min(bytes.len()));
        self.packet.fill(front);
        (self.left, *bytes) = (self.left - front.len(), rest);
        if self.left > 0 {
            return None;
        }
        self.have = 0;
        if self.part() == PART_BYTES_MAX {
            self.next(bytes)
        } else {
            Some(Sight::End(std::mem::take(&mut self.packet)))
        }
    }

    fn begin(&mut self) -> Sight {
        let length = self.part();
        self.left = length;
        self.packet.length += length;
        Sight::Part { length, of_packet: self.packet.length }
    }

    /// The length of the part whose header is there.
    fn part(&self) -> usize {
        let [low, middle, high, _] = self.header.map(usize::from);
        low | middle << 8 | high << 16
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is seen of these bytes when they come in these pieces.
    fn seen<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Sight> {
        let mut frames = Frames::default();
        let mut sights = Vec::new();
        for mut piece in pieces {
            while let Some(sight) = frames.next(&mut piece) {
                sights.push(sight);
            }
            assert!(piece.is_empty(), "every byte is taken");
        }
        sights
    }

    fn part(number: u8, length: usize, fill: u8) -> Vec<u8> {
        let [low, middle, high, _] = u32::try_from(length).unwrap().to_le_bytes();
        [&[low, middle, high, number][..], &vec![fill; length]].concat()
    }

    /// The bytes, cut at these places.
    fn cut<'a>(bytes: &'a [u8], places: &[prop::sample::Index]) -> Vec<&'a [u8]> {
        let mut places: Vec<usize> = places.iter().map(|place| place.index(bytes.len() + 1)).collect();
        places.sort_unstable();
        let ends = places.iter().copied().chain([bytes.len()]);
        let mut begin = 0;
        ends.map(|end| &bytes[std::mem::replace(&mut begin, end)..end]).collect()
    }

    proptest! {
        #[test]
        fn packets_are_seen_alike_however_they_are_cut(
            lengths in prop::collection::vec(prop_oneof![0_usize..12, 0_usize..2_000], 0..12),
            places in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
        ) {
            let bytes: Vec<u8> = lengths.iter().zip(0..).flat_map(|(length, number)| part(number, *length, number)).collect();
            let whole = seen([&bytes[..]]);
            prop_assert_eq!(&whole, &seen(cut(&bytes, &places)));
            prop_assert_eq!(&whole, &seen(bytes.chunks(1)));
            let ends = whole.iter().filter_map(|sight| match sight {
                Sight::End(packet) => Some((packet.length, packet.head().to_vec())),
                Sight::Part { .. } => None,
            });
            let told = lengths.iter().zip(0_u8..).map(|(length, number)| (*length, vec![number; (*length).min(HEAD_BYTES)]));
            prop_assert_eq!(ends.collect::<Vec<_>>(), told.collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_packet_of_several_parts_is_one() {
        for rest in [0, 1, 100] {
            let bytes = [part(0, PART_BYTES_MAX, 7), part(1, rest, 8), part(2, 2, 9)].concat();
            let whole = seen([&bytes[..]]);
            let [Sight::Part { .. }, Sight::Part { length, of_packet }, Sight::End(packet), Sight::Part { .. }, last] =
                whole[..]
            else {
                panic!("{whole:?}")
            };
            assert_eq!((length, of_packet), (rest, PART_BYTES_MAX + rest));
            assert_eq!((packet.length, packet.head()), (of_packet, &[7; HEAD_BYTES][..]));
            assert!(matches!(last, Sight::End(packet) if packet.length == 2 && packet.head() == [9, 9]), "{last:?}");
            assert_eq!(whole, seen(bytes.chunks(4_099)));
        }
    }
}
