//! Loops written by hand, for every shape that tuning has to tell apart.

use crate::{COUNTED, NUMBERS};
use wasm_encoder::{BlockType, InstructionSink, MemArg, ValType};

pub type Sink<'a> = InstructionSink<'a>;

pub struct Case {
    pub name: &'static str,
    /// Whether tuning does something to it.
    pub changes: bool,
    /// Writes a body, of which the beginning and the end are the same for all.
    pub write: fn(&mut Sink),
}

// Locals: the rounds wanted and done, an address, a number, and a sum of vectors.
pub const WANTED: u32 = 0;
const DONE: u32 = 1;
const AT: u32 = 2;
const NUMBER: u32 = 3;
const SUM: u32 = NUMBERS;

pub const NOTHING: BlockType = BlockType::Empty;
const ONE: BlockType = BlockType::Result(ValType::I32);
// Types of the module's functions.
const ONE_TO_ONE: BlockType = BlockType::FunctionType(0);
const TWO_TO_ONE: BlockType = BlockType::FunctionType(1);
const ONE_TO_NONE: BlockType = BlockType::FunctionType(2);

fn at(offset: u64) -> MemArg {
    MemArg { offset, align: 0, memory_index: 0 }
}

/// Adds a vector of memory to the sum, which is written elsewhere.
pub fn work(s: &mut Sink) {
    s.local_get(SUM).local_get(AT).v128_load(at(0)).i32x4_add().local_set(SUM);
    s.local_get(AT).local_get(SUM).v128_store(at(16384));
    s.local_get(AT).i32_const(16).i32_add().local_set(AT);
}

/// Counts a round; whether there is another one to do.
pub fn more(s: &mut Sink) {
    s.local_get(DONE).i32_const(1).i32_add().local_tee(DONE).local_get(WANTED).i32_lt_u();
}

fn round_is(s: &mut Sink, number: i32) {
    s.local_get(DONE).i32_const(number).i32_eq();
}

fn count(s: &mut Sink, more: i32) {
    s.local_get(NUMBER).i32_const(more).i32_add().local_set(NUMBER);
}

/// What a function answers in the end.
fn result(s: &mut Sink) {
    s.i32_const(0).local_get(SUM).v128_store(at(65520));
    s.local_get(DONE).i32_const(1000).i32_mul().local_get(NUMBER).i32_add();
}

pub fn finish(s: &mut Sink) {
    result(s);
    s.end();
}

/// A loop around a body that leaves a condition.
pub fn looped(s: &mut Sink, body: impl FnOnce(&mut Sink)) {
    s.loop_(NOTHING);
    body(s);
    s.br_if(0).end();
}

macro_rules! cases {
    ($($name:literal, $changes:literal, |$s:ident| $body:block)*) => {
        &[$(Case { name: $name, changes: $changes, write: |$s: &mut Sink| { $body } }),*]
    };
}

pub const CASES: &[Case] = cases! {
    "a plain loop", true, |s| {
        looped(s, |s| { work(s); more(s); });
        finish(s);
    }
    "a loop that may not begin", true, |s| {
        s.block(NOTHING).local_get(WANTED).i32_eqz().br_if(0);
        looped(s, |s| { work(s); more(s); });
        s.end();
        finish(s);
    }
    "a loop at the function's end", true, |s| {
        result(s);
        looped(s, |s| { work(s); more(s); });
        s.end();
    }
    "no vectors", false, |s| {
        looped(s, |s| { count(s, 1); more(s); });
        finish(s);
    }
    "vectors outside alone", false, |s| {
        work(s);
        looped(s, |s| { count(s, 1); more(s); });
        work(s);
        finish(s);
    }
    "two loops, the second after code", true, |s| {
        looped(s, |s| { work(s); more(s); });
        s.i32_const(0).local_set(DONE);
        work(s);
        looped(s, |s| { count(s, 1); work(s); more(s); });
        finish(s);
    }
    "a loop around one that has vectors", true, |s| {
        s.loop_(NOTHING);
        looped(s, |s| { work(s); more(s); });
        count(s, 1);
        s.local_get(NUMBER).i32_const(3).i32_lt_u().br_if(0).end();
        finish(s);
    }
    "vectors around a loop without", false, |s| {
        s.loop_(NOTHING);
        work(s);
        looped(s, |s| { count(s, 1); more(s); });
        s.local_get(NUMBER).i32_const(30).i32_lt_u().br_if(0).end();
        finish(s);
    }
    "the way back is not last", false, |s| {
        looped(s, |s| { work(s); more(s); s.br_if(0); count(s, 1); s.i32_const(0); });
        finish(s);
    }
    "something behind the way back", false, |s| {
        s.loop_(NOTHING);
        work(s);
        more(s);
        s.br_if(0);
        count(s, 5);
        s.end();
        finish(s);
    }
    "two ways back in a row", false, |s| {
        looped(s, |s| { work(s); round_is(s, 3); s.drop(); more(s); s.local_tee(NUMBER).br_if(0).local_get(NUMBER); });
        finish(s);
    }
    "two ways back", false, |s| {
        looped(s, |s| {
            work(s);
            s.local_get(DONE).i32_const(1).i32_and();
            s.if_(NOTHING);
            count(s, 1);
            more(s);
            s.br_if(1).end();
            more(s);
        });
        finish(s);
    }
    "a way back without a condition", false, |s| {
        s.loop_(NOTHING);
        work(s);
        more(s);
        s.if_(NOTHING).br(1).end().end();
        finish(s);
    }
    "the way back is unconditional", false, |s| {
        s.block(NOTHING).loop_(NOTHING);
        work(s);
        more(s);
        s.i32_eqz().br_if(1).br(0).end().end();
        finish(s);
    }
    "the way back from a block inside", false, |s| {
        looped(s, |s| {
            work(s);
            s.block(NOTHING);
            round_is(s, 2);
            s.i32_eqz().br_if(0);
            count(s, 1);
            s.i32_const(50).local_set(DONE).br(1).end();
            more(s);
        });
        finish(s);
    }
    "a way out over one block", true, |s| {
        s.block(NOTHING);
        looped(s, |s| { work(s); round_is(s, 10); s.br_if(1); more(s); });
        count(s, 7);
        s.end();
        finish(s);
    }
    "ways out over several blocks, from inside others", true, |s| {
        s.block(NOTHING).block(NOTHING).block(NOTHING);
        looped(s, |s| {
            work(s);
            s.block(NOTHING).block(NOTHING);
            for (round, depth) in [(3, 5), (10, 4), (12, 3)] {
                round_is(s, round);
                s.br_if(depth);
            }
            round_is(s, 1);
            s.br_if(1);
            count(s, 1);
            round_is(s, 2);
            s.br_if(0);
            count(s, 10);
            s.end();
            count(s, 100);
            round_is(s, 9);
            s.if_(NOTHING).br(2 + 2).else_();
            round_is(s, 11);
            s.br_if(2 + 1).end().end();
            more(s);
        });
        s.end();
        count(s, 1000);
        s.end();
        count(s, 2000);
        s.end();
        count(s, 4000);
        finish(s);
    }
    "a table with ways inside and out", true, |s| {
        s.block(NOTHING).block(NOTHING);
        looped(s, |s| {
            work(s);
            s.block(NOTHING).block(NOTHING);
            s.local_get(DONE).br_table([0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 1, 4, 3], 0).end();
            count(s, 1);
            s.end();
            more(s);
        });
        count(s, 20);
        s.end();
        count(s, 40);
        s.end();
        count(s, 80);
        finish(s);
    }
    "a table whose default leaves the function", true, |s| {
        s.i32_const(77);
        s.block(NOTHING);
        looped(s, |s| {
            work(s);
            s.block(NOTHING).i32_const(-1).local_get(DONE).i32_const(20).i32_lt_u();
            s.if_(NOTHING).end().drop();
            s.local_get(DONE).br_table([0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 2).end();
            more(s);
        });
        s.end();
        result(s);
        s.i32_add().end();
    }
    "a table with a way back", false, |s| {
        looped(s, |s| {
            work(s);
            more(s);
            s.local_set(NUMBER).block(NOTHING);
            s.local_get(DONE).br_table([0, 0, 1, 0], 0).end();
            s.local_get(NUMBER);
        });
        finish(s);
    }
    "a loop that gives a number", false, |s| {
        s.loop_(ONE);
        work(s);
        more(s);
        s.br_if(0).local_get(DONE).end().local_set(NUMBER);
        finish(s);
    }
    "a loop that takes two numbers and gives one", false, |s| {
        s.local_get(WANTED).i32_const(3).loop_(TWO_TO_ONE);
        s.i32_add().local_set(NUMBER);
        work(s);
        s.local_get(NUMBER).i32_const(1);
        more(s);
        s.br_if(0).i32_add().end().local_set(NUMBER);
        finish(s);
    }
    "a loop that takes a number", false, |s| {
        s.local_get(WANTED).loop_(ONE_TO_NONE).local_set(NUMBER);
        work(s);
        s.local_get(DONE);
        more(s);
        s.br_if(0).drop().end();
        finish(s);
    }
    "a loop that gives what lies below the condition", false, |s| {
        s.loop_(ONE);
        work(s);
        s.local_get(DONE);
        more(s);
        s.br_if(0).end().local_set(NUMBER);
        finish(s);
    }
    "a loop that takes and gives what lies below the condition", false, |s| {
        s.local_get(WANTED).loop_(ONE_TO_ONE).local_set(NUMBER);
        work(s);
        s.local_get(NUMBER).local_get(DONE).i32_add();
        more(s);
        s.br_if(0).end().local_set(NUMBER);
        finish(s);
    }
    "a number leaves the loop with a branch", true, |s| {
        s.block(ONE);
        looped(s, |s| {
            work(s);
            s.i32_const(5).i32_const(6).i32_add();
            round_is(s, 11);
            s.br_if(1).drop();
            more(s);
        });
        s.i32_const(4).end().local_set(NUMBER);
        finish(s);
    }
    "a number leaves the function with a branch", true, |s| {
        looped(s, |s| {
            work(s);
            s.block(ONE).i32_const(31);
            round_is(s, 12);
            s.br_if(2).end().local_set(NUMBER);
            more(s);
        });
        finish(s);
    }
    "a block inside that gives a number", true, |s| {
        looped(s, |s| {
            work(s);
            s.block(ONE).i32_const(3);
            round_is(s, 5);
            s.br_if(0).drop().i32_const(4).end();
            s.local_get(NUMBER).i32_add().local_set(NUMBER);
            more(s);
        });
        finish(s);
    }
    "return inside", true, |s| {
        looped(s, |s| {
            work(s);
            round_is(s, 10);
            s.if_(NOTHING).i32_const(55).return_().end();
            more(s);
        });
        finish(s);
    }
    "a trap inside", true, |s| {
        looped(s, |s| {
            work(s);
            s.local_get(WANTED).local_get(DONE).i32_const(13).i32_sub().i32_div_u().local_set(NUMBER);
            more(s);
        });
        finish(s);
    }
    "out of memory's bounds", true, |s| {
        s.i32_const(65536 - 16384 - 16 * 12).local_set(AT);
        looped(s, |s| { work(s); more(s); });
        finish(s);
    }
    "memory grows, a global counts", true, |s| {
        looped(s, |s| {
            work(s);
            s.i32_const(1).memory_grow(0).local_get(NUMBER).i32_add().local_set(NUMBER);
            s.global_get(COUNTED).i32_const(1).i32_add().global_set(COUNTED);
            s.i32_const(60000).memory_size(0).i32_store(at(0));
            more(s);
        });
        finish(s);
    }
    "a function calls itself in a loop", true, |s| {
        looped(s, |s| {
            work(s);
            s.local_get(WANTED).i32_const(4).i32_lt_u();
            s.if_(NOTHING).local_get(WANTED).i32_const(1).i32_sub().i32_const(0).local_get(WANTED).select();
            s.local_get(WANTED).i32_const(1).i32_gt_u();
            s.if_(ONE_TO_ONE).call(0).end();
            s.local_get(NUMBER).i32_add().local_set(NUMBER).end();
            more(s);
        });
        finish(s);
    }
    "a loop that is never reached", true, |s| {
        finish_early(s);
        looped(s, |s| { work(s); more(s); });
        finish(s);
    }
    "code that is not reached before the way back", true, |s| {
        s.block(NOTHING);
        looped(s, |s| {
            work(s);
            s.block(NOTHING);
            more(s);
            s.br_if(0).br(2).end();
            s.local_get(DONE).i32_const(20).i32_gt_u();
            s.if_(NOTHING).br(2).else_().end();
            s.i32_const(1);
        });
        s.end();
        finish(s);
    }
    "a way back that is not reached", true, |s| {
        s.block(NOTHING);
        looped(s, |s| {
            work(s);
            more(s);
            s.br_if(1).br(1);
        });
        s.end();
        finish(s);
    }
    "a table, and then what is not reached", true, |s| {
        s.block(NOTHING);
        looped(s, |s| {
            work(s);
            s.local_get(DONE).br_table([1, 1], 1).i32_const(1);
        });
        s.end();
        finish(s);
    }
    "numbers go into all lanes", true, |s| {
        looped(s, |s| {
            s.local_get(SUM).local_get(DONE).v128_load32_splat(at(3)).v128_xor();
            s.local_get(DONE).v128_load64_splat(at(200)).i8x16_add().local_set(SUM);
            work(s);
            more(s);
        });
        finish(s);
    }
    "numbers go into all lanes, without a loop", true, |s| {
        s.local_get(WANTED).v128_load64_splat(at(0)).local_set(SUM);
        s.local_get(WANTED).v128_load32_splat(at(65000)).local_set(SUM);
        finish(s);
    }
    "numbers go into all lanes beside fused products", false, |s| {
        s.local_get(SUM).local_get(WANTED).v128_load32_splat(at(0)).local_get(SUM);
        s.f32x4_relaxed_madd().local_set(SUM);
        finish(s);
    }
};

fn finish_early(s: &mut Sink) {
    result(s);
    s.return_();
}
