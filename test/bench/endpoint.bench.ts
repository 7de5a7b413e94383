/**
 * An evaluation against a fast local endpoint, which answers after a millisecond, next to a bare client that sends the
 * same bodies with as many at once: requests a second from the first to the last, processor time a request, the time to
 * the first answer, and peak memory. The server is a process of its own. The bare client keeps its connections, or opens
 * one for each request, as the evaluation does.
 *
 *     npm run build && node scripts/bench.mjs endpoint [ROWS, default 2000]
 */
import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { peakMegabytes, processorMilliseconds, reportPeakMemory } from './peak-memory.ts';

const AT_ONCE = 32;
const ANSWER_MS = 1;
const PICTURES = 200;
const self = fileURLToPath(import.meta.url);
const [role, ...args] = process.argv.slice(2);

/** What a server saw: requests, and milliseconds on the clock of all processes. */
interface Seen {
  requests: number;
  first: number;
  last: number;
}

/** Answers all requests alike, and tells on `seen` what it was asked since then; bodies go to a file. */
function serve(file: string): void {
  let bodies: string[] = [];
  let [first, last] = [NaN, NaN];
  const content = '<answer>left</answer>';
  const reply = JSON.stringify({
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1 },
  });
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks).toString());
      setTimeout(() => {
        last = Date.now();
        if (Number.isNaN(first)) first = last;
        response.setHeader('content-type', 'application/json').end(reply);
      }, ANSWER_MS);
    });
  });
  server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port));
  process.on('message', () => {
    writeFileSync(file, JSON.stringify(bodies));
    process.send!({ requests: bodies.length, first, last } satisfies Seen);
    bodies = [];
    [first, last] = [NaN, NaN];
  });
}

/** Sends ready bodies, `AT_ONCE` at a time. */
async function sendAll(url: string, file: string, keepAlive: boolean): Promise<void> {
  const bodies = JSON.parse(readFileSync(file, 'utf8')) as string[];
  const agent = keepAlive ? new http.Agent({ keepAlive }) : false;
  const headers = { 'content-type': 'application/json' };
  const send = (body: string) =>
    new Promise<void>((done, fail) => {
      const request = http.request(url, { method: 'POST', agent, headers }, (response) =>
        response.on('end', done).resume(),
      );
      request.on('error', fail).end(body);
    });
  const work = async () => {
    for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) await send(body);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (agent) agent.destroy();
}

const told = <T>(child: ChildProcess): Promise<T> =>
  new Promise((resolve) => child.once('message', (message) => resolve(message as T)));

async function measure(): Promise<void> {
  const rows = Number(role ?? 2000);
  const folder = mkdtempSync(join(tmpdir(), 'chirality-endpoint-'));
  const bodies = join(folder, 'bodies.json');
  const server = fork(self, ['serve', bodies]);
  try {
    const url = `http://127.0.0.1:${await told<number>(server)}/v1`;
    const run = async (name: string, command: readonly string[]) => {
      const start = Date.now();
      const child = spawn(process.execPath, [...reportPeakMemory, ...command], {
        cwd: folder,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let errors = '';
      child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
      if ((await new Promise((end) => child.once('close', end))) !== 0) throw new Error(errors);
      server.send('seen');
      const { requests, first, last } = await told<Seen>(server);
      const each = processorMilliseconds(errors) / requests;
      console.log(
        `  ${name.padEnd(28)}${((1000 * (requests - 1)) / (last - first)).toFixed(0).padStart(6)} requests/s of ${requests}, ` +
          `${each.toFixed(2)} ms of processors each, first after ${first - start} ms, ${peakMegabytes(errors).toFixed(0)} MB`,
      );
    };
    const sample = (i: number) => ({
      id: `row-${i}`,
      question: `Is cup ${i} left of the plate?`,
      answer: 'Yes',
    });
    const lines = Array.from({ length: rows }, (_, i) => `${JSON.stringify(sample(i))}\n`);
    writeFileSync(join(folder, 'words.qa.jsonl'), lines.join(''));
    const worlds = ['worlds', '--count', String(PICTURES), '--size', '448', '-o', join(folder, 'pictures')];
    execFileSync(process.execPath, ['dist/cli.js', ...worlds], { stdio: 'ignore' });
    for (const [what, set, more] of [
      ['words alone', 'words.qa.jsonl', []],
      ['images as JPEG', 'pictures/data.qa.jsonl', ['--image-format', 'jpeg']],
    ] as const) {
      console.log(`${what}, ${AT_ONCE} at once:`);
      const options = ['--endpoint', url, '--model', 'mock', '--concurrency', String(AT_ONCE), '--no-cache'];
      const evaluation = ['eval', '--set', set, ...options, ...more];
      await run('chirality eval', [resolve('dist/cli.js'), ...evaluation]);
      for (const kept of ['new', 'kept'])
        await run(`bare, ${kept} connections`, [self, 'send', `${url}/chat/completions`, bodies, kept]);
    }
  } finally {
    server.kill();
    rmSync(folder, { recursive: true });
  }
}

if (role === 'serve') serve(args[0]!);
else if (role === 'send') await sendAll(args[0]!, args[1]!, args[2] === 'kept');
else await measure();
