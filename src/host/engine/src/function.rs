//! A compiled module with its imports found, and one run of it.

use crate::{
    engine::{Engine, runtime},
    limits::{Limit, Limits, Over, Usage},
    nn::Calls,
    wasi::{self, Output},
};
use std::{
    ffi::c_void,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};
use wasmtime::{
    Caller, Extern, ExternType, FuncType, InstancePre, Linker, Module, Result, Store, Trap, TypedFunc, UpdateDeadline,
    ValType, error::Context,
};
use wasmtime_wasi::{FsPerms, I32Exit, WasiCtxBuilder, p1::WasiP1Ctx};

/// What a door's function answers where a guest has no memory.
const MISSING_MEMORY: i32 = 3;
/// No door has a function with more parameters.
const MOST_PARAMETERS: usize = 16;

/// The functions of the host's own: found by the import's module, name and number of parameters, which are all i32, as
/// is the result.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Doors {
    /// What stands for the function that an import means, or 0 where there is none such.
    pub user: *const c_void,
    pub find: extern "C" fn(*const c_void, import: u32) -> i64,
    /// Calls a door's function on a run's own state; sets the last parameter where the guest has to end.
    pub call: extern "C" fn(
        *mut c_void,
        function: i64,
        memory: *mut u8,
        size: usize,
        arguments: *const u32,
        over: &mut bool,
    ) -> i32,
    /// What components have in their place.
    pub calls: Calls,
}

pub struct State {
    pub wasi: WasiP1Ctx,
    pub usage: Usage,
    nn: *mut c_void,
}

// A run uses its state from one thread at a time.
unsafe impl Send for State {}

pub struct Function {
    pre: InstancePre<State>,
}

/// The text of an import's or export's type: "(i32 i32) -> i32", "memory 1..16 pages", "table 4", "global i32".
pub fn type_text(kind: &ExternType) -> String {
    fn list(types: impl Iterator<Item = ValType>) -> String {
        types.map(|t| t.to_string()).collect::<Vec<_>>().join(" ")
    }
    let most = |most: Option<u64>| most.map_or(String::new(), |most| format!("..{most}"));
    match kind {
        ExternType::Func(f) => format!("({}) -> ({})", list(f.params()), list(f.results())),
        ExternType::Memory(m) => format!("memory {}{} pages", m.minimum(), most(m.maximum())),
        ExternType::Table(t) => format!("table {}{} elements", t.minimum(), most(t.maximum())),
        ExternType::Global(g) => format!("global {}", g.content()),
        ExternType::Tag(_) => "tag".into(),
    }
}

fn is_door_type(kind: &FuncType) -> bool {
    let all_i32 = |mut types: Box<dyn Iterator<Item = ValType> + '_>| types.all(|t| matches!(t, ValType::I32));
    kind.params().len() <= MOST_PARAMETERS
        && kind.results().len() == 1
        && all_i32(Box::new(kind.params()))
        && all_i32(Box::new(kind.results()))
}

fn door(caller: &mut Caller<'_, State>, doors: &Doors, function: i64, arguments: &[u32]) -> Result<i32> {
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else { return Ok(MISSING_MEMORY) };
    let (data, state) = memory.data_and_store_mut(caller);
    let mut over = false;
    let answer = (doors.call)(state.nn, function, data.as_mut_ptr(), data.len(), arguments.as_ptr(), &mut over);
    if over {
        return Err(Over(Limit::Handles, "too many graphs or contexts".into()).into());
    }
    Ok(answer)
}

fn link_door(
    linker: &mut Linker<State>,
    doors: Doors,
    module: &str,
    name: &str,
    kind: FuncType,
    function: i64,
) -> Result<()> {
    struct Shared(Doors);
    unsafe impl Send for Shared {}
    unsafe impl Sync for Shared {}
    let (doors, count) = (Shared(doors), kind.params().len());
    let call = move |mut caller: Caller<'_, State>, values: &mut [std::mem::MaybeUninit<wasmtime::ValRaw>]| {
        let doors = &doors;
        let mut arguments = [0u32; MOST_PARAMETERS];
        for (argument, value) in arguments.iter_mut().zip(&values[..count]) {
            *argument = unsafe { value.assume_init_ref() }.get_u32();
        }
        let answer = door(&mut caller, &doors.0, function, &arguments[..count])?;
        values[0].write(wasmtime::ValRaw::i32(answer));
        Ok(())
    };
    // The values are as many and of such types as `kind` says.
    unsafe { linker.func_new_unchecked(module, name, kind, call) }?;
    Ok(())
}

impl Function {
    /// Looks every import up once; an error names the first that is unknown.
    pub fn link(engine: &Engine, module: &Module, doors: Doors) -> Result<Function> {
        let mut linker = Linker::new(&engine.wasm);
        wasi::link(&mut linker)?;
        for (number, import) in module.imports().enumerate() {
            let ExternType::Func(kind) = import.ty() else { continue };
            if import.module().starts_with("wasi_snapshot") || !is_door_type(&kind) {
                continue;
            }
            let function = (doors.find)(doors.user, number as u32);
            if function != 0 {
                link_door(&mut linker, doors, import.module(), import.name(), kind, function)?;
            }
        }
        Ok(Function { pre: linker.instantiate_pre(module)? })
    }
}

/// A folder of the host that a guest sees.
pub struct Directory {
    pub host: PathBuf,
    pub guest: String,
    pub read_only: bool,
}

/// What one run of a guest is given.
pub struct Run {
    pub arguments: Vec<String>,
    pub environment: Vec<(String, String)>,
    pub directories: Vec<Directory>,
    pub standard_input: bool,
    pub limits: Limits,
    pub timeout: Option<Duration>,
    pub nn: *mut c_void,
    /// Takes what the guest writes: 1 is standard output, 2 error.
    pub output: Arc<dyn Fn(u32, &[u8]) + Send + Sync>,
}

/// How a run ended, and what it took.
pub struct Ended {
    pub result: Result<()>,
    pub instantiate: Duration,
    pub call: Duration,
    pub peak_memory: u64,
}

impl Default for Ended {
    fn default() -> Ended {
        Ended { result: Ok(()), instantiate: Duration::ZERO, call: Duration::ZERO, peak_memory: 0 }
    }
}

impl Ended {
    pub fn with(self, result: Result<()>) -> Ended {
        Ended { result, ..self }
    }
}

fn over_time() -> Over {
    Over(Limit::Time, "the time is over".into())
}

/// What a run does, or that its time is over while it waits.
pub async fn within_time<T>(run: &Run, begin: Instant, work: impl Future<Output = Result<T>>) -> Result<T> {
    match run.timeout {
        Some(timeout) => {
            tokio::time::timeout_at((begin + timeout).into(), work).await.unwrap_or_else(|_| Err(over_time().into()))
        }
        None => work.await,
    }
}

/// Does a run's work, with the clock that interrupts it.
pub fn finish(engine: &Engine, run: &Run, begin: Instant, work: impl Future<Output = Result<()>>) -> Result<()> {
    let _running = engine.running();
    let result = runtime().block_on(within_time(run, begin, work));
    match run.timeout {
        // A guest that ends by itself when its time is over was told so by a call that failed.
        Some(timeout) if begin.elapsed() >= timeout => Err(over_time().into()),
        _ => result,
    }
}

impl Function {
    /// Runs the export, after `tulle_reseed` where there is one, in a new instance.
    pub fn run(&self, engine: &Engine, run: &Run, export: &str) -> Ended {
        let begin = Instant::now();
        let mut ended = Ended::default();
        let mut store = match new_store(self.pre.module().engine(), run, begin) {
            Ok(store) => store,
            Err(error) => return ended.with(Err(error)),
        };
        let work = async {
            let instance = self.pre.instantiate_async(&mut store).await?;
            ended.instantiate = begin.elapsed();
            for name in ["tulle_reseed", export] {
                let function: TypedFunc<(), ()> = match instance.get_func(&mut store, name) {
                    Some(function) => function.typed(&store).with_context(|| format!("the export \"{name}\""))?,
                    None if name == export => wasmtime::bail!("there is no export \"{name}\""),
                    None => continue,
                };
                function.call_async(&mut store, ()).await?;
            }
            Ok(())
        };
        let result = finish(engine, run, begin, work);
        ended.call = begin.elapsed() - ended.instantiate;
        ended.peak_memory = store.data().usage.peak_memory;
        ended.with(result)
    }
}

/// What WASI gives to a guest, and the account of what the guest uses.
pub fn wasi_of(run: &Run) -> Result<(WasiCtxBuilder, Usage)> {
    let mut wasi = WasiCtxBuilder::new();
    wasi.args(&run.arguments).envs(&run.environment).allow_blocking_current_thread(true);
    for directory in &run.directories {
        let access = if directory.read_only { FsPerms::ReadOnly } else { FsPerms::ReadWrite };
        wasi.preopened_dir(&directory.host, &directory.guest, access)
            .with_context(|| format!("the folder {}", directory.host.display()))?;
    }
    if run.standard_input {
        wasi.inherit_stdin();
    }
    let mut usage = Usage::new(&run.limits);
    usage.descriptors.take(3 + run.directories.len() as u64)?;
    for stream in [1, 2] {
        let take = run.output.clone();
        let output = Output { quota: usage.output.clone(), take: Arc::new(move |bytes| take(stream, bytes)) };
        match stream {
            1 => wasi.stdout(output),
            _ => wasi.stderr(output),
        };
    }
    Ok((wasi, usage))
}

/// Has a store's guest end when its time is over.
pub fn prepare<T>(store: &mut Store<T>, run: &Run, begin: Instant) {
    store.set_epoch_deadline(1);
    let timeout = run.timeout;
    store.epoch_deadline_callback(move |_| match timeout {
        Some(timeout) if begin.elapsed() >= timeout => Err(over_time().into()),
        _ => Ok(UpdateDeadline::Continue(1)),
    });
}

pub fn new_store(engine: &wasmtime::Engine, run: &Run, begin: Instant) -> Result<Store<State>> {
    let (mut wasi, usage) = wasi_of(run)?;
    let mut store = Store::new(engine, State { wasi: wasi.build_p1(), usage, nn: run.nn });
    store.limiter(|state| &mut state.usage);
    prepare(&mut store, run, begin);
    Ok(store)
}

/// What ended a guest that did not come to its end by itself.
pub enum Cause {
    Exit(i32),
    Limit(Limit),
    Trap,
    /// It never ran.
    Refused,
}

pub fn cause(error: &wasmtime::Error) -> Cause {
    if let Some(exit) = error.downcast_ref::<I32Exit>() {
        return Cause::Exit(exit.0);
    }
    if let Some(over) = error.downcast_ref::<Over>() {
        return Cause::Limit(over.0);
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow) => Cause::Limit(Limit::Stack),
        Some(_) => Cause::Trap,
        None if error.downcast_ref::<wasmtime::WasmBacktrace>().is_some() => Cause::Trap,
        None => Cause::Refused,
    }
}
