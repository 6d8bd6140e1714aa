//! Bytes as they pass between C and here.

use std::{ffi::c_void, slice};

#[derive(Clone, Copy)]
#[repr(C)]
pub struct Bytes {
    data: *const u8,
    size: usize,
}

impl Bytes {
    pub fn of(bytes: &[u8]) -> Bytes {
        Bytes { data: bytes.as_ptr(), size: bytes.len() }
    }

    /// # Safety
    /// The bytes are there for as long as they are looked at.
    pub unsafe fn view<'a>(self) -> &'a [u8] {
        unsafe { items(self.data, self.size) }
    }

    /// What is not UTF-8 is replaced.
    ///
    /// # Safety
    /// As of `view`.
    pub unsafe fn text(self) -> String {
        String::from_utf8_lossy(unsafe { self.view() }).into_owned()
    }
}

/// Where bytes go; called once.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Sink {
    pub user: *mut c_void,
    pub take: extern "C" fn(*mut c_void, Bytes),
}

impl Sink {
    pub fn put(&self, bytes: &[u8]) {
        (self.take)(self.user, Bytes::of(bytes));
    }
}

/// What C passes as an address and a count; the address may be null where there is nothing.
///
/// # Safety
/// So many are there for as long as they are looked at.
pub unsafe fn items<'a, T>(data: *const T, count: usize) -> &'a [T] {
    if count == 0 {
        return &[];
    }
    unsafe { slice::from_raw_parts(data, count) }
}
