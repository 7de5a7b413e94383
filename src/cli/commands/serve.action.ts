import type { Site } from '../make-gallery.ts';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GalleryFlags } from '../command-options.ts';
import { UsageError } from '../errors.ts';
import { print, note } from '../print.ts';
import { galleryOf } from './publish.action.ts';

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/**
 * Serves only the pages of a site, and only to requests that address this machine by its own name. Rejects other host
 * names, because a foreign page could use such a name to reach the server (DNS rebinding).
 */
export function siteServer(site: Site): Server {
  const server = createServer((request, response) => {
    const answer = (status: number, text: string) => {
      response.writeHead(status, HEADERS);
      response.end(request.method === 'HEAD' ? undefined : text);
    };
    const { port } = server.address() as AddressInfo;
    // Browsers omit the default port in a request.
    const hosts = ['127.0.0.1', 'localhost'].flatMap((name) => [
      `${name}:${port}`,
      ...(port === 80 ? [name] : []),
    ]);
    if (!hosts.includes(request.headers.host ?? ''))
      return answer(421, 'This server accepts requests only from 127.0.0.1.');
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return answer(405, 'These pages are read-only.');
    const path = (request.url ?? '/').replace(/[?#].*$/, '').slice(1);
    const page = site.get(path.endsWith('/') || path === '' ? `${path}index.html` : path);
    return page === undefined ? answer(404, 'The page does not exist.') : answer(200, page);
  });
  return server;
}

export async function serve(names: string[], options: GalleryFlags & { port?: number }): Promise<void> {
  const server = siteServer(await galleryOf(names, options));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new UsageError(`Port ${options.port} is already in use. Pass another port, or remove --port.`)
          : error,
      ),
    );
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  print(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  note('Open this address in a browser. Press Ctrl+C to stop.');
  await new Promise((resolve) => server.once('close', resolve));
}
