//! Wasm to an artefact: the module, or what it is after its initialiser has run. For a process of its own, since a
//! compiler promises nothing about the time and memory that hostile input takes.

use crate::{
    engine::{self, Engine, Pool},
    function::{Run, State, new_store, within_time},
    limits::Limits,
    tune::tune,
};
use std::{
    ptr,
    sync::Arc,
    time::{Duration, Instant},
};
use wasmparser::{Encoding, Parser, Payload};
use wasmtime::{Extern, Instance, Linker, Module, Result, Store, Val, error::Context};
use wasmtime_wizer::{InstanceState, SnapshotVal, ValType, Wizer};

/// Functions that run once, and what stands for `_start` from then on: names of our own, and Wizer's.
const INITIALISERS: [(&str, &str); 2] = [("tulle_init", "tulle_start"), ("wizer.initialize", "wizer.resume")];

pub struct Compiled {
    pub artefact: Vec<u8>,
    /// The module after its initialiser; nothing where it has none.
    pub snapshot: Option<Vec<u8>>,
    pub initialise: Duration,
}

/// The names of a module's exports; nothing for a component.
fn exports(wasm: &[u8]) -> Result<Option<Vec<&str>>> {
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::Version { encoding: Encoding::Component, .. } => return Ok(None),
            Payload::ExportSection(section) => {
                for export in section {
                    names.push(export?.name);
                }
            }
            _ => {}
        }
    }
    Ok(Some(names))
}

/// The first of these that is exported, and what stands for `_start` after it.
fn initialiser_in(exports: &[&str]) -> Option<(&'static str, &'static str)> {
    INITIALISERS.into_iter().find(|(init, _)| exports.contains(init))
}

/// A module's initialiser by name.
pub fn initialiser(wasm: &[u8]) -> Option<&'static str> {
    initialiser_in(&exports(wasm).ok()??).map(|(init, _)| init)
}

fn precompile(compiler: &wasmtime::Engine, wasm: &[u8]) -> Result<Vec<u8>> {
    // What is no module is told so before anything else looks at it.
    Module::validate(compiler, wasm)?;
    compiler.precompile_module(&tune(wasm)?)
}

/// The limits are the initialiser's.
pub fn compile(wasm: &[u8], limits: &Limits, timeout: Option<Duration>) -> Result<Compiled> {
    let engine = Engine::new(&Pool { instances: 0, memory_bytes: 0, table_elements: 0, keep_bytes: 0 })?;
    let compiler = &engine.wasm;
    let whole = |artefact| Compiled { artefact, snapshot: None, initialise: Duration::ZERO };
    let Some(exports) = exports(wasm)? else {
        return Ok(whole(compiler.precompile_component(wasm)?));
    };
    let Some((init, start)) = initialiser_in(&exports) else {
        return Ok(whole(precompile(compiler, wasm)?));
    };
    // What is no module is told so before Wizer says what it does not like.
    Module::validate(compiler, wasm)?;
    let mut wizer = Wizer::new();
    wizer.init_func(init).keep_init_func(false);
    if exports.contains(&start) {
        wizer.func_rename("_start", start);
    }
    let (snapshot, initialise) =
        initialise(&engine, wasm, &wizer, limits, timeout).with_context(|| format!("the initialiser \"{init}\""))?;
    Ok(Compiled { artefact: precompile(compiler, &snapshot)?, snapshot: Some(snapshot), initialise })
}

/// Runs it with clocks and randomness alone, and with traps for all functions that are not WASI's: what they would
/// give, such as handles, does not outlive the instance.
fn initialise(
    engine: &Engine,
    wasm: &[u8],
    wizer: &Wizer,
    limits: &Limits,
    timeout: Option<Duration>,
) -> Result<(Vec<u8>, Duration)> {
    let run = Run {
        arguments: Vec::new(),
        environment: Vec::new(),
        directories: Vec::new(),
        standard_input: false,
        limits: *limits,
        timeout,
        nn: ptr::null_mut(),
        output: Arc::new(|_, _| ()),
    };
    let (context, instrumented) = wizer.instrument(wasm)?;
    let module = Module::new(&engine.wasm, &instrumented)?;
    let mut linker = Linker::new(&engine.wasm);
    crate::wasi::link(&mut linker)?;
    linker.define_unknown_imports_as_traps(&module)?;
    let begin = Instant::now();
    let mut store = new_store(&engine.wasm, &run, begin)?;
    let _running = engine.running();
    engine::runtime().block_on(async {
        let instance = within_time(&run, begin, async {
            let instance = linker.instantiate_async(&mut store, &module).await?;
            for name in ["_initialize", wizer.get_init_func()] {
                if let Some(Extern::Func(function)) = instance.get_export(&mut store, name) {
                    function.typed::<(), ()>(&store)?.call_async(&mut store, ()).await?;
                }
            }
            Ok(instance)
        });
        let instance = instance.await?;
        let took = begin.elapsed();
        let snapshot = wizer.snapshot(&context, &mut Image { store: &mut store, instance }).await?;
        Ok((snapshot, took))
    })
}

/// What Wizer asks of an instance whose globals and memories its instrumented module exports.
struct Image<'a> {
    store: &'a mut Store<State>,
    instance: Instance,
}

impl InstanceState for Image<'_> {
    async fn global_get(&mut self, name: &str, _: ValType) -> SnapshotVal {
        let global = self.instance.get_global(&mut *self.store, name).expect("what Wizer exports");
        match global.get(&mut *self.store) {
            Val::I32(bits) => SnapshotVal::I32(bits),
            Val::I64(bits) => SnapshotVal::I64(bits),
            Val::F32(bits) => SnapshotVal::F32(bits),
            Val::F64(bits) => SnapshotVal::F64(bits),
            Val::V128(bits) => SnapshotVal::V128(bits.as_u128()),
            _ => unreachable!("Wizer refuses modules whose globals hold references"),
        }
    }

    async fn memory_contents(&mut self, name: &str, contents: impl FnOnce(&[u8]) + Send) {
        let memory = self.instance.get_memory(&mut *self.store, name).expect("what Wizer exports");
        contents(memory.data(&self.store))
    }
}
