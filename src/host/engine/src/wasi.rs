//! WASI preview 1 with limits: the published functions, behind ones that count.

use crate::{
    function::State,
    limits::{Over, Quota},
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use wasmtime::{Caller, Extern, Linker, Memory, Result};
use wasmtime_wasi::{
    I32Exit,
    cli::{IsTerminal, StdoutStream},
    p0::{self, wasi_unstable as old},
    p1::{
        self,
        wasi_snapshot_preview1::{self as wasi, WasiSnapshotPreview1},
    },
    p2::{OutputStream, Pollable, StreamError, StreamResult},
};
use wiggle::GuestMemory;

/// The interface, and the one before it, in which these functions have the same types.
const MODULE: &str = "wasi_snapshot_preview1";
const OLD_MODULE: &str = "wasi_unstable";

// Numbers of the interface.
const SUCCESS: i32 = 0;
const NO_MEMORY_EXPORT: i32 = 28; // inval
const FAULT: i32 = 21;
const NAME_TOO_LONG: i32 = 37;
const NO_ENTRY: i32 = 44;
const OFLAG_CREATE: i32 = 1;
const FILETYPE_REGULAR: u8 = 4;
const FILESTAT_SIZE_AT: usize = 32;
const FILESTAT_BYTES: usize = 64;
const FDSTAT_BYTES: usize = 24;
const IOVEC_BYTES: usize = 8;
const SUBSCRIPTION_TAG_AT: usize = 8;
const TAG_CLOCK: u8 = 0;
const FLAG_ABSOLUTE: u8 = 1;
const SLEEP_CLOCKS: [i32; 2] = [0, 1];
const EVENT_BYTES: usize = 32;

/// Where a subscription to a clock has its parts.
#[derive(Clone, Copy)]
struct Subscription {
    bytes: usize,
    clock: usize,
    time: usize,
    flags: usize,
}
const SUBSCRIPTION: Subscription = Subscription { bytes: 48, clock: 16, time: 24, flags: 40 };
const OLD_SUBSCRIPTION: Subscription = Subscription { bytes: 56, clock: 24, time: 32, flags: 48 };

/// What the published functions may copy in one call, in bytes; they count it, and expect to be told for each call.
const FUEL: usize = 128 << 20;
const LONGEST_PATH: usize = 4096;
/// What a host call writes at once: a stream's permit, and what is gathered of a write's vectors.
const PERMIT: usize = 64 << 10;
const MOST_GATHERED: usize = 1 << 20;

fn memory_of(caller: &mut Caller<'_, State>) -> Option<Memory> {
    match caller.get_export("memory") {
        Some(Extern::Memory(memory)) => Some(memory),
        _ => None,
    }
}

/// Whether a descriptor is a file; its size then.
async fn file_size(state: &mut State, fd: i32) -> Result<Option<u64>> {
    let mut stat = [0u8; FDSTAT_BYTES];
    if wasi::fd_fdstat_get(&mut state.wasi, &mut GuestMemory::Unshared(&mut stat), fd, 0).await? != SUCCESS
        || stat[0] != FILETYPE_REGULAR
    {
        return Ok(None);
    }
    let mut stat = [0u8; FILESTAT_BYTES];
    if wasi::fd_filestat_get(&mut state.wasi, &mut GuestMemory::Unshared(&mut stat), fd, 0).await? != SUCCESS {
        return Ok(Some(0));
    }
    let size = stat[FILESTAT_SIZE_AT..][..8].try_into().expect("eight bytes");
    Ok(Some(u64::from_le_bytes(size)))
}

/// What a gathered write writes, in memory of our own behind one vector of it and a place for the answer: the published
/// functions write the first vector alone, which guests in the field take for all.
struct Gathered {
    scratch: Vec<u8>,
}

impl Gathered {
    const WRITTEN_AT: usize = IOVEC_BYTES;
    const DATA_AT: usize = IOVEC_BYTES + 4;

    /// Nothing where a vector does not lie in memory. More than the most that is gathered is written by the next call.
    fn of(data: &[u8], vectors: i32, count: i32) -> Option<Gathered> {
        let word = |at: usize| Some(u32::from_le_bytes(data.get(at..at.checked_add(4)?)?.try_into().ok()?) as usize);
        let mut scratch = vec![0; Self::DATA_AT];
        for i in 0..count as u32 as usize {
            let at = (vectors as u32 as usize).checked_add(i.checked_mul(IOVEC_BYTES)?)?;
            let (from, size) = (word(at)?, word(at + 4)?);
            let bytes = data.get(from..from.checked_add(size)?)?;
            let room = MOST_GATHERED - (scratch.len() - Self::DATA_AT);
            scratch.extend_from_slice(&bytes[..size.min(room)]);
            if size >= room {
                break;
            }
        }
        let size = (scratch.len() - Self::DATA_AT) as u32;
        scratch[..4].copy_from_slice(&(Self::DATA_AT as u32).to_le_bytes());
        scratch[4..8].copy_from_slice(&size.to_le_bytes());
        Some(Gathered { scratch })
    }

    fn size(&self) -> u64 {
        (self.scratch.len() - Self::DATA_AT) as u64
    }

    fn memory(&mut self) -> GuestMemory<'_> {
        GuestMemory::Unshared(&mut self.scratch)
    }

    fn written(&self) -> &[u8] {
        &self.scratch[Self::WRITTEN_AT..Self::DATA_AT]
    }
}

/// Writes what was gathered and tells the guest how much that was.
macro_rules! write_gathered {
    ($data:ident, $state:ident, ($fd:ident, $vectors:ident, $count:ident, $out:ident), |$memory:ident| $call:expr) => {{
        let (Some(mut gathered), Some(_)) =
            (Gathered::of($data, $vectors, $count), $data.get($out as u32 as usize..).and_then(|rest| rest.get(..4)))
        else {
            return Ok(FAULT);
        };
        if file_size($state, $fd).await?.is_some() {
            $state.usage.disk.take(gathered.size())?;
        }
        let answer = {
            let $memory = &mut gathered.memory();
            $call.await?
        };
        if answer == SUCCESS {
            $data[$out as u32 as usize..][..4].copy_from_slice(gathered.written());
        }
        Ok(answer)
    }};
}

/// Whether a path leads to nothing yet. The path is looked at in memory of our own, so that the guest's stays as it is.
async fn is_new(state: &mut State, directory: i32, follow: i32, path: &[u8]) -> Result<bool> {
    let mut scratch = vec![0u8; FILESTAT_BYTES + path.len()];
    scratch[FILESTAT_BYTES..].copy_from_slice(path);
    let mut guest = GuestMemory::Unshared(&mut scratch);
    let (at, length) = (FILESTAT_BYTES as i32, path.len() as i32);
    let answer = wasi::path_filestat_get(&mut state.wasi, &mut guest, directory, follow, at, length, 0).await?;
    Ok(answer == NO_ENTRY)
}

/// How long a guest wants to sleep that waits for a clock and nothing else; the published function would have the whole
/// thread sleep, out of reach of its time limit.
async fn sleep_time(state: &mut State, parts: Subscription, subscription: &[u8]) -> Result<Option<Duration>> {
    let number = |at: usize| u64::from_le_bytes(subscription[at..at + 8].try_into().expect("eight bytes"));
    let clock = number(parts.clock) as u32 as i32;
    if subscription[SUBSCRIPTION_TAG_AT] != TAG_CLOCK || !SLEEP_CLOCKS.contains(&clock) {
        return Ok(None); // as the function itself says
    }
    let time = number(parts.time);
    if subscription[parts.flags] & FLAG_ABSOLUTE == 0 {
        return Ok(Some(Duration::from_nanos(time)));
    }
    let mut now = [0u8; 8];
    let mut guest = GuestMemory::Unshared(&mut now);
    if wasi::clock_time_get(&mut state.wasi, &mut guest, clock, 0, 0)? != SUCCESS {
        return Ok(None);
    }
    Ok(Some(Duration::from_nanos(time.saturating_sub(u64::from_le_bytes(now)))))
}

/// A function of the interface whose guest memory is at hand: `|data, state, (parameters)| async answer`.
macro_rules! shadow {
    ($linker:expr, $module:expr, $name:literal, |$data:ident, $state:ident, $guest:ident, ($($parameter:ident: $type:ty),*)| $body:block) => {
        $linker.func_wrap_async($module, $name, |mut caller: Caller<'_, State>, ($($parameter,)*): ($($type,)*)| {
            Box::new(async move {
                let Some(memory) = memory_of(&mut caller) else { return Ok(NO_MEMORY_EXPORT) };
                let ($data, $state) = memory.data_and_store_mut(&mut caller);
                $state.wasi.set_hostcall_fuel(FUEL);
                #[allow(unused_macros)]
                macro_rules! $guest {
                    () => {
                        &mut GuestMemory::Unshared($data)
                    };
                }
                $body
            })
        })?;
    };
}

/// Waiting for a clock, which the run's time ends; what else there is to wait for is the published function's.
macro_rules! sleeping {
    ($linker:expr, $module:expr, $parts:expr, $published:path) => {
        shadow!($linker, $module, "poll_oneoff", |data, state, guest, (from: i32, to: i32, count: i32, out: i32)| {
            let at = |address: i32, size: usize| {
                let begin = address as u32 as usize;
                Some(begin..begin.checked_add(size)?)
            };
            if count == 1
                && let (Some(from), Some(to), Some(out)) = (at(from, $parts.bytes), at(to, EVENT_BYTES), at(out, 4))
                && [&from, &to, &out].iter().all(|range| range.end <= data.len())
                && let Some(time) = sleep_time(state, $parts, &data[from.clone()]).await?
            {
                let user: [u8; 8] = data[from][..8].try_into().expect("eight bytes");
                tokio::time::sleep(time).await;
                data[to.clone()].fill(0); // no error, and a clock is event 0
                data[to][..8].copy_from_slice(&user);
                data[out].copy_from_slice(&1u32.to_le_bytes());
                return Ok(SUCCESS);
            }
            Ok($published(&mut state.wasi, guest!(), from, to, count, out).await?)
        });
    };
}

/// All of WASI preview 1, and of the interface before it.
pub fn link(linker: &mut Linker<State>) -> Result<()> {
    p1::add_to_linker_async(linker, |state| &mut state.wasi)?;
    p0::add_to_linker_async(linker, |state| &mut state.wasi)?;
    linker.allow_shadowing(true);
    link_counting(linker, MODULE)?;
    link_counting(linker, OLD_MODULE)?;
    sleeping!(linker, MODULE, SUBSCRIPTION, wasi::poll_oneoff);
    sleeping!(linker, OLD_MODULE, OLD_SUBSCRIPTION, old::poll_oneoff);
    Ok(())
}

fn link_counting(linker: &mut Linker<State>, module: &str) -> Result<()> {
    // Every exit code is the guest's to choose.
    linker.func_wrap(module, "proc_exit", |code: i32| -> Result<()> { Err(I32Exit(code).into()) })?;
    shadow!(linker, module, "fd_write", |data, state, guest, (fd: i32, vectors: i32, count: i32, out: i32)| {
        write_gathered!(data, state, (fd, vectors, count, out), |memory| {
            wasi::fd_write(&mut state.wasi, memory, fd, 0, 1, Gathered::WRITTEN_AT as i32)
        })
    });
    shadow!(linker, module, "fd_pwrite", |data, state, guest, (fd: i32, vectors: i32, count: i32, at: i64, out: i32)| {
        write_gathered!(data, state, (fd, vectors, count, out), |memory| {
            wasi::fd_pwrite(&mut state.wasi, memory, fd, 0, 1, at, Gathered::WRITTEN_AT as i32)
        })
    });
    shadow!(linker, module, "fd_filestat_set_size", |data, state, guest, (fd: i32, size: i64)| {
        if let Some(old) = file_size(state, fd).await? {
            state.usage.disk.take((size as u64).saturating_sub(old))?;
        }
        Ok(wasi::fd_filestat_set_size(&mut state.wasi, guest!(), fd, size).await?)
    });
    shadow!(linker, module, "path_open", |data, state, guest, (directory: i32, follow: i32, path: i32, length: i32, flags: i32,
                                                       rights: i64, inherited: i64, mode: i32, out: i32)| {
        state.usage.descriptors.check(1)?;
        let makes = if flags & OFLAG_CREATE != 0 {
            let (at, length) = (path as u32 as usize, length as u32 as usize);
            if length > LONGEST_PATH {
                return Ok(NAME_TOO_LONG);
            }
            match data.get(at..at.saturating_add(length)).map(<[u8]>::to_vec) {
                Some(path) => is_new(state, directory, follow, &path).await?,
                None => false, // as the function itself says
            }
        } else {
            false
        };
        if makes {
            state.usage.files.check(1)?;
        }
        let answer = wasi::path_open(&mut state.wasi, guest!(), directory, follow, path, length, flags, rights, inherited,
                                     mode, out).await?;
        if answer == SUCCESS {
            state.usage.descriptors.take(1)?;
            state.usage.files.take(u64::from(makes))?;
        }
        Ok(answer)
    });
    shadow!(linker, module, "fd_close", |data, state, guest, (fd: i32)| {
        let answer = wasi::fd_close(&mut state.wasi, guest!(), fd).await?;
        state.usage.descriptors.give_back(u64::from(answer == SUCCESS));
        Ok(answer)
    });
    shadow!(linker, module, "fd_renumber", |data, state, guest, (from: i32, to: i32)| {
        let answer = wasi::fd_renumber(&mut state.wasi, guest!(), from, to).await?;
        state.usage.descriptors.give_back(u64::from(answer == SUCCESS && from != to));
        Ok(answer)
    });
    shadow!(linker, module, "path_create_directory", |data, state, guest, (directory: i32, path: i32, length: i32)| {
        state.usage.files.check(1)?;
        let answer = wasi::path_create_directory(&mut state.wasi, guest!(), directory, path, length).await?;
        state.usage.files.take(u64::from(answer == SUCCESS))?;
        Ok(answer)
    });
    shadow!(linker, module, "path_symlink", |data, state, guest, (old: i32, old_length: i32, directory: i32, path: i32,
                                                          length: i32)| {
        state.usage.files.check(1)?;
        let answer = wasi::path_symlink(&mut state.wasi, guest!(), old, old_length, directory, path, length).await?;
        state.usage.files.take(u64::from(answer == SUCCESS))?;
        Ok(answer)
    });
    shadow!(linker, module, "path_link", |data, state, guest, (from: i32, follow: i32, old: i32, old_length: i32, directory: i32,
                                                       path: i32, length: i32)| {
        state.usage.files.check(1)?;
        let answer = wasi::path_link(&mut state.wasi, guest!(), from, follow, old, old_length, directory, path, length).await?;
        state.usage.files.take(u64::from(answer == SUCCESS))?;
        Ok(answer)
    });
    Ok(())
}

/// Standard output or error: a function of the host's that takes bytes, until there are too many.
#[derive(Clone)]
pub struct Output {
    pub quota: Arc<Mutex<Quota>>,
    pub take: Arc<dyn Fn(&[u8]) + Send + Sync>,
}

impl Output {
    fn put(&self, bytes: &[u8]) -> Result<(), Over> {
        let mut quota = self.quota.lock().expect("no panic under this lock");
        quota.take(bytes.len() as u64).map_err(|error| error.downcast::<Over>().expect("a limit"))?;
        (self.take)(bytes);
        Ok(())
    }
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Output {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        Box::new(tokio::io::sink()) // of preview 3 alone
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {}
}

impl OutputStream for Output {
    fn write(&mut self, bytes: bytes::Bytes) -> StreamResult<()> {
        self.put(&bytes).map_err(|over| StreamError::Trap(over.into()))
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(PERMIT)
    }
}
