// The player's host in a browser: addresses are those of server.mjs.
import {Player} from './player.mjs';

const host = {
  node: false,
  package: path => new URL(`/packages/${path}`, location).href,
  module: (name, path) => import(host.package(path)),
  tulle: () => import('/race/tulle/browser.js'),
  async bytes(address) {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  },
  script: address => new Promise((done, failed) => {
    const script = Object.assign(document.createElement('script'), {src: address, onload: done});
    script.onerror = () => failed(new Error(`${address} did not load`));
    document.head.append(script);
  }),
};

let player;

globalThis.enter = task => (player = new Player(host, task)).load();
globalThis.ask = (what, ...given) => player[what](...given);
globalThis.ready = true;
