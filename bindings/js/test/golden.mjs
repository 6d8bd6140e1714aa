// Runs every case of tests/golden through the package: small models with the answers of TensorFlow Lite's reference.
// As a program: node golden.mjs BUILD [OPERATOR…]; one line for each case that differs, exit code 1 if there are any.
import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Tulle } from '../dist/node.js';
import { kDTypes } from '../dist/dtypes.js';
import { decodeStrings, encodeStrings } from '../dist/strings.js';

const kFolder = new URL('../../../tests/golden/', import.meta.url);

/** Names of the operators that have vectors. */
export async function operators() {
  const files = await readdir(kFolder);
  return files.filter((file) => file.endsWith('.golden.gz')).map((file) => file.slice(0, -10)).sort();
}

/** The cases of an operator: the head as tests/golden/make_golden.py tells it, with the bytes it speaks of. */
export async function* cases(operator) {
  const bytes = gunzipSync(await readFile(new URL(`${operator}.golden.gz`, kFolder)));
  if (bytes.toString('latin1', 0, 8) !== 'TULGOLD1') throw new Error(`${operator}: no golden vectors`);
  let at = 8;
  const u32 = () => bytes.readUInt32LE((at += 4) - 4);
  const take = (size) => bytes.subarray(at, (at += size));
  for (let left = u32(); left > 0; --left) {
    const head = JSON.parse(take(u32()).toString());
    head.model = take(head.model_bytes);
    for (const run of head.runs)
      for (const side of ['inputs', 'outputs']) for (const tensor of run[side]) tensor.data = take(tensor.bytes);
    yield head;
  }
}

/** Bytes as the array of their type. */
function decode(name, bytes) {
  const { array, isText } = kDTypes.find((dtype) => dtype.name === name);
  return isText ? decodeStrings(bytes) : new array(Uint8Array.from(bytes).buffer);
}

const toBytes = (data) => (Array.isArray(data) ? encodeStrings(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength));

/** How far numbers may be apart for a rule of the vectors, given those that are expected. */
const kLimits = {
  exact: () => 0,
  steps: ({ max }) => max,
  relative({ tolerance }, numbers) {
    const finite = numbers.filter(Number.isFinite);
    return tolerance * (finite.reduce((a, b) => Math.max(a, b), 0) - finite.reduce((a, b) => Math.min(a, b), 0));
  },
};

/** Empty where the numbers agree as the rule demands, else what differs. */
function compare(rule, dtype, expected, found) {
  const bytes = toBytes(found);
  if (bytes.length !== expected.length) return `${bytes.length} bytes, expected ${expected.length}`;
  if (Buffer.compare(bytes, expected) === 0) return '';
  const [want, got] = [expected, bytes].map((b) => Array.from(decode(dtype, b), Number));
  const limit = kLimits[rule.mode](rule, want);
  const isSame = (a, b) => a === b || (Number.isNaN(a) && Number.isNaN(b));
  const at = want.findIndex((x, i) => !isSame(x, got[i]) && !(Math.abs(x - got[i]) <= limit));
  return at < 0 ? '' : `at ${at}: ${got[at]}, expected ${want[at]}`;
}

/** The first thing that goes wrong in a case, or empty. */
async function runCase(head, build) {
  const model = await Tulle.load(head.model, { build });
  try {
    for (const run of head.runs) {
      const names = model.inputs.map(({ name }) => name);
      const inputs = run.inputs.map(({ dtype, shape, data }, i) => [names[i], { data: decode(dtype, data), shape }]);
      const outputs = Object.values(await model.run(Object.fromEntries(inputs)));
      if (outputs.length !== run.outputs.length) return `${outputs.length} outputs, expected ${run.outputs.length}`;
      for (const [i, want] of run.outputs.entries()) {
        const { dtype, shape, data } = outputs[i];
        if (`${dtype} [${shape}]` !== `${want.dtype} [${want.shape}]`)
          return `output ${i} is ${dtype} [${shape}], expected ${want.dtype} [${want.shape}]`;
        const difference = compare(head.compare, dtype, want.data, data);
        if (difference) return `output ${i}: ${difference}`;
      }
    }
    return '';
  } catch (error) {
    return `${error.code}: ${error.message}`;
  } finally {
    model.dispose();
  }
}

/**
 * Runs all cases of the operators on a build.
 * @returns {Promise<{cases: number, wrong: string[]}>}
 */
export async function runGolden(build, wanted) {
  let count = 0;
  const wrong = [];
  for (const operator of wanted)
    for await (const head of cases(operator)) {
      ++count;
      const difference = await runCase(head, build).catch((error) => `${error.code}: ${error.message}`);
      if (difference) wrong.push(`${operator}: ${head.name}: ${difference}`);
    }
  return { cases: count, wrong };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [build, ...wanted] = process.argv.slice(2);
  const { cases, wrong } = await runGolden(build, wanted.length > 0 ? wanted : await operators());
  for (const line of wrong) console.log(line);
  console.log(`${build}: ${cases} cases, ${wrong.length} differ`);
  process.exitCode = wrong.length > 0 ? 1 : 0;
}
