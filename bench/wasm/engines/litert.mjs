// LiteRT.js. It is made for pages and workers of theirs; in Node it takes a few globals of a worker.

// What its loader looks for, where there is no page.
function like_a_worker(host, folder) {
  globalThis.self = globalThis;
  globalThis.__dirname = folder;
  globalThis.__filename = `${folder}loader.js`;
  globalThis.importScripts = address => host.script(address);
}

let lib;

export async function load(host) {
  const folder = host.package('@litertjs/core/wasm/');
  if (host.node) like_a_worker(host, folder);
  lib = await host.module('@litertjs/core', '@litertjs/core/dist/index.js');
  await lib.loadLiteRt(folder, {threads: false});
}

export async function open(host, bytes, input) {
  const model = await lib.loadAndCompile(bytes, {accelerator: 'wasm', cpuOptions: {numThreads: 1}});
  let tensor;
  return {
    set(values) {
      tensor?.delete();
      tensor = new lib.Tensor(values, input.shape);
    },
    async run() {
      const [answer, ...others] = await model.run([tensor]);
      const values = await answer.data();
      for (const one of [answer, ...others]) one.delete();
      return values;
    },
  };
}
