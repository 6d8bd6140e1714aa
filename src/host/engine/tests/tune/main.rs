//! What a tuned module does is what the module itself does: both are run and compared, for loops written by hand, for
//! modules drawn at random and for the fuzz target's corpus.

mod cases;
mod lengths;
mod random;
#[path = "../../src/tune.rs"]
mod tune;

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::OnceLock,
    thread,
    time::Duration,
};
use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, DataSection, ExportKind, ExportSection, Function, FunctionSection,
    GlobalSection, GlobalType, InstructionSink, MemorySection, MemoryType, Section, TypeSection, ValType,
};
use wasmtime::{
    Config, Engine, Extern, Linker, Module, OptLevel, Ref, Store, StoreLimits, StoreLimitsBuilder, Trap, Val,
};

const PAGE: usize = 64 << 10;
const MOST_MEMORY: usize = 16 << 20;
const TICKS: u64 = 30;

/// Code is compared for what it means: which of two NaNs an instruction keeps is left open.
fn engine(level: OptLevel) -> Engine {
    let mut config = Config::new();
    config.cranelift_opt_level(level).cranelift_nan_canonicalization(true).relaxed_simd_deterministic(true);
    config.epoch_interruption(true).memory_reservation(MOST_MEMORY as u64);
    let engine = Engine::new(&config).unwrap();
    let clock = engine.clone();
    thread::spawn(move || {
        loop {
            thread::sleep(Duration::from_millis(10));
            clock.increment_epoch();
        }
    });
    engine
}

/// As the host compiles.
fn best() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| engine(OptLevel::Speed))
}

/// Compiles without optimising, in less time.
fn quick() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| engine(OptLevel::None))
}

fn shown(value: &Val) -> String {
    match value {
        Val::FuncRef(reference) => format!("function {}", reference.is_some()),
        Val::ExternRef(reference) => format!("reference {}", reference.is_some()),
        bits => format!("{bits:?}"),
    }
}

fn argument(kind: &wasmtime::ValType, number: u32) -> Val {
    match kind {
        wasmtime::ValType::I32 => Val::I32(number as i32),
        wasmtime::ValType::I64 => Val::I64(i64::from(number)),
        wasmtime::ValType::F32 => Val::F32((number as f32).to_bits()),
        wasmtime::ValType::F64 => Val::F64(f64::from(number).to_bits()),
        wasmtime::ValType::V128 => Val::V128(u128::from(number).into()),
        wasmtime::ValType::Ref(of) => Val::from(Ref::null(of.heap_type())),
    }
}

/// How a call that failed did so; nothing where that hangs on the code: time and stack.
fn failure(error: &wasmtime::Error) -> Option<String> {
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt | Trap::StackOverflow) => None,
        Some(trap) => Some(format!("{trap:?}")),
        None => Some(error.root_cause().to_string()),
    }
}

/// All that can be seen of a module whose functions are called with these numbers: what each call gave, then globals
/// and memories. Nothing where it can't be told.
fn deeds(engine: &Engine, wasm: &[u8], numbers: &[u32]) -> Option<Vec<String>> {
    let module = Module::new(engine, wasm).unwrap();
    let limits = StoreLimitsBuilder::new().memory_size(MOST_MEMORY).table_elements(1 << 16).build();
    let mut store: Store<StoreLimits> = Store::new(engine, limits);
    store.limiter(|limits| limits);
    store.set_epoch_deadline(TICKS);
    let mut linker = Linker::new(engine);
    if let Err(error) = linker.define_unknown_imports_as_default_values(&mut store, &module) {
        return Some(vec![error.root_cause().to_string()]);
    }
    let instance = match linker.instantiate(&mut store, &module) {
        Ok(instance) => instance,
        Err(error) => return Some(vec![failure(&error)?]),
    };
    let mut seen = Vec::new();
    let names: Vec<String> = module.exports().map(|export| export.name().to_owned()).collect();
    for name in &names {
        let Some(function) = instance.get_func(&mut store, name) else { continue };
        let kind = function.ty(&store);
        for number in numbers {
            let arguments: Vec<Val> = kind.params().map(|param| argument(&param, *number)).collect();
            let mut results = vec![Val::I32(0); kind.results().len()];
            seen.push(match function.call(&mut store, &arguments, &mut results) {
                Ok(()) => format!("{name}({number}): {}", results.iter().map(shown).collect::<Vec<_>>().join(" ")),
                Err(error) => format!("{name}({number}): {}", failure(&error)?),
            });
        }
    }
    for name in &names {
        match instance.get_export(&mut store, name) {
            Some(Extern::Global(global)) => seen.push(format!("{name} = {}", shown(&global.get(&mut store)))),
            Some(Extern::Memory(memory)) => {
                let data = memory.data(&store);
                let mark = data
                    .iter()
                    .fold(data.len() as u64, |mark, byte| (mark ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
                seen.push(format!("{name}: {} bytes, {mark:x}", data.len()));
            }
            _ => {}
        }
    }
    Some(seen)
}

/// Whether tuning changed the module, which does the same afterwards.
fn check(engine: &Engine, name: &str, wasm: &[u8], numbers: &[u32]) -> bool {
    Module::validate(engine, wasm).unwrap_or_else(|error| panic!("{name}: {error:#}"));
    let tuned = tune::tune(wasm).unwrap();
    Module::validate(engine, &tuned).unwrap_or_else(|error| panic!("{name}, tuned: {error:#}"));
    if tuned == wasm {
        return false;
    }
    if let Some(plain) = deeds(engine, wasm, numbers)
        && let Some(other) = deeds(engine, &tuned, numbers)
    {
        assert_eq!(plain, other, "{name}");
    }
    true
}

/// What functions of these tests have: i32 locals from 0, the parameter, and vectors.
const NUMBERS: u32 = 5;
const VECTORS: u32 = 3;
const COUNTED: u32 = 0;

/// Functions (i32) -> i32 over a memory of a page, its half full of all kinds of bits, that may grow to two; and a
/// global. They are told to write a body.
fn module(functions: usize, mut write: impl FnMut(&mut Vec<u8>)) -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], [ValType::I32]);
    types.ty().function([ValType::I32, ValType::I32], [ValType::I32]);
    types.ty().function([ValType::I32], []);
    let (mut kinds, mut exports, mut code) = (FunctionSection::new(), ExportSection::new(), CodeSection::new());
    for number in 0..functions {
        kinds.function(0);
        exports.export(&format!("f{number}"), ExportKind::Func, number as u32);
        let mut function = Function::new([(NUMBERS - 1, ValType::I32), (VECTORS, ValType::V128)]);
        let mut body = Vec::new();
        write(&mut body);
        function.raw(body);
        code.function(&function);
    }
    exports.export("memory", ExportKind::Memory, 0);
    exports.export("global", ExportKind::Global, 0);
    let (mut memories, mut globals, mut data) = (MemorySection::new(), GlobalSection::new(), DataSection::new());
    memories.memory(MemoryType { minimum: 1, maximum: Some(2), memory64: false, shared: false, page_size_log2: None });
    globals.global(GlobalType { val_type: ValType::I32, mutable: true, shared: false }, &ConstExpr::i32_const(0));
    let mut rng = random::Rng::new(1);
    // Every fifth number is a NaN that signals.
    let word = |i: usize, bits: u32| if i % 5 == 0 { bits & 0x803f_ffff | 0x7f80_0001 } else { bits };
    let bytes: Vec<u8> = (0..PAGE / 8).flat_map(|i| word(i, rng.next() as u32).to_le_bytes()).collect();
    data.active(0, &ConstExpr::i32_const(0), bytes);
    let mut wasm = wasm_encoder::Module::new();
    wasm.section(&types).section(&kinds).section(&memories).section(&globals).section(&exports);
    wasm.section(&code).section(&data);
    wasm.finish()
}

#[test]
fn loops_by_hand() {
    const NUMBERS: [u32; 13] = [0, 1, 2, 7, 8, 9, 13, 15, 16, 17, 40, 1000, u32::MAX];
    for case in cases::CASES {
        let wasm = module(1, |body| (case.write)(&mut InstructionSink::new(body)));
        let changed = check(best(), case.name, &wasm, &NUMBERS);
        assert_eq!(changed, case.changes, "{}: whether it is tuned", case.name);
    }
}

/// A loop's rounds stay within a number of bytes, whatever one round has.
#[test]
fn long_bodies() {
    for length in [1, 10, 100, 240, 241, 242, 243, 244, 245, 480, 990, 1000, 1010, 5000] {
        let wasm = module(1, |body| lengths::long(&mut InstructionSink::new(body), length));
        check(best(), &format!("a body with {length} times nothing"), &wasm, &[0, 7, 8, 9]);
    }
}

/// Numbers may be written longer than they have to be.
#[test]
fn long_numbers() {
    for case in lengths::LONG_NUMBERS {
        let wasm = module(1, |body| lengths::with_bytes(body, case.bytes));
        assert!(check(best(), case.name, &wasm, &[0, 8, 9, 1000]), "{}", case.name);
    }
}

/// A function that would be too long stays as it is.
#[test]
fn long_functions() {
    for length in [100_000, 1_000_000, 7_650_000] {
        let wasm = module(1, |body| {
            let s = &mut InstructionSink::new(body);
            (0..length / 40).for_each(|_| lengths::short(s));
            s.i32_const(0).end();
        });
        Module::validate(quick(), &wasm).unwrap();
        let tuned = tune::tune(&wasm).unwrap();
        Module::validate(quick(), &tuned).unwrap();
        assert_eq!(tuned != wasm, length == 100_000);
    }
}

#[test]
fn sections() {
    let empty = wasm_encoder::Module::new().finish();
    assert_eq!(tune::tune(&empty).unwrap(), empty);
    assert_eq!(tune::tune(&module(0, |_| ())).unwrap(), module(0, |_| ()));
    let with = |names: &[&str]| {
        let mut wasm = module(1, |body| lengths::long(&mut InstructionSink::new(body), 1));
        for name in names {
            CustomSection { name: (*name).into(), data: b"\x00\x01\x00"[..].into() }.append_to(&mut wasm);
        }
        wasm
    };
    assert_eq!(tune::tune(&with(&["producers", "name", "other"])).unwrap(), tune::tune(&with(&["name"])).unwrap());
    assert_ne!(tune::tune(&with(&["name"])).unwrap(), tune::tune(&with(&[])).unwrap());
}

#[test]
fn drawn_at_random() {
    let cases = env::var("TULLE_TUNE_CASES").map_or(60, |text| text.parse().unwrap());
    let first: u64 = env::var("TULLE_TUNE_SEED").map_or(1, |text| text.parse().unwrap());
    let mut changed = 0;
    for seed in first..first + cases {
        let mut rng = random::Rng::new(seed);
        let wasm = module(16, |body| random::body(&mut rng, body));
        changed += u64::from(check(quick(), &format!("seed {seed}"), &wasm, &[0, 1, 8, 9, 1000]));
    }
    assert!(changed * 10 >= cases * 9, "{changed} of {cases} modules changed");
}

#[test]
fn corpus_of_the_fuzz_target() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fuzz/corpus/guest");
    let folder = env::var_os("TULLE_TUNE_CORPUS").map_or(own, PathBuf::from);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    for path in files {
        let wasm = fs::read(&path).unwrap();
        if Module::validate(best(), &wasm).is_ok() {
            check(best(), &path.display().to_string(), &wasm, &[0, 1, 8, 1000]);
        }
    }
}
