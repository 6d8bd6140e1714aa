//! Components: WASI preview 2 with the limits of preview 1, and wasi:nn.

use crate::{
    engine::Engine,
    function::{Ended, Run, finish, prepare, wasi_of},
    limits::{Limit, Over, Usage},
    nn::{self, Calls},
};
use std::{collections::HashSet, ffi::c_void, time::Instant};
use wasmtime::{
    Result, Store, StoreContextMut,
    component::{
        Component, HasSelf, Linker, LinkerInstance, Resource, ResourceTableError, ResourceType, types::ComponentItem,
    },
};
use wasmtime_wasi::{
    I32Exit, ResourceTable, WasiCtx, WasiCtxView, WasiView,
    filesystem::{Descriptor, WasiFilesystemView},
    p2::{
        self, DynInputStream, DynOutputStream, FsError,
        bindings::{
            CommandPre,
            filesystem::types::{
                DescriptorFlags, DirectoryEntryStream, ErrorCode, Filesize, HostDescriptor, HostDirectoryEntryStream,
                OpenFlags, PathFlags,
            },
        },
    },
};

const FILES: &str = "wasi:filesystem/types@0.2.12";
const STREAMS: &str = "wasi:io/streams@0.2.12";
/// Of all resources together: streams, tensors, errors that nobody drops.
const MOST_RESOURCES: usize = 100_000;
/// What a component's own handles are limited to: more, so that the table is full before.
const MOST_HANDLES: usize = 2 * MOST_RESOURCES;

pub struct State {
    ctx: WasiCtx,
    pub table: ResourceTable,
    pub usage: Usage,
    pub nn: *mut c_void,
    pub calls: Calls,
    /// The resources that count as descriptors, by their numbers: a file stays open, and what was read of it or of a
    /// folder in memory, for as long as there is a stream of it. Folders that were granted are not among them.
    open: HashSet<u32>,
}

// A run uses its state from one thread at a time.
unsafe impl Send for State {}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.ctx, table: &mut self.table }
    }
}

impl State {
    /// Counts what was opened until it is dropped.
    fn opened<T>(&mut self, result: Result<Resource<T>, FsError>) -> Result<(Result<Resource<T>, ErrorCode>,)> {
        let opened = answer(result)?;
        if let Ok(resource) = &opened.0 {
            self.usage.descriptors.take(1)?;
            self.open.insert(resource.rep());
        }
        Ok(opened)
    }

    fn dropped(&mut self, resource: u32) {
        self.usage.descriptors.give_back(u64::from(self.open.remove(&resource)));
    }
}

pub struct Program {
    pre: CommandPre<State>,
    calls: Calls,
}

/// What a call to the file system answers to a component; a trap where it failed for another reason.
fn answer<T>(result: Result<T, FsError>) -> Result<(Result<T, ErrorCode>,)> {
    Ok((match result {
        Ok(value) => Ok(value),
        Err(error) => Err(error.downcast()?),
    },))
}

/// Puts a function that counts before one of the published ones: `|state, (parameters)| { body }`.
macro_rules! shadow {
    ($instance:expr, $name:literal, |$state:ident, ($($parameter:ident: $type:ty),*)| $body:block) => {
        $instance.func_wrap_async($name, |mut store: StoreContextMut<'_, State>, ($($parameter,)*): ($($type,)*)| {
            Box::new(async move {
                let $state = store.data_mut();
                $body
            })
        })?;
    };
}

fn limit_files(mut files: LinkerInstance<'_, State>) -> Result<()> {
    type Fd = Resource<Descriptor>;
    shadow!(files, "[method]descriptor.open-at", |state, (fd: Fd, follow: PathFlags, path: String, open: OpenFlags,
                                                         flags: DescriptorFlags)| {
        state.usage.descriptors.check(1)?;
        let mut makes = false;
        if open.contains(OpenFlags::CREATE) {
            let found = state.filesystem().stat_at(Resource::new_borrow(fd.rep()), follow, path.clone()).await;
            makes = matches!(answer(found)?.0, Err(ErrorCode::NoEntry));
        }
        if makes {
            state.usage.files.check(1)?;
        }
        let result = state.filesystem().open_at(fd, follow, path, open, flags).await;
        let opened = state.opened(result)?;
        state.usage.files.take(u64::from(makes && opened.0.is_ok()))?;
        Ok(opened)
    });
    macro_rules! opening {
        ($name:literal, |$view:ident, ($($parameter:ident: $type:ty),*)| $call:expr) => {
            shadow!(files, $name, |state, ($($parameter: $type),*)| {
                state.usage.descriptors.check(1)?;
                let result = {
                    let mut $view = state.filesystem();
                    $call
                };
                state.opened(result)
            })
        };
    }
    opening!("[method]descriptor.read-via-stream", |view, (fd: Fd, at: Filesize)| view.read_via_stream(fd, at));
    opening!("[method]descriptor.write-via-stream", |view, (fd: Fd, at: Filesize)| view.write_via_stream(fd, at));
    opening!("[method]descriptor.append-via-stream", |view, (fd: Fd)| view.append_via_stream(fd));
    opening!("[method]descriptor.read-directory", |view, (fd: Fd)| view.read_directory(fd).await);
    shadow!(files, "[method]descriptor.write", |state, (fd: Fd, bytes: Vec<u8>, at: Filesize)| {
        state.usage.disk.check(bytes.len() as u64)?;
        let written = answer(state.filesystem().write(fd, bytes, at).await)?;
        state.usage.disk.take(written.0.unwrap_or(0))?;
        Ok(written)
    });
    shadow!(files, "[method]descriptor.set-size", |state, (fd: Fd, size: Filesize)| {
        let old = state.filesystem().stat(Resource::new_borrow(fd.rep())).await.map_or(0, |stat| stat.size);
        let more = size.saturating_sub(old);
        state.usage.disk.check(more)?;
        let done = answer(state.filesystem().set_size(fd, size).await)?;
        state.usage.disk.take(if done.0.is_ok() { more } else { 0 })?;
        Ok(done)
    });
    macro_rules! making {
        ($name:literal, |$view:ident, ($($parameter:ident: $type:ty),*)| $call:expr) => {
            shadow!(files, $name, |state, ($($parameter: $type),*)| {
                state.usage.files.check(1)?;
                let made = answer({
                    let mut $view = state.filesystem();
                    $call.await
                })?;
                state.usage.files.take(u64::from(made.0.is_ok()))?;
                Ok(made)
            })
        };
    }
    making!("[method]descriptor.create-directory-at", |view, (fd: Fd, path: String)| view.create_directory_at(fd, path));
    making!("[method]descriptor.symlink-at", |view, (fd: Fd, to: String, path: String)| view.symlink_at(fd, to, path));
    making!("[method]descriptor.link-at", |view, (fd: Fd, follow: PathFlags, old: String, to: Fd, path: String)|
        view.link_at(fd, follow, old, to, path));
    files.resource("descriptor", ResourceType::host::<Descriptor>(), |mut store, rep| {
        let state = store.data_mut();
        state.dropped(rep);
        HostDescriptor::drop(&mut state.filesystem(), Resource::new_own(rep))
    })?;
    files.resource("directory-entry-stream", ResourceType::host::<DirectoryEntryStream>(), |mut store, rep| {
        let state = store.data_mut();
        state.dropped(rep);
        HostDirectoryEntryStream::drop(&mut state.filesystem(), Resource::new_own(rep))
    })
}

/// What is written to files counts; streams of the guest's output count for themselves.
fn limit_streams(mut streams: LinkerInstance<'_, State>) -> Result<()> {
    use wasmtime_wasi::p2::{
        StreamError as Failure,
        bindings::io::streams::{HostInputStream, HostOutputStream, StreamError},
    };
    type Stream = Resource<DynOutputStream>;
    fn told<T>(state: &mut State, result: Result<T, Failure>) -> Result<(Result<T, StreamError>,)> {
        use wasmtime_wasi::p2::bindings::io::streams::Host;
        Ok((match result {
            Ok(value) => Ok(value),
            Err(error) => Err(state.table.convert_stream_error(error)?),
        },))
    }
    type From = Resource<DynInputStream>;
    macro_rules! counted {
        ($name:literal, |$state:ident, ($stream:ident, $parameter:ident: $type:ty)| $bytes:expr, $call:expr) => {
            shadow!(streams, $name, |$state, ($stream: Stream, $parameter: $type)| {
                let bytes = if $state.open.contains(&$stream.rep()) { $bytes } else { 0 };
                $state.usage.disk.check(bytes)?;
                let result = $call;
                let told = told($state, result)?;
                $state.usage.disk.take(bytes)?;
                Ok(told)
            })
        };
    }
    counted!("[method]output-stream.write", |state, (stream, bytes: Vec<u8>)| bytes.len() as u64,
        HostOutputStream::write(&mut state.table, stream, bytes));
    counted!("[method]output-stream.blocking-write-and-flush", |state, (stream, bytes: Vec<u8>)| bytes.len() as u64,
        HostOutputStream::blocking_write_and_flush(&mut state.table, stream, bytes).await);
    counted!("[method]output-stream.write-zeroes", |state, (stream, count: u64)| count,
        HostOutputStream::write_zeroes(&mut state.table, stream, count));
    counted!("[method]output-stream.blocking-write-zeroes-and-flush", |state, (stream, count: u64)| count,
        HostOutputStream::blocking_write_zeroes_and_flush(&mut state.table, stream, count).await);
    /// Only the call knows how much there was to move.
    macro_rules! spliced {
        ($name:literal, |$state:ident, ($to:ident, $from:ident, $count:ident)| $call:expr) => {
            shadow!(streams, $name, |$state, ($to: Stream, $from: From, $count: u64)| {
                let is_file = $state.open.contains(&$to.rep());
                let result = $call;
                let told = told($state, result)?;
                $state.usage.disk.take(if is_file { *told.0.as_ref().unwrap_or(&0) } else { 0 })?;
                Ok(told)
            })
        };
    }
    spliced!("[method]output-stream.splice", |state, (to, from, count)| HostOutputStream::splice(
        &mut state.table,
        to,
        from,
        count
    ));
    spliced!("[method]output-stream.blocking-splice", |state, (to, from, count)| HostOutputStream::blocking_splice(
        &mut state.table,
        to,
        from,
        count
    )
    .await);
    streams.resource_async("input-stream", ResourceType::host::<DynInputStream>(), |mut store, rep| {
        Box::new(async move {
            let state = store.data_mut();
            state.dropped(rep);
            HostInputStream::drop(&mut state.table, Resource::new_own(rep)).await
        })
    })?;
    streams.resource_async("output-stream", ResourceType::host::<DynOutputStream>(), |mut store, rep| {
        Box::new(async move {
            let state = store.data_mut();
            state.dropped(rep);
            HostOutputStream::drop(&mut state.table, Resource::new_own(rep)).await
        })
    })
}

/// An import or export of a component: its name, and what kind of thing it is.
pub fn item_text(item: &ComponentItem) -> &'static str {
    match item {
        ComponentItem::ComponentFunc(_) => "function",
        ComponentItem::CoreFunc(_) => "core function",
        ComponentItem::Module(_) => "module",
        ComponentItem::Component(_) => "component",
        ComponentItem::ComponentInstance(_) => "interface",
        ComponentItem::Type(_) => "type",
        ComponentItem::Resource(_) => "resource",
    }
}

impl Program {
    pub fn link(engine: &Engine, component: &Component, calls: Calls) -> Result<Program> {
        let mut linker: Linker<State> = Linker::new(&engine.wasm);
        p2::add_to_linker_async(&mut linker)?;
        nn::Ml::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
        linker.allow_shadowing(true);
        limit_files(linker.instance(FILES)?)?;
        limit_streams(linker.instance(STREAMS)?)?;
        Ok(Program { pre: CommandPre::new(linker.instantiate_pre(component)?)?, calls })
    }

    pub fn run(&self, engine: &Engine, run: &Run) -> Ended {
        let begin = Instant::now();
        let mut ended = Ended::default();
        let mut store = match self.store(run, begin) {
            Ok(store) => store,
            Err(error) => return ended.with(Err(error)),
        };
        let work = async {
            let command = self.pre.instantiate_async(&mut store).await?;
            ended.instantiate = begin.elapsed();
            match command.wasi_cli_run().call_run(&mut store).await? {
                Ok(()) => Ok(()),
                Err(()) => Err(I32Exit(1).into()),
            }
        };
        let result = finish(engine, run, begin, work).map_err(|error| match error.downcast_ref() {
            Some(ResourceTableError::Full) => {
                Over(Limit::Handles, format!("over {MOST_RESOURCES} resources at once")).into()
            }
            _ => error,
        });
        ended.call = begin.elapsed() - ended.instantiate;
        ended.peak_memory = store.data().usage.peak_memory;
        ended.with(result)
    }

    fn store(&self, run: &Run, begin: Instant) -> Result<Store<State>> {
        let (mut wasi, usage) = wasi_of(run)?;
        let mut table = ResourceTable::new();
        table.set_max_capacity(MOST_RESOURCES);
        let state = State { ctx: wasi.build(), table, usage, nn: run.nn, calls: self.calls, open: HashSet::new() };
        let mut store = Store::new(self.pre.engine(), state);
        store.limiter(|state| &mut state.usage);
        // No call passes more than a guest's memory holds, except what lies there once and is passed several times.
        store.set_hostcall_fuel(run.limits.memory_bytes as usize);
        store.set_max_component_handles(MOST_HANDLES);
        prepare(&mut store, run, begin);
        Ok(store)
    }
}
