// What differs between Node and browsers. node.js and browser.js each give their own before anything else runs.

/**
 * @typedef {object} Port A worker, seen from outside. What it does wrong arrives by `onFailure`, once.
 * @property {(message: unknown, transfer?: Transferable[]) => void} post
 * @property {(take: (message: any) => void) => void} onMessage
 * @property {(take: (error: Error) => void) => void} onFailure
 * @property {(busy: boolean) => void} hold Whether the program waits for this worker before it ends.
 * @property {() => void} end
 *
 * @typedef {object} Platform
 * @property {{simd128: URL, relaxed: URL}} modules Where the engine's builds are.
 * @property {(where: string | URL) => Promise<import('./source.js').Source>} open
 * @property {(where: string | URL) => Promise<WebAssembly.Module>} compile
 * @property {() => Port} startWorker
 * @property {() => number} processors
 */

/** @type {Platform} */
export let platform;

/** @param {Platform} chosen */
export function use(chosen) {
  platform = chosen;
}
