//! Loops, functions and numbers of all lengths.

use crate::cases::{NOTHING, Sink, WANTED, finish, looped, more, work};
use wasm_encoder::InstructionSink;

/// The plain loop with so much more in its body as does nothing.
pub fn long(s: &mut Sink, length: usize) {
    looped(s, |s| {
        work(s);
        (0..length).for_each(|_| {
            s.nop();
        });
        more(s);
    });
    finish(s);
}

/// A loop of 40 bytes without the function around it.
pub fn short(s: &mut Sink) {
    s.loop_(NOTHING);
    work(s);
    s.local_get(WANTED).br_if(0).end();
}

/// A loop with these bytes in its body.
pub fn with_bytes(body: &mut Vec<u8>, bytes: &[u8]) {
    let s = &mut InstructionSink::new(body);
    s.block(NOTHING).loop_(NOTHING);
    work(s);
    body.extend(bytes);
    let s = &mut InstructionSink::new(body);
    more(s);
    s.br_if(0).end().end();
    finish(s);
}

pub struct Written {
    pub name: &'static str,
    pub bytes: &'static [u8],
}

/// In the loop of `with_bytes`: instructions whose numbers have more bytes than they need.
pub const LONG_NUMBERS: &[Written] = &[
    Written {
        name: "a load of 32 bits into all lanes",
        bytes: &[0x20, 2, 0xfd, 0x89, 0x80, 0, 0x82, 0x80, 0, 0x84, 0, 0x21, 5],
    },
    Written { name: "a load of 64 bits into all lanes", bytes: &[0x20, 2, 0xfd, 0x8a, 0, 3, 0x88, 0, 0x21, 5] },
    Written { name: "a branch out of the loop", bytes: &[0x20, 1, 0x41, 5, 0x46, 0x0d, 0x81, 0x80, 0] },
    Written {
        name: "a table of branches",
        bytes: &[0x02, 0x40, 0x20, 1, 0x41, 3, 0x71, 0x0e, 0x82, 0, 0x80, 0, 0x82, 0, 0x80, 0x80, 0, 0x0b],
    },
];
