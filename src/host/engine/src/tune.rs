//! Modules as the compiler makes better code of them, which do the same.
//!
//! Loops over vectors are unrolled. At the head of each loop a guest is asked whether its time is over, and whatever it
//! holds in registers is in memory there: with several rounds between two heads that costs little. That is done to loops
//! that have no loop inside, something to do with vectors, and one way back, at their end:
//!
//! ```text
//! loop                     loop block
//!   BODY                     BODY i32.eqz br_if 0      several times
//!   br_if 0                  BODY br_if 1              once
//! end                      end end
//! ```
//!
//! Scalars that go into all lanes are loaded as floats: the compiler loads others into a general register first. Functions
//! with fused products have no register to spare for that.

use std::ops::Range;
use wasm_encoder::{CodeSection, Encode, Module, RawSection};
use wasmparser::{BinaryReader, BlockType, FunctionBody, Operator, Parser, Payload};
use wasmtime::Result;

/// Bytes of a loop's rounds together, and how many of them there are at most.
const MOST_BYTES: usize = 2048;
const MOST_ROUNDS: usize = 8;
/// Bytes of a function that is made longer; the compiler refuses ones over 7,654,321.
const MOST_FUNCTION: usize = 1 << 20;

const BLOCK: [u8; 2] = [0x02, 0x40];
const LOOP: [u8; 2] = [0x03, 0x40];
const END: u8 = 0x0b;
const BR: u8 = 0x0c;
const BR_IF: u8 = 0x0d;
const BR_TABLE: u8 = 0x0e;
const EQZ: u8 = 0x45;
const VECTOR_PREFIX: u8 = 0xfd;
const F32_LOAD: u8 = 0x2a;
const F64_LOAD: u8 = 0x2b;
const F32X4_SPLAT: [u8; 2] = [0xfd, 0x13];
const F64X2_SPLAT: [u8; 2] = [0xfd, 0x14];

/// A piece of a loop's body: bytes of the function as they are, or a branch out of the loop, which has one block more
/// to leave afterwards.
enum Piece {
    Bytes(Range<usize>),
    Branch { code: u8, targets: Vec<u32> },
}

/// A loop that is still open while a function is read.
struct Open {
    place: usize,
    /// Where its body begins, and up to where that is in pieces.
    body: usize,
    done: usize,
    /// How many blocks there are, with it.
    level: u32,
    pieces: Vec<Piece>,
    vectors: bool,
    /// Whether nothing speaks against it so far.
    plain: bool,
    /// Where the way back is, if that was the last operator.
    back: Option<usize>,
}

/// A loop to be unrolled: its place in the function, and its body without the way back.
struct Found {
    place: Range<usize>,
    bytes: usize,
    pieces: Vec<Piece>,
}

/// The loops of a function that can be unrolled, in their order.
fn loops(code: &[u8]) -> Result<Vec<Found>> {
    let body = FunctionBody::new(BinaryReader::new(code, 0));
    let mut found = Vec::new();
    let mut level = 0u32;
    // The innermost one; those around it are forgotten.
    let mut open: Option<Open> = None;
    let mut reader = body.get_operators_reader()?;
    while !reader.eof() {
        let at = reader.original_position();
        let operator = reader.read()?;
        let next = reader.original_position();
        let back = open.as_mut().and_then(|open| open.back.take());
        let (branch, targets) = match &operator {
            Operator::Loop { blockty } => {
                level += 1;
                open = Some(Open {
                    place: at,
                    body: next,
                    done: next,
                    level,
                    pieces: Vec::new(),
                    vectors: false,
                    plain: matches!(blockty, BlockType::Empty),
                    back: None,
                });
                continue;
            }
            Operator::End => {
                if let Some(mut ended) = open.take_if(|open| open.level == level)
                    && let Some(back) = back
                    && ended.plain
                    && ended.vectors
                {
                    ended.pieces.push(Piece::Bytes(ended.done..back));
                    found.push(Found { place: ended.place..next, bytes: back - ended.body, pieces: ended.pieces });
                }
                level = level.saturating_sub(1);
                continue;
            }
            Operator::Block { .. } | Operator::If { .. } => {
                level += 1;
                (0, Vec::new())
            }
            Operator::Br { relative_depth } => (BR, vec![*relative_depth]),
            Operator::BrIf { relative_depth } => (BR_IF, vec![*relative_depth]),
            Operator::BrTable { targets } => {
                let mut all = targets.targets().collect::<Result<Vec<_>, _>>()?;
                all.push(targets.default());
                (BR_TABLE, all)
            }
            // These have labels of another kind.
            Operator::TryTable { .. } | Operator::Try { .. } | Operator::Delegate { .. } => return Ok(Vec::new()),
            Operator::BrOnNull { .. } | Operator::BrOnNonNull { .. } => return Ok(Vec::new()),
            Operator::BrOnCast { .. } | Operator::BrOnCastFail { .. } => return Ok(Vec::new()),
            _ => (0, Vec::new()),
        };
        let Some(open) = open.as_mut() else { continue };
        open.plain &= back.is_none(); // there is more behind the way back
        open.vectors |= code[at] == VECTOR_PREFIX;
        if branch == 0 {
            continue;
        }
        let own = level - open.level; // as the loop's label is known here
        if branch == BR_IF && own == 0 && targets == [0] {
            open.back = Some(at);
            continue;
        }
        open.plain &= !targets.contains(&own);
        if targets.iter().any(|target| *target > own) {
            open.pieces.push(Piece::Bytes(open.done..at));
            let targets = targets.iter().map(|target| target + u32::from(*target > own)).collect();
            open.pieces.push(Piece::Branch { code: branch, targets });
            open.done = next;
        }
    }
    Ok(found)
}

fn put_body(found: &Found, code: &[u8], out: &mut Vec<u8>) {
    for piece in &found.pieces {
        match piece {
            Piece::Bytes(range) => out.extend_from_slice(&code[range.clone()]),
            Piece::Branch { code, targets } => {
                out.push(*code);
                if *code == BR_TABLE {
                    ((targets.len() - 1) as u32).encode(out);
                }
                targets.iter().for_each(|target| target.encode(out));
            }
        }
    }
}

fn unroll(code: Vec<u8>) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut done = 0;
    for found in loops(&code)? {
        let rounds = MOST_ROUNDS.min(MOST_BYTES / found.bytes.max(1));
        if rounds < 2 {
            continue;
        }
        out.extend_from_slice(&code[done..found.place.start]);
        out.extend(LOOP.into_iter().chain(BLOCK));
        for _ in 1..rounds {
            put_body(&found, &code, &mut out);
            out.extend([EQZ, BR_IF, 0]);
        }
        put_body(&found, &code, &mut out);
        out.extend([BR_IF, 1, END, END]);
        done = found.place.end;
    }
    if done == 0 {
        return Ok(code);
    }
    out.extend_from_slice(&code[done..]);
    Ok(out)
}

/// Loads into all lanes, as a load and a splat of floats. They move bits, whatever is in them.
fn load_floats(code: &[u8]) -> Result<Vec<u8>> {
    let mut reader = FunctionBody::new(BinaryReader::new(code, 0)).get_operators_reader()?;
    let mut out = Vec::new();
    let mut done = 0;
    while !reader.eof() {
        let at = reader.original_position();
        let (load, splat) = match reader.read()? {
            Operator::V128Load32Splat { .. } => (F32_LOAD, F32X4_SPLAT),
            Operator::V128Load64Splat { .. } => (F64_LOAD, F64X2_SPLAT),
            Operator::F32x4RelaxedMadd | Operator::F32x4RelaxedNmadd => return Ok(code.to_vec()),
            _ => continue,
        };
        // The operator is a prefix, a number, and where to load from, which stays.
        out.extend_from_slice(&code[done..at]);
        out.push(load);
        done = reader.original_position();
        let mut number = BinaryReader::new(&code[at + 1..done], at + 1);
        number.read_var_u32()?;
        out.extend_from_slice(&code[number.original_position()..done]);
        out.extend(splat);
    }
    out.extend_from_slice(&code[done..]);
    Ok(out)
}

/// A module that does the same. Custom sections but the names of functions are left out: they speak of other code.
pub fn tune(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut module = Module::new();
    let mut code = CodeSection::new();
    let mut left = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        match &payload {
            Payload::CodeSectionStart { count, .. } => {
                left = *count;
                if left == 0 {
                    module.section(&code);
                }
            }
            Payload::CodeSectionEntry(body) => {
                let plain = &wasm[body.range()];
                let tuned = unroll(load_floats(plain)?)?;
                code.raw(if tuned.len() <= MOST_FUNCTION { &tuned } else { plain });
                left -= 1;
                if left == 0 {
                    module.section(&code);
                }
            }
            Payload::CustomSection(custom) if custom.name() != "name" => {}
            _ => {
                if let Some((id, range)) = payload.as_section() {
                    module.section(&RawSection { id, data: &wasm[range] });
                }
            }
        }
    }
    Ok(module.finish())
}
