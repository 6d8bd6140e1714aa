// Lays the package out in dist/: our sources, the WASI shim beside them, both modules. Nothing is bundled, so that
// browsers import the files as they are. TULLE_WASM names the folder of the modules, else it is ../../build/wasm.
import { cp, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const kShimFiles = ['dist/wasi.js', 'dist/wasi_defs.js', 'dist/debug.js', 'LICENSE-MIT', 'LICENSE-APACHE'];
const kModules = ['tulle.wasm', 'tulle.relaxed.wasm'];

const here = fileURLToPath(new URL('.', import.meta.url));
const dist = `${here}dist/`;
const shim = `${here}node_modules/@bjorn3/browser_wasi_shim/`;
const wasm = process.env.TULLE_WASM ?? `${here}../../build/wasm`;

await rm(dist, { recursive: true, force: true });
await cp(`${here}src`, dist, { recursive: true });
for (const file of kShimFiles) await cp(`${shim}${file}`, `${dist}wasi/${file.replace('dist/', '')}`);
for (const file of kModules)
  await cp(`${wasm}/${file}`, `${dist}${file}`).catch(() => {
    console.error(`build: no ${file} in ${wasm}; build the modules first, or name their folder by TULLE_WASM`);
    process.exit(1);
  });
await cp(`${here}../../LICENSE`, `${dist}LICENSE`);
await cp(`${here}NOTICES.md`, `${dist}NOTICES.md`);
