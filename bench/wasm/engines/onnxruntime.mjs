// ONNX Runtime Web on its WebAssembly provider.
let lib;

export async function load(host) {
  lib = await host.module('onnxruntime-web/wasm', 'onnxruntime-web/dist/ort.wasm.min.mjs');
  lib.env.wasm.numThreads = 1;
  if (!host.node) lib.env.wasm.wasmPaths = host.package('onnxruntime-web/dist/');
}

export async function open(host, bytes, input) {
  const session = await lib.InferenceSession.create(bytes, {executionProviders: ['wasm']});
  const feeds = {};
  return {
    set(values) {
      feeds[session.inputNames[0]] = new lib.Tensor(input.dtype, values, input.shape);
    },
    async run() {
      const answers = await session.run(feeds);
      return answers[session.outputNames[0]].data;
    },
  };
}
