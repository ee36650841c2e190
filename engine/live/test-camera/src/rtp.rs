//! H.264 in RTP packets (RFC 6184), interleaved in an RTSP connection.

use std::io::{self, Write};

/// Payload of the longest packet.
const MAX_PAYLOAD: usize = 1400;
const FU_A: u8 = 28;
/// The channel that the camera sends on.
const CHANNEL: u8 = 0;

/// Counts packets.
#[derive(Debug)]
pub(crate) struct Packets {
    sequence: u16,
}

impl Packets {
    pub(crate) fn new() -> Self {
        // Wraps around soon.
        Self { sequence: 65_500 }
    }

    /// The packets of one picture: its NAL units, with start codes.
    pub(crate) fn picture(&mut self, annex_b: &[u8], timestamp: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let nals: Vec<_> = openh264::nal_units(annex_b).map(without_start).collect();
        for (index, nal) in nals.iter().enumerate() {
            let last = index + 1 == nals.len();
            if nal.len() <= MAX_PAYLOAD {
                self.packet(&mut bytes, nal, timestamp, last);
                continue;
            }
            let (header, kind) = (nal[0] & 0xe0 | FU_A, nal[0] & 0x1f);
            let mut pieces = nal[1..].chunks(MAX_PAYLOAD - 2).peekable();
            let mut start = 0x80;
            while let Some(piece) = pieces.next() {
                let end = if pieces.peek().is_none() { 0x40 } else { 0 };
                let payload = [&[header, start | end | kind], piece].concat();
                self.packet(&mut bytes, &payload, timestamp, last && end != 0);
                start = 0;
            }
        }
        bytes
    }

    /// A packet with any payload.
    pub(crate) fn packet(
        &mut self,
        bytes: &mut Vec<u8>,
        payload: &[u8],
        timestamp: u32,
        mark: bool,
    ) {
        let length = (12 + payload.len()) as u16;
        bytes.extend([b'$', CHANNEL]);
        bytes.extend(length.to_be_bytes());
        // Payload type 96, the first of those that a session description names.
        bytes.extend([0x80, 0x60 | if mark { 0x80 } else { 0 }]);
        bytes.extend(self.sequence.to_be_bytes());
        bytes.extend(timestamp.to_be_bytes());
        bytes.extend(*b"fabu");
        bytes.extend(payload);
        self.sequence = self.sequence.wrapping_add(1);
    }
}

/// A part of one NAL unit that goes on for ever.
pub(crate) fn endless(packets: &mut Packets, to: &mut impl Write) -> io::Result<()> {
    let kind = 5;
    let mut bytes = Vec::new();
    packets.packet(&mut bytes, &[0x60 | FU_A, 0x80 | kind, 0x11], 0, false);
    to.write_all(&bytes)?;
    let piece = [&[0x60 | FU_A, kind][..], &[0x55; MAX_PAYLOAD - 2]].concat();
    loop {
        bytes.clear();
        for _ in 0..16 {
            packets.packet(&mut bytes, &piece, 0, false);
        }
        to.write_all(&bytes)?;
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

fn without_start(nal: &[u8]) -> &[u8] {
    let start = nal
        .iter()
        .position(|&byte| byte == 1)
        .map_or(0, |one| one + 1);
    &nal[start..]
}
