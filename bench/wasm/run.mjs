#!/usr/bin/env node
// Measures Tulle's WebAssembly against its peers in Chromium and in Node, one thread each.
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import {createRequire} from 'node:module';
import {parseArgs} from 'node:util';
import {best_peer, usual, verdict} from './bars.mjs';
import {contest, first_answers} from './contest.mjs';
import {CHROMIUM, FLAGS} from './contestants.mjs';
import {describe, sets} from './judge.mjs';
import {CACHE, HERE, MADE, PACKAGES, ROOT, SHARED, WORK} from './places.mjs';
import {serve} from './server.mjs';
import {install} from './setup.mjs';
import {BARS, ENGINES, HOSTS, MODELS} from './table.mjs';
import {lines, reasons} from './text.mjs';

const USUAL = {rounds: 8, seconds: 0.3, cold: 5, warm: 0.5};
const QUICK = {rounds: 3, seconds: 0.1, cold: 1, warm: 0.2};
const HELP = `Measures Tulle's WebAssembly against its peers, and holds the figures against the bars of table.mjs.

  run.mjs [--models a,b] [--engines a,b] [--hosts chromium,node] [--rounds N] [--seconds S] [--cold N] [--quick]
          [--package DIR] [--native FILE] [--output FILE]
  run.mjs --list      the names of the models, for bench/models/make.py

--models    names or titles, with commas; a part of one stands for all that hold it
--engines   the same of ${Object.keys(ENGINES).join(', ')}
--rounds    default ${USUAL.rounds}; --seconds: length of an engine's turn in a round, default ${USUAL.seconds}
--cold      fresh processes and browsers for each first answer, default ${USUAL.cold}; 0: none
--quick     other defaults: ${JSON.stringify(QUICK)}
--package   the package tulle as its build lays it out, default bindings/js/dist
--native    the command, default build/tulle

A run of everything is written to bench/results, any other to build/bench unless --output says where. CHROMIUM names the
browser (${CHROMIUM}).`;

const leave = why => {
  console.error(why);
  process.exit(2);
};

function given(options) {
  try {
    return parseArgs({options}).values;
  } catch (error) {
    return leave(error.message);
  }
}

function parse() {
  const texts = ['models', 'engines', 'hosts', 'rounds', 'seconds', 'cold', 'package', 'native', 'output'];
  const all = (type, names) => names.map(name => [name, {type}]);
  const values = given(Object.fromEntries([...all('string', texts), ...all('boolean', ['quick', 'list', 'help'])]));
  const found = {...USUAL, ...values.quick ? QUICK : {}, ...values};
  for (const name of Object.keys(USUAL)) {
    const value = Number(found[name]);
    if (!(value >= 0) || name === 'rounds' && !(value >= 1)) leave(`--${name} takes a number, not ${found[name]}`);
    found[name] = value;
  }
  found.package ??= path.join(ROOT, 'bindings/js/dist');
  found.native ??= path.join(ROOT, 'build/tulle');
  return found;
}

// What a list of parts names, of all there is. A part that is a whole name stands for that alone.
function chosen(all, words, parts) {
  const wanted = (parts ?? '').split(','), whole = new Set(all.flatMap(words));
  const fits = (word, part) => (whole.has(part) ? word === part : word.includes(part));
  const found = all.filter(one => words(one).some(word => wanted.some(part => fits(word, part))));
  return found.length ? found : leave(`there is no ${parts}; there are ${all.map(one => words(one)[0]).join(', ')}`);
}

const source = row => path.join(row.file === 'shared' ? path.join(SHARED, 'models') : MADE, `${row.name}.tflite`);

// What is measured, laid out where the server and the children look. A build beside must not change it.
function lay_out(options, rows) {
  const {package: ours, native} = options;
  if (!fs.existsSync(path.join(ours, 'tulle.wasm'))) leave(`${ours} does not hold the package tulle: see bindings/js`);
  if (!fs.existsSync(native)) leave(`there is no ${native}: make build`);
  fs.rmSync(WORK, {recursive: true, force: true});
  fs.mkdirSync(path.join(WORK, 'models'), {recursive: true});
  fs.cpSync(ours, path.join(WORK, 'tulle'), {recursive: true, dereference: true});
  fs.writeFileSync(path.join(WORK, 'tulle', 'package.json'), '{"type": "module"}\n');
  fs.copyFileSync(native, path.join(WORK, 'native'));
  const parts = path.join(path.dirname(native), 'wasm', 'tulle.parts.wasm');
  if (!fs.existsSync(parts)) leave(`there is no ${parts}: make wasm`);
  fs.copyFileSync(parts, path.join(WORK, 'parts.wasm'));
  for (const row of rows) {
    for (const file of [source(row), path.join(MADE, `${row.name}.onnx`)].filter(one => fs.existsSync(one))) {
      fs.symlinkSync(file, path.join(WORK, 'models', path.basename(file)));
    }
  }
}

function machine() {
  const script = 'import json, machine; found = machine.describe(); print(json.dumps([found, machine.slug(found)]))';
  return JSON.parse(execFileSync('python3', ['-c', script], {cwd: path.dirname(HERE)}));
}

// The commit that the tree stands on, with a + where files differ from it.
function commit() {
  const git = (...words) => execFileSync('git', ['-C', ROOT, ...words], {encoding: 'utf8'}).trim();
  return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') ? '+' : '');
}

function versions(names, hosts) {
  const require = createRequire(path.join(PACKAGES, 'here.js'));
  const text = file => JSON.parse(fs.readFileSync(path.join(PACKAGES, file, 'package.json'), 'utf8')).version;
  const told = file => execFileSync(file, ['--version'], {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']}).trim();
  const found = {node: process.version, v8: process.versions.v8};
  if (hosts.includes('chromium')) found.chromium = told(CHROMIUM);
  found.tulle = told(path.join(WORK, 'native'));
  for (const name of names.filter(one => ENGINES[one].package)) found[name] = text(ENGINES[name].package);
  found['puppeteer-core'] = text('puppeteer-core');
  return found;
}

// The engine's modules, and those for one model.
function modules(rows) {
  const packed = file => zlib.gzipSync(fs.readFileSync(path.join(WORK, file)), {level: 9}).length;
  const found = Object.fromEntries(
    ['tulle.wasm', 'tulle.relaxed.wasm'].map(file => [file, packed(path.join('tulle', file))]));
  for (const row of rows.filter(one => BARS.some(bar => bar.kind === 'size' && bar.model === one.name))) {
    const words = ['wasm-build', source(row), '--no-weights', '-o', path.join(WORK, 'own.wasm')];
    execFileSync(path.join(WORK, 'native'), [...words, '--parts', path.join(WORK, 'parts.wasm')], {stdio: 'ignore'});
    found[row.name] = packed('own.wasm');
  }
  return found;
}

// The command line without machine paths.
const command = () =>
  ['bench/wasm/run.mjs', ...process.argv.slice(2).map(word => word.replace(/(^|=)\/.*\//, '$1'))].join(' ');

function header(options, rows, names, hosts, described) {
  const thorough = Object.keys(USUAL).every(name => options[name] >= USUAL[name]);
  const all = [[rows, MODELS], [names, Object.keys(ENGINES)], [hosts, Object.keys(HOSTS)]];
  return {
    date: new Date().toISOString().slice(0, 10),
    command: command(),
    complete: thorough && all.every(([some, whole]) => some.length === whole.length),
    machine: described,
    versions: versions(names, hosts),
    flags: FLAGS,
    commit: commit(),
    rounds: options.rounds,
    seconds: options.seconds,
    cold: options.cold,
    hosts: Object.fromEntries(hosts.map(host => [host, HOSTS[host]])),
    titles: Object.fromEntries(names.map(name => [name, ENGINES[name].title])),
    threads: Object.fromEntries(names.map(name => [name, ENGINES[name].threads])),
    modules: modules(rows),
    models: {},
  };
}

async function measure(row, hosts, names, options, server) {
  const native = path.join(WORK, 'native'), {input, output} = describe(native, source(row));
  const subject = {row, input, output, sets: sets(native, row, source(row), input)};
  const about = {...options, native, server};
  const found = {title: row.title, input: `${input.dtype} [${input.shape}]`, hosts: {}};
  for (const host of hosts) {
    const engines = await contest(subject, host, names, about), run = names.filter(name => engines[name]?.median_ms);
    found.hosts[host] = {engines, usual: usual(engines), best_peer: best_peer(engines)};
    if (row.cold && options.cold) found.hosts[host].first_answer = await first_answers(subject, host, run, about);
  }
  return found;
}

async function main() {
  const options = parse();
  if (options.help) return console.log(HELP);
  if (options.list) return console.log(MODELS.map(row => row.name).join('\n'));
  const rows = chosen(MODELS, row => [row.name, row.title], options.models).filter(row => fs.existsSync(source(row)));
  const names = chosen(Object.keys(ENGINES), name => [name], options.engines);
  const hosts = chosen(Object.keys(HOSTS), name => [name], options.hosts);
  if (!rows.length) leave('the models are not there: see bench/models/make.py and TULLE_SHARED');
  if (hosts.includes('chromium') && !fs.existsSync(CHROMIUM)) leave(`there is no ${CHROMIUM}: see CHROMIUM`);
  install();
  lay_out(options, rows);
  const [described, slug] = machine();
  const results = header(options, rows, names, hosts, described);
  const folder = results.complete ? path.join(ROOT, 'bench/results') : path.join(ROOT, 'build/bench');
  const file = options.output ?? path.join(folder, `wasm-${results.date}-${slug}.json`);
  fs.mkdirSync(path.dirname(file), {recursive: true});
  const server = await serve(), began = performance.now();
  for (const [number, row] of rows.entries()) {
    console.error(`${number + 1}/${rows.length} ${row.title}`);
    results.models[row.name] = await measure(row, hosts, names, options, server);
    results.verdict = verdict(results);
    results.reasons = reasons(results);
    results.took_s = Math.round((performance.now() - began) / 1e3);
    fs.writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
  }
  server.close();
  console.log(`${lines(results).join('\n')}\n${path.basename(file)} written`);
}

await main();
