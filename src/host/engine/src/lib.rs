//! Wasmtime for Tulle's host: the C interface that src/host/engine.h declares. Pointers that callers pass are valid for
//! the call; texts are UTF-8 or are made so. No panic leaves: what panics is an error with the panic's words.

mod compile;
mod component;
mod engine;
mod ffi;
mod function;
mod limits;
mod nn;
mod seal;
mod tune;
mod wasi;

use component::{Program, item_text};
use engine::{Engine, Pool};
use ffi::{Bytes, Sink, items};
use function::{Cause, Directory, Doors, Function, Run, cause, type_text};
use limits::Limits;
use std::{
    ffi::c_void,
    fs::File,
    os::fd::{AsRawFd, FromRawFd, RawFd},
    panic::{AssertUnwindSafe, catch_unwind},
    slice,
    sync::Arc,
    time::Duration,
};
use wasmtime::{Module, Precompiled, Result, WasmBacktrace, component::Component, error::format_err};

/// The value of what may fail or panic; its words go to `error`.
fn caught<T>(error: &Sink, work: impl FnOnce() -> Result<T>) -> Option<T> {
    let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        Err(format_err!("the engine failed: {}", words.unwrap_or("no words")))
    });
    result.map_err(|failure| error.put(words(&failure, REFUSED).as_bytes())).ok()
}

fn boxed<T>(value: Option<T>) -> *mut T {
    value.map_or(std::ptr::null_mut(), |value| Box::into_raw(Box::new(value)))
}

#[unsafe(no_mangle)]
pub extern "C" fn tulle_engine_new(pool: &Pool, error: Sink) -> *mut Engine {
    boxed(caught(&error, || Engine::new(pool)))
}

/// # Safety
/// What `tulle_engine_new` gave, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tulle_engine_delete(engine: *mut Engine) {
    if !engine.is_null() {
        drop(unsafe { Box::from_raw(engine) });
    }
}

// Of `EngineEnding`.
const EXIT: u32 = 0;
const LIMIT: u32 = 1;
const TRAP: u32 = 2;
const REFUSED: u32 = 3;

/// How a guest ended that did not come to its end; the words go to `message`.
fn told(error: &wasmtime::Error, message: &Sink) -> (u32, i32) {
    let (kind, code) = match cause(error) {
        Cause::Exit(code) => return (EXIT, code),
        Cause::Limit(limit) => (LIMIT, limit as i32),
        Cause::Trap => (TRAP, 0),
        Cause::Refused => (REFUSED, 0),
    };
    message.put(words(error, kind).as_bytes());
    (kind, code)
}

/// Why, in one line; traps have the wasm backtrace below it.
fn words(error: &wasmtime::Error, kind: u32) -> String {
    let line = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    if kind == REFUSED {
        return line(format!("{error:#}"));
    }
    let why = line(error.root_cause().to_string());
    match error.downcast_ref::<WasmBacktrace>() {
        _ if kind == LIMIT => why.trim_start_matches("wasm trap: ").into(),
        Some(backtrace) => format!("{}\n{backtrace}", why.trim_start_matches("wasm trap: ")),
        None => why,
    }
}

fn time(nanoseconds: u64) -> Option<Duration> {
    (nanoseconds > 0).then(|| Duration::from_nanos(nanoseconds))
}

#[repr(C)]
pub struct CompileEnd {
    kind: u32,
    code: i32,
    initialise_ns: u64,
}

#[repr(C)]
pub struct CompileSinks {
    artefact: Sink,
    snapshot: Sink,
    error: Sink,
}

/// The ending is an exit with 0 where it worked; the snapshot is given where the module has an initialiser.
///
/// # Safety
/// As said above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tulle_engine_compile(
    wasm: Bytes,
    limits: &Limits,
    timeout_ns: u64,
    sinks: &CompileSinks,
    end: &mut CompileEnd,
) {
    *end = CompileEnd { kind: REFUSED, code: 0, initialise_ns: 0 };
    let compiled = caught(&sinks.error, || Ok(compile::compile(unsafe { wasm.view() }, limits, time(timeout_ns))));
    let Some(compiled) = compiled else { return };
    match compiled {
        Ok(compiled) => {
            sinks.artefact.put(&compiled.artefact);
            if let Some(snapshot) = &compiled.snapshot {
                sinks.snapshot.put(snapshot);
            }
            *end = CompileEnd { kind: EXIT, code: 0, initialise_ns: compiled.initialise.as_nanos() as u64 };
        }
        Err(error) => (end.kind, end.code) = told(&error, &sinks.error),
    }
}

/// Names the initialiser that a module has.
///
/// # Safety
/// As said above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tulle_engine_initialiser(wasm: Bytes, name: Sink) {
    if let Some(found) = compile::initialiser(unsafe { wasm.view() }) {
        name.put(found.as_bytes());
    }
}

/// A compiled guest.
pub enum Loaded {
    Module(Module),
    Component(Component),
}

/// A guest whose imports are found.
pub enum Linked {
    Module(Function),
    Component(Program),
}

fn load(engine: &Engine, file: File) -> Result<Loaded> {
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    // What the artefact is comes from our own compiler; the file is closed when this returns.
    Ok(match wasmtime::Engine::detect_precompiled_file(&path)? {
        Some(Precompiled::Component) => Loaded::Component(unsafe { Component::deserialize_file(&engine.wasm, &path) }?),
        _ => Loaded::Module(unsafe { Module::deserialize_open_file(&engine.wasm, file) }?),
    })
}

/// # Safety
/// The file is open, and its bytes are what `tulle_engine_compile` gave: others are code of somebody else.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tulle_module_load(engine: &Engine, file: RawFd, error: Sink) -> *mut Loaded {
    boxed(caught(&error, || load(engine, unsafe { File::from_raw_fd(file) })))
}

/// # Safety
/// What `tulle_module_load` gave, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tulle_module_delete(module: *mut Loaded) {
    if !module.is_null() {
        drop(unsafe { Box::from_raw(module) });
    }
}

/// An import or export: module (empty for exports and components), name, type.
type Each = extern "C" fn(*mut c_void, Bytes, Bytes, Bytes);

fn give(each: Each, user: *mut c_void, module: &str, name: &str, kind: &str) {
    each(user, Bytes::of(module.as_bytes()), Bytes::of(name.as_bytes()), Bytes::of(kind.as_bytes()));
}

#[unsafe(no_mangle)]
pub extern "C" fn tulle_module_imports(engine: &Engine, module: &Loaded, user: *mut c_void, each: Each) {
    match module {
        Loaded::Module(module) => {
            for import in module.imports() {
                give(each, user, import.module(), import.name(), &type_text(&import.ty()));
            }
        }
        Loaded::Component(component) => {
            for (name, item) in component.component_type().imports(&engine.wasm) {
                give(each, user, "", name, item_text(&item.ty));
            }
        }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tulle_module_exports(engine: &Engine, module: &Loaded, user: *mut c_void, each: Each) {
    match module {
        Loaded::Module(module) => {
            for export in module.exports() {
                give(each, user, "", export.name(), &type_text(&export.ty()));
            }
        }
        Loaded::Component(component) => {
            for (name, item) in component.component_type().exports(&engine.wasm) {
                give(each, user, "", name, item_text(&item.ty));
            }
        }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tulle_function_link(engine: &Engine, module: &Loaded, doors: &Doors, error: Sink) -> *mut Linked {
    boxed(caught(&error, || {
        Ok(match module {
            Loaded::Module(module) => Linked::Module(Function::link(engine, module, *doors)?),
            Loaded::Component(component) => Linked::Component(Program::link(engine, component, doors.calls)?),
        })
    }))
}

/// # Safety
/// What `tulle_function_link` gave, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tulle_function_delete(function: *mut Linked) {
    if !function.is_null() {
        drop(unsafe { Box::from_raw(function) });
    }
}

#[repr(C)]
pub struct RunDirectory {
    host: Bytes,
    guest: Bytes,
    read_only: bool,
}

#[repr(C)]
pub struct RunSpec {
    export: Bytes,
    arguments: *const Bytes,
    argument_count: usize,
    /// Names and values in turn.
    environment: *const Bytes,
    environment_count: usize,
    directories: *const RunDirectory,
    directory_count: usize,
    standard_input: bool,
    limits: Limits,
    timeout_ns: u64,
    nn: *mut c_void,
    output_user: *mut c_void,
    output: extern "C" fn(*mut c_void, u32, Bytes),
}

#[repr(C)]
pub struct RunEnd {
    /// One of those above; the code is the guest's own, or says which limit.
    kind: u32,
    code: i32,
    instantiate_ns: u64,
    call_ns: u64,
    peak_memory: u64,
}

/// The message, empty where the guest came to its end, has the wasm backtrace behind its first line.
///
/// # Safety
/// As said above; `nn` and `output` may be used until the call returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tulle_function_run(
    engine: &Engine,
    function: &Linked,
    spec: &RunSpec,
    end: &mut RunEnd,
    message: Sink,
) {
    struct User(*mut c_void);
    unsafe impl Send for User {}
    unsafe impl Sync for User {}
    impl User {
        fn get(&self) -> *mut c_void {
            self.0
        }
    }
    let texts = |data, count| unsafe { items::<Bytes>(data, count).iter().map(|b| b.text()).collect::<Vec<_>>() };
    let (user, output) = (User(spec.output_user), spec.output);
    let environment = texts(spec.environment, spec.environment_count);
    let run = Run {
        arguments: texts(spec.arguments, spec.argument_count),
        environment: environment.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect(),
        directories: unsafe { items(spec.directories, spec.directory_count) }
            .iter()
            .map(|d| Directory {
                host: unsafe { d.host.text() }.into(),
                guest: unsafe { d.guest.text() },
                read_only: d.read_only,
            })
            .collect(),
        standard_input: spec.standard_input,
        limits: spec.limits,
        timeout: time(spec.timeout_ns),
        nn: spec.nn,
        output: Arc::new(move |stream, bytes| output(user.get(), stream, Bytes::of(bytes))),
    };
    let export = unsafe { spec.export.text() };
    *end = RunEnd { kind: REFUSED, code: 0, instantiate_ns: 0, call_ns: 0, peak_memory: 0 };
    let ended = caught(&message, || {
        Ok(match function {
            Linked::Module(function) => function.run(engine, &run, &export),
            Linked::Component(program) => program.run(engine, &run),
        })
    });
    let Some(ended) = ended else { return };
    end.instantiate_ns = ended.instantiate.as_nanos() as u64;
    end.call_ns = ended.call.as_nanos() as u64;
    end.peak_memory = ended.peak_memory;
    (end.kind, end.code) = match ended.result {
        Ok(()) => (EXIT, 0),
        Err(error) => told(&error, &message),
    };
}

/// # Safety
/// `out` has room for 32 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tulle_digest(first: Bytes, second: Bytes, out: *mut u8) {
    let digest = unsafe { seal::digest(&[first.view(), second.view()]) };
    unsafe { slice::from_raw_parts_mut(out, 32) }.copy_from_slice(&digest);
}

/// # Safety
/// `out` has room for 32 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tulle_seal(key: Bytes, name: Bytes, data: Bytes, out: *mut u8) {
    let seal = unsafe { seal::seal(key.view(), &[name.view(), data.view()]) };
    unsafe { slice::from_raw_parts_mut(out, 32) }.copy_from_slice(&seal);
}

/// # Safety
/// As said above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tulle_is_sealed(key: Bytes, name: Bytes, data: Bytes, seal: Bytes) -> bool {
    unsafe { seal::is_sealed(key.view(), &[name.view(), data.view()], seal.view()) }
}
