/**
 * An evaluation against a fast local endpoint, which answers after a millisecond, by this build and by one of the commit
 * before, next to a bare client that sends the same bodies with as many at once: requests a second from the first to
 * the last, processor time a request, and peak memory; then the time from the start of the process to the first answer
 * at 40,000 rows, and memory at that time. The server is a process of its own. The bare client keeps its connections,
 * or opens one for each request. Medians of runs in turns.
 *
 *     npm run build && node scripts/bench.mjs endpoint [COMMIT, default HEAD~1] [ROWS, default 4000] [ROUNDS, default 3]
 */
import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { imageCodec } from '../../src/lab/endpoint.ts';
import { MIRROR, ORIGINAL } from '../../src/rows/view-list.ts';
import { buildOf, median } from './builds.ts';
import { peakMegabytes, processorMilliseconds, reportPeakMemory } from './peak-memory.ts';

const AT_ONCE = 32;
const ANSWER_MS = 1;
const PICTURES = 200;
const MANY = 40_000;
const self = fileURLToPath(import.meta.url);
const [role, ...args] = process.argv.slice(2);

/** What a server saw: requests, and milliseconds on the clock of all processes. */
interface Seen {
  requests: number;
  first: number;
  last: number;
}

/**
 * Answers all requests alike. On `all`, tells what it was asked since then, and writes the bodies to a file; on `first`,
 * tells the time of the first answer, as soon as there is one.
 */
function serve(file: string): void {
  let bodies: string[] = [];
  let [first, last] = [NaN, NaN];
  let awaitsFirst = false;
  const tell = () => process.send!({ requests: bodies.length, first, last } satisfies Seen);
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
        if (awaitsFirst) tell();
        awaitsFirst = false;
        response.setHeader('content-type', 'application/json').end(reply);
      }, ANSWER_MS);
    });
  });
  server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port));
  process.on('message', (what: 'all' | 'first') => {
    if (what === 'first') {
      if (Number.isNaN(first)) awaitsFirst = true;
      else tell();
      return;
    }
    writeFileSync(file, JSON.stringify(bodies));
    tell();
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

/** Encodes the images of a folder in both views, `AT_ONCE` at a time, and prints the number of images a second. */
async function encodeAll(folder: string): Promise<void> {
  const codec = imageCodec({ format: 'jpeg', maxPixels: null });
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
  const encodings = files.flatMap((file) => ([ORIGINAL, MIRROR] as const).map((view) => ({ file, view })));
  await codec.encode(files[0]!, ORIGINAL);
  const start = performance.now();
  const work = async () => {
    for (let each = encodings.pop(); each; each = encodings.pop()) await codec.encode(each.file, each.view);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  console.log((2000 * files.length) / (performance.now() - start));
}

const told = <T>(child: ChildProcess): Promise<T> =>
  new Promise((resolve) => child.once('message', (message) => resolve(message as T)));

/** What a run of a client cost: milliseconds, megabytes, and what the server saw. */
interface Cost {
  rate: number;
  /** Requests a second from the start of the process to the last answer. */
  whole: number;
  each: number;
  first: number;
  megabytes: number;
  requests: number;
}

const shown = (value: number, digits = 0, width = 7) => value.toFixed(digits).padStart(width);

async function measure(): Promise<void> {
  const numbers = [role, ...args].filter((word) => /^\d{1,6}$/.test(word ?? '')).map(Number);
  const [rows = 4000, rounds = 3] = numbers;
  const commit = [role, ...args].find((word) => word !== undefined && !/^\d{1,6}$/.test(word)) ?? 'HEAD~1';
  const folder = mkdtempSync(join(tmpdir(), 'chirality-endpoint-'));
  const bodies = join(folder, 'bodies.json');
  const server = fork(self, ['serve', bodies]);
  try {
    const builds = { before: buildOf(commit, folder), now: resolve('dist/cli.js') };
    const url = `http://127.0.0.1:${await told<number>(server)}/v1`;
    const client = (command: readonly string[]) =>
      spawn(process.execPath, [...reportPeakMemory, ...command], {
        cwd: folder,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
    const seen = (what: 'all' | 'first') => {
      server.send(what);
      return told<Seen>(server);
    };
    const run = async (command: readonly string[]): Promise<Cost> => {
      const start = Date.now();
      const child = client(command);
      let errors = '';
      child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
      if ((await new Promise((end) => child.once('close', end))) !== 0) throw new Error(errors);
      const { requests, first, last } = await seen('all');
      return {
        rate: (1000 * (requests - 1)) / (last - first),
        whole: (1000 * requests) / (last - start),
        each: processorMilliseconds(errors) / requests,
        first: first - start,
        megabytes: peakMegabytes(errors),
        requests,
      };
    };
    const toFirst = async (command: readonly string[]): Promise<Pick<Cost, 'first' | 'megabytes'>> => {
      const start = Date.now();
      const child = client(command);
      child.stderr.resume();
      const { first } = await seen('first');
      const megabytes = residentMegabytes(child.pid!);
      child.kill('SIGKILL');
      await new Promise((end) => child.once('close', end));
      await seen('all');
      return { first: first - start, megabytes };
    };
    const write = (name: string, count: number) => {
      const lines = Array.from({ length: count }, (_, i) => {
        const question = `Is cup ${i} left of the plate?`;
        return `${JSON.stringify({ id: `row-${i}`, question, answer: 'Yes' })}\n`;
      });
      writeFileSync(join(folder, name), lines.join(''));
    };
    write('words.qa.jsonl', rows);
    write('many.qa.jsonl', MANY);
    const worlds = ['worlds', '--count', String(PICTURES), '--size', '448', '-o', join(folder, 'pictures')];
    execFileSync(process.execPath, [builds.now, ...worlds], { stdio: 'ignore' });
    const options = ['--endpoint', url, '--model', 'mock', '--concurrency', String(AT_ONCE), '--no-cache'];
    const evaluation = (cli: string, set: string, more: readonly string[] = []) => {
      rmSync(join(folder, 'evals'), { recursive: true, force: true });
      return [cli, 'eval', '--set', set, ...options, ...more];
    };
    for (const [what, set, more] of [
      ['words alone', 'words.qa.jsonl', []],
      ['images as JPEG', 'pictures/data.qa.jsonl', ['--image-format', 'jpeg']],
    ] as const) {
      const costs = new Map<string, Cost[]>();
      const add = (name: string, cost: Cost) => costs.set(name, [...(costs.get(name) ?? []), cost]);
      for (let round = 0; round < rounds; round++) {
        for (const [name, cli] of Object.entries(builds))
          add(`chirality eval, ${name}`, await run(evaluation(cli, set, more)));
        for (const kept of ['new', 'kept'])
          add(
            `bare, ${kept} connections`,
            await run([self, 'send', `${url}/chat/completions`, bodies, kept]),
          );
      }
      const of = (name: string, key: keyof Cost) => median(costs.get(name)!.map((cost) => cost[key]));
      const now = of('chirality eval, now', 'rate');
      const alone = Array.from({ length: more.length > 0 ? rounds : 0 }, () =>
        Number(execFileSync(process.execPath, [self, 'encode', join(folder, 'pictures/images')]).toString()),
      );
      console.log(`${what}, ${of('chirality eval, now', 'requests')} requests, ${AT_ONCE} at once:`);
      for (const name of costs.keys())
        console.log(
          `  ${name.padEnd(24)}${shown(of(name, 'rate'))} requests/s (this build: ${shown(now / of(name, 'rate'), 2, 4)} of it), ${shown(of(name, 'whole'), 0, 5)}/s with the start, ` +
            `${of(name, 'each').toFixed(2)} ms of processors each, first after ${of(name, 'first')} ms, ${shown(of(name, 'megabytes'), 0, 4)} MB`,
        );
      if (alone.length > 0)
        console.log(
          `  ${'the encoder alone'.padEnd(24)}${shown(median(alone))} images/s   (this build: ${shown(now / median(alone), 2, 4)} of it)`,
        );
    }
    console.log(`first answer at ${MANY} rows:`);
    const firsts = Object.keys(builds).map(() => [] as Pick<Cost, 'first' | 'megabytes'>[]);
    for (let round = 0; round < rounds; round++)
      for (const [i, cli] of Object.values(builds).entries())
        firsts[i]!.push(await toFirst(evaluation(cli, 'many.qa.jsonl')));
    for (const [i, name] of Object.keys(builds).entries())
      console.log(
        `  ${name.padEnd(8)}after ${median(firsts[i]!.map(({ first }) => first))} ms, ${shown(median(firsts[i]!.map(({ megabytes }) => megabytes)), 0, 4)} MB`,
      );
  } finally {
    server.kill();
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  }
}

/** Memory of a running process, on Linux. */
const residentMegabytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

if (role === 'serve') serve(args[0]!);
else if (role === 'send') await sendAll(args[0]!, args[1]!, args[2] === 'kept');
else if (role === 'encode') await encodeAll(args[0]!);
else await measure();
