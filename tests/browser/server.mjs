// A plain server of files on this machine.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const kTypes = {
  '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm', '.png': 'image/png',
};

/**
 * Serves folders by the beginnings of paths.
 * @param {Record<string, string>} folders such as {'/': root}; the longest beginning counts
 * @returns {Promise<{address: string, missing: Set<string>, close: () => void}>} beginnings put into `missing` are not found
 */
export async function serve(folders) {
  const starts = Object.keys(folders).sort((a, b) => b.length - a.length);
  const missing = new Set();
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname)).replace(/\/$/, '/index.html');
    const start = starts.find((beginning) => path.startsWith(beginning));
    const file = join(folders[start], path.slice(start.length));
    const isThere = existsSync(file) && statSync(file).isFile() && ![...missing].some((beginning) => path.startsWith(beginning));
    if (!isThere) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': kTypes[extname(file)] ?? 'application/octet-stream', 'cache-control': 'no-store' });
    return createReadStream(file).pipe(response);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { address: `http://127.0.0.1:${server.address().port}`, missing, close };
}
