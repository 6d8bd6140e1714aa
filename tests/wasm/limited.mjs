// limited.mjs MODEL PICTURE: what both modules say of them, as JSON: "refused" where they don't start, "no block" where
// there is no room for the files.
import fs from 'node:fs';
import {Engine, compile} from './engine.mjs';
import {guest} from './guests.mjs';

const [model, picture] = process.argv.slice(2).map((name) => fs.readFileSync(name));

/** What `make` gives; null where there is no memory for what the module begins with. */
function started(make) {
  try {
    return make();
  } catch (error) {
    if (error instanceof RangeError || /memory/.test(error.message)) return null;
    throw error;
  }
}

const engineModule = await compile('tulle.wasm'), classifyModule = await compile('classify.wasm');

function engineSays() {
  const engine = started(() => new Engine(engineModule));
  if (engine === null) return 'refused';
  const file = engine.put(model);
  if (file === null) return 'no block';
  const [read, handle] = engine.load(file);
  if (read !== 0) return read;
  const [made, session] = engine.create(handle);
  return made !== 0 ? made : engine.api.tulle_session_run(session);
}

function classifySays() {
  const classify = started(() => guest(classifyModule));
  if (classify === null) return 'refused';
  const [a, b] = [classify.put(model), classify.put(picture)];
  return a === 0 || b === 0 ? 'no block' : classify.api.infer_from_ptrs(a, model.length, b, picture.length);
}

console.log(JSON.stringify({engine: engineSays(), classify: classifySays()}));
