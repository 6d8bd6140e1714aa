//! Components: WASI preview 2 with the limits of preview 1, and wasi:nn.

use crate::{
    engine::Engine,
    function::{Ended, Run, finish, prepare, wasi_of},
    limits::Usage,
    nn::{self, Calls},
};
use std::{ffi::c_void, time::Instant};
use wasmtime::{
    Result, Store, StoreContextMut,
    component::{Component, HasSelf, Linker, LinkerInstance, Resource, ResourceType, types::ComponentItem},
};
use wasmtime_wasi::{
    I32Exit, ResourceTable, WasiCtx, WasiCtxView, WasiView,
    filesystem::{Descriptor, WasiFilesystemView},
    p2::{
        self, DynOutputStream, FsError,
        bindings::{
            CommandPre,
            filesystem::types::{DescriptorFlags, ErrorCode, Filesize, HostDescriptor, OpenFlags, PathFlags},
        },
    },
};

const FILES: &str = "wasi:filesystem/types@0.2.12";
const STREAMS: &str = "wasi:io/streams@0.2.12";
/// Of all resources together: streams, tensors, errors that nobody drops.
const MOST_RESOURCES: usize = 100_000;

pub struct State {
    ctx: WasiCtx,
    pub table: ResourceTable,
    pub usage: Usage,
    pub nn: *mut c_void,
    pub calls: Calls,
}

// A run uses its state from one thread at a time.
unsafe impl Send for State {}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.ctx, table: &mut self.table }
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
        let opened = answer(state.filesystem().open_at(fd, follow, path, open, flags).await)?;
        if opened.0.is_ok() {
            state.usage.descriptors.take(1)?;
            state.usage.files.take(u64::from(makes))?;
        }
        Ok(opened)
    });
    shadow!(files, "[method]descriptor.write", |state, (fd: Fd, bytes: Vec<u8>, at: Filesize)| {
        state.usage.disk.take(bytes.len() as u64)?;
        answer(state.filesystem().write(fd, bytes, at).await)
    });
    shadow!(files, "[method]descriptor.set-size", |state, (fd: Fd, size: Filesize)| {
        let old = state.filesystem().stat(Resource::new_borrow(fd.rep())).await.map_or(0, |stat| stat.size);
        state.usage.disk.take(size.saturating_sub(old))?;
        answer(state.filesystem().set_size(fd, size).await)
    });
    shadow!(files, "[method]descriptor.create-directory-at", |state, (fd: Fd, path: String)| {
        state.usage.files.take(1)?;
        answer(state.filesystem().create_directory_at(fd, path).await)
    });
    shadow!(files, "[method]descriptor.symlink-at", |state, (fd: Fd, to: String, path: String)| {
        state.usage.files.take(1)?;
        answer(state.filesystem().symlink_at(fd, to, path).await)
    });
    shadow!(files, "[method]descriptor.link-at", |state, (fd: Fd, follow: PathFlags, old: String, to: Fd, path: String)| {
        state.usage.files.take(1)?;
        answer(state.filesystem().link_at(fd, follow, old, to, path).await)
    });
    files.resource("descriptor", ResourceType::host::<Descriptor>(), |mut store, rep| {
        let state = store.data_mut();
        state.usage.descriptors.give_back(1);
        HostDescriptor::drop(&mut state.filesystem(), Resource::new_own(rep))
    })
}

/// Streams may lead to files, which is not to be told from here; those to the guest's output count for themselves.
fn limit_streams(mut streams: LinkerInstance<'_, State>) -> Result<()> {
    use wasmtime_wasi::p2::{
        StreamError as Failure,
        bindings::io::streams::{HostOutputStream, StreamError},
    };
    type Stream = Resource<DynOutputStream>;
    fn told<T>(state: &mut State, result: Result<T, Failure>) -> Result<(Result<T, StreamError>,)> {
        use wasmtime_wasi::p2::bindings::io::streams::Host;
        Ok((match result {
            Ok(value) => Ok(value),
            Err(error) => Err(state.table.convert_stream_error(error)?),
        },))
    }
    type From = Resource<wasmtime_wasi::p2::DynInputStream>;
    /// The published function between two looks at the output's account.
    macro_rules! counted {
        ($name:literal, |$state:ident, ($($parameter:ident: $type:ty),*)| $bytes:expr, $call:expr) => {
            shadow!(streams, $name, |$state, ($($parameter: $type),*)| {
                let (bytes, before) = ($bytes, $state.usage.output_used());
                let result = $call;
                $state.usage.streamed(bytes, before)?;
                told($state, result)
            })
        };
    }
    counted!("[method]output-stream.write", |state, (stream: Stream, bytes: Vec<u8>)| bytes.len() as u64,
        HostOutputStream::write(&mut state.table, stream, bytes));
    counted!("[method]output-stream.blocking-write-and-flush", |state, (stream: Stream, bytes: Vec<u8>)| bytes.len() as u64,
        HostOutputStream::blocking_write_and_flush(&mut state.table, stream, bytes).await);
    counted!("[method]output-stream.write-zeroes", |state, (stream: Stream, count: u64)| count,
        HostOutputStream::write_zeroes(&mut state.table, stream, count));
    counted!("[method]output-stream.blocking-write-zeroes-and-flush", |state, (stream: Stream, count: u64)| count,
        HostOutputStream::blocking_write_zeroes_and_flush(&mut state.table, stream, count).await);
    macro_rules! spliced {
        ($name:literal, |$state:ident, ($($parameter:ident: $type:ty),*)| $call:expr) => {
            shadow!(streams, $name, |$state, ($($parameter: $type),*)| {
                let before = $state.usage.output_used();
                let result = $call;
                $state.usage.streamed(result.as_ref().map_or(0, |moved| *moved), before)?;
                told($state, result)
            })
        };
    }
    spliced!("[method]output-stream.splice", |state, (to: Stream, from: From, count: u64)|
        HostOutputStream::splice(&mut state.table, to, from, count));
    spliced!("[method]output-stream.blocking-splice", |state, (to: Stream, from: From, count: u64)|
        HostOutputStream::blocking_splice(&mut state.table, to, from, count).await);
    Ok(())
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
        let result = finish(engine, run, begin, work);
        ended.call = begin.elapsed() - ended.instantiate;
        ended.peak_memory = store.data().usage.peak_memory;
        ended.with(result)
    }

    fn store(&self, run: &Run, begin: Instant) -> Result<Store<State>> {
        let (mut wasi, usage) = wasi_of(run)?;
        let mut table = ResourceTable::new();
        table.set_max_capacity(MOST_RESOURCES);
        let state = State { ctx: wasi.build(), table, usage, nn: run.nn, calls: self.calls };
        let mut store = Store::new(self.pre.engine(), state);
        store.limiter(|state| &mut state.usage);
        prepare(&mut store, run, begin);
        Ok(store)
    }
}
