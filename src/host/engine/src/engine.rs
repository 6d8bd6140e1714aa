//! The engine: how guests are compiled and where their instances live, and the clock that interrupts them.

use std::{
    sync::{Arc, Condvar, Mutex, OnceLock},
    thread,
    time::Duration,
};
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig, Result};

/// How often running guests are asked whether their time is over.
const TICK: Duration = Duration::from_millis(10);
/// Bytes of stack for a guest's own calls, and for the host functions that it calls on the same stack.
const GUEST_STACK: usize = 1 << 20;
const HOST_STACK: usize = 3 << 20;

/// How many modules a component may be made of.
const MODULES: u32 = 8;

/// Where instances live; `instances` is 0 where each has memory of its own.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Pool {
    pub instances: u32,
    pub memory_bytes: u64,
    pub table_elements: u64,
    /// What a free slot may keep of its memory, cleared, so that the next instance need not fault it in.
    pub keep_bytes: u64,
}

/// What decides about the code that is made; the same in every process, so that artefacts fit.
fn config() -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .concurrency_support(false)
        .wasm_memory64(false)
        .wasm_custom_page_sizes(false)
        .memory_may_move(false)
        .max_wasm_stack(GUEST_STACK)
        .async_stack_size(GUEST_STACK + HOST_STACK);
    config
}

pub struct Engine {
    pub wasm: wasmtime::Engine,
    /// Started by the first run: until then the process may have one thread.
    ticker: OnceLock<Arc<Ticker>>,
}

impl Engine {
    pub fn new(pool: &Pool) -> Result<Engine> {
        let mut config = config();
        if pool.instances > 0 {
            let mut slots = PoolingAllocationConfig::new();
            slots
                // A component is made of several modules.
                .total_core_instances(pool.instances * MODULES)
                .total_component_instances(pool.instances)
                .total_memories(pool.instances * 2)
                .total_tables(pool.instances * MODULES)
                .total_stacks(pool.instances)
                .max_memory_size(pool.memory_bytes as usize)
                .table_elements(pool.table_elements as usize)
                .max_unused_warm_slots(pool.instances)
                .linear_memory_keep_resident(pool.keep_bytes as usize)
                .pagemap_scan(if PoolingAllocationConfig::is_pagemap_scan_available() {
                    Enabled::Yes
                } else {
                    Enabled::No
                });
            config.allocation_strategy(InstanceAllocationStrategy::Pooling(slots));
        }
        Ok(Engine { wasm: wasmtime::Engine::new(&config)?, ticker: OnceLock::new() })
    }

    /// Ticks come while at least one of these is there.
    pub fn running(&self) -> Running {
        Running::new(self.ticker.get_or_init(|| Ticker::start(self.wasm.weak())).clone())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(ticker) = self.ticker.get() {
            ticker.change(|state| state.over = true);
        }
    }
}

#[derive(Default)]
struct TickerState {
    running: usize,
    over: bool,
}

/// A thread that sleeps while no guest runs.
#[derive(Default)]
struct Ticker {
    state: Mutex<TickerState>,
    changed: Condvar,
}

impl Ticker {
    fn start(engine: wasmtime::EngineWeak) -> Arc<Ticker> {
        let ticker = Arc::new(Ticker::default());
        let own = ticker.clone();
        thread::spawn(move || {
            let mut state = own.state.lock().expect("no panic under this lock");
            while !state.over {
                if state.running == 0 {
                    state = own.changed.wait(state).expect("no panic under this lock");
                    continue;
                }
                drop(state);
                thread::sleep(TICK);
                if let Some(engine) = engine.upgrade() {
                    engine.increment_epoch();
                }
                state = own.state.lock().expect("no panic under this lock");
            }
        });
        ticker
    }

    fn change(&self, change: impl FnOnce(&mut TickerState)) {
        change(&mut self.state.lock().expect("no panic under this lock"));
        self.changed.notify_one();
    }
}

pub struct Running(Arc<Ticker>);

impl Running {
    fn new(ticker: Arc<Ticker>) -> Running {
        ticker.change(|state| state.running += 1);
        Running(ticker)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.state.lock().expect("no panic under this lock").running -= 1;
    }
}

/// Where guests wait for what takes time; one for all engines of a process.
pub fn runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().expect("a thread")
    })
}
