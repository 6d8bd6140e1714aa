// The engine's builds: which one this machine takes, and each compiled once.
import { TulleError } from './errors.js';
import { platform } from './platform.js';

/** A module of one function that uses i32x4.relaxed_dot_i8x16_i7x16_add_s: valid where relaxed vectors are. */
const kRelaxedProbe = Uint8Array.of(
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, // magic, version
  0x01, 0x04, 0x01, 0x60, 0x00, 0x00, // type: () -> ()
  0x03, 0x02, 0x01, 0x00, // one function of it
  0x0a, 0x14, 0x01, 0x12, 0x00, // its body, without locals
  0x41, 0x00, 0xfd, 0x0f, 0x41, 0x00, 0xfd, 0x0f, 0x41, 0x00, 0xfd, 0x0f, // three times i32.const 0, i8x16.splat
  0xfd, 0x93, 0x02, 0x1a, 0x0b, // the product, drop, end
);

/** Whether this machine runs relaxed vectors. */
export const hasRelaxed = () => WebAssembly.validate(kRelaxedProbe);

const kBuilds = ['simd128', 'relaxed'];
const kCustom = 'custom'; // what a module of the caller is called

/** Promises of compiled modules by build or address. A compilation that failed is forgotten. */
const compiled = new Map();

/**
 * The module to run and what it is called.
 * @param {{build?: string, module?: WebAssembly.Module | URL | string}} options
 * @returns {Promise<{build: string, module: WebAssembly.Module}>}
 */
export async function choose({ build, module }) {
  if (build !== undefined && !kBuilds.includes(build) && !(module && build === kCustom))
    throw new TulleError('INVALID_ARGUMENT', `there is no build '${build}'; there are ${kBuilds.join(', ')}`);
  if (module instanceof WebAssembly.Module) return { build: build ?? kCustom, module };
  const name = build ?? (module !== undefined ? kCustom : hasRelaxed() ? 'relaxed' : 'simd128');
  const where = module ?? platform.modules[name];
  const key = String(where);
  if (!compiled.has(key)) {
    const compiling = platform.compile(where);
    compiling.catch(() => compiled.delete(key));
    compiled.set(key, compiling);
  }
  try {
    return { build: name, module: await compiled.get(key) };
  } catch (cause) {
    if (!(cause instanceof WebAssembly.CompileError)) throw cause;
    throw new TulleError('UNSUPPORTED', `the build '${name}' does not run here: ${cause.message}`, { cause });
  }
}
