import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeGallery } from '../../../src/cli/make-gallery.ts';
import { chirality, CLI } from '../lab/recipes/cli.ts';
import { openProject } from '../recorded/files.ts';
import { folderOfTests } from '../../support/folder.ts';
import { siteServer } from '../../../src/cli/commands/serve.action.ts';
import { slowly } from '../../support/slow.ts';

const folder = folderOfTests('chirality-serve-');
let child: ChildProcess;
let port: number;

beforeAll(async () => {
  await openProject(folder);
  child = spawn(process.execPath, [CLI, 'serve', 'spatial'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string];
  port = Number(/^http:\/\/127\.0\.0\.1:(\d+)\/$/.exec(line)![1]);
});
afterAll(async () => {
  child.kill();
  await once(child, 'close');
});

/** Asks as a browser does, or as no browser would. */
const ask = (
  path: string,
  { method = 'GET', host = `127.0.0.1:${port}` } = {},
): Promise<{ status: number; text: string; headers: Record<string, unknown> }> =>
  new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers: { host } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode!, text, headers: response.headers }));
    });
    asked.on('error', reject).end();
  });

test('serve: serves the pages of publish, under a policy without scripts', async () => {
  const { status, text, headers } = await ask('/');
  expect([status, text]).toEqual([200, expect.stringContaining('href="spatial/index.html"')]);
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect((await ask('/spatial/')).text).toContain('href="0001.html"');
  expect((await ask('/spatial/0001.html?x=1')).status).toBe(200);
  expect(await ask('/', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
});

test.each([
  '/runs/spatial/run.yaml',
  '/../run.yaml',
  '/spatial/../../run.yaml',
  '/%2e%2e/run.yaml',
  '//etc/passwd',
])('serve: returns 404 for %s', async (path) => {
  expect((await ask(path)).status).toBe(404);
});

slowly('serve: reports a port in use, and an invalid port', async () => {
  const on = (port: string) => chirality(folder, 'serve', 'spatial', '--port', port);
  expect(await on(`${port}`)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`Port ${port} is already in use.`),
  });
  expect(await on('99999')).toMatchObject({ code: 2, stderr: expect.stringContaining('from 0 to 65535') });
});

test('serve: rejects methods other than GET and HEAD', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
    expect((await ask('/', { method })).status).toBe(405);
});

test('serve: accepts only local host names', async () => {
  expect((await ask('/', { host: `localhost:${port}` })).status).toBe(200);
  for (const host of ['evil.example', `evil.example:${port}`, `127.0.0.1.evil.example:${port}`, '127.0.0.1'])
    expect((await ask('/', { host })).status).toBe(421);
});

test('makeGallery: writes runs whose names differ only in case to separate folders', async () => {
  const again = join(folder, 'again', 'SFT');
  cpSync(join(folder, 'runs/sft'), again, { recursive: true });
  const site = await makeGallery([join(folder, 'runs/sft'), again], { title: 'Runs' });
  const paths = [...site.keys()].filter((path) => path.endsWith('/index.html'));
  expect(paths.map((path) => path.toLowerCase())).toEqual(['sft/index.html', 'sft-2/index.html']);
});

test('siteServer: accepts requests without a port on port 80', async () => {
  const server = siteServer(new Map([['index.html', 'here']]));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const at = (server.address() as AddressInfo).port;
  server.address = () => ({ address: '127.0.0.1', family: 'IPv4', port: 80 });
  const response = (host: string) =>
    new Promise<number>((resolve, reject) =>
      request({ port: at, host: '127.0.0.1', headers: { host } }, (got) => resolve(got.resume().statusCode!))
        .on('error', reject)
        .end(),
    );
  expect([
    await response('localhost'),
    await response('127.0.0.1:80'),
    await response('evil.example'),
  ]).toEqual([200, 200, 421]);
  server.close();
});

test('serve: is unreachable from other machines', async () => {
  const outer = Object.values(networkInterfaces())
    .flat()
    .find((one) => one && !one.internal && one.family === 'IPv4');
  if (!outer) return;
  const socket = connect(port, outer.address);
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNREFUSED');
});
