//! new|old MODULE OUT WIT…: a component of a module for WASI preview 1 that imports by their canonical names what the
//! world in the last WIT imports.

use std::{env, error::Error, fs};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    let [version, module, out, wits @ ..] = &words[..] else {
        return Err("new|old MODULE OUT WIT…".into());
    };
    let (name, adapter) = match &version[..] {
        "new" => (new::WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, new::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER),
        _ => (old::WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, old::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER),
    };
    let mut resolve = Resolve::new();
    let mut package = None;
    for wit in wits {
        package = Some(resolve.push_path(wit)?.0);
    }
    let world = resolve.select_world(&Vec::from_iter(package), None)?;
    let mut bytes = fs::read(module)?;
    embed_component_metadata(&mut bytes, &resolve, world, StringEncoding::UTF8)?;
    let component = ComponentEncoder::default().validate(true).module(&bytes)?.adapter(name, adapter)?.encode()?;
    Ok(fs::write(out, component)?)
}
