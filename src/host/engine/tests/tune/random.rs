//! Functions drawn at random, full of loops, branches and vectors. Whatever they do ends: each round takes from a global.

use crate::{COUNTED, NUMBERS, VECTORS};
use wasm_encoder::{BlockType, InstructionSink, MemArg, ValType};

pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Rng {
        Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }
    fn below(&mut self, count: u32) -> u32 {
        (self.next() % u64::from(count)) as u32
    }
    fn one_in(&mut self, count: u32) -> bool {
        self.below(count) == 0
    }
}

const ROUNDS: i32 = 3000;

struct Writer<'a> {
    s: InstructionSink<'a>,
    rng: &'a mut Rng,
    /// Of each block that is open, whether a branch to it takes a number. The first one is the function.
    labels: Vec<bool>,
    /// Statements that may still come.
    room: u32,
}

pub fn body(rng: &mut Rng, out: &mut Vec<u8>) {
    let room = 5 + rng.below(40);
    let mut writer = Writer { s: InstructionSink::new(out), rng, labels: vec![true], room };
    writer.s.i32_const(ROUNDS).global_set(COUNTED);
    while writer.room > 0 {
        writer.statement();
    }
    for vector in 0..VECTORS {
        writer.s.i32_const(60000 + 16 * vector as i32).local_get(NUMBERS + vector).v128_store(memory(0));
    }
    writer.number();
    writer.s.end();
}

fn memory(offset: u64) -> MemArg {
    MemArg { offset, align: 0, memory_index: 0 }
}

impl Writer<'_> {
    fn any_number(&mut self) -> u32 {
        self.rng.below(NUMBERS)
    }
    fn any_vector(&mut self) -> u32 {
        NUMBERS + self.rng.below(VECTORS)
    }
    fn memory(&mut self) -> MemArg {
        memory(u64::from(self.rng.below(300)))
    }

    fn number(&mut self) {
        let local = self.any_number();
        self.s.local_get(local);
    }

    fn condition(&mut self) {
        let (local, bit, limit) = (self.any_number(), 1 << self.rng.below(3), self.rng.below(30) as i32);
        match self.rng.below(4) {
            0 => self.s.local_get(local).i32_const(bit).i32_and(),
            1 => self.s.local_get(local).i32_const(limit).i32_lt_u(),
            2 => self.s.global_get(COUNTED).i32_const(7).i32_rem_u(),
            _ => self.s.local_get(local).i32_const(limit).i32_ne(),
        };
    }

    /// An address in the lower half of memory; seldom any.
    fn address(&mut self) {
        self.number();
        if !self.rng.one_in(60) {
            self.s.i32_const(0x7fff).i32_and();
        }
    }

    fn vectors(&mut self) {
        let (from, to, place) = (self.any_vector(), self.any_vector(), self.memory());
        match self.rng.below(6) {
            0 | 1 => {
                self.s.local_get(from);
                self.address();
                self.s.v128_load(place).i32x4_add().local_set(to);
            }
            2 => {
                self.address();
                self.s.v128_load32_splat(place).local_get(from).f32x4_mul().local_set(to);
            }
            3 => {
                self.address();
                self.s.v128_load64_splat(place).local_get(from).v128_xor().local_set(to);
            }
            4 => {
                self.address();
                self.s.local_get(from).v128_store(place);
            }
            _ => {
                self.number();
                self.s.i32x4_splat().local_get(from).i8x16_swizzle().local_set(to);
            }
        }
    }

    fn statements(&mut self) {
        for _ in 0..self.rng.below(4) {
            self.statement();
        }
    }

    fn nested(&mut self, takes: bool, write: impl FnOnce(&mut Self)) {
        self.labels.push(takes);
        write(self);
        self.labels.pop();
    }

    /// A label by its depth; branches to more than half of all lead out of the innermost block.
    fn depth(&mut self) -> (u32, bool) {
        let depth = self.rng.below(self.labels.len() as u32);
        (depth, self.labels[self.labels.len() - 1 - depth as usize])
    }

    fn repeat(&mut self) {
        let (gives, more) = (self.rng.one_in(8), self.rng.one_in(8));
        self.s.loop_(if gives { BlockType::Result(ValType::I32) } else { BlockType::Empty });
        self.nested(false, |w| {
            w.s.global_get(COUNTED).i32_eqz().if_(BlockType::Empty).unreachable().end();
            w.s.global_get(COUNTED).i32_const(1).i32_sub().global_set(COUNTED);
            if !w.rng.one_in(4) {
                w.vectors();
            }
            w.statements();
            w.condition();
            w.s.br_if(0);
            if more {
                w.statement();
            }
            if gives {
                w.number();
            }
        });
        self.s.end();
        if gives {
            let to = self.any_number();
            self.s.local_set(to);
        }
    }

    fn branch(&mut self) {
        let ((depth, takes), to) = (self.depth(), self.any_number());
        if takes {
            self.number();
        }
        self.condition();
        self.s.br_if(depth);
        if takes {
            self.s.local_set(to);
        }
    }

    /// A branch without a condition, in something that can be left, and what is not reached behind it.
    fn leave(&mut self) {
        self.condition();
        self.s.if_(BlockType::Empty);
        self.nested(false, |w| {
            let (depth, takes) = w.depth();
            if takes {
                w.number();
            }
            if w.rng.one_in(5) {
                w.number();
                w.s.return_();
            } else {
                w.s.br(depth);
            }
            w.statements();
        });
        self.s.end();
    }

    fn table(&mut self) {
        self.s.block(BlockType::Empty);
        self.nested(false, |w| {
            let depths: Vec<u32> = (0..1 + w.rng.below(6)).map(|_| w.depth()).filter(|d| !d.1).map(|d| d.0).collect();
            w.number();
            w.s.i32_const(7).i32_and();
            let (default, others) = depths.split_last().unwrap_or((&0, &[]));
            w.s.br_table(others.iter().copied(), *default);
            w.statements();
        });
        self.s.end();
    }

    fn statement(&mut self) {
        if self.room == 0 {
            return self.vectors();
        }
        self.room -= 1;
        let (to, value) = (self.any_number(), self.rng.below(100) as i32);
        match self.rng.below(16) {
            0..=2 => self.vectors(),
            3 | 4 => {
                self.number();
                self.s.i32_const(value).i32_add().local_set(to);
            }
            5 => {
                self.s.block(BlockType::Empty);
                self.nested(false, Self::statements);
                self.s.end();
            }
            6 => {
                self.condition();
                self.s.if_(BlockType::Empty);
                self.nested(false, Self::statements);
                self.s.else_();
                self.nested(false, Self::statements);
                self.s.end();
            }
            7 => {
                self.s.block(BlockType::Result(ValType::I32));
                self.nested(true, |w| {
                    w.statements();
                    w.number();
                });
                self.s.end().local_set(to);
            }
            8..=10 => self.repeat(),
            11..=13 => self.branch(),
            14 => self.leave(),
            _ => self.table(),
        }
    }
}
