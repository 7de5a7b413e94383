import { spawnSync } from 'node:child_process';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { download, type Download } from '../../../../src/lab/encoders/download.ts';
import { fetchFromHub } from '../../../../src/lab/encoders/fetch-encoder.ts';
import { sha256 } from '../../../../src/lab/files/atomic.ts';
import { folderOfEachTest } from '../../../support/folder.ts';
import { serveLocally, type LocalServer } from '../../../support/local-server.ts';
import { slowly } from '../../../support/slow.ts';

const content = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * i) % 251));

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** What the hub's storage does: the bytes from `Range` on. */
const whole: Answer = (request, response) => {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': content.length - from });
  response.end(content.subarray(from));
};

/** Sends `bytes` more and cuts the connection. */
const cutAfter =
  (bytes: number): Answer =>
  (request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': content.length - from });
    response.write(content.subarray(from, from + bytes), () => setTimeout(() => response.destroy(), 20));
  };

let folder: string;
let servers: LocalServer[];
/** The `Range` of each request, in order. */
let ranges: (string | undefined)[];

folderOfEachTest('download-', (made) => (folder = made));
beforeEach(() => {
  servers = [];
  ranges = [];
});
afterEach(() => {
  vi.unstubAllEnvs();
  return Promise.all(servers.map((server) => server.close()));
});

/** A server whose n-th request gets the n-th answer; the last one repeats. */
async function serve(...answers: Answer[]): Promise<string> {
  const server = await serveLocally((request, response) => {
    const asked = ranges.push(request.headers.range) - 1;
    answers[Math.min(asked, answers.length - 1)]!(request, response);
  });
  servers.push(server);
  return server.url;
}

const file = (url: string): Download => ({
  url: `${url}/file`,
  to: join(folder, 'file'),
  bytes: content.length,
  sha256: sha256(content),
});

/** The id of a process that is gone. */
const gone = () => spawnSync(process.execPath, ['-e', '']).pid;

test('download writes the whole file, and reports progress up to its size', async () => {
  const seen: number[] = [];
  await download(file(await serve(whole)), (done) => seen.push(done));
  expect(sha256(await readFile(join(folder, 'file')))).toBe(sha256(content));
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.at(-1)).toBe(content.length);
  expect(await readdir(folder)).toEqual(['file']);
});

test('download resumes an interrupted connection at the last byte', async () => {
  await download(file(await serve(cutAfter(70_000), cutAfter(50_000), whole)));
  expect(sha256(await readFile(join(folder, 'file')))).toBe(sha256(content));
  expect(ranges).toEqual([undefined, 'bytes=70000-', 'bytes=120000-']);
});

slowly('download starts again on a server without range requests', async () => {
  const deaf: Answer = (_, response) => response.end(content);
  await download(file(await serve(cutAfter(70_000), deaf)));
  expect(sha256(await readFile(join(folder, 'file')))).toBe(sha256(content));
});

test('download retries a server that stops responding', async () => {
  const silent: Answer = (_, response) => {
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, 1000));
  };
  await download(file(await serve(silent, whole)), undefined, 300);
  expect(ranges).toEqual([undefined, 'bytes=1000-']);
});

test('download retries an overloaded server, but not a server that returns 404', async () => {
  const answer =
    (status: number): Answer =>
    (_, response) => {
      response.writeHead(status);
      response.end();
    };
  await download(file(await serve(answer(503), answer(429), whole)));
  expect(ranges).toHaveLength(3);
  ranges = [];
  await rm(join(folder, 'file'));
  await expect(download(file(await serve(answer(404))))).rejects.toThrow(/\/file: .*404 Not Found/);
  expect(ranges).toHaveLength(1);
});

test('download rejects wrong content, and leaves no file', async () => {
  const other: Answer = (_, response) => response.end(Buffer.from(content).reverse());
  await expect(download(file(await serve(other)))).rejects.toThrow(/has the wrong SHA-256:/);
  const longer: Answer = (_, response) => response.end(Buffer.concat([content, content]));
  await expect(download(file(await serve(longer)))).rejects.toThrow(/larger than the expected 200000 bytes/);
  expect(await readdir(folder)).not.toContain('file');
});

test('download continues the partial file of a dead process, but not of a live process', async () => {
  await writeFile(join(folder, `file.${gone()}.part`), content.subarray(0, 150_000));
  await writeFile(join(folder, `file.${process.ppid}.part`), 'others');
  await download(file(await serve(whole)));
  expect(ranges).toEqual(['bytes=150000-']);
  expect((await readdir(folder)).sort()).toEqual(['file', `file.${process.ppid}.part`]);
});

test('download discards a partial file with wrong bytes, and downloads the whole file again', async () => {
  await writeFile(join(folder, `file.${gone()}.part`), Buffer.alloc(150_000));
  await download(file(await serve(whole)));
  expect(ranges).toEqual(['bytes=150000-', undefined]);
  expect(sha256(await readFile(join(folder, 'file')))).toBe(sha256(content));
});

test('fetchFromHub uses pinned URLs, follows redirects, and downloads only missing files', async () => {
  const asked: string[] = [];
  const store = await serve(whole);
  const hub = await serve((request, response) => {
    asked.push(request.url!);
    response.writeHead(302, { location: `${store}/blob` });
    response.end();
  });
  vi.stubEnv('HF_ENDPOINT', `${hub}/`);
  const part = { bytes: content.length, sha256: sha256(content) };
  const wanted = {
    repository: 'owner/name',
    revision: 'abc123',
    files: [
      { path: 'onnx/model.onnx', ...part },
      { path: 'tokenizer.json', ...part },
    ],
  };
  const seen: [number, number][] = [];
  const options = { cacheDir: folder, onProgress: (done: number, total: number) => seen.push([done, total]) };
  const at = await fetchFromHub(wanted, options);
  expect(sha256(await readFile(join(at, 'onnx', 'model.onnx')))).toBe(sha256(content));
  expect(asked).toEqual([
    '/owner/name/resolve/abc123/onnx/model.onnx',
    '/owner/name/resolve/abc123/tokenizer.json',
  ]);
  expect(seen.at(-1)).toEqual([400_000, 400_000]);

  await rm(join(at, 'tokenizer.json'));
  await fetchFromHub(wanted, options);
  expect(asked).toHaveLength(3);
  await fetchFromHub(wanted, options);
  expect(asked).toHaveLength(3);
});
