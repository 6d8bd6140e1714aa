// The worker as seen from the page: a promise for each request.

export class Engine {
  #worker = new Worker(new URL('./worker.mjs', import.meta.url), { type: 'module' });
  #waiting = new Map(); // {resolve, reject} by the request's number
  #count = 0;
  #failure; // why there is no worker

  constructor() {
    this.#worker.onmessage = ({ data: { id, value, error } }) => {
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) reject(Object.assign(new Error(error.message), { code: error.code }));
      else resolve(value);
    };
    this.#worker.onerror = ({ message }) => {
      this.#failure = new Error(message || 'the worker could not be started');
      for (const { reject } of this.#waiting.values()) reject(this.#failure);
      this.#waiting.clear();
    };
  }

  /**
   * Loads a model in place of the one before, which stays where that fails.
   * @param {{source: Blob | string, name: string, build?: 'simd128' | 'relaxed'}} request
   * @returns {Promise<{build: string, inputs: object[], memory: number, labels: string[]}>} memory in bytes
   */
  load(request) {
    return this.#ask('load', request);
  }

  /**
   * Runs the model on a picture, whose pixels are handed over.
   * @param {{width: number, height: number, data: Uint8ClampedArray}} pixels RGBA
   * @returns {Promise<object>} what `interpret` finds; ms of a run; `part`, what the model was fed; memory in bytes
   */
  look(pixels) {
    return this.#ask('look', pixels, [pixels.data.buffer]);
  }

  #ask(act, request, transfer = []) {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const id = ++this.#count;
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, act, request }, transfer);
    });
  }
}
