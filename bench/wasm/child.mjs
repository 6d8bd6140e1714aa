// The player's host in Node: a child of run.mjs.
//
//     child.mjs TASK        loads, answers once, tells the times and the memory, ends
//     child.mjs             does what it is told over the channel of its parent
import fs from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import {createRequire} from 'node:module';
import {pathToFileURL} from 'node:url';
import {Player} from './player.mjs';
import {PACKAGES, place} from './places.mjs';

const require = createRequire(path.join(PACKAGES, 'here.js'));

const host = {
  node: true,
  require,
  package: name => path.join(PACKAGES, name),
  module: (name, file) => import(pathToFileURL(path.join(PACKAGES, file))),
  tulle: () => import(pathToFileURL(place('/race/tulle/node.js'))),
  bytes: async address => new Uint8Array(fs.readFileSync(place(address))),
  script(file) {
    globalThis.require = require;  // scripts look for it where there is no page
    vm.runInThisContext(fs.readFileSync(String(file), 'utf8'), {filename: String(file)});
  },
};

async function once(task) {
  const found = await new Player(host, task).load();
  process.send({...found, peak_kb: process.resourceUsage().maxRSS, rss_kb: process.memoryUsage.rss() / 1024});
  process.disconnect();
}

function obey() {
  let player;
  const deeds = {
    enter: task => (player = new Player(host, task)).load(),
    ask: (what, ...given) => player[what](...given),
  };
  process.on('message', async ({deed, given}) => {
    try {
      process.send({answer: await deeds[deed](...given)});
    } catch (error) {
      process.send({error: String(error?.message ?? error)});
    }
  });
}

if (process.argv[2]) await once(JSON.parse(process.argv[2]));
else obey();
