// TensorFlow.js put together of packages, for the engines that stand on it.

// parts: of @tensorflow. Everything they export, in one object; the WebAssembly backend's under `wasm`.
export async function tfjs(host, parts) {
  if (host.node) {
    const found = parts.map(part => [part, host.require(`@tensorflow/${part}`)]);
    return Object.assign({}, ...found.map(([part, lib]) => (part === 'tfjs-backend-wasm' ? {wasm: lib} : lib)));
  }
  for (const part of parts) {
    await host.script(host.package(`@tensorflow/${part}/dist/${part.replace('tfjs', 'tf')}.min.js`));
  }
  return {...globalThis.tf, ...globalThis.tflite};
}

// A backend that does not start leaves a slower one in its place without a word.
export async function use(tf, backend) {
  if (!await tf.setBackend(backend)) throw new Error(`the backend ${backend} does not start`);
  await tf.ready();
}
