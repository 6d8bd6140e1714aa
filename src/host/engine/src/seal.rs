//! Digests, by which artefacts are found, and seals, by which they are known as the host's own.

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

pub fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut digest = Sha256::new();
    parts.iter().for_each(|part| digest.update(part));
    digest.finalize().into()
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("keys of any size do");
    parts.iter().for_each(|part| mac.update(part));
    mac
}

pub fn seal(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    mac(key, parts).finalize().into_bytes().into()
}

/// Takes the same time wherever the seal differs.
pub fn is_sealed(key: &[u8], parts: &[&[u8]], seal: &[u8]) -> bool {
    mac(key, parts).verify_slice(seal).is_ok()
}
