// The engines as the race sees them: each in a process or a browser of its own, which does nothing unless asked.
//
// All have enter() (loads, answers once), answers(), turn(seconds) and close(); only Native has no answers. What goes
// wrong is an Error.
import {execFile, fork} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {createRequire} from 'node:module';
import {performance} from 'node:perf_hooks';
import {promisify} from 'node:util';
import {HERE, PACKAGES, WORK, place} from './places.mjs';

export const CHROMIUM = process.env.CHROMIUM || '/usr/bin/chromium';
export const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'];
const SECONDS = 120;  // for anything that is asked

// The first line without machine paths.
export function few_words(error) {
  const lines = String(error?.message ?? error).split('\n').map(line => line.trim()).filter(Boolean);
  return (lines[0] ?? 'no word').replace(/(?:https?:\/\/[\w.:-]+)?(?:\/[\w.+@-]+)+\//g, '').slice(0, 240);
}

function within(promise, seconds = SECONDS) {
  let timer;
  const late = new Promise((_, failed) => {
    timer = setTimeout(() => failed(new Error(`no answer within ${seconds} s`)), seconds * 1e3);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

const log = () => fs.openSync(path.join(WORK, 'engines.log'), 'a');

function child(given = []) {
  const errors = log();
  const made = fork(path.join(HERE, 'child.mjs'), given, {stdio: ['ignore', errors, errors, 'ipc'], execArgv: []});
  fs.closeSync(errors);
  return made;
}

// A process of Node. It waits for its parent's word, and ends with it.
export class InNode {
  constructor(task) {
    this.task = task;
    this.process = child();
  }

  async deed(deed, ...given) {
    const answer = new Promise((done, failed) => {
      this.process.once('message', done);
      this.process.once('exit', (code, signal) => failed(new Error(`ended by ${signal ?? `code ${code}`}`)));
    });
    try {
      this.process.send({deed, given});
      const found = await within(answer);
      if ('error' in found) throw new Error(found.error);
      return found.answer;
    } finally {
      this.process.removeAllListeners('message').removeAllListeners('exit');
    }
  }

  enter() { return this.deed('enter', this.task); }
  answers() { return this.deed('ask', 'answers'); }
  turn(seconds) { return this.deed('ask', 'turn', seconds); }
  close() { this.process.kill('SIGKILL'); }
}

// A browser with a fresh profile and one page, whose script waits for calls.
export class InChromium {
  constructor(task, server) {
    Object.assign(this, {task, server});
  }

  async enter() {
    const {default: puppeteer} = await import(createRequire(path.join(PACKAGES, 'here.js')).resolve('puppeteer-core'));
    const how = {executablePath: CHROMIUM, args: FLAGS, protocolTimeout: SECONDS * 1e3};
    this.browser = await within(puppeteer.launch(how));
    const [page] = await this.browser.pages();
    this.page = page;
    this.server.fetched.length = 0;
    await page.goto(`${this.server.address}/bench/page.html`, {waitUntil: 'domcontentloaded'});
    await page.waitForFunction('globalThis.ready');
    return within(page.evaluate(task => globalThis.enter(task), this.task));
  }

  ask(...given) { return within(this.page.evaluate((...all) => globalThis.ask(...all), ...given)); }
  answers() { return this.ask('answers'); }
  turn(seconds) { return this.ask('turn', seconds); }
  close() { return this.browser?.close(); }
}

// The native command with vectors of 128 bits, a process a turn.
export class Native {
  constructor(task, command) {
    Object.assign(this, {task, command});
  }

  async bench(runs) {
    const given = ['bench', place(this.task.model), '--json', '--threads', '1', '--no-cache', '--runs', String(runs)];
    const {stdout} = await promisify(execFile)(this.command, given, {env: {...process.env, TULLE_ISA: 'sse4'}});
    return JSON.parse(stdout);
  }

  async enter() {
    const found = await this.bench(3);
    this.last = found.p50_ms;
    return {isa: found.isa};
  }

  async turn(seconds) {
    const found = await this.bench(Math.max(1, Math.ceil(seconds * 1e3 / this.last)));
    this.last = found.p50_ms;
    return {median: found.p50_ms, least: found.min_ms, runs: found.runs};
  }

  close() {}
}

// A first answer in a fresh process of Node: its whole time, and the marks inside.
export async function once_in_node(task) {
  const start = performance.now(), process = child([JSON.stringify(task)]);
  let found;
  process.once('message', message => found = message);
  const code = await within(new Promise(done => process.once('exit', done))).finally(() => process.kill('SIGKILL'));
  if (!found) throw new Error(`ended with ${code}`);
  return {...found, whole: performance.now() - start};
}

// The same in a fresh browser: times since the page was called, and what it fetched.
export async function once_in_chromium(task, server) {
  const contestant = new InChromium(task, server);
  try {
    const found = await contestant.enter();
    return {...found, fetched: [...server.fetched]};
  } finally {
    await contestant.close();
  }
}
