//! What a guest may use up, and the error that ends one which wants more.

use std::{
    fmt,
    sync::{Arc, Mutex},
};
use wasmtime::{ResourceLimiter, Result};

/// Which limit ended a guest; the numbers are those of `EngineLimit` in engine.h.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(u32)]
pub enum Limit {
    Time = 1,
    Memory = 2,
    Stack = 3,
    Table = 4,
    Output = 5,
    Files = 6,
    Disk = 7,
    Descriptors = 8,
    Handles = 9,
}

/// A guest went over a limit.
#[derive(Debug)]
pub struct Over(pub Limit, pub String);

impl fmt::Display for Over {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.1)
    }
}

impl std::error::Error for Over {}

/// How much there may be of everything; files are created ones, directories and links counted too.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Limits {
    pub memory_bytes: u64,
    pub table_elements: u64,
    pub output_bytes: u64,
    pub files: u64,
    pub disk_bytes: u64,
    pub descriptors: u64,
}

/// Something that is used up bit by bit.
pub struct Quota {
    limit: Limit,
    most: u64,
    used: u64,
    what: &'static str,
}

impl Quota {
    fn new(limit: Limit, most: u64, what: &'static str) -> Quota {
        Quota { limit, most, used: 0, what }
    }

    /// An error where so much more is too much.
    pub fn check(&self, more: u64) -> Result<()> {
        match self.used.checked_add(more) {
            Some(total) if total <= self.most => Ok(()),
            _ => Err(Over(self.limit, format!("over {} {}", self.most, self.what)).into()),
        }
    }

    pub fn take(&mut self, more: u64) -> Result<()> {
        self.check(more)?;
        self.used += more;
        Ok(())
    }

    pub fn give_back(&mut self, less: u64) {
        self.used = self.used.saturating_sub(less);
    }
}

/// What one guest uses, of its limits.
pub struct Usage {
    pub memory: Quota,
    pub table: Quota,
    pub files: Quota,
    pub disk: Quota,
    pub descriptors: Quota,
    pub tensors: Quota,
    /// Counted where it leaves, in streams of its own.
    pub output: Arc<Mutex<Quota>>,
    pub peak_memory: u64,
}

impl Usage {
    pub fn new(limits: &Limits) -> Usage {
        Usage {
            memory: Quota::new(Limit::Memory, limits.memory_bytes, "bytes of memory"),
            table: Quota::new(Limit::Table, limits.table_elements, "elements in tables"),
            files: Quota::new(Limit::Files, limits.files, "files made"),
            disk: Quota::new(Limit::Disk, limits.disk_bytes, "bytes written to files"),
            descriptors: Quota::new(Limit::Descriptors, limits.descriptors, "descriptors open at once"),
            tensors: Quota::new(Limit::Memory, limits.memory_bytes, "bytes of tensors"),
            output: Arc::new(Mutex::new(Quota::new(Limit::Output, limits.output_bytes, "bytes of output"))),
            peak_memory: 0,
        }
    }
}

impl ResourceLimiter for Usage {
    // Growth over a limit is no -1 for the guest to overlook, but its end. Memories and tables never shrink.
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        self.memory.take((desired - current) as u64)?;
        self.peak_memory += (desired - current) as u64;
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        self.table.take((desired - current) as u64)?;
        Ok(true)
    }

    // Growth that fails for another reason, such as the maximum that the module itself has, is answered with -1; the
    // little that was counted for it stays counted.
    fn memories(&self) -> usize {
        8
    }

    fn tables(&self) -> usize {
        64
    }
}
