// Hostile files never trap: the corpora of the fuzz targets and mutants of them, through the engine and through classify.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';
import {Engine, compile, files, generator, root} from './engine.mjs';
import {guest} from './guests.mjs';

const mutants = Number(process.env.TULLE_MUTANTS ?? 40);

/** The bytes, then versions of them with a few bytes changed, parts doubled or cut off. */
function* versions(bytes, random) {
  yield bytes;
  for (let i = 0; i < mutants && bytes.length > 0; ++i) {
    let copy = Uint8Array.from(bytes);
    for (let changes = 1 + random(6); changes > 0; --changes) {
      const at = random(copy.length);
      copy[at] = [0, 0xFF, 0x80, 0x7F, copy[at] + 1, copy[at] ^ (1 << random(8)), random(256)][random(7)];
    }
    if (random(5) === 0) copy = copy.subarray(0, random(copy.length) + 1);
    if (random(9) === 0) copy = Uint8Array.from([...copy, ...copy.subarray(random(copy.length))]);
    yield copy;
  }
}

const models = [...files('fuzz/corpus/tflite'), ...files('fuzz/corpus/session'), ...files('models').filter((name) => name.endsWith('.tflite'))];
const pictures = [...files('fuzz/corpus/picture'), ...files('models').filter((name) => /\.(png|jpg|bmp)$/.test(name))];
const short = (name) => name.slice(root.length + 1);

for (const build of ['tulle.wasm', ...(process.env.TULLE_RELAXED ? ['tulle.relaxed.wasm'] : [])]) {
  const module = await compile(build);
  test(`${build} answers ${models.length} models and their mutants`, () => {
    const random = generator(5);
    let engine = new Engine(module), run = 0;
    for (const name of models)
      for (const bytes of versions(fs.readFileSync(name), random)) {
        try {
          const file = engine.put(bytes);
          const [read, model] = engine.load(file);
          if (read !== 0) assert.notEqual(engine.message(), '', 'an error without a message');
          else {
            const [made, session] = engine.create(model, 1 << 24);
            if (made === 0) {
              engine.api.tulle_session_set_time_limit(session, 200_000_000n);
              for (let i = engine.api.tulle_session_input_count(session) - 1; i >= 0; --i) {
                const input = engine.input(session, i);
                if (input.dtype !== 5) for (let at = 0; at < input.bytes; ++at) engine.bytes[input.data + at] = bytes[(at * 7) % bytes.length];
              }
              for (let i = 0; i < 2; ++i) engine.api.tulle_session_run(session);
              engine.api.tulle_session_release(session);
              ++run;
            }
            engine.api.tulle_model_release(model);
          }
          engine.api.free(file.block);
        } catch (trap) {
          assert.fail(`${short(name)}: ${trap.stack}`);
        }
        if (engine.bytes.length > 1 << 28) engine = new Engine(module);
      }
    assert.ok(run > models.length, `only ${run} sessions ran`);
  });
}

test(`classify.wasm answers ${pictures.length} pictures, ${models.length} models and their mutants`, async () => {
  const module = await compile('classify.wasm'), random = generator(6);
  let classify = guest(module);
  const good = {model: fs.readFileSync(`${root}/models/digits/digits_int8.tflite`), picture: fs.readFileSync(pictures.find((name) => name.endsWith('.png')))};
  const answers = new Map();
  const feed = (name, model, picture) => {
    try {
      const code = classify.infer(model, picture);
      answers.set(code, (answers.get(code) ?? 0) + 1);
      assert.ok(code > 0 || (code <= -1 && code >= -5), `${short(name)}: ${code}`);
    } catch (trap) {
      assert.fail(`${short(name)}: ${trap.stack}`);
    }
    if (classify.memory() > 1 << 28) classify = guest(module);
  };
  for (const name of pictures) for (const bytes of versions(fs.readFileSync(name), random)) feed(name, good.model, bytes);
  for (const name of models) for (const bytes of versions(fs.readFileSync(name), random)) feed(name, bytes, good.picture);
  for (const code of [-1, -2]) assert.ok(answers.has(code), `no answer was ${code}`);
});
