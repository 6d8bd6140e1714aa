// wasm_modules.mjs: runs models in WebAssembly modules. Reads JSON from standard input, a list of
// {module, model, inputs: [{shape, file}]} with model null for the one that lies in the module, and prints a list of
// {status, message, outputs: [{dtype, shape, hex}]}, or {trap}.
import fs from 'node:fs';
import {WASI} from 'node:wasi';

const tensor = {dtype: 4, rank: 8, shape: 12, data: 56, bytes: 60, size: 64};  // offsets of tulle_tensor
const errorSize = 1004;
const compiled = new Map();

function answer({module: file, model: path, inputs}) {
  if (!compiled.has(file)) {
    if (compiled.size > 8) compiled.clear();
    compiled.set(file, new WebAssembly.Module(fs.readFileSync(file)));
  }
  const wasi = new WASI({version: 'preview1'});
  const instance = new WebAssembly.Instance(compiled.get(file), wasi.getImportObject());
  wasi.initialize(instance);
  const api = instance.exports;
  const view = () => new DataView(api.memory.buffer);
  const bytes = () => new Uint8Array(api.memory.buffer);
  const out = api.malloc(tensor.size), error = api.malloc(errorSize);
  const text = (at) => Buffer.from(bytes().subarray(at, bytes().indexOf(0, at))).toString();
  const put = (contents) => {
    const at = (api.malloc(contents.length + 64) + 63) & ~63;
    bytes().set(contents, at);
    return at;
  };
  let status;
  if (path === null) {
    status = api.tulle_model_embedded(out, error);
  } else {
    const contents = fs.readFileSync(path);
    status = api.tulle_model_load_memory(put(contents), contents.length, out, error);
  }
  if (status === 0) status = api.tulle_session_create(view().getUint32(out, true), 0, out, error);
  if (status !== 0) return {status, message: text(error + 4), outputs: []};
  const session = view().getUint32(out, true);
  const port = (read, i) => {
    if (read(session, i, out) !== 0) throw new Error(text(api.tulle_session_error(session)));
    const at = view();
    const shape = Array.from({length: at.getInt32(out + tensor.rank, true)}, (_, d) => at.getInt32(out + tensor.shape + 4 * d, true));
    const data = at.getUint32(out + tensor.data, true), size = at.getUint32(out + tensor.bytes, true);
    return {dtype: at.getInt32(out + tensor.dtype, true), shape, contents: bytes().subarray(data, data + size)};
  };
  inputs.forEach(({shape}, i) => {
    if (port(api.tulle_session_input, i).shape.join() === shape.join()) return;
    const dims = put(new Uint8Array(Int32Array.from(shape).buffer));
    status ||= api.tulle_session_resize(session, i, dims, shape.length);
  });
  if (status === 0) status = api.tulle_session_prepare(session);
  if (status === 0)
    inputs.forEach(({file: from}, i) => {
      const contents = fs.readFileSync(from);
      status ||= api.tulle_session_set_input(session, i, put(contents), contents.length);
    });
  if (status === 0) status = api.tulle_session_run(session);
  const outputs = [];
  for (let i = 0; status === 0 && i < api.tulle_session_output_count(session); ++i) {
    const {dtype, shape, contents} = port(api.tulle_session_output, i);
    outputs.push({dtype, shape, hex: Buffer.from(contents).toString('hex')});
  }
  return {status, message: status === 0 ? '' : text(api.tulle_session_error(session)), outputs};
}

console.log(JSON.stringify(JSON.parse(fs.readFileSync(0)).map((run) => {
  try {
    return answer(run);
  } catch (trap) {
    return {trap: String(trap)};
  }
})));
