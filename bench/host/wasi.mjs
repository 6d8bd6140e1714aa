// wasi.mjs MODULE FOLDER ARGS…: runs a WASI program in Node, which sees FOLDER as /models.
import fs from 'node:fs';
import {WASI} from 'node:wasi';

const [module, folder, ...args] = process.argv.slice(2);
const wasi = new WASI({version: 'preview1', args: ['guest', ...args], preopens: {'/models': folder}});
const {instance} = await WebAssembly.instantiate(fs.readFileSync(module), wasi.getImportObject());
process.exitCode = wasi.start(instance);
