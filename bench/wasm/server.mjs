// Serves the pages, the packages and the models to browsers on this machine, and remembers what was fetched.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import {place} from './places.mjs';

const TYPES = {'.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm'};
// Pages that share nothing with others get a clock of 5 µs instead of 100.
const ALONE = {'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp'};

// {address, fetched: paths since it was last emptied, close()}
export async function serve() {
  const fetched = [];
  const server = http.createServer((request, response) => {
    const asked = decodeURIComponent(new URL(request.url, 'http://here').pathname);
    const file = place(asked), found = file && fs.statSync(file, {throwIfNoEntry: false});
    if (!found?.isFile()) return response.writeHead(404, ALONE).end();
    fetched.push(asked);
    const type = TYPES[path.extname(file)] ?? 'application/octet-stream';
    const about = {'Content-Type': type, 'Content-Length': found.size, 'Cache-Control': 'no-cache'};
    response.writeHead(200, {...ALONE, ...about});
    fs.createReadStream(file).pipe(response);
  });
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  return {address: `http://127.0.0.1:${server.address().port}`, fetched, close: () => server.close()};
}
