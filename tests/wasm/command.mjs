// command.mjs FILE FOLDERS ARGS…: runs a WASI command with these folders, a JSON object of guest path to host path.
import fs from 'node:fs';
import {WASI} from 'node:wasi';

const [file, folders, ...args] = process.argv.slice(2);
const wasi = new WASI({version: 'preview1', args: [file, ...args], preopens: JSON.parse(folders), returnOnExit: true});
const instance = await WebAssembly.instantiate(await WebAssembly.compile(fs.readFileSync(file)), wasi.getImportObject());
process.exitCode = wasi.start(instance);
