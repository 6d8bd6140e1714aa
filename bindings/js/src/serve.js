// What a worker of a pool does: loads a model, then runs it as often as it is asked to.
import { Tulle } from './tulle.js';

const plain = ({ code = 'RUNTIME', message }) => ({ code, message });

/** What a pool tells of its model. A signature that can't run here says so only to those who ask for it. */
function describe(model) {
  const { build, inputs, outputs } = model;
  try {
    return { build, inputs, outputs, signatures: model.signatures };
  } catch (error) {
    return { build, inputs, outputs, error: plain(error) };
  }
}

/**
 * Answers requests: first {bytes, options, isFirst}, where one worker of a pool describes the model, then {inputs,
 * options}. Answers are {value} or {error, dead}.
 * @param {(message: unknown, transfer: ArrayBuffer[]) => void} post
 * @returns {(request: any) => Promise<void>}
 */
export function serve(post) {
  let model;
  return async ({ bytes, isFirst, inputs, options }) => {
    try {
      if (bytes) {
        model = await Tulle.load(bytes, options);
        post({ value: isFirst && describe(model) }, []);
        return;
      }
      const value = model.runSync(inputs, options);
      post({ value }, Object.values(value).flatMap(({ data }) => (ArrayBuffer.isView(data) ? [data.buffer] : [])));
    } catch (error) {
      post({ error: plain(error), dead: !model || model.disposed }, []);
    }
  };
}
