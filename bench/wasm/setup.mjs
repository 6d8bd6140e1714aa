// Puts what package-lock.json names into the cache, unless it is there.
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {CACHE, HERE} from './places.mjs';

export function install() {
  const lock = fs.readFileSync(path.join(HERE, 'package-lock.json')), stamp = path.join(CACHE, 'installed.json');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp).equals(lock)) return;
  console.error('Preparing the packages of the WebAssembly race');
  fs.mkdirSync(CACHE, {recursive: true});
  for (const name of ['package.json', 'package-lock.json']) {
    fs.copyFileSync(path.join(HERE, name), path.join(CACHE, name));
  }
  const words = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
  execFileSync('npm', words, {cwd: CACHE, stdio: 'inherit'});
  fs.copyFileSync(path.join(CACHE, 'package-lock.json'), stamp);
}
